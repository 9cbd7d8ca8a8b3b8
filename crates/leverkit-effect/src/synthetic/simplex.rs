//! Least squares with weights that are not negative and add up to 1.

use faer::prelude::*;
use faer::{Mat, Side};
use leverkit_core::stats::budget;

/// The weights w ≥ 0, Σw = 1, that make |A w|² + ridge · |w|² least; `columns` are those of A.
///
/// The constraint lets a target be taken off every column first, so that no linear part is left. An active set is solved exactly (Lawson & Hanson 1974,
/// with the sum as an equation), so that the weights are those of the minimum, and not of where an iteration was stopped.
pub(super) fn weights(columns: &[Vec<f64>], ridge: f64) -> Vec<f64> {
    let k = columns.len();
    let mut gram = Mat::from_fn(k, k, |a, b| if a < b { 0.0 } else { dot(&columns[a], &columns[b]) });
    for a in 0..k {
        for b in a + 1..k {
            gram[(a, b)] = gram[(b, a)];
        }
    }
    let scale = (0..k).map(|at| gram[(at, at)]).sum::<f64>() / k as f64;
    // More donors than periods leave the minimum open; a ridge this small decides between equals and moves nothing else.
    (0..k).for_each(|at| gram[(at, at)] += ridge + 1e-12 * scale);
    ActiveSet::new(gram).solve(1e-10 * scale)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

struct ActiveSet {
    gram: Mat<f64>,
    weights: Vec<f64>,
    /// The places whose weights are above 0.
    free: Vec<usize>,
}

impl ActiveSet {
    /// Begins with the one column that is best alone.
    fn new(gram: Mat<f64>) -> Self {
        let k = gram.nrows();
        let best = (0..k).min_by(|a, b| gram[(*a, *a)].total_cmp(&gram[(*b, *b)])).unwrap_or_default();
        let mut weights = vec![0.0; k];
        weights[best] = 1.0;
        Self { gram, weights, free: vec![best] }
    }

    fn solve(mut self, tolerance: f64) -> Vec<f64> {
        // Every round lowers the sum of squares, and no set of columns comes twice; the bound is for rounding.
        for _ in 0..20 * self.weights.len() {
            budget::check();
            let Some(next) = self.steepest(tolerance) else { break };
            self.free.push(next);
            while !self.settle() {}
        }
        self.weights
    }

    /// The column outside that lowers the sum of squares fastest; none at the minimum.
    fn steepest(&self, tolerance: f64) -> Option<usize> {
        let gradient =
            |at: usize| -> f64 { self.free.iter().map(|&other| self.gram[(at, other)] * self.weights[other]).sum() };
        let level: f64 = self.free.iter().map(|&at| self.weights[at] * gradient(at)).sum();
        let outside = (0..self.weights.len()).filter(|at| !self.free.contains(at));
        let (slope, at) = outside.map(|at| (gradient(at) - level, at)).min_by(|a, b| a.0.total_cmp(&b.0))?;
        (slope < -tolerance).then_some(at)
    }

    /// Moves towards the minimum over the free columns; at a weight of 0 the column leaves. Returns whether the minimum is reached.
    fn settle(&mut self) -> bool {
        let Some(aim) = self.minimum() else {
            // A set that cannot be solved is one that rounding made singular: the newest column leaves.
            self.free.pop();
            return true;
        };
        let step = self
            .free
            .iter()
            .zip(&aim)
            .filter(|(_, aim)| **aim <= 0.0)
            .map(|(&at, aim)| self.weights[at] / (self.weights[at] - aim))
            .fold(1.0, f64::min);
        for (&at, aim) in self.free.iter().zip(&aim) {
            self.weights[at] += step * (aim - self.weights[at]);
        }
        if step >= 1.0 {
            return true;
        }
        let weights = &mut self.weights;
        self.free.retain(|&at| {
            let stays = weights[at] > 1e-14;
            if !stays {
                weights[at] = 0.0;
            }
            stays
        });
        false
    }

    /// The minimum over the free columns: the first weighs what the others leave of 1, so that the others have plain normal equations.
    fn minimum(&self) -> Option<Vec<f64>> {
        let (&first, others) = self.free.split_first()?;
        if others.is_empty() {
            return Some(vec![1.0]);
        }
        let gram = |a: usize, b: usize| self.gram[(a, b)];
        let off = |a: usize, b: usize| gram(a, b) - gram(a, first) - gram(first, b) + gram(first, first);
        let normal = Mat::from_fn(others.len(), others.len(), |a, b| off(others[a], others[b]));
        let right = Mat::from_fn(others.len(), 1, |a, _| gram(first, first) - gram(others[a], first));
        let solved = normal.llt(Side::Lower).ok()?.solve(&right);
        let rest: Vec<f64> = (0..others.len()).map(|at| solved[(at, 0)]).collect();
        let sum: f64 = rest.iter().sum();
        sum.is_finite().then(|| std::iter::once(1.0 - sum).chain(rest).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_inside_is_met_and_one_outside_is_met_at_the_edge() {
        // Target (1, 1) between (0, 0), (2, 0) and (0, 4): ¼, ½, ¼ of them.
        let inside = weights(&[vec![-1.0, -1.0], vec![1.0, -1.0], vec![-1.0, 3.0]], 0.0);
        assert!(inside.iter().zip([0.25, 0.5, 0.25]).all(|(w, expected)| (w - expected).abs() < 1e-9), "{inside:?}");
        // Target (3, 3): nearest on the line from (2, 0) to (0, 4) at (1, 2).
        let outside = weights(&[vec![-3.0, -3.0], vec![-1.0, -3.0], vec![-3.0, 1.0]], 0.0);
        assert!(outside.iter().zip([0.0, 0.5, 0.5]).all(|(w, expected)| (w - expected).abs() < 1e-9), "{outside:?}");
    }

    #[test]
    fn a_great_ridge_spreads_weights_evenly() {
        let found = weights(&[vec![1.0], vec![2.0]], 1e9);
        assert!((found[0] - 0.5).abs() < 1e-6);
    }
}
