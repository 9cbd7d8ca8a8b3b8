//! Rows added up by item and side. Many items are left to `dealt`.

use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, LeftOut, Reason, zeros};
use leverkit_stats::{Mergeable, try_sums};
use rayon::prelude::*;

use super::combinations::Combinations;
use super::dealt::Dealt;
use super::items::{Found, Items, Rows, add, with_rows};
use crate::Error;

impl Rows<'_> {
    /// Adds them up by their keys: the items, the values of the keys, and what was left out.
    pub(super) fn sums(&self, keys: &[Column]) -> Result<(Items, Vec<Column>, Vec<LeftOut>), Error> {
        let (numbers, combinations) = Combinations::of(self.sides.len(), keys)?;
        let (items, numbers, tallies) = if self.columns.local.is_some() || self.columns.cost.is_some() {
            self.by_number::<4>(numbers, combinations.len())?
        } else {
            self.by_number::<2>(numbers, combinations.len())?
        };
        Ok((items, combinations.keys(numbers)?, tallies.left_out(&[Reason::UnknownInBridge, Reason::NeitherSide])))
    }

    /// By parts of the rows, or, where items are many beside the rows, by buckets of items, so that no table is made twice and sums stay in cache.
    fn by_number<const N: usize>(&self, numbers: Vec<u32>, len: usize) -> Result<Found, Error> {
        let are_many = |items: usize| self.sides.len() < 8 * 2 * N * items;
        if !are_many(len) {
            return self.by_rows::<N>(&numbers, &present(&numbers, len));
        }
        let dealt = Dealt::of(numbers, len);
        if are_many(dealt.items()) {
            dealt.add_up::<N>(self)
        } else {
            self.by_rows::<N>(dealt.numbers(), &dealt.present())
        }
    }

    /// `present` are the numbers that there are.
    fn by_rows<const N: usize>(&self, numbers: &[u32], present: &[u32]) -> Result<Found, Error> {
        let size = 2 * N * present.len();
        let mut items = vec![0; present.last().map_or(0, |last| *last as usize + 1)];
        present.iter().zip(0..).for_each(|(&number, item)| items[number as usize] = item);
        let new = || Partial { sums: zeros(size), tallies: Tallies::default() };
        let found = try_sums(self.sides.len(), size, new, |rows, part| {
            self.read::<N>(rows, |row, money| match money {
                Ok(money) => add(&mut part.sums, items[numbers[row] as usize], usize::from(self.sides[row]), &money),
                Err((reason, revenue)) => part.tallies.note(reason, row, revenue),
            })
        })?;
        let (items, numbers) = with_rows(Items { width: 2 * N, sums: found.sums }, present.to_vec());
        Ok((items, numbers, found.tallies))
    }
}

/// Which of few numbers there are.
fn present(numbers: &[u32], len: usize) -> Vec<u32> {
    const PIECE: usize = 1 << 18;
    let mark = |mut seen: Vec<bool>, numbers: &[u32]| {
        numbers.iter().for_each(|&number| seen[number as usize] = true);
        seen
    };
    let either = |mut seen: Vec<bool>, more: Vec<bool>| {
        seen.iter_mut().zip(more).for_each(|(seen, more)| *seen |= more);
        seen
    };
    let none = || vec![false; len];
    let seen = numbers.par_chunks(PIECE).fold(none, mark).reduce(none, either);
    (0..).zip(seen).filter(|(_, seen)| *seen).map(|(number, _)| number).collect()
}

/// Sums of a part of the rows.
struct Partial {
    sums: Vec<f64>,
    tallies: Tallies,
}

impl Mergeable for Partial {
    fn merge(&mut self, later: Self) {
        self.sums.merge(later.sums);
        self.tallies.merge(&later.tallies);
    }
}
