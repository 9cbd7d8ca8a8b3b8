//! Entropy balancing (Hainmueller 2012): weights of controls that give the members' mean covariates, as near to equal as may be.

use faer::Mat;
use faer::linalg::solvers::Llt;
use faer::prelude::*;
use leverkit_core::stats::budget::Watched;
use leverkit_stats::regression::cross_products;
use rayon::prelude::*;

use crate::did::{Part, Rows};

/// Weights, and a regression with them.
pub(super) struct Balancing {
    /// Of each unit, 0 where it is no control; they add up to 1.
    weights: Vec<f64>,
    /// Of the products of covariates; `None` where the weights rest on a few controls and leave nothing to regress.
    products: Option<Llt<f64>>,
}

impl Balancing {
    /// By Newton's steps on the dual; `None` where there are no such weights.
    pub(super) fn of(rows: &Rows, parts: &[Part]) -> Option<Self> {
        let dual = Dual::of(rows, parts);
        let found = dual.weights()?;
        let mut weights = vec![0.0; parts.len()];
        dual.controls.iter().zip(found).for_each(|(&unit, weight)| weights[unit] = weight);
        let products = cross_products(dual.controls.len(), rows.width, |at, into| {
            let unit = dual.controls[at];
            let root = weights[unit].sqrt();
            into.iter_mut().zip(rows.row(unit)).for_each(|(into, x)| *into = root * x);
        });
        Some(Self { weights, products: products.llt(faer::Side::Lower).ok() })
    }

    /// The effect on the outcome of each unit, and the influence of each on it.
    pub(super) fn effect(&self, rows: &Rows, parts: &[Part], outcome: &[f64]) -> (f64, Vec<f64>) {
        let weights = &self.weights;
        let beta = self.regressed(rows, outcome);
        let residual =
            |unit: usize| outcome[unit] - beta.iter().zip(rows.row(unit)).map(|(beta, x)| beta * x).sum::<f64>();
        let treated = || (0..parts.len()).filter(|&unit| parts[unit] == Part::Treated);
        let size = treated().count() as f64;
        let mean = treated().map(|unit| outcome[unit]).sum::<f64>() / size;
        let others: f64 = weights.iter().zip(outcome).map(|(weight, outcome)| weight * outcome).sum();
        let effect = mean - others;
        let influence = |unit: usize| match parts[unit] {
            Part::Treated => (residual(unit) - effect) / size,
            Part::Control => -weights[unit] * residual(unit),
            Part::Out => 0.0,
        };
        (effect, (0..parts.len()).map(influence).collect())
    }

    /// The coefficients of a regression among controls; without one, outcomes are taken around their mean.
    fn regressed(&self, rows: &Rows, outcome: &[f64]) -> Vec<f64> {
        let mut right = vec![0.0; rows.width];
        for (unit, (weight, outcome)) in self.weights.iter().zip(outcome).enumerate() {
            let pull = weight * outcome;
            right.iter_mut().zip(rows.row(unit)).for_each(|(sum, x)| *sum += pull * x);
        }
        match &self.products {
            Some(solver) => {
                let beta = solver.solve(Mat::from_fn(rows.width, 1, |at, _| right[at]));
                (0..rows.width).map(|at| beta[(at, 0)]).collect()
            }
            None => std::iter::once(right[0]).chain(std::iter::repeat_n(0.0, rows.width - 1)).collect(),
        }
    }
}

/// The convex dual: the logarithm of the sum of exponents, of slope 0 where means agree.
struct Dual<'a> {
    rows: &'a Rows,
    controls: Vec<usize>,
    /// The members' means, without the intercept.
    target: Vec<f64>,
}

impl<'a> Dual<'a> {
    fn of(rows: &'a Rows, parts: &[Part]) -> Self {
        let of = |part: Part| (0..parts.len()).filter(|&unit| parts[unit] == part).collect::<Vec<_>>();
        let treated = of(Part::Treated);
        let target = rows.mean(&treated, |_| 1.0, treated.len() as f64)[1..].to_vec();
        Self { rows, controls: of(Part::Control), target }
    }

    fn weights(&self) -> Option<Vec<f64>> {
        const STEPS: usize = 100;
        let width = self.target.len();
        let mut lambda = vec![0.0; width];
        let (mut weights, mut height) = self.weighed(&lambda);
        for _ in 0..STEPS {
            let (slope, covariance) = self.slope(&weights);
            if slope.iter().all(|slope| slope.abs() < 1e-9) {
                return Some(weights);
            }
            let solver = covariance.llt(faer::Side::Lower).ok()?;
            let step = solver.solve(Mat::from_fn(width, 1, |at, _| -slope[at]));
            let mut times = 1.0;
            loop {
                let next: Vec<f64> =
                    lambda.iter().enumerate().map(|(at, lambda)| lambda + times * step[(at, 0)]).collect();
                let (tried, tried_height) = self.weighed(&next);
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

    fn apart(&self, at: usize) -> impl Iterator<Item = f64> {
        self.rows.row(self.controls[at])[1..].iter().zip(&self.target).map(|(x, target)| x - target)
    }

    fn weighed(&self, lambda: &[f64]) -> (Vec<f64>, f64) {
        let utility = |at: usize| self.apart(at).zip(lambda).map(|(apart, lambda)| lambda * apart).sum::<f64>();
        let utilities: Vec<f64> = (0..self.controls.len()).into_par_iter().watched().map(utility).collect();
        let most = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exponents: Vec<f64> = utilities.into_par_iter().watched().map(|utility| (utility - most).exp()).collect();
        let total: f64 = exponents.iter().sum();
        (exponents.into_iter().map(|one| one / total).collect(), most + total.ln())
    }

    /// The slope, and the covariance of controls as they are weighed.
    fn slope(&self, weights: &[f64]) -> (Vec<f64>, Mat<f64>) {
        let width = self.target.len();
        // A column of ones brings the means along.
        let products = cross_products(weights.len(), width + 1, |at, into| {
            let root = weights[at].sqrt();
            into.iter_mut().zip(self.apart(at)).for_each(|(into, apart)| *into = root * apart);
            into[width] = root;
        });
        let slope: Vec<f64> = (0..width).map(|at| products[(width, at)]).collect();
        let covariance = Mat::from_fn(width, width, |i, j| {
            products[(i, j)] - slope[i] * slope[j] + if i == j { 1e-12 } else { 0.0 }
        });
        (slope, covariance)
    }
}
