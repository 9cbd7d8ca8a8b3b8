//! Periods in the order of time. Numbers and dates have it, and so do categories whose order was declared; text has it where its numbers and months tell it.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_schema::DataType;

use crate::columns::is_text;
use crate::{Column, Error, Groups};

const EXPECTED: &str = "periods whose order can be told, such as 2024-01, 2024 Q1 or Jan 2024; give dates, or a category with a declared order such as pl.Enum";
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Numbers from here on are years.
const YEARS: u64 = 1000;

impl Groups {
    /// Groups rows by their period, numbered in the order of time, nulls last.
    ///
    /// # Errors
    /// As [`Groups::of`]; [`Error::UnknownValue`] for text whose order in time cannot be told.
    ///
    /// ```
    /// use leverkit_core::{Column, Groups};
    /// let periods = Groups::in_time(&Column::new("month", ["2024-10", "2024-9", "2024-10"]), "time")?;
    /// assert_eq!(periods.codes(), [1, 0, 1]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn in_time(column: &Column, role: &str) -> Result<Self, Error> {
        let groups = Self::of(column.len(), std::slice::from_ref(column))?;
        if !is_text(column) {
            return Ok(groups);
        }
        let texts = groups.keys()[0].texts();
        let keys = match declared(column) {
            Some(places) => declared_keys(&texts, &places),
            None => read_keys(&texts).map_err(|at| unknown(column, role, &groups, at))?,
        };
        let mut order: Vec<u32> = (0..groups.len() as u32).collect();
        order.sort_by_key(|&group| &keys[group as usize]);
        groups.reordered(&order)
    }
}

/// What a period is sorted by; nulls come last.
type Key = (bool, Vec<u64>);

/// The places of categories whose order was declared.
fn declared(column: &Column) -> Option<HashMap<String, u64>> {
    let DataType::Dictionary(..) = column.data_type() else { return None };
    let chunk = column.chunks().first().filter(|_| column.field().dict_is_ordered() == Some(true))?;
    let values = Column::new("categories", chunk.as_any_dictionary().values().clone());
    Some(values.texts().into_iter().flatten().zip(0..).collect())
}

fn declared_keys(texts: &[Option<String>], places: &HashMap<String, u64>) -> Vec<Key> {
    let place = |text: &String| places.get(text).copied().unwrap_or(u64::MAX);
    texts.iter().map(|text| (text.is_none(), text.iter().map(place).collect())).collect()
}

/// Keys of texts that are written alike; else the place of the first that cannot be read, or is written in another way.
fn read_keys(texts: &[Option<String>]) -> Result<Vec<Key>, usize> {
    let mut like: Option<Vec<String>> = None;
    let mut keys = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let Some(text) = text else {
            keys.push((true, Vec::new()));
            continue;
        };
        let Read { words, numbers } = Read::of(text);
        let numbers = numbers.filter(|_| *like.get_or_insert_with(|| words.clone()) == words).ok_or(at)?;
        keys.push((false, numbers));
    }
    // Months without a year that hold December and January may be a winter.
    let months: Vec<u64> = keys.iter().filter_map(|key| key.1.first().copied()).collect();
    let is_bare = like.is_some_and(|words| words == ["month"]);
    let is_winter = is_bare && months.len() < 12 && months.contains(&1) && months.contains(&12);
    if is_winter { Err(0) } else { Ok(keys) }
}

/// What a text holds: its words, a month's name as "month", and its numbers from the year down, where those are clear.
struct Read {
    words: Vec<String>,
    numbers: Option<Vec<u64>>,
}

impl Read {
    fn of(text: &str) -> Self {
        let (mut words, mut numbers, mut named) = (Vec::new(), Vec::new(), None);
        for part in parts(text) {
            if let Ok(number) = part.parse::<u64>() {
                words.push(if number >= YEARS { "year".to_owned() } else { "number".to_owned() });
                numbers.push(number);
            } else if let Some(month) = month(&part) {
                words.push("month".into());
                named = Some(numbers.len());
                numbers.push(month);
            } else {
                words.push(part);
            }
        }
        Self { words, numbers: from_the_year(numbers, named) }
    }
}

/// Runs of digits and of letters, in lower case.
fn parts(text: &str) -> Vec<String> {
    let kind = |sign: char| (sign.is_ascii_digit(), sign.is_alphabetic());
    let signs: Vec<char> = text.to_lowercase().chars().collect();
    let runs = signs.chunk_by(|a, b| kind(*a) == kind(*b));
    runs.filter(|run| run[0].is_alphanumeric()).map(|run| run.iter().collect()).collect()
}

fn month(word: &str) -> Option<u64> {
    let place = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    Some(place as u64 + 1)
}

/// Numbers from the year down; `None` where none is a year, or days and months may be either.
fn from_the_year(mut numbers: Vec<u64>, month: Option<usize>) -> Option<Vec<u64>> {
    let is_year = |number: Option<&u64>| number.is_some_and(|number| *number >= YEARS);
    match numbers.len() {
        0 => None,
        1 => Some(numbers),
        _ if is_year(numbers.first()) => Some(numbers),
        2 | 3 if is_year(numbers.last()) && (numbers.len() == 2 || month == Some(1)) => {
            numbers.reverse();
            Some(numbers)
        }
        _ => None,
    }
}

fn unknown(column: &Column, role: &str, groups: &Groups, at: usize) -> Error {
    Error::UnknownValue {
        role: role.into(),
        column: column.name().into(),
        row: groups.codes().iter().position(|&code| code as usize == at).unwrap_or_default(),
        got: groups.keys()[0].text(at).map_or_else(|| "null".into(), |text| format!("{text:?}")),
        expected: EXPECTED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(texts: &[&str]) -> Vec<String> {
        let column = Column::new("period", texts.to_vec());
        Groups::in_time(&column, "time").unwrap().keys()[0].texts().into_iter().flatten().collect()
    }

    #[test]
    fn periods_are_in_the_order_of_time_and_not_of_letters() {
        assert_eq!(ordered(&["Mar", "Jan", "Feb"]), ["Jan", "Feb", "Mar"]);
        assert_eq!(ordered(&["2024-10", "2024-9"]), ["2024-9", "2024-10"]);
        assert_eq!(ordered(&["Q1 2025", "Q4 2024"]), ["Q4 2024", "Q1 2025"]);
        assert_eq!(ordered(&["Jan 2025", "Dec 2024"]), ["Dec 2024", "Jan 2025"]);
        assert_eq!(ordered(&["W10", "W9"]), ["W9", "W10"]);
        assert_eq!(ordered(&["2 Feb 2024", "10 Jan 2024"]), ["10 Jan 2024", "2 Feb 2024"]);
        assert_eq!(ordered(&["2024-01-05T10:00", "2024-01-05T09:30"]), ["2024-01-05T09:30", "2024-01-05T10:00"]);
    }

    #[test]
    fn text_without_an_order_is_an_error() {
        let error =
            |texts: &[&str]| Groups::in_time(&Column::new("period", texts.to_vec()), "time").unwrap_err().to_string();
        insta::assert_snapshot!(error(&["before", "after"]), @r#"time: column "period" holds "after" in row 1; expected periods whose order can be told, such as 2024-01, 2024 Q1 or Jan 2024; give dates, or a category with a declared order such as pl.Enum"#);
        for texts in
            [&["Dec", "Jan", "Feb"][..], &["03/04/2024", "02/05/2024"], &["2024-01", "Feb 2024"], &["Q1 24", "Q2 24"]]
        {
            assert!(error(texts).contains("whose order can be told"), "{texts:?}");
        }
    }
}
