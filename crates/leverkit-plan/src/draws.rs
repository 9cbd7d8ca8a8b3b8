//! What is not known for sure, as draws: the same place of all draws is one world, so that sums, products and comparisons keep what belongs together.

use leverkit_core::stats::{Interval, normal_quantile, percentile_interval};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use crate::assumptions::Share;

/// A number in every world that is drawn.
///
/// ```
/// use leverkit_core::stats::Interval;
/// use leverkit_plan::{Dice, Draws};
/// let mut dice = Dice::new(1, 10_000);
/// let (gain, cost) = (dice.normal(Interval::around(100.0, 60.0)), dice.normal(Interval::around(80.0, 10.0)));
/// // World by world, so that what belongs together stays together.
/// let net = gain.with(&cost, |gain, cost| gain - cost);
/// assert!((net.mean() - 20.0).abs() < 1.0 && net.interval(0.95).lower < 0.0);
/// assert!((net.chance() - 0.74).abs() < 0.02); // P(Z > −20 / 31)
/// assert_eq!(Draws::new(vec![1.0, 2.0]).map(|value| 2.0 * value).values(), [2.0, 4.0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Draws(Vec<f64>);

impl Draws {
    /// The number by world.
    pub fn new(values: Vec<f64>) -> Self {
        Self(values)
    }

    /// The number by world.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// Its mean.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// The share of worlds in which it is above 0.
    pub fn chance(&self) -> f64 {
        self.0.iter().filter(|value| **value > 0.0).count() as f64 / self.0.len() as f64
    }

    /// The mean, with the limits between which the middle `level` of the worlds lie; a mean outside of them, as of a very skew number, moves them.
    pub fn interval(&self, level: f64) -> Interval {
        let mean = self.mean();
        let limits = percentile_interval(mean, &self.0, level).unwrap_or(Interval::around(mean, f64::NAN));
        Interval { estimate: mean, lower: limits.lower.min(mean), upper: limits.upper.max(mean) }
    }

    /// A function of it in each world.
    #[must_use]
    pub fn map(&self, of: impl FnMut(f64) -> f64) -> Self {
        Self(self.0.iter().copied().map(of).collect())
    }

    /// A function of it and another number of the same worlds.
    #[must_use]
    pub fn with(&self, other: &Self, mut of: impl FnMut(f64, f64) -> f64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| of(*a, *b)).collect())
    }
}

/// What draws worlds, from a seed.
///
/// ```
/// use leverkit_plan::{Dice, Grade, Share};
/// // What is only assumed lies between its limits in every world; what was tried may lie outside.
/// let assumed = Share::assumed(0.05, 0.10, 0.20);
/// let mut dice = Dice::new(1, 10_000);
/// let worlds = dice.share(&assumed);
/// assert!(worlds.values().iter().all(|share| (0.05..=0.20).contains(share)));
/// let measured = Share { n: 800, grade: Grade::Test, ..assumed };
/// assert!(dice.share(&measured).values().iter().any(|share| *share > 0.20));
/// ```
#[derive(Debug)]
pub struct Dice {
    random: Pcg64,
    draws: usize,
}

impl Dice {
    /// So many worlds.
    pub fn new(seed: u64, draws: usize) -> Self {
        Self { random: Pcg64::seed_from_u64(seed), draws }
    }

    /// Worlds.
    pub(crate) fn worlds(&self) -> usize {
        self.draws
    }

    /// Standard normal numbers.
    pub(crate) fn standard(&mut self) -> Draws {
        Draws((0..self.draws).map(|_| self.random.sample(StandardNormal)).collect())
    }

    /// 1 in a share of the worlds, 0 in the others.
    pub(crate) fn coin(&mut self, share: f64) -> Draws {
        Draws((0..self.draws).map(|_| if self.random.random::<f64>() < share { 1.0 } else { 0.0 }).collect())
    }

    /// An estimate with 95 % limits: normal, with its own spread on either side.
    pub fn normal(&mut self, of: Interval) -> Draws {
        let z = normal_quantile(0.975);
        let away = |z_score: f64| {
            let side = if z_score < 0.0 { of.estimate - of.lower } else { of.upper - of.estimate };
            of.estimate + z_score * side / z
        };
        self.standard().map(away)
    }

    /// A share: where it was measured as [`normal`](Self::normal), where it is assumed by a triangle between its limits, which are the most and the least.
    pub fn share(&mut self, share: &Share) -> Draws {
        let of = share.interval();
        if share.is_measured() {
            return self.normal(of);
        }
        Draws((0..self.draws).map(|_| triangle(of, self.random.random())).collect())
    }
}

/// The quantile of a triangular distribution with its peak at the estimate.
fn triangle(of: Interval, chance: f64) -> f64 {
    let width = of.upper - of.lower;
    let (below, above) = (of.estimate - of.lower, of.upper - of.estimate);
    if chance * width < below {
        of.lower + (chance * width * below).sqrt()
    } else {
        of.upper - ((1.0 - chance) * width * above).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assumed_share_stays_within_its_limits_and_a_measured_one_follows_its_error() {
        let assumed = Dice::new(1, 20_000).share(&Share::assumed(0.05, 0.10, 0.15));
        assert!(assumed.values().iter().all(|share| (0.05..=0.15).contains(share)));
        assert!((assumed.mean() - 0.10).abs() < 1e-3);
        let measured = Share { n: 400, grade: crate::Grade::Test, ..Share::assumed(-0.02, 0.10, 0.22) };
        let drawn = Dice::new(1, 20_000).share(&measured).interval(0.95);
        assert!((drawn.lower + 0.02).abs() < 5e-3 && (drawn.upper - 0.22).abs() < 5e-3);
    }

    #[test]
    fn a_share_that_is_known_is_the_same_in_all_worlds() {
        let drawn = Dice::new(1, 100).share(&Share::assumed(0.3, 0.3, 0.3));
        assert!(drawn.values().iter().all(|share| (*share - 0.3).abs() < 1e-12));
    }
}
