//! Encouragement and no-shows: the effect on those who received what their arm was meant to because of it.

use leverkit_stats::Estimate;
use serde::Serialize;

use super::contrast::{difference, side};
use super::params::HoldoutParams;
use super::units::{Units, pick};
use crate::Error;

/// The effect on those who received the action because they were drawn (Imbens & Angrist 1994).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReceivedEffect {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// By how much more often the arm received it than the control.
    pub first_stage: f64,
    /// F of the first stage.
    pub f_statistic: Option<f64>,
    /// The effect per unit that received it: that of intention to treat over the first stage.
    pub effect: Option<Estimate>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// The first stage's F below which the ratio says little (Staiger & Stock 1997).
const WEAK: f64 = 10.0;

/// The effects on those who received, for every arm and metric.
pub(super) fn received_effects(units: &Units, params: &HoldoutParams) -> Result<Vec<ReceivedEffect>, Error> {
    let Some(name) = &params.received else { return Ok(Vec::new()) };
    let received = units.numbers("received", name)?;
    let mut found = Vec::new();
    for metric in &params.metrics {
        let values = units.numbers("metrics", metric)?;
        for arm in 1..units.arms.len() {
            let of = |arm: usize| [&values, &received].map(|column| pick(column, &units.rows[arm]));
            let ([y1, d1], [y0, d0]) = (of(arm), of(0));
            let stage = difference(&d1, &d0);
            let first_stage = stage.treated.value - stage.control.value;
            let f_statistic = first_stage.powi(2) / (stage.treated.variance + stage.control.variance);
            let (effect, reason) = wald((&y1, &d1), (&y0, &d0), first_stage, f_statistic, params.level);
            found.push(ReceivedEffect {
                arm: units.arms[arm].clone(),
                metric: metric.clone(),
                first_stage,
                f_statistic: Some(f_statistic).filter(|f| f.is_finite()),
                effect,
                reason,
            });
        }
    }
    Ok(found)
}

/// Wald's ratio; its variance is that of y − βd.
fn wald(
    treated: (&[f64], &[f64]),
    control: (&[f64], &[f64]),
    first_stage: f64,
    f_statistic: f64,
    level: f64,
) -> (Option<Estimate>, Option<String>) {
    // Where all of the arm and none of the control received it, the first stage has no error at all.
    if first_stage == 0.0 || f_statistic < WEAK {
        let reason = format!(
            "the arm received it {:.1} % points more often than the control, F = {f_statistic:.1}: below {WEAK} too weak to divide by",
            100.0 * first_stage
        );
        return (None, Some(reason));
    }
    let plain = difference(treated.0, control.0);
    let effect = (plain.treated.value - plain.control.value) / first_stage;
    let rest = |(values, received): (&[f64], &[f64])| -> f64 {
        let rest: Vec<f64> = values.iter().zip(received).map(|(value, received)| value - effect * received).collect();
        side(&rest).variance
    };
    let std_error = (rest(treated) + rest(control)).sqrt() / first_stage.abs();
    if std_error > 0.0 {
        (Some(Estimate::normal(effect, std_error, level)), None)
    } else {
        (None, Some("it does not vary within the arms".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_half_receive_it_the_effect_doubles() {
        let received = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let none = [0.0; 8];
        let y1 = [5.0, 1.0, 6.0, 2.0, 5.0, 1.0, 6.0, 2.0];
        let y0 = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
        let (found, reason) = wald((&y1, &received), (&y0, &none), 0.5, 12.0, 0.95);
        assert_eq!((found.unwrap().interval.estimate, reason), (4.0, None));
        let (found, reason) = wald((&y1, &received), (&y0, &none), 0.02, 3.0, 0.95);
        assert!(found.is_none() && reason.unwrap().contains("too weak"));
    }
}
