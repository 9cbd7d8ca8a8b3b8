//! Building a Ledger, with the notes on its rows: integer and text ids, with the clock and by day, with orders and products. Ids in one case
//! need no look for spellings that are one; those in several do.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::{Column, Table};
use leverkit::{Ledger, Roles};
use leverkit_benches::order_lines;

const LINES: usize = 1_000_000;

fn build(criterion: &mut Criterion) {
    let lines = order_lines(LINES, 100_000).unwrap();
    let ids: Vec<String> = Table::from(&lines).columns()[0].texts().into_iter().flatten().collect();
    let spelled =
        |(line, id): (usize, &String)| if line % 3 == 0 { format!("User {id}") } else { format!("user {id}") };
    let two_spellings = Column::new("customer", ids.iter().enumerate().map(spelled).collect::<Vec<_>>());
    let cases = Table::from(&lines).with(two_spellings).unwrap().to_batch().unwrap();
    let texts = Table::from(&lines).with(Column::new("customer", ids)).unwrap().to_batch().unwrap();
    let roles = Roles::new("customer", "time").amount("amount");
    let orders = Column::new("order", (0..LINES as i64).map(|line| line / 3).collect::<Vec<_>>());
    let products =
        Column::new("product", (0..LINES).map(|line| format!("product {}", line * 7 % 5_003)).collect::<Vec<_>>());
    let baskets = Table::from(&texts).with(orders).and_then(|table| table.with(products)).unwrap().to_batch().unwrap();
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(LINES as u64)).sample_size(20);
    for (name, batch, roles) in [
        ("integer ids", &lines, roles.clone()),
        ("integer ids by day", &lines, roles.clone().days_only()),
        ("text ids", &texts, roles.clone()),
        ("text ids in two spellings", &cases, roles.clone()),
        ("text ids with orders and products", &baskets, roles.order("order").product("product")),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Ledger::from_batches(std::slice::from_ref(batch), &roles).unwrap());
        });
    }
}

criterion_group!(benches, build);
criterion_main!(benches);
