//! Texts that are whole numbers behind what all of them begin with, as `C0017` or `4711`: they are coded as numbers, without a hash map.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, PrimitiveArray, StringViewArray, downcast_integer_array};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field};
use rayon::prelude::*;

use crate::Column;
use crate::gather::fill_chunks;
use crate::short::{FEW, MOST, Short, be8, short};
use crate::texts::Texts;

/// Stands for no id.
const NONE: i64 = i64::MIN;

/// The ids of a column as numbers, each text another one.
pub(crate) struct Numbers {
    /// A number for each row, in the chunks of the texts; null where there is no id.
    pub(crate) keys: Column,
    /// Whether the numbers have the order of their texts, as all are equally long.
    pub(crate) in_order: bool,
    /// Bytes before the digits.
    prefix: usize,
}

impl Numbers {
    /// The ids as numbers; `None` where one is no number, or where two texts may be the same number, as `7` and `07`.
    pub(crate) fn of(chunks: &[Texts<'_>]) -> Option<Self> {
        let mut few = chunks.iter().flat_map(|chunk| (0..chunk.len()).filter_map(|row| chunk.id(row))).take(FEW);
        let first = few.next()?;
        let prefix = first.trim_end_matches(|letter: char| letter.is_ascii_digit()).as_bytes();
        let mut seen = Seen::default();
        few.for_each(|id| _ = seen.number(prefix, Some(id)));
        if seen.others {
            return None;
        }
        let all = Mutex::new(seen);
        let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
        let numbers = fill_chunks(&lengths, |chunk, rows, out| {
            let mut seen = Seen::default();
            for (slot, row) in out.iter_mut().zip(rows) {
                slot.write(seen.number(prefix, chunks[chunk].id(row)));
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).join(&seen);
        });
        let seen = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        let in_order = seen.shortest == seen.longest;
        let distinct = !seen.others && (in_order || !seen.zeros);
        distinct.then(|| Self { keys: column(numbers, &lengths), in_order, prefix: prefix.len() })
    }

    /// Where each of the texts comes in their order.
    pub(crate) fn places(&self, texts: &[Texts<'_>]) -> Vec<u32> {
        let ids = texts.iter().flat_map(|chunk| (0..chunk.len()).filter_map(|row| chunk.id(row)));
        let mut order: Vec<(Short, u32)> = ids.map(|id| short(&id.as_bytes()[self.prefix..])).zip(0..).collect();
        order.par_sort_unstable();
        let mut places = vec![0; order.len()];
        for (&(_, at), place) in order.iter().zip(0..) {
            places[at as usize] = place;
        }
        places
    }
}

/// Whole numbers, each another one, as texts in the order of these, and where the text of each comes.
pub(crate) fn texts_in_order(numbers: &ArrayRef) -> (Column, Vec<u32>) {
    const PIECE: usize = 1 << 14;
    let numbers: Vec<i128> = downcast_integer_array!(
        numbers => numbers.values().iter().map(|&number| i128::from(number)).collect(),
        _ => Vec::new(),
    );
    let mut order: Vec<u128> =
        numbers.par_iter().zip(0..numbers.len() as u32).map(|(&number, at)| by_text(number, at)).collect();
    order.par_sort_unstable();
    let mut places = vec![0; order.len()];
    for (&key, place) in order.iter().zip(0..) {
        places[key as u32 as usize] = place;
    }
    let text = |&key: &u128| Some(numbers[key as u32 as usize].to_string());
    let texts =
        order.par_chunks(PIECE).map(|keys| Arc::new(keys.iter().map(text).collect::<StringViewArray>()) as ArrayRef);
    (Column::of_chunks(Arc::new(Field::new("text", DataType::Utf8View, true)), texts.collect()), places)
}

/// A key by which numbers have the order of their texts: the sign, as "-" comes before the digits; the digits with zeros behind them; how many, as a
/// text comes before one that goes on; and where the number stands.
fn by_text(number: i128, at: u32) -> u128 {
    const DIGITS: u32 = 20;
    let size = number.unsigned_abs();
    let digits = size.checked_ilog10().unwrap_or(0) + 1;
    let padded = size * 10_u128.pow(DIGITS - digits);
    u128::from(number >= 0) << 104 | padded << 37 | u128::from(digits) << 32 | u128::from(at)
}

/// Numbers as a column of chunks of these lengths.
fn column(numbers: Vec<i64>, lengths: &[usize]) -> Column {
    let nulls = numbers.contains(&NONE).then(|| numbers.iter().map(|&number| number != NONE).collect::<NullBuffer>());
    let numbers = PrimitiveArray::<Int64Type>::new(ScalarBuffer::from(numbers), nulls);
    let chunks = lengths.iter().scan(0, |start, &length| {
        *start += length;
        Some(Arc::new(numbers.slice(*start - length, length)) as ArrayRef)
    });
    Column::of_chunks(Arc::new(Field::new("number", DataType::Int64, true)), chunks.collect())
}

/// What the numbers of some ids are like.
struct Seen {
    shortest: usize,
    longest: usize,
    /// Whether one of several digits begins with 0.
    zeros: bool,
    /// Whether there are ids that are no such numbers.
    others: bool,
}

impl Default for Seen {
    fn default() -> Self {
        Self { shortest: MOST, longest: 0, zeros: false, others: false }
    }
}

impl Seen {
    /// The number of an id behind what all begin with, and notes down what it is like.
    fn number(&mut self, prefix: &[u8], id: Option<&str>) -> i64 {
        let Some(id) = id else { return NONE };
        let digits = id.as_bytes().strip_prefix(prefix).unwrap_or_default();
        let number = number_of(digits);
        self.join(&Self {
            shortest: digits.len(),
            longest: digits.len(),
            zeros: digits.len() > 1 && digits[0] == b'0',
            others: number.is_none(),
        });
        number.unwrap_or_default()
    }

    fn join(&mut self, other: &Self) {
        self.shortest = self.shortest.min(other.shortest);
        self.longest = self.longest.max(other.longest);
        self.zeros |= other.zeros;
        self.others |= other.others;
    }
}

/// Eight digits of 0.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The number of 1 to 15 digits; `None` of another text.
fn number_of(digits: &[u8]) -> Option<i64> {
    let n = digits.len();
    if n == 0 || n > MOST {
        return None;
    }
    if n <= 8 {
        return eight(padded(short(digits).0, n)).map(|number| number as i64);
    }
    let (first, last) = (padded(be8(digits), n - 8), be8(&digits[n - 8..]));
    eight(first).zip(eight(last)).map(|(first, last)| (first * 100_000_000 + last) as i64)
}

/// The first `n` bytes of eight behind as many zeros as make it eight digits.
fn padded(bytes: u64, n: usize) -> u64 {
    if n == 8 { bytes } else { bytes >> (8 * (8 - n)) | ZEROS << (8 * n) }
}

/// The number of eight digits, the first in the highest byte: pairs, fours and eights of them are put together side by side (Lemire 2021, "Number
/// parsing at a gigabyte per second").
fn eight(bytes: u64) -> Option<u64> {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    // Neither the byte nor six more leave the row of the digits.
    let are_digits = bytes & HIGH == ZEROS && bytes.wrapping_add(0x0606_0606_0606_0606) & HIGH == ZEROS;
    let digits = (bytes ^ ZEROS).swap_bytes();
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let second = (pairs >> 16 & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    are_digits.then(|| first.wrapping_add(second) >> 32)
}

#[cfg(test)]
mod tests {
    use arrow_array::{StringArray, UInt64Array};
    use proptest::prelude::*;

    use super::*;

    fn numbers(ids: &[Option<&str>]) -> Option<(Vec<Option<i64>>, bool)> {
        let array: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
        let found = Numbers::of(&[Texts::of(&array)?])?;
        let keys = crate::columns::map_values::<Int64Type, _>(&found.keys, |key| key);
        Some((keys, found.in_order))
    }

    #[test]
    fn digits_behind_a_beginning_are_numbers() {
        assert_eq!(numbers(&[Some("C007"), None, Some("C120")]), Some((vec![Some(7), None, Some(120)], true)));
        assert_eq!(numbers(&[Some("7"), Some("10"), Some(" ")]), Some((vec![Some(7), Some(10), None], false)));
        assert_eq!(numbers(&[Some("0"), Some("10")]), Some((vec![Some(0), Some(10)], false)));
        assert_eq!(numbers(&[Some("999999999999999")]), Some((vec![Some(999_999_999_999_999)], true)));
    }

    proptest! {
        #[test]
        fn digits_of_any_length_are_read(text in "[0-9]{0,17}|[!-~]{1,16}") {
            let is_number = (1..=15).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit());
            prop_assert_eq!(number_of(text.as_bytes()), is_number.then(|| text.parse().unwrap()));
        }
    }

    #[test]
    fn bytes_beside_the_digits_are_none() {
        for byte in 0..=255 {
            for at in 0..15 {
                let mut text = *b"123456789012345";
                text[at] = byte;
                let expected = byte.is_ascii_digit().then(|| String::from_utf8_lossy(&text).parse().unwrap());
                assert_eq!(number_of(&text), expected, "{byte} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_are_in_the_order_of_their_texts(numbers in prop::collection::hash_set(prop_oneof![any::<i64>(), -200..200_i64], 0..50)) {
            let numbers: Vec<i64> = numbers.into_iter().collect();
            let (texts, places) = texts_in_order(&(Arc::new(PrimitiveArray::<Int64Type>::from(numbers.clone())) as ArrayRef));
            let mut sorted: Vec<String> = numbers.iter().map(i64::to_string).collect();
            sorted.sort();
            let found: Vec<String> = texts.texts().into_iter().flatten().collect();
            prop_assert_eq!(&found, &sorted);
            prop_assert!(numbers.iter().zip(&places).all(|(number, &place)| found[place as usize] == number.to_string()));
        }
    }

    #[test]
    fn the_widest_numbers_have_texts() {
        let widest: ArrayRef = Arc::new(UInt64Array::from(vec![2, u64::MAX, 1_999_999_999_999_999_999]));
        let (texts, places) = texts_in_order(&widest);
        let expected = ["18446744073709551615", "1999999999999999999", "2"];
        assert_eq!(texts.texts(), expected.map(|text| Some(text.to_owned())));
        assert_eq!(places, [2, 0, 1]);
    }

    #[test]
    fn texts_that_could_be_one_number_are_none() {
        for ids in
            [["7", "07"], ["C1", "D1"], ["1", "x"], ["1", "1x"], ["1", "1000000000000000"], ["C1", "C"], ["A", "B"]]
        {
            assert_eq!(numbers(&ids.map(Some)), None, "{ids:?}");
        }
    }
}
