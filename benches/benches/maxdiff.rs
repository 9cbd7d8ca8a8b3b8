//! Best–worst choices of 5,000 people, 15 tasks each, among 30 items: the logit alone, and each person's own utilities.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, criterion_group, criterion_main};
use leverkit::core::{Column, Table};
use leverkit::survey::{MaxDiffDesignParams, MaxDiffParams, maxdiff, maxdiff_design};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const PEOPLE: usize = 5_000;
const TASKS: usize = 15;
const ITEMS: usize = 30;
const SHOWN: usize = 5;

fn choices() -> Table {
    let mut random = Pcg64::seed_from_u64(1);
    let items = (0..ITEMS).map(|item| format!("item {item:02}")).collect::<Vec<_>>();
    let params = MaxDiffDesignParams { items: items.clone(), per_task: SHOWN, tasks: TASKS, versions: 10, seed: 1 };
    let design = maxdiff_design(&params).unwrap().tasks;
    let mut columns: Vec<Vec<String>> = vec![Vec::new(); SHOWN + 2];
    let mut who = Vec::new();
    for person in 0..PEOPLE {
        for at in 0..TASKS {
            let task = &design[(person % 10) * TASKS + at].2;
            let draws: Vec<f64> = task.iter().map(|&item| item as f64 / 10.0 + 3.0 * random.random::<f64>()).collect();
            let order = |a: &&usize, b: &&usize| draws[**a].total_cmp(&draws[**b]);
            let places: Vec<usize> = (0..SHOWN).collect();
            let (best, worst) = (places.iter().max_by(order).unwrap(), places.iter().min_by(order).unwrap());
            task.iter().zip(&mut columns).for_each(|(&item, column)| column.push(items[item].clone()));
            columns[SHOWN].push(items[task[*best]].clone());
            columns[SHOWN + 1].push(items[task[*worst]].clone());
            who.push(person as u32);
        }
    }
    let names = ["a", "b", "c", "d", "e", "best", "worst"];
    let columns = names.into_iter().zip(columns).map(|(name, column)| Column::new(name, column));
    Table::new(std::iter::once(Column::new("who", who)).chain(columns).collect()).unwrap()
}

fn utilities(criterion: &mut Criterion) {
    let table = choices();
    let own =
        MaxDiffParams { replicates: 100, ..MaxDiffParams::new("who", &["a", "b", "c", "d", "e"], "best", "worst") };
    let all = MaxDiffParams { individual: false, ..own.clone() };
    let mut group = criterion.benchmark_group("maxdiff, 5k people × 15 tasks × 30 items");
    group.sample_size(10);
    group.bench_function("of all", |bench| bench.iter(|| maxdiff(&table, &all).unwrap()));
    group.bench_function("of each person", |bench| bench.iter(|| maxdiff(&table, &own).unwrap()));
    group.finish();
}

criterion_group!(benches, utilities);
criterion_main!(benches);
