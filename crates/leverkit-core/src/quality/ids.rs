//! Notes on ids, found in their dictionaries: texts that mean missing, ids that differ by case or white space alone, customers and
//! orders that many share.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use super::{NoteKind, QualityNote, Tally, lines_where};
use crate::columns::{decoded, is_number, is_text};
use crate::gather::par_parts;
use crate::ledger::{Codes, Ledger};
use crate::texts::Texts;
use crate::{Column, Error};

/// Texts that people and programs write for a missing value.
const MEANS_MISSING: [&str; 7] = ["null", "nan", "none", "<na>", "n/a", "\\n", "-"];

/// Names under which tills and shops book customers whom they do not know.
const GUESTS: [&str; 18] = [
    "0",
    "guest",
    "guests",
    "unknown",
    "anonymous",
    "anonym",
    "anon",
    "cash",
    "cash customer",
    "walk-in",
    "walkin",
    "walk in",
    "no name",
    "noname",
    "not registered",
    "unregistered",
    "no customer",
    "default",
];

/// The same in Russian.
const RUSSIAN_GUESTS: [&str; 5] = ["гость", "неизвестно", "аноним", "розничный покупатель", "частное лицо"];

pub(super) fn notes(ledger: &Ledger, order_ids: Option<&Codes>) -> Result<Vec<QualityNote>, Error> {
    let mut notes = Vec::new();
    for ids in all_ids(ledger, order_ids) {
        let texts = TextValues::of(ids.values)?;
        notes.extend(missing_texts(ledger, &ids, &texts));
        // Order ids are made by machines, are many, and only count within a customer.
        if ids.role != "order" {
            notes.extend(same_ids(ledger, &ids, &texts));
        }
        if ids.role == "customer" {
            notes.extend(shared_customers(ledger, &ids, &texts));
        }
    }
    notes.extend(order_ids.and_then(|_| shared_order(ledger)));
    Ok(notes)
}

/// A column of ids: the customers, whose lines stand together, or codes by line.
struct Ids<'a> {
    role: &'static str,
    column: &'a str,
    values: &'a Column,
    codes: Option<&'a [u32]>,
}

fn all_ids<'a>(ledger: &'a Ledger, order_ids: Option<&'a Codes>) -> Vec<Ids<'a>> {
    let roles = &ledger.roles;
    let coded = |role, column, codes: &'a Codes| Ids {
        role,
        column,
        values: codes.dictionary.values(),
        codes: Some(codes.codes.as_slice()),
    };
    let mut all =
        vec![Ids { role: "customer", column: &roles.customer, values: ledger.customers.values(), codes: None }];
    all.extend(roles.order.as_ref().zip(order_ids).map(|(column, codes)| coded("order", column, codes)));
    all.extend(roles.product.as_ref().zip(ledger.products()).map(|(column, codes)| coded("product", column, codes)));
    all.extend(ledger.dimensions.iter().map(|named| coded("dimensions", &named.name, &named.values)));
    all
}

impl Ids<'_> {
    /// The lines of some ids, which are given in order.
    fn tally(&self, ledger: &Ledger, ids: &[u32]) -> Tally {
        let lines = match self.codes {
            Some(codes) => lines_where(codes.len(), |line| ids.binary_search(&codes[line]).is_ok()),
            None => ids.iter().flat_map(|&id| ledger.offsets[id as usize]..ledger.offsets[id as usize + 1]).collect(),
        };
        Tally::of(&lines, &ledger.amounts)
    }

    fn note(&self, kind: NoteKind, tally: Tally) -> QualityNote {
        QualityNote::new(kind, (self.role, self.column), tally.rows, Some(tally.amount))
    }
}

/// The texts of a dictionary in code order; none where it holds other values.
struct TextValues(Column);

impl TextValues {
    fn of(values: &Column) -> Result<Self, Error> {
        let texts = if is_text(values) { decoded(values)? } else { values.slice(0, 0) };
        Ok(Self(texts))
    }

    /// What a function makes of each text, in code order.
    fn each<T: Send>(&self, of: impl Fn(&str) -> T + Sync + Send) -> Vec<T> {
        let chunks = self.0.chunks().iter().filter_map(Texts::of);
        let each = |chunk: (usize, Texts<'_>)| {
            let rows = (0..chunk.0).into_par_iter().with_min_len(1 << 14);
            rows.map(|row| of(chunk.1.get(row).unwrap_or_default())).collect::<Vec<T>>()
        };
        self.0.chunks().iter().map(|chunk| chunk.len()).zip(chunks).flat_map(each).collect()
    }

    /// The codes of the texts for which something holds.
    fn codes_where(&self, holds: impl Fn(&str) -> bool + Sync + Send) -> Vec<u32> {
        (0..).zip(self.each(holds)).filter(|(_, holds)| *holds).map(|(code, _)| code).collect()
    }

    fn text(&self, code: u32) -> String {
        self.0.text(code as usize).unwrap_or_default()
    }
}

fn missing_texts(ledger: &Ledger, ids: &Ids<'_>, texts: &TextValues) -> Vec<QualityNote> {
    let means_missing = |text: &str| {
        let text = text.trim();
        text.len() <= 4 && MEANS_MISSING.iter().any(|missing| missing.eq_ignore_ascii_case(text))
    };
    let note = |code| ids.note(NoteKind::MissingText, ids.tally(ledger, &[code])).with_value(texts.text(code));
    texts.codes_where(means_missing).into_iter().map(note).filter(|note| note.rows > 0).collect()
}

fn same_ids(ledger: &Ledger, ids: &Ids<'_>, texts: &TextValues) -> Option<QualityNote> {
    let hashes = texts.each(folded_hash);
    let mut sorted = hashes.clone();
    sorted.par_sort_unstable();
    let twice: HashSet<u64> = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    if twice.is_empty() {
        return None;
    }
    let mut groups: HashMap<String, Vec<u32>> = HashMap::new();
    for (code, _) in (0..).zip(&hashes).filter(|(_, hash)| twice.contains(*hash)) {
        groups.entry(texts.text(code).trim().to_lowercase()).or_default().push(code);
    }
    groups.retain(|_, codes| codes.len() > 1);
    let first = groups.values().min()?;
    let shown: Vec<String> = first.iter().take(3).map(|&code| format!("{:?}", texts.text(code))).collect();
    let mut all: Vec<u32> = groups.values().flatten().copied().collect();
    all.sort_unstable();
    let note = ids.note(NoteKind::SameIds, ids.tally(ledger, &all)).with_value(shown.join(", "));
    Some(note.with_counts(all.len() as u64, groups.len() as u64)).filter(|note| note.rows > 0)
}

/// A hash that texts share which are one after trimming and case-folding. ASCII, nearly all of them, is folded on the way.
fn folded_hash(text: &str) -> u64 {
    let text = text.trim();
    let mut hasher = FixedState::default().build_hasher();
    if text.is_ascii() {
        for eight in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(eight).for_each(|(slot, byte)| *slot = byte.to_ascii_lowercase());
            hasher.write_u64(u64::from_le_bytes(word));
        }
    } else {
        // What folds to ASCII, such as the Kelvin sign, hashes as ASCII would.
        let folded = text.to_lowercase();
        if folded.is_ascii() {
            return folded_hash(&folded);
        }
        hasher.write(folded.as_bytes());
    }
    hasher.finish()
}

/// A customer that owns a large share of the orders, or is called as guests are.
fn shared_customers(ledger: &Ledger, ids: &Ids<'_>, texts: &TextValues) -> Vec<QualityNote> {
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
fn guests(ledger: &Ledger, values: &Column, texts: &TextValues) -> Vec<u32> {
    let is_guest = |text: &str| {
        let text = text.trim();
        GUESTS.iter().any(|guest| guest.eq_ignore_ascii_case(text))
            || (!text.is_ascii() && RUSSIAN_GUESTS.contains(&text.to_lowercase().as_str()))
    };
    let mut found = texts.codes_where(is_guest);
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
    let (column, tally) = (ledger.roles.order.as_deref()?, Tally::of(&lines, &ledger.amounts));
    let note = QualityNote::new(NoteKind::SharedOrder, ("order", column), tally.rows, Some(tally.amount));
    Some(note.with_counts(single.len() as u64, several_days))
}
