//! What tells who is in which segment, and what differs between segments: the three-step estimators of Bolck, Croon & Hagenaars (2004) with the corrected
//! errors of Vermunt (2010). Assigning respondents and then comparing them would blur differences, as some are assigned wrongly.

use faer::prelude::*;
use faer::{Mat, Side};
use leverkit_core::columns::{find, numbers};
use leverkit_core::design::{AttributeDesign, Coding, known_rows};
use leverkit_core::stats::budget;
use leverkit_core::{Column, Table};
use leverkit_stats::{Estimate, Interval};
use serde::Serialize;

use super::model::Model;
use super::params::NeedsParams;
use crate::Error;

const MOST_STEPS: usize = 50;

/// How a covariate moves the odds of a segment against the greatest one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovariateTerm {
    /// The segment.
    pub segment: usize,
    /// The covariate, or one of its levels against its base.
    pub term: String,
    /// Log odds ratio per unit, with robust errors.
    pub estimate: Estimate,
}

/// What covariates tell of segments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Covariates {
    /// Segment by segment, without the greatest.
    pub terms: Vec<CovariateTerm>,
    /// `McFadden`'s pseudo-R².
    pub pseudo_r_squared: f64,
    /// The share of respondents whose segment they guess.
    pub hit_rate: f64,
    /// That of always guessing the greatest segment.
    pub base_rate: f64,
}

/// The mean of an outcome in a segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The outcome.
    pub outcome: String,
    /// The segment.
    pub segment: usize,
    /// Its mean with limits; `None` where too few of the segment have it.
    pub mean: Option<Interval>,
    /// The mean of all.
    pub overall: f64,
    /// "higher", "lower" or "can't tell".
    pub verdict: &'static str,
}

/// Respondents with the weights that undo wrong assignments: the inverse of the chances of being assigned to each class given the true one.
pub(crate) struct Steps {
    k: usize,
    /// Respondent by respondent, class by class; they add up to one.
    corrected: Vec<f64>,
    assigned: Vec<usize>,
    weights: Vec<f64>,
}

impl Steps {
    pub(crate) fn of(model: &Model, chances: &[f64], classes: &[usize], places: &[u32], weights: &[f64]) -> Self {
        let k = model.classes;
        let mut confused = Mat::<f64>::zeros(k, k);
        for (&pattern, weight) in places.iter().zip(weights) {
            let pattern = pattern as usize;
            for class in 0..k {
                confused[(class, classes[pattern])] += weight * chances[pattern * k + class];
            }
        }
        for row in 0..k {
            let total: f64 = (0..k).map(|column| confused[(row, column)]).sum();
            (0..k).for_each(|column| confused[(row, column)] /= total.max(f64::MIN_POSITIVE));
        }
        let inverse = confused.partial_piv_lu().solve(Mat::<f64>::identity(k, k));
        let is_finite = (0..k).all(|row| (0..k).all(|column| inverse[(row, column)].is_finite()));
        let cell = |row: usize, column: usize| {
            if is_finite { inverse[(row, column)] } else { f64::from(u8::from(row == column)) }
        };
        let assigned: Vec<usize> = places.iter().map(|&pattern| classes[pattern as usize]).collect();
        let corrected = assigned
            .iter()
            .flat_map(|&class| (0..k).map(move |other| cell(class, other)).collect::<Vec<_>>())
            .collect();
        Self { k, corrected, assigned, weights: weights.to_vec() }
    }

    /// Means of numbers by segment.
    pub(crate) fn outcomes(&self, table: &Table, kept: &[usize], params: &NeedsParams) -> Result<Vec<Outcome>, Error> {
        let mut found = Vec::new();
        for name in &params.outcomes {
            let values = numbers(&find(table, "outcomes", name)?, "outcomes")?;
            let known: Vec<(usize, f64)> = kept
                .iter()
                .enumerate()
                .map(|(at, &row)| (at, values[row]))
                .filter(|(_, value)| !value.is_nan())
                .collect();
            let total: f64 = known.iter().map(|(at, _)| self.weights[*at]).sum();
            let overall = known.iter().map(|(at, value)| self.weights[*at] * value).sum::<f64>() / total;
            if known.is_empty() {
                return Err(Error::parameter(
                    "outcomes",
                    format!("{name:?} without a number"),
                    "a number for some respondents",
                ));
            }
            for segment in 0..self.k {
                let mean = self.mean(&known, segment, params.level);
                let verdict = match mean {
                    Some(mean) if self.k > 1 && mean.lower > overall => "higher",
                    Some(mean) if self.k > 1 && mean.upper < overall => "lower",
                    _ => "can't tell",
                };
                found.push(Outcome { outcome: name.clone(), segment: segment + 1, mean, overall, verdict });
            }
        }
        Ok(found)
    }

    fn mean(&self, known: &[(usize, f64)], segment: usize, level: f64) -> Option<Interval> {
        let weight = |at: usize| self.weights[at] * self.corrected[at * self.k + segment];
        let total: f64 = known.iter().map(|(at, _)| weight(*at)).sum();
        if total < 2.0 {
            return None;
        }
        let mean = known.iter().map(|(at, value)| weight(*at) * value).sum::<f64>() / total;
        let variance =
            known.iter().map(|(at, value)| (weight(*at) * (value - mean)).powi(2)).sum::<f64>() / (total * total);
        Some(Estimate::normal(mean, variance.sqrt(), level).interval)
    }

    /// A multinomial logit of segments on covariates, for respondents with all of them.
    pub(crate) fn covariates(
        &self,
        table: &Table,
        kept: &[usize],
        params: &NeedsParams,
    ) -> Result<Option<Covariates>, Error> {
        if params.covariates.is_empty() || self.k == 1 {
            return Ok(None);
        }
        let columns: Vec<Column> =
            params.covariates.iter().map(|name| find(table, "covariates", name)).collect::<Result<_, _>>()?;
        let is_known = known_rows(table.rows(), &columns)?;
        let (places, rows): (Vec<usize>, Vec<usize>) =
            kept.iter().enumerate().map(|(at, &row)| (at, row)).filter(|(_, row)| is_known[*row]).unzip();
        if rows.is_empty() {
            return Err(Error::parameter("covariates", "no respondent with all of them", "some respondents with all"));
        }
        let design = AttributeDesign::of(&columns, &rows, Coding::Dummy)?;
        let mut x = design.columns(&rows);
        // Around their mean and in their own unit: steps are then of one size.
        let scales: Vec<(f64, f64)> = x.iter_mut().map(|column| standardise(column)).collect();
        let logit = Logit { steps: self, places: &places, x: &x };
        let beta = logit.fit()?;
        let spread = logit.robust(&beta);
        let names = design.names();
        let width = x.len() + 1;
        let terms = (1..self.k).flat_map(|class| {
            let (names, scales, beta, spread) = (&names, &scales, &beta, &spread);
            (0..names.len()).map(move |term| {
                let at = (class - 1) * width + term + 1;
                let unit = scales[term].1;
                let estimate = Estimate::normal(beta[at] / unit, spread[(at, at)].max(0.0).sqrt() / unit, params.level);
                CovariateTerm { segment: class + 1, term: names[term].clone(), estimate }
            })
        });
        let terms = terms.collect();
        let alone = Logit { steps: self, places: &places, x: &[] };
        let base = alone.log_likelihood(&alone.fit()?);
        let (hit_rate, base_rate) = logit.hits(&beta);
        Ok(Some(Covariates { terms, pseudo_r_squared: 1.0 - logit.log_likelihood(&beta) / base, hit_rate, base_rate }))
    }
}

/// Takes mean and standard deviation off a column, and tells them.
fn standardise(column: &mut [f64]) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let deviation = (column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    let unit = if deviation > 0.0 { deviation } else { 1.0 };
    column.iter_mut().for_each(|value| *value = (*value - mean) / unit);
    (mean, unit)
}

/// The logit of corrected weights: Σ wᵢₖ log pₖ(xᵢ). As the weights of a respondent add up to one, its information is that of an ordinary logit.
struct Logit<'a> {
    steps: &'a Steps,
    places: &'a [usize],
    x: &'a [Vec<f64>],
}

impl Logit<'_> {
    fn width(&self) -> usize {
        self.x.len() + 1
    }

    fn term(&self, row: usize, term: usize) -> f64 {
        if term == 0 { 1.0 } else { self.x[term - 1][row] }
    }

    fn chances(&self, row: usize, beta: &[f64]) -> Vec<f64> {
        let width = self.width();
        let of = |class: usize| (0..width).map(|term| beta[(class - 1) * width + term] * self.term(row, term)).sum();
        let mut logs: Vec<f64> = std::iter::once(0.0).chain((1..self.steps.k).map(of)).collect();
        super::model::normalise(&mut logs);
        logs.into_iter().map(f64::exp).collect()
    }

    fn log_likelihood(&self, beta: &[f64]) -> f64 {
        let k = self.steps.k;
        let of = |(row, &place): (usize, &usize)| {
            let chances = self.chances(row, beta);
            let corrected = &self.steps.corrected[place * k..][..k];
            self.steps.weights[place]
                * corrected.iter().zip(chances).map(|(weight, chance)| weight * chance.ln()).sum::<f64>()
        };
        self.places.iter().enumerate().map(of).sum()
    }

    /// Gradient, information, and the sum of squared gradients of respondents.
    fn slope(&self, beta: &[f64]) -> (Mat<f64>, Mat<f64>, Mat<f64>) {
        let (k, width) = (self.steps.k, self.width());
        let size = (k - 1) * width;
        let (mut gradient, mut information, mut squares) =
            (Mat::zeros(size, 1), Mat::zeros(size, size), Mat::zeros(size, size));
        let mut own = vec![0.0; size];
        for (row, &place) in self.places.iter().enumerate() {
            let chances = self.chances(row, beta);
            let weight = self.steps.weights[place];
            for at in 0..size {
                let (class, term) = (at / width + 1, at % width);
                own[at] = weight * (self.steps.corrected[place * k + class] - chances[class]) * self.term(row, term);
                gradient[(at, 0)] += own[at];
                for other in 0..=at {
                    let (class2, term2) = (other / width + 1, other % width);
                    let same = f64::from(u8::from(class == class2));
                    let cell = weight
                        * chances[class]
                        * (same - chances[class2])
                        * self.term(row, term)
                        * self.term(row, term2);
                    information[(at, other)] += cell;
                    squares[(at, other)] += own[at] * own[other];
                }
            }
        }
        for at in 0..size {
            for other in 0..at {
                information[(other, at)] = information[(at, other)];
                squares[(other, at)] = squares[(at, other)];
            }
            // A hair of a prior keeps separated levels finite.
            information[(at, at)] += 1e-8;
        }
        (gradient, information, squares)
    }

    fn fit(&self) -> Result<Vec<f64>, Error> {
        let mut beta = vec![0.0; (self.steps.k - 1) * self.width()];
        let mut now = self.log_likelihood(&beta);
        for _ in 0..MOST_STEPS {
            budget::check();
            let (gradient, information, _) = self.slope(&beta);
            let Ok(factor) = information.llt(Side::Lower) else { break };
            let direction = factor.solve(&gradient);
            let gain: f64 = (0..beta.len()).map(|at| direction[(at, 0)] * gradient[(at, 0)]).sum();
            let mut share = 1.0;
            let next = loop {
                let tried: Vec<f64> =
                    beta.iter().enumerate().map(|(at, value)| value + share * direction[(at, 0)]).collect();
                let then = self.log_likelihood(&tried);
                if then >= now || share < 1e-6 {
                    now = then;
                    break tried;
                }
                share /= 2.0;
            };
            beta = next;
            if gain < 1e-10 {
                return Ok(beta);
            }
        }
        let hint = "a covariate may tell a segment for sure: leave it out or join its levels".into();
        Err(Error::NotConverged { what: "covariates".into(), steps: MOST_STEPS, hint })
    }

    /// The sandwich of information and squared gradients.
    fn robust(&self, beta: &[f64]) -> Mat<f64> {
        let (_, information, squares) = self.slope(beta);
        let size = beta.len();
        let inverse = information
            .llt(Side::Lower)
            .map_or_else(|_| Mat::zeros(size, size), |factor| factor.solve(Mat::<f64>::identity(size, size)));
        &inverse * squares * &inverse
    }

    /// The share of respondents whose assigned segment is the likeliest by covariates, and that of the most frequent segment.
    fn hits(&self, beta: &[f64]) -> (f64, f64) {
        let (mut hits, mut total, mut sizes) = (0.0, 0.0, vec![0.0; self.steps.k]);
        for (row, &place) in self.places.iter().enumerate() {
            let chances = self.chances(row, beta);
            let most = chances.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weight = self.steps.weights[place];
            let own = self.steps.assigned[place];
            total += weight;
            sizes[own] += weight;
            if chances[own] == most {
                hits += weight;
            }
        }
        (hits / total, sizes.into_iter().fold(0.0, f64::max) / total)
    }
}
