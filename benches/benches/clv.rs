//! Fits of lifetime models to simulated histories, and the summary from a built Ledger.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, criterion_group, criterion_main};
use leverkit::clv::{Columns, Family, FitParams, Histories, SummaryParams, fit, summary};
use leverkit::{Ledger, Roles};
use leverkit_benches::order_lines;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const CUSTOMERS: usize = 100_000;

/// Customers with 0 to 20 repeat orders, few with many, in weeks to the day.
fn customers() -> Columns {
    let mut random = Pcg64::seed_from_u64(7);
    let mut columns = Columns::default();
    for _ in 0..CUSTOMERS {
        let frequency = (random.random::<f64>().powi(4) * 20.0).floor();
        let t = f64::from(random.random_range(189..273_i32)) / 7.0;
        let recency = if frequency == 0.0 { 0.0 } else { (random.random::<f64>() * t * 7.0).ceil() / 7.0 };
        columns.frequency.push(frequency);
        columns.recency.push(recency.min(t));
        columns.t.push(t);
    }
    columns
}

fn clv(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clv");
    group.sample_size(10);
    for family in [Family::BetaGeo, Family::ModifiedBetaGeo, Family::ParetoNbd] {
        let histories = Histories::new(customers(), family).unwrap();
        group.bench_function(family.name(), |bencher| {
            bencher.iter(|| fit(&histories, family, &FitParams::default()).unwrap());
        });
    }
    let lines = order_lines(1_000_000, 100_000).unwrap();
    let ledger = Ledger::from_batches(&[lines], &Roles::new("customer", "time").amount("amount")).unwrap();
    group.bench_function("summary", |bencher| bencher.iter(|| summary(&ledger, &SummaryParams::default()).unwrap()));
}

criterion_group!(benches, clv);
criterion_main!(benches);
