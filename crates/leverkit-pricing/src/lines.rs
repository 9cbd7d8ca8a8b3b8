//! The lines of deals that have a price to compare, group by group.

use leverkit_core::Column;

use crate::deals::Block;
use crate::left_out::Tally;
use crate::{Deals, Error, LeftOut};

/// A deal with what is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    /// What is looked at: a share of list price.
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
const REASONS: [&str; 3] = [
    "list price unknown or not positive, row left out",
    "quantity unknown or not positive, row left out",
    "pocket price unknown, row left out",
];

/// The usable lines of the deals, in the order of the rows, and what was left out.
pub(crate) fn usable(
    what: &str,
    deals: &Deals,
    value: impl Fn(&Block, usize) -> f64 + Sync,
) -> Result<(Vec<Line>, Vec<LeftOut>), Error> {
    let read = |block: &Block, row: usize| {
        let (units, list, value) = (block.units(row), block.list(row), value(block, row));
        let wrong = if units.is_nan() || units <= 0.0 {
            1
        } else if list.is_nan() || list <= 0.0 {
            0
        } else if value.is_nan() {
            2
        } else {
            let weight = if block.units.is_some() { units } else { list };
            return Ok(Line { value, weight, list, row: (block.first_row + row) as u32 });
        };
        Err((wrong, block.worth(row)))
    };
    let mut tallies = [Tally::default(); 3];
    let mut lines = Vec::with_capacity(deals.n_rows());
    for (row, line) in deals.rows(read)?.into_iter().enumerate() {
        match line {
            Ok(line) => lines.push(line),
            Err((wrong, worth)) => tallies[wrong].note(row, worth),
        }
    }
    let left_out: Vec<LeftOut> =
        REASONS.iter().zip(tallies).filter_map(|(reason, tally)| tally.left_out(reason)).collect();
    if lines.is_empty() {
        let reason = left_out.first().map_or("there is no row", |left| left.reason).to_owned();
        return Err(Error::Empty { what: what.into(), rows: deals.n_rows(), reason });
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

/// Items by bucket, in their order within each, with where each bucket starts.
pub(crate) fn bucketed<T: Copy>(items: &[T], buckets: usize, bucket: impl Fn(&T) -> usize) -> (Vec<usize>, Vec<T>) {
    let mut starts = vec![0; buckets + 1];
    items.iter().for_each(|item| starts[bucket(item) + 1] += 1);
    (0..buckets).for_each(|at| starts[at + 1] += starts[at]);
    let Some(&first) = items.first() else { return (starts, Vec::new()) };
    let (mut next, mut sorted) = (starts.clone(), vec![first; items.len()]);
    for item in items {
        let slot = &mut next[bucket(item)];
        sorted[*slot] = *item;
        *slot += 1;
    }
    (starts, sorted)
}
