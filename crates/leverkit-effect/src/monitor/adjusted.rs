//! The estimate of a test that was stopped by its own result: ordered by stages, so that it is not too good.

use leverkit_stats::Interval;

use super::bounds::NEVER;
use super::law::{Density, falls_to};

/// A stopped test: times and bounds up to the look at which it stopped, with the z-value there.
pub(super) struct Stopped<'a> {
    pub(super) times: &'a [f64],
    pub(super) bounds: &'a [Option<f64>],
    pub(super) z: f64,
}

impl Stopped<'_> {
    /// The chance, under a drift, of an outcome at least as far up in the stage-wise order (Tsiatis, Rosner & Mehta 1984): stopped above before, or as far
    /// up at this look.
    fn upper(&self, drift: f64) -> f64 {
        let last = self.times.len() - 1;
        let (mut density, mut chance) = (Density::start(drift), 0.0);
        for at in 0..last {
            let bound = self.bounds[at].unwrap_or(NEVER);
            chance += density.above(self.times[at], bound);
            density = density.within(self.times[at], bound);
        }
        chance + density.above(self.times[last], self.z)
    }

    /// The two-sided p-value.
    pub(super) fn p_value(&self) -> f64 {
        let upper = self.upper(0.0);
        2.0 * upper.min(1.0 - upper)
    }

    /// The median-unbiased drift with its limits.
    pub(super) fn drift(&self, level: f64) -> Interval {
        let tail = (1.0 - level) / 2.0;
        // Limits lie within a few deviations of what the look alone says: the drift's deviation is 1/√t.
        let (centre, reach) = (self.z / self.times[self.times.len() - 1].sqrt(), 8.0 / self.times[0].sqrt());
        let solve = |chance: f64| -falls_to(chance, -centre - reach, -centre + reach, |minus| self.upper(-minus));
        Interval { estimate: solve(0.5), lower: solve(tail), upper: solve(1.0 - tail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_is_the_plain_estimate() {
        let stopped = Stopped { times: &[1.0], bounds: &[Some(1.96)], z: 2.5 };
        let found = stopped.drift(0.95);
        assert!((found.estimate - 2.5).abs() < 1e-9 && (found.lower - (2.5 - 1.959964)).abs() < 1e-6, "{found:?}");
        assert!((stopped.p_value() - 0.012419).abs() < 1e-6);
    }

    #[test]
    fn an_early_stop_is_drawn_back() {
        let bounds = [2.413176; 5].map(Some);
        let stopped = Stopped { times: &[0.2, 0.4], bounds: &bounds[..2], z: 2.6 };
        let (plain, found) = (2.6 / 0.4_f64.sqrt(), stopped.drift(0.95));
        assert!(found.estimate < plain && found.lower > 0.0 && stopped.p_value() < 0.05, "{found:?}");
    }

    #[test]
    fn its_chances_are_those_of_simulated_tests() {
        use rand::SeedableRng;
        use rand_distr::{Distribution, StandardNormal};
        let stopped = Stopped { times: &[0.3, 0.6, 1.0], bounds: &[Some(2.5), Some(2.2), Some(2.0)], z: 1.5 };
        let (mut random, drift, runs) = (rand_pcg::Pcg64::seed_from_u64(1), 1.2, 100_000);
        let mut up = 0;
        for _ in 0..runs {
            let (mut score, mut before) = (0.0, 0.0);
            for (at, time) in stopped.times.iter().enumerate() {
                let gap: f64 = time - before;
                let draw: f64 = StandardNormal.sample(&mut random);
                (score, before) = (score + drift * gap + gap.sqrt() * draw, *time);
                let z: f64 = score / time.sqrt();
                if at == 2 {
                    up += usize::from(z >= 1.5);
                } else if z.abs() >= stopped.bounds[at].unwrap() {
                    up += usize::from(z > 0.0);
                    break;
                }
            }
        }
        let share = up as f64 / f64::from(runs);
        assert!((share - stopped.upper(drift)).abs() < 0.006, "{share} {}", stopped.upper(drift));
    }
}
