//! What comes in to a quantity funnel: counts of each level, or items with dates or a status; read, checked and counted.

use leverkit_core::arrow_schema::DataType;
use leverkit_core::columns::{days, find, is_number, missing, numbers, numbers_or_flags};
use leverkit_core::{Column, Day, Encoded, Groups, NO_CODE, Table, counted, encode, nearest};
use leverkit_stats::median;

use crate::error::Error;
use crate::quantities::params::{QuantityParams, QuantityValue};

/// Why a row of counts cannot be used.
const BLANK: &str = "with a number that is unknown or below 0";

/// Rows that can be used.
pub(crate) struct Rows {
    /// The entity of each row.
    pub(crate) entities: Vec<u32>,
    pub(crate) entity_ids: Column,
    /// Units of each row, level by level.
    pub(crate) units: Vec<Vec<f64>>,
    /// Money of each row, level by level; `None` without a value.
    pub(crate) money: Option<Vec<Vec<f64>>>,
    /// The columns to group by.
    pub(crate) by: Vec<Column>,
    /// Days that the data cover.
    pub(crate) days: Option<f64>,
    /// Median days from each level to the next, of items with dates.
    pub(crate) median_days: Vec<Option<f64>>,
    pub(crate) notes: Vec<String>,
}

/// Units, and of items with dates the days of each level.
struct Levels {
    units: Vec<Vec<f64>>,
    dates: Vec<Vec<Option<Day>>>,
    missing: &'static str,
}

impl Rows {
    pub(crate) fn read(table: &Table, params: &QuantityParams) -> Result<Self, Error> {
        let ids = find(table, "entity", &params.entity)?;
        let levels = levels(table, params)?;
        let money = money(table, params, &levels.units)?;
        let by = params.by.iter().map(|name| find(table, "by", name)).collect::<Result<Vec<_>, _>>()?;
        let no_entity = missing(&ids);
        let is_unknown = |value: f64| value.is_nan() || value < 0.0;
        let problem = |row: usize| {
            if no_entity.as_ref().is_some_and(|missing| missing[row]) {
                Some("without an entity")
            } else if levels.units.iter().any(|level| is_unknown(level[row])) {
                Some(levels.missing)
            } else if money.as_ref().is_some_and(|money| money.iter().any(|level| is_unknown(level[row]))) {
                Some("with a value that is unknown or below 0")
            } else {
                None
            }
        };
        let problems: Vec<Option<&str>> = (0..table.rows()).map(problem).collect();
        let mut notes = left_out(&problems, money.as_deref());
        let kept: Vec<u32> =
            (0..).zip(&problems).filter(|(_, problem)| problem.is_none()).map(|(row, _)| row).collect();
        if kept.is_empty() {
            let reason = if notes.is_empty() { "the table has no rows".to_owned() } else { notes.join(" ") };
            return Err(Error::NothingToFollow { reason });
        }
        let keep = |column: Vec<f64>| -> Vec<f64> { kept.iter().map(|&row| column[row as usize]).collect() };
        let groups = Groups::of(kept.len(), &[ids.take(&kept)?])?;
        let (median_days, span) = (medians(&levels.dates), span(&levels.dates));
        let units: Vec<Vec<f64>> = levels.units.into_iter().map(keep).collect();
        notes.extend(rising(&units, &params.levels));
        notes.extend(out_of_order(&levels.dates, &params.levels));
        Ok(Self {
            entities: groups.codes().to_vec(),
            entity_ids: groups.keys()[0].clone(),
            money: money.map(|money| money.into_iter().map(keep).collect()),
            units,
            by: by.iter().map(|column| column.take(&kept)).collect::<Result<_, _>>()?,
            days: params.days.or(span),
            median_days,
            notes,
        })
    }

    /// Sums by entity.
    pub(crate) fn by_entity(&self, column: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.entity_ids.len()];
        self.entities.iter().zip(column).for_each(|(entity, value)| sums[*entity as usize] += value);
        sums
    }
}

fn levels(table: &Table, params: &QuantityParams) -> Result<Levels, Error> {
    if let Some(status) = &params.status {
        let reached = statuses(find(table, "status", status)?, &params.levels)?;
        return Ok(Levels {
            units: items(&reached, params.levels.len()),
            dates: Vec::new(),
            missing: "without a status",
        });
    }
    let found = params.levels.iter().map(|name| find(table, "levels", name)).collect::<Result<Vec<_>, _>>()?;
    if found.iter().any(|column| is_number(column) || column.data_type() == &DataType::Boolean) {
        let units = found.iter().map(|column| numbers_or_flags(column, "levels")).collect::<Result<_, _>>()?;
        return Ok(Levels { units, dates: Vec::new(), missing: BLANK });
    }
    let dates = found.iter().map(|column| days(column, "levels")).collect::<Result<Vec<_>, _>>()?;
    let reached: Vec<Option<usize>> =
        (0..dates[0].len()).map(|row| dates.iter().rposition(|level| level[row].is_some())).collect();
    Ok(Levels { units: items(&reached, dates.len()), dates, missing: "without a date at any level" })
}

/// One unit at each level up to the one that an item has come to; NaN where it is not known.
fn items(reached: &[Option<usize>], n_levels: usize) -> Vec<Vec<f64>> {
    let unit = |level: usize, reached: &Option<usize>| {
        reached.map_or(f64::NAN, |reached| f64::from(u8::from(level <= reached)))
    };
    (0..n_levels).map(|level| reached.iter().map(|reached| unit(level, reached)).collect()).collect()
}

/// The level that each row has come to; `None` without a status.
fn statuses(column: Column, levels: &[String]) -> Result<Vec<Option<usize>>, Error> {
    let Encoded { codes, values } = encode(column, "status")?;
    let texts: Vec<String> = values.texts().into_iter().map(Option::unwrap_or_default).collect();
    let places: Vec<Option<usize>> = texts.iter().map(|text| levels.iter().position(|level| level == text)).collect();
    let place = |(row, code): (usize, &u32)| {
        if *code == NO_CODE {
            return Ok(None);
        }
        places[*code as usize].map(Some).ok_or_else(|| no_level(&texts[*code as usize], row, levels))
    };
    codes.iter().enumerate().map(place).collect()
}

fn no_level(text: &str, row: usize, levels: &[String]) -> Error {
    let hint = nearest(text, levels.iter().map(String::as_str))
        .map_or(String::new(), |near| format!("; did you mean {near:?}?"));
    Error::parameter(
        "status",
        format!("{text:?} in row {row}"),
        format!("one of the levels {}{hint}", levels.join(", ")),
    )
}

fn money(table: &Table, params: &QuantityParams, units: &[Vec<f64>]) -> Result<Option<Vec<Vec<f64>>>, Error> {
    let times = |each: &dyn Fn(usize) -> f64| {
        // No unit is worth nothing, whatever a unit would be worth.
        let worth = |(row, units): (usize, &f64)| if *units == 0.0 { 0.0 } else { units * each(row) };
        units.iter().map(|level| level.iter().enumerate().map(worth).collect()).collect()
    };
    Ok(match &params.value {
        QuantityValue::None => None,
        QuantityValue::Each(money) => Some(times(&|_| *money)),
        QuantityValue::Column(column) => {
            let each = numbers(&find(table, "value", column)?, "value")?;
            Some(times(&|row| each[row]))
        }
        QuantityValue::Levels(names) => {
            Some(names.iter().map(|name| numbers(&find(table, "value", name)?, "value")).collect::<Result<_, _>>()?)
        }
    })
}

/// Rows that are left out, by reason, with the first of them and the money of the first level that goes with them.
fn left_out(problems: &[Option<&str>], money: Option<&[Vec<f64>]>) -> Vec<String> {
    let mut reasons: Vec<(&str, usize, usize, f64)> = Vec::new();
    for (row, problem) in problems.iter().enumerate() {
        let Some(problem) = problem else { continue };
        let worth = money.map_or(0.0, |money| if money[0][row].is_nan() { 0.0 } else { money[0][row] });
        match reasons.iter_mut().find(|known| known.0 == *problem) {
            Some(known) => (known.1, known.3) = (known.1 + 1, known.3 + worth),
            None => reasons.push((problem, 1, row, worth)),
        }
    }
    let told = |(problem, rows, first, worth): (&str, usize, usize, f64)| {
        let rows = counted(rows, "row", "rows");
        let worth = if money.is_some() { format!(", {worth:.2} of money at the first level") } else { String::new() };
        let hint = if problem == BLANK { " Where blank means none, fill it with 0." } else { "" };
        format!("{rows} {problem} left out (row {first} is the first{worth}).{hint}")
    };
    reasons.into_iter().map(told).collect()
}

/// Says where a later level has more than the one before.
fn rising(units: &[Vec<f64>], levels: &[String]) -> Vec<String> {
    let rises = |at: &usize| units[*at].iter().zip(&units[at - 1]).filter(|(here, before)| here > before).count();
    (1..units.len())
        .filter(|at| rises(at) > 0)
        .map(|at| {
            format!(
                "{} of {} rows have more {} than {}; they count as they are.",
                rises(&at),
                units[at].len(),
                levels[at],
                levels[at - 1]
            )
        })
        .collect()
}

fn medians(dates: &[Vec<Option<Day>>]) -> Vec<Option<f64>> {
    dates.windows(2).map(|pair| median(&mut gaps(pair).filter(|days| *days >= 0.0).collect::<Vec<_>>())).collect()
}

/// Days from a level's date to that of the next, of each item with both.
fn gaps(levels: &[Vec<Option<Day>>]) -> impl Iterator<Item = f64> {
    let gap = |pair: (&Option<Day>, &Option<Day>)| pair.0.zip(*pair.1).map(|(before, here)| f64::from(here - before));
    levels[0].iter().zip(&levels[1]).filter_map(gap)
}

/// Says where dates go back.
fn out_of_order(dates: &[Vec<Option<Day>>], levels: &[String]) -> Vec<String> {
    let steps = dates.windows(2).zip(levels.windows(2));
    let backward = steps.map(|(dates, names)| (gaps(dates).filter(|days| *days < 0.0).count(), names));
    backward
        .filter(|(items, _)| *items > 0)
        .map(|(items, names)| {
            let items = counted(items, "item has", "items have");
            format!("{items} {} before {}: counted, but not in the median days.", names[1], names[0])
        })
        .collect()
}

/// Days from the first date of the first level to the last date of any.
fn span(dates: &[Vec<Option<Day>>]) -> Option<f64> {
    let first = dates.first()?.iter().copied().flatten().min()?;
    let last = dates.iter().flatten().copied().flatten().max()?;
    Some(f64::from(last - first + 1)).filter(|days| *days > 1.0)
}
