//! Shares of units with limits that are clustered by entity.

use leverkit_stats::{Interval, WeightedSpread, normal_quantile, student_quantile, wilson_share};

/// The ratio of sums with limits from its linearised variance over entities (Cochran 1977, § 6.3), and how many times that is the variance of independent
/// units. `None` where there is nothing before. Limits are Wilson's for the units that tell as much, by Student's t as entities of many units count for more; NaN
/// with one entity.
pub(crate) fn ratio(before: &[f64], here: &[f64], level: f64) -> Option<(Interval, f64)> {
    let (x, y) = (before.iter().sum::<f64>(), here.iter().sum::<f64>());
    let share = y / x;
    if !share.is_finite() {
        return None;
    }
    let entities = before.iter().zip(here).filter(|(x, y)| **x > 0.0 || **y > 0.0).count();
    let moves: Vec<f64> = before.iter().zip(here).map(|(own, y)| (y - share * own) / x).collect();
    // One entity, or several of which one alone has units, do not tell how entities differ.
    let Some(spread) = WeightedSpread::of(before, &moves).filter(|_| entities > 1) else {
        return Some((Interval { estimate: share, lower: f64::NAN, upper: f64::NAN }, 1.0));
    };
    let effect = if share > 0.0 && share < 1.0 { spread.variance * x / (share * (1.0 - share)) } else { 1.0 };
    Some((limits(share, spread.variance, entities as f64, quantile(spread.variance, spread.df, level)), effect))
}

/// Student's t tells how sure a variance is; where nothing varies there is none, and the limits are those of as many trials.
fn quantile(variance: f64, df: f64, level: f64) -> f64 {
    if variance > 0.0 { student_quantile(0.5 + level / 2.0, df) } else { normal_quantile(0.5 + level / 2.0) }
}

/// Limits of a share from its variance: Wilson's for as many independent units as have it; of a ratio above 1, which has no greatest
/// value, on its logarithm. `independent` are
/// taken where it varies not at all.
pub(crate) fn limits(share: f64, variance: f64, independent: f64, z: f64) -> Interval {
    if share > 1.0 {
        return Interval::around(share.ln(), z * variance.sqrt() / share).map(f64::exp);
    }
    let trials = share * (1.0 - share) / variance;
    wilson_share(share, if trials.is_finite() && trials > 0.0 { trials } else { independent }, z)
}

/// The mean of the entities' own shares, of those that have a unit before.
pub(crate) fn mean_share(before: &[f64], here: &[f64], level: f64) -> Option<Interval> {
    let shares: Vec<f64> = before.iter().zip(here).filter(|(x, _)| **x > 0.0).map(|(x, y)| y / x).collect();
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    if shares.len() < 2 {
        return shares.first().map(|_| Interval { estimate: mean, lower: f64::NAN, upper: f64::NAN });
    }
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (n - 1.0) / n;
    Some(limits(mean, variance, n, quantile(variance, n - 1.0, level)))
}
