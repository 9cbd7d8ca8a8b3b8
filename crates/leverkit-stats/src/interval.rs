//! Intervals of single estimates.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::Error;
use crate::error::check_level;

/// An estimate with its limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Interval {
    /// Limits at the same distance on both sides.
    ///
    /// ```
    /// let found = leverkit_stats::Interval::around(3.0, 0.5);
    /// assert_eq!((found.estimate, found.lower, found.upper), (3.0, 2.5, 3.5));
    /// ```
    pub fn around(estimate: f64, half: f64) -> Self {
        Self { estimate, lower: estimate - half, upper: estimate + half }
    }

    /// Estimate and limits moved by a function that rises.
    ///
    /// ```
    /// let log = leverkit_stats::Interval::around(0.0, 1.0);
    /// assert_eq!(log.map(f64::exp).upper, std::f64::consts::E);
    /// ```
    #[must_use]
    pub fn map(self, of: impl Fn(f64) -> f64) -> Self {
        Self { estimate: of(self.estimate), lower: of(self.lower), upper: of(self.upper) }
    }
}

/// The quantile of the standard normal distribution; infinite at 0 and 1.
///
/// ```
/// assert!((leverkit_stats::normal_quantile(0.975) - 1.959963984540054).abs() < 1e-12);
/// ```
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p.clamp(0.0, 1.0))
}

/// A share with Wilson's score limits (Wilson 1927): sound for small counts and for shares near 0 and 1.
///
/// # Errors
/// More successes than trials, no trial, or a level outside (0, 1).
///
/// ```
/// let share = leverkit_stats::wilson(8, 10, 0.95)?;
/// assert!((share.lower - 0.490162).abs() < 1e-6 && (share.upper - 0.943318).abs() < 1e-6);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn wilson(successes: u64, trials: u64, level: f64) -> Result<Interval, Error> {
    check_level(level)?;
    if trials == 0 {
        return Err(Error::parameter("trials", &0, "at least 1"));
    }
    if successes > trials {
        return Err(Error::parameter("successes", &successes, "at most as many as trials"));
    }
    let z = normal_quantile(0.5 + level / 2.0);
    Ok(wilson_share(successes as f64 / trials as f64, trials as f64, z))
}

/// Wilson's limits of a share that stands for `trials` trials, which need not be whole numbers: weighted counts, or shares corrected for
/// censoring. `z` is the normal quantile of the level's upper end.
///
/// ```
/// let share = leverkit_stats::wilson_share(0.8, 10.0, 1.959963984540054);
/// assert!((share.lower - 0.490162).abs() < 1e-6 && (share.upper - 0.943318).abs() < 1e-6);
/// ```
pub fn wilson_share(share: f64, trials: f64, z: f64) -> Interval {
    let z2 = z * z;
    let centre = (share + z2 / (2.0 * trials)) / (1.0 + z2 / trials);
    let half = (z2 * (share * (1.0 - share) / trials + z2 / (4.0 * trials * trials))).sqrt() / (1.0 + z2 / trials);
    let lower = if share == 0.0 { 0.0 } else { centre - half };
    let upper = if share == 1.0 { 1.0 } else { centre + half };
    Interval { estimate: share, lower, upper }
}
