//! Building a Ledger: integer and text ids, with the clock and by day.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use leverkit::polars::prelude::*;
use leverkit::{Ledger, Roles};
use leverkit_benches::order_lines;

const LINES: usize = 1_000_000;

fn build(criterion: &mut Criterion) {
    let lines = order_lines(LINES, 100_000).unwrap();
    let mut texts = lines.clone();
    texts.with_column(lines.column("customer").unwrap().cast(&DataType::String).unwrap()).unwrap();
    let roles = Roles::new("customer", "time").amount("amount");
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(LINES as u64)).sample_size(20);
    for (name, frame, roles) in [
        ("integer ids", &lines, roles.clone()),
        ("integer ids by day", &lines, roles.clone().days_only()),
        ("text ids", &texts, roles),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || frame.clone(),
                |frame| Ledger::from_frame(&frame, &roles).unwrap(),
                BatchSize::LargeInput,
            );
        });
    }
}

criterion_group!(benches, build);
criterion_main!(benches);
