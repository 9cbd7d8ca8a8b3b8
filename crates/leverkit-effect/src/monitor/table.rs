//! Running tests as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, RecordBatch, Tables, batch};

use super::Monitor;
use super::bounds::Bound;

impl Tables for Monitor {
    const TABLES: &'static [&'static str] = &["table", "stopped"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "stopped" => self.stopped_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Monitor {
    /// One row per look: `look`, `n`, `information` (share of the planned units), `estimate`, `std_error`, `z`, `bound` (null where no test could stop yet),
    /// `spent` (error up to this look), `plain_false_alarms` (of a plain test at each look so far), `lower` and `upper` (that hold at all looks together),
    /// `sequence_lower` and `sequence_upper` (at all times together), `decision`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.looks;
        batch!(
            "look" => (1..=rows.len() as u32).collect::<Vec<_>>(),
            "n" => each(rows, |row| row.n),
            "information" => each(rows, |row| row.bound.information),
            "estimate" => each(rows, |row| row.estimate),
            "std_error" => each(rows, |row| row.std_error),
            "z" => each(rows, super::Look::z),
            "bound" => each(rows, |row| row.bound.z),
            "spent" => each(rows, |row| row.bound.spent),
            "plain_false_alarms" => each(rows, |row| row.bound.plain_false_alarms),
            "lower" => each(rows, |row| row.repeated.map(|limits| limits.lower)),
            "upper" => each(rows, |row| row.repeated.map(|limits| limits.upper)),
            "sequence_lower" => each(rows, |row| row.sequence.lower),
            "sequence_upper" => each(rows, |row| row.sequence.upper),
            "decision" => each(rows, |row| row.decision.text()),
        )
    }

    /// The row of a stopped test, or none: `look`, `estimate` with `lower` and `upper` (corrected for the looks before), `p_value`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn stopped_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> = self.stopped.iter().collect();
        batch!(
            "look" => each(&rows, |row| row.look as u32),
            "estimate" => each(&rows, |row| row.effect.estimate),
            "lower" => each(&rows, |row| row.effect.lower),
            "upper" => each(&rows, |row| row.effect.upper),
            "p_value" => each(&rows, |row| row.p_value),
        )
    }
}

/// One row per look: `look`, `information`, `bound`, `spent`, `plain_false_alarms`.
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_effect::monitor::{BoundParams, bounds, bounds_batch};
/// let found = bounds(&BoundParams::default())?;
/// assert_eq!(bounds_batch(&found)?.num_rows(), found.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bounds_batch(rows: &[Bound]) -> Result<RecordBatch, Error> {
    batch!(
        "look" => (1..=rows.len() as u32).collect::<Vec<_>>(),
        "information" => each(rows, |row| row.information),
        "bound" => each(rows, |row| row.z),
        "spent" => each(rows, |row| row.spent),
        "plain_false_alarms" => each(rows, |row| row.plain_false_alarms),
    )
}
