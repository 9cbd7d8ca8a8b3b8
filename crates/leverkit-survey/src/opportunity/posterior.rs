//! What needs are worth once noise is taken off: importance and gap of all needs are taken to be normal around their means, and each need is pulled
//! towards them as far as its own answers are unsure (empirical Bayes; Efron & Morris 1975).
//!
//! The score I + max(I − S, 0) bends at no gap, where noise can only raise it; its posterior mean knows how often the gap is really there. Shares
//! end at all and none: what lies beyond is not drawn.

use statrs::distribution::{ContinuousCDF, Normal};

/// Draws beyond what shares can be, after which the mean is taken, cut at what can be.
const TRIES: usize = 100;

/// A symmetric 2 × 2 matrix: importance, gap, both.
pub(super) type Pair = [f64; 3];

/// What is known of a need: mean and covariance of importance and gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Belief {
    mean: [f64; 2],
    covariance: Pair,
}

impl Belief {
    /// The beliefs of needs given as (importance, gap) with their sampling covariance; `None` of fewer than three, which do not tell how needs differ.
    ///
    /// `noise_at` gives the sampling covariance of a need with the importance and gap that are believed: that of an extreme share, taken at the
    /// share found, is too small just where chance has raised the share.
    pub(super) fn all(needs: &[([f64; 2], Pair)], noise_at: impl Fn(usize, [f64; 2]) -> Pair) -> Option<Vec<Self>> {
        let n = needs.len() as f64;
        if needs.len() < 3 {
            return None;
        }
        let centre = [0, 1].map(|at| needs.iter().map(|need| need.0[at]).sum::<f64>() / n);
        let moment = |a: usize, b: usize| {
            needs.iter().map(|need| (need.0[a] - centre[a]) * (need.0[b] - centre[b])).sum::<f64>() / (n - 1.0)
        };
        let noise = |at: usize| needs.iter().map(|need| need.1[at]).sum::<f64>() / n;
        let between = positive([moment(0, 0) - noise(0), moment(1, 1) - noise(1), moment(0, 1) - noise(2)]);
        let belief = |(place, (found, own)): (usize, &([f64; 2], Pair))| {
            let first = Self::of(*found, *own, centre, between);
            Self::of(*found, noise_at(place, first.mean), centre, between)
        };
        Some(needs.iter().enumerate().map(belief).collect())
    }

    fn of(found: [f64; 2], own: Pair, centre: [f64; 2], between: Pair) -> Self {
        let inverse = inverse([0, 1, 2].map(|at| between[at] + own[at]));
        let [[a, b], [c, d]] = product(between, inverse);
        let off = [found[0] - centre[0], found[1] - centre[1]];
        let kept = product_of(&[[a, b], [c, d]], own);
        Self { mean: [centre[0] + a * off[0] + b * off[1], centre[1] + c * off[0] + d * off[1]], covariance: kept }
    }

    /// The probability that satisfaction is above importance.
    pub(super) fn overserved(&self) -> f64 {
        let sd = self.covariance[1].max(0.0).sqrt();
        if sd > 0.0 { Normal::standard().cdf(-self.mean[1] / sd) } else { f64::from(u8::from(self.mean[1] < 0.0)) }
    }

    /// A score drawn with standard normal numbers, of an importance and a satisfaction that there can be.
    pub(super) fn drawn(&self, mut normal: impl FnMut() -> f64) -> f64 {
        let [importance, gap, both] = self.covariance;
        let sd = importance.max(0.0).sqrt();
        let slope = if sd > 0.0 { both / sd } else { 0.0 };
        let rest = (gap - slope * slope).max(0.0).sqrt();
        let mut draw = || {
            let first = normal();
            let importance = self.mean[0] + sd * first;
            (importance, importance - self.mean[1] - slope * first - rest * normal())
        };
        let can_be = |share: f64| (0.0..=10.0).contains(&share);
        let found =
            (0..TRIES).map(|_| draw()).find(|&(importance, satisfaction)| can_be(importance) && can_be(satisfaction));
        let (importance, satisfaction) = found.unwrap_or((self.mean[0], self.mean[0] - self.mean[1]));
        let importance = importance.clamp(0.0, 10.0);
        importance + (importance - satisfaction.clamp(0.0, 10.0)).max(0.0)
    }
}

/// The nearest matrix without negative variance in any direction.
fn positive([a, d, b]: Pair) -> Pair {
    let (middle, radius) = (f64::midpoint(a, d), ((a - d) / 2.0).hypot(b));
    let (high, low) = ((middle + radius).max(0.0), (middle - radius).max(0.0));
    if radius == 0.0 {
        return [high, high, 0.0];
    }
    // Eigenvalues are cut, directions stay.
    let (cos, sin) = ((a - d) / (2.0 * radius), b / radius);
    let (mean, half) = (f64::midpoint(high, low), (high - low) / 2.0);
    [mean + half * cos, mean - half * cos, half * sin]
}

fn inverse([a, d, b]: Pair) -> Pair {
    let determinant = a * d - b * b;
    [d / determinant, a / determinant, -b / determinant]
}

fn product([a, d, b]: Pair, [e, h, f]: Pair) -> [[f64; 2]; 2] {
    [[a * e + b * f, a * f + b * h], [b * e + d * f, b * f + d * h]]
}

/// A matrix times a symmetric one, where the product is symmetric too.
fn product_of(&[[a, b], [c, d]]: &[[f64; 2]; 2], [e, h, f]: Pair) -> Pair {
    [a * e + b * f, c * f + d * h, a * f + b * h]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_needs_stay_and_unsure_ones_go_to_the_mean() {
        let needs = |noise: f64| [1.0, 5.0, 9.0].map(|at| ([at, at - 5.0], [noise, noise, 0.0]));
        let beliefs = |noise: f64, n: usize| Belief::all(&needs(noise)[..n], |place, _| needs(noise)[place].1);
        let sure = beliefs(1e-6, 3).unwrap();
        assert!((sure[2].drawn(|| 0.5) - 13.0).abs() < 1e-2 && (sure[0].drawn(|| 0.5) - 1.0).abs() < 1e-2);
        let unsure = beliefs(100.0, 3).unwrap();
        assert!((unsure[2].mean[0] - 5.0).abs() < 1e-9 && (unsure[0].mean[0] - 5.0).abs() < 1e-9);
        assert!(beliefs(1.0, 2).is_none());
    }

    #[test]
    fn a_matrix_without_negative_variance_stays_as_it_is() {
        let found = positive([4.0, 1.0, 1.5]);
        assert!(found.iter().zip([4.0, 1.0, 1.5]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!(positive([-1.0, -2.0, 0.0]), [0.0, 0.0, 0.0]);
    }
}
