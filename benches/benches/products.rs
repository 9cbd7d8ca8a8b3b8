//! The product funnel from a built Ledger.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::{Column, Table};
use leverkit::funnel::{
    EntryParams, LadderParams, NextParams, RoleParams, RuleParams, basket_rules, entry_products, ladder, next_products,
    roles,
};
use leverkit::{Ledger, Roles};
use leverkit_benches::order_lines;

const LINES: usize = 1_000_000;

/// Lines with one of 1,000 products each, a few much more often than most.
fn ledger() -> Ledger {
    let lines = Table::from(order_lines(LINES, 100_000).unwrap());
    let products: Vec<i32> = (0..LINES as u64)
        .map(|line| ((line.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / f64::from(1 << 24)).powi(2) * 1000.0)
        .map(|product| product as i32)
        .collect();
    let lines = lines.with(Column::new("product", products)).unwrap().to_batch().unwrap();
    let roles = Roles { product: Some("product".into()), ..Roles::new("customer", "time").amount("amount") };
    Ledger::from_batches(&[lines], &roles).unwrap()
}

fn funnel(criterion: &mut Criterion) {
    let ledger = ledger();
    let mut group = criterion.benchmark_group("funnel");
    group.throughput(Throughput::Elements(LINES as u64)).sample_size(10);
    group.bench_function("ladder", |bencher| bencher.iter(|| ladder(&ledger, &LadderParams::default()).unwrap()));
    group.bench_function("entry products", |bencher| {
        bencher.iter(|| entry_products(&ledger, &EntryParams::default()).unwrap());
    });
    group.bench_function("next products", |bencher| {
        bencher.iter(|| next_products(&ledger, &NextParams::default()).unwrap());
    });
    group.bench_function("roles", |bencher| bencher.iter(|| roles(&ledger, &RoleParams::default()).unwrap()));
    group.bench_function("basket rules", |bencher| {
        bencher.iter(|| basket_rules(&ledger, &RuleParams::default()).unwrap());
    });
}

criterion_group!(benches, funnel);
criterion_main!(benches);
