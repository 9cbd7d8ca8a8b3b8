//! Ratios of sums over units that differ, such as units sold per order over customers: shares and sizes with limits.

use crate::{Interval, WeightedSpread, normal_quantile, student_quantile, wilson_share};

/// The ratio Σy/Σx over units, with how far each moves it.
///
/// ```
/// use leverkit_stats::Ratio;
/// // Four customers' orders, those with a discount, and their units.
/// let orders = [3.0, 2.0, 5.0, 4.0];
/// let discounted = Ratio::of(&orders, &[3.0, 0.0, 5.0, 0.0]).unwrap();
/// let units = Ratio::of(&orders, &[6.0, 2.0, 10.0, 4.0]).unwrap();
/// let share = discounted.share(0.95);
/// assert!(share.estimate == 8.0 / 14.0 && 0.0 < share.lower && share.upper < 1.0);
/// // A customer has all orders discounted or none: that tells less than 14 independent orders would.
/// assert!(discounted.design_effect() > 1.0 && discounted.trials() < 14.0);
/// // Limits of so few customers reach further out than a normal distribution's.
/// assert!(discounted.reach(0.95) > 1.0 && discounted.std_error() > 0.0);
/// // Those with a discount take two units instead of one.
/// assert!(units.correlation(&discounted) > 0.99);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    whole: f64,
    units: usize,
    /// What each unit moves it by, made larger by the share that it pulls towards itself.
    moves: Vec<f64>,
    spread: Option<WeightedSpread>,
}

impl Ratio {
    /// The ratio of the sums of `y` and `x`, a value of each for a unit; `None` where there is nothing to divide by. Its variance is linearised (Cochran 1977, § 6.3) and corrected for
    /// units that weigh much ([`WeightedSpread`]).
    ///
    /// ```
    /// use leverkit_stats::Ratio;
    /// let orders = [1.0, 2.0, 1.0, 4.0];
    /// let units = Ratio::of(&orders, &[2.0, 3.0, 1.0, 10.0]).unwrap();
    /// let found = units.size(0.95);
    /// assert!(units.value == 2.0 && 0.5 < found.lower && found.upper < 8.0);
    /// assert!(Ratio::of(&[1.0], &[2.0]).unwrap().size(0.95).lower.is_nan());
    /// ```
    pub fn of(x: &[f64], y: &[f64]) -> Option<Self> {
        let whole: f64 = x.iter().sum();
        let value = y.iter().sum::<f64>() / whole;
        if !value.is_finite() {
            return None;
        }
        let units = x.iter().zip(y).filter(|(x, y)| **x > 0.0 || **y > 0.0).count();
        let plain: Vec<f64> = x.iter().zip(y).map(|(x, y)| (y - value * x) / whole).collect();
        // One unit, or several of which one alone has weight, do not tell how units differ.
        let spread = WeightedSpread::of(x, &plain).filter(|_| units > 1);
        let moves = plain.iter().zip(x).map(|(move_, x)| move_ / (1.0 - x / whole).max(f64::EPSILON).sqrt()).collect();
        Some(Self { value, whole, units, moves, spread })
    }

    /// Limits of a share: Wilson's for the trials that tell as much; of a ratio above 1, which has no greatest value, on its logarithm. NaN with one unit.
    pub fn share(&self, level: f64) -> Interval {
        let z = self.quantile(level);
        self.limits(|spread| share_limits(self.value, spread.variance, self.units as f64, z))
    }

    /// Limits of an amount above 0, on its logarithm. NaN with one unit.
    pub fn size(&self, level: f64) -> Interval {
        self.limits(|_| Interval::around(self.value.ln(), self.log_error(level)).map(f64::exp))
    }

    fn limits(&self, of: impl Fn(&WeightedSpread) -> Interval) -> Interval {
        let unknown = Interval { estimate: self.value, lower: f64::NAN, upper: f64::NAN };
        self.spread.as_ref().map_or(unknown, |spread| Interval { estimate: self.value, ..of(spread) })
    }

    /// How far its logarithm reaches to either side.
    fn log_error(&self, level: f64) -> f64 {
        self.quantile(level) * self.std_error() / self.value
    }

    /// Its standard error; NaN with one unit.
    pub fn std_error(&self) -> f64 {
        self.spread.map_or(f64::NAN, |spread| spread.variance.sqrt())
    }

    /// How much further out than a normal distribution's its limits are, as few units tell little of how units differ.
    pub fn reach(&self, level: f64) -> f64 {
        self.quantile(level) / normal_quantile(0.5 + level / 2.0)
    }

    fn quantile(&self, level: f64) -> f64 {
        self.spread.map_or(f64::NAN, |spread| quantile(spread.variance, spread.df, level))
    }

    /// Of a share the independent trials that tell as much: the units themselves where nothing varies.
    pub fn trials(&self) -> f64 {
        let variance = self.spread.map_or(f64::NAN, |spread| spread.variance);
        trials(self.value, variance, self.units as f64)
    }

    /// How many times the variance of independent trials, one for each of x, it has.
    pub fn design_effect(&self) -> f64 {
        let within = self.value > 0.0 && self.value < 1.0;
        let variance = self.spread.filter(|_| within).map(|spread| spread.variance);
        variance.map_or(1.0, |variance| variance * self.whole / (self.value * (1.0 - self.value)))
    }

    /// How two ratios over the same units move together; 0 where one does not vary.
    pub fn correlation(&self, other: &Self) -> f64 {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let both = (product(&self.moves, &self.moves) * product(&other.moves, &other.moves)).sqrt();
        if both > 0.0 { product(&self.moves, &other.moves) / both } else { 0.0 }
    }
}

/// The mean of units' own shares y/x, over those that have an x.
///
/// ```
/// let found = leverkit_stats::mean_share(&[4.0, 2.0, 0.0, 2.0], &[1.0, 1.0, 0.0, 2.0], 0.95).unwrap();
/// assert!((found.estimate - (0.25 + 0.5 + 1.0) / 3.0).abs() < 1e-12 && found.upper < 1.0);
/// ```
pub fn mean_share(x: &[f64], y: &[f64], level: f64) -> Option<Interval> {
    let shares: Vec<f64> = x.iter().zip(y).filter(|(x, _)| **x > 0.0).map(|(x, y)| y / x).collect();
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    if shares.len() < 2 {
        return shares.first().map(|_| Interval { estimate: mean, lower: f64::NAN, upper: f64::NAN });
    }
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (n - 1.0) / n;
    Some(share_limits(mean, variance, n, quantile(variance, n - 1.0, level)))
}

/// Student's t tells how sure a variance is; where nothing varies there is none, and the limits are those of as many trials.
fn quantile(variance: f64, df: f64, level: f64) -> f64 {
    if variance > 0.0 { student_quantile(0.5 + level / 2.0, df) } else { normal_quantile(0.5 + level / 2.0) }
}

/// Limits of a share from its variance: Wilson's for as many independent units as have it; of a ratio above 1, which has no greatest
/// value, on its logarithm. `independent` are taken where it varies not at all.
///
/// ```
/// // The variance of 100 trials with a share of 0.2 gives Wilson's limits of 100 trials.
/// let found = leverkit_stats::share_limits(0.2, 0.2 * 0.8 / 100.0, 100.0, 1.96);
/// assert!((found.lower - 0.1334).abs() < 1e-4 && (found.upper - 0.2888).abs() < 1e-4);
/// ```
pub fn share_limits(share: f64, variance: f64, independent: f64, z: f64) -> Interval {
    if share > 1.0 {
        return Interval::around(share.ln(), z * variance.sqrt() / share).map(f64::exp);
    }
    wilson_share(share, trials(share, variance, independent), z)
}

fn trials(share: f64, variance: f64, independent: f64) -> f64 {
    let trials = share * (1.0 - share) / variance;
    if trials.is_finite() && trials > 0.0 { trials } else { independent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_trial_each_are_a_share_of_trials() {
        let y = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let found = Ratio::of(&[1.0; 10], &y).unwrap();
        // s²/n with n − 1 below: nine trials tell as much.
        assert!((found.trials() - 9.0).abs() < 1e-12 && (found.design_effect() - 10.0 / 9.0).abs() < 1e-12);
        let expected = wilson_share(0.3, 9.0, student_quantile(0.975, 9.0));
        assert!((found.share(0.95).upper - expected.upper).abs() < 1e-12);
    }

    #[test]
    fn what_the_same_units_tell_moves_together() {
        let (x, y, z) = ([1.0; 4], [1.0, 2.0, 3.0, 6.0], [6.0, 3.0, 2.0, 1.0]);
        let [up, down] = [y, z].map(|y| Ratio::of(&x, &y).unwrap());
        assert!((up.correlation(&up) - 1.0).abs() < 1e-12);
        // numpy.corrcoef([1, 2, 3, 6], [6, 3, 2, 1]), numpy 2.
        assert!((up.correlation(&down) + 6.0 / 7.0).abs() < 1e-12);
        assert_eq!(up.correlation(&Ratio::of(&x, &x).unwrap()), 0.0);
    }
}
