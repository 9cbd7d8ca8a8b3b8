//! Rows grouped by the values of columns.

use arrow_array::PrimitiveArray;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int64Type, UInt32Type};
use rayon::prelude::*;

use crate::encode::{encode, encode_keys};
use crate::{Column, Error, NO_CODE, zeros};

/// The rows of a frame, each with the code of its group; groups are numbered in the order of their values, nulls last.
///
/// ```
/// use leverkit_core::{Column, Groups};
/// let groups = Groups::of(4, &[Column::new("region", [Some("south"), Some("north"), None, Some("south")])])?;
/// assert_eq!(groups.codes(), [1, 0, 2, 1]);
/// assert_eq!(groups.keys()[0].texts(), [Some("north".into()), Some("south".into()), None]);
/// assert_eq!(groups.into_codes().len(), 4);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Groups {
    codes: Vec<u32>,
    keys: Vec<Column>,
    len: usize,
}

impl Groups {
    /// Groups `rows` rows by columns of any type; a null is a value of its own. Without columns all rows are one group.
    ///
    /// # Errors
    /// [`Error::WrongType`] for columns that hold no ids; [`Error::Parameter`] for columns with more combinations than can be numbered.
    ///
    /// ```
    /// use leverkit_core::{Column, Groups};
    /// let (region, size) = (Column::new("region", ["s", "n", "s"]), Column::new("size", [1, 2, 1]));
    /// let groups = Groups::of(3, &[region, size])?;
    /// assert_eq!((groups.len(), groups.codes()), (2, &[1, 0, 1][..]));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn of(rows: usize, columns: &[Column]) -> Result<Self, Error> {
        let coded: Vec<Self> = columns.iter().map(Self::by).collect::<Result<_, _>>()?;
        match <[Self; 1]>::try_from(coded) {
            Ok([one]) => Ok(one),
            Err(none) if none.is_empty() => {
                Ok(Self { codes: vec![0; rows], keys: Vec::new(), len: usize::from(rows > 0) })
            }
            Err(several) => Self::crossed(rows, &several),
        }
    }

    fn by(column: &Column) -> Result<Self, Error> {
        let encoded = encode(column.clone(), "by")?;
        let (mut codes, mut values) = (encoded.codes, encoded.values.renamed(column.name()));
        let null = values.len() as u32;
        if codes.par_iter().any(|&code| code == NO_CODE) {
            codes.par_iter_mut().for_each(|code| *code = (*code).min(null));
            values = values.take(&(0..null).chain([NO_CODE]).collect::<Vec<_>>())?;
        }
        Ok(Self { codes, len: values.len(), keys: vec![values] })
    }

    /// The combinations that there are: codes written as the digits of one number, which is coded again.
    fn crossed(rows: usize, columns: &[Self]) -> Result<Self, Error> {
        let combinations = columns.iter().try_fold(1_i64, |product, column| product.checked_mul(column.len as i64));
        let combinations = combinations.ok_or_else(|| {
            Error::parameter("by", "more combinations than can be numbered", "fewer columns or fewer values")
        })?;
        let (codes, mut rest) = if combinations <= i64::from(u32::MAX) {
            let numbers = numbers(rows, columns, |number, width, code| number * width as u32 + code);
            ranked::<UInt32Type>(numbers)?
        } else {
            let numbers = numbers(rows, columns, |number, width, code| number * width as i64 + i64::from(code));
            ranked::<Int64Type>(numbers)?
        };
        let len = rest.len();
        let mut keys = Vec::with_capacity(columns.len());
        for column in columns.iter().rev() {
            let width = column.len as i64;
            let places: Vec<u32> = rest.par_iter_mut().map(|number| digit(number, width)).collect();
            keys.push(column.keys[0].take(&places)?);
        }
        keys.reverse();
        Ok(Self { codes, keys, len })
    }

    /// The same groups numbered anew: the first is that which was `order[0]`.
    pub(crate) fn reordered(self, order: &[u32]) -> Result<Self, Error> {
        let mut places = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(&old, new)| places[old as usize] = new);
        let codes = self.codes.into_par_iter().map(|code| places[code as usize]).collect();
        let keys = self.keys.iter().map(|key| key.take(order)).collect::<Result<_, _>>()?;
        Ok(Self { codes, keys, len: self.len })
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no group: the frame has no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The group of each row.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The group of each row, without a copy.
    pub fn into_codes(self) -> Vec<u32> {
        self.codes
    }

    /// The columns' values of each group, in the order of the groups.
    pub fn keys(&self) -> &[Column] {
        &self.keys
    }
}

/// The names of groups given by a dictionary's values, with a last one without a name for those that are null.
///
/// ```
/// let names = leverkit_core::names_and_none(&leverkit_core::Column::new("store", ["a"]));
/// assert_eq!(names, [Some("a".into()), None]);
/// ```
pub fn names_and_none(values: &Column) -> Vec<Option<String>> {
    values.texts().into_iter().chain([None]).collect()
}

/// Items by bucket, in their order within each, with where each bucket starts.
///
/// ```
/// let (starts, sorted) = leverkit_core::bucketed(&["a1", "b1", "a2"], 2, |item| usize::from(item.starts_with('b')));
/// assert_eq!((starts, sorted), (vec![0, 2, 3], vec!["a1", "a2", "b1"]));
/// ```
pub fn bucketed<T: Copy>(items: &[T], buckets: usize, bucket: impl Fn(&T) -> usize) -> (Vec<usize>, Vec<T>) {
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

/// Takes the last digit off a number.
fn digit(number: &mut i64, width: i64) -> u32 {
    let digit = *number % width;
    *number /= width;
    digit as u32
}

/// Numbers as codes of those that there are, with these.
fn ranked<T>(numbers: Vec<T::Native>) -> Result<(Vec<u32>, Vec<i64>), Error>
where
    T: ArrowPrimitiveType<Native: Into<i64> + TryFrom<i64> + Ord>,
    PrimitiveArray<T>: From<Vec<T::Native>>,
{
    let numbers = Column::new("", PrimitiveArray::<T>::from(numbers));
    let encoded = encode_keys::<T>(&numbers, &numbers)?;
    let values = encoded.values.array()?;
    Ok((encoded.codes, values.as_primitive::<T>().values().iter().map(|&number| number.into()).collect()))
}

/// The number of each row: `push` appends the digit of one column more.
fn numbers<N: Clone + Default + Send + Sync>(
    rows: usize,
    coded: &[Groups],
    push: impl Fn(N, usize, u32) -> N + Sync,
) -> Vec<N> {
    const PIECE: usize = 1 << 14;
    let mut numbers = zeros::<N>(rows);
    numbers.par_chunks_mut(PIECE).enumerate().for_each(|(piece, numbers)| {
        for column in coded {
            for (number, &code) in numbers.iter_mut().zip(&column.codes[piece * PIECE..]) {
                *number = push(number.clone(), column.len, code);
            }
        }
    });
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_a_group_of_their_own_and_come_last() {
        let names = Column::new("name", [Some("b"), None, Some("a"), None]);
        let groups = Groups::of(4, &[names]).unwrap();
        assert_eq!(groups.codes(), [1, 2, 0, 2]);
        assert_eq!(groups.keys()[0].null_count(), 1);
        assert_eq!(Groups::of(2, &[]).unwrap().codes(), [0, 0]);
        assert!(Groups::of(0, &[]).unwrap().is_empty());
    }

    #[test]
    fn three_columns_make_the_combinations_that_there_are() {
        let (a, b) = (Column::new("a", [1, 1, 2, 2]), Column::new("b", ["x", "y", "x", "x"]));
        let c = Column::new("c", [true, true, false, true]);
        let groups = Groups::of(4, &[a, b, c]).unwrap();
        assert_eq!(groups.codes(), [0, 1, 2, 3]);
        assert_eq!(groups.keys()[1].text(1), Some("y".into()));
    }
}
