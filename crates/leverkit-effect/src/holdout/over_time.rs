//! The effect of a test that goes on for long, such as a holdout that is kept for good: period by period, since it began, and whether it fades.

use leverkit_core::{Day, Ledger, Table};
use leverkit_stats::Estimate;
use serde::Serialize;

use super::contrast::{ArmValues, Contrast, cuped, difference, lin};
use super::params::{HoldoutParams, WindowParams};
use super::units::{Done, Units, pick};
use crate::Error;
use crate::panel::Timeline;
use crate::trial::Metric;

/// The effect of an arm on a metric in a period of the test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodEffect {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// First day of the period.
    pub start: Day,
    /// The effect in the period, per unit.
    pub effect: Option<Estimate>,
    /// The effect since the first period, per unit.
    pub total: Option<Estimate>,
}

/// How the effect of an arm on a metric changes from period to period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectTrend {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// Whole periods of the test.
    pub periods: usize,
    /// By how much the effect changes per period: the difference in the slopes of units.
    pub change: Option<Estimate>,
    /// `fades`, `grows`, `changes` where the effect itself may be 0, or `can't tell`.
    pub verdict: &'static str,
}

/// Reads whole periods of a test; estimates are adjusted for the days before it as those of the whole test are.
pub(super) fn over_time(
    ledger: &Ledger,
    units: &Table,
    done: &Done,
    window: &WindowParams,
    params: &HoldoutParams,
) -> Result<(Vec<PeriodEffect>, Vec<EffectTrend>), Error> {
    let Some(period) = window.every else { return Ok(Default::default()) };
    let timeline = Timeline::calendar(period, done.days.start, done.days.end - 1);
    if timeline.periods() < 2 {
        let expected = "a period that the test holds twice at least from its first day to its last";
        return Err(Error::parameter("every", format!("{period:?}").to_lowercase(), expected));
    }
    let units = Units::read(units, params)?;
    let (mut effects, mut trends) = (Vec::new(), Vec::new());
    for name in &params.metrics {
        let metric = Metric::named(name)?;
        let before = params.before(name).map(|name| units.numbers("before", name)).transpose()?;
        let paths: Vec<Vec<f64>> = (0..timeline.periods())
            .map(|period| done.values(ledger, metric, &(timeline.start(period)..timeline.end(period))))
            .collect();
        for arm in 1..units.arms.len() {
            let estimate =
                |values: &[f64]| main_contrast(&units, arm, values, before.as_deref()).estimate(params.level);
            let mut sums = vec![0.0; paths[0].len()];
            for (period, values) in paths.iter().enumerate() {
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                effects.push(PeriodEffect {
                    arm: units.arms[arm].clone(),
                    metric: name.clone(),
                    start: timeline.start(period),
                    effect: estimate(values),
                    total: estimate(&sums),
                });
            }
            let change = estimate(&slopes(&paths));
            trends.push(EffectTrend {
                arm: units.arms[arm].clone(),
                metric: name.clone(),
                periods: paths.len(),
                verdict: verdict(estimate(&sums), change),
                change,
            });
        }
    }
    Ok((effects, trends))
}

/// The estimate that is read: Lin's where something is known of before, else the difference.
fn main_contrast(units: &Units, arm: usize, values: &[f64], before: Option<&[f64]>) -> Contrast {
    let side = |arm: usize| (pick(values, &units.rows[arm]), before.map(|before| pick(before, &units.rows[arm])));
    let (treated, control) = (side(arm), side(0));
    let [one, other] = [&treated, &control].map(|side| ArmValues { values: &side.0, before: side.1.as_deref() });
    lin(one, other).or_else(|| cuped(one, other)).unwrap_or_else(|| difference(&treated.0, &control.0))
}

/// The least-squares slope of each unit over the periods.
fn slopes(paths: &[Vec<f64>]) -> Vec<f64> {
    let middle = (paths.len() - 1) as f64 / 2.0;
    let spread: f64 = (0..paths.len()).map(|at| (at as f64 - middle).powi(2)).sum();
    let slope =
        |unit: usize| paths.iter().enumerate().map(|(at, values)| (at as f64 - middle) / spread * values[unit]).sum();
    (0..paths[0].len()).map(slope).collect()
}

fn verdict(whole: Option<Estimate>, change: Option<Estimate>) -> &'static str {
    let sure = |found: Option<Estimate>| {
        let limits = found?.interval;
        if limits.lower > 0.0 {
            Some(1)
        } else if limits.upper < 0.0 {
            Some(-1)
        } else {
            None
        }
    };
    match (sure(whole), sure(change)) {
        (_, None) => "can't tell",
        (None, Some(_)) => "changes",
        (Some(effect), Some(change)) if effect == change => "grows",
        _ => "fades",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_least_squares() {
        let paths = [vec![1.0, 5.0], vec![3.0, 5.0], vec![5.0, 2.0]];
        assert_eq!(slopes(&paths), [2.0, -1.5]);
    }

    #[test]
    fn an_effect_that_shrinks_towards_nothing_fades() {
        let of = |value: f64| Some(Estimate::normal(value, 1.0, 0.95));
        assert_eq!(verdict(of(9.0), of(-5.0)), "fades");
        assert_eq!(verdict(of(-9.0), of(-5.0)), "grows");
        assert_eq!(verdict(of(1.0), of(-5.0)), "changes");
        assert_eq!(verdict(of(9.0), of(1.0)), "can't tell");
    }
}
