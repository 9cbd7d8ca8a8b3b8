//! Effects of staggered treatments as record batches.

use leverkit_core::estimates::estimates_batch;
use leverkit_core::frames::{beside, each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};
use leverkit_stats::Estimate;

use super::result::{AxisEffect, Did};
use super::two_way::Comparand;
use crate::panel::NEVER;

impl Tables for Did {
    const TABLES: &'static [&'static str] =
        &["effects", "group_time", "event_study", "by_cohort", "by_period", "sensitivity", "bacon", "cohorts"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "group_time" => self.group_time_batch(),
            "event_study" => axis_batch(&self.event_study, "event_time", |at| at),
            "by_cohort" => axis_batch(&self.by_cohort, "cohort", |at| self.name(at as u32)),
            "by_period" => axis_batch(&self.by_period, "period", |at| self.name(at as u32)),
            "sensitivity" => batch!(
                "times" => each(&self.sensitivity, |row| row.times),
                "lower" => each(&self.sensitivity, |row| number(row.lower)),
                "upper" => each(&self.sensitivity, |row| number(row.upper)),
            ),
            "bacon" => self.bacon_batch(),
            "cohorts" => batch!(
                "cohort" => each(&self.cohorts, |(first, _)| self.name(*first)),
                "n_units" => each(&self.cohorts, |(_, n)| *n),
            ),
            _ => self.effects_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Did {
    /// The period in which a cohort is first treated; `None` for units that never are.
    fn name(&self, first: u32) -> Option<String> {
        (first != NEVER).then(|| self.periods[first as usize].clone())
    }

    fn effects_batch(&self) -> Result<RecordBatch, Error> {
        let names = batch!("estimator" => each(&self.effects, |row| row.estimator))?;
        let reasons = batch!(
            "wild_p" => each(&self.effects, |row| row.wild_p),
            "reason" => each(&self.effects, |row| row.reason.as_deref()),
        )?;
        beside(&[names, estimates_batch(&each(&self.effects, |row| row.effect))?, reasons])
    }

    fn group_time_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.group_time;
        let keys = batch!(
            "cohort" => each(rows, |row| row.cohort.as_str()),
            "period" => each(rows, |row| row.period.as_str()),
            "event_time" => each(rows, |row| row.event_time),
        )?;
        let counts = batch!(
            "n_treated" => each(rows, |row| row.n_treated),
            "n_control" => each(rows, |row| row.n_control),
        )?;
        let band = band_batch(&each(rows, |row| (row.effect, row.band)))?;
        beside(&[keys, estimates_batch(&each(rows, |row| Some(row.effect)))?, band, counts])
    }

    fn bacon_batch(&self) -> Result<RecordBatch, Error> {
        batch!(
            "treated" => each(&self.bacon, |row| self.name(row.treated)),
            "control" => each(&self.bacon, |row| self.name(row.control)),
            "kind" => each(&self.bacon, |row| match row.kind {
                Comparand::Never => "never",
                Comparand::Later => "later",
                Comparand::Earlier => "earlier",
            }),
            "weight" => each(&self.bacon, |row| row.weight),
            "effect" => each(&self.bacon, |row| number(row.effect)),
        )
    }
}

/// Effects along an axis: its key, the estimates, and the band.
pub(crate) fn axis_batch<K: leverkit_core::Cell>(
    rows: &[AxisEffect],
    axis: &str,
    key: impl Fn(i64) -> K,
) -> Result<RecordBatch, Error> {
    let keys = batch!(axis => each(rows, |row| key(row.at)))?;
    let band = band_batch(&each(rows, |row| (row.effect, row.band)))?;
    beside(&[keys, estimates_batch(&each(rows, |row| Some(row.effect)))?, band])
}

/// Limits that hold all effects at once; none where the effect has no error.
fn band_batch(rows: &[(Estimate, (f64, f64))]) -> Result<RecordBatch, Error> {
    let known = |row: &(Estimate, (f64, f64)), value: f64| number(value).filter(|_| row.0.std_error > 0.0);
    batch!(
        "band_lower" => each(rows, |row| known(row, row.1.0)),
        "band_upper" => each(rows, |row| known(row, row.1.1)),
    )
}
