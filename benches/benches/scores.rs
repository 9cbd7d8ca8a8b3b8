//! Scoring from a built Ledger, by method, and what keeps customers.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::Step;
use leverkit::rfm::{
    CohortParams, LimitDayParams, MigrationParams, NormParams, ScoreMethod, ScoreParams, TriggerParams, cohorts,
    limit_day, migration, norms, score, triggers,
};
use leverkit::{Ledger, Roles};
use leverkit_benches::order_lines;

const CUSTOMERS: u32 = 100_000;

fn scoring(criterion: &mut Criterion) {
    let lines = order_lines(1_000_000, CUSTOMERS).unwrap();
    let ledger = Ledger::from_batches(&[lines], &Roles::new("customer", "time").amount("amount")).unwrap();
    let mut group = criterion.benchmark_group("rfm");
    group.throughput(Throughput::Elements(u64::from(CUSTOMERS))).sample_size(20);
    for (name, method) in [
        ("quantile", ScoreMethod::Quantile),
        ("nested", ScoreMethod::Nested),
        ("rank", ScoreMethod::Rank),
        ("kmeans", ScoreMethod::Kmeans),
    ] {
        let params = ScoreParams { method, ..ScoreParams::default() };
        group.bench_function(name, |bencher| bencher.iter(|| score(&ledger, &params).unwrap()));
    }
    let scores = score(&ledger, &ScoreParams::default()).unwrap();
    group.bench_function("table of customers", |bencher| bencher.iter(|| scores.to_batch().unwrap()));
}

fn retention(criterion: &mut Criterion) {
    let lines = order_lines(1_000_000, CUSTOMERS).unwrap();
    let ledger = Ledger::from_batches(&[lines], &Roles::new("customer", "time").amount("amount")).unwrap();
    let mut group = criterion.benchmark_group("retention");
    group.throughput(Throughput::Elements(u64::from(CUSTOMERS))).sample_size(20);
    let limits = LimitDayParams::default();
    group.bench_function("limit day", |bencher| bencher.iter(|| limit_day(&ledger, &limits).unwrap()));
    group.bench_function("norms", |bencher| bencher.iter(|| norms(&ledger, &NormParams::default()).unwrap()));
    group.bench_function("triggers", |bencher| bencher.iter(|| triggers(&ledger, &TriggerParams::default()).unwrap()));
    let every = Step::parse("every", "1mo").unwrap();
    let dates = every.back_from(ledger.as_of(), ledger.as_of() - 365);
    let moves = MigrationParams { dates: Some(dates), every, bins: [5; 3] };
    group.bench_function("migration over a year", |bencher| bencher.iter(|| migration(&ledger, &moves).unwrap()));
    group.bench_function("cohorts", |bencher| bencher.iter(|| cohorts(&ledger, &CohortParams::default()).unwrap()));
}

criterion_group!(benches, scoring, retention);
criterion_main!(benches);
