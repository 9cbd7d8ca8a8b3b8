//! What blocks say of choice: a logit, and how much of its fit each block brings.

use leverkit_core::analysis::of_model;
use leverkit_stats::regression::{LogitFit, Situations};
use leverkit_stats::{Estimate, Interval};
use serde::Serialize;

use super::blocks::BlockRow;
use super::params::{PositionBlock, PositionParams};
use crate::Error;

/// What a block says of choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Driver {
    /// The block.
    pub block: String,
    /// Log odds of choice per point of the block, the others held, with errors clustered by respondent; `None` where not identified.
    pub estimate: Option<Estimate>,
    /// Points of choice for one point of the block, averaged over answers, with limits.
    pub worth: Option<Interval>,
    /// Its share of `McFadden`'s R², by Shapley's values.
    pub share: Option<f64>,
    /// Why there is no estimate.
    pub reason: Option<String>,
}

/// The drivers of choice; empty without a choice.
pub(crate) fn drivers(rows: &[&BlockRow], people: usize, params: &PositionParams) -> Result<Vec<Driver>, Error> {
    if params.choice.is_none() {
        return Ok(Vec::new());
    }
    let blocks = params.blocks.len();
    let unknown = |reason: &str| {
        let row = |block: &PositionBlock| Driver {
            block: block.name.clone(),
            estimate: None,
            worth: None,
            share: None,
            reason: Some(reason.to_owned()),
        };
        Ok(params.blocks.iter().map(row).collect())
    };
    let chosen = rows.iter().filter(|row| row.choice == Some(1.0)).count();
    if chosen == 0 || chosen == rows.len() {
        return unknown("all answers have the same choice");
    }
    let all: Vec<usize> = (0..blocks).collect();
    let (data, fit) = fitted(rows, &all)?;
    // R² of each set of blocks, against none but the constant.
    let alone = fitted(rows, &[])?.1.log_likelihood;
    let gains: Vec<f64> = (0..1_usize << blocks)
        .map(|set| {
            let inside: Vec<usize> = all.iter().copied().filter(|block| set >> block & 1 == 1).collect();
            Ok(1.0 - fitted(rows, &inside)?.1.log_likelihood / alone)
        })
        .collect::<Result<_, Error>>()?;
    let whole = gains[gains.len() - 1];
    let people_of: Vec<u32> = rows.iter().map(|row| row.person).collect();
    let (clusters, n_clusters) = dense(&people_of, people);
    let covariance = fit.clustered(&data, &clusters, n_clusters);
    let dfs = covariance.dfs();
    let slope = mean_slope(rows, &fit.beta);
    let row = |at: usize| {
        let term = at + 1;
        let reason = fit.reasons[term].clone();
        let error = covariance.matrix[(term, term)].max(0.0).sqrt();
        let estimate = reason.is_none().then(|| Estimate::of(fit.beta[term], error, dfs[term], params.level));
        Driver {
            block: params.blocks[at].name.clone(),
            estimate,
            worth: estimate.map(|estimate| estimate.interval.map(|beta| 100.0 * beta * slope)),
            share: (whole > 0.0).then(|| shapley(&gains, at, blocks) / whole),
            reason,
        }
    };
    Ok((0..blocks).map(row).collect())
}

/// A binary logit as a choice between the brand and nothing, whose terms are 0: a constant, then the blocks.
fn fitted(rows: &[&BlockRow], blocks: &[usize]) -> Result<(Situations, LogitFit), Error> {
    let places: Vec<usize> = (0..2 * rows.len()).collect();
    let starts: Vec<usize> = (0..=rows.len()).map(|row| 2 * row).collect();
    let chosen: Vec<u32> = rows.iter().map(|row| u32::from(row.choice != Some(1.0))).collect();
    let fill = |place: usize, terms: &mut [f64]| {
        if place.is_multiple_of(2) {
            terms[0] = 1.0;
            blocks.iter().zip(&mut terms[1..]).for_each(|(block, term)| *term = rows[place / 2].means[*block]);
        }
    };
    let model = of_model("drivers");
    let data = Situations::new(&places, starts, chosen, blocks.len() + 1, fill).map_err(&model)?;
    let fit = LogitFit::of(&data).map_err(&model)?;
    Ok((data, fit))
}

/// p (1 − p), averaged: what a point of log odds moves of the chance.
fn mean_slope(rows: &[&BlockRow], beta: &[f64]) -> f64 {
    let of = |row: &&BlockRow| {
        let log: f64 = beta[0] + row.means.iter().zip(&beta[1..]).map(|(mean, beta)| mean * beta).sum::<f64>();
        let chance = 1.0 / (1.0 + (-log).exp());
        chance * (1.0 - chance)
    };
    rows.iter().map(of).sum::<f64>() / rows.len() as f64
}

/// What a block adds, averaged over all orders in which blocks may come (Shapley 1953).
fn shapley(gains: &[f64], block: usize, blocks: usize) -> f64 {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let of = |set: usize| {
        let size = set.count_ones() as usize;
        let weight = factorial(size) * factorial(blocks - size - 1) / factorial(blocks);
        weight * (gains[set | 1 << block] - gains[set])
    };
    (0..gains.len()).filter(|set| set >> block & 1 == 0).map(of).sum()
}

/// Codes without gaps.
fn dense(codes: &[u32], most: usize) -> (Vec<u32>, usize) {
    let mut places = vec![u32::MAX; most];
    let mut n = 0;
    let place = |code: &u32| {
        let place = &mut places[*code as usize];
        if *place == u32::MAX {
            *place = n;
            n += 1;
        }
        *place
    };
    let dense = codes.iter().map(place).collect();
    (dense, n as usize)
}
