//! What respondents do, as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::met::MetNeeds;
use super::worth::{SegmentWorth, WorthCell};

impl Tables for SegmentWorth {
    const TABLES: &'static [&'static str] = &["table", "segments", "groups", "answered"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "segments" => self.segments_batch(),
            "groups" => cells_batch(&self.groups, "segment", "group"),
            "answered" => self.answered_batch(),
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

impl SegmentWorth {
    /// One row per segment and measure: `segment`, `measure`, `n`, `value` with `lower` and `upper`, `others` (of the other segments), `difference` with
    /// `difference_lower` and `difference_upper`, `p_value`, `q_value`, `verdict`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        cells_batch(&self.cells, "segment", "measure")
    }

    /// One row per segment: `segment`, `n`, `size` (share of respondents) with `size_lower` and `size_upper`, `revenue_share` with `revenue_lower` and `revenue_upper`.
    fn segments_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.segments;
        batch!(
            "segment" => each(rows, |row| row.segment.as_str()),
            "n" => each(rows, |row| row.n),
            "size" => each(rows, |row| row.size.estimate),
            "size_lower" => each(rows, |row| row.size.lower),
            "size_upper" => each(rows, |row| row.size.upper),
            "revenue_share" => each(rows, |row| row.revenue.map(|share| share.estimate)),
            "revenue_lower" => each(rows, |row| row.revenue.map(|share| share.lower)),
            "revenue_upper" => each(rows, |row| row.revenue.map(|share| share.upper)),
        )
    }

    /// One row per measure: `measure`, `n` (who answered), `value` with limits, `others` (customers who did not answer), `difference` with limits, `p_value`, `q_value`, `verdict`.
    fn answered_batch(&self) -> Result<RecordBatch, Error> {
        let batch = cells_batch(&self.answered, "segment", "measure")?;
        let columns: Vec<usize> = (1..batch.num_columns()).collect();
        Ok(batch.project(&columns)?)
    }
}

fn cells_batch(rows: &[WorthCell], segment: &str, measure: &str) -> Result<RecordBatch, Error> {
    batch!(
        segment => each(rows, |row| row.segment.as_str()),
        measure => each(rows, |row| row.measure.as_str()),
        "n" => each(rows, |row| row.n),
        "value" => each(rows, |row| row.value.estimate),
        "lower" => each(rows, |row| row.value.lower),
        "upper" => each(rows, |row| row.value.upper),
        "others" => each(rows, |row| row.others),
        "difference" => each(rows, |row| row.difference.map(|found| found.interval.estimate)),
        "difference_lower" => each(rows, |row| row.difference.map(|found| found.interval.lower)),
        "difference_upper" => each(rows, |row| row.difference.map(|found| found.interval.upper)),
        "p_value" => each(rows, |row| row.difference.map(|found| found.p_value).filter(|p| !p.is_nan())),
        "q_value" => each(rows, |row| row.q_value),
        "verdict" => each(rows, |row| row.verdict),
    )
}

impl Tables for MetNeeds {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl MetNeeds {
    /// One row per need: `need`, `n`, `met` (share), `returned_met`, `returned_unmet`, `effect` (points of return) with `std_error`, `lower` and `upper`, `p_value`, `q_value`, `kept`
    /// (of those who would not return) with `kept_lower` and `kept_upper`, `verdict`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.needs;
        batch!(
            "need" => each(rows, |row| row.need.as_str()),
            "n" => each(rows, |row| row.n),
            "met" => each(rows, |row| row.met),
            "returned_met" => each(rows, |row| row.returned_met),
            "returned_unmet" => each(rows, |row| row.returned_unmet),
            "effect" => each(rows, |row| row.effect.map(|effect| effect.interval.estimate)),
            "std_error" => each(rows, |row| row.effect.map(|effect| effect.std_error)),
            "lower" => each(rows, |row| row.effect.map(|effect| effect.interval.lower)),
            "upper" => each(rows, |row| row.effect.map(|effect| effect.interval.upper)),
            "p_value" => each(rows, |row| row.effect.map(|effect| effect.p_value)),
            "q_value" => each(rows, |row| row.q_value),
            "kept" => each(rows, |row| row.kept.map(|kept| kept.estimate)),
            "kept_lower" => each(rows, |row| row.kept.map(|kept| kept.lower)),
            "kept_upper" => each(rows, |row| row.kept.map(|kept| kept.upper)),
            "verdict" => each(rows, |row| row.verdict),
        )
    }
}
