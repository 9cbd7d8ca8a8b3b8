//! Notes on lines: duplicates, amounts of another size, totals that stand on each line, and what signs were read as.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use hashbrown::HashSet;
use rayon::prelude::*;

use super::found::Found;
use super::{NoteKind, QualityNote, Tally, lines_where};
use crate::gather::par_parts;
use crate::ledger::{Ledger, NO_ORDER};
use crate::stats;

pub(super) fn notes(ledger: &Ledger, found: &Found) -> Vec<QualityNote> {
    let mut notes = Vec::new();
    if !found.copies.is_empty() {
        let tally = Tally::of(&found.copies, &ledger.amounts);
        notes.push(QualityNote::new(NoteKind::Duplicate, ("", ""), tally.rows, Some(tally.amount)));
    }
    let amount = ledger.roles.column_of("amount").unwrap_or_default();
    notes.extend(huge(ledger, NoteKind::HugeAmount, ("amount", &amount), &ledger.amounts));
    let quantity = ledger.roles.quantity.as_ref().zip(ledger.quantities());
    notes
        .extend(quantity.and_then(|(column, units)| huge(ledger, NoteKind::HugeQuantity, ("quantity", column), units)));
    notes.extend(ledger.roles.order.as_ref().and_then(|_| repeated_total(ledger, &amount)));
    notes
}

/// Negative lines that are no returns of goods.
pub(super) fn deductions(ledger: &Ledger) -> Option<QualityNote> {
    let amount = ledger.roles.column_of("amount").unwrap_or_default();
    let tally = Tally::of(&ledger.deductions, &ledger.amounts);
    (tally.rows > 0).then(|| QualityNote::new(NoteKind::Deduction, ("amount", &amount), tally.rows, Some(tally.amount)))
}

/// Discounts with both signs among the sales; a return's discount goes the other way by nature.
pub(super) fn discounts(ledger: &Ledger) -> Vec<QualityNote> {
    let of_column = |((_, column), values): (&(String, String), &[f64])| {
        let below = lines_where(values.len(), |line| values[line] < 0.0 && ledger.amounts[line] >= 0.0);
        if below.is_empty() {
            return None;
        }
        let is_above = |line: &usize| values[*line] > 0.0 && ledger.amounts[*line] >= 0.0;
        let above = (0..values.len()).into_par_iter().filter(is_above).count();
        let money = Tally::of(&below, values).amount;
        let note = QualityNote::new(NoteKind::DiscountMixed, ("discounts", column), below.len() as u64, Some(money));
        Some(note.with_counts(above as u64, 0))
    };
    let columns = ledger.roles.discounts.iter().zip(ledger.discounts.iter().map(|named| named.values.as_slice()));
    columns.filter_map(of_column).collect()
}

/// Values more than a thousand times as large as the median of those above zero.
fn huge(ledger: &Ledger, kind: NoteKind, role: (&str, &str), values: &[f64]) -> Option<QualityNote> {
    const TIMES: f64 = 1_000.0;
    const ENOUGH: usize = 5;
    let largest = values.par_chunks(1 << 16).map(largest).reduce(|| 0.0, f64::max);
    // The median of a few thousand is near enough to leave nearly every column at that; the exact one follows where it matters.
    let step = values.len().div_ceil(1 << 12).max(1);
    if largest < TIMES / 2.0 * near_median(values.iter().step_by(step))? {
        return None;
    }
    let median = median(values, ENOUGH)?;
    let lines = lines_where(values.len(), |line| values[line].abs() > TIMES * median);
    let tally = Tally::of(&lines, &ledger.amounts);
    let note =
        QualityNote::new(kind, role, tally.rows, Some(tally.amount)).with_value(format!("{largest}, median {median}"));
    (tally.rows > 0).then_some(note)
}

/// The largest magnitude, eight at a time; NaN is none.
fn largest(values: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; 8];
    for eight in values.chunks(8) {
        for (lane, value) in lanes.iter_mut().zip(eight) {
            *lane = if value.abs() > *lane { value.abs() } else { *lane };
        }
    }
    lanes.into_iter().fold(0.0, f64::max)
}

/// The median of those of a few values that are above zero.
fn near_median<'a>(values: impl Iterator<Item = &'a f64>) -> Option<f64> {
    let mut above: Vec<f64> = values.copied().filter(|&value| value > 0.0).collect();
    let middle = above.len() / 2;
    (!above.is_empty()).then(|| *above.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The median of values above zero; `None` where there are fewer than `enough`. Their bits have their order: counting them by leading bits
/// finds the middle one without a copy of what may be larger than memory.
fn median(values: &[f64], enough: usize) -> Option<f64> {
    const BITS: u32 = 16;
    let above = values.par_iter().filter(|value| **value > 0.0).count();
    if above < enough.max(1) {
        return None;
    }
    let (mut rank, mut leading) = (above / 2, 0_u64);
    for shift in [3 * BITS, 2 * BITS, BITS, 0] {
        let next = |value: f64| {
            let bits = value.to_bits() >> shift;
            (value > 0.0 && bits >> BITS == leading).then_some(bits as usize & ((1 << BITS) - 1))
        };
        let counts = counted(values, 1 << BITS, next);
        let mut digit = 0;
        while rank >= counts[digit] {
            rank -= counts[digit];
            digit += 1;
        }
        leading = leading << BITS | digit as u64;
    }
    Some(f64::from_bits(leading))
}

/// How many values there are of each kind.
fn counted(values: &[f64], kinds: usize, kind: impl Fn(f64) -> Option<usize> + Sync) -> Vec<usize> {
    // Few pieces: each has a counter for every kind.
    let piece = values.len().div_ceil(8).max(1 << 16);
    let count = |values: &[f64]| {
        let mut counts = vec![0; kinds];
        values.iter().filter_map(|&value| kind(value)).for_each(|kind| counts[kind] += 1);
        counts
    };
    let merge = |mut counts: Vec<usize>, more: Vec<usize>| {
        counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        counts
    };
    values.par_chunks(piece).map(count).reduce(|| vec![0; kinds], merge)
}

/// What the orders of a part of the customers are like.
#[derive(Default)]
struct Totals {
    /// Orders with two purchases or more.
    several: u64,
    /// Of these, those whose purchases all have the same amount: its bits, and the lines.
    alike: Vec<(u64, u64)>,
    /// For each order of a customer: its first purchase's amount, whether all are equal to it, and how many there are.
    orders: Vec<(f64, bool, u64)>,
}

impl Totals {
    /// Orders whose purchases have different amounts.
    fn differing(&self) -> u64 {
        self.several - self.alike.len() as u64
    }
}

/// The order's total on each of its lines: the lines of an order have one amount, and orders have different ones.
fn repeated_total(ledger: &Ledger, column: &str) -> Option<QualityNote> {
    const NEARLY_ALL: f64 = 0.95;
    const ENOUGH: usize = 5;
    // So many orders whose lines differ, and there is no note however the others are: nearly all files have them soon.
    let most = ((1.0 - NEARLY_ALL) * ledger.n_orders() as f64) as u64;
    let differing = AtomicU64::new(0);
    let parts = par_parts(&ledger.offsets, |customers| {
        let mut totals = Totals::default();
        for customer in customers {
            let before = totals.differing();
            add_totals(ledger, customer, &mut totals);
            let more = totals.differing() - before;
            if more > 0 && differing.fetch_add(more, Relaxed) > most {
                break;
            }
        }
        totals
    });
    if differing.into_inner() > most {
        return None;
    }
    let several: u64 = parts.iter().map(|part| part.several).sum();
    let alike: Vec<(u64, u64)> = parts.into_iter().flat_map(|part| part.alike).collect();
    let amounts: HashSet<u64> = alike.iter().map(|(amount, _)| *amount).collect();
    if alike.len() < ENOUGH || (alike.len() as f64) < NEARLY_ALL * several as f64 || amounts.len() * 3 < alike.len() {
        return None;
    }
    let money: Vec<f64> = alike.iter().map(|(amount, lines)| f64::from_bits(*amount) * *lines as f64).collect();
    let rows = alike.iter().map(|(_, lines)| lines).sum();
    let note = QualityNote::new(NoteKind::RepeatedTotal, ("amount", column), rows, Some(stats::sum(&money)));
    Some(note.with_counts(alike.len() as u64, several))
}

fn add_totals(ledger: &Ledger, customer: usize, totals: &mut Totals) {
    let lines = ledger.customer(customer as u32);
    if lines.days.len() < 2 {
        return;
    }
    totals.orders.clear();
    totals.orders.resize(lines.order_days.len(), (0.0, true, 0));
    for (&order, &amount) in lines.orders.iter().zip(lines.amounts) {
        if order != NO_ORDER && amount > 0.0 {
            let (first, is_alike, count) = &mut totals.orders[(order - lines.first_order) as usize];
            *first = if *count == 0 { amount } else { *first };
            *is_alike &= *first == amount;
            *count += 1;
        }
    }
    for &(amount, is_alike, count) in totals.orders.iter().filter(|(_, _, count)| *count > 1) {
        totals.several += 1;
        totals.alike.extend(is_alike.then_some((amount.to_bits(), count)));
    }
}
