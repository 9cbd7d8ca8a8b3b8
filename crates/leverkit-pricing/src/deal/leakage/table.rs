//! Leaks as record batches.

use leverkit_core::frames::{each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::{Leak, Leakage};

impl Tables for Leakage {
    const TABLES: &'static [&'static str] = &["table", "totals", "norm", "outliers", "sample"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "totals" => self.totals_batch(),
            "norm" => self.norm_batch(),
            "outliers" => self.outliers_batch(),
            "sample" => self.sample_batch(),
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

impl Leakage {
    /// All deals in the first row, then one row per column and value, the most to close first: `dimension`, `value`, `deals`, `list_value`, `discount`,
    /// `expected` (by comparable deals of all values), `excess` with `lower` and `upper`, `shrunk` (what of it chance does not explain), `closable` with
    /// `closable_lower` and `closable_upper` (money), `excess_share` (of list value), `outliers`, `p_value`, `q_value`, `reason` (of a null).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.leaks;
        batch!(
            "dimension" => each(rows, |row| row.dimension.as_deref()),
            "value" => each(rows, |row| row.value.as_deref()),
            "deals" => each(rows, |row| row.deals),
            "list_value" => each(rows, |row| row.list),
            "discount" => each(rows, |row| row.discount),
            "expected" => each(rows, Leak::expected),
            "excess" => each(rows, |row| row.excess),
            "lower" => each(rows, |row| row.estimate.map(|found| found.interval.lower)),
            "upper" => each(rows, |row| row.estimate.map(|found| found.interval.upper)),
            "shrunk" => each(rows, |row| row.shrunk),
            "closable" => each(rows, |row| row.estimate.map(|_| row.closable.map_or(0.0, |money| money.estimate))),
            "closable_lower" => each(rows, |row| row.closable.map(|money| money.lower)),
            "closable_upper" => each(rows, |row| row.closable.map(|money| money.upper)),
            "excess_share" => each(rows, |row| row.excess.map(|excess| excess / row.list)),
            "outliers" => each(rows, |row| row.outliers),
            "p_value" => each(rows, |row| row.estimate.and_then(|found| number(found.p_value))),
            "q_value" => each(rows, |row| number(row.q_value)),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }

    /// One row per column: `dimension`, `values`, `leaking` (values), `deals`, `list_value`, `discount` (of those), `closable` with `lower` and `upper` (money of all that
    /// leak together), `between` (the standard deviation of values beyond chance, a share of list price), `within` (what deals are compared within),
    /// `clusters` (deals of which kinds are drawn together).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn totals_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.totals;
        batch!(
            "dimension" => each(rows, |row| row.dimension.as_str()),
            "values" => each(rows, |row| row.values),
            "leaking" => each(rows, |row| row.leaking),
            "deals" => each(rows, |row| row.deals),
            "list_value" => each(rows, |row| row.list),
            "discount" => each(rows, |row| row.discount),
            "closable" => each(rows, |row| row.closable.estimate),
            "lower" => each(rows, |row| row.closable.lower),
            "upper" => each(rows, |row| row.closable.upper),
            "between" => each(rows, |row| row.between),
            "within" => each(rows, |row| row.within.join(", ")),
            "clusters" => each(rows, |row| row.clusters.join("; ")),
        )
    }

    /// One row per knot of the norm: `size`, `discount` (share of list price), `deals`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn norm_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.norm.knots;
        batch!(
            "size" => each(rows, |row| row.size),
            "discount" => each(rows, |row| row.discount),
            "deals" => each(rows, |row| row.deals),
        )
    }

    /// One row per outlier, the most money first: `row` (from 0), `size`, `discount`, `norm` (shares of list price), `money` (beyond the norm), `z`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn outliers_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.outliers;
        batch!(
            "row" => each(rows, |row| row.row),
            "size" => each(rows, |row| row.size),
            "discount" => each(rows, |row| row.discount),
            "norm" => each(rows, |row| row.norm),
            "money" => each(rows, |row| row.money),
            "z" => each(rows, |row| row.z),
        )
    }

    /// Some deals, evenly drawn, for a picture: `size`, `discount`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn sample_batch(&self) -> Result<RecordBatch, Error> {
        batch!("size" => each(&self.sample, |row| row.0), "discount" => each(&self.sample, |row| row.1))
    }
}
