//! Sums over rows in parts: the same to the last bit on any number of threads.

use std::convert::Infallible;
use std::ops::Range;

use rayon::prelude::*;

use crate::budget::Watched;

/// Rows are cut into at most so many parts, each summed in order; the parts' sums are added pairwise.
const PARTS: usize = 64;

/// Adds up what `add` writes into one table of sums for each part of the rows. How rows are cut depends on the data alone, so results do
/// not depend on threads: few parts where the table is large beside the rows. `size` is how many numbers a table holds.
///
/// ```
/// let (groups, values) = ([0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0]);
/// let by_group = leverkit_stats::sums(4, 2, || vec![0.0; 2], |rows, sums| rows.for_each(|row| sums[groups[row]] += values[row]));
/// assert_eq!(by_group, [4.0, 6.0]);
/// ```
pub fn sums<T: Mergeable>(
    rows: usize,
    size: usize,
    new: impl Fn() -> T + Sync,
    add: impl Fn(Range<usize>, &mut T) + Sync,
) -> T {
    let add = |rows: Range<usize>, table: &mut T| -> Result<(), Infallible> {
        add(rows, table);
        Ok(())
    };
    match try_sums(rows, size, new, add) {
        Ok(table) => table,
        Err(never) => match never {},
    }
}

/// As [`sums`], of rows that may refuse to be added.
///
/// # Errors
/// That of the first part that refuses.
///
/// ```
/// let odd = |row: usize| if row < 7 { Ok(row as f64) } else { Err(row) };
/// let add = |rows: std::ops::Range<usize>, sums: &mut Vec<f64>| rows.into_iter().try_for_each(|row| odd(row).map(|value| sums[0] += value));
/// assert_eq!(leverkit_stats::try_sums(4, 1, || vec![0.0], add), Ok(vec![6.0]));
/// assert_eq!(leverkit_stats::try_sums(9, 1, || vec![0.0], add), Err(7));
/// ```
pub fn try_sums<T: Mergeable, E: Send>(
    rows: usize,
    size: usize,
    new: impl Fn() -> T + Sync,
    add: impl Fn(Range<usize>, &mut T) -> Result<(), E> + Sync,
) -> Result<T, E> {
    let parts = (rows / (4 * size).max(1 << 16)).clamp(1, PARTS);
    let ranges: Vec<Range<usize>> = (0..parts).map(|part| rows * part / parts..rows * (part + 1) / parts).collect();
    let mut tables: Vec<T> = ranges
        .into_par_iter()
        .watched()
        .map(|range| {
            let mut table = new();
            add(range, &mut table)?;
            Ok(table)
        })
        .collect::<Result<_, E>>()?;
    while tables.len() > 1 {
        tables = merge_pairs(tables);
    }
    Ok(tables.pop().unwrap_or_else(new))
}

fn merge_pairs<T: Mergeable>(tables: Vec<T>) -> Vec<T> {
    let mut tables = tables.into_iter();
    let mut merged = Vec::new();
    while let Some(mut left) = tables.next() {
        if let Some(right) = tables.next() {
            left.merge(right);
        }
        merged.push(left);
    }
    merged
}

/// What can be added up.
pub trait Mergeable: Send {
    /// Adds what later rows gave.
    fn merge(&mut self, later: Self);
}

impl Mergeable for Vec<f64> {
    fn merge(&mut self, later: Self) {
        self.iter_mut().zip(later).for_each(|(sum, more)| *sum += more);
    }
}
