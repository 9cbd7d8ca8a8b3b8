//! Needs as record batches.

use leverkit_core::frames::{each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::{Band, Opportunity};
use crate::answers::quality_batch;

impl Tables for Opportunity {
    const TABLES: &'static [&'static str] = &["table", "segments", "quality"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "segments" => self.segments_batch(),
            "quality" => quality_batch(&self.quality),
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

impl Opportunity {
    /// One row per need, the highest score first: `need`, `n`, `importance`, `satisfaction` (0 to 10), `score` with limits, `debiased`, `shrunk` with limits,
    /// `above_10`, `among_top`, `overserved` (probabilities), `band`, `status`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.needs;
        batch!(
            "need" => each(rows, |row| row.need.as_str()),
            "n" => each(rows, |row| row.n),
            "importance" => each(rows, |row| row.importance),
            "satisfaction" => each(rows, |row| row.satisfaction),
            "score" => each(rows, |row| row.score.estimate),
            "score_lower" => each(rows, |row| row.score.lower),
            "score_upper" => each(rows, |row| row.score.upper),
            "debiased" => each(rows, |row| row.debiased),
            "shrunk" => each(rows, |row| row.shrunk.map(|found| found.estimate)),
            "shrunk_lower" => each(rows, |row| row.shrunk.map(|found| found.lower)),
            "shrunk_upper" => each(rows, |row| row.shrunk.map(|found| found.upper)),
            "above_10" => each(rows, |row| row.above),
            "among_top" => each(rows, |row| row.among_top),
            "overserved" => each(rows, |row| row.overserved),
            "band" => each(rows, |row| row.band.map(Band::name)),
            "status" => each(rows, |row| row.status),
        )
    }

    /// One row per segment and need: `segment`, `need`, `n`, `importance`, `satisfaction`, `score` with limits, `difference` (from all others) with limits,
    /// `p_value`, `q_value`.
    fn segments_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.segments;
        batch!(
            "segment" => each(rows, |row| row.segment.as_str()),
            "need" => each(rows, |row| row.need.as_str()),
            "n" => each(rows, |row| row.n),
            "importance" => each(rows, |row| row.importance),
            "satisfaction" => each(rows, |row| row.satisfaction),
            "score" => each(rows, |row| row.score.estimate),
            "score_lower" => each(rows, |row| row.score.lower),
            "score_upper" => each(rows, |row| row.score.upper),
            "difference" => each(rows, |row| row.difference.estimate),
            "difference_lower" => each(rows, |row| row.difference.lower),
            "difference_upper" => each(rows, |row| row.difference.upper),
            "p_value" => each(rows, |row| number(row.p_value)),
            "q_value" => each(rows, |row| number(row.q_value)),
        )
    }
}
