//! Results of the market level as record batches.

use leverkit_core::estimates::{estimates_batch, terms_batch};
use leverkit_core::frames::{beside, each, number};
use leverkit_core::left_out::left_out_batch;
use leverkit_core::{Column, Error, LeftOut, RecordBatch, Table, Tables, batch};
use leverkit_stats::{Interval, Term};

use super::elasticity::{Compared, Elasticity};
use super::optimal::{OptimalPrice, Outcome};
use super::shrink::{GroupElasticities, GroupElasticity, Shrunk};

impl Tables for Elasticity {
    const TABLES: &'static [&'static str] = &["table", "tests", "compared", "left_out"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "tests" => self.tests_batch(),
            "compared" => self.compared_batch(),
            "left_out" => left_out_batch(&self.left_out),
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

impl Elasticity {
    /// One row per term, the price first: `term`, `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        terms_batch(&self.terms)
    }

    /// One row per model: `model`, the columns of an estimate of the price, `n`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn compared_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.compared;
        let names = batch!("model" => each(rows, |row| row.model))?;
        let rest = batch!(
            "n" => each(rows, |row| row.n),
            "reason" => each(rows, |Compared { price: Term { reason, .. }, .. }| reason.as_deref()),
        )?;
        let found = estimates_batch(&each(rows, |row| row.price.estimate))?;
        beside(&[names, found, rest])
    }

    /// One row per test: `test`, `statistic` (F), `df1`, `df2`, `p_value`, `reading`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn tests_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.tests;
        batch!(
            "test" => each(rows, |row| row.test),
            "statistic" => each(rows, |row| number(row.statistic)),
            "df1" => each(rows, |row| row.df1),
            "df2" => each(rows, |row| row.df2),
            "p_value" => each(rows, |row| number(row.p_value)),
            "reading" => each(rows, |row| row.reading.as_str()),
        )
    }
}

impl Tables for GroupElasticities {
    const TABLES: &'static [&'static str] = &["table", "categories", "left_out"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "categories" => self.categories_batch(),
            "left_out" => left_out_batch(&self.left_out),
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

impl GroupElasticities {
    /// One row per group: the columns of `by`, `category`, `n`, `periods`, `revenue`, the columns of an estimate, `shrunk`, `shrunk_std_error`, `shrunk_lower`,
    /// `shrunk_upper`, `weight_of_category`, `status`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.groups;
        let first = batch!(
            "category" => each(rows, |row| self.categories[row.category].name.as_deref()),
            "n" => each(rows, |row| row.n),
            "periods" => each(rows, |row| row.periods),
            "revenue" => each(rows, |row| row.revenue),
        )?;
        let shrunk = |part: fn(&Shrunk) -> f64| each(rows, |row| row.shrunk.as_ref().map(part));
        let rest = batch!(
            "shrunk" => shrunk(|found| found.interval.estimate),
            "shrunk_std_error" => shrunk(|found| found.std_error),
            "shrunk_lower" => shrunk(|found| found.interval.lower),
            "shrunk_upper" => shrunk(|found| found.interval.upper),
            "weight_of_category" => shrunk(|found| found.weight),
            "status" => each(rows, |row| row.status.text()),
            "reason" => each(rows, |GroupElasticity { reason, .. }| reason.as_deref()),
        )?;
        let found = estimates_batch(&each(rows, |row| row.estimate))?;
        let is_free = |column: &Column| self.keys.iter().all(|key| key.name() != column.name());
        let ours =
            [first, found, rest].into_iter().flat_map(|part| Table::from(part).columns().to_vec()).filter(is_free);
        Table::new(self.keys.iter().cloned().chain(ours).collect())?.to_batch()
    }

    /// One row per category: `category`, `groups`, the columns of an estimate of the mean, `deviation` (standard deviation of true elasticities), `borrowed`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn categories_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.categories;
        let names =
            batch!("category" => each(rows, |row| row.name.as_deref()), "groups" => each(rows, |row| row.groups))?;
        let rest =
            batch!("deviation" => each(rows, |row| row.deviation), "borrowed" => each(rows, |row| row.borrowed))?;
        let found = estimates_batch(&each(rows, |row| row.mean))?;
        beside(&[names, found, rest])
    }
}

/// One row per price: `price`, `quantity`, `revenue`, `profit`, each with `_lower` and `_upper`, and `extrapolated`.
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_pricing::outcomes_batch;
/// assert_eq!(outcomes_batch(&[])?.num_rows(), 0);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn outcomes_batch(rows: &[Outcome]) -> Result<RecordBatch, Error> {
    let of = |part: fn(&Outcome) -> f64| each(rows, |row| number(part(row)));
    batch!(
        "price" => of(|row| row.price),
        "quantity" => of(|row| row.quantity.estimate),
        "quantity_lower" => of(|row| row.quantity.lower),
        "quantity_upper" => of(|row| row.quantity.upper),
        "revenue" => of(|row| row.revenue.estimate),
        "revenue_lower" => of(|row| row.revenue.lower),
        "revenue_upper" => of(|row| row.revenue.upper),
        "profit" => of(|row| row.profit.estimate),
        "profit_lower" => of(|row| row.profit.lower),
        "profit_upper" => of(|row| row.profit.upper),
        "extrapolated" => each(rows, |row| row.extrapolated),
    )
}

impl Tables for OptimalPrice {
    const TABLES: &'static [&'static str] = &["table", "curve"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "curve" => self.curve_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl OptimalPrice {
    /// One row: `price` with `lower` and `upper`, `today`, `profit` and `profit_today` with limits, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let profit = |outcome: Option<Outcome>, part: fn(Interval) -> f64| {
            [outcome.and_then(|found| number(part(found.profit)))]
        };
        batch!(
            "price" => [self.price],
            "lower" => [self.lower],
            "upper" => [self.upper],
            "today" => [self.params.price],
            "profit" => profit(self.outcome, |found| found.estimate),
            "profit_lower" => profit(self.outcome, |found| found.lower),
            "profit_upper" => profit(self.outcome, |found| found.upper),
            "profit_today" => profit(self.today, |found| found.estimate),
            "reason" => [self.reason.as_deref()],
        )
    }

    /// The curve of prices; columns as [`outcomes_batch`].
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn curve_batch(&self) -> Result<RecordBatch, Error> {
        outcomes_batch(&self.curve())
    }
}
