//! How many segments there are: by information criteria, the bootstrap likelihood-ratio test, and stability. One is always among the answers.

use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{adjusted_rand, sum};
use rayon::prelude::*;
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::answers::kish;
use super::data::{Block, Data, Shape};
use super::em::posteriors;
use super::fits::{Best, best, likeliest, simulated};
use super::model::Model;
use super::params::NeedsParams;
use crate::Error;
use crate::answers::Respondents;

/// A number of segments, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeedsFit {
    /// Segments.
    pub k: usize,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Free parameters.
    pub parameters: usize,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// That with what assignments are unsure of (Biernacki, Celeux & Govaert 2000).
    pub icl: f64,
    /// How sure assignments are: 1 − entropy / (n ln k); `None` for one segment.
    pub entropy: Option<f64>,
    /// Likelihood-ratio statistic against all patterns; `None` with numbers or missing answers.
    pub g_squared: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<f64>,
    /// Its p-value by χ²; of little worth where patterns are rare.
    pub p_value: Option<f64>,
    /// Starts followed to the end, and how many of them came to the same likelihood.
    pub followed: usize,
    /// See `followed`.
    pub reached: usize,
    /// Whether the likelihood rose no more at the end; if not, steps ran out.
    pub is_settled: bool,
    /// The chance of such a gain on one segment fewer if there are no more, by simulation; `None` where not asked.
    pub bootstrap_p: Option<f64>,
    /// The mean adjusted Rand index of bootstrap refits; `None` where not asked.
    pub stability: Option<f64>,
    /// What is made of it.
    pub status: &'static str,
}

/// From this p-value on, one more segment is not shown.
const SIGNIFICANT: f64 = 0.05;

/// Respondents and where their answers stand among all patterns: what bootstrap samples are drawn from.
pub(crate) struct Sample<'a> {
    pub(crate) respondents: &'a Respondents,
    pub(crate) places: &'a [u32],
}

/// A number of segments with its fit.
pub(crate) struct Candidate {
    pub(crate) row: NeedsFit,
    pub(crate) model: Model,
    /// Bootstrap refits, classes in the order of the model's.
    pub(crate) refits: Vec<Model>,
}

impl Candidate {
    pub(crate) fn of(data: &Data, k: usize, params: &NeedsParams) -> Self {
        let Best { fitted, reached, followed } = best(data, k, params.starts, params.seed, None);
        let parameters = Model::count(&data.shapes, k);
        let n = data.total();
        let deviance = -2.0 * fitted.likelihood;
        let unsure = entropy(data, &fitted.model);
        let bic = deviance + parameters as f64 * n.ln();
        let saturated = saturated(data);
        let df = degrees(&data.shapes, k).filter(|_| saturated.is_some());
        let g_squared = saturated.map(|most| (2.0 * (most - fitted.likelihood)).max(0.0));
        let p_value = g_squared
            .zip(df)
            .and_then(|(g, df)| (df > 0.0).then(|| ChiSquared::new(df).ok()).flatten().map(|chi| chi.sf(g)));
        let row = NeedsFit {
            k,
            log_likelihood: fitted.likelihood,
            parameters,
            aic: deviance + 2.0 * parameters as f64,
            bic,
            icl: bic + 2.0 * unsure,
            entropy: (k > 1).then(|| 1.0 - unsure / (n * (k as f64).ln())),
            g_squared,
            df,
            p_value,
            followed,
            reached,
            is_settled: fitted.is_settled,
            bootstrap_p: None,
            stability: None,
            status: "",
        };
        Self { row, model: by_size(data, &fitted.model), refits: Vec::new() }
    }
}

/// The classes by size, the greatest first.
fn by_size(data: &Data, model: &Model) -> Model {
    let sizes = model.sizes();
    let mut order: Vec<usize> = (0..model.classes).collect();
    order.sort_by(|a, b| sizes[*b].total_cmp(&sizes[*a]));
    model.reordered(&data.shapes, &order)
}

fn entropy(data: &Data, model: &Model) -> f64 {
    let of = |(chances, count): (&[f64], &f64)| {
        -count * chances.iter().filter(|chance| **chance > 0.0).map(|chance| chance * chance.ln()).sum::<f64>()
    };
    posteriors(data, model).chunks_exact(model.classes).zip(&data.counts).map(of).sum()
}

/// The log-likelihood of each pattern having its own share; `None` with numbers or missing answers.
fn saturated(data: &Data) -> Option<f64> {
    if !data.numbers.is_empty() || data.blocks.iter().any(Block::has_missing) {
        return None;
    }
    let n = data.total();
    Some(data.counts.iter().map(|count| count * (count / n).ln()).sum())
}

/// Degrees of freedom that k classes leave of all patterns of categorical items; `None` with numbers.
pub(crate) fn degrees(shapes: &[Shape], k: usize) -> Option<f64> {
    let levels = |shape: &Shape| match shape {
        Shape::Nominal(levels) | Shape::Ordinal(levels) => Some(*levels as f64),
        Shape::Number => None,
    };
    let patterns: Option<f64> = shapes.iter().map(levels).try_fold(1.0, |product, levels| Some(product * levels?));
    patterns.map(|patterns| patterns - 1.0 - Model::count(shapes, k) as f64)
}

/// The number of segments that holds: from the best by BIC downwards, until one is both shown by the test and stable. Judges those on the way.
pub(crate) fn choose(
    data: &Data,
    sample: &Sample<'_>,
    candidates: &mut [Candidate],
    params: &NeedsParams,
) -> Result<usize, Error> {
    let least = candidates.iter().map(|found| found.row.bic).fold(f64::INFINITY, f64::min);
    let best = candidates.iter().position(|found| found.row.bic == least).unwrap_or_default();
    for found in &mut candidates[best + 1..] {
        found.row.status = "BIC is higher";
    }
    for at in (0..=best).rev() {
        judge(data, sample, candidates, at, params)?;
        let row = &candidates[at].row;
        let status = if row.k == 1 {
            "chosen"
        } else if row.bootstrap_p.is_some_and(|p| p > SIGNIFICANT) {
            "no better than fewer segments"
        } else if row.stability.is_some_and(|stability| stability < params.stable) {
            "not stable"
        } else {
            "chosen"
        };
        candidates[at].row.status = status;
        if status == "chosen" || at == 0 {
            candidates[..at].iter_mut().for_each(|found| found.row.status = "BIC is higher");
            return Ok(at);
        }
    }
    Ok(0)
}

/// Refits bootstrap samples, and tests against one segment fewer.
fn judge(
    data: &Data,
    sample: &Sample<'_>,
    candidates: &mut [Candidate],
    at: usize,
    params: &NeedsParams,
) -> Result<(), Error> {
    let fewer = at.checked_sub(1).map(|below| (candidates[below].model.clone(), candidates[below].row.log_likelihood));
    let found = &mut candidates[at];
    let (refits, stability) = refitted(data, sample, &found.model, params)?;
    found.refits = refits;
    if found.row.k == 1 {
        return Ok(());
    }
    found.row.stability = Some(stability);
    if let Some((fewer, log_likelihood)) = fewer {
        found.row.bootstrap_p =
            Some(likelihood_ratio(data, &fewer, found.row.log_likelihood - log_likelihood, found.row.k, params));
    }
    Ok(())
}

/// Models of bootstrap samples of respondents, matched to the model, and the mean adjusted Rand index of what they make of all respondents.
fn refitted(data: &Data, sample: &Sample<'_>, model: &Model, params: &NeedsParams) -> Result<(Vec<Model>, f64), Error> {
    let chances = posteriors(data, model);
    let own = likeliest(&chances, model.classes);
    let starts = if model.classes == 1 { 1 } else { 4 };
    let scale = kish(&sample.respondents.weights);
    let refit = |weights: &[f64]| {
        let mut counts = vec![0.0; data.len()];
        sample.places.iter().zip(weights).for_each(|(&place, weight)| counts[place as usize] += weight * scale);
        let again = best(&data.counted(&counts), model.classes, starts, params.seed, Some(model)).fitted.model;
        let others = posteriors(data, &again);
        let rand = adjusted_rand(&own, &likeliest(&others, model.classes), &data.counts);
        (again.reordered(&data.shapes, &matched(&chances, &others, &data.counts, model.classes)), rand)
    };
    let refits = sample.respondents.bootstrap(params.refits, params.seed, refit)?;
    let (models, rands): (Vec<Model>, Vec<f64>) = refits.into_iter().unzip();
    Ok((models, sum(&rands) / params.refits as f64))
}

/// The classes of a refit in the order of those that they share most respondents with, greedily.
fn matched(own: &[f64], again: &[f64], counts: &[f64], k: usize) -> Vec<usize> {
    let mut shared = vec![0.0; k * k];
    for ((own, again), count) in own.chunks_exact(k).zip(again.chunks_exact(k)).zip(counts) {
        for (shared, chance) in shared.chunks_exact_mut(k).zip(own) {
            let weight = count * chance;
            shared.iter_mut().zip(again).for_each(|(sum, again)| *sum += weight * again);
        }
    }
    let mut order = vec![usize::MAX; k];
    for _ in 0..k {
        let free = (0..k * k).filter(|at| order[at / k] == usize::MAX && !order.contains(&(at % k)));
        if let Some(at) = free.max_by(|a, b| shared[*a].total_cmp(&shared[*b])) {
            order[at / k] = at % k;
        }
    }
    order
}

/// The share of samples simulated from one class fewer in which one more gains at least as much (`McLachlan` 1987).
fn likelihood_ratio(data: &Data, fewer: &Model, gain: f64, k: usize, params: &NeedsParams) -> f64 {
    let simulations = params.simulations.unwrap_or(match data.total() {
        n if n <= 2_000.0 => 99,
        n if n <= 10_000.0 => 39,
        _ => 19,
    });
    let one = |simulation: usize| {
        let seed = params.seed ^ (simulation as u64 + 1).wrapping_mul(0xA24B_AED4_963E_E407);
        let sample = simulated(data, fewer, seed);
        let low = best(&sample, k - 1, 4, seed, Some(fewer)).fitted.likelihood;
        let high = best(&sample, k, 8, seed, None).fitted.likelihood;
        high - low
    };
    let gains: Vec<f64> = (0..simulations).into_par_iter().watched().map(one).collect();
    let as_high = gains.iter().filter(|simulated| **simulated >= gain).count();
    (as_high + 1) as f64 / (simulations + 1) as f64
}
