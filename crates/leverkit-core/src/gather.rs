//! Moving memory: chunked columns into one vector, and vectors by index.

use std::mem::MaybeUninit;
use std::ops::Range;

use leverkit_stats::budget::Watched;
use leverkit_stats::room;
use rayon::prelude::*;

/// Rows that one task handles: large enough to hide the cost of a task, small enough to share work evenly. Few under Miri, so that its small
/// cases have many tasks too.
const MORSEL: usize = if cfg!(miri) { 1 << 3 } else { 1 << 16 };

/// Fills a vector piece by piece in parallel; `fill` gets the index of a chunk, rows of it, and room for exactly those rows.
pub(crate) fn fill_chunks<T: Send>(
    lengths: &[usize],
    fill: impl Fn(usize, Range<usize>, &mut [MaybeUninit<T>]) + Sync,
) -> Vec<T> {
    let total = lengths.iter().sum();
    let mut out: Vec<T> = room(total);
    let mut rest = &mut out.spare_capacity_mut()[..total];
    let mut pieces = Vec::new();
    for (chunk, &length) in lengths.iter().enumerate() {
        for start in (0..length).step_by(MORSEL) {
            let rows = start..length.min(start + MORSEL);
            let (piece, after) = rest.split_at_mut(rows.len());
            pieces.push((chunk, rows, piece));
            rest = after;
        }
    }
    pieces.into_par_iter().watched().for_each(|(chunk, rows, piece)| fill(chunk, rows, piece));
    // SAFETY: every piece was handed to `fill`, whose callers write each element.
    unsafe { out.set_len(total) };
    out
}

/// Fills two vectors part by part in parallel; `fill` gets the index of a part, and room in both for exactly what it has.
pub(crate) fn fill_both<T: Send, U: Send>(
    lengths: &[(usize, usize)],
    fill: impl Fn(usize, &mut [MaybeUninit<T>], &mut [MaybeUninit<U>]) + Sync,
) -> (Vec<T>, Vec<U>) {
    let total = (lengths.iter().map(|length| length.0).sum(), lengths.iter().map(|length| length.1).sum());
    let (mut first, mut second): (Vec<T>, Vec<U>) = (room(total.0), room(total.1));
    let (mut of_first, mut of_second) =
        (&mut first.spare_capacity_mut()[..total.0], &mut second.spare_capacity_mut()[..total.1]);
    let parts: Vec<_> = lengths
        .iter()
        .map(|&(one, other)| {
            (of_first.split_off_mut(..one).unwrap_or_default(), of_second.split_off_mut(..other).unwrap_or_default())
        })
        .collect();
    parts.into_par_iter().enumerate().watched().for_each(|(part, (one, other))| fill(part, one, other));
    // SAFETY: every part was handed to `fill`, whose callers write each element.
    unsafe {
        first.set_len(total.0);
        second.set_len(total.1);
    }
    (first, second)
}

/// `source[order[i]]` for each `i`.
pub(crate) fn gather<T: Copy + Send + Sync>(order: &[u32], source: &[T]) -> Vec<T> {
    fill_chunks(&[order.len()], |_, rows, out| {
        for (slot, &row) in out.iter_mut().zip(&order[rows]) {
            slot.write(source[row as usize]);
        }
    })
}

/// Cuts customers into ranges of about equal numbers of lines, a few for each thread.
pub(crate) fn balanced(offsets: &[u32]) -> Vec<Range<usize>> {
    split(offsets, rayon::current_num_threads() * 8)
}

/// Runs work over ranges of customers of about equal numbers of lines, in parallel; results come in the order of the ranges. The ranges
/// depend on the offsets alone, so that what is added up over them is the same on any number of threads.
///
/// ```
/// assert_eq!(leverkit_core::par_parts(&[0, 2, 3], |customers| customers.len()), [2]);
/// ```
pub fn par_parts<A: Send>(offsets: &[u32], work: impl Fn(Range<usize>) -> A + Sync) -> Vec<A> {
    const PARTS: usize = 32;
    split(offsets, PARTS).into_par_iter().watched().map(&work).collect()
}

/// Cuts customers into at most `parts` ranges of about equal numbers of lines, fewer where there are few lines.
pub(crate) fn split(offsets: &[u32], parts: usize) -> Vec<Range<usize>> {
    let customers = offsets.len() - 1;
    let lines = offsets[customers] as usize;
    let parts = (lines / MORSEL).clamp(1, parts);
    let mut cuts: Vec<usize> = (0..=parts)
        .map(|part| offsets.partition_point(|&start| (start as usize) < lines * part / parts).min(customers))
        .collect();
    cuts[parts] = customers;
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Splits a per-line vector at the customer ranges.
pub(crate) fn split_lines<'a, T>(mut lines: &'a mut [T], ranges: &[Range<usize>], offsets: &[u32]) -> Vec<&'a mut [T]> {
    let mut pieces = Vec::with_capacity(ranges.len());
    for range in ranges {
        let (piece, rest) = lines.split_at_mut((offsets[range.end] - offsets[range.start]) as usize);
        pieces.push(piece);
        lines = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_all_customers_even_without_lines() {
        assert_eq!(balanced(&[0]), Vec::<Range<usize>>::new());
        assert_eq!(balanced(&[0, 1, 1, 3]), vec![Range { start: 0, end: 3 }]);
    }
}
