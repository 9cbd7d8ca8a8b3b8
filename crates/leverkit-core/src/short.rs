//! Short texts as numbers of the same order: they are hashed, compared and sorted without a look at bytes that stand elsewhere.

use std::ops::Range;

use arrow_array::Array;
use leverkit_stats::budget::Watched;
use rayon::prelude::*;

use crate::texts::Texts;

/// Bytes that a number holds beside their count.
pub(crate) const MOST: usize = 15;
/// Bytes of a text that its view holds.
const IN_VIEW: u32 = 12;
/// So many ids tell whether a look at all is worth it.
pub(crate) const FEW: usize = 64;

/// Up to 15 bytes, then zeros, and how many they are: so a text comes before those that begin with it.
pub(crate) type Short = (u64, u64);

/// The number of a text of up to 15 bytes, put together from pieces that may overlap.
#[inline]
pub(crate) fn short(text: &[u8]) -> Short {
    let n = text.len();
    let (high, low) = if n >= 8 {
        (be8(text), (u128::from(be8(&text[n - 8..])) << (8 * (16 - n))) as u64)
    } else if n >= 4 {
        let tail = u64::from(be4(&text[n - 4..])) << (8 * (8 - n));
        (u64::from(be4(text)) << 32 | tail & 0xFFFF_FFFF, 0)
    } else {
        (text.iter().zip((0..8).rev()).map(|(&byte, place)| u64::from(byte) << (8 * place)).sum(), 0)
    };
    (high, low | n as u64)
}

/// The number of a row's id without its first bytes; null and blank texts have none.
#[inline]
pub(crate) fn short_id(texts: Texts<'_>, row: usize, skip: usize) -> Option<Short> {
    if let (Texts::View(array), 0) = (texts, skip)
        && let Some(short) = of_view(array.views()[row])
        && array.is_valid(row)
    {
        return Some(short);
    }
    texts.id(row).map(|id| short(&id.as_bytes()[skip..]))
}

/// The number of a text that stands in its view; `None` where it does not, or may be blank.
#[inline]
fn of_view(view: u128) -> Option<Short> {
    let (length, first) = (view as u32, (view >> 32) as u8);
    let stands_in_view = length <= IN_VIEW && first > b' ' && first < 0x80;
    // The length comes first in a view, then the bytes.
    let bytes = view.swap_bytes() << 32;
    stands_in_view.then_some(((bytes >> 64) as u64, bytes as u64 | u64::from(length)))
}

#[inline]
pub(crate) fn be8(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[inline]
fn be4(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// How many bytes of all ids may be left out, as they begin alike, so that the rest of each is short; `None` where the rest is too long.
pub(crate) fn shared(chunks: &[Texts<'_>]) -> Option<usize> {
    let mut few = chunks.iter().flat_map(|chunk| (0..chunk.len()).filter_map(|row| chunk.id(row))).take(FEW);
    let Some(first) = few.next() else { return Some(0) };
    let (alike, longest) = few.fold((first.len(), first.len()), |(alike, longest), id| {
        (begin_alike(first, id).min(alike), longest.max(id.len()))
    });
    if longest - alike > MOST {
        return None;
    }
    let skip = longest_of(chunks).saturating_sub(MOST);
    let alike = first.as_bytes().get(..skip)?;
    let is_alike = |chunk: Texts<'_>, row| chunk.id(row).is_none_or(|id| id.as_bytes().starts_with(alike));
    (skip == 0 || rows(chunks).all(|(chunk, mut rows)| rows.all(|row| is_alike(chunk, row)))).then_some(skip)
}

fn begin_alike(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
}

/// Bytes of the longest text, blank ones too: how long they are is known without a look at them.
fn longest_of(chunks: &[Texts<'_>]) -> usize {
    let longest = |(chunk, rows): (Texts<'_>, Range<usize>)| match chunk {
        Texts::View(array) if array.null_count() == 0 => {
            array.views()[rows].iter().map(|view| *view as u32 as usize).max()
        }
        _ => rows.filter_map(|row| chunk.get(row)).map(str::len).max(),
    };
    rows(chunks).filter_map(longest).max().unwrap_or_default()
}

/// All rows of all chunks, some at a time.
fn rows<'a>(chunks: &'a [Texts<'a>]) -> impl ParallelIterator<Item = (Texts<'a>, Range<usize>)> {
    const PIECE: usize = 1 << 16;
    chunks.par_iter().watched().flat_map(|&chunk| {
        let pieces = (0..chunk.len().div_ceil(PIECE)).into_par_iter();
        pieces.map(move |piece| (chunk, piece * PIECE..chunk.len().min((piece + 1) * PIECE)))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, StringArray, StringViewArray};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_have_the_order_of_texts(one in "[\\x00-\\x03a-cé]{0,7}", other in "[\\x00-\\x03a-cé]{0,7}") {
            prop_assert_eq!(short(one.as_bytes()).cmp(&short(other.as_bytes())), one.cmp(&other));
        }
    }

    #[test]
    fn texts_of_each_length_keep_all_their_bytes() {
        let text = "abcdefghijklmno";
        for n in 0..=15 {
            let (high, low) = short(&text.as_bytes()[..n]);
            let mut bytes = [high.to_be_bytes(), low.to_be_bytes()].concat();
            assert_eq!(bytes.pop(), Some(n as u8));
            assert_eq!(&bytes[..n], &text.as_bytes()[..n]);
            assert!(bytes[n..].iter().all(|&byte| byte == 0));
        }
    }

    #[test]
    fn texts_that_stand_in_views_have_the_numbers_of_others() {
        let texts =
            [Some("a"), Some("abcdefghijkl"), Some("abcdefghijklm"), Some(" b"), Some("é"), Some(" "), Some(""), None];
        let views: ArrayRef = Arc::new(StringViewArray::from(texts.to_vec()));
        let small: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let (views, small) = (Texts::of(&views).unwrap(), Texts::of(&small).unwrap());
        for (row, text) in texts.iter().enumerate() {
            assert_eq!(short_id(views, row, 0), short_id(small, row, 0), "{text:?}");
        }
        assert_eq!(short_id(views, 1, 3), Some(short(b"defghijkl")));
        assert_eq!((longest_of(&[views]), longest_of(&[small])), (13, 13));
    }

    #[test]
    fn what_all_ids_begin_with_may_be_left_out() {
        let shared_by = |ids: Vec<Option<&str>>| {
            let array: ArrayRef = Arc::new(StringArray::from(ids));
            shared(&[Texts::of(&array).unwrap()])
        };
        assert_eq!(shared_by(vec![Some("ann"), None, Some(" ")]), Some(0));
        assert_eq!(shared_by(vec![Some("customer-0000000001"), Some("customer-0000000002"), None]), Some(4));
        assert_eq!(shared_by(vec![Some("customer-0000000001"), Some("c")]), None);
        assert_eq!(
            shared_by(vec![Some("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), Some("a81d4fae-7dec-11d0-a765-00a0c91e6bf6")]),
            None
        );
    }
}
