//! The log-likelihood of a timing model over weighted histories, with its gradient: the one loop that all fits run.

use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;

use super::timing::{Family, N, Row, Timing};
use super::with_family;

/// Rows of a part; parts are added up in order, whatever the number of threads.
const PART: usize = 1024;

/// A coefficient of a covariate: how it moves the logarithm of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effect {
    /// Which covariate.
    pub(crate) covariate: usize,
    /// Which parameter.
    pub(crate) parameter: usize,
    /// +1 or −1.
    pub(crate) sign: f64,
}

/// Log-likelihood and gradient, by the logarithms of the four parameters and then by the coefficients.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    pub(crate) ln: f64,
    pub(crate) gradient: Vec<f64>,
}

/// Rows sorted by pattern and frequency, and what their parameters are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Likelihood<'a> {
    pub(crate) family: Family,
    pub(crate) rows: &'a [Row],
    pub(crate) patterns: &'a [Vec<f64>],
    pub(crate) effects: &'a [Effect],
}

impl Likelihood<'_> {
    /// The sum over all rows at θ: four logarithms of parameters, then one coefficient for each effect.
    pub(crate) fn at(&self, theta: &[f64]) -> Sum {
        let parts: Vec<Sum> = self
            .rows
            .par_chunks(PART)
            .watched()
            .map(|rows| with_family!(self.family, Model => self.part::<Model>(rows, theta)))
            .collect();
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_else(|| Sum { ln: 0.0, gradient: vec![0.0; theta.len()] });
        for part in parts {
            all.ln += part.ln;
            all.gradient.iter_mut().zip(part.gradient).for_each(|(sum, more)| *sum += more);
        }
        all
    }

    /// One run of rows with equal pattern after the other.
    fn part<M: Timing>(&self, rows: &[Row], theta: &[f64]) -> Sum {
        let mut all = Sum { ln: 0.0, gradient: vec![0.0; theta.len()] };
        for run in rows.chunk_by(|a, b| a.pattern == b.pattern) {
            let pattern = &self.patterns[run[0].pattern as usize];
            let model = M::new(parameters(theta, pattern, self.effects), self.family.k());
            let (ln, gradient) = one_model(&model, run);
            all.ln += ln;
            (0..N).for_each(|i| all.gradient[i] += gradient[i]);
            for (effect, sum) in self.effects.iter().zip(&mut all.gradient[N..]) {
                *sum += effect.sign * pattern[effect.covariate] * gradient[effect.parameter];
            }
        }
        all
    }
}

/// The parameters of customers with a pattern of covariates.
pub(crate) fn parameters(theta: &[f64], pattern: &[f64], effects: &[Effect]) -> [f64; N] {
    let mut logs = [theta[0], theta[1], theta[2], theta[3]];
    for (effect, coefficient) in effects.iter().zip(&theta[N..]) {
        logs[effect.parameter] += effect.sign * coefficient * pattern[effect.covariate];
    }
    logs.map(f64::exp)
}

fn one_model<M: Timing>(model: &M, rows: &[Row]) -> (f64, [f64; N]) {
    let (mut sum, mut gradient) = (0.0, [0.0; N]);
    for same in rows.chunk_by(|a, b| a.history.frequency == b.history.frequency) {
        let shared = model.shared(same[0].history.frequency);
        for row in same {
            let (ln, slopes, _) = model.branches(&shared, &row.history).join();
            sum += row.weight * ln;
            gradient.iter_mut().zip(slopes).for_each(|(total, slope)| *total += row.weight * slope);
        }
    }
    (sum, gradient)
}
