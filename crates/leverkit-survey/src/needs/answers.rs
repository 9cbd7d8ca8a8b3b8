//! The answers that segments are looked for in: items read by their kind, rows without any answer left out.

use leverkit_core::columns::{find, is_number, missing, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, LeftOut, Reason, Table};

use super::data::{Rows, Shape};
use super::params::{ItemKind, NeedsItem, NeedsParams};
use crate::Error;

/// More answers than this are no list to choose from.
const MOST_LEVELS: usize = 30;
/// Whole numbers with at most so many values are taken for a scale.
const SCALE: usize = 11;

/// An item with the names of its answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) levels: Vec<String>,
}

/// What can be used of a table.
pub(crate) struct Answers {
    pub(crate) items: Vec<Item>,
    pub(crate) rows: Rows,
    /// Rows of the table.
    pub(crate) kept: Vec<usize>,
    /// Scaled to Kish's effective number of respondents.
    pub(crate) weights: Vec<f64>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Answers {
    pub(crate) fn read(table: &Table, params: &NeedsParams) -> Result<Self, Error> {
        let columns: Vec<Column> =
            params.items.iter().map(|item| find(table, "items", &item.name)).collect::<Result<_, _>>()?;
        let items: Vec<Item> =
            params.items.iter().zip(&columns).map(|(item, column)| shaped(item, column)).collect::<Result<_, _>>()?;
        let all = coded(&items, &columns)?;
        let weights = match &params.weights {
            Some(name) => numbers(&find(table, "weights", name)?, "weights")?,
            None => vec![1.0; table.rows()],
        };
        let mut tallies = Tallies::default();
        let mut kept = Vec::new();
        for (row, weight) in weights.iter().enumerate() {
            if is_empty(&items, &all, row) {
                tallies.note(Reason::NoAnswer, row, f64::NAN);
            } else if !(*weight > 0.0 && weight.is_finite()) {
                tallies.note(Reason::AnswerWithoutWeight, row, f64::NAN);
            } else {
                kept.push(row);
            }
        }
        let left_out = tallies.left_out(&[Reason::NoAnswer, Reason::AnswerWithoutWeight]);
        if kept.is_empty() {
            return Err(Error::empty("needs", table.rows(), &left_out));
        }
        let rows = Rows {
            codes: all.codes.iter().map(|codes| kept.iter().map(|&row| codes[row]).collect()).collect(),
            numbers: all.numbers.iter().map(|values| kept.iter().map(|&row| values[row]).collect()).collect(),
        };
        let given: Vec<f64> = kept.iter().map(|&row| weights[row]).collect();
        let (sum, squares) =
            given.iter().fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
        let weights = given.iter().map(|weight| weight * sum / squares).collect();
        Ok(Self { items, rows, kept, weights, left_out })
    }

    pub(crate) fn shapes(&self) -> Vec<Shape> {
        self.items.iter().map(|item| item.shape).collect()
    }
}

fn is_empty(items: &[Item], rows: &Rows, row: usize) -> bool {
    let categorical = items.iter().filter(|item| item.shape != Shape::Number);
    let no_code = categorical.zip(&rows.codes).all(|(item, codes)| codes[row] as usize == item.levels.len());
    no_code && rows.numbers.iter().all(|values| values[row].is_nan())
}

/// Codes and numbers of items that are known; an answer that no item knows is missing.
pub(crate) fn coded(items: &[Item], columns: &[Column]) -> Result<Rows, Error> {
    let mut rows = Rows::default();
    for (item, column) in items.iter().zip(columns) {
        if item.shape == Shape::Number {
            rows.numbers.push(numbers(column, "items")?);
            continue;
        }
        let code = |text: Option<String>| {
            let known = text.and_then(|text| item.levels.iter().position(|level| *level == text));
            known.unwrap_or(item.levels.len()) as u16
        };
        rows.codes.push(texts(column)?.into_iter().map(code).collect());
    }
    Ok(rows)
}

/// Values as texts, whole numbers without a point, missing ones as none.
fn texts(column: &Column) -> Result<Vec<Option<String>>, Error> {
    if is_number(column) {
        let values = numbers(column, "items")?;
        return Ok(values.into_iter().map(|value| (!value.is_nan()).then(|| value.to_string())).collect());
    }
    let mut texts = column.texts();
    if let Some(missing) = missing(column) {
        texts.iter_mut().zip(missing).filter(|(_, is_missing)| *is_missing).for_each(|(text, _)| *text = None);
    }
    Ok(texts)
}

fn shaped(item: &NeedsItem, column: &Column) -> Result<Item, Error> {
    let name = item.name.clone();
    let wrong =
        |got: String, expected: &str| Err(Error::parameter("items", format!("{:?} with {got}", item.name), expected));
    let kind = match item.kind {
        Some(kind) => kind,
        None => guessed(item, column)?,
    };
    if kind == ItemKind::Continuous {
        if !is_number(column) {
            return wrong("texts".into(), "numbers for a continuous item");
        }
        let values = numbers(column, "items")?;
        let mut known = values.iter().filter(|value| !value.is_nan());
        let first = known.next().copied().unwrap_or_default();
        if known.all(|value| *value == first) {
            return wrong("equal answers".into(), "at least two different answers");
        }
        return Ok(Item { name, shape: Shape::Number, levels: Vec::new() });
    }
    let texts = texts(column)?;
    let mut levels: Vec<String> = texts.iter().flatten().cloned().collect();
    levels.sort_unstable_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    levels.dedup();
    if !item.levels.is_empty() {
        if let Some(row) = texts.iter().position(|text| text.as_ref().is_some_and(|text| !item.levels.contains(text))) {
            let got = texts[row].as_deref().unwrap_or_default();
            return wrong(format!("{got:?} in row {row}"), &format!("one of {}", item.levels.join(", ")));
        }
        levels.retain(|level| item.levels.contains(level));
        levels.sort_by_key(|level| item.levels.iter().position(|known| known == level));
    }
    match levels.len() {
        0 | 1 => wrong("equal answers".into(), "at least two different answers"),
        2 => Ok(Item { name, shape: Shape::Nominal(2), levels }),
        n if n > MOST_LEVELS => {
            wrong(format!("{n} different answers"), &format!("at most {MOST_LEVELS} answers, or the kind continuous"))
        }
        n => {
            let shape = if kind == ItemKind::Ordinal { Shape::Ordinal(n) } else { Shape::Nominal(n) };
            Ok(Item { name, shape, levels })
        }
    }
}

/// Texts and flags have no order, a few whole numbers are a scale, other numbers are continuous.
fn guessed(item: &NeedsItem, column: &Column) -> Result<ItemKind, Error> {
    if !item.levels.is_empty() {
        return Ok(ItemKind::Ordinal);
    }
    if !is_number(column) {
        return Ok(ItemKind::Nominal);
    }
    let mut values: Vec<f64> = numbers(column, "items")?.into_iter().filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    let is_scale = values.len() <= SCALE && values.iter().all(|value| value.fract() == 0.0);
    Ok(if is_scale { ItemKind::Ordinal } else { ItemKind::Continuous })
}
