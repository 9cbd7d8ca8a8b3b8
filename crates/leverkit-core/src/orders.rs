//! Orders: runs of lines that a customer bought together, numbered in time order.

use std::mem::MaybeUninit;
use std::ops::Range;

use hashbrown::HashMap;
use leverkit_stats::budget::Watched;
use rayon::prelude::*;

use crate::day::Day;
use crate::gather::{balanced, fill_both, fill_chunks, split_lines};
use crate::ledger::NO_ORDER;

/// The orders of all customers.
pub(crate) struct Orders {
    /// The order number of each line, or [`NO_ORDER`].
    pub(crate) of_line: Vec<u32>,
    /// Customer `c` owns orders `offsets[c]..offsets[c + 1]`.
    pub(crate) offsets: Vec<u32>,
}

/// Numbers the orders customer by customer, in time order: lines of a day are one. Days whose lines are all returns are none; their lines
/// get [`NO_ORDER`]. Returns the orders' days, too.
pub(crate) fn by_day(offsets: &[u32], days: &[Day], returns: &[u32]) -> (Orders, Vec<Day>) {
    let ranges = balanced(offsets);
    let customers = |range: &Range<usize>| customers(&offsets[range.start..=range.end], days, returns);
    let counts = ranges.par_iter().watched().map(|range| customers(range).map(|own| own.orders()).collect());
    let of_customers = offsets_of(&counts.collect::<Vec<Vec<u32>>>());
    let lengths: Vec<(usize, usize)> =
        ranges.iter().map(|range| (span(offsets, range), span(&of_customers, range))).collect();
    let (of_line, order_days) = fill_both(&lengths, |part, mut lines, mut orders| {
        let range = &ranges[part];
        for (own, bounds) in customers(range).zip(of_customers[range.start..=range.end].windows(2)) {
            own.number(
                bounds[0],
                lines.split_off_mut(..own.days.len()).unwrap_or_default(),
                orders.split_off_mut(..(bounds[1] - bounds[0]) as usize).unwrap_or_default(),
            );
        }
    });
    (Orders { of_line, offsets: of_customers }, order_days)
}

fn offsets_of(counts: &[Vec<u32>]) -> Vec<u32> {
    let mut end = 0;
    let ends = counts.iter().flatten().map(|count| {
        end += count;
        end
    });
    [0].into_iter().chain(ends).collect()
}

/// How much lies between the first and the last offset of a range.
fn span(offsets: &[u32], range: &Range<usize>) -> usize {
    (offsets[range.end] - offsets[range.start]) as usize
}

/// A customer's lines: their days, the number of the first, and those that are returns.
struct Customer<'a> {
    first: usize,
    days: &'a [Day],
    returns: &'a [u32],
}

fn customers<'a>(offsets: &'a [u32], days: &'a [Day], returns: &'a [u32]) -> impl Iterator<Item = Customer<'a>> {
    let mut rest = &returns[returns.partition_point(|line| *line < offsets[0])..];
    offsets.windows(2).map(move |bounds| {
        let own = rest.iter().take_while(|line| **line < bounds[1]).count();
        let returns = rest.split_off(..own).unwrap_or_default();
        Customer { first: bounds[0] as usize, days: &days[bounds[0] as usize..bounds[1] as usize], returns }
    })
}

impl Customer<'_> {
    /// How many orders there are. Customers without a return, nearly all, take the short way.
    fn orders(&self) -> u32 {
        let Some((first, _)) = self.days.split_first() else { return 0 };
        if self.returns.is_empty() {
            let next = self.days.iter().zip([first].into_iter().chain(self.days));
            return 1 + next.map(|(day, before)| u32::from(day != before)).sum::<u32>();
        }
        self.runs().map(|(_, is_order)| u32::from(is_order)).sum()
    }

    /// Runs of lines of a day, and whether one of them is a purchase.
    fn runs(&self) -> impl Iterator<Item = (&[Day], bool)> {
        let mut line = self.first;
        self.days.chunk_by(|a, b| a == b).map(move |run| {
            let mut lines = line..line + run.len();
            line += run.len();
            (run, !lines.all(|line| self.returns.binary_search(&(line as u32)).is_ok()))
        })
    }

    /// Writes the order of each line, and each order's day; `first` is the number of the first order.
    fn number(&self, first: u32, mut lines: &mut [MaybeUninit<u32>], orders: &mut [MaybeUninit<Day>]) {
        if self.returns.is_empty() {
            return self.number_runs(first, lines, orders);
        }
        let mut next = 0;
        for (run, is_order) in self.runs() {
            let order = if is_order { first + next as u32 } else { NO_ORDER };
            lines.split_off_mut(..run.len()).unwrap_or_default().fill(MaybeUninit::new(order));
            if is_order {
                orders[next].write(run[0]);
                next += 1;
            }
        }
    }

    fn number_runs(&self, first: u32, lines: &mut [MaybeUninit<u32>], orders: &mut [MaybeUninit<Day>]) {
        let (mut order, mut before) = (0, self.days.first());
        for (slot, day) in lines.iter_mut().zip(self.days) {
            order += u32::from(Some(day) != before);
            before = Some(day);
            orders[order as usize].write(*day);
            slot.write(first + order);
        }
    }
}

/// Numbers the orders customer by customer, by their first purchase: lines of an id are one, and those without an id go by their day. Lines
/// without a purchase in their order get [`NO_ORDER`]. Returns the line of each order's first purchase, too.
pub(crate) fn by_id(
    offsets: &[u32],
    ids: &[u32],
    days: &[Day],
    is_purchase: impl Fn(usize) -> bool + Sync,
) -> (Orders, Vec<u32>) {
    let ranges = balanced(offsets);
    let mut of_line = fill_chunks(&[days.len()], |_, _, out| out.fill(MaybeUninit::new(NO_ORDER)));
    let key = |line: usize| id_or_day(ids[line], days[line]);
    let parts: Vec<Part<'_>> = ranges
        .par_iter()
        .watched()
        .zip(split_lines(&mut of_line, &ranges, offsets))
        .map(|(range, lines)| {
            let first = offsets[range.start] as usize;
            let (ends, first_lines) = (Vec::with_capacity(range.len()), Vec::with_capacity(lines.len()));
            let mut part = Part { first, of_line: lines, ends, first_lines, seen: HashMap::default() };
            for customer in range.clone() {
                part.customer(offsets[customer] as usize..offsets[customer + 1] as usize, key, &is_purchase);
            }
            part
        })
        .collect();
    let (offsets, first_lines) = join(parts, offsets.len());
    (Orders { of_line, offsets }, first_lines)
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
    /// Lines of one id may be apart: purchases open the orders, then every line looks its order up.
    fn customer(&mut self, lines: Range<usize>, key: impl Fn(usize) -> u64, is_purchase: impl Fn(usize) -> bool) {
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
        self.ends.push(self.first_lines.len() as u32);
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
        let days = [1, 1, 2, 3, 3, 3, 4, 4].map(Day::from);
        let (orders, order_days) = by_day(&[0, 4, 4, 6, 8], &days, &[2, 6]);
        assert_eq!(orders.of_line, [0, 0, NO_ORDER, 1, 2, 2, 3, 3]);
        assert_eq!(orders.offsets, [0, 2, 2, 3, 4]);
        assert_eq!(order_days, [1, 3, 3, 4].map(Day::from));
    }

    #[test]
    fn many_customers_are_numbered_in_parts() {
        let n = if cfg!(miri) { 100 } else { 300_000_u32 };
        let offsets: Vec<u32> = (0..=n).map(|customer| customer * 2).collect();
        let days: Vec<Day> = (0..2 * n as i32).map(|line| Day::from(line / 2 % 5 + line % 2)).collect();
        let (orders, order_days) = by_day(&offsets, &days, &[]);
        assert_eq!(order_days, days, "each line is of another day than the one before");
        assert_eq!(orders.of_line, (0..2 * n).collect::<Vec<u32>>());
        assert_eq!(orders.offsets, offsets);
    }

    #[test]
    fn ids_may_be_apart_and_a_return_joins_its_order() {
        let days = [1, 1, 2, 2, 2].map(Day::from);
        let (orders, first_lines) = by_id(&[0, 5], &[7, 3, 7, 9, NO_ORDER], &days, |line| line != 0 && line != 3);
        assert_eq!(orders.of_line, [1, 0, 1, NO_ORDER, 2]);
        assert_eq!(first_lines, [1, 2, 4]);
    }
}
