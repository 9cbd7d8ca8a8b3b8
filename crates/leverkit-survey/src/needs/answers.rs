//! The answers that segments are looked for in: items read by their kind, rows without any answer left out.

use leverkit_core::columns::{find, is_number, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Encoded, LeftOut, NO_CODE, Reason, Table, encode};

use super::data::{Rows, Shape};
use super::params::{ItemKind, NeedsItem, NeedsParams};
use crate::Error;
use crate::answers::{People, Respondents, places};

/// Why a row is left out.
const REASONS: [Reason; 4] =
    [Reason::NullRespondent, Reason::AnswerWithoutWeight, Reason::RepeatedAnswer, Reason::NoAnswer];
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
    /// Other labels of the same answers, such as those of another language, and their levels.
    pub(crate) also: Vec<(String, usize)>,
}

impl Item {
    fn level(&self, text: &str) -> Option<usize> {
        let own = self.levels.iter().position(|level| level == text);
        own.or_else(|| self.also.iter().find(|(label, _)| label == text).map(|(_, level)| *level))
    }
}

/// What can be used of a table.
pub(crate) struct Answers {
    pub(crate) items: Vec<Item>,
    pub(crate) rows: Rows,
    /// Rows of the table, one per respondent.
    pub(crate) kept: Vec<usize>,
    pub(crate) respondents: Respondents,
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
        let mut tallies = Tallies::default();
        let people = People::read(table, &params.people(), &mut tallies)?;
        let firsts = people.firsts(&mut tallies);
        let (empty, whole): (Vec<u32>, Vec<u32>) =
            (0..firsts.len() as u32).partition(|&at| is_empty(&items, &all, firsts[at as usize]));
        empty.iter().for_each(|&at| tallies.note(Reason::NoAnswer, firsts[at as usize], f64::NAN));
        let left_out = tallies.left_out(&REASONS);
        let kept: Vec<usize> = whole.iter().map(|&at| firsts[at as usize]).collect();
        if kept.is_empty() {
            return Err(Error::empty("needs", table.rows(), &left_out));
        }
        let rows = Rows {
            codes: all.codes.iter().map(|codes| kept.iter().map(|&row| codes[row]).collect()).collect(),
            numbers: all.numbers.iter().map(|values| kept.iter().map(|&row| values[row]).collect()).collect(),
        };
        let respondents = people.respondents.picked(&whole)?;
        let scale = kish(&respondents.weights);
        let weights = respondents.weights.iter().map(|weight| weight * scale).collect();
        Ok(Self { items, rows, kept, respondents, weights, left_out })
    }

    pub(crate) fn shapes(&self) -> Vec<Shape> {
        self.items.iter().map(|item| item.shape).collect()
    }
}

/// What turns weights into those that add up to Kish's effective number of respondents.
pub(crate) fn kish(weights: &[f64]) -> f64 {
    let (sum, squares) =
        weights.iter().fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
    sum / squares
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
        let texts = Texts::of(column)?;
        let mut levels: Vec<u16> =
            texts.values.iter().map(|text| item.level(text).unwrap_or(item.levels.len()) as u16).collect();
        levels.push(item.levels.len() as u16);
        rows.codes.push(texts.codes.iter().map(|&code| levels[(code as usize).min(texts.values.len())]).collect());
    }
    Ok(rows)
}

/// Values as texts, each of them once.
struct Texts {
    /// Whole numbers without a point.
    values: Vec<String>,
    /// The text of each row; [`NO_CODE`] where it is missing.
    codes: Vec<u32>,
}

impl Texts {
    fn of(column: &Column) -> Result<Self, Error> {
        if is_number(column) {
            return Ok(Self::of_numbers(&numbers(column, "items")?));
        }
        let Encoded { codes, values } = encode(column.clone(), "items")?;
        Ok(Self { values: values.texts().into_iter().map(Option::unwrap_or_default).collect(), codes })
    }

    fn of_numbers(numbers: &[f64]) -> Self {
        let values = distinct_numbers(numbers);
        let code = |value: &f64| {
            if value.is_nan() { NO_CODE } else { values.partition_point(|known| known < value) as u32 }
        };
        Self { codes: numbers.iter().map(code).collect(), values: values.iter().map(f64::to_string).collect() }
    }

    /// Different texts, numbers by their value.
    fn sorted(&self) -> Vec<String> {
        let mut found = self.values.clone();
        found.sort_unstable_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        });
        found
    }
}

/// Different numbers that are known, the lowest first.
fn distinct_numbers(numbers: &[f64]) -> Vec<f64> {
    // A zero is a zero, whatever its sign.
    let mut values: Vec<f64> = numbers.iter().filter(|value| !value.is_nan()).map(|value| value + 0.0).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    values
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
        return Ok(Item { name, shape: Shape::Number, levels: Vec::new(), also: Vec::new() });
    }
    let texts = Texts::of(column)?;
    let mut levels = texts.sorted();
    let mut also = Vec::new();
    if let Some(known) = scaled(item, column, &levels) {
        (levels, also) = known;
    }
    if !item.levels.is_empty() {
        let unknown: Vec<bool> = texts.values.iter().map(|text| !item.levels.contains(text)).collect();
        let is_unknown = |code: &u32| unknown.get(*code as usize) == Some(&true);
        if let Some(row) = texts.codes.iter().position(is_unknown) {
            let got = &texts.values[texts.codes[row] as usize];
            return wrong(format!("{got:?} in row {row}"), &format!("one of {}", item.levels.join(", ")));
        }
        levels.retain(|level| item.levels.contains(level));
        levels.sort_by_key(|level| item.levels.iter().position(|known| known == level));
    }
    match levels.len() {
        0 | 1 => wrong("equal answers".into(), "at least two different answers"),
        2 => Ok(Item { name, shape: Shape::Nominal(2), levels, also }),
        n if n > MOST_LEVELS => {
            wrong(format!("{n} different answers"), &format!("at most {MOST_LEVELS} answers, or the kind continuous"))
        }
        n => {
            let shape = if kind == ItemKind::Ordinal { Shape::Ordinal(n) } else { Shape::Nominal(n) };
            Ok(Item { name, shape, levels, also })
        }
    }
}

/// Levels, the lowest first, and labels in other words with their places.
type Scaled = (Vec<String>, Vec<(String, usize)>);

/// Levels of an item by the scale whose labels its answers are, the lowest first, and other labels of the same places; "don't know" is no answer. Levels that were
/// given, and numbers, stay as they are.
fn scaled(item: &NeedsItem, column: &Column, texts: &[String]) -> Option<Scaled> {
    if !item.levels.is_empty() || is_number(column) {
        return None;
    }
    let mut placed: Vec<(f64, String)> =
        places(texts)?.into_iter().zip(texts.iter().cloned()).filter(|(place, _)| !place.is_nan()).collect();
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut levels, mut also): (Vec<String>, Vec<(String, usize)>) = (Vec::new(), Vec::new());
    for (at, (place, text)) in placed.iter().enumerate() {
        if at > 0 && placed[at - 1].0 == *place {
            also.push((text.clone(), levels.len() - 1));
        } else {
            levels.push(text.clone());
        }
    }
    Some((levels, also))
}

/// Texts and flags have no order unless they are the labels of a scale, a few whole numbers are a scale, other numbers are continuous.
fn guessed(item: &NeedsItem, column: &Column) -> Result<ItemKind, Error> {
    if !item.levels.is_empty() {
        return Ok(ItemKind::Ordinal);
    }
    if !is_number(column) {
        let is_scale = places(&Texts::of(column)?.sorted()).is_some();
        return Ok(if is_scale { ItemKind::Ordinal } else { ItemKind::Nominal });
    }
    let values = distinct_numbers(&numbers(column, "items")?);
    let is_scale = values.len() <= SCALE && values.iter().all(|value| value.fract() == 0.0);
    Ok(if is_scale { ItemKind::Ordinal } else { ItemKind::Continuous })
}
