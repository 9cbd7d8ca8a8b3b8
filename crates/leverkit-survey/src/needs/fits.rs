//! Fits of a number of classes: many starts, of which the best are followed to the end.

use leverkit_core::stats::budget::Watched;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::data::{Data, Rows, Shape};
use super::em::{fit, warm};
use super::model::Model;
use crate::climb::Reached;

/// Plain steps before starts are compared (Biernacki, Celeux & Govaert 2003).
const SHORT: usize = 12;
/// Likelihoods this close are the same maximum.
const SAME: f64 = 1e-3;

/// The best of many starts, and how many of those followed to the end reached it.
pub(crate) struct Best {
    pub(crate) fitted: Reached<Model>,
    pub(crate) reached: usize,
    pub(crate) followed: usize,
}

/// Fits from random starts, and from `known` if there is one.
pub(crate) fn best(data: &Data, classes: usize, starts: usize, seed: u64, known: Option<&Model>) -> Best {
    let starts = if classes == 1 { 1 } else { starts };
    let shares = shares(data);
    let short = |start: usize| {
        let seed = seed ^ (start as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (classes as u64) << 48;
        warm(data, random_model(data, &shares, classes, &mut Pcg64::seed_from_u64(seed)), SHORT)
    };
    let mut tried: Vec<(f64, Model)> = (0..starts).into_par_iter().watched().map(short).collect();
    tried.sort_by(|a, b| b.0.total_cmp(&a.0));
    let followed = starts.div_ceil(5).max(starts.min(2));
    let mut models: Vec<Model> = tried.into_iter().take(followed).map(|(_, model)| model).collect();
    models.extend(known.cloned());
    let fitted: Vec<Reached<Model>> = models.into_par_iter().watched().map(|model| fit(data, model)).collect();
    let most = fitted.iter().map(|fitted| fitted.likelihood).fold(f64::NEG_INFINITY, f64::max);
    let reached = fitted.iter().filter(|fitted| fitted.likelihood > most - SAME).count();
    let followed = fitted.len();
    // The first of equals, whatever threads do.
    let at = fitted.iter().position(|fitted| fitted.likelihood == most).unwrap_or_default();
    Best { fitted: fitted[at].clone(), reached, followed }
}

/// The logarithm of the share of each answer to each categorical item, none of them without a share.
fn shares(data: &Data) -> Vec<Vec<f64>> {
    let of_item = |totals: Vec<f64>| {
        let total = totals.iter().sum::<f64>() + 0.5 * totals.len() as f64;
        totals.into_iter().map(|count| ((count + 0.5) / total).ln()).collect()
    };
    data.totals().into_iter().map(of_item).collect()
}

/// Classes around respondents drawn at random: half what they say, half what all say.
fn random_model(data: &Data, shares: &[Vec<f64>], classes: usize, random: &mut Pcg64) -> Model {
    let mut model = Model::zeros(&data.shapes, classes);
    let drawn: Vec<usize> = (0..classes).map(|_| draw(&data.counts, random)).collect();
    for ((item, block, digit), logs) in data.digits().zip(shares) {
        let levels = logs.len();
        let part = model.part_mut(item);
        if let Shape::Ordinal(_) = data.shapes[item] {
            part[..levels].copy_from_slice(logs);
            for (class, &pattern) in drawn.iter().enumerate() {
                let said = block.answer(digit, pattern);
                part[levels + class] = said.map_or(0.0, |level| super::model::score(level, levels) / levels as f64);
            }
            continue;
        }
        for (class, &pattern) in drawn.iter().enumerate() {
            let said = block.answer(digit, pattern);
            for level in 0..levels {
                let own = f64::from(u8::from(said == Some(level)));
                let share = logs[level].exp();
                part[class * levels + level] =
                    if said.is_some() { f64::midpoint(share, own).ln() } else { logs[level] };
            }
        }
    }
    for ((item, values), (mean, variance)) in data.numbers.iter().zip(&data.moments) {
        let part = model.part_mut(*item);
        for (class, &pattern) in drawn.iter().enumerate() {
            part[class] = if values[pattern].is_nan() { *mean } else { values[pattern] };
        }
        part[classes] = variance.max(f64::MIN_POSITIVE).ln();
    }
    model.settle(data);
    model
}

/// A pattern, with chances as its count.
fn draw(counts: &[f64], random: &mut Pcg64) -> usize {
    let mut left = random.random::<f64>() * counts.iter().sum::<f64>();
    counts
        .iter()
        .position(|count| {
            left -= count;
            left < 0.0
        })
        .unwrap_or(counts.len() - 1)
}

/// The first class of the greatest chance for each pattern.
pub(crate) fn likeliest(chances: &[f64], classes: usize) -> Vec<usize> {
    let of_pattern = |chances: &[f64]| {
        let most = chances.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        chances.iter().position(|chance| *chance == most).unwrap_or_default()
    };
    chances.chunks_exact(classes).map(of_pattern).collect()
}

/// A sample as the model would give it: as many respondents, with the same answers missing.
pub(crate) fn simulated(data: &Data, model: &Model, seed: u64) -> Data {
    let mut random = Pcg64::seed_from_u64(seed);
    let n = data.total().round().max(1.0) as usize;
    let sizes = model.sizes();
    let logs: Vec<Vec<f64>> = data.shapes.iter().enumerate().map(|(item, shape)| model.logs(item, *shape)).collect();
    let digits: Vec<_> = data.digits().collect();
    let mut rows = Rows {
        codes: vec![Vec::with_capacity(n); digits.len()],
        numbers: vec![Vec::with_capacity(n); data.numbers.len()],
    };
    let cumulative: Vec<f64> = data
        .counts
        .iter()
        .scan(0.0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
        .collect();
    let total = data.total();
    for _ in 0..n {
        let place = random.random::<f64>() * total;
        let pattern = cumulative.partition_point(|sum| *sum <= place).min(data.len() - 1);
        let class = pick(&sizes, &mut random);
        for ((item, block, digit), codes) in digits.iter().zip(&mut rows.codes) {
            let levels = block.levels[*digit];
            let shares: Vec<f64> = logs[*item][class * levels..][..levels].iter().map(|log| log.exp()).collect();
            let code = if block.answer(*digit, pattern).is_some() { pick(&shares, &mut random) } else { levels };
            codes.push(code as u16);
        }
        for ((item, values), drawn) in data.numbers.iter().zip(&mut rows.numbers) {
            let part = model.part(*item);
            let noise: f64 = random.sample(rand_distr::StandardNormal);
            let value = part[class] + (part[model.classes] / 2.0).exp() * noise;
            drawn.push(if values[pattern].is_nan() { f64::NAN } else { value });
        }
    }
    Data::of(&data.shapes, &rows, &vec![1.0; n]).0
}

fn pick(shares: &[f64], random: &mut Pcg64) -> usize {
    draw(shares, random)
}
