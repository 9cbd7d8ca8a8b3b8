//! The typing tool: the fewest questions that tell a respondent's segment.

use leverkit_core::stats::budget::Watched;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::answers::Item;
use super::data::{Data, Shape};
use super::em::fit;
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
            fit(data, &counts, model.clone()).model
        })
        .collect();
    let k = model.classes;
    let said: Vec<Vec<f64>> =
        (0..items.len()).into_par_iter().watched().map(|item| log_chances(data, &models, &fold, item)).collect();
    let sizes: Vec<f64> = fold.iter().flat_map(|fold| models[*fold].values[..k].to_vec()).collect();
    let all: Vec<usize> = likeliest(&said.iter().fold(sizes.clone(), |sum, item| added(&sum, item)), k);
    let total = data.total();
    let agreement = |scores: &[f64]| {
        let same =
            likeliest(scores, k).into_iter().zip(&all).zip(&data.counts).filter(|((one, other), _)| one == *other);
        same.map(|(_, count)| count).sum::<f64>() / total
    };
    let mut scores = sizes;
    let mut left: Vec<usize> = (0..items.len()).collect();
    let mut steps = Vec::new();
    while !left.is_empty() {
        let tried: Vec<f64> = left.par_iter().watched().map(|&item| agreement(&added(&scores, &said[item]))).collect();
        let most = tried.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let at = tried.iter().position(|agreement| *agreement == most).unwrap_or_default();
        let item = left.remove(at);
        scores = added(&scores, &said[item]);
        steps.push(TypingStep { questions: steps.len() + 1, item: items[item].name.clone(), agreement: most });
    }
    steps
}

fn added(sum: &[f64], more: &[f64]) -> Vec<f64> {
    sum.iter().zip(more).map(|(sum, more)| sum + more).collect()
}

fn likeliest(scores: &[f64], k: usize) -> Vec<usize> {
    let of = |scores: &[f64]| {
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        scores.iter().position(|score| *score == most).unwrap_or_default()
    };
    scores.chunks_exact(k).map(of).collect()
}

/// What an item's answer says of each class, by the model of the pattern's fold.
fn log_chances(data: &Data, models: &[Model], fold: &[usize], item: usize) -> Vec<f64> {
    let k = models[0].classes;
    let mut logs = vec![0.0; data.len() * k];
    if let Some((_, values)) = data.numbers.iter().find(|(number, _)| *number == item) {
        for (pattern, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let part = models[fold[pattern]].part(item);
            (0..k).for_each(|class| logs[pattern * k + class] = -0.5 * (value - part[class]).powi(2) / part[k].exp());
        }
        return logs;
    }
    let tables: Vec<Vec<f64>> = models.iter().map(|model| model.logs(item, data.shapes[item])).collect();
    for (_, block, digit) in data.digits().filter(|(other, ..)| *other == item) {
        let levels = match data.shapes[item] {
            Shape::Nominal(levels) | Shape::Ordinal(levels) => levels,
            Shape::Number => 0,
        };
        for pattern in 0..data.len() {
            if let Some(level) = block.answer(digit, pattern) {
                (0..k).for_each(|class| logs[pattern * k + class] = tables[fold[pattern]][class * levels + level]);
            }
        }
    }
    logs
}
