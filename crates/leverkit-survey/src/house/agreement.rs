//! Whether judges agree: Krippendorff's alpha of what they coded, Kendall's W of how they rank.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// How far two values of a scale are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Equal or not.
    Nominal,
    /// By how many ranks lie between.
    Ordinal,
    /// By their difference.
    Interval,
}

/// Krippendorff's alpha (2011): 1 − observed over expected disagreement, 1 where all agree, 0 where they agree by chance. `units` hold the values that
/// judges gave to each unit, as many as there are; units of one value say nothing. `None` where all values are equal or no unit has two.
///
/// ```
/// use leverkit_survey::{Metric, krippendorff_alpha};
/// let units = [vec![1.0, 1.0], vec![2.0, 2.0], vec![3.0, 2.0]];
/// assert!((krippendorff_alpha(&units, Metric::Nominal).unwrap() - 0.545455).abs() < 1e-6);
/// ```
pub fn krippendorff_alpha(units: &[Vec<f64>], metric: Metric) -> Option<f64> {
    let units: Vec<&Vec<f64>> = units.iter().filter(|unit| unit.len() > 1).collect();
    let mut values: Vec<f64> = units.iter().flat_map(|unit| unit.iter().copied()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    let place = |value: f64| values.partition_point(|known| *known < value);
    let mut counts = vec![0.0; values.len()];
    let mut together = vec![0.0; values.len() * values.len()];
    for unit in &units {
        for (at, one) in unit.iter().enumerate() {
            counts[place(*one)] += 1.0;
            for (_, other) in unit.iter().enumerate().filter(|(other, _)| *other != at) {
                together[place(*one) * values.len() + place(*other)] += 1.0 / (unit.len() as f64 - 1.0);
            }
        }
    }
    let distance = |low: usize, high: usize| match metric {
        Metric::Nominal => f64::from(u8::from(low != high)),
        Metric::Ordinal => {
            let between: f64 = counts[low..=high].iter().sum();
            (between - f64::midpoint(counts[low], counts[high])).powi(2)
        }
        Metric::Interval => (values[high] - values[low]).powi(2),
    };
    let total: f64 = counts.iter().sum();
    let (mut observed, mut expected) = (0.0, 0.0);
    for low in 0..values.len() {
        for high in low + 1..values.len() {
            observed += together[low * values.len() + high] * distance(low, high);
            expected += counts[low] * counts[high] * distance(low, high);
        }
    }
    (expected > 0.0).then(|| 1.0 - (total - 1.0) * observed / expected)
}

/// Kendall's coefficient of concordance W of judges' weights, corrected for ties (Kendall & Babington Smith 1939), with the p-value of no agreement by χ².
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Concordance {
    /// 0 where ranks agree no more than by chance, 1 where they are the same.
    pub w: f64,
    /// Of no agreement.
    pub p_value: f64,
}

impl Concordance {
    /// `None` for fewer than two judges or where no judge tells items apart.
    pub(crate) fn of(judges: &[Vec<f64>]) -> Option<Self> {
        let (m, n) = (judges.len() as f64, judges.first()?.len() as f64);
        let ranks: Vec<Vec<f64>> = judges.iter().map(|weights| mid_ranks(weights)).collect();
        let of_item = |item: usize| ranks.iter().map(|ranks| ranks[item]).sum::<f64>() - m * (n + 1.0) / 2.0;
        let squares: f64 = (0..judges[0].len()).map(|item| of_item(item).powi(2)).sum();
        let most = m * m * (n.powi(3) - n) - m * ranks.iter().map(|ranks| ties(ranks)).sum::<f64>();
        let w = 12.0 * squares / most;
        let chance = ChiSquared::new(n - 1.0).ok()?;
        (m > 1.0 && most > 0.0).then(|| Self { w, p_value: chance.sf(m * (n - 1.0) * w) })
    }
}

/// Ranks from 1, the greatest first; equal values share the mean of theirs.
pub(crate) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let above = values.iter().filter(|other| *other > value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        above as f64 + f64::midpoint(equal as f64, 1.0)
    };
    values.iter().map(rank).collect()
}

/// Σ (t³ − t) over runs of t equal ranks.
fn ties(ranks: &[f64]) -> f64 {
    let of = |rank: &f64| {
        let equal = ranks.iter().filter(|other| *other == rank).count() as f64;
        equal * equal - 1.0
    };
    ranks.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Krippendorff, "Computing Krippendorff's alpha-reliability" (2011): 4 observers, 12 units.
    #[test]
    fn alpha_is_that_of_krippendorff() {
        let units = [
            vec![1.0, 1.0, 1.0],
            vec![2.0, 2.0, 3.0, 2.0],
            vec![3.0; 4],
            vec![3.0; 4],
            vec![2.0; 4],
            vec![1.0, 2.0, 3.0, 4.0],
            vec![4.0; 4],
            vec![1.0, 1.0, 2.0, 1.0],
            vec![2.0; 4],
            vec![5.0; 3],
            vec![1.0, 1.0],
            vec![3.0],
        ];
        let golden = [(Metric::Nominal, 0.743421), (Metric::Ordinal, 0.815388), (Metric::Interval, 0.849107)];
        for (metric, expected) in golden {
            assert!((krippendorff_alpha(&units, metric).unwrap() - expected).abs() < 1e-6, "{metric:?}");
        }
        assert_eq!(krippendorff_alpha(&[vec![1.0, 1.0]], Metric::Interval), None);
    }

    #[test]
    fn judges_who_rank_alike_agree_and_opposites_do_not() {
        let rises = vec![0.1, 0.2, 0.3, 0.4];
        let falls: Vec<f64> = rises.iter().rev().copied().collect();
        assert_eq!(Concordance::of(&[rises.clone(), rises.clone()]).unwrap().w, 1.0);
        assert_eq!(Concordance::of(&[rises, falls]).unwrap().w, 0.0);
    }
}
