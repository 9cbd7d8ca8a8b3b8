//! The profit formula: scenarios, Shapley values, LMDI over segments, Sobol's indices.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::profit::{ChangeMethod, Distribution, Formula, Uncertain, attribute, attribute_rows, simulate, sobol};

const VALUES: [f64; 22] = [
    2e6, 0.02, 0.15, 0.6, 0.25, 12_000.0, 0.55, 8000.0, 0.06, 0.04, 1.8, 2.4, 30.0, 0.12, 0.08, 0.04, 14.0, 4.0, 0.02,
    1.5, 60_000.0, 0.2,
];
const SCENARIOS: usize = 1_000_000;
const SEGMENTS: usize = 100_000;

fn uncertain(formula: &Formula) -> Vec<Uncertain> {
    let spread = |value: f64| Distribution::Uniform { low: 0.8 * value, high: value };
    formula.parameters().iter().zip(VALUES).map(|(parameter, value)| (parameter.name.clone(), spread(value))).collect()
}

fn uncertainty(criterion: &mut Criterion) {
    let formula = Formula::full();
    let uncertain = uncertain(&formula);
    let mut group = criterion.benchmark_group("profit, a million scenarios");
    group.throughput(Throughput::Elements(SCENARIOS as u64)).sample_size(10);
    group.bench_function("simulate", |bencher| {
        bencher.iter(|| simulate(&formula, &VALUES, &uncertain, &[], SCENARIOS, 1, None).unwrap());
    });
    group.bench_function("sobol", |bencher| {
        bencher.iter(|| sobol(&formula, &VALUES, &uncertain, (SCENARIOS / 24) as u32, 1).unwrap());
    });
}

fn attribution(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("profit, attribution");
    group.sample_size(10);
    let formula = Formula::full();
    let after = VALUES.map(|value| value * 0.95);
    group.bench_function("shapley of 22", |bencher| {
        bencher.iter(|| attribute(&formula, &VALUES, &after, ChangeMethod::Shapley).unwrap());
    });
    let columns = |scale: f64| -> Vec<Vec<f64>> {
        VALUES
            .iter()
            .map(|value| (0..SEGMENTS).map(|row| value * scale * (1.0 - 1e-6 * row as f64)).collect())
            .collect()
    };
    let (before, after) = (columns(1.0), columns(0.95));
    group.throughput(Throughput::Elements(SEGMENTS as u64));
    group.bench_function("lmdi over segments", |bencher| {
        bencher.iter(|| attribute_rows(&formula, &before, &after, ChangeMethod::Lmdi).unwrap());
    });
}

criterion_group!(benches, uncertainty, attribution);
criterion_main!(benches);
