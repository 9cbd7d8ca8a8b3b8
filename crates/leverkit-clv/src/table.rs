//! Tables of lifetime models: summaries in and out, parameters, predictions, contests.

use leverkit_core::columns::{find, numbers};
use leverkit_core::frames::{each, finite, number};
use leverkit_core::{Column, Drift, Error, RecordBatch, Table, Tables, batch, check};
use rayon::prelude::*;

use crate::{
    Columns, Contender, Contest, Covariate, CustomerSummary, Errors, Estimates, Fit, ModelDrift, NextOrder, SpendFit,
    Summary, Tracking, Validation, Values,
};

impl Tables for ModelDrift {
    const TABLES: &'static [&'static str] = &["table", "bins"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "bins" => Drift::bins_to_batch(&self.drift),
            _ => Drift::to_batch(&self.drift),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Tables for Summary {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch(false)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Summary {
    /// One row per customer: `customer`, `frequency` (repeat orders), `recency` and `T` (time in the unit), `monetary_value` (money of a repeat order);
    /// with a holdout `frequency_holdout`, `T_holdout`, `monetary_value_holdout`; `log_gaps` where asked for.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self, log_gaps: bool) -> Result<RecordBatch, Error> {
        let numbers = |name: &str, pick: fn(&CustomerSummary) -> f64| {
            Column::new(name, self.each.par_iter().map(pick).collect::<Vec<f64>>())
        };
        let counts = |name: &str, pick: fn(&CustomerSummary) -> u32| {
            Column::new(name, self.each.par_iter().map(|one| i64::from(pick(one))).collect::<Vec<i64>>())
        };
        let mut columns = vec![
            self.customers.renamed("customer"),
            counts("frequency", |one| one.frequency),
            numbers("recency", |one| one.recency),
            numbers("T", |one| one.t),
            numbers("monetary_value", |one| one.monetary_value),
        ];
        if let Some(holdout) = self.holdout {
            columns.push(counts("frequency_holdout", |one| one.frequency_holdout));
            columns.push(Column::new("T_holdout", vec![holdout; self.each.len()]));
            columns.push(numbers("monetary_value_holdout", |one| one.monetary_value_holdout));
        }
        if log_gaps {
            columns.push(numbers("log_gaps", |one| one.log_gaps));
        }
        Table::new(columns)?.to_batch()
    }
}

impl Columns {
    /// Reads a summary: columns `frequency`, `recency` and `T`, `log_gaps` where there is one, and those named.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] or [`Error::WrongType`] where a column is missing or holds no numbers.
    ///
    /// ```
    /// use leverkit_clv::{Columns, Family, Histories};
    /// use leverkit_core::{Table, batch};
    /// let summary = batch!("frequency" => [2, 0], "recency" => [30.43, 0.0], "T" => [38.86, 12.0], "customers" => [40, 60])?;
    /// let columns = Columns::from_table(&Table::from(summary), Some("customers"), &[])?;
    /// assert_eq!(columns.weights, Some(vec![40.0, 60.0]));
    /// assert_eq!(Histories::new(columns, Family::BetaGeo)?.len(), 2);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn from_table(table: &Table, weights: Option<&str>, covariates: &[String]) -> Result<Self, Error> {
        let read = |name: &str| column(table, name);
        let covariates: Result<Vec<Covariate>, Error> =
            covariates.iter().map(|name| Ok(Covariate { name: name.clone(), values: read(name)? })).collect();
        Ok(Self {
            frequency: read("frequency")?,
            recency: read("recency")?,
            t: read("T")?,
            log_gaps: table.column("log_gaps").is_some().then(|| read("log_gaps")).transpose()?,
            weights: weights.map(read).transpose()?,
            covariates: covariates?,
        })
    }
}

/// A numeric column of a summary.
///
/// # Errors
/// [`Error::UnknownColumn`] or [`Error::WrongType`] where it is missing or holds no numbers.
///
/// ```
/// use leverkit_core::{Table, batch};
/// let summary = Table::from(batch!("frequency" => [2, 0])?);
/// assert_eq!(leverkit_clv::column(&summary, "frequency")?, [2.0, 0.0]);
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn column(table: &Table, name: &str) -> Result<Vec<f64>, Error> {
    numbers(&find(table, "summary", name)?, "summary")
}

/// Confidence level of the limits in tables whose reader chose none.
const LEVEL: f64 = 0.95;

impl Tables for Fit {
    const TABLES: &'static [&'static str] = &["estimates"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.estimates.to_batch(LEVEL)
    }

    fn notes(&self) -> &[String] {
        &self.estimates.notes
    }
}

impl Tables for SpendFit {
    const TABLES: &'static [&'static str] = &["estimates"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.estimates.to_batch(LEVEL)
    }

    fn notes(&self) -> &[String] {
        &self.estimates.notes
    }
}

impl Estimates {
    /// One row per parameter: `parameter`, `estimate`, `std_error`, `lower`, `upper`; limits beyond all numbers are null.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside 0 and 1.
    pub fn to_batch(&self, level: f64) -> Result<RecordBatch, Error> {
        check::share("level", level)?;
        let rows = self.table(level);
        // Limits are made on the log scale, from which some lead beyond all numbers.
        let known = |value: Option<f64>| value.filter(|value| value.is_finite());
        batch!(
            "parameter" => each(&rows, |row| row.name.as_str()),
            "estimate" => each(&rows, |row| row.value),
            "std_error" => each(&rows, |row| known(row.std_error)),
            "lower" => each(&rows, |row| known(row.lower)),
            "upper" => each(&rows, |row| known(row.upper)),
        )
    }
}

impl Tables for Values {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Values {
    /// One row per customer of the summary: `probability_alive`, `expected_purchases`, `discounted_purchases`, `expected_spend`, `lifetime_value`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.each;
        batch!(
            "probability_alive" => each(rows, |row| row.probability_alive),
            "expected_purchases" => each(rows, |row| row.expected_purchases),
            "discounted_purchases" => each(rows, |row| row.discounted_purchases),
            "expected_spend" => each(rows, |row| row.expected_spend),
            "lifetime_value" => each(rows, |row| row.value.map(|value| value.estimate)),
            "lower" => each(rows, |row| row.value.and_then(|value| number(value.lower))),
            "upper" => each(rows, |row| row.value.and_then(|value| number(value.upper))),
        )
    }
}

/// One row per customer: `probability_alive`, `returns` (chance of an order within the horizon), `median`, `lower`, `upper` and `lost_after` (time from the end of
/// the history).
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_clv::{Columns, Family, Fit, Histories, next_orders_batch};
/// let columns = Columns { frequency: vec![2.0, 0.0], recency: vec![30.43, 0.0], t: vec![38.86; 2], ..Columns::default() };
/// let histories = Histories::new(columns, Family::BetaGeo)?;
/// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
/// let orders = next_orders_batch(&model.next_order(&histories, 52.0, 0.8, 0.5)?)?;
/// assert_eq!(orders.num_rows(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn next_orders_batch(rows: &[NextOrder]) -> Result<RecordBatch, Error> {
    batch!(
        "probability_alive" => each(rows, |row| row.probability_alive),
        "returns" => each(rows, |row| row.returns),
        "median" => each(rows, |row| row.time.estimate),
        "lower" => each(rows, |row| row.time.lower),
        "upper" => each(rows, |row| row.time.upper),
        "lost_after" => each(rows, |row| row.lost_after),
    )
}

impl Tables for Validation {
    const TABLES: &'static [&'static str] = &["by_frequency", "errors"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "errors" => self.errors_batch(),
            _ => self.to_batch(),
        }
    }
}

impl Validation {
    /// One row per number of repeat orders: `frequency` (text, the last open), `customers`, `actual`, `predicted` and `naive` orders per customer.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.by_frequency;
        let label = |frequency: u32| if frequency == 7 { "7+".into() } else { frequency.to_string() };
        batch!(
            "frequency" => each(rows, |row| label(row.frequency)),
            "customers" => each(rows, |row| row.customers as i64),
            "actual" => each(rows, |row| row.actual),
            "predicted" => each(rows, |row| row.predicted),
            "naive" => each(rows, |row| row.naive),
        )
    }

    /// One row for the model and one for the naive baseline: `model`, `mae`, `rmse`, `actual`, `predicted`, `gini`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn errors_batch(&self) -> Result<RecordBatch, Error> {
        let rows = [&self.model, &self.naive];
        let known = |pick: fn(&Errors) -> f64| finite(rows.iter().map(|row| pick(row)));
        batch!(
            "model" => ["model", "naive"],
            "mae" => known(|row| row.mae),
            "rmse" => known(|row| row.rmse),
            "actual" => known(|row| row.actual),
            "predicted" => known(|row| row.predicted),
            "gini" => [self.model.gini, self.naive.gini],
        )
    }
}

impl Tables for Tracking {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }
}

impl Tracking {
    /// One row per unit of time: `period`, `end` (its last day), `holdout`, `actual`, `predicted`, `actual_cumulative`, `predicted_cumulative` (repeat orders).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rows;
        batch!(
            "period" => each(rows, |row| i64::from(row.period)),
            "end" => each(rows, |row| row.end),
            "holdout" => each(rows, |row| row.holdout),
            "actual" => each(rows, |row| row.actual),
            "predicted" => each(rows, |row| row.predicted),
            "actual_cumulative" => each(rows, |row| row.actual_cumulative),
            "predicted_cumulative" => each(rows, |row| row.predicted_cumulative),
        )
    }
}

impl Tables for Contest {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Contest {
    /// One row per contender, best first: `model`, `behind` (log units), `log_likelihood`, `log_score`, `mae`, `rmse`, `actual`, `predicted`, `gini`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.entries;
        let known = |pick: fn(&Contender) -> Option<f64>| each(rows, |row| pick(row).and_then(number));
        let error = |pick: fn(&Errors) -> f64| each(rows, |row| row.errors.as_ref().map(pick));
        batch!(
            "model" => each(rows, |row| row.model.as_str()),
            "behind" => known(|row| row.behind),
            "log_likelihood" => known(|row| row.log_likelihood),
            "log_score" => known(|row| row.log_score),
            "mae" => error(|row| row.mae),
            "rmse" => error(|row| row.rmse),
            "actual" => error(|row| row.actual),
            "predicted" => error(|row| row.predicted),
            "gini" => each(rows, |row| row.errors.and_then(|errors| errors.gini)),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }
}
