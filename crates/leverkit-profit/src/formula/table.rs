//! Results as record batches; the one file of this crate that builds them.

use leverkit_core::columns::{Values, find};
use leverkit_core::frames::{dates, each, number};
use leverkit_core::{Column, RecordBatch, Table, batch};

use crate::{
    Attribution, Bar, Bottleneck, BreakEven, Earned, Error, Formula, Importance, Interaction, Kind, Kpi, KpiSystem,
    Lift, Measurement, Plan, SegmentParts, Simulation, Source,
};

impl Formula {
    /// One row a parameter: `parameter`, `letter`, `unit`, `kind`, `direction` (the good one), `lower`, `upper`, `norm`, `meaning`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn parameters_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.parameters();
        let kind = |kind: Kind| match kind {
            Kind::Count => "count",
            Kind::Share => "share",
            Kind::Ratio => "ratio",
            Kind::Money => "money",
            Kind::Number => "number",
        };
        Ok(batch!(
            "parameter" => each(rows, |row| row.name.as_str()),
            "letter" => each(rows, |row| row.letter.as_str()),
            "unit" => each(rows, |row| row.unit.as_str()),
            "kind" => each(rows, |row| kind(row.kind)),
            "direction" => each(rows, |row| if row.direction == crate::Direction::Up { "up" } else { "down" }),
            "lower" => each(rows, |row| number(row.least())),
            "upper" => each(rows, |row| number(row.most())),
            "norm" => each(rows, |row| row.norm),
            "meaning" => each(rows, |row| row.meaning.as_str()),
        )?)
    }

    /// One row an expression: `expression`, `unit`, `formula`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn expressions_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.expressions();
        Ok(batch!(
            "expression" => each(rows, |row| row.name.as_str()),
            "unit" => each(rows, |row| row.unit.as_str()),
            "formula" => each(rows, |row| row.formula.as_str()),
        )?)
    }

    /// Evaluates a table with a column for each parameter, a row a scenario: a column for each expression. Further columns are left out.
    ///
    /// # Errors
    /// [`Error::Missing`] for a parameter without a column; [`Error::Core`] for one that holds no numbers;
    /// [`Error::Value`] for a null or a value out of bounds; [`Error::NotFinite`] for a result that is no finite number.
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
    pub fn batch_of(&self, columns: Vec<Vec<f64>>) -> Result<RecordBatch, Error> {
        let named = self.parameters().iter().zip(columns);
        let columns = named.map(|(parameter, values)| Column::new(&parameter.name, values));
        Ok(Table::new(columns.collect())?.to_batch()?)
    }
}

impl Attribution {
    /// One row a parameter: `parameter`, `before`, `after` (values), `part` (money of the change of profit), `share` (of the change).
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
            "share" => each(&self.parts, |part| (change != 0.0).then(|| part / change)),
        )?)
    }
}

/// The lift table, one row a parameter and a last one for all: `rank`, `parameter` (`all together` at last), `value`, `new_value`, `capped`,
/// `revenue_change`, `revenue_lift` (share), `profit_change`, `profit_lift` (share), `profit_change_with_responses`, and `profit_lower` and
/// `profit_upper`, the limits of the change of profit where parameters are uncertain.
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
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
        "profit_lower" => each(rows, |row| row.profit_limits.map(|limits| limits.0)),
        "profit_upper" => each(rows, |row| row.profit_limits.map(|limits| limits.1)),
    )?)
}

/// One row a parameter: `parameter`, `value`, `derivative` (money of profit for one more), `elasticity` (per cent for one per cent).
///
/// # Errors
/// As [`Formula::gradient`], and [`Error::Core`] where Arrow refuses.
pub fn elasticities_batch(formula: &Formula, values: &[f64]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(formula.parameters(), |row| row.name.as_str()),
        "value" => values,
        "derivative" => formula.gradient(values)?,
        "elasticity" => crate::elasticities(formula, values)?,
    )?)
}

/// One row a pair: `first`, `second`, `together` (money), `interaction` (money beyond the sum of each alone).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn interactions_batch(rows: &[Interaction]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "first" => each(rows, |row| row.first.as_str()),
        "second" => each(rows, |row| row.second.as_str()),
        "together" => each(rows, |row| row.together),
        "interaction" => each(rows, |row| row.interaction),
    )?)
}

/// One row a parameter: `parameter`, `low`, `high` (values), `profit_low`, `profit_high` (money).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn bars_batch(rows: &[Bar]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "low" => each(rows, |row| row.low),
        "high" => each(rows, |row| row.high),
        "profit_low" => each(rows, |row| row.profit_low),
        "profit_high" => each(rows, |row| row.profit_high),
    )?)
}

/// One row a parameter with a norm: `parameter`, `value`, `norm`, `elasticity`, `money_left`, `profit_change` (money).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
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

impl Measurement {
    /// One row a period and parameter: `period_start`, `period_end`, `complete`, `parameter`, `value`, `lower`, `upper` (95 % limits), `n` (what it
    /// was divided by), `source` (`lines`, `books` or `assumed`).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn values_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> =
            self.periods.iter().flat_map(|period| period.values.iter().map(move |value| (period, value))).collect();
        let source = |source: Source| match source {
            Source::Lines => "lines",
            Source::Books => "books",
            Source::Assumed => "assumed",
        };
        Ok(batch!(
            "period_start" => dates(rows.iter().map(|row| Some(row.0.start))),
            "period_end" => dates(rows.iter().map(|row| Some(row.0.end))),
            "complete" => each(&rows, |row| row.0.is_complete),
            "parameter" => each(&rows, |row| row.1.parameter),
            "value" => each(&rows, |row| row.1.value),
            "lower" => each(&rows, |row| row.1.limits.map(|limits| limits.0)),
            "upper" => each(&rows, |row| row.1.limits.map(|limits| limits.1)),
            "n" => each(&rows, |row| row.1.n),
            "source" => each(&rows, |row| source(row.1.source)),
        )?)
    }

    /// One row a period: `period_start`, `period_end`, `complete`, `customers` (with an order), `new`, `orders`, `revenue` (money, net of returns).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn periods_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.periods;
        Ok(batch!(
            "period_start" => dates(rows.iter().map(|row| Some(row.start))),
            "period_end" => dates(rows.iter().map(|row| Some(row.end))),
            "complete" => each(rows, |row| row.is_complete),
            "customers" => each(rows, |row| row.customers),
            "new" => each(rows, |row| row.new),
            "orders" => each(rows, |row| row.orders),
            "revenue" => each(rows, |row| row.revenue),
        )?)
    }

    /// One row a parameter that could not be measured: `parameter`, `assumed`, `needed`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn missing_batch(&self) -> Result<RecordBatch, Error> {
        Ok(batch!(
            "parameter" => each(&self.missing, |row| row.parameter),
            "assumed" => each(&self.missing, |row| row.assumed),
            "needed" => each(&self.missing, |row| row.needed),
        )?)
    }
}

impl SegmentParts {
    /// One row a segment, in the order that they were given: `before`, `after` (profit), `volume`, `mix`, `rate` (money of the change).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        Ok(batch!(
            "before" => &self.before,
            "after" => &self.after,
            "volume" => &self.volume,
            "mix" => &self.mix,
            "rate" => &self.rate,
        )?)
    }
}

impl Plan {
    /// One row a lever: `parameter`, `value`, `new_value`, `effort` (money), `return_on_effort` (of the next unit of money).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        Ok(batch!(
            "parameter" => each(&self.steps, |row| row.parameter.as_str()),
            "value" => each(&self.steps, |row| row.value),
            "new_value" => each(&self.steps, |row| row.new_value),
            "effort" => each(&self.steps, |row| row.effort),
            "return_on_effort" => each(&self.steps, |row| row.return_on_effort),
        )?)
    }
}

/// One row a parameter, the least room first: `parameter`, `value`, `break_even` (its value where profit is 0), `room` (share of its value),
/// `reason` (why there is none).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn break_even_batch(rows: &[BreakEven]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "value" => each(rows, |row| row.value),
        "break_even" => each(rows, |row| row.break_even),
        "room" => each(rows, |row| row.room),
        "reason" => each(rows, |row| row.reason.as_deref()),
    )?)
}

impl Simulation {
    /// One row for revenue and one for profit: `measure`, `mean`, `mean_lower`, `mean_upper` (95 % limits), `std`, `p10`, `p50`, `p90`, money.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = [("revenue", &self.revenue), ("profit", &self.profit)];
        Ok(batch!(
            "measure" => each(&rows, |row| row.0),
            "mean" => each(&rows, |row| row.1.mean.estimate),
            "mean_lower" => each(&rows, |row| row.1.mean.lower),
            "mean_upper" => each(&rows, |row| row.1.mean.upper),
            "std" => each(&rows, |row| row.1.std),
            "p10" => each(&rows, |row| row.1.percentiles[9]),
            "p50" => each(&rows, |row| row.1.percentiles[49]),
            "p90" => each(&rows, |row| row.1.percentiles[89]),
        )?)
    }

    /// One row a percentile from 1 to 99: `percentile`, `revenue`, `profit` (money).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn percentiles_batch(&self) -> Result<RecordBatch, Error> {
        Ok(batch!(
            "percentile" => (1..100).collect::<Vec<i32>>(),
            "revenue" => &self.revenue.percentiles,
            "profit" => &self.profit.percentiles,
        )?)
    }

    /// One row a chance: `event`, `probability`, `lower`, `upper` (95 % limits).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn chances_batch(&self) -> Result<RecordBatch, Error> {
        let mut rows = vec![("loss", self.loss)];
        rows.extend(self.target.map(|target| ("target reached", target)));
        Ok(batch!(
            "event" => each(&rows, |row| row.0),
            "probability" => each(&rows, |row| row.1.estimate),
            "lower" => each(&rows, |row| row.1.lower),
            "upper" => each(&rows, |row| row.1.upper),
        )?)
    }
}

/// One row a parameter: `parameter`, `first`, `first_lower`, `first_upper`, `total`, `total_lower`, `total_upper`.
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn importances_batch(rows: &[Importance]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "first" => each(rows, |row| row.first.estimate),
        "first_lower" => each(rows, |row| row.first.lower),
        "first_upper" => each(rows, |row| row.first.upper),
        "total" => each(rows, |row| row.total.estimate),
        "total_lower" => each(rows, |row| row.total.lower),
        "total_upper" => each(rows, |row| row.total.upper),
    )?)
}

impl KpiSystem {
    /// Steps 1 and 2, a row a KPI: `parameter`, `value`, `plan`, `direction`, `factors`, `positions` (texts with commas), `n_positions`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn parameters_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.kpis();
        Ok(batch!(
            "parameter" => each(rows, |row| row.parameter.as_str()),
            "value" => each(rows, |row| row.value),
            "plan" => each(rows, Kpi::planned),
            "direction" => each(rows, |row| if row.direction == crate::Direction::Up { "up" } else { "down" }),
            "factors" => each(rows, |row| row.factors.join(", ")),
            "positions" => each(rows, |row| row.positions.join(", ")),
            "n_positions" => each(rows, |row| row.positions.len() as u32),
        )?)
    }

    /// Step 3, a row a position and KPI: `position`, `parameter`, `value`, `plan`, `factors`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn positions_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&str, &Kpi)> = self
            .positions()
            .iter()
            .flat_map(|position| self.kpis_of(&position.name).map(|kpi| (position.name.as_str(), kpi)))
            .collect();
        Ok(batch!(
            "position" => each(&rows, |row| row.0),
            "parameter" => each(&rows, |row| row.1.parameter.as_str()),
            "value" => each(&rows, |row| row.1.value),
            "plan" => each(&rows, |row| row.1.planned()),
            "factors" => each(&rows, |row| row.1.factors.join(", ")),
        )?)
    }

    /// Step 4, a row a position and KPI: `position`, `kpis` (how many), `mean_share`, `parameter`, `weight`, `share`, `bonus` (money).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn shares_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.shares();
        Ok(batch!(
            "position" => each(&rows, |row| row.position.clone()),
            "kpis" => each(&rows, |row| row.kpis as u32),
            "mean_share" => each(&rows, |row| row.mean_share),
            "parameter" => each(&rows, |row| row.parameter.clone()),
            "weight" => each(&rows, |row| row.weight),
            "share" => each(&rows, |row| row.share),
            "bonus" => each(&rows, |row| row.bonus),
        )?)
    }

    /// Step 5, a row a KPI: `parameter`, `source`, `owner`, `period`, `quality`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn collection_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.kpis();
        Ok(batch!(
            "parameter" => each(rows, |row| row.parameter.as_str()),
            "source" => each(rows, |row| row.source.as_str()),
            "owner" => each(rows, |row| row.owner.as_str()),
            "period" => each(rows, |row| row.period.as_str()),
            "quality" => each(rows, |row| row.quality.as_str()),
        )?)
    }
}

/// One row a position and KPI: `position`, `parameter`, `plan`, `fact`, `attainment` (share), `share` (of the bonus), `bonus`, `earned` (money).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn earned_batch(rows: &[Earned]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "position" => each(rows, |row| row.position.as_str()),
        "parameter" => each(rows, |row| row.parameter.as_str()),
        "plan" => each(rows, |row| row.plan),
        "fact" => each(rows, |row| row.fact),
        "attainment" => each(rows, |row| row.attainment),
        "share" => each(rows, |row| row.share),
        "bonus" => each(rows, |row| row.bonus),
        "earned" => each(rows, |row| row.earned),
    )?)
}
