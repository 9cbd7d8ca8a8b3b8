//! Whether shares have drifted: the population stability index of two distributions over the same bins, and a test of their equality.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Indices from here on say that shares have drifted, and that they have drifted far (Siddiqi 2006, *Credit Risk Scorecards*).
const MODERATE: f64 = 0.10;
const MAJOR: f64 = 0.25;
/// What chance gives more rarely than this is not put down to it.
const RARE: f64 = 0.01;

/// How far shares are from those of before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stability {
    /// The population stability index, Σ (now − before) · ln(now / before) over the bins' shares.
    pub psi: f64,
    /// The index that chance exceeds in one of a hundred cases where nothing has changed.
    pub psi_by_chance: f64,
    /// Pearson's statistic of equal shares.
    pub chi_squared: f64,
    /// Its degrees of freedom: bins that hold anybody, less one.
    pub df: u32,
    /// The chance of at least such a statistic if nothing has changed.
    pub p_value: f64,
    /// What follows from these.
    pub verdict: Drifted,
}

/// Whether shares have drifted.
///
/// ```
/// use leverkit_stats::stability;
/// let found = stability(&[0.5, 0.5], 1000.0, &[900, 100]).unwrap();
/// assert_eq!(found.verdict.name(), "major");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Drifted {
    /// The index is under 0.1, and would not be by chance if they had.
    Stable,
    /// Too few are known: chance alone gives such an index.
    Unclear,
    /// The index is 0.1 or more, beyond chance.
    Moderate,
    /// The index is 0.25 or more, beyond chance.
    Major,
}

impl Drifted {
    /// The verdict as tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Unclear => "unclear",
            Self::Moderate => "moderate",
            Self::Major => "major",
        }
    }
}

/// Compares shares of bins with those of before; `None` where either has nobody, or all are in one bin.
///
/// `before` are shares, or counts, of a distribution known from `n_before` values; an infinite number makes it known for sure, such as that of a model. The
/// index of shares that have not changed is (1/n + 1/m) times a chi-squared value with one degree of freedom fewer than bins (Yurdakul & Naranjo 2020,
/// *Statistical properties of the population stability index*), so a large index of few values means nothing. A bin that is empty on one side counts
/// half a value there; Cochran's rule (1954) says from where on the test holds.
///
/// ```
/// use leverkit_stats::{Drifted, stability};
/// let before = [200.0, 200.0, 200.0, 200.0, 200.0];
/// let found = stability(&before, 1000.0, &[100, 150, 200, 250, 300]).unwrap();
/// // 0.1 ln(2) + 0.05 ln(4/3) + 0.05 ln(5/4) + 0.1 ln(3/2)
/// assert!((found.psi - 0.135402).abs() < 1e-6 && found.verdict == Drifted::Moderate);
/// // The same shares of a fiftieth as many are no alarm.
/// assert_eq!(stability(&before, 1000.0, &[2, 3, 4, 5, 6]).unwrap().verdict, Drifted::Unclear);
/// ```
pub fn stability(before: &[f64], n_before: f64, now: &[u64]) -> Option<Stability> {
    let (total, n_now) = (before.iter().sum::<f64>(), now.iter().sum::<u64>() as f64);
    let pairs = before.iter().zip(now).map(|(&before, &now)| (before / total, now as f64 / n_now));
    let bins: Vec<(f64, f64)> = pairs.filter(|(before, now)| *before > 0.0 || *now > 0.0).collect();
    if !(total > 0.0 && n_now > 0.0 && n_before > 0.0) || bins.len() < 2 {
        return None;
    }
    let chance = 1.0 / n_before + 1.0 / n_now;
    let law = ChiSquared::new(bins.len() as f64 - 1.0).ok()?;
    // A distribution that is known for sure has no half value to give: an empty bin takes that of those of now.
    let half = |share: f64, n: f64| if share > 0.0 { share } else { 0.5 / n.min(n_now) };
    let part = |(before, now): &(f64, f64)| {
        let (before, now) = (half(*before, n_before), half(*now, n_now));
        (now - before) * (now / before).ln()
    };
    // The shares of both together.
    let pooled: Vec<f64> = bins.iter().map(|(before, now)| before + (now - before) / n_before / chance).collect();
    let square = |((before, now), pooled): (&(f64, f64), &f64)| (now - before).powi(2) / (pooled * chance);
    let chi_squared: f64 = bins.iter().zip(&pooled).map(square).sum();
    let psi: f64 = bins.iter().map(part).sum();
    let (psi_by_chance, p_value) = (chance * law.inverse_cdf(1.0 - RARE), law.sf(chi_squared));
    let is_told = fits_a_test(&pooled, n_before.min(n_now));
    let df = bins.len() as u32 - 1;
    Some(Stability {
        psi,
        psi_by_chance,
        chi_squared,
        df,
        p_value,
        verdict: verdict(psi, psi_by_chance, p_value, is_told),
    })
}

/// Cochran's rule: at least one expected in each bin, and five in four of five bins.
fn fits_a_test(shares: &[f64], n: f64) -> bool {
    let few = shares.iter().filter(|share| **share * n < 5.0).count();
    shares.iter().all(|share| share * n >= 1.0) && few * 5 <= shares.len()
}

fn verdict(psi: f64, by_chance: f64, p_value: f64, is_told: bool) -> Drifted {
    match psi {
        _ if !is_told => Drifted::Unclear,
        psi if psi >= MAJOR && p_value < RARE => Drifted::Major,
        psi if psi >= MODERATE && p_value < RARE => Drifted::Moderate,
        psi if psi < MODERATE && by_chance <= MODERATE => Drifted::Stable,
        _ => Drifted::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use rand_pcg::Pcg64;

    /// `scipy.stats.chi2_contingency([[200] * 5, [20, 30, 40, 50, 60]], correction=False)` and `chisquare`, scipy 1.17.
    #[test]
    fn the_test_is_that_of_scipy() {
        let found = stability(&[200.0; 5], 1000.0, &[20, 30, 40, 50, 60]).unwrap();
        assert!((found.chi_squared - 20.957_129_826_695_05).abs() < 1e-9 && found.df == 4, "{found:?}");
        let sure = stability(&[0.2; 5], f64::INFINITY, &[20, 30, 40, 50, 60]).unwrap();
        assert!((sure.chi_squared - 25.0).abs() < 1e-9 && (sure.p_value - 5.0307e-5).abs() < 1e-8, "{sure:?}");
    }

    #[test]
    fn many_values_of_the_same_shares_are_stable_and_few_raise_no_alarm() {
        let mut random = Pcg64::new(3, 7);
        let mut draw = |n: u32| {
            let mut counts = [0; 5];
            (0..n).for_each(|_| counts[random.random_range(0..5)] += 1);
            counts
        };
        let mut alarms = 0;
        for n in [5, 10, 20, 40, 80] {
            for _ in 0..400 {
                let verdict = stability(&[400.0; 5], 2000.0, &draw(n)).unwrap().verdict;
                alarms += u32::from(verdict > Drifted::Unclear);
            }
        }
        assert!(alarms <= 20, "{alarms} of 2000 where nothing changed");
        assert_eq!(stability(&[400.0; 5], 2000.0, &draw(2000)).unwrap().verdict, Drifted::Stable);
    }

    #[test]
    fn an_empty_bin_leaves_the_index_finite_and_nobody_leaves_none() {
        let found = stability(&[50.0, 50.0, 0.0], 100.0, &[0, 50, 50]).unwrap();
        assert!(found.psi.is_finite() && found.verdict == Drifted::Major);
        assert_eq!(stability(&[0.5, 0.5], f64::INFINITY, &[0, 0]), None);
        assert_eq!(stability(&[0.0, 7.0], 7.0, &[0, 3]), None);
    }
}
