//! Adjusted for what was known before: a regression among controls, weights by the odds of treatment, or both (Sant'Anna & Zhao 2020), with
//! the influence of each unit, which gives all errors.

use std::borrow::Cow;

use faer::Mat;
use faer::prelude::*;
use leverkit_core::analysis::of_model;
use leverkit_stats::regression::{Logistic, cross_products};

use super::group_time::Cell;
use super::params::{Adjustment, Comparison};
use crate::Error;
use crate::panel::{Joint, Panel};

/// A control whose chance of treatment lies above is left out: it would count for fifty and more.
const MOST_CHANCE: f64 = 0.98;

/// What a unit is in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Treated,
    Control,
    Out,
}

/// Covariates, one row per unit; the first column is 1.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) width: usize,
    pub(crate) values: Vec<f64>,
}

impl Rows {
    pub(crate) fn row(&self, unit: usize) -> &[f64] {
        &self.values[unit * self.width..(unit + 1) * self.width]
    }

    /// The mean row of units whose weights add up to `total`.
    pub(crate) fn mean(&self, units: &[usize], weight: impl Fn(usize) -> f64, total: f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.width];
        for &unit in units {
            let weight = weight(unit);
            sums.iter_mut().zip(self.row(unit)).for_each(|(sum, x)| *sum += weight * x);
        }
        sums.iter().map(|sum| sum / total).collect()
    }
}

/// Treated units and controls that were made alike.
#[derive(Debug, Clone)]
pub(crate) struct Adjusted {
    pub(crate) parts: Vec<Part>,
    /// How much each control counts.
    pub(crate) weights: Vec<f64>,
    chances: Vec<f64>,
    n_treated: f64,
    total_weight: f64,
    logit: Option<Mat<f64>>,
    /// The inverse of the controls' cross products; `None` where nothing is regressed.
    bread: Option<Mat<f64>>,
    /// The difference of the mean covariates that the regression is carried over.
    carried: Vec<f64>,
    /// Controls that were left out because they were almost sure to be treated.
    pub(crate) trimmed: u64,
}

/// The effect on an outcome.
#[derive(Debug, Clone)]
pub(crate) struct AdjustedEffect {
    pub(crate) effect: f64,
    beta: Vec<f64>,
    treated: f64,
    control: f64,
    pull_of_chances: Vec<f64>,
    pull_of_regression: Vec<f64>,
}

impl Adjusted {
    /// Fits the chances of treatment, and prepares the regression among controls.
    pub(crate) fn fit(rows: &Rows, mut parts: Vec<Part>, adjustment: Adjustment) -> Result<Self, Error> {
        let units: Vec<usize> = (0..parts.len()).filter(|&unit| parts[unit] != Part::Out).collect();
        let mut weights = vec![1.0; parts.len()];
        let mut chances = vec![0.0; parts.len()];
        let (mut logit, mut trimmed) = (None, 0);
        if adjustment != Adjustment::Regression {
            let values: Cow<'_, [f64]> = if units.len() == parts.len() {
                rows.values.as_slice().into()
            } else {
                units.iter().flat_map(|&unit| rows.row(unit)).copied().collect()
            };
            let treated: Vec<bool> = units.iter().map(|&unit| parts[unit] == Part::Treated).collect();
            let fit = Logistic::of(&values, rows.width, &treated).map_err(of_model("chance of treatment"))?;
            for &unit in &units {
                chances[unit] = fit.chance(rows.row(unit));
                weights[unit] = chances[unit] / (1.0 - chances[unit]);
                if parts[unit] == Part::Control && chances[unit] > MOST_CHANCE {
                    parts[unit] = Part::Out;
                    trimmed += 1;
                }
            }
            logit = Some(fit.covariance);
        }
        let of = |part: Part| units.iter().copied().filter(|&unit| parts[unit] == part).collect::<Vec<_>>();
        let (treated, controls) = (of(Part::Treated), of(Part::Control));
        let total_weight: f64 = controls.iter().map(|&unit| weights[unit]).sum();
        let n_treated = treated.len() as f64;
        let own = rows.mean(&treated, |_| 1.0, n_treated);
        let others = rows.mean(&controls, |unit| weights[unit], total_weight);
        let carried = own.iter().zip(&others).map(|(own, others)| own - others).collect();
        let bread = match adjustment {
            Adjustment::Weighting => None,
            Adjustment::Regression | Adjustment::DoublyRobust => Some(bread(rows, &controls)?),
        };
        Ok(Self { parts, weights, chances, n_treated, total_weight, logit, bread, carried, trimmed })
    }

    /// The effect on what each unit's outcome is.
    pub(crate) fn effect(&self, rows: &Rows, outcome: impl Fn(usize) -> f64) -> AdjustedEffect {
        let units = |part: Part| (0..self.parts.len()).filter(move |&unit| self.parts[unit] == part);
        let width = rows.width;
        let beta = self.bread.as_ref().map_or_else(
            || vec![0.0; width],
            |bread| {
                let mut products = vec![0.0; width];
                for unit in units(Part::Control) {
                    let y = outcome(unit);
                    products.iter_mut().zip(rows.row(unit)).for_each(|(sum, x)| *sum += x * y);
                }
                times(bread, &products)
            },
        );
        let residual = |unit: usize| outcome(unit) - dot(&beta, rows.row(unit));
        let treated = units(Part::Treated).map(residual).sum::<f64>() / self.n_treated;
        let residuals: Vec<(usize, f64)> = units(Part::Control).map(|unit| (unit, residual(unit))).collect();
        let control =
            residuals.iter().map(|(unit, residual)| self.weights[*unit] * residual).sum::<f64>() / self.total_weight;
        let pull_of_chances = self.logit.as_ref().map_or_else(
            || vec![0.0; width],
            |covariance| {
                let mut pull = vec![0.0; width];
                for &(unit, residual) in &residuals {
                    let weight = self.weights[unit] * (residual - control) / self.total_weight;
                    pull.iter_mut().zip(rows.row(unit)).for_each(|(sum, x)| *sum += weight * x);
                }
                times(covariance, &pull)
            },
        );
        let pull_of_regression =
            self.bread.as_ref().map_or_else(|| vec![0.0; width], |bread| times(bread, &self.carried));
        AdjustedEffect { effect: treated - control, beta, treated, control, pull_of_chances, pull_of_regression }
    }

    /// How much a unit moves the effect, to first order: squares of it add up to the variance.
    pub(crate) fn influence(&self, rows: &Rows, found: &AdjustedEffect, unit: usize, outcome: f64) -> f64 {
        let row = rows.row(unit);
        let residual = outcome - dot(&found.beta, row);
        let chance = self.chances[unit];
        let pull = dot(row, &found.pull_of_chances);
        match self.parts[unit] {
            Part::Out => 0.0,
            Part::Treated => (residual - found.treated) / self.n_treated - (1.0 - chance) * pull,
            Part::Control => {
                chance * pull
                    - self.weights[unit] * (residual - found.control) / self.total_weight
                    - residual * dot(row, &found.pull_of_regression)
            }
        }
    }

    /// How many equally weighted controls are worth as much as these (Kish 1965).
    pub(crate) fn effective_controls(&self) -> f64 {
        let controls = (0..self.parts.len()).filter(|&unit| self.parts[unit] == Part::Control);
        self.total_weight.powi(2) / controls.map(|unit| self.weights[unit].powi(2)).sum::<f64>()
    }
}

/// The inverse of the controls' cross products.
fn bread(rows: &Rows, controls: &[usize]) -> Result<Mat<f64>, Error> {
    let width = rows.width;
    let products = cross_products(controls.len(), width, |at, into| into.copy_from_slice(rows.row(controls[at])));
    let refused = |_| Error::not_identified("regression among controls", "covariates are collinear; take fewer");
    Ok(products.llt(faer::Side::Lower).map_err(refused)?.solve(Mat::<f64>::identity(width, width)))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn times(matrix: &Mat<f64>, vector: &[f64]) -> Vec<f64> {
    (0..matrix.nrows()).map(|i| vector.iter().enumerate().map(|(j, value)| matrix[(i, j)] * value).sum()).collect()
}

/// The cells of a panel, adjusted for its covariates; the joint numbers are the cells' effects themselves.
pub(crate) fn adjusted_cells(
    panel: &Panel,
    plain: &Joint,
    cells: Vec<Cell>,
    comparison: &Comparison,
    adjustment: Adjustment,
) -> Result<(Joint, Vec<Cell>, u64), Error> {
    let mut fits: Vec<Fitted> = Vec::new();
    let mut trimmed = 0;
    for cell in &cells {
        let base = comparison.base_of(cell.first, cell.period).unwrap_or_default();
        let parts = parts_of(panel, cell, base, comparison);
        let known = fits.iter().rposition(|fit| fit.first == cell.first && fit.asked == parts);
        let fit = if let Some(known) = known {
            known
        } else {
            let rows = rows_of(panel, (cell.first as usize).saturating_sub(1 + comparison.anticipation));
            let adjusted = Adjusted::fit(&rows, parts.clone(), adjustment)?;
            trimmed += adjusted.trimmed;
            fits.push(Fitted { first: cell.first, asked: parts, rows, adjusted, cells: Vec::new() });
            fits.len() - 1
        };
        let change = Change { panel, period: cell.period, base };
        let effect = fits[fit].adjusted.effect(&fits[fit].rows, |unit| change.of(unit));
        let place = fits.iter().map(|fit| fit.cells.len()).sum();
        fits[fit].cells.push((place, cell.period, base, effect));
    }
    let joint = joint_of(panel, plain, &fits, cells.len());
    let own = |(place, mut cell): (usize, Cell)| {
        cell.contrast = joint.nothing();
        cell.contrast.value = joint.values[place];
        cell.contrast.gradient[place] = if cell.is_base { 0.0 } else { 1.0 };
        cell
    };
    let cells = cells.into_iter().enumerate().map(own).collect();
    Ok((joint, cells, trimmed))
}

/// One cohort against one set of controls, with the cells that they make: place, period, base and effect.
struct Fitted {
    first: u32,
    asked: Vec<Part>,
    rows: Rows,
    adjusted: Adjusted,
    cells: Vec<(usize, usize, usize, AdjustedEffect)>,
}

struct Change<'a> {
    panel: &'a Panel,
    period: usize,
    base: usize,
}

impl Change<'_> {
    fn of(&self, unit: usize) -> f64 {
        let periods = self.panel.periods.len();
        self.panel.paths[unit * periods + self.period] - self.panel.paths[unit * periods + self.base]
    }
}

fn parts_of(panel: &Panel, cell: &Cell, base: usize, comparison: &Comparison) -> Vec<Part> {
    let part = |&first: &u32| {
        if first == cell.first {
            Part::Treated
        } else if comparison.is_control(first, cell.first, (cell.period, base)) {
            Part::Control
        } else {
            Part::Out
        }
    };
    panel.first.iter().map(part).collect()
}

/// The covariates as they were in a period.
fn rows_of(panel: &Panel, period: usize) -> Rows {
    let periods = panel.periods.len();
    let width = 1 + panel.covariates.len();
    let row = |unit: usize| {
        std::iter::once(1.0).chain(panel.covariates.iter().map(move |values| values[unit * periods + period]))
    };
    Rows { width, values: (0..panel.first.len()).flat_map(row).collect() }
}

/// The effects with their joint covariance, and that with the shares of cohorts: products of the influences of units, or of clusters.
fn joint_of(panel: &Panel, plain: &Joint, fits: &[Fitted], cells: usize) -> Joint {
    let width = cells + plain.first.len();
    let n = plain.n();
    let mut values = vec![0.0; cells];
    fits.iter().flat_map(|fit| &fit.cells).for_each(|(place, _, _, effect)| values[*place] = effect.effect);
    let influence = |unit: usize, into: &mut [f64]| {
        for fit in fits {
            for (place, period, base, effect) in &fit.cells {
                let change = Change { panel, period: *period, base: *base }.of(unit);
                into[*place] += fit.adjusted.influence(&fit.rows, effect, unit, change);
            }
        }
        for (at, (first, size)) in plain.first.iter().zip(&plain.sizes).enumerate() {
            let own = if *first == panel.first[unit] { 1.0 } else { 0.0 };
            into[cells + at] += (own - size / n) / n;
        }
    };
    let covariance = match &panel.clusters {
        Some(clusters) => {
            let count = clusters.iter().max().map_or(0, |last| *last as usize + 1);
            let mut scores = vec![0.0; count * width];
            clusters.iter().enumerate().for_each(|(unit, &cluster)| {
                influence(unit, &mut scores[cluster as usize * width..(cluster as usize + 1) * width]);
            });
            let scores = Mat::from_fn(count, width, |row, column| scores[row * width + column]);
            scores.transpose() * &scores
        }
        None => cross_products(panel.first.len(), width, influence),
    };
    plain.of_effects(values, covariance)
}
