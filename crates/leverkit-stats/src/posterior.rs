//! What is known of a chain of conversions: the distribution of a product of Beta posteriors, on a grid of its logarithm.
//!
//! A step seen to succeed s times of n has the posterior Beta(s + ½, n − s + ½) under the prior of Jeffreys (1946). The logarithms of
//! independent steps add up, so the density of their product is a convolution. It is done on a common grid, and the grid is then moved and
//! stretched to the exact mean and variance, ψ(α) − ψ(α + β) and ψ₁(α) − ψ₁(α + β) summed over the steps.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};
use statrs::function::gamma::digamma;

use crate::{normal_quantile, tails};

/// The distribution of the logarithm of a chain's conversion.
///
/// ```
/// use leverkit_stats::posterior::Chain;
/// // Of 1,000 leads 200 became customers, and of 200 customers 50 came back.
/// let chain = Chain::of(&[(1000, 200), (200, 50)], 100.0);
/// let (lower, median, upper) = (chain.quantile(0.025), chain.quantile(0.5), chain.quantile(0.975));
/// assert!(lower < 0.05 && (median - 0.05).abs() < 0.002 && 0.05 < upper);
/// assert!((chain.chance_above(median) - 0.5).abs() < 1e-6);
/// // The more leads, the surer are 100 who come back.
/// assert!(chain.chance(2000, 100) < 0.6 && chain.chance(3000, 100) > 0.95);
/// ```
#[derive(Debug, Clone)]
pub struct Chain {
    /// The middles of the cells, ascending.
    logs: Vec<f64>,
    /// Half a cell.
    half: f64,
    weights: Vec<f64>,
    /// Chances below the upper edge of each cell.
    below: Vec<f64>,
}

/// Cells in a standard deviation: the fewest and the most.
const FINENESS: (f64, f64) = (8.0, 256.0);
/// How many standard deviations each step is followed, downwards, where it has the longer tail, and upwards.
const REACH: (f64, f64) = (14.0, 10.0);
/// Where a count's variance is above this, its tail is Edgeworth's.
const MANY: f64 = 2000.0;

impl Chain {
    /// The chain of steps seen as (tries, successes), fine enough to ask for `target` successes.
    pub fn of(steps: &[(u64, u64)], target: f64) -> Self {
        let betas: Vec<Posterior> = steps.iter().map(|&(tries, successes)| Posterior::of(tries, successes)).collect();
        let (mean, variance) = betas.iter().fold((0.0, 0.0), |sum, beta| (sum.0 + beta.mean, sum.1 + beta.variance));
        let sd = f64::sqrt(variance);
        let cell = (0.5 / target.max(1.0).sqrt()).clamp(sd / FINENESS.1, sd / FINENESS.0);
        let (mut top, mut weights) = (0.0, vec![1.0]);
        for beta in &betas {
            let (middle, more) = beta.cells(cell);
            top += middle;
            weights = convolve(&weights, &more);
        }
        Self::fitted(top, cell, &weights, mean, sd)
    }

    /// Puts weights, the highest cell first, on the grid that has this mean and standard deviation.
    fn fitted(top: f64, cell: f64, weights: &[f64], mean: f64, sd: f64) -> Self {
        let total: f64 = weights.iter().sum();
        let weights: Vec<f64> = weights.iter().rev().map(|weight| weight / total).collect();
        let middle = |at: usize| top - cell * (weights.len() - 1 - at) as f64;
        let moment = |of: &dyn Fn(f64) -> f64| (0..weights.len()).map(|at| weights[at] * of(middle(at))).sum::<f64>();
        let own_mean = moment(&|log| log);
        let own_sd = moment(&|log| (log - own_mean).powi(2)).sqrt();
        let stretch = if own_sd > 0.0 { sd / own_sd } else { 1.0 };
        let logs = (0..weights.len()).map(|at| (mean + (middle(at) - own_mean) * stretch).min(0.0)).collect();
        let below = weights
            .iter()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        Self { logs, half: cell * stretch / 2.0, weights, below }
    }

    /// The conversion below which it lies with this chance.
    pub fn quantile(&self, chance: f64) -> f64 {
        let at = self.below.partition_point(|below| *below < chance).min(self.logs.len() - 1);
        let before = if at == 0 { 0.0 } else { self.below[at - 1] };
        let part = if self.weights[at] > 0.0 { ((chance - before) / self.weights[at]).clamp(0.0, 1.0) } else { 0.5 };
        (self.logs[at] + self.half * (2.0 * part - 1.0)).exp().min(1.0)
    }

    /// The chance that the conversion is above a share.
    pub fn chance_above(&self, share: f64) -> f64 {
        let log = share.ln();
        let at = self.logs.partition_point(|middle| middle + self.half <= log);
        let Some(middle) = self.logs.get(at) else { return 0.0 };
        let part = ((log - (middle - self.half)) / (2.0 * self.half)).clamp(0.0, 1.0);
        1.0 - (self.below[at] - self.weights[at] * (1.0 - part))
    }

    /// The chance of at least `target` successes of `n`: the binomial tail, averaged over what the conversion can be.
    pub fn chance(&self, n: u64, target: u64) -> f64 {
        if target == 0 {
            return 1.0;
        }
        if target > n {
            return 0.0;
        }
        // A count this large is as sure as its conversion.
        if 0.5 / (target as f64).sqrt() < self.half {
            return self.chance_above((target as f64 - 0.5) / n as f64);
        }
        let tails = self.logs.iter().zip(&self.weights).filter(|(_, weight)| **weight > 1e-15);
        tails.map(|(log, weight)| weight * tail(target, n, log.exp())).sum::<f64>().min(1.0)
    }
}

/// P(at least k of n), each with chance p.
fn tail(k: u64, n: u64, p: f64) -> f64 {
    let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
    let z = (k as f64 - 0.5 - mean) / variance.max(0.25).sqrt();
    if z.abs() > 40.0 {
        return f64::from(u8::from(z < 0.0));
    }
    if variance <= MANY {
        return tails::binomial(k, n, p);
    }
    let normal = Normal::standard();
    let skew = (1.0 - 2.0 * p) / variance.sqrt();
    (normal.sf(z) + normal.pdf(z) * skew * (z * z - 1.0) / 6.0).clamp(0.0, 1.0)
}

/// A step's posterior, a beta distribution.
struct Posterior {
    alpha: f64,
    beta: f64,
    /// Of the logarithm.
    mean: f64,
    variance: f64,
}

impl Posterior {
    fn of(tries: u64, successes: u64) -> Self {
        let (alpha, beta) = (successes as f64 + 0.5, (tries - successes) as f64 + 0.5);
        let mean = digamma(alpha) - digamma(alpha + beta);
        Self { alpha, beta, mean, variance: trigamma(alpha) - trigamma(alpha + beta) }
    }

    /// The middle of the highest cell, and the weights of the cells from there downwards.
    fn cells(&self, cell: f64) -> (f64, Vec<f64>) {
        let sd = self.variance.sqrt();
        if sd < cell / 4.0 {
            return (self.mean, vec![1.0]);
        }
        let top = (self.mean + REACH.1 * sd).min(0.0) - cell / 2.0;
        let n = ((top - self.mean + REACH.0 * sd) / cell).ceil().max(1.0) as usize;
        let logs = (0..n).map(|at| top - cell * at as f64);
        let density: Vec<f64> = logs.map(|log| self.alpha * log + (self.beta - 1.0) * (-log.exp_m1()).ln()).collect();
        let peak = density.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (top, density.iter().map(|log| (log - peak).exp()).collect())
    }
}

fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; a.len() + b.len() - 1];
    for (at, weight) in a.iter().enumerate().filter(|(_, weight)| **weight > 1e-18) {
        sums[at..].iter_mut().zip(b).for_each(|(sum, more)| *sum += weight * more);
    }
    sums
}

/// ψ₁ by recurrence and its asymptotic series (Abramowitz & Stegun 6.4.12).
fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 20.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    sum + 1.0 / x + y / 2.0 + y / x * (1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y / 30.0)))
}

/// The smallest number from `low` on that is good enough, if there is one below `most`; `margin` grows with the number and is 0 or more from there on.
/// Where it grows about evenly with the logarithm, this takes a handful of steps.
///
/// ```
/// // The smallest number whose square is at least 1000.
/// let found = leverkit_stats::posterior::smallest(1, 20.0, 1e6, |n| (n * n) as f64 - 1000.0);
/// assert_eq!(found, Some(32));
/// ```
pub fn smallest(low: u64, guess: f64, most: f64, margin: impl Fn(u64) -> f64) -> Option<u64> {
    let at = |number: f64| number.clamp(low as f64, most) as u64;
    let (mut below, mut above) = (at(guess * 0.99), at(guess * 1.01).max(low + 1));
    let (mut lack, mut excess) = (margin(below), margin(above));
    let mut stride = 1.02;
    while lack >= 0.0 && below > low {
        (above, excess) = (below, lack);
        below = at(below as f64 / stride - 1.0);
        lack = margin(below);
        stride *= stride;
    }
    if lack >= 0.0 {
        return Some(below);
    }
    stride = 1.02;
    while excess < 0.0 {
        if above as f64 >= most {
            return None;
        }
        (below, lack) = (above, excess);
        above = at(above as f64 * stride + 1.0);
        excess = margin(above);
        stride *= stride;
    }
    let mut halve = false;
    while above - below > 1 {
        let part = if halve || !(lack.is_finite() && excess.is_finite()) { 0.5 } else { lack / (lack - excess) };
        let middle = (below + ((above - below) as f64 * part) as u64).clamp(below + 1, above - 1);
        let found = margin(middle);
        // Interpolation that keeps to one side is helped by halving.
        halve = !halve;
        if found >= 0.0 {
            (above, excess) = (middle, found);
        } else {
            (below, lack) = (middle, found);
        }
    }
    Some(above)
}

/// How far a chance is above another, in standard deviations, in which it grows about evenly.
///
/// ```
/// use leverkit_stats::posterior::margin;
/// assert!(margin(0.9, 0.9).abs() < 1e-12 && margin(0.95, 0.9) > 0.0);
/// ```
pub fn margin(chance: f64, wanted: f64) -> f64 {
    normal_quantile(chance) - normal_quantile(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() <= within, "{found} is not {expected}");
    }

    /// Without a second step the predictive chance is the beta-binomial's: `scipy.stats.betabinom.sf(k - 1, n, a, b)`, scipy 1.17.
    #[test]
    fn one_step_is_the_beta_binomial() {
        let chain = Chain::of(&[(5000, 400)], 1000.0);
        for (n, expected) in GOLDEN {
            close(chain.chance(n, 1000), expected, 2e-5);
        }
    }

    /// `scipy.stats.betabinom.sf(999, n, 400.5, 4600.5)`.
    const GOLDEN: [(u64, f64); 3] =
        [(12_000, 0.2389376400662635), (13_000, 0.7583799931174107), (14_000, 0.9765898798610794)];

    #[test]
    fn trigamma_of_one_is_basel() {
        close(trigamma(1.0), std::f64::consts::PI.powi(2) / 6.0, 1e-14);
        close(trigamma(0.5), std::f64::consts::PI.powi(2) / 2.0, 1e-13);
    }

    #[test]
    fn the_smallest_number_is_found_wherever_the_guess() {
        for wanted in [1_u64, 2, 17, 1000, 123_456] {
            for guess in [1.0, 10.0, 1e5, 1e9] {
                let found = smallest(1, guess, 1e15, |n| n as f64 - wanted as f64);
                assert_eq!(found, Some(wanted), "from {guess}");
            }
        }
        assert_eq!(smallest(1, 10.0, 1e6, |_| -1.0), None);
    }
}
