//! The threshold of mattering (Lattery 2010; Orme 2009): after each task people say whether all of its items matter, some or none.
//!
//! The threshold is one more item, the base. If all matter, each of them is preferred to it; if none does, it is preferred to each; if some do, the best is preferred to it and it to
//! the worst.

use leverkit_core::columns::find;
use leverkit_core::{Column, Table};

use crate::Error;

/// The name of the threshold among the items.
pub(super) const THRESHOLD: &str = "(threshold)";

/// Labels of the three answers.
const LABELS: [(&str, Matter); 12] = [
    ("all", Matter::All),
    ("some", Matter::Some),
    ("none", Matter::None),
    ("all of them", Matter::All),
    ("some of them", Matter::Some),
    ("none of them", Matter::None),
    ("все", Matter::All),
    ("некоторые", Matter::Some),
    ("никакие", Matter::None),
    ("всё", Matter::All),
    ("часть", Matter::Some),
    ("ничего", Matter::None),
];

/// Which items of a task matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    All,
    Some,
    None,
}

/// The answers of a column; `None` where there is none.
pub(super) fn read(table: &Table, name: &str) -> Result<Vec<Option<Matter>>, Error> {
    let column = find(table, "anchor", name)?;
    column.texts().iter().enumerate().map(|(row, text)| answer(&column, row, text.as_deref())).collect()
}

fn answer(column: &Column, row: usize, text: Option<&str>) -> Result<Option<Matter>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let known = LABELS.iter().find(|(label, _)| *label == text.to_lowercase());
    match known {
        Some((_, matter)) => Ok(Some(*matter)),
        None => Err(Error::Value {
            role: "anchor".into(),
            column: column.name().into(),
            row,
            got: format!("{text:?}"),
            expected: "all, some or none: which of the items of the task matter".into(),
        }),
    }
}

/// What an answer says of items and the threshold: pairs of which the first is preferred.
pub(super) fn pairs(matter: Matter, task: &[u32], (best, worst): (u32, u32), threshold: u32) -> Vec<[u32; 2]> {
    match matter {
        Matter::All => task.iter().map(|&item| [item, threshold]).collect(),
        Matter::None => task.iter().map(|&item| [threshold, item]).collect(),
        Matter::Some => vec![[task[best as usize], threshold], [threshold, task[worst as usize]]],
    }
}
