//! What choosing whom to treat by a score would bring: the gain curve with Qini and AUUC, and their limits.

use leverkit_stats::{Interval, normal_quantile};
use serde::Serialize;

use super::contrast::difference;
use super::params::HoldoutParams;
use super::units::{Units, pick};
use crate::Error;

/// What treating by a score would bring, for an arm and a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uplift {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// Sets of units by falling score.
    pub bins: Vec<UpliftBin>,
    /// The area under the gain curve, units of the metric per unit.
    pub auuc: Interval,
    /// The same above the straight line that treating by lot has (Radcliffe 2007): above 0 where the score helps.
    pub qini: Interval,
}

/// Units of about the same score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UpliftBin {
    /// The share of all units up to and with this set.
    pub share: f64,
    /// Treated units of the set.
    pub n_treated: u64,
    /// Control units of the set.
    pub n_control: u64,
    /// The effect within the set.
    pub effect: Interval,
    /// What treating all up to and with this set brings, per unit of all.
    pub gain: Interval,
    /// What treating as many by lot brings.
    pub by_lot: f64,
}

/// The gain curves of every arm and metric, where there is a score.
pub(super) fn uplift(units: &Units, params: &HoldoutParams) -> Result<Vec<Uplift>, Error> {
    let Some(score) = &params.score else { return Ok(Vec::new()) };
    let scores = units.numbers("score", score)?;
    let mut found = Vec::new();
    for metric in &params.metrics {
        let values = units.numbers("metrics", metric)?;
        for arm in 1..units.arms.len() {
            let bins = bins(&units.rows[arm], &units.rows[0], &scores, params.bins);
            let (arm, metric) = (units.arms[arm].clone(), metric.clone());
            found.push(Bins::of(&bins, &values).ok_or_else(few)?.curve(arm, metric, params.level));
        }
    }
    Ok(found)
}

fn few() -> Error {
    Error::not_identified(
        "uplift",
        "a set of scores has fewer than two treated or two control units: ask for fewer `bins`",
    )
}

/// Rows of treated and control by falling score, in sets of about equal number; equal scores stay together.
fn bins(treated: &[usize], control: &[usize], scores: &[f64], count: usize) -> Vec<[Vec<usize>; 2]> {
    let side = |rows: &[usize], at: usize| rows.iter().map(|row| (*row, at)).collect::<Vec<_>>();
    let mut all = [side(treated, 0), side(control, 1)].concat();
    all.sort_by(|a, b| scores[b.0].total_cmp(&scores[a.0]).then(a.0.cmp(&b.0)));
    let mut bins: Vec<[Vec<usize>; 2]> = Vec::new();
    let mut last = (usize::MAX, f64::NAN);
    for (place, (row, side)) in all.iter().enumerate() {
        let bin = if scores[*row] == last.1 { last.0 } else { place * count / all.len() };
        if bin != last.0 {
            bins.push(Default::default());
        }
        last = (bin, scores[*row]);
        if let Some(bin) = bins.last_mut() {
            bin[*side].push(*row);
        }
    }
    bins
}

/// The effects of sets, with their variances and sizes.
struct Bins {
    effects: Vec<(f64, f64)>,
    sizes: Vec<(u64, u64)>,
    weights: Vec<f64>,
}

impl Bins {
    fn of(bins: &[[Vec<usize>; 2]], values: &[f64]) -> Option<Self> {
        let all: usize = bins.iter().flatten().map(Vec::len).sum();
        let mut found = Self { effects: Vec::new(), sizes: Vec::new(), weights: Vec::new() };
        for [treated, control] in bins {
            if treated.len() < 2 || control.len() < 2 {
                return None;
            }
            let contrast = difference(&pick(values, treated), &pick(values, control));
            let variance = contrast.treated.variance + contrast.control.variance;
            found.effects.push((contrast.treated.value - contrast.control.value, variance));
            found.sizes.push((treated.len() as u64, control.len() as u64));
            found.weights.push((treated.len() + control.len()) as f64 / all as f64);
        }
        Some(found)
    }

    /// A weighted sum of the sets' effects, which are independent.
    fn sum(&self, weight: impl Fn(usize) -> f64, z: f64) -> Interval {
        let sets = || self.effects.iter().enumerate().map(|(at, effect)| (weight(at), effect));
        let estimate = sets().map(|(weight, effect)| weight * effect.0).sum();
        let variance: f64 = sets().map(|(weight, effect)| weight * weight * effect.1).sum();
        Interval::around(estimate, z * variance.sqrt())
    }

    fn curve(&self, arm: String, metric: String, level: f64) -> Uplift {
        let z = normal_quantile(0.5 + level / 2.0);
        let shares: Vec<f64> = self
            .weights
            .iter()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        let whole = self.sum(|at| self.weights[at], z).estimate;
        let bins = shares.iter().enumerate().map(|(set, share)| UpliftBin {
            share: *share,
            n_treated: self.sizes[set].0,
            n_control: self.sizes[set].1,
            effect: self.sum(|at| f64::from(u8::from(at == set)), z),
            gain: self.sum(|at| if at <= set { self.weights[at] } else { 0.0 }, z),
            by_lot: whole * share,
        });
        // The area under lines from (0, 0) through the gains: a set counts in half over its own stretch, and in full over all later ones.
        let area = |at: usize| self.weights[at] * (1.0 - shares[at] + self.weights[at] / 2.0);
        Uplift {
            arm,
            metric,
            bins: bins.collect(),
            auuc: self.sum(area, z),
            qini: self.sum(|at| area(at) - self.weights[at] / 2.0, z),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_orders_effects_has_a_qini_above_zero() {
        let found = Bins { effects: vec![(4.0, 0.01), (0.0, 0.01)], sizes: vec![(5, 5); 2], weights: vec![0.5; 2] };
        let curve = found.curve("mail".into(), "spend".into(), 0.95);
        // Gains 0, 2, 2: area 0.5 + 1; by lot 1.
        assert!((curve.auuc.estimate - 1.5).abs() < 1e-12 && (curve.qini.estimate - 0.5).abs() < 1e-12);
        assert!(curve.qini.lower > 0.0 && (curve.bins[1].gain.estimate - 2.0).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_stay_together() {
        let scores = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0];
        let sets = bins(&[0, 1, 4], &[2, 3, 5], &scores, 3);
        assert_eq!(sets, [[vec![0, 1], vec![2, 3]], [vec![4], vec![5]]]);
    }
}
