//! Price indices as record batches.

use leverkit_core::frames::{beside, each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Table, Tables, batch};

use leverkit_stats::Interval;

use super::sales::Turnover;
use super::{Base, PriceIndex};

impl Tables for PriceIndex {
    const TABLES: &'static [&'static str] = &["table", "drift", "turnover"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "drift" => self.drift_batch(),
            "turnover" => self.turnover_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.sales.left_out
    }
}

impl PriceIndex {
    /// One row per period: its column of time, `index` (1 in the base) with `lower` and `upper`, `change` (from the period before), `products`, `matched` (sold in the
    /// period it is compared with too), `coverage` (share of revenue that those make), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.periods;
        let index = each(rows, |row| row.index.map(|index| index.estimate));
        let is_step = self.params.base == Base::Period;
        let change = (0..rows.len()).map(|at| {
            let before = at.checked_sub(1).and_then(|before| if is_step { Some(1.0) } else { index[before] })?;
            Some(index[at]? / before - 1.0)
        });
        let limit = |pick: fn(Interval) -> f64| each(rows, |row| row.index.map(pick).and_then(number));
        let batch = batch!(
            "index" => &index,
            "lower" => limit(|index| index.lower),
            "upper" => limit(|index| index.upper),
            "change" => change.collect::<Vec<Option<f64>>>(),
            "products" => each(rows, |row| row.products),
            "matched" => each(rows, |row| row.matched),
            "coverage" => each(rows, |row| row.coverage),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )?;
        self.with_time(batch)
    }

    /// One row per period: its column of time, `fixed`, `chained` and `geks` (the formula on a fixed base, chained, and its GEKS), `drift` (chained over GEKS less 1).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn drift_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.drift();
        self.with_time(batch!(
            "fixed" => each(&rows, |row| number(row.fixed)),
            "chained" => each(&rows, |row| number(row.chained)),
            "geks" => each(&rows, |row| number(row.geks)),
            "drift" => each(&rows, |row| number(row.share())),
        )?)
    }

    /// One row per period: its column of time, `revenue`, `change` (from the period before), and what makes it, money: `price`, `quantity` (of products in both),
    /// `entered`, `left` (negative); `products_entered`, of which `products_returned`, `products_left`. Null in the first period.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn turnover_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.sales.turnover();
        let change = (0..rows.len()).map(|at| at.checked_sub(1).map(|before| rows[at].revenue - rows[before].revenue));
        let later = |pick: fn(&Turnover) -> f64| {
            (0..rows.len()).map(|at| (at > 0).then(|| pick(&rows[at]))).collect::<Vec<Option<f64>>>()
        };
        let count = |pick: fn(&Turnover) -> u64| {
            (0..rows.len()).map(|at| (at > 0).then(|| pick(&rows[at]))).collect::<Vec<Option<u64>>>()
        };
        self.with_time(batch!(
            "revenue" => each(&rows, |row| row.revenue),
            "change" => change.collect::<Vec<Option<f64>>>(),
            "price" => later(|row| row.price),
            "quantity" => later(|row| row.quantity),
            "entered" => later(|row| row.entered.1),
            "left" => later(|row| -row.left.1),
            "products_entered" => count(|row| row.entered.0),
            "products_returned" => count(|row| row.returned),
            "products_left" => count(|row| row.left.0),
        )?)
    }

    fn with_time(&self, batch: RecordBatch) -> Result<RecordBatch, Error> {
        // A column of the user's may be called as one of ours.
        let name = if batch.column_by_name(&self.params.time).is_some() { "time" } else { &self.params.time };
        beside(&[Table::new(vec![self.sales.periods.renamed(name)])?.to_batch()?, batch])
    }
}
