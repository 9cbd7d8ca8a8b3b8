//! Points as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::Liability;
use super::deferral::Deferral;

impl Tables for Liability {
    const TABLES: &'static [&'static str] = &["cohorts", "curve", "triangle"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "curve" => self.curve_batch(),
            "triangle" => self.triangle_batch(),
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

impl Liability {
    /// One row per period of earning: `cohort` (its first day), `earned`, `redeemed`, `expired`, `outstanding` and `expected` to be redeemed of them (points),
    /// `liability` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.cohorts;
        batch!(
            "cohort" => each(rows, |row| row.start),
            "earned" => each(rows, |row| row.earned),
            "redeemed" => each(rows, |row| row.redeemed),
            "expired" => each(rows, |row| row.expired),
            "outstanding" => each(rows, |row| row.outstanding),
            "expected" => each(rows, |row| row.expected),
            "liability" => each(rows, |row| row.liability),
        )
    }

    /// One row per age: `age` (periods since the earning), `at_risk`, `redeemed`, `expired` (points), `redeemed_share` by its end with `lower` and `upper`,
    /// `open_share`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn curve_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.curve;
        batch!(
            "age" => each(rows, |row| row.age),
            "at_risk" => each(rows, |row| row.at_risk),
            "redeemed" => each(rows, |row| row.redeemed),
            "expired" => each(rows, |row| row.expired),
            "redeemed_share" => each(rows, |row| row.redeemed_share.estimate),
            "lower" => each(rows, |row| row.redeemed_share.lower),
            "upper" => each(rows, |row| row.redeemed_share.upper),
            "open_share" => each(rows, |row| row.open_share),
        )
    }

    /// One row per period of earning and age: `cohort`, `age`, `at_risk`, `redeemed`, `expired` (points), `is_complete`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn triangle_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.triangle;
        batch!(
            "cohort" => each(rows, |row| row.start),
            "age" => each(rows, |row| row.age),
            "at_risk" => each(rows, |row| row.at_risk),
            "redeemed" => each(rows, |row| row.redeemed),
            "expired" => each(rows, |row| row.expired),
            "is_complete" => each(rows, |row| row.is_complete),
        )
    }
}

impl Tables for Deferral {
    const TABLES: &'static [&'static str] = &["table"];

    /// One row per period: `period` (from 1), `redeemed` so far and `expected` in all (points), `released` so far, `revenue` of the period, `liability` (money).
    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        let rows = &self.periods;
        batch!(
            "period" => (1..=rows.len() as u32).collect::<Vec<_>>(),
            "redeemed" => each(rows, |row| row.redeemed),
            "expected" => each(rows, |row| row.expected),
            "released" => each(rows, |row| row.released),
            "revenue" => each(rows, |row| row.revenue),
            "liability" => each(rows, |row| row.liability),
        )
    }
}
