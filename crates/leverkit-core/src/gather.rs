//! Moving memory: chunked columns into one vector, and lines into customer and time order.

use std::mem::MaybeUninit;
use std::ops::Range;

use rayon::prelude::*;

/// Rows that one task handles: large enough to hide the cost of a task, small enough to share work evenly.
const MORSEL: usize = 1 << 16;

/// Fills a vector piece by piece in parallel; `fill` gets the index of a chunk, rows of it, and room for exactly those rows.
pub(crate) fn fill_chunks<T: Send>(
    lengths: &[usize],
    fill: impl Fn(usize, Range<usize>, &mut [MaybeUninit<T>]) + Sync,
) -> Vec<T> {
    let total = lengths.iter().sum();
    let mut out: Vec<T> = Vec::with_capacity(total);
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
    pieces.into_par_iter().for_each(|(chunk, rows, piece)| fill(chunk, rows, piece));
    // SAFETY: every piece was handed to `fill`, whose callers write each element.
    unsafe { out.set_len(total) };
    out
}

/// `source[order[i]]` for each `i`.
pub(crate) fn gather<T: Copy + Send + Sync>(order: &[u32], source: &[T]) -> Vec<T> {
    order.par_iter().with_min_len(MORSEL).map(|&row| source[row as usize]).collect()
}

/// Cuts customers into ranges of about equal numbers of lines, a few for each thread.
pub(crate) fn balanced(offsets: &[u32]) -> Vec<Range<usize>> {
    let customers = offsets.len() - 1;
    let lines = offsets[customers] as usize;
    let parts = (lines / MORSEL).clamp(1, rayon::current_num_threads() * 8);
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

/// Counts codes and returns their offsets and the rows in code order, rows of one code in input order.
/// Rows of code [`crate::NO_CODE`] are left out.
///
/// A counting sort by chunks of rows: each chunk counts its codes, the counts become each chunk's own write positions,
/// and all chunks scatter at once. The result does not depend on the number of chunks.
pub(crate) fn counting_sort(codes: &[u32], n_codes: usize) -> (Vec<u32>, Vec<u32>) {
    let chunks = chunk_count(codes.len(), n_codes);
    let size = codes.len().div_ceil(chunks).max(1);
    let mut cursors: Vec<Vec<u32>> = codes.par_chunks(size).map(|chunk| count(chunk, n_codes)).collect();
    let offsets = to_positions(&mut cursors, n_codes);
    let mut rows: Vec<u32> = Vec::with_capacity(offsets[n_codes] as usize);
    let target = Target(rows.spare_capacity_mut().as_mut_ptr().cast());
    codes.par_chunks(size).zip(&mut cursors).enumerate().for_each(|(index, (chunk, cursor))| {
        let target = &target;
        for (row, &code) in (index * size..).zip(chunk) {
            if let Some(position) = cursor.get_mut(code as usize) {
                // SAFETY: positions of all chunks and codes are disjoint and below the capacity, by the prefix sums above.
                unsafe { target.0.add(*position as usize).write(row as u32) };
                *position += 1;
            }
        }
    });
    // SAFETY: each of the positions was written once.
    unsafe { rows.set_len(offsets[n_codes] as usize) };
    (offsets, rows)
}

struct Target(*mut u32);
// SAFETY: threads write disjoint positions.
unsafe impl Sync for Target {}

/// As many chunks as threads, but no more than keep the counters smaller than the rows.
fn chunk_count(rows: usize, n_codes: usize) -> usize {
    (rows / n_codes.max(1)).clamp(1, rayon::current_num_threads()).min(rows.div_ceil(MORSEL).max(1))
}

fn count(codes: &[u32], n_codes: usize) -> Vec<u32> {
    let mut counts = vec![0; n_codes];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    counts
}

/// Turns each chunk's counts into its first write positions, code by code, and returns the codes' offsets.
fn to_positions(cursors: &mut [Vec<u32>], n_codes: usize) -> Vec<u32> {
    let mut offsets = Vec::with_capacity(n_codes + 1);
    let mut position = 0;
    for code in 0..n_codes {
        offsets.push(position);
        for cursor in &mut *cursors {
            position += std::mem::replace(&mut cursor[code], position);
        }
    }
    offsets.push(position);
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NO_CODE;

    #[test]
    fn rows_come_in_code_order_and_keep_their_order_within() {
        let (offsets, rows) = counting_sort(&[2, 0, NO_CODE, 2, 0], 3);
        assert_eq!(offsets, [0, 2, 2, 4]);
        assert_eq!(rows, [1, 4, 0, 3]);
    }

    #[test]
    fn ranges_cover_all_customers_even_without_lines() {
        assert_eq!(balanced(&[0]), Vec::<Range<usize>>::new());
        assert_eq!(balanced(&[0, 1, 1, 3]), [0..3]);
    }
}
