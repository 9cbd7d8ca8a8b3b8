//! Tables of the quantity funnel as polars frames.

use leverkit_core::polars::prelude::*;
use leverkit_core::stats::Interval;

use crate::{Error, Quantities, QuantityStep};

impl Quantities {
    /// One row a level: `level`, `quantity`, `entities` (with a unit), `per_entity` (units), `conversion`, `lower`, `upper` (from the level before, of all
    /// units), `entity_conversion`, `entity_lower`, `entity_upper` (mean of entities' own), `from_first`, `first_lower`, `first_upper`, `value`, `value_lost`
    /// (money, before this level), `contribution` (money), `held_back`, `held_back_lower`, `held_back_upper`, `point_value`, `point_lower`, `point_upper`
    /// (one point of the conversion, over the days of the data), `point_value_a_year`, `point_a_year_lower`, `point_a_year_upper` (money, or units of
    /// the last level), `most_chance` (share of draws in which it holds most back), `median_days`. The first level has no step: nulls.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.levels;
        let of = |part: fn(&QuantityStep) -> Option<f64>| each(rows, |row| row.step.as_ref().and_then(part));
        let mut columns = vec![
            Series::new("level".into(), each(rows, |row| row.level.as_str())),
            Series::new("quantity".into(), each(rows, |row| row.quantity)),
            Series::new("entities".into(), each(rows, |row| row.entities)),
            Series::new("per_entity".into(), each(rows, |row| row.per_entity)),
        ];
        let intervals: [(Names, Limits); 6] = [
            (["conversion", "lower", "upper"], |step| step.conversion),
            (["entity_conversion", "entity_lower", "entity_upper"], |step| step.entity_conversion),
            (["from_first", "first_lower", "first_upper"], |step| step.from_first),
            (["held_back", "held_back_lower", "held_back_upper"], |step| step.held_back),
            (["point_value", "point_lower", "point_upper"], |step| step.point),
            (["point_value_a_year", "point_a_year_lower", "point_a_year_upper"], |step| step.point_a_year),
        ];
        for (names, interval) in intervals {
            let found = each(rows, |row| row.step.as_ref().and_then(interval));
            columns.extend(limits(names, &found));
        }
        columns.extend([
            Series::new("value".into(), each(rows, |row| row.value)),
            Series::new("value_lost".into(), of(|step| step.value_lost)),
            Series::new("contribution".into(), of(|step| step.contribution)),
            Series::new("most_chance".into(), of(|step| number(step.most_chance))),
            Series::new("median_days".into(), of(|step| step.median_days)),
        ]);
        frame(rows.len(), columns)
    }

    /// One row a column, its value and a level from the second on: `dimension`, `group`, `level`, `entities`, `before`, `quantity`, `conversion`, `lower`,
    /// `upper`, `shrunk`, `shrunk_lower`, `shrunk_upper` (drawn to that of all by how little the group tells), `value`, `value_lost` (money).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn groups_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.groups;
        let mut columns = vec![
            Series::new("dimension".into(), each(rows, |row| row.dimension.as_str())),
            Series::new("group".into(), each(rows, |row| row.group.as_deref())),
            Series::new("level".into(), each(rows, |row| row.level.as_str())),
            Series::new("entities".into(), each(rows, |row| row.entities)),
            Series::new("before".into(), each(rows, |row| row.quantities.0)),
            Series::new("quantity".into(), each(rows, |row| row.quantities.1)),
        ];
        columns.extend(limits(["conversion", "lower", "upper"], &each(rows, |row| row.conversion)));
        columns.extend(limits(["shrunk", "shrunk_lower", "shrunk_upper"], &each(rows, |row| row.shrunk)));
        columns.push(Series::new("value".into(), each(rows, |row| row.value.map(|value| value.0))));
        columns.push(Series::new("value_lost".into(), each(rows, |row| row.value.map(|value| value.1))));
        frame(rows.len(), columns)
    }

    /// One row an entity, the most money (or units) lost first: the entity, a column of units for each level, `conversion` (last level ÷ first), `value` (of
    /// the last level) and `value_lost` (of the first less the last), money.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn entities_frame(&self) -> Result<DataFrame, Error> {
        let units = &self.entity_quantities;
        let end = units.len() - 1;
        let amounts = self.entity_values.as_ref().unwrap_or(units);
        let lost: Vec<f64> = amounts[0].iter().zip(&amounts[end]).map(|(first, last)| first - last).collect();
        let mut order: Vec<IdxSize> = (0..lost.len() as IdxSize).collect();
        order.sort_by(|a, b| lost[*b as usize].total_cmp(&lost[*a as usize]).then(a.cmp(b)));
        let pick = |values: &[f64]| -> Vec<f64> { order.iter().map(|at| values[*at as usize]).collect() };
        let ids = self.entities.take(&IdxCa::from_vec("".into(), order.clone()))?.with_name("entity".into());
        let mut columns = vec![ids];
        for (level, units) in self.params.levels.iter().zip(units) {
            columns.push(Series::new(level.as_str().into(), pick(units)));
        }
        let share: Vec<Option<f64>> =
            order.iter().map(|at| number(units[end][*at as usize] / units[0][*at as usize])).collect();
        columns.push(Series::new("conversion".into(), share));
        if let Some(money) = &self.entity_values {
            columns.push(Series::new("value".into(), pick(&money[end])));
            columns.push(Series::new("value_lost".into(), pick(&lost)));
        }
        frame(order.len(), columns)
    }
}

type Names = [&'static str; 3];
/// What of a step has limits.
type Limits = fn(&QuantityStep) -> Option<Interval>;

/// An interval as three columns; limits that are not known are null.
fn limits(names: Names, intervals: &[Option<Interval>]) -> [Series; 3] {
    let parts: [fn(Interval) -> f64; 3] = [|found| found.estimate, |found| found.lower, |found| found.upper];
    let column = |at: usize| -> Vec<Option<f64>> {
        intervals.iter().map(|interval| interval.and_then(|found| number(parts[at](found)))).collect()
    };
    [0, 1, 2].map(|at| Series::new(names[at].into(), column(at)))
}

fn frame(height: usize, columns: Vec<Series>) -> Result<DataFrame, Error> {
    Ok(DataFrame::new(height, columns.into_iter().map(Series::into_column).collect())?)
}

fn number(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

fn each<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
