//! Latent classes and the bootstrap of a map.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, criterion_group, criterion_main};
use leverkit::core::{Column, Table};
use leverkit::survey::{ImageParams, NeedsParams, image, needs};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const RESPONDENTS: usize = 20_000;
const ITEMS: usize = 20;
const CLASSES: usize = 4;

/// Yes and no of respondents of four classes.
fn answers() -> Table {
    let mut random = Pcg64::seed_from_u64(1);
    let classes: Vec<usize> = (0..RESPONDENTS).map(|_| random.random_range(0..CLASSES)).collect();
    let column = |item: usize| {
        let chances: Vec<f64> = (0..CLASSES).map(|_| 0.1 + 0.8 * random.random::<f64>()).collect();
        let said: Vec<bool> = classes.iter().map(|class| random.random::<f64>() < chances[*class]).collect();
        Column::new(&format!("q{item}"), said)
    };
    Table::new((0..ITEMS).map(column).collect()).unwrap()
}

/// Ticks of 30 brands and 40 attributes by 500 respondents, 40 each.
fn ticks() -> Table {
    let mut random = Pcg64::seed_from_u64(2);
    let rows = 500 * 40;
    Table::new(vec![
        Column::new("who", (0..rows).map(|row| (row / 40) as u32).collect::<Vec<_>>()),
        Column::new("brand", (0..rows).map(|_| format!("b{}", random.random_range(0..30))).collect::<Vec<_>>()),
        Column::new("says", (0..rows).map(|_| format!("a{}", random.random_range(0..40))).collect::<Vec<_>>()),
    ])
    .unwrap()
}

fn surveys(criterion: &mut Criterion) {
    let (answers, ticks) = (answers(), ticks());
    let mut group = criterion.benchmark_group("needs");
    group.sample_size(10);
    let names: Vec<String> = (0..ITEMS).map(|item| format!("q{item}")).collect();
    let items: Vec<&str> = names.iter().map(String::as_str).collect();
    // One fit from ten starts, and as few refits as are allowed.
    let params = NeedsParams { k: vec![CLASSES], starts: 10, refits: 10, ..NeedsParams::new(&items) };
    group.bench_function("latent classes", |bencher| bencher.iter(|| needs(&answers, &params).unwrap()));
    let params = ImageParams::new("who", "brand", "says");
    group.bench_function("image", |bencher| bencher.iter(|| image(&ticks, &params).unwrap()));
}

criterion_group!(benches, surveys);
criterion_main!(benches);
