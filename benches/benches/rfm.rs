//! Scoring from a built Ledger, by method.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::rfm::{Method, ScoreParams, score};
use leverkit::{Ledger, Roles};
use leverkit_benches::order_lines;

const CUSTOMERS: u32 = 100_000;

fn scoring(criterion: &mut Criterion) {
    let lines = order_lines(1_000_000, CUSTOMERS).unwrap();
    let ledger = Ledger::from_frame(&lines, &Roles::new("customer", "time").amount("amount")).unwrap();
    let mut group = criterion.benchmark_group("rfm");
    group.throughput(Throughput::Elements(u64::from(CUSTOMERS))).sample_size(20);
    for (name, method) in
        [("quantile", Method::Quantile), ("nested", Method::Nested), ("rank", Method::Rank), ("kmeans", Method::Kmeans)]
    {
        let params = ScoreParams { method, ..ScoreParams::default() }.check().unwrap();
        group.bench_function(name, |bencher| bencher.iter(|| score(&ledger, &params).unwrap()));
    }
    let scores = score(&ledger, &ScoreParams::default().check().unwrap()).unwrap();
    group.bench_function("table of customers", |bencher| bencher.iter(|| scores.to_frame().unwrap()));
}

criterion_group!(benches, scoring);
criterion_main!(benches);
