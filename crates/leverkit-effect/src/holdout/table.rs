//! What a test found as record batches.

use leverkit_core::estimates::estimates_batch;
use leverkit_core::frames::{beside, each};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};
use leverkit_stats::Interval;

use super::Holdout;
use super::uplift::{Uplift, UpliftBin};

impl Tables for Holdout {
    const TABLES: &'static [&'static str] =
        &["effects", "parts", "quantiles", "segments", "received", "uplift", "areas", "over_time", "trends", "arms"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "parts" => self.parts_batch(),
            "quantiles" => self.quantiles_batch(),
            "segments" => self.segments_batch(),
            "received" => self.received_batch(),
            "uplift" => self.uplift_batch(),
            "areas" => self.areas_batch(),
            "over_time" => self.over_time_batch(),
            "trends" => self.trends_batch(),
            "arms" => self.arms_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Holdout {
    /// One row per arm, metric and estimate: `arm`, `metric`, `method` (difference, cuped, lin, ratio), `is_main`, `n_treated`, `n_control`, `treated` and
    /// `control` (means as they are), `estimate` of the effect with `std_error`, `lower`, `upper`, `t`, `p_value`, `lift` (share of the control's mean) with
    /// `lift_lower` and `lift_upper`, `q_value`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.effects;
        beside(&[
            batch!(
                "arm" => each(rows, |row| row.arm.as_str()),
                "metric" => each(rows, |row| row.metric.as_str()),
                "method" => each(rows, |row| row.estimate),
                "is_main" => each(rows, |row| row.is_main),
                "n_treated" => each(rows, |row| row.n_treated),
                "n_control" => each(rows, |row| row.n_control),
                "treated" => each(rows, |row| row.treated),
                "control" => each(rows, |row| row.control),
            )?,
            estimates_batch(&each(rows, |row| row.effect))?,
            batch!(
                "lift" => each(rows, |row| row.lift.map(|lift| lift.estimate)),
                "lift_lower" => each(rows, |row| row.lift.map(|lift| lift.lower)),
                "lift_upper" => each(rows, |row| row.lift.map(|lift| lift.upper)),
                "q_value" => each(rows, |row| row.q_value),
                "reason" => each(rows, |row| row.reason.as_deref()),
            )?,
        ])
    }

    /// One row per arm, metric and period: `arm`, `metric`, `start`, the effect per unit in the period, `total` (since the first period) with `total_lower` and `total_upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn over_time_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.over_time;
        let total = |of: fn(&Interval) -> f64| each(rows, move |row| row.total.map(|total| of(&total.interval)));
        beside(&[
            batch!(
                "arm" => each(rows, |row| row.arm.as_str()),
                "metric" => each(rows, |row| row.metric.as_str()),
                "start" => each(rows, |row| row.start),
            )?,
            estimates_batch(&each(rows, |row| row.effect))?,
            batch!(
                "total" => total(|total| total.estimate),
                "total_lower" => total(|total| total.lower),
                "total_upper" => total(|total| total.upper),
            )?,
        ])
    }

    /// One row per arm and metric: `arm`, `metric`, `periods`, the change of the effect per period, `verdict`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn trends_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.trends;
        beside(&[
            batch!(
                "arm" => each(rows, |row| row.arm.as_str()),
                "metric" => each(rows, |row| row.metric.as_str()),
                "periods" => each(rows, |row| row.periods as u64),
            )?,
            estimates_batch(&each(rows, |row| row.change))?,
            batch!("verdict" => each(rows, |row| row.verdict))?,
        ])
    }

    /// Two rows per arm and metric that is 0 for some: `arm`, `metric`, `part` (share, amount), `treated`, `control`, the effect on the part, `adds` (to the
    /// effect on the mean).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn parts_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.parts;
        beside(&[
            batch!(
                "arm" => each(rows, |row| row.arm.as_str()),
                "metric" => each(rows, |row| row.metric.as_str()),
                "part" => each(rows, |row| row.part),
                "treated" => each(rows, |row| row.treated),
                "control" => each(rows, |row| row.control),
            )?,
            estimates_batch(&each(rows, |row| row.effect))?,
            batch!("adds" => each(rows, |row| row.adds))?,
        ])
    }

    /// One row per arm, metric and quantile: `arm`, `metric`, `quantile`, `treated`, `control`, `effect` with `lower` and `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn quantiles_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.quantiles;
        batch!(
            "arm" => each(rows, |row| row.arm.as_str()),
            "metric" => each(rows, |row| row.metric.as_str()),
            "quantile" => each(rows, |row| row.quantile),
            "treated" => each(rows, |row| row.treated),
            "control" => each(rows, |row| row.control),
            "effect" => each(rows, |row| row.effect.estimate),
            "lower" => each(rows, |row| row.effect.lower),
            "upper" => each(rows, |row| row.effect.upper),
        )
    }

    /// One row per arm, metric and segment: `arm`, `metric`, `dimension`, `segment`, `n_treated`, `n_control`, the effect by the segment alone, `shrunk` with
    /// limits, `q_value`, `differ_p` (that all segments have one effect), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn segments_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.segments;
        beside(&[
            batch!(
                "arm" => each(rows, |row| row.arm.as_str()),
                "metric" => each(rows, |row| row.metric.as_str()),
                "dimension" => each(rows, |row| row.dimension.as_str()),
                "segment" => each(rows, |row| row.segment.as_deref()),
                "n_treated" => each(rows, |row| row.n_treated),
                "n_control" => each(rows, |row| row.n_control),
            )?,
            estimates_batch(&each(rows, |row| row.effect))?,
            batch!(
                "shrunk" => each(rows, |row| row.shrunk.map(|shrunk| shrunk.estimate)),
                "shrunk_lower" => each(rows, |row| row.shrunk.map(|shrunk| shrunk.lower)),
                "shrunk_upper" => each(rows, |row| row.shrunk.map(|shrunk| shrunk.upper)),
                "q_value" => each(rows, |row| row.q_value),
                "differ_p" => each(rows, |row| row.differ_p),
                "reason" => each(rows, |row| row.reason.as_deref()),
            )?,
        ])
    }

    /// One row per arm and metric: `arm`, `metric`, `first_stage`, `f_statistic`, the effect on those who received, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn received_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.received;
        beside(&[
            batch!(
                "arm" => each(rows, |row| row.arm.as_str()),
                "metric" => each(rows, |row| row.metric.as_str()),
                "first_stage" => each(rows, |row| row.first_stage),
                "f_statistic" => each(rows, |row| row.f_statistic),
            )?,
            estimates_batch(&each(rows, |row| row.effect))?,
            batch!("reason" => each(rows, |row| row.reason.as_deref()))?,
        ])
    }

    /// One row per arm, metric and set of scores, the greatest first: `arm`, `metric`, `share` of units so far, `n_treated`, `n_control`, `effect` within the
    /// set with limits, `gain` of treating all so far with limits, `by_lot`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn uplift_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&Uplift, &UpliftBin)> =
            self.uplift.iter().flat_map(|curve| curve.bins.iter().map(move |bin| (curve, bin))).collect();
        batch!(
            "arm" => each(&rows, |row| row.0.arm.as_str()),
            "metric" => each(&rows, |row| row.0.metric.as_str()),
            "share" => each(&rows, |row| row.1.share),
            "n_treated" => each(&rows, |row| row.1.n_treated),
            "n_control" => each(&rows, |row| row.1.n_control),
            "effect" => each(&rows, |row| row.1.effect.estimate),
            "effect_lower" => each(&rows, |row| row.1.effect.lower),
            "effect_upper" => each(&rows, |row| row.1.effect.upper),
            "gain" => each(&rows, |row| row.1.gain.estimate),
            "gain_lower" => each(&rows, |row| row.1.gain.lower),
            "gain_upper" => each(&rows, |row| row.1.gain.upper),
            "by_lot" => each(&rows, |row| row.1.by_lot),
        )
    }

    /// One row per arm and metric: `arm`, `metric`, `auuc` and `qini` with limits.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn areas_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.uplift;
        batch!(
            "arm" => each(rows, |row| row.arm.as_str()),
            "metric" => each(rows, |row| row.metric.as_str()),
            "auuc" => each(rows, |row| row.auuc.estimate),
            "auuc_lower" => each(rows, |row| row.auuc.lower),
            "auuc_upper" => each(rows, |row| row.auuc.upper),
            "qini" => each(rows, |row| row.qini.estimate),
            "qini_lower" => each(rows, |row| row.qini.lower),
            "qini_upper" => each(rows, |row| row.qini.upper),
        )
    }

    /// One row per arm, the control first: `arm`, `units`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn arms_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.arms;
        batch!("arm" => each(rows, |row| row.0.as_str()), "units" => each(rows, |row| row.1))
    }
}
