//! Orders: runs of lines that a customer bought together, numbered in time order.

use std::mem::MaybeUninit;

use hashbrown::HashMap;
use leverkit_stats::budget::Watched;
use rayon::prelude::*;

use crate::day::Day;
use crate::gather::{balanced, fill_chunks, split_lines};
use crate::ledger::NO_ORDER;

/// What makes lines of one customer one order.
pub(crate) enum Keys<'a> {
    /// The day: lines of a day are one order.
    Days(&'a [Day]),
    /// An id; lines whose id is null go by their day.
    Ids(&'a [u32], &'a [Day]),
}

/// The orders of all customers.
pub(crate) struct Orders {
    /// The order number of each line, or [`NO_ORDER`].
    pub(crate) of_line: Vec<u32>,
    /// Customer `c` owns orders `offsets[c]..offsets[c + 1]`.
    pub(crate) offsets: Vec<u32>,
    /// The line of each order's first purchase.
    pub(crate) first_lines: Vec<u32>,
}

/// Numbers the orders customer by customer, by their first purchase. Lines without a purchase in their order get [`NO_ORDER`].
pub(crate) fn number(offsets: &[u32], keys: &Keys<'_>, is_purchase: impl Fn(usize) -> bool + Sync) -> Orders {
    let ranges = balanced(offsets);
    let n_lines = offsets[offsets.len() - 1] as usize;
    let mut of_line = fill_chunks(&[n_lines], |_, _, out| out.fill(MaybeUninit::new(NO_ORDER)));
    let parts: Vec<Part<'_>> = ranges
        .par_iter()
        .watched()
        .zip(split_lines(&mut of_line, &ranges, offsets))
        .map(|(range, lines)| {
            let first = offsets[range.start] as usize;
            let (ends, first_lines) = (Vec::with_capacity(range.len()), Vec::with_capacity(lines.len()));
            let mut part = Part { first, of_line: lines, ends, first_lines, seen: HashMap::default() };
            for customer in range.clone() {
                part.customer(offsets[customer] as usize..offsets[customer + 1] as usize, keys, &is_purchase);
            }
            part
        })
        .collect();
    let (offsets, first_lines) = join(parts, offsets.len());
    Orders { of_line, offsets, first_lines }
}

/// A range of customers; its orders are numbered from 0.
struct Part<'a> {
    first: usize,
    of_line: &'a mut [u32],
    ends: Vec<u32>,
    first_lines: Vec<u32>,
    seen: HashMap<u64, u32, foldhash::fast::RandomState>,
}

impl Part<'_> {
    fn customer(&mut self, lines: std::ops::Range<usize>, keys: &Keys<'_>, is_purchase: impl Fn(usize) -> bool) {
        match keys {
            Keys::Days(days) => self.by_day(lines, days, is_purchase),
            Keys::Ids(ids, days) => self.by_id(lines, |line| id_or_day(ids[line], days[line]), is_purchase),
        }
        self.ends.push(self.first_lines.len() as u32);
    }

    /// Lines of a day stand together, so an order is a run. Customers without a return, nearly all, take the short way.
    fn by_day(&mut self, lines: std::ops::Range<usize>, days: &[Day], is_purchase: impl Fn(usize) -> bool) {
        if lines.clone().all(&is_purchase) {
            return self.by_run(lines, days);
        }
        let mut start = lines.start;
        while start < lines.end {
            let length = days[start..lines.end].iter().take_while(|day| **day == days[start]).count();
            if let Some(purchase) = (start..start + length).find(|&line| is_purchase(line)) {
                self.of_line[start - self.first..start + length - self.first].fill(self.first_lines.len() as u32);
                self.first_lines.push(purchase as u32);
            }
            start += length;
        }
    }

    fn by_run(&mut self, lines: std::ops::Range<usize>, days: &[Day]) {
        let mut last = None;
        for line in lines {
            if last != Some(days[line]) {
                last = Some(days[line]);
                self.first_lines.push(line as u32);
            }
            self.of_line[line - self.first] = self.first_lines.len() as u32 - 1;
        }
    }

    /// Lines of one id may be apart: purchases open the orders, then every line looks its order up.
    fn by_id(
        &mut self,
        lines: std::ops::Range<usize>,
        key: impl Fn(usize) -> u64,
        is_purchase: impl Fn(usize) -> bool,
    ) {
        self.seen.clear();
        for line in lines.clone().filter(|&line| is_purchase(line)) {
            self.seen.entry(key(line)).or_insert_with(|| {
                self.first_lines.push(line as u32);
                self.first_lines.len() as u32 - 1
            });
        }
        for line in lines {
            self.of_line[line - self.first] = self.seen.get(&key(line)).copied().unwrap_or(NO_ORDER);
        }
    }
}

/// The key of an order: its id, or the day where that is missing.
pub(crate) fn id_or_day(id: u32, day: Day) -> u64 {
    if id == NO_ORDER { 1 << 32 | u64::from(i32::from(day) as u32) } else { u64::from(id) }
}

/// Puts the ranges' numbers behind each other; returns the customers' offsets and the orders' first lines.
fn join(parts: Vec<Part<'_>>, n_offsets: usize) -> (Vec<u32>, Vec<u32>) {
    let lengths: Vec<usize> = parts.iter().map(|part| part.first_lines.len()).collect();
    let first_lines = fill_chunks(&lengths, |part, orders, out| {
        out.write_copy_of_slice(&parts[part].first_lines[orders]);
    });
    let mut offsets = Vec::with_capacity(n_offsets);
    offsets.push(0);
    let mut shifts = Vec::with_capacity(parts.len());
    for part in parts {
        let base = offsets[offsets.len() - 1];
        offsets.extend(part.ends.iter().map(|end| base + end));
        shifts.push((base, part.of_line));
    }
    shifts.into_par_iter().watched().for_each(|(base, lines)| {
        lines.iter_mut().filter(|order| **order != NO_ORDER).for_each(|order| *order += base);
    });
    (offsets, first_lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_an_order_and_a_day_of_returns_is_none() {
        let orders = number(&[0, 4, 5], &Keys::Days(&[1, 1, 2, 3, 3].map(Day::from)), |line| line != 2);
        assert_eq!(orders.of_line, [0, 0, NO_ORDER, 1, 2]);
        assert_eq!(orders.offsets, [0, 2, 3]);
        assert_eq!(orders.first_lines, [0, 3, 4]);
    }

    #[test]
    fn ids_may_be_apart_and_a_return_joins_its_order() {
        let orders = number(&[0, 5], &Keys::Ids(&[7, 3, 7, 9, NO_ORDER], &[1, 1, 2, 2, 2].map(Day::from)), |line| {
            line != 0 && line != 3
        });
        assert_eq!(orders.of_line, [1, 0, 1, NO_ORDER, 2]);
        assert_eq!(orders.first_lines, [1, 2, 4]);
    }
}
