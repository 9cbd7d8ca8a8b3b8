//! Ids of any type become dense codes, 0 to n − 1 in the order of their values, with a dictionary beside them.
//!
//! Integers in a compact range are coded by their rank among the bits of the range; everything else through hash maps, one for each thread,
//! merged afterwards. Codes follow the values' order, so they depend neither on the rows' order nor on the threads.

use std::hash::Hash;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use hashbrown::HashMap;
use polars::prelude::*;
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use crate::columns::map_values;
use crate::gather::{fill_chunks, gather};
use crate::{Error, NO_CODE};

type Map<K> = HashMap<K, u32, foldhash::fast::RandomState>;

/// A coded column: a code for each row ([`NO_CODE`] where null) and the distinct values in code order.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// A code for each row.
    pub codes: Vec<u32>,
    /// What the codes stand for.
    pub values: Series,
}

/// Codes a column of ids, and frees it.
///
/// # Errors
/// [`Error::Frame`] where the frame library refuses.
///
/// ```
/// use leverkit_core::{NO_CODE, encode, polars::prelude::*};
/// assert_eq!(encode(Series::new("id".into(), [Some(30), None, Some(10)]))?.codes, [1, NO_CODE, 0]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[allow(clippy::needless_pass_by_value)] // Freed here, before the next column is coded.
pub fn encode(series: Series) -> Result<Encoded, Error> {
    let series = &series;
    match series.dtype() {
        DataType::String => encode_texts(series, series),
        DataType::Categorical(..) | DataType::Enum(..) => encode_categories(series),
        DataType::Float32 | DataType::Float64 => {
            encode_keys(series, &float_keys(series.cast(&DataType::Float64)?.f64()?))
        }
        DataType::UInt64 => encode_keys(series, &unsigned_keys(series.u64()?)),
        DataType::Int8 => encode_keys(series, series.i8()?),
        DataType::Int16 => encode_keys(series, series.i16()?),
        DataType::Int32 => encode_keys(series, series.i32()?),
        DataType::UInt8 => encode_keys(series, series.u8()?),
        DataType::UInt16 => encode_keys(series, series.u16()?),
        DataType::UInt32 => encode_keys(series, series.u32()?),
        dtype if dtype.is_integer() || dtype.is_temporal() || dtype.is_bool() => {
            encode_keys(series, &physical_keys(series)?)
        }
        _ => encode_texts(series, &series.cast(&DataType::String)?),
    }
}

fn physical_keys(series: &Series) -> Result<Int64Chunked, Error> {
    Ok(series.to_physical_repr().cast(&DataType::Int64)?.i64()?.clone())
}

/// Unsigned integers as signed ones of the same order.
fn unsigned_keys(ids: &UInt64Chunked) -> Int64Chunked {
    ids.iter().map(|id| id.map(|id| (id ^ (1 << 63)) as i64)).collect()
}

/// Floats as integers of the same order; −0 and 0 are one, NaN is null.
fn float_keys(ids: &Float64Chunked) -> Int64Chunked {
    ids.iter().map(|id| id.filter(|id| !id.is_nan()).map(ordered_bits)).collect()
}

fn ordered_bits(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Codes categories by their text, so that their order is the text's and not that of first use.
fn encode_categories(series: &Series) -> Result<Encoded, Error> {
    let by_category = encode_keys(series, &physical_keys(series)?)?;
    let by_text = encode_texts(&by_category.values, &by_category.values.cast(&DataType::String)?)?;
    let codes = by_category
        .codes
        .par_iter()
        .map(|&code| by_text.codes.get(code as usize).copied().unwrap_or(NO_CODE))
        .collect();
    Ok(Encoded { codes, values: by_text.values })
}

/// Up to so many bits for each key, ranks in a bit map are faster than a hash map.
const BITS_PER_KEY: i128 = 32;

pub(crate) fn encode_keys<T: PolarsNumericType>(series: &Series, keys: &ChunkedArray<T>) -> Result<Encoded, Error>
where
    T::Native: Into<i64> + Ord,
{
    let (low, high) = bounds(keys).unwrap_or((0, 0));
    let width = i128::from(high) - i128::from(low) + 1;
    if width > BITS_PER_KEY * keys.len() as i128 {
        let (codes, first_rows) = code_integers_by_hash(keys);
        return Ok(Encoded { codes, values: take(series, &first_rows)? });
    }
    let ranks = Ranks::of(keys, low, width as usize);
    let place = |key: T::Native| key.into().wrapping_sub(low) as u32;
    let codes = if ranks.is_full(width as usize) {
        map_values(keys, |key| key.map_or(NO_CODE, place))
    } else {
        map_values(keys, |key| key.map_or(NO_CODE, |key| ranks.rank(place(key) as usize)))
    };
    let values = if series.dtype().is_integer() && !series.dtype().is_unsigned_integer() {
        Int64Chunked::from_vec(series.name().clone(), ranks.keys(low)).into_series().cast(series.dtype())?
    } else {
        take(series, &rows_of(&codes, ranks.total as usize))?
    };
    Ok(Encoded { codes, values })
}

/// The least and the greatest key.
fn bounds<T: PolarsNumericType>(keys: &ChunkedArray<T>) -> Option<(i64, i64)>
where
    T::Native: Into<i64> + Ord,
{
    pieces(keys).filter_map(|(valid, keys)| valid.bounds(keys)).reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Runs of keys, with which of them are valid.
fn pieces<T: PolarsNumericType>(keys: &ChunkedArray<T>) -> impl ParallelIterator<Item = (Valid<'_>, &[T::Native])> {
    const PIECE: usize = 1 << 16;
    let chunks: Vec<_> = keys.downcast_iter().collect();
    chunks.into_par_iter().flat_map(|chunk| {
        chunk
            .values()
            .par_chunks(PIECE)
            .enumerate()
            .map(move |(index, keys)| (Valid(chunk.validity().map(|bits| (bits, index * PIECE))), keys))
    })
}

/// Which keys of a run are valid: all, or those whose bit is set, counted from the run's place in its chunk.
#[derive(Clone, Copy)]
struct Valid<'a>(Option<(&'a Bitmap, usize)>);

impl Valid<'_> {
    fn keys<'k, K: Copy>(&self, keys: &'k [K]) -> impl Iterator<Item = K> + use<'_, 'k, K> {
        keys.iter()
            .enumerate()
            .filter(|(i, _)| self.0.is_none_or(|(bits, start)| bits.get_bit(start + i)))
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

fn code_integers_by_hash<T: PolarsNumericType>(keys: &ChunkedArray<T>) -> (Vec<u32>, Vec<u32>)
where
    T::Native: Into<i64> + Ord,
{
    let chunks: Vec<_> = keys.downcast_iter().collect();
    let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
    code_by_hash(&lengths, |chunk, row| chunks[chunk].get(row).map(Into::<i64>::into))
}

fn encode_texts(series: &Series, texts: &Series) -> Result<Encoded, Error> {
    let chunks: Vec<_> = texts.str()?.downcast_iter().collect();
    let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
    let (codes, first_rows) = code_by_hash(&lengths, |chunk, row| chunks[chunk].get(row));
    Ok(Encoded { codes, values: take(series, &first_rows)? })
}

fn take(series: &Series, rows: &[u32]) -> Result<Series, Error> {
    let rows: Vec<IdxSize> = rows.iter().map(|&row| row as IdxSize).collect();
    Ok(series.take(&IdxCa::from_vec("".into(), rows))?)
}

/// Which keys of a range there are, a bit for each, and how many come before each word of bits:
/// small enough to stay in cache, and a key's rank is one look-up and a count of bits.
struct Ranks {
    words: Vec<u64>,
    before: Vec<u32>,
    total: u32,
}

impl Ranks {
    fn of<T: PolarsNumericType>(keys: &ChunkedArray<T>, low: i64, width: usize) -> Self
    where
        T::Native: Into<i64> + Ord,
    {
        let bits: Vec<AtomicU64> = (0..width.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        pieces(keys).for_each(|(valid, keys)| {
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

    /// The keys that there are.
    fn keys(&self, low: i64) -> Vec<i64> {
        let mut keys = Vec::with_capacity(self.total as usize);
        for (index, &word) in self.words.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                keys.push(low.wrapping_add((index * 64) as i64 + i64::from(rest.trailing_zeros())));
                rest &= rest - 1;
            }
        }
        keys
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

/// Codes keys of any kind. `key(chunk, row)` gives the key of a row within its chunk.
fn code_by_hash<K>(lengths: &[usize], key: impl Fn(usize, usize) -> Option<K> + Sync) -> (Vec<u32>, Vec<u32>)
where
    K: Hash + Ord + Copy + Send + Sync,
{
    let parts = split(lengths, rayon::current_num_threads());
    let locals: Vec<Local<K>> = parts.par_iter().map(|part| Local::read(part, &key)).collect();
    let mut distinct: Vec<(K, u32)> = merge(&locals).into_iter().collect();
    distinct.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let ranks: Map<K> = distinct.iter().zip(0..).map(|(&(key, _), code)| (key, code)).collect();
    let remaps: Vec<Vec<u32>> =
        locals.par_iter().map(|local| local.keys.iter().map(|key| ranks[key]).collect()).collect();
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
    used.push(NO_CODE);
    let clamped: Vec<u32> = codes.par_iter().map(|&code| code.min(n_codes as u32)).collect();
    (gather(&clamped, &used), kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes_of(series: &Series) -> (Vec<u32>, Vec<String>) {
        let encoded = encode(series.clone()).unwrap();
        let values = encoded.values.cast(&DataType::String).unwrap();
        (encoded.codes, values.str().unwrap().iter().flatten().map(str::to_owned).collect())
    }

    #[test]
    fn codes_follow_the_order_of_values() {
        let ids = Series::new("id".into(), [Some(30i64), None, Some(10), Some(30)]);
        assert_eq!(codes_of(&ids), (vec![1, NO_CODE, 0, 1], vec!["10".into(), "30".into()]));
        let wide = Series::new("id".into(), [i64::MAX, i64::MIN, 0]);
        assert_eq!(codes_of(&wide).0, [2, 0, 1]);
        let names = Series::new("id".into(), ["b", "a", "b"]);
        assert_eq!(codes_of(&names), (vec![1, 0, 1], vec!["a".into(), "b".into()]));
        let floats = Series::new("id".into(), [2.5, f64::NAN, -1.0, -0.0, 0.0]);
        assert_eq!(codes_of(&floats).0, [2, NO_CODE, 0, 1, 1]);
        let large = Series::new("id".into(), [u64::MAX, 1]);
        assert_eq!(codes_of(&large).0, [1, 0]);
    }

    #[test]
    fn categories_are_coded_by_their_text() {
        let names = Series::new("id".into(), ["zoe", "ann", "zoe"]);
        let categories = names.cast(&DataType::from_categories(Categories::global())).unwrap();
        assert_eq!(codes_of(&categories), (vec![1, 0, 1], vec!["ann".into(), "zoe".into()]));
    }

    #[test]
    fn values_keep_their_type() {
        let ids = Series::new("id".into(), [3i32, 1]);
        assert_eq!(encode(ids).unwrap().values.dtype(), &DataType::Int32);
    }

    #[test]
    fn unused_codes_are_dropped() {
        assert_eq!(compact(&[3, 1, NO_CODE, 3], 5), (vec![1, 0, NO_CODE, 1], vec![1, 3]));
    }
}
