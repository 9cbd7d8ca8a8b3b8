//! Logit and price sensitivity meter.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, criterion_group, criterion_main};
use leverkit::core::{Column, Table};
use leverkit::pricing::{ConjointParams, WestendorpParams, conjoint, van_westendorp};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const SITUATIONS: usize = 100_000;
const ALTERNATIVES: usize = 5;
const ANSWERS: usize = 100_000;

fn column(name: &str, values: Vec<f64>) -> Column {
    Column::new(name, values)
}

/// Situations of five alternatives and eight terms, of which any may be chosen.
fn choices() -> Table {
    let mut random = Pcg64::seed_from_u64(1);
    let rows = SITUATIONS * ALTERNATIVES;
    let picks: Vec<usize> = (0..SITUATIONS).map(|_| random.random_range(0..ALTERNATIVES)).collect();
    let mut columns = vec![
        Column::new("task", (0..rows).map(|row| (row / ALTERNATIVES) as u32).collect::<Vec<_>>()),
        Column::new("option", (0..rows).map(|row| (row % ALTERNATIVES) as u32).collect::<Vec<_>>()),
        Column::new("chosen", (0..rows).map(|row| row % ALTERNATIVES == picks[row / ALTERNATIVES]).collect::<Vec<_>>()),
    ];
    columns.extend((0..8).map(|term| column(&format!("x{term}"), (0..rows).map(|_| random.random::<f64>()).collect())));
    Table::new(columns).unwrap()
}

fn answers() -> Table {
    let mut random = Pcg64::seed_from_u64(2);
    let mut price = |from: f64| (0..ANSWERS).map(|_| from + (random.random::<f64>() * 200.0).round() / 100.0).collect();
    let columns = [("tc", 1.0), ("c", 3.5), ("e", 6.0), ("te", 8.5)].map(|(name, from)| column(name, price(from)));
    Table::new(columns.into()).unwrap()
}

fn willingness(criterion: &mut Criterion) {
    let (choices, answers) = (choices(), answers());
    let mut group = criterion.benchmark_group("willingness");
    group.sample_size(10);
    let terms: Vec<String> = (0..8).map(|term| format!("x{term}")).collect();
    let given = ConjointParams { attributes: terms, ..ConjointParams::new("task", "option", "chosen", &[]) };
    group.bench_function("conjoint", |bencher| bencher.iter(|| conjoint(&choices, &given).unwrap()));
    let meter = WestendorpParams { replicates: Some(1), ..WestendorpParams::new("tc", "c", "e", "te") };
    group.bench_function("van Westendorp", |bencher| bencher.iter(|| van_westendorp(&answers, &meter).unwrap()));
}

criterion_group!(benches, willingness);
criterion_main!(benches);
