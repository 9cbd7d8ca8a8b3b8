//! Stage funnels: the log from record batches, and the funnel from the log.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::{Column, RecordBatch, Table};
use leverkit::funnel::{EventColumns, EventLog, Mode, StageParams, StageRule, stages};
use leverkit_benches::order_lines;

const EVENTS: usize = 1_000_000;
const NAMES: [&str; 8] = ["visit", "view", "cart", "checkout", "purchase", "search", "login", "support"];

/// Events of 50,000 entities over two years.
fn events() -> RecordBatch {
    let table = Table::from(order_lines(EVENTS, 50_000).unwrap());
    let names: Vec<&str> =
        (0..EVENTS as u64).map(|row| NAMES[(row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61) as usize]).collect();
    table.with(Column::new("event", names)).unwrap().to_batch().unwrap()
}

fn asked(modes: Vec<Mode>) -> StageParams {
    let stages = NAMES[..5].iter().map(|name| StageRule::event(name)).collect();
    StageParams { stages, modes, ..StageParams::default() }
}

fn stage_funnel(criterion: &mut Criterion) {
    let batches = [events()];
    let columns = EventColumns::new("customer", "time", "event");
    let log = EventLog::from_batches(&batches, &columns).unwrap();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(EVENTS as u64)).sample_size(10);
    group.bench_function("log", |bencher| bencher.iter(|| EventLog::from_batches(&batches, &columns).unwrap()));
    for (name, modes) in [
        ("default", vec![]),
        ("strict_order", vec![Mode::StrictOrder]),
        ("strict_once", vec![Mode::StrictOnce]),
        ("unordered", vec![Mode::Unordered]),
    ] {
        let asked = asked(modes);
        group.bench_function(name, |bencher| bencher.iter(|| stages(&log, &asked).unwrap()));
    }
    let funnel = stages(&log, &asked(Vec::new())).unwrap();
    group.bench_function("audit", |bencher| bencher.iter(|| funnel.audit().unwrap()));
}

criterion_group!(benches, stage_funnel);
criterion_main!(benches);
