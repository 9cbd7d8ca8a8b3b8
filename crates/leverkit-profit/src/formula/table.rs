//! The formula and what it tells as record batches.

use leverkit_core::columns::{Values, find};
use leverkit_core::frames::{each, number};
use leverkit_core::{Column, RecordBatch, Table, Tables, batch};

use super::attribution::ProfitAttribution;
use super::goal::BreakEven;
use super::lift::{Bar, Bottleneck, Interaction, Lift, elasticities};
use super::segments::SegmentParts;
use super::{Direction, Formula, Kind};
use crate::Error;

impl Tables for Formula {
    const TABLES: &'static [&'static str] = &["parameters", "expressions"];

    fn make(&self, name: &str) -> Result<RecordBatch, leverkit_core::Error> {
        if name == "parameters" { self.parameters_batch() } else { self.expressions_batch() }
    }
}

impl Formula {
    /// One row per parameter: `parameter`, `letter`, `unit`, `kind`, `direction` (the good one), `lower`, `upper`, `norm`, `meaning`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    fn parameters_batch(&self) -> Result<RecordBatch, leverkit_core::Error> {
        let rows = self.parameters();
        let kind = |kind: Kind| match kind {
            Kind::Count => "count",
            Kind::Share => "share",
            Kind::Ratio => "ratio",
            Kind::Money => "money",
            Kind::Number => "number",
        };
        batch!(
            "parameter" => each(rows, |row| row.name.as_str()),
            "letter" => each(rows, |row| row.letter.as_str()),
            "unit" => each(rows, |row| row.unit.as_str()),
            "kind" => each(rows, |row| kind(row.kind)),
            "direction" => each(rows, |row| if row.direction == Direction::Up { "up" } else { "down" }),
            "lower" => each(rows, |row| number(row.least())),
            "upper" => each(rows, |row| number(row.most())),
            "norm" => each(rows, |row| row.norm),
            "meaning" => each(rows, |row| row.meaning.as_str()),
        )
    }

    /// One row an expression: `expression`, `unit`, `formula`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    fn expressions_batch(&self) -> Result<RecordBatch, leverkit_core::Error> {
        let rows = self.expressions();
        batch!(
            "expression" => each(rows, |row| row.name.as_str()),
            "unit" => each(rows, |row| row.unit.as_str()),
            "formula" => each(rows, |row| row.formula.as_str()),
        )
    }

    /// Evaluates a table with a column for each parameter, one row per scenario: a column for each expression. Further columns are left out.
    ///
    /// # Errors
    /// [`Error::Missing`] for a parameter without a column; [`Error::Core`] for one that holds no numbers;
    /// [`Error::Value`] for a null or a value out of bounds; [`Error::NotFinite`] for a result that is no finite number.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("profit", "(price - cost) * units")])?;
    /// let scenarios = batch!("units" => [10, 20], "price" => [5.0, 4.0], "cost" => [3.0, 3.0])?;
    /// let results = Table::from(formula.evaluate_batch(&Table::from(scenarios))?);
    /// assert_eq!(results.column("profit").unwrap().texts(), [Some("20.0".into()), Some("20.0".into())]);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn evaluate_batch(&self, scenarios: &Table) -> Result<RecordBatch, Error> {
        let columns = self.columns_of(scenarios)?;
        let results = self.evaluate(&columns.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
        let columns = self.expressions().iter().zip(results).map(|(node, values)| Column::new(&node.name, values));
        Ok(Table::new(columns.collect())?.to_batch()?)
    }

    /// The columns of a table that hold the parameters, in the order of the formula. A null is NaN, which no parameter may be.
    ///
    /// # Errors
    /// [`Error::Missing`] for a parameter without a column; [`Error::Core`] for one that holds no numbers.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("sales", &[("profit", "price * units")])?;
    /// let columns = formula.columns_of(&Table::from(batch!("units" => [10, 20], "price" => [5.0, 4.0])?))?;
    /// assert_eq!((&*columns[0], &*columns[1]), (&[5.0, 4.0][..], &[10.0, 20.0][..]));
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn columns_of(&self, scenarios: &Table) -> Result<Vec<Values>, Error> {
        let column = |name: &str| {
            if scenarios.column(name).is_none() {
                return Err(self.missing(name));
            }
            Ok(Values::of(&find(scenarios, name, name)?, 0..scenarios.rows(), name)?)
        };
        self.parameters().iter().map(|parameter| column(&parameter.name)).collect()
    }

    /// Columns of the parameters as a table, such as the parts of [`crate::attribute_rows`].
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_profit::{ChangeMethod, Formula, attribute_rows};
    /// let formula = Formula::from_expressions("sales", &[("profit", "price * units")])?;
    /// let parts = attribute_rows(&formula, &[[5.0], [10.0]], &[[6.0], [12.0]], ChangeMethod::Shapley)?;
    /// let parts = Table::from(formula.batch_of(parts)?);
    /// assert_eq!(parts.column("price").and_then(|price| price.text(0)), Some("11.0".into()));
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn batch_of(&self, columns: Vec<Vec<f64>>) -> Result<RecordBatch, Error> {
        let named = self.parameters().iter().zip(columns);
        let columns = named.map(|(parameter, values)| Column::new(&parameter.name, values));
        Ok(Table::new(columns.collect())?.to_batch()?)
    }
}

impl ProfitAttribution {
    /// One row per parameter: `parameter`, `before`, `after` (values), `part` (money of the change of profit), `share` (of the change).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self, formula: &Formula, before: &[f64], after: &[f64]) -> Result<RecordBatch, Error> {
        let change = self.after - self.before;
        Ok(batch!(
            "parameter" => each(formula.parameters(), |row| row.name.as_str()),
            "before" => before,
            "after" => after,
            "part" => &self.parts,
            // Of a change that is nearly nothing a share is no number.
            "share" => each(&self.parts, |part| Some(part / change).filter(|share| share.is_finite())),
        )?)
    }
}

impl SegmentParts {
    /// One row per segment, in the order that they were given: `before`, `after` (profit), `volume`, `mix`, `rate` (money of the change). The columns
    /// are handed over without a copy.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn into_batch(self) -> Result<RecordBatch, Error> {
        Ok(batch!(
            "before" => self.before,
            "after" => self.after,
            "volume" => self.volume,
            "mix" => self.mix,
            "rate" => self.rate,
        )?)
    }
}

/// The lift table, one row per parameter and a last one for all: `rank`, `parameter` (`all together` at last), `value`, `new_value`, `capped`,
/// `revenue_change`, `revenue_lift` (share), `profit_change`, `profit_lift` (share), `profit_change_with_responses`, and `profit_lower` and
/// `profit_upper`, the limits of the change of profit where parameters are uncertain.
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Formula, lift_batch, lift_table};
/// let table = lift_batch(&lift_table(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.2, &[])?)?;
/// assert_eq!(table.num_rows(), 5);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn lift_batch(rows: &[Lift]) -> Result<RecordBatch, Error> {
    let ranks = (1..).zip(rows).map(|(rank, row): (u32, _)| row.parameter.as_ref().map(|_| rank)).collect::<Vec<_>>();
    Ok(batch!(
        "rank" => ranks,
        "parameter" => each(rows, |row| row.parameter.as_deref().unwrap_or("all together")),
        "value" => each(rows, |row| row.value),
        "new_value" => each(rows, |row| row.new_value),
        "capped" => each(rows, |row| row.is_capped),
        "revenue_change" => each(rows, |row| row.revenue_change),
        "revenue_lift" => each(rows, |row| row.revenue_lift),
        "profit_change" => each(rows, |row| row.profit_change),
        "profit_lift" => each(rows, |row| row.profit_lift),
        "profit_change_with_responses" => each(rows, |row| row.profit_change_with_responses),
        "profit_lower" => each(rows, |row| row.profit_limits.map(|limits| limits.lower)),
        "profit_upper" => each(rows, |row| row.profit_limits.map(|limits| limits.upper)),
    )?)
}

/// One row per parameter: `parameter`, `value`, `derivative` (money of profit for one more), `elasticity` (per cent for one per cent).
///
/// # Errors
/// As [`Formula::gradient`], and [`Error::Core`] where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Formula, elasticities_batch};
/// let table = elasticities_batch(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0])?;
/// assert_eq!(table.num_rows(), 4);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn elasticities_batch(formula: &Formula, values: &[f64]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(formula.parameters(), |row| row.name.as_str()),
        "value" => values,
        "derivative" => formula.gradient(values)?,
        "elasticity" => elasticities(formula, values)?,
    )?)
}

/// One row per pair: `first`, `second`, `together` (money), `interaction` (money beyond the sum of each alone).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Formula, interactions, interactions_batch};
/// let table = interactions_batch(&interactions(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.2)?)?;
/// assert_eq!(table.num_rows(), 6);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn interactions_batch(rows: &[Interaction]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "first" => each(rows, |row| row.first.as_str()),
        "second" => each(rows, |row| row.second.as_str()),
        "together" => each(rows, |row| row.together),
        "interaction" => each(rows, |row| row.interaction),
    )?)
}

/// One row per parameter: `parameter`, `low`, `high` (values), `profit_low`, `profit_high` (money).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Formula, bars_batch, tornado};
/// let table = bars_batch(&tornado(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &[900.0, 0.05, 45.0, 1.9], &[1100.0, 0.15, 55.0, 2.1])?)?;
/// assert_eq!(table.num_rows(), 4);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn bars_batch(rows: &[Bar]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "low" => each(rows, |row| row.low),
        "high" => each(rows, |row| row.high),
        "profit_low" => each(rows, |row| row.profit_low),
        "profit_high" => each(rows, |row| row.profit_high),
    )?)
}

/// One row per parameter with a norm: `parameter`, `value`, `norm`, `elasticity`, `money_left`, `profit_change` (money).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Formula, bottlenecks, bottlenecks_batch};
/// let table = bottlenecks_batch(&bottlenecks(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &[None, Some(0.15), None, None])?)?;
/// assert_eq!(table.num_rows(), 1);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn bottlenecks_batch(rows: &[Bottleneck]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "value" => each(rows, |row| row.value),
        "norm" => each(rows, |row| row.norm),
        "elasticity" => each(rows, |row| row.elasticity),
        "money_left" => each(rows, |row| row.money_left),
        "profit_change" => each(rows, |row| row.profit_change),
    )?)
}

/// One row per parameter, the least room first: `parameter`, `value`, `break_even` (its value where profit is 0), `room` (share of its value),
/// `reason` (why there is none).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
///
/// ```
/// use leverkit_profit::{Formula, break_even, break_even_batch};
/// let table = break_even_batch(&break_even(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0])?)?;
/// assert_eq!(table.num_rows(), 4);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn break_even_batch(rows: &[BreakEven]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "value" => each(rows, |row| row.value),
        "break_even" => each(rows, |row| row.break_even),
        "room" => each(rows, |row| row.room),
        "reason" => each(rows, |row| row.reason.as_deref()),
    )?)
}
