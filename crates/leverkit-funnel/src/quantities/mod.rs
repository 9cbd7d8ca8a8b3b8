//! The quantity funnel: of what was recommended, how much was agreed and performed, what each step loses, and what one point of it is worth.
//!
//! Sums of levels are of many units by few entities, and an entity's units share its fate: intervals are clustered by entity. What comes in is read in
//! [`rows`]; tables are made elsewhere.

mod rows;
mod table;

use leverkit_core::stats::{Interval, bootstrap, normal_quantile, percentile_interval, wilson_share};
use leverkit_core::{Column, Groups, Table};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::pooling::{between, credibility};
use crate::quantities::rows::Rows;

/// What a unit of a level is worth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nobody says: the last level's numbers stand for money.
    #[default]
    None,
    /// The same money for each.
    Each(f64),
    /// A column with money for each.
    Column(String),
    /// Columns with money of each level in all.
    Levels(Vec<String>),
}

/// What comes in, and how it is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuantityParams {
    /// The column of entities: patients, customers, deals.
    pub entity: String,
    /// The levels, in order: columns of numbers, columns of dates where a row is an item, or values of the status.
    pub levels: Vec<String>,
    /// The column with the level that an item has come to.
    pub status: Option<String>,
    /// What a unit is worth.
    pub value: Value,
    /// Columns whose values are compared.
    pub by: Vec<String>,
    /// Days that the data cover; by default, of items with dates, from the first of the first level to the last of any.
    pub days: Option<f64>,
    /// The level of limits.
    pub confidence: f64,
}

impl Default for QuantityParams {
    fn default() -> Self {
        Self {
            entity: String::new(),
            levels: Vec::new(),
            status: None,
            value: Value::None,
            by: Vec::new(),
            days: None,
            confidence: 0.95,
        }
    }
}

impl QuantityParams {
    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let values = match &self.value {
            Value::None | Value::Each(_) => &[][..],
            Value::Column(column) => std::slice::from_ref(column),
            Value::Levels(columns) => columns,
        };
        let levels = if self.status.is_some() { &[][..] } else { &self.levels };
        let all = std::iter::once(&self.entity).chain(levels).chain(&self.status).chain(values).chain(&self.by);
        all.cloned().collect()
    }

    fn check(&self) -> Result<(), Error> {
        if self.levels.len() < 2 {
            return Err(Error::parameter("levels", format!("{} of them", self.levels.len()), "at least two, in order"));
        }
        if let Some(twice) =
            self.levels.iter().enumerate().find_map(|(at, name)| self.levels[..at].contains(name).then_some(name))
        {
            return Err(Error::parameter("levels", format!("{twice:?} twice"), "each level once"));
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::parameter("confidence", self.confidence.to_string(), "a share above 0 and below 1"));
        }
        if let Some(days) = self.days.filter(|days| !(*days > 0.0 && days.is_finite())) {
            return Err(Error::parameter("days", days.to_string(), "days above 0"));
        }
        match &self.value {
            Value::Each(money) if !(*money >= 0.0 && money.is_finite()) => {
                Err(Error::parameter("value", money.to_string(), "money of a unit, not below 0"))
            }
            Value::Levels(columns) if columns.len() != self.levels.len() => {
                let expected = format!("{}: a column of money for each level", self.levels.len());
                Err(Error::parameter("value", format!("{} columns", columns.len()), expected))
            }
            _ => Ok(()),
        }
    }
}

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
    /// Units of all, over units of all before; limits are clustered by entity, and unknown where there is but one.
    pub conversion: Option<Interval>,
    /// Share of the first level.
    pub from_first: Option<Interval>,
    /// Mean of the entities' own shares.
    pub entity_conversion: Option<Interval>,
    /// Money of the level before that does not come here; `None` without a value.
    pub value_lost: Option<f64>,
    /// The part of the change from the first level's money to the last's that is this step's; parts add up. `None` where nothing came through.
    pub contribution: Option<f64>,
    /// Money, or units, of the last level that come back if nobody is lost here and the later steps stay.
    pub held_back: Option<Interval>,
    /// Money, or units, of the last level for one point of this conversion.
    pub point: Option<Interval>,
    /// The same a year; `None` where it is not known how many days the data cover.
    pub point_a_year: Option<Interval>,
    /// Share of the bootstrap's draws in which no other step holds more back.
    pub most_chance: f64,
    /// Median days of the items that came; `None` without dates.
    pub median_days: Option<f64>,
}

/// A group's step.
#[derive(Debug, Clone, Serialize)]
pub struct QuantityGroup {
    /// The column.
    pub dimension: String,
    /// Its value; `None` where it is null.
    pub group: Option<String>,
    /// The level that is come to.
    pub level: String,
    /// Entities of the group.
    pub entities: u64,
    /// Units at the level before, and at this.
    pub quantities: (f64, f64),
    /// The group's own conversion; `None` without a unit before.
    pub conversion: Option<Interval>,
    /// The same, drawn to that of all by how little it tells.
    pub shrunk: Option<Interval>,
    /// Money at this level and lost before it.
    pub value: Option<(f64, f64)>,
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
    /// The place of the level whose step holds most back; `None` where it is not told.
    pub most: Option<usize>,
    /// What was left out or assumed.
    pub notes: Vec<String>,
}

/// The bootstrap's draws, and the entities that are drawn singly; more are drawn in bunches.
const DRAWS: usize = 500;
const SINGLY: usize = 20_000;

/// Follows quantities from level to level.
///
/// # Errors
/// [`Error::Core`] for missing columns or wrong types; [`Error::Parameter`] for levels and numbers out of range, or a status that is no level;
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
    let z = normal_quantile(0.5 + params.confidence / 2.0);
    let losses = Losses::of(money.as_ref().unwrap_or(&units), params.confidence)?;
    let levels: Vec<QuantityLevel> = (0..params.levels.len())
        .map(|at| QuantityLevel {
            level: params.levels[at].clone(),
            quantity: units[at].iter().sum(),
            entities: units[at].iter().filter(|units| **units > 0.0).count() as u64,
            per_entity: units[at].iter().sum::<f64>() / n as f64,
            value: money.as_ref().map(|money| money[at].iter().sum()),
            step: (at > 0).then(|| step(at, &units, money.as_deref(), &losses, &rows, z)),
        })
        .collect();
    let groups = by_groups(&rows, &units, params, z)?;
    let days = rows.days;
    if n == 1 {
        rows.notes.push("There is one entity: limits, which rest on how entities differ, are unknown.".into());
    }
    if days.is_none() {
        rows.notes.push(
            "How many days the data cover is not known, so a point is worth so much in all, not a year: set days."
                .into(),
        );
    }
    if params.value == Value::None {
        rows.notes
            .push("Without a value, what is held back and what a point is worth are numbers of the last level.".into());
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
    z: f64,
) -> QuantityStep {
    let (before, here) = (&units[at - 1], &units[at]);
    let total = |of: &[f64]| of.iter().sum::<f64>();
    let a_year = |point: Interval| {
        let times = 365.0 / rows.days?;
        Some(Interval { estimate: point.estimate * times, lower: point.lower * times, upper: point.upper * times })
    };
    let point = losses.point(at - 1);
    QuantityStep {
        conversion: ratio(before, here, z).map(|found| found.0),
        from_first: ratio(&units[0], here, z).map(|found| found.0),
        entity_conversion: mean_share(before, here, z),
        value_lost: money.map(|money| total(&money[at - 1]) - total(&money[at])),
        contribution: losses.contribution(at - 1).filter(|_| money.is_some()),
        held_back: losses.held_back(at - 1),
        point,
        point_a_year: point.and_then(a_year),
        most_chance: losses.most_chance(at - 1),
        median_days: rows.median_days.get(at - 1).copied().flatten(),
    }
}

/// The ratio of sums with limits from its linearised variance over entities (Cochran 1977, § 6.3), and how many times that is the variance of independent
/// units. `None` where there is nothing before. Limits are Wilson's for the units that tell as much; NaN with one entity.
fn ratio(before: &[f64], here: &[f64], z: f64) -> Option<(Interval, f64)> {
    let (x, y) = (before.iter().sum::<f64>(), here.iter().sum::<f64>());
    let share = y / x;
    if !share.is_finite() {
        return None;
    }
    let n = before.len() as f64;
    let squares: f64 = before.iter().zip(here).map(|(x, y)| (y - share * x).powi(2)).sum();
    // One entity, or several of which one alone has units, do not tell how entities differ.
    if before.iter().zip(here).filter(|(x, y)| **x > 0.0 || **y > 0.0).count() < 2 {
        return Some((Interval { estimate: share, lower: f64::NAN, upper: f64::NAN }, 1.0));
    }
    let variance = n / (n - 1.0) * squares / (x * x);
    let effect = if share > 0.0 && share < 1.0 { variance * x / (share * (1.0 - share)) } else { 1.0 };
    Some((limits(share, variance, x, z), effect))
}

/// Limits of a share from its variance: Wilson's for as many independent units as have it; of a number above 1 the normal ones. `units` are
/// taken where it varies not at all.
fn limits(share: f64, variance: f64, units: f64, z: f64) -> Interval {
    if share > 1.0 {
        let half = z * variance.sqrt();
        return Interval { estimate: share, lower: share - half, upper: share + half };
    }
    let trials = share * (1.0 - share) / variance;
    wilson_share(share, if trials.is_finite() && trials > 0.0 { trials } else { units }, z)
}

/// The mean of the entities' own shares, of those that have a unit before.
fn mean_share(before: &[f64], here: &[f64], z: f64) -> Option<Interval> {
    let shares: Vec<f64> = before.iter().zip(here).filter(|(x, _)| **x > 0.0).map(|(x, y)| y / x).collect();
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    if shares.len() < 2 {
        return shares.first().map(|_| Interval { estimate: mean, lower: f64::NAN, upper: f64::NAN });
    }
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (n - 1.0) / n;
    Some(limits(mean, variance, n, z))
}

/// What steps lose of money, or of units without money, with the bootstrap's draws of the sums.
struct Losses {
    sums: Vec<f64>,
    draws: Vec<Vec<f64>>,
    confidence: f64,
}

impl Losses {
    fn of(amounts: &[Vec<f64>], confidence: f64) -> Result<Self, Error> {
        let bunches = bunches(amounts);
        let n = bunches[0].len();
        let total =
            |column: &Vec<f64>, draws: &[u32]| column.iter().zip(draws).map(|(sum, n)| sum * f64::from(*n)).sum();
        let draws = if n < 2 {
            Vec::new()
        } else {
            bootstrap(n, DRAWS, 1, |draws| bunches.iter().map(|column| total(column, draws)).collect::<Vec<f64>>())?
        };
        Ok(Self { sums: amounts.iter().map(|column| column.iter().sum()).collect(), draws, confidence })
    }

    /// Money of the last level behind one of the level after the step.
    fn through(sums: &[f64], step: usize) -> f64 {
        // What came past the last step is there, even where it is nothing.
        if step + 2 == sums.len() { 1.0 } else { sums[sums.len() - 1] / sums[step + 1] }
    }

    fn interval(&self, of: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        let estimate = Some(of(&self.sums)).filter(|value| value.is_finite())?;
        let draws: Vec<f64> = self
            .draws
            .iter()
            .map(|sums| of(sums))
            .map(|value| if value.is_finite() { value } else { f64::NAN })
            .collect();
        let unknown = Interval { estimate, lower: f64::NAN, upper: f64::NAN };
        Some(percentile_interval(estimate, &draws, self.confidence).unwrap_or(unknown))
    }

    fn held(sums: &[f64], step: usize) -> f64 {
        (sums[step] - sums[step + 1]) * Self::through(sums, step)
    }

    fn held_back(&self, step: usize) -> Option<Interval> {
        self.interval(|sums| Self::held(sums, step))
    }

    fn point(&self, step: usize) -> Option<Interval> {
        self.interval(|sums| 0.01 * sums[step] * Self::through(sums, step))
    }

    /// By logarithmic means (Ang 2005): the change from the first to the last, shared out in proportion to the logarithms of the steps.
    fn contribution(&self, step: usize) -> Option<f64> {
        let (first, last) = (self.sums[0], self.sums[self.sums.len() - 1]);
        let mean = if first == last { first } else { (first - last) / (first / last).ln() };
        Some(mean * (self.sums[step + 1] / self.sums[step]).ln()).filter(|money| money.is_finite())
    }

    /// The step that holds most back; the first of equals.
    fn most_of(sums: &[f64]) -> Option<usize> {
        let held = |step: &usize| Self::held(sums, *step);
        (0..sums.len() - 1)
            .filter(|step| held(step) > 0.0 && held(step).is_finite())
            .rev()
            .max_by(|a, b| held(a).total_cmp(&held(b)))
    }

    fn most(&self) -> Option<usize> {
        Self::most_of(&self.sums).map(|step| step + 1)
    }

    fn most_chance(&self, step: usize) -> f64 {
        let times = self.draws.iter().filter(|sums| Self::most_of(sums) == Some(step)).count();
        times as f64 / self.draws.len() as f64
    }
}

/// Sums of entities, or of bunches of them where they are many.
fn bunches(amounts: &[Vec<f64>]) -> Vec<Vec<f64>> {
    if amounts[0].len() <= SINGLY {
        return amounts.to_vec();
    }
    let bunch = |column: &Vec<f64>| {
        let mut sums = vec![0.0; SINGLY];
        column.iter().enumerate().for_each(|(entity, amount)| sums[entity % SINGLY] += amount);
        sums
    };
    amounts.iter().map(bunch).collect()
}

/// The steps of each group. How much an entity's units hang together is taken from all entities: few of them do not tell it.
fn by_groups(rows: &Rows, units: &[Vec<f64>], params: &QuantityParams, z: f64) -> Result<Vec<QuantityGroup>, Error> {
    let mut found = Vec::new();
    for (dimension, column) in params.by.iter().zip(&rows.by) {
        let groups = Groups::of(column.len(), std::slice::from_ref(column))?;
        let names = groups.keys()[0].texts();
        let sum = |column: &Vec<f64>| {
            let mut sums = vec![0.0; groups.len()];
            groups.codes().iter().zip(column).for_each(|(group, value)| sums[*group as usize] += value);
            sums
        };
        let sums: Vec<Vec<f64>> = rows.units.iter().map(sum).collect();
        let money: Option<Vec<Vec<f64>>> = rows.money.as_ref().map(|money| money.iter().map(sum).collect());
        let entities = distinct(groups.codes(), &rows.entities, groups.len());
        for at in 1..params.levels.len() {
            let Some((all, effect)) = ratio(&units[at - 1], &units[at], z) else { continue };
            let shares = pooled(&sums[at - 1], &sums[at], all.estimate, effect, z);
            found.extend(shares.into_iter().enumerate().map(|(group, shares)| QuantityGroup {
                dimension: dimension.clone(),
                group: names[group].clone(),
                level: params.levels[at].clone(),
                entities: entities[group],
                quantities: (sums[at - 1][group], sums[at][group]),
                conversion: shares.map(|shares| shares.0),
                shrunk: shares.map(|shares| shares.1),
                value: money.as_ref().map(|money| (money[at][group], money[at - 1][group] - money[at][group])),
            }));
        }
    }
    Ok(found)
}

/// Each group's own conversion and the same drawn to that of all; `None` without a unit before.
fn pooled(before: &[f64], here: &[f64], all: f64, effect: f64, z: f64) -> Vec<Option<(Interval, Interval)>> {
    let spread = if all > 0.0 && all < 1.0 { all * (1.0 - all) } else { 0.0 };
    let variance = |x: f64| effect * spread / x;
    let known: Vec<(f64, f64)> =
        before.iter().zip(here).filter(|(x, _)| **x > 0.0).map(|(x, y)| (y / x, variance(*x))).collect();
    let between = between(&known, all);
    let one = |(x, y): (&f64, &f64)| {
        let own = Some(y / x).filter(|_| *x > 0.0)?;
        let weight = credibility(variance(*x), between);
        let estimate = weight * own + (1.0 - weight) * all;
        let half = z * (weight * variance(*x)).sqrt();
        let shrunk =
            Interval { estimate, lower: (estimate - half).max(0.0), upper: (estimate + half).min(own.max(1.0)) };
        Some((limits(own, effect * own * (1.0 - own).max(0.0) / x, x / effect.max(1e-9), z), shrunk))
    };
    before.iter().zip(here).map(one).collect()
}

/// How many different entities each group has.
fn distinct(groups: &[u32], entities: &[u32], n_groups: usize) -> Vec<u64> {
    let mut pairs: Vec<(u32, u32)> = groups.iter().copied().zip(entities.iter().copied()).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut counts = vec![0; n_groups];
    pairs.iter().for_each(|(group, _)| counts[*group as usize] += 1);
    counts
}
