//! Lines that are there twice.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::FixedState;

use crate::gather::par_parts;
use crate::ledger::{Codes, Ledger, NO_CODE};

/// Lines that equal an earlier one in all columns that play a role. Two lines can be equal by chance where neither a clock nor an order
/// nor a product tells them apart: those are none.
pub(crate) fn duplicates(ledger: &Ledger, ids: Option<&Codes>) -> Vec<u32> {
    let lines = Lines { ledger, ids };
    if ledger.micros.is_none() && ids.is_none() && ledger.products.is_none() {
        return Vec::new();
    }
    let of_part = |customers: Range<usize>| {
        let mut copies = Vec::new();
        for customer in customers {
            let own = ledger.offsets[customer] as usize..ledger.offsets[customer + 1] as usize;
            match &ledger.micros {
                Some(micros) => lines.copies_by(own, micros, &mut copies),
                None => lines.copies_by(own, &ledger.days, &mut copies),
            }
        }
        copies
    };
    par_parts(&ledger.offsets, of_part).concat()
}

struct Lines<'a> {
    ledger: &'a Ledger,
    ids: Option<&'a Codes>,
}

impl Lines<'_> {
    /// Copies among a customer's lines, of which those of one time stand together; nearly all stand alone.
    fn copies_by<T: PartialEq>(&self, own: Range<usize>, times: &[T], copies: &mut Vec<u32>) {
        let mut line = own.start;
        while line + 1 < own.end {
            if times[line] != times[line + 1] {
                line += 1;
                continue;
            }
            let run = times[line..own.end].iter().take_while(|time| **time == times[line]).count();
            match run {
                2..=8 => self.copies_of_few(line..line + run, copies),
                _ => self.copies_of_many(line..line + run, copies),
            }
            line += run;
        }
    }

    fn copies_of_few(&self, run: Range<usize>, copies: &mut Vec<u32>) {
        let is_copy = |line: &usize| (run.start..*line).any(|other| self.are_equal(other, *line));
        copies.extend(run.clone().filter(is_copy).map(|line| line as u32));
    }

    fn copies_of_many(&self, run: Range<usize>, copies: &mut Vec<u32>) {
        let mut hashed: Vec<(u64, usize)> = run.map(|line| (self.hash(line), line)).collect();
        hashed.sort_unstable();
        let first = copies.len();
        for same in hashed.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            copies.extend(
                same[1..].iter().filter(|(_, line)| self.are_equal(same[0].1, *line)).map(|(_, line)| *line as u32),
            );
        }
        copies[first..].sort_unstable();
    }

    fn are_equal(&self, a: usize, b: usize) -> bool {
        self.ledger.amounts[a] == self.ledger.amounts[b]
            && self.is_telling(a)
            && self.codes().all(|codes| codes[a] == codes[b])
            && self.numbers().all(|numbers| numbers[a].to_bits() == numbers[b].to_bits())
    }

    fn is_telling(&self, line: usize) -> bool {
        let is_known = |codes: Option<&Codes>| codes.is_some_and(|codes| codes.codes[line] != NO_CODE);
        self.ledger.micros.is_some() || is_known(self.ids) || is_known(self.ledger.products.as_ref())
    }

    fn hash(&self, line: usize) -> u64 {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write_u64((self.ledger.amounts[line] + 0.0).to_bits());
        self.codes().for_each(|codes| hasher.write_u32(codes[line]));
        self.numbers().for_each(|numbers| hasher.write_u64(numbers[line].to_bits()));
        hasher.finish()
    }

    fn codes(&self) -> impl Iterator<Item = &[u32]> {
        let dimensions = self.ledger.dimensions.iter().map(|named| &named.values);
        self.ids.into_iter().chain(&self.ledger.products).chain(dimensions).map(|codes| codes.codes.as_slice())
    }

    fn numbers(&self) -> impl Iterator<Item = &[f64]> {
        let ledger = self.ledger;
        let optional = ledger.quantities.iter().chain(&ledger.list_prices).chain(&ledger.unit_costs);
        optional.chain(ledger.discounts.iter().map(|named| &named.values)).map(crate::Shared::as_slice)
    }
}
