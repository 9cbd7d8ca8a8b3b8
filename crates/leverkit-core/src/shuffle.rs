//! Rows into customer and time order, by steps that stay in the processor's cache.
//!
//! Rows are first dealt into buckets of neighbouring customers: sequential reads, and as many write streams as there are buckets.
//! Then each bucket is sorted on its own. Both steps are stable and their result depends neither on the number of threads nor of buckets.

use std::mem::MaybeUninit;
use std::ops::Range;

use rayon::prelude::*;

use crate::gather::{gather, room};

/// Rows that a bucket holds on average: its keys and row numbers fit the second-level cache.
const BUCKET_ROWS: usize = 1 << 15;

/// More write streams than this cost more than they save.
const MAX_BUCKETS: usize = 512;

/// Where each row goes: rows in bucket order, then in customer and time order within.
pub(crate) struct Shuffle {
    codes: Vec<u32>,
    buckets: Buckets,
    order: Vec<u32>,
}

impl Shuffle {
    /// Sorts rows by code, then time; ties keep input order. Rows whose code is not below `n_codes` are left out.
    /// Returns the shuffle, the codes' offsets and the times sorted.
    pub(crate) fn sort<T>(codes: Vec<u32>, n_codes: usize, times: Vec<T>) -> (Self, Vec<u32>, Vec<T>)
    where
        T: Ord + Copy + Send + Sync,
    {
        let buckets = Buckets::count(&codes, n_codes);
        let dealt_times = buckets.deal(&codes, &times);
        drop(times);
        let dealt_codes = buckets.deal(&codes, &codes);
        let total = dealt_codes.len();
        let (mut offsets, mut order, mut sorted) = (room(n_codes + 1), room(total), room(total));
        let jobs = buckets.split(&mut offsets.spare_capacity_mut()[..n_codes], &mut order, &mut sorted, n_codes);
        jobs.into_par_iter()
            .for_each_init(Scratch::default, |scratch, mut job| job.run(&dealt_codes, &dealt_times, scratch));
        // SAFETY: the jobs' slices cover all elements, and each job writes all of its own.
        unsafe {
            offsets.set_len(n_codes);
            order.set_len(total);
            sorted.set_len(total);
        }
        offsets.push(total as u32);
        (Self { codes, buckets, order }, offsets, sorted)
    }

    /// A column in the sorted order.
    pub(crate) fn apply<T: Copy + Send + Sync>(&self, column: Vec<T>) -> Vec<T> {
        let dealt = self.buckets.deal(&self.codes, &column);
        drop(column);
        gather(&self.order, &dealt)
    }

    /// How many rows have a code.
    pub(crate) fn len(&self) -> usize {
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
            codes.par_chunks(chunk).map(|codes| histogram(codes, n_codes, shift, n_buckets)).collect();
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
    fn deal<T: Copy + Send + Sync>(&self, codes: &[u32], column: &[T]) -> Vec<T> {
        let total = self.starts[self.starts.len() - 1] as usize;
        let mut dealt: Vec<T> = room(total);
        let target = Target(dealt.as_mut_ptr());
        codes.par_chunks(self.chunk).zip(column.par_chunks(self.chunk)).zip(&self.cursors).for_each(
            |((codes, column), cursor)| {
                let target = &target;
                let mut cursor = cursor.clone();
                for (&code, &value) in codes.iter().zip(column) {
                    if let Some(position) = cursor.get_mut((code >> self.shift) as usize) {
                        // SAFETY: positions of all chunks and buckets are disjoint and below the capacity, by the sums in `count`.
                        unsafe { target.0.add(*position as usize).write(value) };
                        *position += 1;
                    }
                }
            },
        );
        // SAFETY: each of the positions was written once.
        unsafe { dealt.set_len(total) };
        dealt
    }

    /// Cuts the outputs at the buckets' bounds.
    fn split<'a, T>(
        &self,
        mut offsets: &'a mut [MaybeUninit<u32>],
        order: &'a mut Vec<u32>,
        sorted: &'a mut Vec<T>,
        n_codes: usize,
    ) -> Vec<Job<'a, T>> {
        let (mut order, mut sorted) = (order.spare_capacity_mut(), sorted.spare_capacity_mut());
        let mut jobs = Vec::with_capacity(self.starts.len() - 1);
        for (bucket, bounds) in self.starts.windows(2).enumerate() {
            let rows = bounds[0] as usize..bounds[1] as usize;
            let first_code = bucket << self.shift;
            let codes = (1 << self.shift).min(n_codes - first_code);
            let job = Job {
                rows: rows.clone(),
                first_code: first_code as u32,
                offsets: offsets.split_off_mut(..codes).unwrap_or_default(),
                order: order.split_off_mut(..rows.len()).unwrap_or_default(),
                sorted: sorted.split_off_mut(..rows.len()).unwrap_or_default(),
            };
            jobs.push(job);
        }
        jobs
    }
}

fn histogram(codes: &[u32], n_codes: usize, shift: u32, n_buckets: usize) -> Vec<u32> {
    debug_assert!(n_codes <= n_buckets << shift);
    let mut counts = vec![0; n_buckets];
    for &code in codes {
        if let Some(count) = counts.get_mut((code >> shift) as usize) {
            *count += 1;
        }
    }
    counts
}

struct Target<T>(*mut T);
// SAFETY: threads write disjoint positions.
unsafe impl<T: Send> Sync for Target<T> {}

/// One bucket to sort, and where its results go.
struct Job<'a, T> {
    rows: Range<usize>,
    first_code: u32,
    offsets: &'a mut [MaybeUninit<u32>],
    order: &'a mut [MaybeUninit<u32>],
    sorted: &'a mut [MaybeUninit<T>],
}

struct Scratch<T> {
    positions: Vec<u32>,
    pairs: Vec<(T, u32)>,
}

impl<T> Default for Scratch<T> {
    fn default() -> Self {
        Self { positions: Vec::new(), pairs: Vec::new() }
    }
}

impl<T: Ord + Copy> Job<'_, T> {
    fn run(&mut self, codes: &[u32], times: &[T], scratch: &mut Scratch<T>) {
        let (codes, times) = (&codes[self.rows.clone()], &times[self.rows.clone()]);
        self.group(codes, times, scratch);
        let mut start = 0;
        for &end in &scratch.positions {
            scratch.pairs[start..end as usize].sort_unstable();
            start = end as usize;
        }
        for ((&(time, row), order), sorted) in scratch.pairs.iter().zip(&mut *self.order).zip(&mut *self.sorted) {
            order.write(row);
            sorted.write(time);
        }
    }

    /// Puts (time, row) pairs in code order; `positions` ends as the end of each code.
    fn group(&mut self, codes: &[u32], times: &[T], scratch: &mut Scratch<T>) {
        scratch.positions.clear();
        scratch.positions.resize(self.offsets.len(), 0);
        for &code in codes {
            scratch.positions[(code - self.first_code) as usize] += 1;
        }
        let mut position = 0;
        for (count, offset) in scratch.positions.iter_mut().zip(&mut *self.offsets) {
            offset.write(self.rows.start as u32 + position);
            position += std::mem::replace(count, position);
        }
        let Some(&first) = times.first() else { return scratch.pairs.clear() };
        scratch.pairs.clear();
        scratch.pairs.resize(times.len(), (first, 0));
        for ((&code, &time), row) in codes.iter().zip(times).zip(self.rows.start as u32..) {
            let position = &mut scratch.positions[(code - self.first_code) as usize];
            scratch.pairs[*position as usize] = (time, row);
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
    fn many_buckets_give_what_one_sort_gives() {
        let n = 200_000u32;
        let codes: Vec<u32> = (0..n).map(|row| row.wrapping_mul(2_654_435_761) % 30_011).collect();
        let times: Vec<i64> = (0..n).map(|row| i64::from(row.wrapping_mul(40_503) % 977)).collect();
        let mut rows: Vec<u32> = (0..n).collect();
        rows.sort_by_key(|&row| (codes[row as usize], times[row as usize]));
        let (shuffle, offsets, _) = Shuffle::sort(codes.clone(), 30_011, times);
        assert_eq!(shuffle.apply((0..n).collect()), rows);
        assert_eq!(offsets[30_011], n);
        assert!(shuffle.buckets.starts.len() > 3);
    }
}
