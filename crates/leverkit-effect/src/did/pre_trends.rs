//! What the periods before treatment say: whether trends were parallel, how far apart they could have been without being seen (Roth 2022),
//! and what is left of the effect if they go on to differ (Rambachan & Roth 2023).

use faer::Mat;
use leverkit_stats::normal_quantile;
use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Poisson};

use crate::panel::{Contrast, Joint};

/// A joint test that all effects before treatment are 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wald {
    /// The statistic, chi-squared.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// Of no difference before treatment.
    pub p_value: f64,
}

/// Tests contrasts jointly; `None` where there is none, or where none varies.
pub(crate) fn wald(joint: &Joint, contrasts: &[&Contrast]) -> Option<Wald> {
    let covariance = joint.covariance_of(contrasts);
    let values: Vec<f64> = contrasts.iter().map(|contrast| contrast.value).collect();
    let (statistic, df) = quadratic(&covariance, &values)?;
    let p_value = ChiSquared::new(df as f64).ok()?.sf(statistic);
    Some(Wald { statistic, df, p_value })
}

/// vᵀ C⁺ v and the rank of C: directions that do not vary are left out.
fn quadratic(covariance: &Mat<f64>, values: &[f64]) -> Option<(f64, usize)> {
    if values.is_empty() {
        return None;
    }
    let parts = covariance.self_adjoint_eigen(faer::Side::Lower).ok()?;
    let largest = (0..values.len()).map(|at| parts.S()[at]).fold(0.0, f64::max);
    let mut found = (0.0, 0);
    for at in (0..values.len()).filter(|&at| parts.S()[at] > 1e-12 * largest) {
        let along: f64 = values.iter().enumerate().map(|(row, value)| value * parts.U()[(row, at)]).sum();
        found.0 += along * along / parts.S()[at];
        found.1 += 1;
    }
    (found.1 > 0).then_some(found)
}

/// The slope of a difference in trends, per period, that the joint test would have seen with this power: a test that passes rules out
/// no less than this.
pub(crate) fn detectable_slope(joint: &Joint, pre: &[(i64, &Contrast)], alpha: f64, power: f64) -> Option<f64> {
    let contrasts: Vec<&Contrast> = pre.iter().map(|(_, contrast)| *contrast).collect();
    // Effects are counted from the period before treatment.
    let shape: Vec<f64> = pre.iter().map(|(time, _)| (*time + 1) as f64).collect();
    let (length, df) = quadratic(&joint.covariance_of(&contrasts), &shape)?;
    let critical = ChiSquared::new(df as f64).ok()?.inverse_cdf(1.0 - alpha);
    let noncentrality = noncentrality(critical, df as f64, power)?;
    (length > 0.0).then(|| (noncentrality / length).sqrt())
}

/// The noncentrality with which a chi-squared statistic exceeds `critical` with this chance.
fn noncentrality(critical: f64, df: f64, power: f64) -> Option<f64> {
    let (mut low, mut high) = (0.0, 1.0);
    while exceeds(critical, df, high)? < power {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if exceeds(critical, df, middle)? < power { low = middle } else { high = middle }
    }
    Some(high)
}

/// The upper tail of the noncentral chi-squared distribution: a Poisson mixture of central ones.
fn exceeds(critical: f64, df: f64, noncentrality: f64) -> Option<f64> {
    let half = noncentrality / 2.0;
    let terms = (half + 10.0 * half.sqrt() + 30.0) as u64;
    let poisson = Poisson::new(half.max(1e-12)).ok()?;
    let mut tail = 0.0;
    for term in 0..=terms {
        let weight = statrs::distribution::Discrete::pmf(&poisson, term);
        tail += weight * ChiSquared::new(df + 2.0 * term as f64).ok()?.sf(critical);
    }
    Some(tail + poisson.sf(terms))
}

/// Limits of the mean effect if trends differ after treatment by at most so many times as they did before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// How many times the greatest change between neighbouring periods before treatment (M̄).
    pub times: f64,
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

/// Honest limits by relative magnitudes. For each change before treatment that could be the greatest, and each sign, the limit is that of a
/// contrast; the widest of them holds whichever is (union of intervals, so at least of the level asked for).
#[derive(Debug, Clone)]
pub(crate) struct Honest {
    effect: f64,
    effect_error: f64,
    /// Change before treatment, with the variances and covariances with the effect.
    changes: Vec<(f64, f64, f64)>,
    /// By how many of such changes the mean effect is off at most.
    reach: f64,
    quantile: f64,
}

impl Honest {
    /// From the effects by time since treatment, counted from the period before it; `None` without a period before that.
    pub(crate) fn of(joint: &Joint, effects: &[(i64, Contrast)], level: f64) -> Option<Self> {
        let post: Vec<&(i64, Contrast)> = effects.iter().filter(|(time, _)| *time >= 0).collect();
        let before: Vec<&(i64, Contrast)> = effects.iter().filter(|(time, _)| *time < 0).collect();
        if post.is_empty() {
            return None;
        }
        let effect = joint.mean(post.iter().map(|(_, contrast)| contrast).collect::<Vec<_>>().into_iter());
        let reach = post.iter().map(|(time, _)| (time + 1) as f64).sum::<f64>() / post.len() as f64;
        let change = |pair: &[&(i64, Contrast)]| {
            let mut change = pair[1].1.clone();
            change.add(&pair[0].1, -1.0);
            let covariance = joint.covariance_of(&[&effect, &change]);
            (change.value, covariance[(1, 1)], covariance[(0, 1)])
        };
        let changes: Vec<(f64, f64, f64)> = before.windows(2).map(change).filter(|change| change.1 > 0.0).collect();
        let effect_error = joint.std_error(&effect);
        let quantile = normal_quantile(0.5 + level / 2.0);
        (!changes.is_empty()).then_some(Self { effect: effect.value, effect_error, changes, reach, quantile })
    }

    /// The limits for trends that differ by at most `times` the greatest change.
    pub(crate) fn bound(&self, times: f64) -> Bound {
        let limit = |side: f64| {
            let of = |&(change, variance, covariance): &(f64, f64, f64)| {
                let scale = times * self.reach;
                let at = |sign: f64| {
                    let value = self.effect + side * sign * scale * change;
                    let spread =
                        self.effect_error.powi(2) + scale * scale * variance + 2.0 * side * sign * scale * covariance;
                    side * value + self.quantile * spread.max(0.0).sqrt()
                };
                at(1.0).max(at(-1.0))
            };
            side * self.changes.iter().map(of).fold(f64::NEG_INFINITY, f64::max)
        };
        Bound { times, lower: limit(-1.0), upper: limit(1.0) }
    }

    /// How many times as much trends may differ before the limits hold 0; `None` where they do already, or never within 10 times.
    pub(crate) fn breakdown(&self) -> Option<f64> {
        let holds_zero = |times: f64| {
            let bound = self.bound(times);
            bound.lower <= 0.0 && bound.upper >= 0.0
        };
        let (mut low, mut high) = (0.0, 10.0);
        if holds_zero(low) || !holds_zero(high) {
            return None;
        }
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if holds_zero(middle) { high = middle } else { low = middle }
        }
        Some(low)
    }
}
