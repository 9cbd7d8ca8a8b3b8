//! Rows into customer and time order, by steps that stay in the processor's cache.
//!
//! Rows are first dealt into buckets of neighbouring customers: sequential reads, and as many write streams as there are buckets.
//! Then each bucket is sorted on its own. Both steps are stable and their result depends neither on the number of threads nor of buckets.

use std::mem::MaybeUninit;

use leverkit_stats::budget::Watched;
use leverkit_stats::room;
use rayon::prelude::*;

use crate::Pieces;
use crate::day::Day;
use crate::pieces::cut;

/// Rows that a bucket holds on average: its keys and row numbers about fit the second-level cache, and the fewer write streams of larger
/// buckets save more than those lose that do not. Few under Miri, so that its small cases have many buckets too.
const BUCKET_ROWS: usize = if cfg!(miri) { 1 << 3 } else { 1 << 17 };

/// More write streams than this cost more than they save.
const MAX_BUCKETS: usize = 512;

/// What rows are sorted by within a code. With the row it makes one number, which is compared faster than a pair is.
///
/// ```
/// use leverkit_core::SortKey;
/// let (early, late) = ((-5_i32).with_row(9), 3_i32.with_row(2));
/// assert!(early < late && late < 3_i32.with_row(9));
/// assert_eq!(i32::and_row(early), (-5, 9));
/// ```
pub trait SortKey: Copy + Send + Sync {
    /// The key above the row.
    type WithRow: Ord + Copy + Send;

    /// Puts the row below the key.
    fn with_row(self, row: u32) -> Self::WithRow;

    /// The key and the row.
    fn and_row(both: Self::WithRow) -> (Self, u32);
}

impl SortKey for i32 {
    type WithRow = i64;

    fn with_row(self, row: u32) -> i64 {
        i64::from(self) << 32 | i64::from(row)
    }

    fn and_row(both: i64) -> (Self, u32) {
        ((both >> 32) as i32, both as u32)
    }
}

impl SortKey for Day {
    type WithRow = i64;

    fn with_row(self, row: u32) -> i64 {
        i32::from(self).with_row(row)
    }

    fn and_row(both: i64) -> (Self, u32) {
        let (day, row) = i32::and_row(both);
        (day.into(), row)
    }
}

impl SortKey for i64 {
    type WithRow = i128;

    fn with_row(self, row: u32) -> i128 {
        i128::from(self) << 32 | i128::from(row)
    }

    fn and_row(both: i128) -> (Self, u32) {
        ((both >> 32) as i64, both as u32)
    }
}

/// In the order of `total_cmp`.
impl SortKey for f64 {
    type WithRow = i128;

    fn with_row(self, row: u32) -> i128 {
        in_order(self).with_row(row)
    }

    fn and_row(both: i128) -> (Self, u32) {
        let (ordered, row) = i64::and_row(both);
        (Self::from_bits(turned(ordered) as u64), row)
    }
}

/// A float as a whole number of the same order.
pub(crate) fn in_order(value: f64) -> i64 {
    turned(value.to_bits() as i64)
}

/// The bits of a float below 0 the other way round, but for the sign; what was turned is turned back.
fn turned(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Where each row goes: rows in bucket order, then in customer and time order within.
///
/// ```
/// use leverkit_core::Shuffle;
/// let (shuffle, offsets, times) = Shuffle::sort(vec![1, 0, 1], 2, vec![5, 9, 3]);
/// assert_eq!((offsets, times, shuffle.apply(vec!['a', 'b', 'c'])), (vec![0, 1, 3], vec![9, 3, 5], vec!['b', 'c', 'a']));
/// ```
pub struct Shuffle {
    codes: Vec<u32>,
    n_codes: usize,
    buckets: Buckets,
    order: Vec<u32>,
}

impl Shuffle {
    /// Sorts rows by code, then time; ties keep input order. Rows whose code is not below `n_codes` are left out.
    /// Returns the shuffle, the codes' offsets and the times sorted.
    ///
    /// # Panics
    /// Codes and times of different lengths.
    pub fn sort<T: SortKey>(codes: Vec<u32>, n_codes: usize, times: impl Into<Pieces<T>>) -> (Self, Vec<u32>, Vec<T>) {
        let times = times.into();
        let buckets = Buckets::count(&codes, n_codes);
        let mut sorted = buckets.deal(&codes, n_codes, &times.slices());
        drop(times);
        // Each bucket's codes give way to the order of its rows.
        let mut order = buckets.deal(&codes, n_codes, &[&codes]);
        let mut offsets = room(n_codes + 1);
        let jobs = buckets.split(&mut offsets.spare_capacity_mut()[..n_codes], &mut order, &mut sorted, n_codes);
        jobs.into_par_iter().watched().for_each_init(Scratch::default, |scratch, mut job| job.run(scratch));
        // SAFETY: the jobs' slices cover all codes, and each job writes all of its own.
        unsafe { offsets.set_len(n_codes) };
        offsets.push(order.len() as u32);
        (Self { codes, n_codes, buckets, order }, offsets, sorted)
    }

    /// A column in the sorted order.
    ///
    /// # Panics
    /// A column that has not one value for each row.
    pub fn apply<T: Copy + Send + Sync>(&self, column: impl Into<Pieces<T>>) -> Vec<T> {
        let column = column.into();
        let mut dealt = self.buckets.deal(&self.codes, self.n_codes, &column.slices());
        drop(column);
        // A bucket's rows stay in the bucket, so each is put in order in its place.
        let mut rest = dealt.as_mut_slice();
        let buckets: Vec<(u32, &mut [T])> = self
            .buckets
            .starts
            .windows(2)
            .map(|bounds| (bounds[0], rest.split_off_mut(..(bounds[1] - bounds[0]) as usize).unwrap_or_default()))
            .collect();
        buckets.into_par_iter().watched().for_each_init(Vec::new, |scratch, (first, bucket)| {
            scratch.clear();
            scratch.extend_from_slice(bucket);
            let order = &self.order[first as usize..first as usize + bucket.len()];
            bucket.iter_mut().zip(order).for_each(|(slot, row)| *slot = scratch[(row - first) as usize]);
        });
        dealt
    }

    /// Whether no row has a code.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many rows have a code.
    pub fn len(&self) -> usize {
        self.order.len()
    }
}

/// Buckets of neighbouring codes and, for each chunk of rows, where it writes in each bucket.
struct Buckets {
    /// A code's bucket is the code shifted right by this.
    shift: u32,
    /// Rows of a chunk.
    chunk: usize,
    cursors: Vec<Vec<u32>>,
    /// Bucket `b` holds rows `starts[b]..starts[b + 1]`.
    starts: Vec<u32>,
}

impl Buckets {
    fn count(codes: &[u32], n_codes: usize) -> Self {
        let wanted = (codes.len() / BUCKET_ROWS).clamp(1, MAX_BUCKETS);
        let shift = n_codes.div_ceil(wanted).next_power_of_two().ilog2();
        let n_buckets = n_codes.div_ceil(1 << shift);
        let chunk = codes.len().div_ceil(rayon::current_num_threads()).max(1);
        let mut cursors: Vec<Vec<u32>> =
            codes.par_chunks(chunk).watched().map(|codes| histogram(codes, n_codes, shift, n_buckets)).collect();
        let mut starts = Vec::with_capacity(n_buckets + 1);
        let mut position = 0;
        for bucket in 0..n_buckets {
            starts.push(position);
            for cursor in &mut cursors {
                position += std::mem::replace(&mut cursor[bucket], position);
            }
        }
        starts.push(position);
        Self { shift, chunk, cursors, starts }
    }

    /// A column in bucket order.
    fn deal<T: Copy + Send + Sync>(&self, codes: &[u32], n_codes: usize, column: &[&[T]]) -> Vec<T> {
        // What is not written below would be read as it lies in memory.
        assert_eq!(codes.len(), column.iter().map(|piece| piece.len()).sum::<usize>(), "a value for each row");
        let total = self.starts[self.starts.len() - 1] as usize;
        let mut dealt: Vec<T> = room(total);
        let target = Target(dealt.as_mut_ptr());
        codes.par_chunks(self.chunk).zip(&self.cursors).enumerate().for_each(|(index, (mut codes, cursor))| {
            let target = &target;
            let mut cursor = cursor.clone();
            let first = index * self.chunk;
            for piece in cut(column, first..first + codes.len()) {
                let own = codes.split_off(..piece.len()).unwrap_or_default();
                for (&code, &value) in own.iter().zip(piece) {
                    if (code as usize) < n_codes {
                        let position = &mut cursor[(code >> self.shift) as usize];
                        // SAFETY: positions of all chunks and buckets are disjoint and below the capacity, by the sums in `count`.
                        unsafe { target.0.add(*position as usize).write(value) };
                        *position += 1;
                    }
                }
            }
        });
        // SAFETY: each of the positions was written once.
        unsafe { dealt.set_len(total) };
        dealt
    }

    /// Cuts codes and times at the buckets' bounds.
    fn split<'a, T>(
        &self,
        mut offsets: &'a mut [MaybeUninit<u32>],
        mut codes: &'a mut [u32],
        mut times: &'a mut [T],
        n_codes: usize,
    ) -> Vec<Job<'a, T>> {
        let mut jobs = Vec::with_capacity(self.starts.len() - 1);
        for (bucket, bounds) in self.starts.windows(2).enumerate() {
            let rows = (bounds[1] - bounds[0]) as usize;
            let first_code = bucket << self.shift;
            let own_codes = (1 << self.shift).min(n_codes - first_code);
            let job = Job {
                first_row: bounds[0],
                first_code: first_code as u32,
                offsets: offsets.split_off_mut(..own_codes).unwrap_or_default(),
                codes: codes.split_off_mut(..rows).unwrap_or_default(),
                times: times.split_off_mut(..rows).unwrap_or_default(),
            };
            jobs.push(job);
        }
        jobs
    }
}

fn histogram(codes: &[u32], n_codes: usize, shift: u32, n_buckets: usize) -> Vec<u32> {
    let mut counts = vec![0; n_buckets];
    for &code in codes {
        if (code as usize) < n_codes {
            counts[(code >> shift) as usize] += 1;
        }
    }
    counts
}

struct Target<T>(*mut T);
// SAFETY: threads write disjoint positions.
unsafe impl<T: Send> Sync for Target<T> {}

/// One bucket to sort in its place: codes become row numbers in order.
struct Job<'a, T> {
    first_row: u32,
    first_code: u32,
    offsets: &'a mut [MaybeUninit<u32>],
    codes: &'a mut [u32],
    times: &'a mut [T],
}

struct Scratch<T: SortKey> {
    positions: Vec<u32>,
    pairs: Vec<T::WithRow>,
}

impl<T: SortKey> Default for Scratch<T> {
    fn default() -> Self {
        Self { positions: Vec::new(), pairs: Vec::new() }
    }
}

impl<T: SortKey> Job<'_, T> {
    fn run(&mut self, scratch: &mut Scratch<T>) {
        self.group(scratch);
        let mut start = 0;
        for &end in &scratch.positions {
            scratch.pairs[start..end as usize].sort_unstable();
            start = end as usize;
        }
        for (pair, (time, row)) in scratch.pairs.iter().zip(self.times.iter_mut().zip(self.codes.iter_mut())) {
            (*time, *row) = T::and_row(*pair);
        }
    }

    /// Puts (time, row) pairs in code order; `positions` ends as the end of each code.
    fn group(&mut self, scratch: &mut Scratch<T>) {
        scratch.positions.clear();
        scratch.positions.resize(self.offsets.len(), 0);
        for &code in &*self.codes {
            scratch.positions[(code - self.first_code) as usize] += 1;
        }
        let mut position = 0;
        for (count, offset) in scratch.positions.iter_mut().zip(&mut *self.offsets) {
            offset.write(self.first_row + position);
            position += std::mem::replace(count, position);
        }
        let Some(&first) = self.times.first() else { return scratch.pairs.clear() };
        scratch.pairs.clear();
        scratch.pairs.resize(self.times.len(), first.with_row(0));
        for ((&code, &time), row) in self.codes.iter().zip(&*self.times).zip(self.first_row..) {
            let position = &mut scratch.positions[(code - self.first_code) as usize];
            scratch.pairs[*position as usize] = time.with_row(row);
            *position += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NO_CODE;

    #[test]
    fn rows_come_by_code_and_time_and_ties_keep_input_order() {
        let codes = vec![2, 0, NO_CODE, 2, 0, 2];
        let times = vec![5, 9, 0, 3, 9, 5];
        let (shuffle, offsets, sorted) = Shuffle::sort(codes, 3, times);
        assert_eq!(offsets, [0, 2, 2, 5]);
        assert_eq!(sorted, [9, 9, 3, 5, 5]);
        assert_eq!(shuffle.apply(vec!['a', 'b', 'c', 'd', 'e', 'f']), ['b', 'e', 'd', 'a', 'f']);
    }

    #[test]
    fn codes_that_are_left_out_may_lie_anywhere_above() {
        for left_out in [3, 4, 7, 1000, NO_CODE - 1] {
            let (shuffle, offsets, sorted) = Shuffle::sort(vec![2, left_out, 0], 3, vec![5, 6, 7]);
            assert_eq!((offsets, sorted, shuffle.len()), (vec![0, 1, 1, 2], vec![7, 5], 2));
            assert_eq!(shuffle.apply(vec!['a', 'b', 'c']), ['c', 'a']);
        }
    }

    #[test]
    fn floats_are_sorted_as_total_cmp_sorts_them() {
        let values = [f64::NEG_INFINITY, -2.5, -f64::MIN_POSITIVE, -0.0, 0.0, 1e-300, 2.5, f64::INFINITY, f64::NAN];
        for pair in values.windows(2) {
            assert!(pair[0].with_row(9) < pair[1].with_row(0), "{pair:?}");
        }
        for value in values {
            let (again, row) = f64::and_row(value.with_row(7));
            assert_eq!((again.to_bits(), row), (value.to_bits(), 7));
        }
    }

    #[test]
    #[should_panic(expected = "a value for each row")]
    fn short_columns_are_refused() {
        let (shuffle, ..) = Shuffle::sort(vec![0, 1, 0], 2, vec![5, 6, 7]);
        shuffle.apply(vec!['a']);
    }

    #[test]
    fn many_buckets_give_what_one_sort_gives() {
        let (n, n_codes) = if cfg!(miri) { (300, 101) } else { (800_000u32, 30_011) };
        let codes: Vec<u32> = (0..n).map(|row| row.wrapping_mul(2_654_435_761) % n_codes).collect();
        let times: Vec<i64> = (0..n).map(|row| i64::from(row.wrapping_mul(40_503) % 977)).collect();
        let mut rows: Vec<u32> = (0..n).collect();
        rows.sort_by_key(|&row| (codes[row as usize], times[row as usize]));
        let (shuffle, offsets, _) = Shuffle::sort(codes.clone(), n_codes as usize, times);
        assert_eq!(shuffle.apply((0..n).collect::<Vec<u32>>()), rows);
        // The same column, in pieces that end anywhere.
        let mut pieces = Pieces::of((0..n / 7).collect::<Vec<u32>>());
        pieces.push(Vec::new());
        pieces.push((n / 7..n / 3 * 2).collect::<Vec<u32>>());
        pieces.push((n / 3 * 2..n).collect::<Vec<u32>>());
        assert_eq!(shuffle.apply(pieces), rows);
        assert_eq!(offsets[n_codes as usize], n);
        assert!(shuffle.buckets.starts.len() > 3);
    }
}
