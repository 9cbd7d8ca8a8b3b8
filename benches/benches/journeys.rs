//! Journeys, attribution, the quantity funnel and the reverse funnel.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::{Column, RecordBatch, Table, batch};
use leverkit::funnel::{
    AttributionMethod, AttributionParams, EventColumns, EventLog, JourneyParams, QuantityParams, ReverseParams,
    attribution, journey, quantities, reverse,
};
use leverkit_benches::order_lines;

const EVENTS: usize = 1_000_000;
const NAMES: [&str; 8] = ["visit", "view", "cart", "checkout", "purchase", "search", "login", "support"];

/// Events of 50,000 entities over two years; one in sixteen converts.
fn events() -> RecordBatch {
    let table = Table::from(order_lines(EVENTS, 50_000).unwrap());
    let hashes = || (0..EVENTS as u64).map(|row| row.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let names: Vec<&str> = hashes().map(|hash| NAMES[(hash >> 61) as usize]).collect();
    let converts: Vec<bool> = hashes().map(|hash| (hash >> 40) % 16 == 0).collect();
    let table = table.with(Column::new("event", names)).unwrap();
    table.with(Column::new("converts", converts)).unwrap().to_batch().unwrap()
}

/// A million patients with 20 units recommended each.
fn plans() -> Table {
    let part = |shift: u32, most: u64| -> Vec<i64> {
        (0..EVENTS as u64)
            .map(|row| (row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) % most)
            .map(|n| n as i64)
            .collect()
    };
    let patients: Vec<i64> = (0..EVENTS as i64).collect();
    batch!("patient" => patients, "recommended" => vec![20_i64; EVENTS], "agreed" => part(20, 20), "performed" => part(40, 8)).unwrap().into()
}

fn journeys(criterion: &mut Criterion) {
    let batches = [events()];
    let log = EventLog::from_batches(&batches, &EventColumns::new("customer", "time", "event")).unwrap();
    let table = Table::from(&batches[0]);
    let touches = AttributionParams {
        entity: "customer".into(),
        time: "time".into(),
        channel: "event".into(),
        conversion: "converts".into(),
        method: AttributionMethod::Markov,
        ..AttributionParams::default()
    };
    let plans = plans();
    let levels = ["recommended", "agreed", "performed"].map(String::from).to_vec();
    let counts = QuantityParams { entity: "patient".into(), levels, ..QuantityParams::default() };
    let stages = vec![("lead".into(), 5000), ("qualified".into(), 2000), ("order".into(), 400)];
    let target = ReverseParams { target: 1000.0, stages, ..ReverseParams::default() };
    let mut group = criterion.benchmark_group("journey");
    group.throughput(Throughput::Elements(EVENTS as u64)).sample_size(10);
    group.bench_function("journey from a log", |bencher| {
        bencher.iter(|| journey(&log, &JourneyParams::default()).unwrap());
    });
    group.bench_function("attribution by all rules", |bencher| bencher.iter(|| attribution(&table, &touches).unwrap()));
    group.bench_function("quantities", |bencher| bencher.iter(|| quantities(&plans, &counts).unwrap()));
    group.throughput(Throughput::Elements(1));
    group.bench_function("reverse", |bencher| bencher.iter(|| reverse(&target).unwrap()));
}

criterion_group!(benches, journeys);
criterion_main!(benches);
