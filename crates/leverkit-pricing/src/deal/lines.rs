//! The lines of deals that have a price to compare, group by group.

use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, LeftOut, Reason, bucketed};

use super::deals::{Block, Deals};
use crate::Error;

/// A deal with the share under analysis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    /// The share of list price under analysis.
    pub(crate) value: f64,
    /// Units, or money at list price without a quantity.
    pub(crate) weight: f64,
    /// Money at list price.
    pub(crate) list: f64,
    /// The row, from 0.
    pub(crate) row: u32,
}

impl Line {
    /// Money of the value.
    pub(crate) fn pocket(&self) -> f64 {
        self.value * self.list
    }
}

/// Lines that can be used, those of a group beside each other, and what was left out.
pub(crate) struct Grouped {
    pub(crate) lines: Vec<Line>,
    pub(crate) keys: Vec<Column>,
    /// The group of each slice: groups without a usable line have none.
    starts: Vec<usize>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Grouped {
    /// The lines of each group.
    pub(crate) fn slices(&self) -> Vec<&[Line]> {
        self.starts.windows(2).map(|pair| &self.lines[pair[0]..pair[1]]).collect()
    }
}

/// Why a line cannot be used.
const REASONS: [Reason; 3] = [Reason::NoListPrice, Reason::NoQuantity, Reason::NoPocketPrice];

/// The usable lines of the deals, in the order of the rows, and what was left out.
pub(crate) fn usable(
    what: &str,
    deals: &Deals,
    value: impl Fn(&Block, usize) -> f64 + Sync,
) -> Result<(Vec<Line>, Vec<LeftOut>), Error> {
    let read = |block: &Block, row: usize| {
        let (units, list, value) = (block.units(row), block.list(row), value(block, row));
        let wrong = if units.is_nan() || units <= 0.0 {
            Reason::NoQuantity
        } else if list.is_nan() || list <= 0.0 {
            Reason::NoListPrice
        } else if value.is_nan() {
            Reason::NoPocketPrice
        } else {
            let weight = if block.units.is_some() { units } else { list };
            return Ok(Line { value, weight, list, row: (block.first_row + row) as u32 });
        };
        Err((wrong, block.worth(row)))
    };
    let mut tallies = Tallies::default();
    let mut lines = Vec::with_capacity(deals.n_rows());
    for (row, line) in deals.rows(read)?.into_iter().enumerate() {
        match line {
            Ok(line) => lines.push(line),
            Err((wrong, worth)) => tallies.note(wrong, row, worth),
        }
    }
    let left_out = tallies.left_out(&REASONS);
    if lines.is_empty() {
        return Err(Error::empty(what, deals.n_rows(), &left_out));
    }
    Ok((lines, left_out))
}

/// The usable lines of the deals by the values of columns.
pub(crate) fn by_group(
    what: &str,
    deals: &Deals,
    by: &[String],
    value: impl Fn(&Block, usize) -> f64 + Sync,
) -> Result<Grouped, Error> {
    let groups = deals.groups(by)?;
    let (lines, left_out) = usable(what, deals, value)?;
    let group = |line: &Line| groups.codes()[line.row as usize] as usize;
    let (starts, lines) = bucketed(&lines, groups.len(), group);
    // Groups without a usable line are no groups of the result.
    let there: Vec<u32> =
        (0..groups.len()).filter(|&group| starts[group] < starts[group + 1]).map(|group| group as u32).collect();
    let keys = groups.keys().iter().map(|key| key.take(&there)).collect::<Result<_, _>>()?;
    let mut starts = starts;
    starts.dedup();
    Ok(Grouped { lines, keys, starts, left_out })
}
