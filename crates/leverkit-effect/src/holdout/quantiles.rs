//! Effects on quantiles: what happens to those who spend much, not to the mean.

use leverkit_stats::{Interval, budget, percentile_interval};
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64;
use serde::Serialize;

use super::params::HoldoutParams;
use super::units::{Units, pick};
use crate::Error;

/// The effect of an arm on a quantile of a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantileEffect {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// The share of units below.
    pub quantile: f64,
    /// The treated arm's quantile.
    pub treated: f64,
    /// The control's.
    pub control: f64,
    /// The difference with bootstrap limits.
    pub effect: Interval,
}

/// The effects on every quantile asked for.
pub(super) fn quantile_effects(units: &Units, params: &HoldoutParams) -> Result<Vec<QuantileEffect>, Error> {
    let mut found = Vec::new();
    if params.quantiles.is_empty() {
        return Ok(found);
    }
    for metric in &params.metrics {
        let values = units.numbers("metrics", metric)?;
        let arms: Vec<Sorted> = units.rows.iter().map(|rows| Sorted::of(pick(&values, rows))).collect();
        for (arm, treated) in arms.iter().enumerate().skip(1) {
            for &quantile in &params.quantiles {
                let drawn = |sorted: &Sorted, arm: usize| sorted.bootstrap(quantile, params, arm as u64);
                let (control, of_control) = (arms[0].at(quantile), drawn(&arms[0], 0));
                let gaps: Vec<f64> =
                    drawn(treated, arm).iter().zip(of_control).map(|(treated, control)| treated - control).collect();
                let own = treated.at(quantile);
                found.push(QuantileEffect {
                    arm: units.arms[arm].clone(),
                    metric: metric.clone(),
                    quantile,
                    treated: own,
                    control,
                    effect: percentile_interval(own - control, &gaps, params.level)?,
                });
            }
        }
    }
    Ok(found)
}

struct Sorted(Vec<f64>);

impl Sorted {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// The order statistic at a share of the units.
    fn at(&self, quantile: f64) -> f64 {
        let n = self.0.len();
        self.0[((quantile * (n as f64 + 1.0)).round() as usize).clamp(1, n) - 1]
    }

    /// Bootstrap draws without resampling: in a resample the quantile is the order statistic whose number is about binomial with n + 1 tries
    /// (Schultzberg & Ankargren 2022).
    fn bootstrap(&self, quantile: f64, params: &HoldoutParams, arm: u64) -> Vec<f64> {
        let n = self.0.len();
        let mut random = Pcg64::seed_from_u64(params.seed ^ (arm + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let Ok(place) = Binomial::new(n as u64 + 1, quantile) else {
            return vec![self.at(quantile); params.replicates];
        };
        let one = |_| {
            budget::check();
            self.0[(place.sample(&mut random) as usize).clamp(1, n) - 1]
        };
        (0..params.replicates).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_order_statistics() {
        let sorted = Sorted::of((1..=999).map(f64::from).collect());
        assert_eq!(sorted.at(0.5), 500.0);
        let params = HoldoutParams { replicates: 20_000, ..HoldoutParams::new("arm", "none", &["spend"]) };
        let limits = percentile_interval(500.0, &sorted.bootstrap(0.5, &params, 0), 0.95).unwrap();
        // Binomial(1000, ½): 500 ± 1.96 · √250 = 469.0 to 531.0.
        assert!((limits.lower - 469.0).abs() <= 2.0 && (limits.upper - 531.0).abs() <= 2.0, "{limits:?}");
    }
}
