//! Ids of any type become dense codes, 0 to n − 1 in the order of their values, with a dictionary beside them.
//!
//! Integers in a compact range are coded by their rank among the bits of the range; everything else through hash maps, one for each thread,
//! merged afterwards. Texts that are whole numbers are coded as such, other short ones stand for numbers in the maps. Codes follow the values' order, so they depend neither on the rows' order nor on the threads.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer};
use arrow_schema::DataType;
use hashbrown::HashMap;
use leverkit_stats::budget::Watched;
use rayon::prelude::*;

use crate::columns::{lengths, map_values, physical_column, wrong_type};
use crate::digits::{Numbers, texts_in_order};
use crate::gather::fill_chunks;
use crate::short::{shared, short_id};
use crate::shuffle::in_order;
use crate::texts::{Texts, bytes_of};
use crate::{Column, Error, NO_CODE};

type Map<K> = HashMap<K, u32, foldhash::fast::RandomState>;

/// A coded column: a code for each row ([`NO_CODE`] where the id is missing: null, not finite or blank text) and the distinct values in code order.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// A code for each row.
    pub codes: Vec<u32>,
    /// What the codes stand for.
    pub values: Column,
}

/// Codes a column of ids, and frees it. Null, NaN, infinities and blank text are no ids: see [`missing`](crate::columns::missing).
///
/// # Errors
/// [`Error::WrongType`] for types that are no ids, such as lists.
///
/// ```
/// use leverkit_core::{Column, NO_CODE, encode};
/// assert_eq!(encode(Column::new("id", [Some(30), None, Some(10)]), "customer")?.codes, [1, NO_CODE, 0]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[allow(clippy::needless_pass_by_value)] // Freed here, before the next column is coded.
pub fn encode(column: Column, role: &str) -> Result<Encoded, Error> {
    use DataType as D;
    let column = &column;
    match column.data_type() {
        D::Utf8 | D::LargeUtf8 | D::Utf8View => encode_texts(column),
        D::Int8 => encode_keys::<Int8Type>(column, column),
        D::Int16 => encode_keys::<Int16Type>(column, column),
        D::Int32 => encode_keys::<Int32Type>(column, column),
        D::Int64 => encode_keys::<Int64Type>(column, column),
        D::UInt8 => encode_keys::<UInt8Type>(column, column),
        D::UInt16 => encode_keys::<UInt16Type>(column, column),
        D::UInt32 => encode_keys::<UInt32Type>(column, column),
        // Unsigned integers as signed ones of the same order.
        D::UInt64 => encode_keys::<Int64Type>(column, &keys::<UInt64Type>(column, |id| Some((id ^ (1 << 63)) as i64))),
        D::Float32 => encode_keys::<Int64Type>(column, &keys::<Float32Type>(column, |id| ordered_bits(id.into()))),
        D::Float64 => encode_keys::<Int64Type>(column, &keys::<Float64Type>(column, ordered_bits)),
        D::Date32 | D::Time32(_) => encode_keys::<Int32Type>(column, &physical_column::<Int32Type>(column)),
        D::Date64 | D::Time64(_) | D::Timestamp(..) | D::Duration(_) => {
            encode_keys::<Int64Type>(column, &physical_column::<Int64Type>(column))
        }
        D::Boolean => encode_keys::<UInt8Type>(column, &flags(column)),
        D::Decimal32(..) => encode_wide::<Decimal32Type>(column),
        D::Decimal64(..) => encode_wide::<Decimal64Type>(column),
        D::Decimal128(..) => encode_wide::<Decimal128Type>(column),
        D::Decimal256(..) => encode_wide::<Decimal256Type>(column),
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => encode_bytes(column),
        D::Dictionary(..) => encode_dictionary(column, role),
        D::Null => Ok(Encoded { codes: vec![NO_CODE; column.len()], values: column.slice(0, 0) }),
        _ => Err(wrong_type(column, role, "ids: numbers, texts, dates or categories; cast the column first")),
    }
}

/// As [`encode`], but values may have a code that no row has: whole numbers in a narrow range are coded by their distance to the least, without a
/// look at which there are.
pub(crate) fn encode_with_gaps(column: Column, role: &str) -> Result<Encoded, Error> {
    let found = match column.data_type() {
        DataType::Int32 => distances::<Int32Type>(&column),
        DataType::Int64 => distances::<Int64Type>(&column),
        DataType::UInt32 => distances::<UInt32Type>(&column),
        _ => None,
    };
    found.map_or_else(|| encode(column, role), Ok)
}

/// So many rows for each whole number of a range make it narrow: those that no row has then cost less than a look at which there are.
const ROWS_PER_KEY: i128 = 4;

/// Codes by distance; `None` where the range is not narrow.
fn distances<T>(keys: &Column) -> Option<Encoded>
where
    T: ArrowPrimitiveType<Native: Into<i64> + TryFrom<i64> + Ord>,
{
    let (low, high) = bounds::<T>(keys)?;
    let width = i128::from(high) - i128::from(low) + 1;
    (width * ROWS_PER_KEY <= keys.len() as i128).then(|| Encoded {
        codes: map_values::<T, _>(keys, |key| key.map_or(NO_CODE, |key| key.into().wrapping_sub(low) as u32)),
        values: whole_numbers::<T>(keys, low..=high),
    })
}

/// A column of whole numbers like another.
fn whole_numbers<T>(like: &Column, numbers: impl Iterator<Item = i64>) -> Column
where
    T: ArrowPrimitiveType<Native: TryFrom<i64>>,
{
    let numbers = numbers.map(|number| T::Native::try_from(number).unwrap_or_default());
    Column::of_chunks(Arc::clone(like.field()), vec![Arc::new(PrimitiveArray::<T>::from_iter_values(numbers))])
}

/// Codes whole numbers by the texts that they are written as, which only the distinct ones need; other ids as they are.
pub(crate) fn encode_as_text(column: Column, role: &str) -> Result<Encoded, Error> {
    encode(column, role)?.into_texts()
}

/// As [`encode_as_text`], with gaps as [`encode_with_gaps`] leaves them.
pub(crate) fn encode_as_text_with_gaps(column: Column, role: &str) -> Result<Encoded, Error> {
    encode_with_gaps(column, role)?.into_texts()
}

impl Encoded {
    /// Whole numbers as texts, in the order of these.
    fn into_texts(self) -> Result<Self, Error> {
        let Self { codes, values } = self;
        if !values.data_type().is_integer() {
            return Ok(Self { codes, values });
        }
        let (texts, places) = texts_in_order(&values.array()?);
        Ok(Self { codes: renumbered(&codes, places), values: Column::new(values.name(), texts.array()?) })
    }
}

/// Codes by their places; what has no code keeps none.
fn renumbered(codes: &[u32], mut places: Vec<u32>) -> Vec<u32> {
    let none = places.len() as u32;
    places.push(NO_CODE);
    fill_chunks(&[codes.len()], |_, rows, out| {
        for (slot, &code) in out.iter_mut().zip(&codes[rows]) {
            slot.write(places[code.min(none) as usize]);
        }
    })
}

/// A column's values as integers of the same order; `None` is no id.
fn keys<T: ArrowPrimitiveType>(column: &Column, key: impl Fn(T::Native) -> Option<i64>) -> Column {
    let of_chunk = |chunk: &ArrayRef| {
        let keys = chunk.as_primitive::<T>().iter().map(|value| value.and_then(&key));
        Arc::new(keys.collect::<PrimitiveArray<Int64Type>>()) as ArrayRef
    };
    derived::<Int64Type>(column, of_chunk)
}

fn flags(column: &Column) -> Column {
    derived::<UInt8Type>(column, |chunk| {
        Arc::new(chunk.as_boolean().iter().map(|flag| flag.map(u8::from)).collect::<PrimitiveArray<UInt8Type>>())
    })
}

fn derived<T: ArrowPrimitiveType>(column: &Column, of_chunk: impl Fn(&ArrayRef) -> ArrayRef) -> Column {
    let field = column.field().as_ref().clone().with_data_type(T::DATA_TYPE);
    Column::of_chunks(Arc::new(field), column.chunks().iter().map(of_chunk).collect())
}

/// A float's bits as an integer of the same order; −0 and 0 are one, what is not finite is none.
fn ordered_bits(value: f64) -> Option<i64> {
    value.is_finite().then_some(in_order(value + 0.0))
}

/// Codes categories by their value, so that their order is the value's and not that of first use.
fn encode_dictionary(column: &Column, role: &str) -> Result<Encoded, Error> {
    let chunks: Vec<_> = column.chunks().iter().map(AsArray::as_any_dictionary).collect();
    let DataType::Dictionary(_, value_type) = column.data_type() else { return Err(wrong_type(column, role, "")) };
    let field = column.field().as_ref().clone().with_data_type(value_type.as_ref().clone());
    let entries = Column::of_chunks(Arc::new(field), chunks.iter().map(|chunk| Arc::clone(chunk.values())).collect());
    // An entry's code is that of its value, whichever chunk's dictionary holds it; one place more stands for null keys.
    let starts = starts(&lengths(&entries));
    let (mut of_entry, n_values) = {
        let encoded = encode(entries, role)?;
        (encoded.codes, encoded.values.len())
    };
    of_entry.push(NO_CODE);
    let mut codes = Vec::with_capacity(column.len());
    for (chunk, &start) in chunks.iter().zip(&starts) {
        codes.extend(places(chunk.keys(), start, of_entry.len() - 1).into_iter().map(|place| of_entry[place]));
    }
    let (codes, used) = compact(&codes, n_values);
    let values = column.take(&rows_of(&codes, used.len()))?;
    Ok(Encoded { codes, values })
}

fn starts(lengths: &[usize]) -> Vec<usize> {
    let ends = lengths.iter().scan(0, |rows, length| {
        *rows += length;
        Some(*rows - length)
    });
    ends.collect()
}

/// Where each row's entry stands among those of all chunks; null keys stand at `null`.
fn places(keys: &dyn Array, start: usize, null: usize) -> Vec<usize> {
    fn of<K: ArrowDictionaryKeyType>(keys: &dyn Array, start: usize, null: usize) -> Vec<usize> {
        let place = |key: Option<K::Native>| key.map_or(null, |key| start + key.as_usize());
        keys.as_primitive::<K>().iter().map(place).collect()
    }
    match keys.data_type() {
        DataType::Int8 => of::<Int8Type>(keys, start, null),
        DataType::Int16 => of::<Int16Type>(keys, start, null),
        DataType::Int32 => of::<Int32Type>(keys, start, null),
        DataType::Int64 => of::<Int64Type>(keys, start, null),
        DataType::UInt8 => of::<UInt8Type>(keys, start, null),
        DataType::UInt16 => of::<UInt16Type>(keys, start, null),
        DataType::UInt32 => of::<UInt32Type>(keys, start, null),
        _ => of::<UInt64Type>(keys, start, null),
    }
}

/// Up to so many bits for each key, ranks in a bit map are faster than a hash map.
const BITS_PER_KEY: i128 = 32;

/// Codes a column by integers that stand for its values in their order.
pub(crate) fn encode_keys<T>(column: &Column, keys: &Column) -> Result<Encoded, Error>
where
    T: ArrowPrimitiveType<Native: Into<i64> + TryFrom<i64> + Ord>,
{
    let (low, high) = bounds::<T>(keys).unwrap_or((0, 0));
    let width = i128::from(high) - i128::from(low) + 1;
    if width > BITS_PER_KEY * keys.len() as i128 {
        let chunks: Vec<&PrimitiveArray<T>> = keys.chunks().iter().map(AsArray::as_primitive).collect();
        return encode_by_hash(column, |chunk, row| {
            let chunk = chunks[chunk];
            chunk.is_valid(row).then(|| Into::<i64>::into(chunk.value(row)))
        });
    }
    let ranks = Ranks::of::<T>(keys, low, width as usize);
    let place = |key: T::Native| key.into().wrapping_sub(low) as u32;
    let codes = if ranks.is_full(width as usize) {
        map_values::<T, _>(keys, |key| key.map_or(NO_CODE, place))
    } else {
        map_values::<T, _>(keys, |key| key.map_or(NO_CODE, |key| ranks.rank(place(key) as usize)))
    };
    let values = if column.data_type() == &T::DATA_TYPE {
        whole_numbers::<T>(column, ranks.keys(low))
    } else {
        column.take(&rows_of(&codes, ranks.total as usize))?
    };
    Ok(Encoded { codes, values })
}

/// The least and the greatest key.
fn bounds<T>(keys: &Column) -> Option<(i64, i64)>
where
    T: ArrowPrimitiveType<Native: Into<i64> + Ord>,
{
    pieces::<T>(keys).filter_map(|(valid, keys)| valid.bounds(keys)).reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Runs of keys, with which of them are valid.
fn pieces<T: ArrowPrimitiveType>(keys: &Column) -> impl ParallelIterator<Item = (Valid<'_>, &[T::Native])> {
    const PIECE: usize = 1 << 16;
    keys.chunks().par_iter().watched().map(AsArray::as_primitive::<T>).flat_map(|chunk| {
        let values: &[T::Native] = chunk.values();
        values
            .par_chunks(PIECE)
            .watched()
            .enumerate()
            .map(move |(index, keys)| (Valid(chunk.nulls().map(|nulls| (nulls, index * PIECE))), keys))
    })
}

/// Which keys of a run are valid: all, or those whose bit is set, counted from the run's place in its chunk.
#[derive(Clone, Copy)]
struct Valid<'a>(Option<(&'a NullBuffer, usize)>);

impl Valid<'_> {
    fn keys<'k, K: Copy>(&self, keys: &'k [K]) -> impl Iterator<Item = K> + use<'_, 'k, K> {
        keys.iter()
            .enumerate()
            .filter(|(i, _)| self.0.is_none_or(|(bits, start)| bits.is_valid(start + i)))
            .map(|(_, key)| *key)
    }

    fn bounds<K: Into<i64> + Ord + Copy>(&self, keys: &[K]) -> Option<(i64, i64)> {
        let widen = |(low, high): (K, K), key: K| (low.min(key), high.max(key));
        let (low, high) = match self.0 {
            None => {
                let first = *keys.first()?;
                keys.iter().fold((first, first), |bounds, &key| widen(bounds, key))
            }
            Some(_) => self.keys(keys).map(|key| (key, key)).reduce(|a, b| widen(a, b.0))?,
        };
        Some((low.into(), high.into()))
    }
}

/// A row that holds each code.
fn rows_of(codes: &[u32], n_codes: usize) -> Vec<u32> {
    let mut rows = vec![NO_CODE; n_codes];
    for (row, &code) in codes.iter().enumerate() {
        if let Some(slot) = rows.get_mut(code as usize) {
            *slot = row as u32;
        }
    }
    rows
}

/// Codes keys of any kind. `key(chunk, row)` gives the key of a row within its chunk.
fn encode_by_hash<K>(column: &Column, key: impl Fn(usize, usize) -> Option<K> + Sync) -> Result<Encoded, Error>
where
    K: Hash + Ord + Copy + Send + Sync,
{
    let (codes, first_rows) = code_by_hash(&lengths(column), key);
    Ok(Encoded { codes, values: column.take(&first_rows)?.apart() })
}

fn encode_texts(column: &Column) -> Result<Encoded, Error> {
    let chunks = texts_of(column);
    if let Some(numbers) = Numbers::of(&chunks) {
        return encode_numbers(column, &numbers);
    }
    match shared(&chunks) {
        Some(skip) => encode_by_hash(column, |chunk, row| short_id(chunks[chunk], row, skip)),
        None => encode_by_hash(column, |chunk, row| chunks[chunk].id(row)),
    }
}

fn texts_of(column: &Column) -> Vec<Texts<'_>> {
    column.chunks().iter().filter_map(Texts::of).collect()
}

/// Codes texts by the numbers that they are, in the order of the texts.
fn encode_numbers(column: &Column, numbers: &Numbers) -> Result<Encoded, Error> {
    let Encoded { codes, values } = encode_keys::<Int64Type>(column, &numbers.keys)?;
    if numbers.in_order {
        return Ok(Encoded { codes, values: values.apart() });
    }
    let places = numbers.places(&texts_of(&values));
    let values = values.take(&rows_of(&places, places.len()))?.apart();
    Ok(Encoded { codes: renumbered(&codes, places), values })
}

fn encode_bytes(column: &Column) -> Result<Encoded, Error> {
    encode_by_hash(column, |chunk, row| bytes_of(&column.chunks()[chunk], row))
}

/// Codes integers of any width.
fn encode_wide<T: ArrowPrimitiveType<Native: Hash + Ord>>(column: &Column) -> Result<Encoded, Error> {
    let chunks: Vec<&PrimitiveArray<T>> = column.chunks().iter().map(AsArray::as_primitive).collect();
    encode_by_hash(column, |chunk, row| chunks[chunk].is_valid(row).then(|| chunks[chunk].value(row)))
}

/// Which keys of a range there are, a bit for each, and how many come before each word of bits:
/// small enough to stay in cache, and a key's rank is one look-up and a count of bits.
struct Ranks {
    words: Vec<u64>,
    before: Vec<u32>,
    total: u32,
}

impl Ranks {
    fn of<T>(keys: &Column, low: i64, width: usize) -> Self
    where
        T: ArrowPrimitiveType<Native: Into<i64> + Ord>,
    {
        let bits: Vec<AtomicU64> = (0..width.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        pieces::<T>(keys).for_each(|(valid, keys)| {
            // Of few values all are soon seen.
            if !is_full(&bits, width) {
                valid.keys(keys).for_each(|key| set(&bits, key.into().abs_diff(low) as usize));
            }
        });
        let words: Vec<u64> = bits.into_iter().map(AtomicU64::into_inner).collect();
        let mut total = 0;
        let before = words
            .iter()
            .map(|word| {
                total += word.count_ones();
                total - word.count_ones()
            })
            .collect();
        Self { words, before, total }
    }

    /// The keys that there are, in order.
    fn keys(&self, low: i64) -> impl Iterator<Item = i64> + '_ {
        self.words.iter().enumerate().flat_map(move |(index, &word)| {
            let bits = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0);
            bits.map(move |rest| low.wrapping_add((index * 64) as i64 + i64::from(rest.trailing_zeros())))
        })
    }

    /// Whether every key of the range is there: then its rank is its place.
    fn is_full(&self, width: usize) -> bool {
        self.total as usize == width
    }

    /// How many keys come before this one.
    fn rank(&self, at: usize) -> u32 {
        self.before[at / 64] + (self.words[at / 64] & ((1 << (at % 64)) - 1)).count_ones()
    }
}

/// Whether the first `width` bits are all set; looked at for few bits alone.
fn is_full(bits: &[AtomicU64], width: usize) -> bool {
    const FEW: usize = 1 << 12;
    width <= FEW && bits.iter().map(|word| word.load(Relaxed).count_ones() as usize).sum::<usize>() == width
}

/// Sets a bit. Most keys were seen before, and reading is far cheaper than a write that other threads must notice.
fn set(bits: &[AtomicU64], at: usize) {
    let (word, bit) = (&bits[at / 64], 1 << (at % 64));
    if word.load(Relaxed) & bit == 0 {
        word.fetch_or(bit, Relaxed);
    }
}

/// The codes of keys, and the first row of each code.
fn code_by_hash<K>(lengths: &[usize], key: impl Fn(usize, usize) -> Option<K> + Sync) -> (Vec<u32>, Vec<u32>)
where
    K: Hash + Ord + Copy + Send + Sync,
{
    let parts = split(lengths, rayon::current_num_threads());
    let locals: Vec<Local<K>> = parts.par_iter().watched().map(|part| Local::read(part, &key)).collect();
    let mut distinct: Vec<(K, u32)> = merge(&locals).into_iter().collect();
    distinct.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let ranks: Map<K> = distinct.iter().zip(0..).map(|(&(key, _), code)| (key, code)).collect();
    let remaps: Vec<Vec<u32>> =
        locals.par_iter().watched().map(|local| local.keys.iter().map(|key| ranks[key]).collect()).collect();
    let lengths: Vec<usize> = locals.iter().map(|local| local.codes.len()).collect();
    let codes = fill_chunks(&lengths, |part, rows, out| {
        for (slot, &code) in out.iter_mut().zip(&locals[part].codes[rows]) {
            slot.write(remaps[part].get(code as usize).copied().unwrap_or(NO_CODE));
        }
    });
    (codes, distinct.into_iter().map(|(_, row)| row).collect())
}

/// Rows of one chunk, with the number of the first among all rows.
struct Piece {
    chunk: usize,
    rows: std::ops::Range<usize>,
    first: usize,
}

/// Cuts all rows into `parts` runs of pieces of about equal length.
fn split(lengths: &[usize], parts: usize) -> Vec<Vec<Piece>> {
    let total: usize = lengths.iter().sum();
    let size = total.div_ceil(parts).max(1);
    let mut runs: Vec<Vec<Piece>> = (0..total.div_ceil(size)).map(|_| Vec::new()).collect();
    let mut first = 0;
    for (chunk, &length) in lengths.iter().enumerate() {
        let mut start = 0;
        while start < length {
            let run = first / size;
            let end = length.min(start + (run + 1) * size - first);
            runs[run].push(Piece { chunk, rows: start..end, first });
            first += end - start;
            start = end;
        }
    }
    runs
}

/// One thread's share: codes in order of first appearance, the key of each, and the row where it appeared.
struct Local<K> {
    codes: Vec<u32>,
    keys: Vec<K>,
    rows: Vec<u32>,
}

impl<K: Hash + Eq + Copy> Local<K> {
    fn read(pieces: &[Piece], key: impl Fn(usize, usize) -> Option<K>) -> Self {
        let mut local = Self {
            codes: Vec::with_capacity(pieces.iter().map(|piece| piece.rows.len()).sum()),
            keys: Vec::new(),
            rows: Vec::new(),
        };
        let mut map = Map::default();
        for piece in pieces {
            for (row, number) in piece.rows.clone().zip(piece.first..) {
                let code = key(piece.chunk, row).map_or(NO_CODE, |key| local.code(&mut map, key, number as u32));
                local.codes.push(code);
            }
        }
        local
    }

    fn code(&mut self, map: &mut Map<K>, key: K, row: u32) -> u32 {
        *map.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.rows.push(row);
            self.keys.len() as u32 - 1
        })
    }
}

/// All threads' keys, each with the first row that holds it.
fn merge<K: Hash + Eq + Copy>(locals: &[Local<K>]) -> Map<K> {
    let mut merged = Map::default();
    for local in locals {
        for (&key, &row) in local.keys.iter().zip(&local.rows) {
            merged.entry(key).or_insert(row);
        }
    }
    merged
}

/// Drops codes that no line uses. Returns the codes renumbered and the old codes that stay, in order.
pub(crate) fn compact(codes: &[u32], n_codes: usize) -> (Vec<u32>, Vec<u32>) {
    let mut used = vec![NO_CODE; n_codes];
    for &code in codes {
        if let Some(slot) = used.get_mut(code as usize) {
            *slot = 0;
        }
    }
    let kept: Vec<u32> = (0..n_codes as u32).filter(|&code| used[code as usize] == 0).collect();
    for (new, &old) in (0..).zip(&kept) {
        used[old as usize] = new;
    }
    (renumbered(codes, used), kept)
}

/// Numbers codes by their first use. Returns the codes renumbered and the old codes, in the new order.
pub(crate) fn by_first_use(codes: &[u32], n_codes: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut places, mut kept) = (vec![NO_CODE; n_codes], Vec::new());
    let mut place = |&code: &u32| {
        let Some(place) = places.get_mut(code as usize) else { return NO_CODE };
        if *place == NO_CODE {
            *place = kept.len() as u32;
            kept.push(code);
        }
        *place
    };
    (codes.iter().map(&mut place).collect(), kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int32Type;
    use arrow_array::{Decimal128Array, DictionaryArray, StringArray};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn codes_of(column: &Column) -> (Vec<u32>, Vec<String>) {
        let encoded = encode(column.clone(), "id").unwrap();
        (encoded.codes, encoded.values.texts().into_iter().flatten().collect())
    }

    #[test]
    fn codes_follow_the_order_of_values() {
        let ids = Column::new("id", [Some(30i64), None, Some(10), Some(30)]);
        assert_eq!(codes_of(&ids), (vec![1, NO_CODE, 0, 1], vec!["10".into(), "30".into()]));
        let wide = Column::new("id", [i64::MAX, i64::MIN, 0]);
        assert_eq!(codes_of(&wide).0, [2, 0, 1]);
        let names = Column::new("id", ["b", "a", "b"]);
        assert_eq!(codes_of(&names), (vec![1, 0, 1], vec!["a".into(), "b".into()]));
        let long = Column::new("id", ["customer-of-the-shop-10", "customer-of-the-shop-2", "customer-of-the-shop-1"]);
        assert_eq!(codes_of(&long).0, [1, 2, 0]);
        let longer = Column::new("id", ["the-second-of-two-customers", "the-first-of-two-customers", "", "a"]);
        assert_eq!(codes_of(&longer).0, [2, 1, NO_CODE, 0]);
        let floats = Column::new("id", [2.5, f64::NAN, -1.0, f64::INFINITY, -0.0, 0.0]);
        assert_eq!(codes_of(&floats).0, [2, NO_CODE, 0, NO_CODE, 1, 1]);
        let large = Column::new("id", [u64::MAX, 1]);
        assert_eq!(codes_of(&large).0, [1, 0]);
        let wider = Decimal128Array::from(vec![1 << 100, 1 << 100, 1]).with_precision_and_scale(38, 0).unwrap();
        assert_eq!(codes_of(&Column::new("id", wider)).0, [1, 1, 0]);
    }

    proptest! {
        #[test]
        fn texts_are_coded_in_their_order(ids in vec("(C0)?[0-3]{0,3}|[0-9]{1,16}", 0..9)) {
            let mut sorted: Vec<String> = ids.iter().filter(|id| !id.is_empty()).cloned().collect();
            sorted.sort_unstable();
            sorted.dedup();
            let code = |id: &String| sorted.binary_search(id).map_or(NO_CODE, |code| code as u32);
            let expected = ids.iter().map(code).collect();
            let array: ArrayRef = Arc::new(StringArray::from(ids));
            prop_assert_eq!(codes_of(&Column::new("id", array)), (expected, sorted));
        }
    }

    #[test]
    fn whole_numbers_are_coded_as_the_texts_that_they_are_written_as() {
        let numbers = [Some(10i64), None, Some(9), Some(-1), Some(10)];
        let found = encode_as_text(Column::new("id", numbers), "id").unwrap();
        let texts = encode(Column::new("id", numbers.map(|id| id.map(|id| id.to_string()))), "id").unwrap();
        assert_eq!(found.codes, texts.codes);
        assert_eq!(found.values.texts(), texts.values.texts());
        let floats = encode_as_text(Column::new("id", [2.5, 1.0]), "id").unwrap();
        assert_eq!(floats.values.data_type(), &DataType::Float64);
    }

    #[test]
    fn categories_are_coded_by_their_text_whichever_dictionary_holds_it() {
        let first: DictionaryArray<Int32Type> = ["zoe", "ann", "zoe"].into_iter().collect();
        let names = Column::new("id", Arc::new(first) as ArrayRef);
        assert_eq!(codes_of(&names), (vec![1, 0, 1], vec!["ann".into(), "zoe".into()]));
        let second: DictionaryArray<Int32Type> = [Some("bob"), None, Some("zoe")].into_iter().collect();
        let mut both = names.clone();
        both.append(&Column::new("id", Arc::new(second) as ArrayRef)).unwrap();
        let (codes, texts) = codes_of(&both);
        assert_eq!((codes, texts.join(" ")), (vec![2, 0, 2, 1, NO_CODE, 2], "ann bob zoe".into()));
    }

    #[test]
    fn entries_that_no_row_uses_are_no_values() {
        let texts = Arc::new(StringArray::from(vec![Some("ann"), None, Some("bob")]));
        let ids = DictionaryArray::<Int32Type>::try_new(vec![2, 1, 2].into(), texts).unwrap();
        assert_eq!(codes_of(&Column::new("id", Arc::new(ids) as ArrayRef)), (vec![0, NO_CODE, 0], vec!["bob".into()]));
    }

    #[test]
    fn blank_texts_and_categories_are_no_values() {
        let names = ["", "ann", " \t", "\u{a0}", "ann"];
        let ann = (vec![NO_CODE, 0, NO_CODE, NO_CODE, 0], vec!["ann".into()]);
        assert_eq!(codes_of(&Column::new("id", names)), ann);
        let categories: DictionaryArray<Int32Type> = names.into_iter().collect();
        assert_eq!(codes_of(&Column::new("id", Arc::new(categories) as ArrayRef)), ann);
    }

    #[test]
    fn a_narrow_range_may_have_gaps() {
        let of = |ids: [Option<i64>; 2]| {
            let encoded = encode_with_gaps(Column::new("id", ids.repeat(8)), "id").unwrap();
            (encoded.codes[..2].to_vec(), encoded.values.texts().into_iter().flatten().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(of([Some(-1), Some(2)]), (vec![0, 3], "-1 0 1 2".into()));
        assert_eq!(of([Some(-1), None]), (vec![0, NO_CODE], "-1".into()));
        assert_eq!(of([Some(-1), Some(3)]), (vec![0, 1], "-1 3".into()), "too wide");
        assert_eq!(of([Some(i64::MIN), Some(i64::MAX)]).0, [0, 1]);
        assert_eq!(of([None; 2]), (vec![NO_CODE; 2], String::new()));
    }

    #[test]
    fn values_keep_their_type() {
        let ids = Column::new("id", [3i32, 1]);
        assert_eq!(encode(ids, "id").unwrap().values.data_type(), &DataType::Int32);
    }

    #[test]
    fn unused_codes_are_dropped() {
        assert_eq!(compact(&[3, 1, NO_CODE, 3], 5), (vec![1, 0, NO_CODE, 1], vec![1, 3]));
        assert_eq!(by_first_use(&[3, 1, NO_CODE, 3], 5), (vec![0, 1, NO_CODE, 0], vec![3, 1]));
    }
}
