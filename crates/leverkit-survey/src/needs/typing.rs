//! The typing tool: the fewest questions that tell a respondent's segment.

use leverkit_core::stats::budget::Watched;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::answers::Item;
use super::data::Data;
use super::em::{fit, plus, with_classes};
use super::model::Model;

const FOLDS: usize = 5;

/// A question added to those before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypingStep {
    /// How many questions.
    pub questions: usize,
    /// The question added.
    pub item: String,
    /// The share of respondents whom these questions put where all would, cross-validated.
    pub agreement: f64,
}

/// Adds one question after another, each time the one that helps most. What a question says of segments is learnt from four fifths of the patterns, and judged on
/// the others. Empty for one segment.
pub(crate) fn typing(data: &Data, items: &[Item], model: &Model, seed: u64) -> Vec<TypingStep> {
    if model.classes == 1 {
        return Vec::new();
    }
    let mut random = Pcg64::seed_from_u64(seed);
    let fold: Vec<usize> = (0..data.len()).map(|_| random.random_range(0..FOLDS)).collect();
    let models: Vec<Model> = (0..FOLDS)
        .into_par_iter()
        .watched()
        .map(|held| {
            let counts: Vec<f64> =
                data.counts.iter().zip(&fold).map(|(count, fold)| if *fold == held { 0.0 } else { *count }).collect();
            fit(&data.counted(&counts), model.clone()).model
        })
        .collect();
    with_classes!(model.classes, grown(data, items, &models, &fold))
}

fn grown<const K: usize>(data: &Data, items: &[Item], models: &[Model], fold: &[usize]) -> Vec<TypingStep> {
    let said: Vec<Said<K>> =
        (0..items.len()).into_par_iter().watched().map(|item| Said::of(data, models, fold, item)).collect();
    let sizes = models.iter().map(|model| std::array::from_fn(|class| model.values[class]));
    let sizes: Vec<[f64; K]> = sizes.collect();
    let mut scores: Vec<[f64; K]> = fold.iter().map(|&fold| sizes[fold]).collect();
    let mut all = scores.clone();
    said.iter().for_each(|said| said.add_to(&mut all));
    let all: Vec<usize> = all.iter().map(greatest).collect();
    let total = data.total();
    let mut left: Vec<usize> = (0..items.len()).collect();
    let mut steps = Vec::new();
    while !left.is_empty() {
        let agreement = |&item: &usize| said[item].agreement(&scores, &all, &data.counts) / total;
        let tried: Vec<f64> = left.par_iter().watched().map(agreement).collect();
        let most = tried.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let at = tried.iter().position(|agreement| *agreement == most).unwrap_or_default();
        let item = left.remove(at);
        said[item].add_to(&mut scores);
        steps.push(TypingStep { questions: steps.len() + 1, item: items[item].name.clone(), agreement: most });
    }
    steps
}

/// What an item's answer says of each class, by the model of the pattern's fold.
struct Said<const K: usize> {
    /// Where each pattern's answer stands.
    places: Vec<u32>,
    logs: Vec<[f64; K]>,
}

impl<const K: usize> Said<K> {
    fn of(data: &Data, models: &[Model], fold: &[usize], item: usize) -> Self {
        if let Some((_, values)) = data.numbers.iter().find(|(number, _)| *number == item) {
            let log = |(value, &fold): (&f64, &usize)| -> [f64; K] {
                let part = models[fold].part(item);
                let log = |class: usize| -0.5 * (value - part[class]).powi(2) / part[K].exp();
                std::array::from_fn(|class| if value.is_nan() { 0.0 } else { log(class) })
            };
            let logs = values.iter().zip(fold).map(log).collect();
            return Self { places: (0..data.len() as u32).collect(), logs };
        }
        let Some((_, block, digit)) = data.digits().find(|(other, ..)| *other == item) else {
            return Self { places: vec![0; data.len()], logs: vec![[0.0; K]] };
        };
        let levels = block.levels[digit];
        // A level more, of which nothing is said, where the answer is missing.
        let place = |(pattern, fold): (usize, &usize)| {
            (fold * (levels + 1) + block.answer(digit, pattern).unwrap_or(levels)) as u32
        };
        let logs = models.iter().flat_map(|model| {
            let logs = model.logs(item, data.shapes[item]);
            let of = |level: usize| std::array::from_fn(|class| logs[class * levels + level]);
            (0..levels).map(of).chain([[0.0; K]]).collect::<Vec<_>>()
        });
        Self { places: fold.iter().enumerate().map(place).collect(), logs: logs.collect() }
    }

    fn add_to(&self, scores: &mut [[f64; K]]) {
        scores
            .iter_mut()
            .zip(&self.places)
            .for_each(|(score, &place)| *score = plus(score, &self.logs[place as usize]));
    }

    /// How many respondents this item, on top of others, puts where all items do.
    fn agreement(&self, scores: &[[f64; K]], all: &[usize], counts: &[f64]) -> f64 {
        let mut same = 0.0;
        for (((score, &place), class), count) in scores.iter().zip(&self.places).zip(all).zip(counts) {
            let found = greatest(&plus(score, &self.logs[place as usize]));
            same += if found == *class { *count } else { 0.0 };
        }
        same
    }
}

/// The first class of the greatest score.
#[inline]
fn greatest<const K: usize>(scores: &[f64; K]) -> usize {
    let mut best = 0;
    for class in 1..K {
        best = if scores[class] > scores[best] { class } else { best };
    }
    best
}
