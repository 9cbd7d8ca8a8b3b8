//! Shares of units with limits that are clustered by entity.

use leverkit_stats::{Interval, wilson_share};

/// The ratio of sums with limits from its linearised variance over entities (Cochran 1977, § 6.3), and how many times that is the variance of independent
/// units. `None` where there is nothing before. Limits are Wilson's for the units that tell as much; NaN with one entity.
pub(crate) fn ratio(before: &[f64], here: &[f64], z: f64) -> Option<(Interval, f64)> {
    let (x, y) = (before.iter().sum::<f64>(), here.iter().sum::<f64>());
    let share = y / x;
    if !share.is_finite() {
        return None;
    }
    let n = before.len() as f64;
    let squares: f64 = before.iter().zip(here).map(|(x, y)| (y - share * x).powi(2)).sum();
    // One entity, or several of which one alone has units, do not tell how entities differ.
    if before.iter().zip(here).filter(|(x, y)| **x > 0.0 || **y > 0.0).count() < 2 {
        return Some((Interval { estimate: share, lower: f64::NAN, upper: f64::NAN }, 1.0));
    }
    let variance = n / (n - 1.0) * squares / (x * x);
    let effect = if share > 0.0 && share < 1.0 { variance * x / (share * (1.0 - share)) } else { 1.0 };
    Some((limits(share, variance, x, z), effect))
}

/// Limits of a share from its variance: Wilson's for as many independent units as have it; of a number above 1 the normal ones. `units` are
/// taken where it varies not at all.
pub(crate) fn limits(share: f64, variance: f64, units: f64, z: f64) -> Interval {
    if share > 1.0 {
        let half = z * variance.sqrt();
        return Interval { estimate: share, lower: share - half, upper: share + half };
    }
    let trials = share * (1.0 - share) / variance;
    wilson_share(share, if trials.is_finite() && trials > 0.0 { trials } else { units }, z)
}

/// The mean of the entities' own shares, of those that have a unit before.
pub(crate) fn mean_share(before: &[f64], here: &[f64], z: f64) -> Option<Interval> {
    let shares: Vec<f64> = before.iter().zip(here).filter(|(x, _)| **x > 0.0).map(|(x, y)| y / x).collect();
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    if shares.len() < 2 {
        return shares.first().map(|_| Interval { estimate: mean, lower: f64::NAN, upper: f64::NAN });
    }
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (n - 1.0) / n;
    Some(limits(mean, variance, n, z))
}
