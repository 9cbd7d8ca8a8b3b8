//! A Kano survey with 10,000 resamples: of counts where respondents are alike, of people where they have weights.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, criterion_group, criterion_main};
use leverkit::core::{Column, Table};
use leverkit::survey::answers::{AnswerParams, Layout};
use leverkit::survey::{KanoParams, kano};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const PEOPLE: usize = 5_000;
const FEATURES: usize = 40;

fn survey() -> (Table, KanoParams) {
    let mut random = Pcg64::seed_from_u64(1);
    let mut answers = || (0..PEOPLE).map(|_| random.random_range(1..=5)).collect::<Vec<u8>>();
    let (mut columns, mut items) = (Vec::new(), Vec::new());
    for feature in 0..FEATURES {
        let names = vec![format!("{feature}+"), format!("{feature}-")];
        columns.extend(names.iter().map(|name| Column::new(name, answers())));
        items.push((format!("feature {feature}"), names));
    }
    columns.push(Column::new("weight", (0..PEOPLE).map(|who| 1.0 + (who % 3) as f64).collect::<Vec<_>>()));
    let scale = (1..=5).map(|answer| (answer.to_string(), answer.to_string())).collect();
    let answers = AnswerParams { scale, ..AnswerParams::new(Layout::Wide { items }) };
    (Table::new(columns).unwrap(), KanoParams { replicates: 10_000, ..KanoParams::new(answers) })
}

fn resamples(criterion: &mut Criterion) {
    let (table, plain) = survey();
    let mut weighted = plain.clone();
    weighted.answers.weight = Some("weight".into());
    let mut group = criterion.benchmark_group("kano, 10k resamples of 5k × 40");
    group.sample_size(10);
    group.bench_function("of counts", |bench| bench.iter(|| kano(&table, &plain).unwrap()));
    group.bench_function("of people with weights", |bench| bench.iter(|| kano(&table, &weighted).unwrap()));
    group.finish();
}

criterion_group!(benches, resamples);
criterion_main!(benches);
