//! A column of numbers in the pieces that the table came in, which are put together only where somebody asks for all at once.

use std::borrow::Cow;
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use leverkit_core::Column;
use leverkit_core::arrow_schema::DataType;
use leverkit_core::columns::{Values, numbers_or_flags};
use leverkit_stats::zeros;
use rayon::prelude::*;

use crate::Error;

/// Numbers that one task handles.
const FEWEST: usize = 1 << 12;

/// A column's numbers. As a slice they are put together.
pub(crate) struct Numbers {
    /// The pieces, each with its first row.
    pieces: Vec<(usize, Values)>,
    whole: OnceLock<Vec<f64>>,
}

impl Numbers {
    /// The numbers of a column; flags are 0 and 1.
    pub(crate) fn of(column: &Column, role: &str) -> Result<Self, Error> {
        if *column.data_type() != DataType::Float64 || column.null_count() > 0 {
            return Ok(Self::one(numbers_or_flags(column, role)?));
        }
        let mut pieces = Vec::with_capacity(column.chunks().len());
        let mut start = 0;
        for chunk in column.chunks() {
            let piece = Column::of_chunks(Arc::clone(column.field()), vec![Arc::clone(chunk)]);
            pieces.push((start, Values::of(&piece, 0..chunk.len(), role)?));
            start += chunk.len();
        }
        Ok(Self { pieces, whole: OnceLock::new() })
    }

    fn one(values: Vec<f64>) -> Self {
        Self { pieces: vec![(0, Values::Read(values))], whole: OnceLock::new() }
    }

    /// Neighbouring rows: those of one piece as they are.
    pub(crate) fn rows(&self, rows: Range<usize>) -> Cow<'_, [f64]> {
        let first = self.pieces.partition_point(|(start, _)| *start <= rows.start).saturating_sub(1);
        let mut parts = self.pieces[first..].iter().map_while(|(start, values)| {
            let own = rows.start.max(*start) - start..rows.end.min(start + values.len()).max(*start) - start;
            (*start < rows.end).then(|| &values[own])
        });
        let one = parts.next().unwrap_or_default();
        if one.len() == rows.len() {
            return one.into();
        }
        [one].into_iter().chain(parts).flatten().copied().collect()
    }

    /// Rows in any order.
    pub(crate) fn at(&self, rows: &[u32]) -> Self {
        let values: &[f64] = self;
        Self::one(rows.par_iter().with_min_len(FEWEST).map(|&row| values[row as usize]).collect())
    }

    /// Changes each number.
    pub(crate) fn map(&mut self, change: impl Fn(f64) -> f64 + Sync) {
        self.whole = OnceLock::new();
        for (_, piece) in &mut self.pieces {
            match piece {
                Values::Read(values) => {
                    values.par_iter_mut().with_min_len(FEWEST).for_each(|value| *value = change(*value));
                }
                Values::Shared(values) => {
                    let changed = values.par_iter().with_min_len(FEWEST).map(|&value| change(value));
                    *piece = Values::Read(changed.collect());
                }
            }
        }
    }
}

impl Deref for Numbers {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        match &self.pieces[..] {
            [] => &[],
            [(_, one)] => one,
            several => self.whole.get_or_init(|| together(several)),
        }
    }
}

/// The numbers of pieces in one vector.
fn together(pieces: &[(usize, Values)]) -> Vec<f64> {
    let mut all = zeros(pieces.iter().map(|(_, values)| values.len()).sum());
    let mut rest = all.as_mut_slice();
    let slots = pieces.iter().map(|(_, from)| (rest.split_off_mut(..from.len()).unwrap_or_default(), from));
    slots.collect::<Vec<_>>().into_par_iter().for_each(|(to, from)| to.copy_from_slice(from));
    all
}

#[cfg(test)]
mod tests {
    use leverkit_core::{Table, batch};

    use super::*;

    #[test]
    fn pieces_are_the_numbers_of_the_whole() {
        let mut table = Table::from(batch!("price" => [1.0, 2.0, 3.0]).unwrap());
        for more in [vec![4.0], vec![], vec![5.0, 6.0]] {
            table.append(&Table::from(batch!("price" => more).unwrap())).unwrap();
        }
        let mut numbers = Numbers::of(table.column("price").unwrap(), "price").unwrap();
        let all = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        for start in 0..=6 {
            for end in start..=6 {
                let found = numbers.rows(start..end);
                assert_eq!(*found, all[start..end]);
                let is_one = end <= 3 || start >= 4 || (start, end) == (3, 4);
                assert_eq!(matches!(found, Cow::Borrowed(_)), is_one || start == end, "{start}..{end}");
            }
        }
        assert_eq!(*numbers, all);
        assert_eq!(*numbers.at(&[5, 0]), [6.0, 1.0]);
        numbers.map(|value| -value);
        assert_eq!((&numbers[..2], &*numbers.rows(2..4)), (&[-1.0, -2.0][..], &[-3.0, -4.0][..]));
    }
}
