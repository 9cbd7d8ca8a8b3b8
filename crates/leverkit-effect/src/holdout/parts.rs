//! Metrics that are 0 for many, in two parts: who has any, and how much those have.

use leverkit_stats::Estimate;
use serde::Serialize;

use super::contrast::{Contrast, Side, difference, ratio};
use super::params::HoldoutParams;
use super::units::{Units, pick};
use crate::Error;

/// The effect on a part of a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartEffect {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// `share` of units that have any, or `amount` per unit that has.
    pub part: &'static str,
    /// The treated arm's.
    pub treated: f64,
    /// The control's.
    pub control: f64,
    /// The effect on the part; of the amount it compares other units with others, as who has any is itself changed.
    pub effect: Option<Estimate>,
    /// What the part adds to the effect on the mean: the two add up to it (Shapley's rule).
    pub adds: f64,
}

/// The parts of every metric that is 0 for some and not 0 or 1 for all.
pub(super) fn parts(units: &Units, params: &HoldoutParams) -> Result<Vec<PartEffect>, Error> {
    let mut found = Vec::new();
    for metric in &params.metrics {
        let values = units.numbers("metrics", metric)?;
        let control = pick(&values, &units.rows[0]);
        for arm in 1..units.arms.len() {
            let treated = pick(&values, &units.rows[arm]);
            if let Some(parts) = Parts::of(&treated, &control) {
                found.extend(parts.rows(&units.arms[arm], metric, params.level));
            }
        }
    }
    Ok(found)
}

struct Parts {
    share: Contrast,
    amount: Contrast,
}

impl Parts {
    fn of(treated: &[f64], control: &[f64]) -> Option<Self> {
        let all = || treated.iter().chain(control);
        if all().all(|value| *value != 0.0) || all().all(|value| *value == 0.0 || *value == 1.0) {
            return None;
        }
        let (has_treated, has_control) = (has_any(treated), has_any(control));
        let amount = Contrast { treated: ratio(treated, &has_treated)?, control: ratio(control, &has_control)? };
        Some(Self { share: difference(&has_treated, &has_control), amount })
    }

    fn rows(&self, arm: &str, metric: &str, level: f64) -> [PartEffect; 2] {
        // d(s·a) = ds · (a₁ + a₀)/2 + da · (s₁ + s₀)/2, exactly.
        let middle = |contrast: &Contrast| f64::midpoint(contrast.treated.value, contrast.control.value);
        let gap = |contrast: &Contrast| contrast.treated.value - contrast.control.value;
        let row = |part, own: &Contrast, other: &Contrast| PartEffect {
            arm: arm.into(),
            metric: metric.into(),
            part,
            treated: value(own.treated),
            control: value(own.control),
            effect: own.estimate(level),
            adds: gap(own) * middle(other),
        };
        [row("share", &self.share, &self.amount), row("amount", &self.amount, &self.share)]
    }
}

fn value(side: Side) -> f64 {
    side.value
}

fn has_any(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| f64::from(u8::from(*value != 0.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_effect_on_the_mean() {
        let (treated, control) = ([0.0, 3.0, 5.0, 4.0], [0.0, 0.0, 2.0, 4.0]);
        let rows = Parts::of(&treated, &control).unwrap().rows("mail", "spend", 0.95);
        assert_eq!((rows[0].treated, rows[0].control, rows[1].treated, rows[1].control), (0.75, 0.5, 4.0, 3.0));
        assert!((rows[0].adds + rows[1].adds - 1.5).abs() < 1e-12);
        assert!(Parts::of(&[1.0, 0.0], &[0.0, 1.0]).is_none(), "flags have no second part");
    }
}
