//! Effects within segments that were registered before the test, shrunk towards their mean: the best of many is best by chance too.

use leverkit_core::NO_CODE;
use leverkit_stats::{Estimate, Interval, benjamini_hochberg, normal_quantile, pooling};
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::contrast::{ArmValues, difference, lin};
use super::params::HoldoutParams;
use super::units::{Units, pick};
use crate::Error;

/// The effect within a segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentEffect {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// The column of segments.
    pub dimension: String,
    /// The segment; `None` for units without one.
    pub segment: Option<String>,
    /// Units of the arm.
    pub n_treated: u64,
    /// Units of the control.
    pub n_control: u64,
    /// The effect by the segment's units alone.
    pub effect: Option<Estimate>,
    /// The effect drawn towards the mean of all segments, by what chance alone makes them differ (`DerSimonian` & Laird 1986).
    pub shrunk: Option<Interval>,
    /// The p-value, corrected for all segments of the column.
    pub q_value: Option<f64>,
    /// The p-value of all segments having one effect (Cochran's Q).
    pub differ_p: Option<f64>,
    /// Why there is no effect.
    pub reason: Option<String>,
}

/// The effects of all segments, for every arm and metric.
pub(super) fn segment_effects(units: &Units, params: &HoldoutParams) -> Result<Vec<SegmentEffect>, Error> {
    let mut found = Vec::new();
    for dimension in &params.segments {
        let groups = units.segments(dimension)?;
        let names = groups.keys()[0].texts();
        for metric in &params.metrics {
            let values = units.numbers("metrics", metric)?;
            let before = params.before(metric).map(|name| units.numbers("before", name)).transpose()?;
            for arm in 1..units.arms.len() {
                let mut rows: Vec<SegmentEffect> = names
                    .iter()
                    .zip(0..NO_CODE)
                    .map(|(name, segment)| {
                        let within = |arm: usize| -> Vec<usize> {
                            units.rows[arm].iter().copied().filter(|row| groups.codes()[*row] == segment).collect()
                        };
                        let sides = [within(arm), within(0)];
                        let effect = effect(&sides, &values, before.as_deref(), params.level);
                        SegmentEffect {
                            arm: units.arms[arm].clone(),
                            metric: metric.clone(),
                            dimension: dimension.clone(),
                            segment: name.clone(),
                            n_treated: sides[0].len() as u64,
                            n_control: sides[1].len() as u64,
                            effect,
                            shrunk: None,
                            q_value: None,
                            differ_p: None,
                            reason: effect.is_none().then(|| "too few units, or the metric does not vary".into()),
                        }
                    })
                    .collect();
                shrink(&mut rows, params.level);
                found.extend(rows);
            }
        }
    }
    Ok(found)
}

/// The main estimate within these rows.
fn effect(sides: &[Vec<usize>; 2], values: &[f64], before: Option<&[f64]>, level: f64) -> Option<Estimate> {
    if sides.iter().any(|rows| rows.len() < 3) {
        return None;
    }
    let [treated, control] = sides.each_ref().map(|rows| (pick(values, rows), before.map(|before| pick(before, rows))));
    let [treated, control] = [&treated, &control].map(|side| ArmValues { values: &side.0, before: side.1.as_deref() });
    lin(treated, control).unwrap_or_else(|| difference(treated.values, control.values)).estimate(level)
}

/// Draws effects towards their mean under the variance between segments, and corrects their p-values.
fn shrink(rows: &mut [SegmentEffect], level: f64) {
    let known: Vec<(f64, f64)> = rows
        .iter()
        .filter_map(|row| row.effect.map(|effect| (effect.interval.estimate, effect.std_error.powi(2))))
        .collect();
    let weighted = |extra: f64| {
        let weights: f64 = known.iter().map(|(_, variance)| 1.0 / (variance + extra)).sum();
        (known.iter().map(|(effect, variance)| effect / (variance + extra)).sum::<f64>() / weights, 1.0 / weights)
    };
    let (centre, _) = weighted(0.0);
    let between = pooling::between(&known, centre);
    let (mean, mean_variance) = weighted(between);
    let spread: f64 = known.iter().map(|(effect, variance)| (effect - centre).powi(2) / variance).sum();
    let differ_p = ChiSquared::new(known.len() as f64 - 1.0).ok().map(|law| law.sf(spread));
    let p: Vec<f64> = rows.iter().filter_map(|row| Some(row.effect?.p_value)).collect();
    let mut q = benjamini_hochberg(&p).into_iter();
    let z = normal_quantile(0.5 + level / 2.0);
    for row in rows {
        row.differ_p = differ_p;
        let Some(effect) = row.effect else { continue };
        let own = pooling::credibility(effect.std_error.powi(2), between);
        let estimate = own * effect.interval.estimate + (1.0 - own) * mean;
        let variance = own * effect.std_error.powi(2) + (1.0 - own).powi(2) * mean_variance;
        row.shrunk = Some(Interval::around(estimate, z * variance.sqrt()));
        row.q_value = q.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(effect: f64, std_error: f64) -> SegmentEffect {
        SegmentEffect {
            arm: "mail".into(),
            metric: "spend".into(),
            dimension: "size".into(),
            segment: None,
            n_treated: 50,
            n_control: 50,
            effect: Some(Estimate::normal(effect, std_error, 0.95)),
            shrunk: None,
            q_value: None,
            differ_p: None,
            reason: None,
        }
    }

    #[test]
    fn segments_that_differ_by_chance_alone_have_one_effect() {
        let mut rows = [row(1.0, 1.0), row(0.0, 1.0), row(2.0, 1.0)];
        shrink(&mut rows, 0.95);
        assert!(rows.iter().all(|row| (row.shrunk.unwrap().estimate - 1.0).abs() < 1e-12));
        assert!(rows[0].differ_p.unwrap() > 0.3);
    }

    #[test]
    fn segments_that_surely_differ_keep_their_own() {
        let mut rows = [row(10.0, 0.1), row(0.0, 0.1)];
        shrink(&mut rows, 0.95);
        assert!(rows[0].shrunk.unwrap().estimate > 9.9 && rows[0].differ_p.unwrap() < 1e-9);
    }
}
