//! Notes on ids, found in their dictionaries: texts that mean missing or a sum, ids cut by a spreadsheet, customers and orders that many
//! share.

use super::found::Found;
use super::id_columns::{Ids, all_ids};
use super::id_texts::{IdTexts, Word};
use super::{NoteKind, QualityNote, Tally, same};
use crate::columns::is_number;
use crate::gather::par_parts;
use crate::ledger::Ledger;
use crate::spelling::is_shortened;
use crate::{Column, Error};

pub(super) fn notes(ledger: &Ledger, found: &Found) -> Result<Vec<QualityNote>, Error> {
    let mut notes = Vec::new();
    for ids in all_ids(ledger) {
        let texts = IdTexts::of(ids.values)?;
        notes.extend(words(ledger, &ids, &texts));
        notes.extend(shortened(ledger, &ids, &texts));
        notes.extend(same::notes(ledger, &ids, &texts));
        if ids.role == "customer" {
            notes.extend(shared_customers(ledger, &ids, &texts));
            notes.extend(order_ids(ledger, found));
        }
    }
    notes.extend(shared_order(ledger));
    Ok(notes)
}

/// Order ids are made by machines, are many, and only count within a customer: how they are spelled is not compared.
fn order_ids(ledger: &Ledger, found: &Found) -> Vec<QualityNote> {
    let Some(column) = ledger.roles.order.as_deref() else { return Vec::new() };
    let note = |kind, lines: &[u32]| {
        let tally = Tally::of(lines, &ledger.amounts);
        QualityNote::new(kind, ("order", column), tally.rows, Some(tally.amount))
    };
    let words = found.words.iter().map(|(text, (kind, lines))| note(*kind, lines).with_value(text));
    let shortened = found.shortened.first().map(|first| {
        let note = note(NoteKind::ShortenedIds, &found.shortened_lines).with_value(format!("{first:?}"));
        note.with_counts(found.shortened.len() as u64, 0)
    });
    words.chain(shortened).filter(|note| note.rows > 0).collect()
}

/// Ids that are called as what is missing, or as a sum.
fn words(ledger: &Ledger, ids: &Ids<'_>, texts: &IdTexts) -> Vec<QualityNote> {
    let note = |kind, code| ids.note(kind, ids.tally(ledger, &[code])).with_value(texts.text(code));
    let of_word = |&(code, word): &(u32, Word)| Some(note(word.kind()?, code));
    texts.words.iter().filter_map(of_word).filter(|note| note.rows > 0).collect()
}

/// Ids such as 1.23E+11.
fn shortened(ledger: &Ledger, ids: &Ids<'_>, texts: &IdTexts) -> Option<QualityNote> {
    let codes = if texts.traits.may_be_shortened() { texts.codes_where(is_shortened) } else { Vec::new() };
    let first = texts.text(*codes.first()?);
    let note = ids.note(NoteKind::ShortenedIds, ids.tally(ledger, &codes)).with_value(format!("{first:?}"));
    Some(note.with_counts(codes.len() as u64, 0)).filter(|note| note.rows > 0)
}

/// A customer that owns a large share of the orders, or is called as guests are.
fn shared_customers(ledger: &Ledger, ids: &Ids<'_>, texts: &IdTexts) -> Vec<QualityNote> {
    let mut codes = guests(ledger, ids.values, texts);
    codes.extend(large_customers(ledger));
    codes.sort_unstable();
    codes.dedup();
    let note = |code: u32| {
        let value = ids.values.text(code as usize).unwrap_or_default();
        let counts = (orders_of(ledger, code), ledger.n_orders() as u64);
        ids.note(NoteKind::SharedCustomer, ids.tally(ledger, &[code])).with_value(value).with_counts(counts.0, counts.1)
    };
    codes.into_iter().map(note).collect()
}

fn orders_of(ledger: &Ledger, customer: u32) -> u64 {
    u64::from(ledger.order_offsets[customer as usize + 1] - ledger.order_offsets[customer as usize])
}

/// Customers with more than 5 % of the orders and more than twenty times the median customer's.
fn large_customers(ledger: &Ledger) -> Vec<u32> {
    let customers = 0..ledger.n_customers() as u32;
    let is_large = |&code: &u32| 20 * orders_of(ledger, code) > ledger.n_orders() as u64;
    let large: Vec<u32> = customers.clone().filter(is_large).collect();
    if large.is_empty() {
        return large;
    }
    let mut orders: Vec<u64> = customers.map(|code| orders_of(ledger, code)).collect();
    let middle = orders.len() / 2;
    let median = *orders.select_nth_unstable(middle).1;
    large.into_iter().filter(|&code| orders_of(ledger, code) > 20 * median.max(1)).collect()
}

/// Customers called as guests are who have several orders.
fn guests(ledger: &Ledger, values: &Column, texts: &IdTexts) -> Vec<u32> {
    let mut found: Vec<u32> =
        texts.words.iter().filter(|(_, word)| *word == Word::Guest).map(|&(code, _)| code).collect();
    found.extend(zero(ledger, values));
    found.into_iter().filter(|&code| orders_of(ledger, code) > 1).collect()
}

/// The customer whose id is the number 0. Where all ids are numbers from 0 on without a gap, which is how programs number what they
/// know, 0 must have the most orders to be suspicious.
fn zero(ledger: &Ledger, values: &Column) -> Option<u32> {
    if !is_number(values) {
        return None;
    }
    let number = |code: usize| values.text(code).and_then(|text| text.parse::<f64>().ok());
    let (mut low, mut high) = (0, values.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if number(middle) < Some(0.0) { low = middle + 1 } else { high = middle }
    }
    let code = u32::try_from(low).ok().filter(|_| low < values.len() && number(low) == Some(0.0))?;
    let is_numbered = low == 0 && number(values.len() - 1) == Some((values.len() - 1) as f64);
    let most = || (0..values.len() as u32).map(|code| orders_of(ledger, code)).max();
    (!is_numbered || most() == Some(orders_of(ledger, code))).then_some(code)
}

/// Order ids that cover all of a customer's lines, for nearly all customers who come on several days.
fn shared_order(ledger: &Ledger) -> Option<QualityNote> {
    const NEARLY_ALL: f64 = 0.9;
    const DAYS: f64 = 3.0;
    let column = ledger.roles.order.as_deref()?;
    let of_part = |customers: std::ops::Range<usize>| {
        let mut found = (0_u64, Vec::new());
        for customer in customers {
            let lines = ledger.customer(customer as u32);
            if lines.days.first() != lines.days.last() && !lines.order_days.is_empty() {
                found.0 += 1;
                found.1.extend((lines.order_days.len() == 1).then_some(customer as u32));
            }
        }
        found
    };
    let parts = par_parts(&ledger.offsets, of_part);
    let several_days: u64 = parts.iter().map(|part| part.0).sum();
    let single: Vec<u32> = parts.into_iter().flat_map(|part| part.1).collect();
    if single.is_empty() || (single.len() as f64) < NEARLY_ALL * several_days as f64 {
        return None;
    }
    let days = |&code: &u32| ledger.customer(code).days.chunk_by(|a, b| a == b).count() as f64;
    if single.iter().map(days).sum::<f64>() < DAYS * single.len() as f64 {
        return None;
    }
    let lines: Vec<u32> =
        single.iter().flat_map(|&code| ledger.customer(code).lines()).map(|line| line as u32).collect();
    let tally = Tally::of(&lines, &ledger.amounts);
    let note = QualityNote::new(NoteKind::SharedOrder, ("order", column), tally.rows, Some(tally.amount));
    Some(note.with_counts(single.len() as u64, several_days))
}
