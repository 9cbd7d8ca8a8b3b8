//! Price index.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, criterion_group, criterion_main};
use leverkit::core::{Table, batch};
use leverkit::pricing::{IndexParams, price_index};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn sales() -> Table {
    let mut random = Pcg64::seed_from_u64(3);
    let (weeks, products) = (26, 5000);
    let rows = weeks * products;
    let mut positive = || (0..rows).map(|_| 1.0 + random.random::<f64>()).collect::<Vec<f64>>();
    batch!(
        "week" => (0..rows).map(|row| (row / products) as u32).collect::<Vec<_>>(),
        "product" => (0..rows).map(|row| (row % products) as u32).collect::<Vec<_>>(),
        "price" => positive(), "units" => positive(),
    )
    .unwrap()
    .into()
}

fn indices(criterion: &mut Criterion) {
    let sales = sales();
    let mut group = criterion.benchmark_group("indices");
    group.sample_size(10);
    let geks = IndexParams { geks: true, ..IndexParams::new("week", "product", "price", "units") };
    group.bench_function("GEKS", |bencher| bencher.iter(|| price_index(&sales, &geks).unwrap()));
}

criterion_group!(benches, indices);
criterion_main!(benches);
