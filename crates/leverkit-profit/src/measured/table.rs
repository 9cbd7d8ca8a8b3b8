//! Measured parameters as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Column, Error, RecordBatch, Table, Tables, batch};

use super::result::{MeasuredPeriod, Measurement, Source};
use super::segments::MeasuredSegments;

impl Tables for Measurement {
    const TABLES: &'static [&'static str] = &["values", "periods", "missing", "spreads", "pairs"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "values" => self.values_batch(),
            "periods" => self.periods_batch(),
            "missing" => self.missing_batch(),
            "spreads" => self.spreads_batch(),
            _ => self.pairs_batch(),
        }
    }
}

impl Measurement {
    /// One row per period and parameter: `period_start`, `period_end`, `complete`, `parameter`, `value`, `lower`, `upper` (95 % limits), `n` (what it
    /// was divided by), `source` (`lines`, `books` or `assumed`).
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn values_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> =
            self.periods.iter().flat_map(|period| period.values.iter().map(move |value| (period, value))).collect();
        let source = |source: Source| match source {
            Source::Lines => "lines",
            Source::Books => "books",
            Source::Assumed => "assumed",
        };
        batch!(
            "period_start" => each(&rows, |row| row.0.start),
            "period_end" => each(&rows, |row| row.0.end),
            "complete" => each(&rows, |row| row.0.is_complete),
            "parameter" => each(&rows, |row| row.1.parameter),
            "value" => each(&rows, |row| row.1.value),
            "lower" => each(&rows, |row| row.1.limits.map(|limits| limits.lower)),
            "upper" => each(&rows, |row| row.1.limits.map(|limits| limits.upper)),
            "n" => each(&rows, |row| row.1.n),
            "source" => each(&rows, |row| source(row.1.source)),
        )
    }

    /// One row per period: `period_start`, `period_end`, `complete`, `customers` (with an order), `new`, `orders`, `revenue` (money, net of returns).
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn periods_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.periods;
        batch!(
            "period_start" => each(rows, |row| row.start),
            "period_end" => each(rows, |row| row.end),
            "complete" => each(rows, |row| row.is_complete),
            "customers" => each(rows, |row| row.customers),
            "new" => each(rows, |row| row.new),
            "orders" => each(rows, |row| row.orders),
            "revenue" => each(rows, |row| row.revenue),
        )
    }

    /// One row per period, uncertain parameter and number of its distribution: `period_start`, `parameter`, `kind` and `number` (as
    /// [`Distribution`](crate::Distribution) calls them), `value`.
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn spreads_batch(&self) -> Result<RecordBatch, Error> {
        let mut rows = Vec::new();
        for period in &self.periods {
            for (parameter, spread) in period.spreads() {
                let (kind, numbers) = spread.numbers();
                rows.extend(numbers.into_iter().map(|(number, value)| (period.start, parameter, kind, number, value)));
            }
        }
        batch!(
            "period_start" => each(&rows, |row| row.0),
            "parameter" => each(&rows, |row| row.1),
            "kind" => each(&rows, |row| row.2),
            "number" => each(&rows, |row| row.3),
            "value" => each(&rows, |row| row.4),
        )
    }

    /// One row per period and pair of parameters that the same customers tell: `period_start`, `first`, `second`, `correlation`.
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn pairs_batch(&self) -> Result<RecordBatch, Error> {
        let pairs = |period: &MeasuredPeriod| each(&period.correlations, |pair| (period.start, pair.clone()));
        let rows: Vec<_> = self.periods.iter().flat_map(pairs).collect();
        batch!(
            "period_start" => each(&rows, |row| row.0),
            "first" => each(&rows, |row| row.1.0.as_str()),
            "second" => each(&rows, |row| row.1.1.as_str()),
            "correlation" => each(&rows, |row| row.1.2),
        )
    }

    /// One row per parameter that could not be measured: `parameter`, `assumed`, `needed`.
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn missing_batch(&self) -> Result<RecordBatch, Error> {
        batch!(
            "parameter" => each(&self.missing, |row| row.parameter),
            "assumed" => each(&self.missing, |row| row.assumed),
            "needed" => each(&self.missing, |row| row.needed),
        )
    }
}

/// The tables of [`Measurement`], those of all segments in one, with the dimension as the first column.
impl Tables for MeasuredSegments {
    const TABLES: &'static [&'static str] = Measurement::TABLES;

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        let mut whole = Table::default();
        for (segment, found) in &self.segments {
            let own = Table::from(found.make(name)?);
            let key = Column::new(&self.by, vec![segment.as_str(); own.rows()]);
            whole.append(&Table::new([&[key], own.columns()].concat())?)?;
        }
        whole.to_batch()
    }
}
