//! The quantity funnel: how much of what was recommended was agreed and performed, what each step loses, and what one point of it is worth.
//!
//! Levels sum many units of few entities, and the units of an entity are not independent: intervals are clustered by entity.

mod groups;
mod losses;
mod params;
mod rows;
mod table;

use leverkit_core::{Column, DAYS_PER_YEAR, Params, Table};
use leverkit_stats::{Interval, Ratio, mean_share};
use serde::Serialize;

pub use groups::QuantityGroup;
pub use params::{QuantityParams, QuantityValue};

use crate::error::Error;
use groups::by_groups;
use losses::Losses;
use rows::Rows;

/// A level, and the step that leads to it.
#[derive(Debug, Clone, Serialize)]
pub struct QuantityLevel {
    /// The level.
    pub level: String,
    /// Units.
    pub quantity: f64,
    /// Entities with a unit.
    pub entities: u64,
    /// Units of an entity, on average over all.
    pub per_entity: f64,
    /// Money; `None` without a value.
    pub value: Option<f64>,
    /// The step that leads here; `None` at the first level.
    pub step: Option<QuantityStep>,
}

/// From a level to the next.
#[derive(Debug, Clone, Serialize)]
pub struct QuantityStep {
    /// All units divided by all units of the level before; limits are clustered by entity, and unknown if there is only one.
    pub conversion: Option<Interval>,
    /// Share of the first level.
    pub from_first: Option<Interval>,
    /// Mean of the entities' own shares.
    pub entity_conversion: Option<Interval>,
    /// Money of the level before that does not reach this level; `None` without a value.
    pub value_lost: Option<f64>,
    /// This step's part of the change from the first level's money to the last's; parts add up. `None` if nothing reached the end.
    pub contribution: Option<f64>,
    /// Money, or units, that would also reach the last level if nobody were lost here and the later steps stayed as they are.
    pub held_back: Option<Interval>,
    /// Money, or units, of the last level for one point of this conversion.
    pub point: Option<Interval>,
    /// The same per year; `None` if it is unknown how many days the data cover.
    pub point_a_year: Option<Interval>,
    /// Share of the bootstrap draws in which no other step holds back more.
    pub most_chance: f64,
    /// Median days of the items that reached the level; `None` without dates.
    pub median_days: Option<f64>,
}

/// The quantity funnel.
#[derive(Debug, Clone)]
pub struct Quantities {
    /// What it was computed with.
    pub params: QuantityParams,
    /// The levels.
    pub levels: Vec<QuantityLevel>,
    /// Steps by group.
    pub groups: Vec<QuantityGroup>,
    /// The entities' ids.
    pub entities: Column,
    /// The entities' units, level by level.
    pub entity_quantities: Vec<Vec<f64>>,
    /// The entities' money, level by level; `None` without a value.
    pub entity_values: Option<Vec<Vec<f64>>>,
    /// Days that the data cover.
    pub days: Option<f64>,
    /// The index of the level whose step holds back the most; `None` if unknown.
    pub most: Option<usize>,
    /// What was left out or assumed.
    pub notes: Vec<String>,
}

/// Follows quantities from level to level.
///
/// # Errors
/// [`Error::Core`] for missing columns or wrong types; [`Error::Parameter`](leverkit_core::Error::Parameter) for levels and numbers out of
/// range, or a status that is no level;
/// [`Error::NothingToFollow`] where no row can be used.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_funnel::{QuantityParams, quantities};
/// let plans = Table::from(batch!("patient" => [1, 2], "recommended" => [12, 8], "agreed" => [9, 6], "performed" => [4, 1])?);
/// let levels = ["recommended", "agreed", "performed"].map(String::from).to_vec();
/// let found = quantities(&plans, &QuantityParams { entity: "patient".into(), levels, ..QuantityParams::default() })?;
/// let shares: Vec<f64> = found.levels.iter().filter_map(|level| Some(level.step.as_ref()?.conversion?.estimate)).collect();
/// assert_eq!(shares, [0.75, 1.0 / 3.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn quantities(table: &Table, params: &QuantityParams) -> Result<Quantities, Error> {
    params.check()?;
    let mut rows = Rows::read(table, params)?;
    let n = rows.entity_ids.len();
    let sums =
        |columns: &[Vec<f64>]| -> Vec<Vec<f64>> { columns.iter().map(|column| rows.by_entity(column)).collect() };
    let units = sums(&rows.units);
    let money = rows.money.as_ref().map(|money| sums(money));
    let losses = Losses::of(money.as_ref().unwrap_or(&units), params.confidence)?;
    let levels: Vec<QuantityLevel> = (0..params.levels.len())
        .map(|at| QuantityLevel {
            level: params.levels[at].clone(),
            quantity: units[at].iter().sum(),
            entities: units[at].iter().filter(|units| **units > 0.0).count() as u64,
            per_entity: units[at].iter().sum::<f64>() / n as f64,
            value: money.as_ref().map(|money| money[at].iter().sum()),
            step: (at > 0).then(|| step(at, &units, money.as_deref(), &losses, &rows, params.confidence)),
        })
        .collect();
    let groups = by_groups(&rows, &units, params)?;
    let days = rows.days;
    if n == 1 {
        rows.notes.push("There is only one entity: limits depend on how entities differ, so they are unknown.".into());
    }
    if days.is_none() {
        rows.notes.push(
            "It is unknown how many days the data cover, so the value of a point is a total and not per year: set days."
                .into(),
        );
    }
    if params.value == QuantityValue::None {
        rows.notes.push(
            "Without a value, what is held back and what a point is worth are in units of the last level.".into(),
        );
    }
    let most = losses.most();
    Ok(Quantities {
        params: params.clone(),
        levels,
        groups,
        entities: rows.entity_ids,
        entity_quantities: units,
        entity_values: money,
        days,
        most,
        notes: rows.notes,
    })
}

fn step(
    at: usize,
    units: &[Vec<f64>],
    money: Option<&[Vec<f64>]>,
    losses: &Losses,
    rows: &Rows,
    level: f64,
) -> QuantityStep {
    let (before, here) = (&units[at - 1], &units[at]);
    let total = |of: &[f64]| of.iter().sum::<f64>();
    let a_year = |point: Interval| {
        let times = DAYS_PER_YEAR / rows.days?;
        Some(Interval { estimate: point.estimate * times, lower: point.lower * times, upper: point.upper * times })
    };
    let point = losses.point(at - 1);
    let share = |from: &[f64]| Ratio::of(from, here).map(|found| found.share(level));
    QuantityStep {
        conversion: share(before),
        from_first: share(&units[0]),
        entity_conversion: mean_share(before, here, level),
        value_lost: money.map(|money| total(&money[at - 1]) - total(&money[at])),
        contribution: losses.contribution(at - 1).filter(|_| money.is_some()),
        held_back: losses.held_back(at - 1),
        point,
        point_a_year: point.and_then(a_year),
        most_chance: losses.most_chance(at - 1),
        median_days: rows.median_days.get(at - 1).copied().flatten(),
    }
}
