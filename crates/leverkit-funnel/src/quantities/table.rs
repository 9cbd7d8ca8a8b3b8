//! Tables of the quantity funnel as record batches.

use leverkit_core::frames::{each, number};
use leverkit_core::{Column, Error, RecordBatch, Table, Tables};
use leverkit_stats::Interval;

use crate::columns::with_names;
use crate::quantities::{Quantities, QuantityStep};

impl Tables for Quantities {
    const TABLES: &'static [&'static str] = &["table", "groups", "entities"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "groups" => self.groups_batch(),
            "entities" => self.entities_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Quantities {
    /// One row per level: `level`, `quantity`, `entities` (with a unit), `per_entity` (units), `conversion`, `lower`, `upper` (from the level before, of all
    /// units), `entity_conversion`, `entity_lower`, `entity_upper` (mean of entities' own), `from_first`, `first_lower`, `first_upper`, `value`, `value_lost`
    /// (money, before this level), `contribution` (money), `held_back`, `held_back_lower`, `held_back_upper`, `point_value`, `point_lower`, `point_upper`
    /// (one point of the conversion, over the days of the data), `point_value_a_year`, `point_a_year_lower`, `point_a_year_upper` (money, or units of
    /// the last level), `most_chance` (share of draws in which it holds back the most), `median_days`. The first level has no step: nulls.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.levels;
        let of = |part: fn(&QuantityStep) -> Option<f64>| each(rows, |row| row.step.as_ref().and_then(part));
        let mut columns = vec![
            Column::new("level", each(rows, |row| row.level.as_str())),
            Column::new("quantity", each(rows, |row| row.quantity)),
            Column::new("entities", each(rows, |row| row.entities)),
            Column::new("per_entity", each(rows, |row| row.per_entity)),
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
            Column::new("value", each(rows, |row| row.value)),
            Column::new("value_lost", of(|step| step.value_lost)),
            Column::new("contribution", of(|step| step.contribution)),
            Column::new("most_chance", of(|step| number(step.most_chance))),
            Column::new("median_days", of(|step| step.median_days)),
        ]);
        Table::new(columns)?.to_batch()
    }

    /// One row per column, its value and a level from the second on: `dimension`, `group`, `level`, `entities`, `before`, `quantity`, `conversion`, `lower`,
    /// `upper`, `shrunk`, `shrunk_lower`, `shrunk_upper` (pulled towards the overall conversion, the more the smaller the group), `value`, `value_lost` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn groups_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.groups;
        let mut columns = vec![
            Column::new("dimension", each(rows, |row| row.dimension.as_str())),
            Column::new("group", each(rows, |row| row.group.as_deref())),
            Column::new("level", each(rows, |row| row.level.as_str())),
            Column::new("entities", each(rows, |row| row.entities)),
            Column::new("before", each(rows, |row| row.quantities.0)),
            Column::new("quantity", each(rows, |row| row.quantities.1)),
        ];
        columns.extend(limits(["conversion", "lower", "upper"], &each(rows, |row| row.conversion)));
        columns.extend(limits(["shrunk", "shrunk_lower", "shrunk_upper"], &each(rows, |row| row.shrunk)));
        columns.push(Column::new("value", each(rows, |row| row.value.map(|value| value.0))));
        columns.push(Column::new("value_lost", each(rows, |row| row.value.map(|value| value.1))));
        Table::new(columns)?.to_batch()
    }

    /// One row per entity, largest loss of money (or units) first: the entity, a column of units for each level, `conversion` (last level ÷ first), `value` (of
    /// the last level) and `value_lost` (of the first minus the last), money.
    ///
    /// # Errors
    /// [`Error::TwoColumns`] for a level with the name of another of these columns.
    fn entities_batch(&self) -> Result<RecordBatch, Error> {
        let units = &self.entity_quantities;
        let end = units.len() - 1;
        let amounts = self.entity_values.as_ref().unwrap_or(units);
        let lost: Vec<f64> = amounts[0].iter().zip(&amounts[end]).map(|(first, last)| first - last).collect();
        let mut order: Vec<u32> = (0..lost.len() as u32).collect();
        order.sort_by(|a, b| lost[*b as usize].total_cmp(&lost[*a as usize]).then(a.cmp(b)));
        let pick = |values: &[f64]| -> Vec<f64> { order.iter().map(|at| values[*at as usize]).collect() };
        let mut columns = vec![self.entities.take(&order)?.renamed("entity")];
        for (level, units) in self.params.levels.iter().zip(units) {
            columns.push(Column::new(level, pick(units)));
        }
        let share: Vec<Option<f64>> =
            order.iter().map(|at| number(units[end][*at as usize] / units[0][*at as usize])).collect();
        columns.push(Column::new("conversion", share));
        if let Some(money) = &self.entity_values {
            columns.push(Column::new("value", pick(&money[end])));
            columns.push(Column::new("value_lost", pick(&lost)));
        }
        with_names("levels", Table::new(columns)?.to_batch()?)
    }
}

type Names = [&'static str; 3];
/// What of a step has limits.
type Limits = fn(&QuantityStep) -> Option<Interval>;

/// An interval as three columns; limits that are not known are null.
fn limits(names: Names, intervals: &[Option<Interval>]) -> [Column; 3] {
    let parts: [fn(Interval) -> f64; 3] = [|found| found.estimate, |found| found.lower, |found| found.upper];
    let column = |at: usize| -> Vec<Option<f64>> {
        intervals.iter().map(|interval| interval.and_then(|found| number(parts[at](found)))).collect()
    };
    [0, 1, 2].map(|at| Column::new(names[at], column(at)))
}
