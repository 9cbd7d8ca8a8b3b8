//! Tests: 1,000 re-randomisations of the past, the arms of a test, and bounds for twenty looks.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::Ledger;
use leverkit::core::{Roles, Table, batch};
use leverkit::effect::{BoundParams, DesignParams, HoldoutParams, bounds, design, holdout};
use leverkit_benches::order_lines;

const CUSTOMERS: u32 = 1_000_000;

/// Units in two arms, with what they did before.
fn units(n: u64) -> Table {
    let number = |row: u64, salt: u64| ((row ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64;
    let before: Vec<f64> = (0..n).map(|row| number(row, 1)).collect();
    let spend: Vec<f64> = (0..n).map(|row| before[row as usize] + number(row, 2)).collect();
    let arms: Vec<&str> = (0..n).map(|row| if row % 2 == 0 { "control" } else { "treated" }).collect();
    batch!("arm" => arms, "spend" => spend, "before" => before).unwrap().into()
}

fn tests(criterion: &mut Criterion) {
    let lines = order_lines(4_000_000, CUSTOMERS).unwrap();
    let ledger = Ledger::from_batches(&[lines], &Roles::new("customer", "time").amount("amount")).unwrap();
    let mut group = criterion.benchmark_group("trial");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(CUSTOMERS)));
    let asked = DesignParams { weeks: vec![8], ..DesignParams::default() };
    group.bench_function("design", |bencher| bencher.iter(|| design(&ledger, &asked).unwrap()));
    let units = units(u64::from(CUSTOMERS));
    let before = vec![("spend".into(), "before".into())];
    let asked = HoldoutParams { before, ..HoldoutParams::new("arm", "control", &["spend"]) };
    group.bench_function("holdout", |bencher| bencher.iter(|| holdout(&units, &asked).unwrap()));
    let looks: Vec<f64> = (1..=20).map(|look| f64::from(look) / 20.0).collect();
    let asked = BoundParams { looks, ..BoundParams::default() };
    group.bench_function("bounds", |bencher| bencher.iter(|| bounds(&asked).unwrap()));
}

criterion_group!(benches, tests);
criterion_main!(benches);
