//! Items that are many beside their rows: rows are dealt into buckets of neighbouring items, so that an item's sums are found in cache.

use std::ops::Range;

use leverkit_core::left_out::Tallies;
use leverkit_core::stats::budget::Watched;
use leverkit_core::zeros;
use rayon::prelude::*;

use super::items::{Found, Items, NEITHER, Rows, add, is_used, with_rows};
use crate::Error;

/// Rows that a bucket holds on average: their sums fit the second-level cache, or nearly.
const BUCKET_ROWS: usize = 1 << 15;

/// More write streams than this cost more than they save.
const MAX_BUCKETS: usize = 512;

/// The numbers of rows' items, dealt into buckets of neighbours. Each thread deals a chunk of the rows into a region of its own, so that rows
/// keep their order within each bucket.
pub(super) struct Dealt {
    /// In the order of the rows.
    numbers: Vec<u32>,
    /// Chunk by chunk in the order of the buckets.
    placed: Vec<u32>,
    /// How many numbers there could be.
    len: usize,
    /// A number's bucket is the number shifted right by this.
    shift: u32,
    /// Rows of a chunk.
    chunk: usize,
    /// Where each bucket starts in each chunk, with the end of the last.
    starts: Vec<Vec<usize>>,
    /// How many items each bucket has.
    counts: Vec<usize>,
}

impl Dealt {
    /// Deals numbers below `len`.
    pub(super) fn of(numbers: Vec<u32>, len: usize) -> Self {
        let wanted = (numbers.len() / BUCKET_ROWS).clamp(1, MAX_BUCKETS);
        let shift = len.div_ceil(wanted).next_power_of_two().ilog2();
        let chunk = numbers.len().div_ceil(rayon::current_num_threads()).max(1);
        let buckets = len.div_ceil(1 << shift);
        let starts = numbers.par_chunks(chunk).map(|numbers| starts(numbers, shift, buckets)).collect();
        let mut this = Self { numbers, placed: Vec::new(), len, shift, chunk, starts, counts: Vec::new() };
        let mut placed = zeros(this.numbers.len());
        let chunks = placed.par_chunks_mut(chunk).zip(this.numbers.par_chunks(chunk)).zip(&this.starts);
        chunks.for_each(|((dealt, numbers), starts)| {
            let mut hand = Hand { shift, next: starts.clone(), dealt };
            numbers.iter().for_each(|&number| hand.put(number, [number]));
        });
        this.placed = placed;
        let count = |present: &mut Present, bucket: usize| present.mark(&this, bucket);
        this.counts = (0..buckets).into_par_iter().watched().map_init(Present::default, count).collect();
        this
    }

    /// How many items there are.
    pub(super) fn items(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The numbers in the order of the rows.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The numbers that there are, in order.
    pub(super) fn present(&self) -> Vec<u32> {
        let mut present = Present::default();
        let mut found = Vec::with_capacity(self.items());
        for bucket in 0..self.counts.len() {
            present.mark(self, bucket);
            found.extend(present.numbers(self.range(bucket).start));
        }
        found
    }

    /// Adds rows up. A dealt row is its units and money, and its side as a number.
    pub(super) fn add_up<const N: usize>(self, rows: &Rows) -> Result<Found, Error> {
        let dealt = if N == 2 { self.deal::<2, 3>(rows)? } else { self.deal::<4, 5>(rows)? };
        let (mut sums, mut items) = (zeros(2 * N * self.items()), zeros(self.items()));
        let (mut rest_of_sums, mut rest_of_items) = (&mut sums[..], &mut items[..]);
        let mut jobs = Vec::with_capacity(self.counts.len());
        for (bucket, &count) in self.counts.iter().enumerate() {
            let sums = rest_of_sums.split_off_mut(..2 * N * count).unwrap_or_default();
            let items = rest_of_items.split_off_mut(..count).unwrap_or_default();
            jobs.push((bucket, sums, items));
        }
        let run = |present: &mut Present, (bucket, sums, items): (usize, &mut [f64], &mut [u32])| {
            self.run::<N>(bucket, &dealt, present, sums, items)
        };
        let seen = jobs.into_par_iter().watched().map_init(Present::default, run).reduce(Seen::default, Seen::or);
        let mut tallies = Tallies::default();
        if seen.left_out {
            // In the order of the rows, as the money of what is left out is a sum, too.
            rows.read::<N>(0..rows.sides.len(), |row, money| {
                if let Err((reason, revenue)) = money {
                    tallies.note(reason, row, revenue);
                }
            })?;
        }
        let found = Items { width: 2 * N, sums };
        let (found, numbers) = if seen.unused { with_rows(found, items) } else { (found, items) };
        Ok((found, numbers, tallies))
    }

    /// Deals rows of `N` numbers, which take `W` = N + 1 places.
    fn deal<const N: usize, const W: usize>(&self, rows: &Rows) -> Result<Vec<f64>, Error> {
        let mut dealt = zeros(W * self.numbers.len());
        let chunks = dealt.par_chunks_mut(W * self.chunk).zip(&self.starts).enumerate();
        chunks.try_for_each(|(chunk, (dealt, starts))| {
            let first = chunk * self.chunk;
            let own = first..first + dealt.len() / W;
            let mut hand = Hand { shift: self.shift, next: starts.clone(), dealt };
            rows.read::<N>(own, |row, money| {
                let side = if money.is_ok() { rows.sides[row] } else { NEITHER };
                let money = money.unwrap_or([0.0; N]);
                let put = std::array::from_fn(|place| money.get(place).copied().unwrap_or(f64::from(side)));
                hand.put::<W>(self.numbers[row], put);
            })
        })?;
        Ok(dealt)
    }

    /// The numbers that a bucket is for.
    fn range(&self, bucket: usize) -> Range<usize> {
        bucket << self.shift..self.len.min((bucket + 1) << self.shift)
    }

    /// Where a bucket lies among what is dealt.
    fn pieces(&self, bucket: usize) -> impl Iterator<Item = Range<usize>> {
        let starts = self.starts.iter().enumerate();
        starts.map(move |(chunk, starts)| {
            let first = chunk * self.chunk;
            first + starts[bucket]..first + starts[bucket + 1]
        })
    }

    /// Adds a bucket up.
    fn run<const N: usize>(
        &self,
        bucket: usize,
        dealt: &[f64],
        present: &mut Present,
        sums: &mut [f64],
        items: &mut [u32],
    ) -> Seen {
        present.mark(self, bucket);
        let first = self.range(bucket).start;
        present.numbers(first).zip(items).for_each(|(number, item)| *item = number);
        let mut left_out = false;
        for piece in self.pieces(bucket) {
            let rows = dealt[(N + 1) * piece.start..(N + 1) * piece.end].chunks_exact(N + 1);
            for (&number, row) in self.placed[piece].iter().zip(rows) {
                let (side, money) = (row[N] as usize, std::array::from_fn::<f64, N, _>(|column| row[column]));
                if side == usize::from(NEITHER) {
                    left_out = true;
                } else {
                    add(sums, present.place(number as usize - first), side, &money);
                }
            }
        }
        Seen { left_out, unused: !sums.chunks(2 * N).all(is_used) }
    }
}

fn starts(numbers: &[u32], shift: u32, buckets: usize) -> Vec<usize> {
    let mut starts = vec![0; buckets + 1];
    numbers.iter().for_each(|number| starts[(number >> shift) as usize + 1] += 1);
    (0..buckets).for_each(|bucket| starts[bucket + 1] += starts[bucket]);
    starts
}

/// What deals the rows of a chunk.
struct Hand<'a, T> {
    shift: u32,
    /// Where the next row of each bucket goes.
    next: Vec<usize>,
    dealt: &'a mut [T],
}

impl<T: Copy> Hand<'_, T> {
    fn put<const W: usize>(&mut self, number: u32, row: [T; W]) {
        let next = &mut self.next[(number >> self.shift) as usize];
        self.dealt[W * *next..][..W].copy_from_slice(&row);
        *next += 1;
    }
}

/// What a bucket may hold besides items with money: rows that are left out, and items that have no other.
#[derive(Clone, Copy, Default)]
struct Seen {
    left_out: bool,
    unused: bool,
}

impl Seen {
    fn or(self, other: Self) -> Self {
        Self { left_out: self.left_out | other.left_out, unused: self.unused | other.unused }
    }
}

/// Which numbers of a bucket there are: a bit for each, and how many come before each word of bits.
#[derive(Default)]
struct Present {
    words: Vec<u64>,
    before: Vec<u32>,
}

impl Present {
    /// Marks the numbers of a bucket, and says how many there are.
    fn mark(&mut self, dealt: &Dealt, bucket: usize) -> usize {
        let range = dealt.range(bucket);
        self.words.clear();
        self.words.resize(range.len().div_ceil(64), 0);
        for &number in dealt.pieces(bucket).flat_map(|piece| &dealt.placed[piece]) {
            let at = number as usize - range.start;
            self.words[at / 64] |= 1 << (at % 64);
        }
        let mut total = 0;
        self.before.clear();
        self.before.extend(self.words.iter().map(|word| {
            total += word.count_ones();
            total - word.count_ones()
        }));
        total as usize
    }

    /// How many numbers come before one.
    fn place(&self, at: usize) -> usize {
        let earlier = self.words[at / 64] & ((1 << (at % 64)) - 1);
        self.before[at / 64] as usize + earlier.count_ones() as usize
    }

    /// The numbers in order, those of the bucket's range from `first`.
    fn numbers(&self, first: usize) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().flat_map(move |(at, &word)| {
            let bits = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0);
            bits.map(move |rest| (first + at * 64) as u32 + rest.trailing_zeros())
        })
    }
}
