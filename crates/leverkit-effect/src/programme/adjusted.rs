//! The designs that make controls alike in what they did before: doubly robust, entropy balancing, and matching. All look at the
//! path of orders and money up to the period before a cohort joined.

use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;

use super::balancing::Balancing;
use super::designs::earlier_cohorts;
use super::matched::Matched;
use crate::Error;
use crate::did::{Adjusted, Adjustment, Part, Rows};
use crate::panel::{Histories, Joint, NEVER};

/// Where the outcomes stand that are looked at.
const ORDERS: usize = 1;
const SPEND: usize = 2;
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

/// A cohort and its controls; everything in it is of these units alone, one after another.
struct Cohort {
    /// Which customers they are.
    units: Vec<usize>,
    size: f64,
    /// The periods whose mean is compared.
    window: std::ops::Range<usize>,
    names: Vec<String>,
    rows: Rows,
    adjusted: Adjusted,
    matched: Matched,
    /// Entropy balancing's weights of the controls; `None` where they do not overlap with the members.
    balanced: Option<Balancing>,
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
        let scaled = scaled(histories);
        let cohort = |(first, before, window): (u32, usize, std::ops::Range<usize>)| {
            let units: Vec<usize> =
                (0..histories.n()).filter(|&unit| [first, NEVER].contains(&histories.first[unit])).collect();
            let part = |&unit: &usize| if histories.first[unit] == first { Part::Treated } else { Part::Control };
            let parts: Vec<Part> = units.iter().map(part).collect();
            let size = parts.iter().filter(|part| **part == Part::Treated).count() as f64;
            let (names, rows) = covariates(histories, &scaled, before, &units, &parts);
            let matched = Matched::of(histories, before, &units, &parts);
            let balanced = Balancing::of(&rows, &parts);
            let adjusted = Adjusted::fit(&rows, parts, Adjustment::DoublyRobust)?;
            Ok(Cohort { units, size, window, names, rows, adjusted, matched, balanced })
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
            let of = cohort.outcome(self.histories, outcome);
            let found = cohort.adjusted.effect(&cohort.rows, |unit| of[unit]);
            let influence = |unit: usize| cohort.adjusted.influence(&cohort.rows, &found, unit, of[unit]);
            (found.effect, (0..of.len()).map(influence).collect())
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
            let of = cohort.outcome(self.histories, outcome);
            let (rows, parts) = (&cohort.rows, &cohort.adjusted.parts);
            cohort.balanced.as_ref().map_or((f64::NAN, Vec::new()), |balanced| balanced.effect(rows, parts, &of))
        }))
    }

    /// The effect beside controls of the same cell of recency, frequency and money before joining.
    pub(super) fn matched(&self, outcome: usize) -> Result<Influenced, Error> {
        if self.cohorts.iter().any(|cohort| cohort.matched.members() == 0.0) {
            let reason = "no control is like the members of a cohort in recency, frequency and money";
            return Err(Error::not_identified("matched", reason));
        }
        Ok(self.over_cohorts(|cohort| {
            let of = cohort.outcome(self.histories, outcome);
            cohort.matched.effect(&cohort.adjusted.parts, |unit| of[unit])
        }))
    }

    /// Members whom no control is like.
    pub(super) fn unmatched(&self) -> u64 {
        self.cohorts.iter().map(|cohort| cohort.matched.unmatched).sum()
    }

    /// The mean over cohorts of their effects, each of which comes with the influence of the cohort's units.
    fn over_cohorts(&self, of: impl Fn(&Cohort) -> (f64, Vec<f64>)) -> Influenced {
        let parts: Vec<(f64, f64, Vec<f64>)> = self
            .cohorts
            .iter()
            .map(|cohort| {
                let (effect, influence) = of(cohort);
                (cohort.size * cohort.window.len() as f64 / self.total, effect, influence)
            })
            .collect();
        let effect = parts.iter().map(|(share, effect, _)| share * effect).sum::<f64>();
        let mut influence = vec![0.0; self.histories.n()];
        for (cohort, (share, part, own)) in self.cohorts.iter().zip(&parts) {
            // How large cohorts are varies too.
            let of_share = cohort.window.len() as f64 / self.total * (part - effect);
            for ((&unit, own), part) in cohort.units.iter().zip(own).zip(&cohort.adjusted.parts) {
                influence[unit] += share * own + if *part == Part::Treated { of_share } else { 0.0 };
            }
        }
        Influenced { effect, influence }
    }

    /// How alike the cohorts and their controls are, the largest cohort's.
    pub(super) fn balance(&self) -> Vec<Balance> {
        let Some(cohort) = self.cohorts.iter().max_by(|a, b| a.size.total_cmp(&b.size)) else { return Vec::new() };
        balance_of(cohort)
    }
}

impl Cohort {
    /// The mean outcome of each unit over the periods that are compared.
    fn outcome(&self, histories: &Histories, outcome: usize) -> Vec<f64> {
        let mean = |&unit: &usize| {
            let path = &histories.path(unit, outcome)[self.window.clone()];
            path.iter().sum::<f64>() / path.len() as f64
        };
        self.units.iter().map(mean).collect()
    }
}

fn balance_of(cohort: &Cohort) -> Vec<Balance> {
    let (parts, rows) = (&cohort.adjusted.parts, &cohort.rows);
    let moments = |part: Part, weight: &dyn Fn(usize) -> f64| {
        let units: Vec<usize> = (0..parts.len()).filter(|&unit| parts[unit] == part).collect();
        let total: f64 = units.iter().map(|&unit| weight(unit)).sum();
        let mean = rows.mean(&units, weight, total);
        let mut squares = vec![0.0; rows.width];
        for &unit in &units {
            let of_unit = squares.iter_mut().zip(rows.row(unit)).zip(&mean);
            of_unit.for_each(|((sum, x), mean)| *sum += weight(unit) * (x - mean).powi(2));
        }
        squares.iter_mut().for_each(|sum| *sum /= total);
        (mean, squares)
    };
    let own = moments(Part::Treated, &|_| 1.0);
    let plain = moments(Part::Control, &|_| 1.0);
    let weighted = moments(Part::Control, &|unit| cohort.adjusted.weights[unit]);
    let of = |at: usize| Balance {
        covariate: cohort.names[at].clone(),
        members: own.0[at],
        controls: plain.0[at],
        difference: (own.0[at] - plain.0[at]) / own.1[at].sqrt(),
        weighted_difference: (own.0[at] - weighted.0[at]) / own.1[at].sqrt(),
        variance_ratio: own.1[at] / weighted.1[at],
    };
    (1..rows.width).map(of).collect()
}

/// The names of covariates, with the intercept.
fn names(path: usize) -> Vec<String> {
    let mut names = vec!["intercept".to_owned(), "log orders".to_owned(), "periods since the last order".to_owned()];
    names.extend((1..=path).map(|back| format!("spend {back} periods before")));
    names.extend((1..=path).map(|back| format!("spend {back} periods before, squared")));
    names
}

/// Money by customer and period over its spread among all, by asinh, which is linear where it is small and a logarithm where it is large.
fn scaled(histories: &Histories) -> Vec<f64> {
    let spread: Vec<f64> =
        (0..histories.periods).into_par_iter().watched().map(|at| spread_of(histories, at)).collect();
    let of_unit = |(unit, into): (usize, &mut [f64])| {
        let path = into.iter_mut().zip(histories.path(unit, SPEND)).zip(&spread);
        path.for_each(|((into, spend), spread)| *into = (spend / spread).asinh());
    };
    let mut scaled = vec![0.0; histories.n() * histories.periods];
    scaled.par_chunks_exact_mut(histories.periods).enumerate().watched().for_each(of_unit);
    scaled
}

/// What customers did in the periods before: orders, recency, money by period as it was scaled, and its square; and what else was known of them.
fn covariates(
    histories: &Histories,
    scaled: &[f64],
    before: usize,
    units: &[usize],
    parts: &[Part],
) -> (Vec<String>, Rows) {
    let path = before.min(PATH);
    let width = 3 + 2 * path + histories.covariates.len();
    let mut values = Vec::with_capacity(units.len() * width);
    for &unit in units {
        let orders = &histories.path(unit, ORDERS)[..before];
        let last = orders.iter().rposition(|&orders| orders > 0.0);
        let recency = last.map_or(before, |last| before - 1 - last);
        values.extend([1.0, orders.iter().sum::<f64>().ln_1p(), recency as f64]);
        let spend = &scaled[unit * histories.periods..][before - path..before];
        values.extend(spend.iter().rev());
        values.extend(spend.iter().rev().map(|spend| spend.powi(2)));
        values.extend(histories.covariates.iter().map(|(_, values)| values[unit]));
    }
    let names: Vec<String> =
        names(path).into_iter().chain(histories.covariates.iter().map(|of| of.0.clone())).collect();
    without_constants(names, Rows { width, values }, parts)
}

/// Columns that do not vary among controls would be the intercept again: they are dropped.
fn without_constants(names: Vec<String>, rows: Rows, parts: &[Part]) -> (Vec<String>, Rows) {
    let varies = |at: &usize| {
        let mut values = (0..parts.len()).filter(|&unit| parts[unit] == Part::Control).map(|unit| rows.row(unit)[*at]);
        let first = values.next();
        *at == 0 || values.any(|value| Some(value) != first)
    };
    let kept: Vec<usize> = (0..rows.width).filter(varies).collect();
    if kept.len() == rows.width {
        return (names, rows);
    }
    let values = (0..parts.len()).flat_map(|unit| kept.iter().map(move |&at| (unit, at)));
    let values = values.map(|(unit, at)| rows.row(unit)[at]).collect();
    (kept.iter().map(|&at| names[at].clone()).collect(), Rows { width: kept.len(), values })
}

fn spread_of(histories: &Histories, period: usize) -> f64 {
    let n = histories.n() as f64;
    let value = |unit: usize| histories.path(unit, SPEND)[period];
    let mean = (0..histories.n()).map(value).sum::<f64>() / n;
    let variance = (0..histories.n()).map(|unit| (value(unit) - mean).powi(2)).sum::<f64>() / n;
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}
