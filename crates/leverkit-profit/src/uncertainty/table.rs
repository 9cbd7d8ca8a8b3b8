//! Simulated scenarios as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, RecordBatch, Tables, batch};

use super::Simulation;
use super::importance::SobolIndex;

impl Tables for Simulation {
    const TABLES: &'static [&'static str] = &["table", "percentiles", "chances"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "table" => self.to_batch(),
            "percentiles" => self.percentiles_batch(),
            _ => self.chances_batch(),
        }
    }
}

impl Simulation {
    /// One row for revenue and one for profit: `measure`, `mean`, `mean_lower`, `mean_upper` (95 % limits), `std`, `p10`, `p50`, `p90`, money.
    ///
    /// # Errors
    /// Where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = [("revenue", &self.revenue), ("profit", &self.profit)];
        batch!(
            "measure" => each(&rows, |row| row.0),
            "mean" => each(&rows, |row| row.1.mean.estimate),
            "mean_lower" => each(&rows, |row| row.1.mean.lower),
            "mean_upper" => each(&rows, |row| row.1.mean.upper),
            "std" => each(&rows, |row| row.1.std),
            "p10" => each(&rows, |row| row.1.percentiles[9]),
            "p50" => each(&rows, |row| row.1.percentiles[49]),
            "p90" => each(&rows, |row| row.1.percentiles[89]),
        )
    }

    /// One row per percentile from 1 to 99: `percentile`, `revenue`, `profit` (money).
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn percentiles_batch(&self) -> Result<RecordBatch, Error> {
        batch!(
            "percentile" => (1..100).collect::<Vec<i32>>(),
            "revenue" => &self.revenue.percentiles,
            "profit" => &self.profit.percentiles,
        )
    }

    /// One row per chance: `event`, `probability`, `lower`, `upper` (95 % limits).
    ///
    /// # Errors
    /// Where Arrow refuses.
    fn chances_batch(&self) -> Result<RecordBatch, Error> {
        let mut rows = vec![("loss", self.loss)];
        rows.extend(self.target.map(|target| ("target reached", target)));
        batch!(
            "event" => each(&rows, |row| row.0),
            "probability" => each(&rows, |row| row.1.estimate),
            "lower" => each(&rows, |row| row.1.lower),
            "upper" => each(&rows, |row| row.1.upper),
        )
    }
}

/// One row per parameter: `parameter`, `first`, `first_lower`, `first_upper`, `total`, `total_lower`, `total_upper`.
///
/// # Errors
/// Where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Distribution, Formula, importances_batch, sobol};
/// let uncertain = [("price".into(), Distribution::Uniform { low: 40.0, high: 60.0 })];
/// let found = sobol(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &uncertain, 1024, 1)?;
/// assert_eq!(importances_batch(&found)?.num_rows(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn importances_batch(rows: &[SobolIndex]) -> Result<RecordBatch, Error> {
    batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "first" => each(rows, |row| row.first.estimate),
        "first_lower" => each(rows, |row| row.first.lower),
        "first_upper" => each(rows, |row| row.first.upper),
        "total" => each(rows, |row| row.total.estimate),
        "total_lower" => each(rows, |row| row.total.lower),
        "total_upper" => each(rows, |row| row.total.upper),
    )
}
