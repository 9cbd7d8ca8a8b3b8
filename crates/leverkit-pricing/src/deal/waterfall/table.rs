//! Waterfalls and their comparison as record batches.

use leverkit_core::frames::{each, number, with_keys};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::result::{Fall, StepChange, StepKind, Waterfall, WaterfallStep};

impl Tables for Waterfall {
    const TABLES: &'static [&'static str] = &["table", "total"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "total" => self.total_batch(),
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

impl Waterfall {
    /// One row per group and step: the columns it was laid out by, `step`, `kind`, `amount` (money; components and cost below zero), `share` (of list
    /// price), `per_unit` (money), `rows`, `units`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let falls: Vec<&Fall> = self.groups.iter().collect();
        let batch = self.falls_batch(&falls)?;
        let groups: Vec<u32> =
            (0..falls.len() as u32).flat_map(|group| std::iter::repeat_n(group, self.steps.len())).collect();
        with_keys(batch, &self.keys, &groups)
    }

    /// All groups together; the columns of [`Self::to_batch`] without those it was laid out by.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn total_batch(&self) -> Result<RecordBatch, Error> {
        self.falls_batch(&[&self.total])
    }

    fn falls_batch(&self, falls: &[&Fall]) -> Result<RecordBatch, Error> {
        let rows: Vec<(&Fall, usize)> =
            falls.iter().flat_map(|fall| (0..self.steps.len()).map(move |step| (*fall, step))).collect();
        batch!(
            "step" => each(&rows, |row| self.steps[row.1].name.as_str()),
            "kind" => each(&rows, |row| kind(&self.steps[row.1])),
            "amount" => each(&rows, |row| row.0.amounts[row.1]),
            "share" => each(&rows, |row| number(row.0.share(row.1))),
            "per_unit" => each(&rows, |row| row.0.per_unit(row.1)),
            "rows" => each(&rows, |row| row.0.rows),
            "units" => each(&rows, |row| row.0.units),
        )
    }
}

fn kind(step: &WaterfallStep) -> &'static str {
    match step.kind {
        StepKind::List => "list",
        StepKind::Component => "component",
        StepKind::Invoice => "invoice",
        StepKind::Pocket => "pocket",
        StepKind::Cost => "cost",
        StepKind::Margin => "margin",
    }
}

/// One row per step: `step`, `kind`, `base`, `against`, `change` (money), `base_share`, `against_share`, `share_change` (of list price),
/// `base_per_unit`, `against_per_unit`, `per_unit_change` (money).
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_pricing::comparison_batch;
/// assert_eq!(comparison_batch(&[])?.num_columns(), 11);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn comparison_batch(rows: &[StepChange]) -> Result<RecordBatch, Error> {
    batch!(
        "step" => each(rows, |row| row.step.name.as_str()),
        "kind" => each(rows, |row| kind(&row.step)),
        "base" => each(rows, |row| row.base),
        "against" => each(rows, |row| row.against),
        "change" => each(rows, |row| row.against - row.base),
        "base_share" => each(rows, |row| number(row.base_share)),
        "against_share" => each(rows, |row| number(row.against_share)),
        "share_change" => each(rows, |row| number(row.against_share - row.base_share)),
        "base_per_unit" => each(rows, |row| row.base_per_unit),
        "against_per_unit" => each(rows, |row| row.against_per_unit),
        "per_unit_change" => each(rows, |row| row.base_per_unit.zip(row.against_per_unit).map(|(base, against)| against - base)),
    )
}
