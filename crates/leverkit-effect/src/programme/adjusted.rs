//! The designs that make controls alike in what they did before: doubly robust, entropy balancing (Hainmueller 2012), and matching. All look at the
//! path of orders and money up to the period before a cohort joined.

use faer::Mat;
use faer::prelude::*;
use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;

use super::designs::earlier_cohorts;
use super::matched::Matched;
use crate::Error;
use crate::did::{Adjusted, Adjustment, Part, Rows};
use crate::panel::{Histories, Joint, NEVER};

/// Periods before joining whose money is looked at one by one.
const PATH: usize = 9;

/// An effect with the influence of each customer on it.
#[derive(Debug, Clone)]
pub(super) struct Influenced {
    pub(super) effect: f64,
    influence: Vec<f64>,
}

impl Influenced {
    pub(super) fn std_error(&self) -> f64 {
        self.influence.iter().map(|one| one * one).sum::<f64>().sqrt()
    }
}

/// How alike members and controls are in something they did before.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// What they did.
    pub covariate: String,
    /// Its mean among members.
    pub members: f64,
    /// Among controls.
    pub controls: f64,
    /// Their difference over the standard deviation of members.
    pub difference: f64,
    /// The same, of controls as they were weighed.
    pub weighted_difference: f64,
    /// The variance of members over that of the weighted controls.
    pub variance_ratio: f64,
}

/// Cohorts beside controls that were made alike.
pub(super) struct Alike<'a> {
    histories: &'a Histories,
    cohorts: Vec<Cohort>,
    total: f64,
}

struct Cohort {
    size: f64,
    /// The periods whose mean is compared.
    window: std::ops::Range<usize>,
    names: Vec<String>,
    rows: Rows,
    adjusted: Adjusted,
    matched: Matched,
    /// Entropy balancing's weights of the controls; `None` where they do not overlap with the members.
    balanced: Option<Vec<f64>>,
}

impl<'a> Alike<'a> {
    /// Each cohort, over the periods since it joined.
    pub(super) fn after(histories: &'a Histories, joint: &Joint) -> Result<Self, Error> {
        let treated = joint.first.iter().filter(|first| **first != NEVER);
        let windows = treated.map(|&first| (first, first as usize, first as usize..histories.periods));
        Self::of(histories, windows.collect())
    }

    /// Each cohort as if it had joined earlier, over the periods before it did.
    pub(super) fn earlier(histories: &'a Histories, joint: &Joint) -> Result<Self, Error> {
        let windows = earlier_cohorts(joint).into_iter();
        Self::of(
            histories,
            windows.map(|(cohort, first, back)| (joint.first[cohort], first - back, first - back..first)).collect(),
        )
    }

    fn of(histories: &'a Histories, windows: Vec<(u32, usize, std::ops::Range<usize>)>) -> Result<Self, Error> {
        if !histories.first.contains(&NEVER) {
            let reason = "every customer joined; adjusting for what they did before needs some who never do";
            return Err(Error::not_identified("adjusted", reason));
        }
        let cohort = |(first, before, window): (u32, usize, std::ops::Range<usize>)| {
            let part = |&own: &u32| {
                if own == first {
                    Part::Treated
                } else if own == NEVER {
                    Part::Control
                } else {
                    Part::Out
                }
            };
            let parts: Vec<Part> = histories.first.iter().map(part).collect();
            let size = parts.iter().filter(|part| **part == Part::Treated).count() as f64;
            let (names, rows) = covariates(histories, before, &parts);
            let matched = Matched::of(histories, before, &parts);
            let balanced = entropy(&rows, &parts);
            let adjusted = Adjusted::fit(&rows, parts, Adjustment::DoublyRobust)?;
            Ok(Cohort { size, window, names, rows, adjusted, matched, balanced })
        };
        let cohorts: Vec<Cohort> = windows.into_par_iter().watched().map(cohort).collect::<Result<_, Error>>()?;
        let total = cohorts.iter().map(|cohort| cohort.size * cohort.window.len() as f64).sum();
        Ok(Self { histories, cohorts, total })
    }

    pub(super) fn trimmed(&self) -> u64 {
        self.cohorts.iter().map(|cohort| cohort.adjusted.trimmed).sum()
    }

    /// How many equally weighted controls the weighted ones are worth, on the mean over cohorts.
    pub(super) fn effective_controls(&self) -> f64 {
        let size: f64 = self.cohorts.iter().map(|cohort| cohort.size).sum();
        self.cohorts.iter().map(|cohort| cohort.size / size * cohort.adjusted.effective_controls()).sum()
    }

    /// The doubly robust effect.
    pub(super) fn doubly_robust(&self, outcome: usize) -> Influenced {
        self.over_cohorts(|cohort| {
            let of = |unit: usize| self.mean(unit, outcome, &cohort.window);
            let found = cohort.adjusted.effect(&cohort.rows, of);
            let influence = move |unit: usize| cohort.adjusted.influence(&cohort.rows, &found, unit, of(unit));
            (cohort.adjusted.effect(&cohort.rows, of).effect, influence)
        })
    }

    /// The effect after entropy balancing: weights that make the controls' mean covariates those of members, as near to equal as may be. Its
    /// error is that of a regression with these weights, to which it is equivalent (Zhao & Percival 2017).
    pub(super) fn balanced(&self, outcome: usize) -> Result<Influenced, Error> {
        if self.cohorts.iter().any(|cohort| cohort.balanced.is_none()) {
            let reason = "no weights of controls make them like members: they do not overlap";
            return Err(Error::not_identified("entropy balancing", reason));
        }
        Ok(self.over_cohorts(|cohort| {
            let of = |unit: usize| self.mean(unit, outcome, &cohort.window);
            let parts = &cohort.adjusted.parts;
            let weights = cohort.balanced.as_deref().unwrap_or_default();
            let beta = weighted_fit(&cohort.rows, weights, of);
            let residual = move |unit: usize| {
                of(unit) - beta.iter().zip(cohort.rows.row(unit)).map(|(beta, x)| beta * x).sum::<f64>()
            };
            let treated = |unit: &usize| parts[*unit] == Part::Treated;
            let mean = (0..parts.len()).filter(treated).map(&of).sum::<f64>() / cohort.size;
            let others: f64 = weights.iter().enumerate().map(|(unit, weight)| weight * of(unit)).sum();
            let effect = mean - others;
            let influence = move |unit: usize| match parts[unit] {
                Part::Treated => (residual(unit) - effect) / cohort.size,
                Part::Control => -weights[unit] * residual(unit),
                Part::Out => 0.0,
            };
            (effect, influence)
        }))
    }

    /// The effect beside controls of the same cell of recency, frequency and money before joining.
    pub(super) fn matched(&self, outcome: usize) -> Result<Influenced, Error> {
        if self.cohorts.iter().any(|cohort| cohort.matched.members() == 0.0) {
            let reason = "no control is like the members of a cohort in recency, frequency and money";
            return Err(Error::not_identified("matched", reason));
        }
        Ok(self.over_cohorts(|cohort| {
            let of = |unit: usize| self.mean(unit, outcome, &cohort.window);
            let (effect, influence) = cohort.matched.effect(&cohort.adjusted.parts, of);
            (effect, move |unit: usize| influence[unit])
        }))
    }

    /// Members whom no control is like.
    pub(super) fn unmatched(&self) -> u64 {
        self.cohorts.iter().map(|cohort| cohort.matched.unmatched).sum()
    }

    fn over_cohorts<'s, F: Fn(usize) -> f64>(&'s self, of: impl Fn(&'s Cohort) -> (f64, F)) -> Influenced {
        let parts: Vec<(f64, f64, F)> = self
            .cohorts
            .iter()
            .map(|cohort| {
                let (effect, influence) = of(cohort);
                (cohort.size * cohort.window.len() as f64 / self.total, effect, influence)
            })
            .collect();
        let effect = parts.iter().map(|(share, effect, _)| share * effect).sum::<f64>();
        let one = |unit: usize| {
            let own = |(cohort, (share, part, influence)): (&Cohort, &(f64, f64, F))| {
                // How large cohorts are varies too.
                let of_share = match cohort.adjusted.parts[unit] {
                    Part::Treated => cohort.window.len() as f64 / self.total * (part - effect),
                    Part::Control | Part::Out => 0.0,
                };
                share * influence(unit) + of_share
            };
            self.cohorts.iter().zip(&parts).map(own).sum()
        };
        Influenced { effect, influence: (0..self.histories.n()).map(one).collect() }
    }

    /// How alike the cohorts and their controls are, the largest cohort's.
    pub(super) fn balance(&self) -> Vec<Balance> {
        let Some(cohort) = self.cohorts.iter().max_by(|a, b| a.size.total_cmp(&b.size)) else { return Vec::new() };
        (1..cohort.rows.width).map(|at| balance_of(cohort, at, cohort.names[at].clone())).collect()
    }

    fn mean(&self, unit: usize, outcome: usize, window: &std::ops::Range<usize>) -> f64 {
        let path = &self.histories.path(unit, outcome)[window.clone()];
        path.iter().sum::<f64>() / path.len() as f64
    }
}

fn balance_of(cohort: &Cohort, at: usize, covariate: String) -> Balance {
    let parts = &cohort.adjusted.parts;
    let moments = |part: Part, weight: &dyn Fn(usize) -> f64| {
        let units = || (0..parts.len()).filter(move |&unit| parts[unit] == part);
        let total: f64 = units().map(weight).sum();
        let mean = units().map(|unit| weight(unit) * cohort.rows.row(unit)[at]).sum::<f64>() / total;
        let square = units().map(|unit| weight(unit) * (cohort.rows.row(unit)[at] - mean).powi(2)).sum::<f64>() / total;
        (mean, square)
    };
    let own = moments(Part::Treated, &|_| 1.0);
    let plain = moments(Part::Control, &|_| 1.0);
    let weighted = moments(Part::Control, &|unit| cohort.adjusted.weights[unit]);
    Balance {
        covariate,
        members: own.0,
        controls: plain.0,
        difference: (own.0 - plain.0) / own.1.sqrt(),
        weighted_difference: (own.0 - weighted.0) / own.1.sqrt(),
        variance_ratio: own.1 / weighted.1,
    }
}

/// The names of covariates, with the intercept.
fn names(path: usize) -> Vec<String> {
    let mut names = vec!["intercept".to_owned(), "log orders".to_owned(), "periods since the last order".to_owned()];
    names.extend((1..=path).map(|back| format!("spend {back} periods before")));
    names.extend((1..=path).map(|back| format!("spend {back} periods before, squared")));
    names
}

/// What customers did in the periods before: orders, recency, money by period and its square; and what else was known of them. Scaled with the spread of all, so that
/// products of columns are of like size; money by asinh, which is linear where it is small and a logarithm where it is large.
fn covariates(histories: &Histories, before: usize, parts: &[Part]) -> (Vec<String>, Rows) {
    const ORDERS: usize = 1;
    const SPEND: usize = 2;
    let path = before.min(PATH);
    let units = histories.n();
    let spread: Vec<f64> = (1..=path).map(|back| spread_of(histories, SPEND, before - back)).collect();
    let width = 3 + 2 * path + histories.covariates.len();
    let mut values = Vec::with_capacity(units * width);
    for unit in 0..units {
        let (orders, spend) = (histories.path(unit, ORDERS), histories.path(unit, SPEND));
        let last = orders[..before].iter().rposition(|&orders| orders > 0.0);
        let recency = last.map_or(before, |last| before - 1 - last);
        values.extend([1.0, orders[..before].iter().sum::<f64>().ln_1p(), recency as f64]);
        let scaled = |back: usize| (spend[before - back] / spread[back - 1]).asinh();
        values.extend((1..=path).map(scaled));
        values.extend((1..=path).map(|back| scaled(back).powi(2)));
        values.extend(histories.covariates.iter().map(|(_, values)| values[unit]));
    }
    let names: Vec<String> =
        names(path).into_iter().chain(histories.covariates.iter().map(|of| of.0.clone())).collect();
    without_constants(&names, &Rows { width, values }, parts)
}

/// Columns that do not vary among controls would be the intercept again: they are dropped.
fn without_constants(names: &[String], rows: &Rows, parts: &[Part]) -> (Vec<String>, Rows) {
    let varies = |at: &usize| {
        let mut values = (0..parts.len()).filter(|&unit| parts[unit] == Part::Control).map(|unit| rows.row(unit)[*at]);
        let first = values.next();
        *at == 0 || values.any(|value| Some(value) != first)
    };
    let kept: Vec<usize> = (0..rows.width).filter(varies).collect();
    let values = (0..parts.len()).flat_map(|unit| kept.iter().map(move |&at| (unit, at)));
    let values = values.map(|(unit, at)| rows.row(unit)[at]).collect();
    (kept.iter().map(|&at| names[at].clone()).collect(), Rows { width: kept.len(), values })
}

fn spread_of(histories: &Histories, outcome: usize, period: usize) -> f64 {
    let n = histories.n() as f64;
    let value = |unit: usize| histories.path(unit, outcome)[period];
    let mean = (0..histories.n()).map(value).sum::<f64>() / n;
    let variance = (0..histories.n()).map(|unit| (value(unit) - mean).powi(2)).sum::<f64>() / n;
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}

/// Weights of controls that add up to 1 and give the members' mean covariates, by Newton's steps on the dual; `None` where there are none.
fn entropy(rows: &Rows, parts: &[Part]) -> Option<Vec<f64>> {
    const STEPS: usize = 100;
    let width = rows.width - 1;
    let controls: Vec<usize> = (0..parts.len()).filter(|&unit| parts[unit] == Part::Control).collect();
    let treated = || (0..parts.len()).filter(|&unit| parts[unit] == Part::Treated);
    let size = treated().count() as f64;
    let target: Vec<f64> =
        (0..width).map(|at| treated().map(|unit| rows.row(unit)[at + 1]).sum::<f64>() / size).collect();
    let apart = |unit: usize, at: usize| rows.row(unit)[at + 1] - target[at];
    // The convex dual: the logarithm of the sum of exponents, 0 slope where means agree.
    let weigh = |lambda: &[f64]| {
        let utility = |&unit: &usize| (0..width).map(|at| lambda[at] * apart(unit, at)).sum::<f64>();
        let utilities: Vec<f64> = controls.iter().map(utility).collect();
        let most = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exponents: Vec<f64> = utilities.iter().map(|utility| (utility - most).exp()).collect();
        let total: f64 = exponents.iter().sum();
        (exponents.into_iter().map(|one| one / total).collect::<Vec<f64>>(), most + total.ln())
    };
    let mut lambda = vec![0.0; width];
    let (mut weights, mut height) = weigh(&lambda);
    for _ in 0..STEPS {
        let mut slope = vec![0.0; width];
        let mut curve = Mat::<f64>::zeros(width, width);
        let mut row = vec![0.0; width];
        for (&unit, weight) in controls.iter().zip(&weights) {
            row.iter_mut().enumerate().for_each(|(at, value)| *value = apart(unit, at));
            for i in 0..width {
                slope[i] += weight * row[i];
                (0..=i).for_each(|j| curve[(i, j)] += weight * row[i] * row[j]);
            }
        }
        if slope.iter().all(|slope| slope.abs() < 1e-9) {
            let mut all = vec![0.0; parts.len()];
            controls.iter().zip(weights).for_each(|(&unit, weight)| all[unit] = weight);
            return Some(all);
        }
        let covariance = Mat::from_fn(width, width, |i, j| {
            curve[(i.max(j), i.min(j))] - slope[i] * slope[j] + if i == j { 1e-12 } else { 0.0 }
        });
        let solver = covariance.llt(faer::Side::Lower).ok()?;
        let step = solver.solve(Mat::from_fn(width, 1, |at, _| -slope[at]));
        let mut times = 1.0;
        loop {
            let next: Vec<f64> = lambda.iter().enumerate().map(|(at, lambda)| lambda + times * step[(at, 0)]).collect();
            let (tried, tried_height) = weigh(&next);
            if tried_height <= height + 1e-12 {
                (lambda, weights, height) = (next, tried, tried_height);
                break;
            }
            times /= 2.0;
            if times < 1e-6 {
                return None;
            }
        }
    }
    None
}

/// The coefficients of a regression among controls with weights.
fn weighted_fit(rows: &Rows, weights: &[f64], outcome: impl Fn(usize) -> f64) -> Vec<f64> {
    let width = rows.width;
    let mut products = Mat::<f64>::zeros(width, width);
    let mut right = Mat::<f64>::zeros(width, 1);
    for (unit, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let (row, y) = (rows.row(unit), outcome(unit));
        for i in 0..width {
            right[(i, 0)] += weight * row[i] * y;
            (0..width).for_each(|j| products[(i, j)] += weight * row[i] * row[j]);
        }
    }
    match products.llt(faer::Side::Lower) {
        Ok(solver) => {
            let beta = solver.solve(right);
            (0..width).map(|at| beta[(at, 0)]).collect()
        }
        // Weights that rest on a few controls leave nothing to regress; then outcomes are taken around their mean.
        Err(_) => std::iter::once(right[(0, 0)]).chain(std::iter::repeat_n(0.0, width - 1)).collect(),
    }
}
