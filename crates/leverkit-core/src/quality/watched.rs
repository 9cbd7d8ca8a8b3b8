//! Columns without a role that look like a status or a currency: what their values are, with rows and money. Nothing is done with them.

use super::{NoteKind, QualityNote, Tally};
use crate::NO_CODE;
use crate::encode::Encoded;
use crate::ledger::Named;

/// Parts of a word by which an order turns out to be no sale.
const NO_SALE: [&str; 19] = [
    "cancel",
    "refund",
    "fail",
    "pending",
    "declin",
    "void",
    "return",
    "chargeback",
    "draft",
    "abandon",
    "unpaid",
    "not paid",
    "not_paid",
    "expired",
    "reject",
    "disput",
    "отмен",
    "возвр",
    "не оплач",
];

/// Signs and short names of currencies that are no three letters.
const CURRENCIES: [&str; 8] = ["$", "€", "£", "¥", "₽", "₴", "₸", "руб"];

/// More values than these are told by their largest.
const SHOWN: usize = 20;

/// Notes on watched columns. `is_kept` tells the rows that are in the ledger.
pub(crate) fn watched(
    columns: &[Named<Encoded>],
    amounts: &[f64],
    is_kept: impl Fn(usize) -> bool,
) -> Vec<QualityNote> {
    columns.iter().flat_map(|column| of_column(column, amounts, &is_kept)).collect()
}

fn of_column(column: &Named<Encoded>, amounts: &[f64], is_kept: impl Fn(usize) -> bool) -> Vec<QualityNote> {
    let mut values: Vec<(String, Tally)> =
        column.values.values.texts().into_iter().map(|text| (text.unwrap_or_default(), Tally::default())).collect();
    for (row, &code) in column.values.codes.iter().enumerate() {
        if code != NO_CODE && is_kept(row) {
            values[code as usize].1.add(amounts[row]);
        }
    }
    values.retain(|(_, tally)| tally.rows > 0);
    values.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.rows));
    let (kind, told) = kind_of(&column.name, values);
    let count = told.len() as u64;
    let note = |(value, tally): (String, Tally)| {
        let note = QualityNote::new(kind, ("watched", &column.name), tally.rows, Some(tally.amount));
        note.with_value(value).with_counts(count, 0)
    };
    told.into_iter().take(SHOWN).map(note).collect()
}

/// What a column's values are, and those worth telling.
fn kind_of(column: &str, values: Vec<(String, Tally)>) -> (NoteKind, Vec<(String, Tally)>) {
    let is_flag = is_no_sale(column);
    let is_status = |value: &str| is_no_sale(value) || (is_flag && is_true(value));
    if values.iter().any(|(value, _)| is_status(value)) {
        return (NoteKind::Status, values.into_iter().filter(|(value, _)| is_status(value)).collect());
    }
    if values.len() < 2 || is_flag {
        return (NoteKind::Watched, Vec::new());
    }
    let kind = if values.iter().all(|(value, _)| is_currency(value)) { NoteKind::Currency } else { NoteKind::Watched };
    (kind, values)
}

fn is_no_sale(text: &str) -> bool {
    let text = text.to_lowercase();
    NO_SALE.iter().any(|part| text.contains(part))
}

fn is_true(text: &str) -> bool {
    ["true", "1", "1.0", "yes", "y", "t"].iter().any(|word| word.eq_ignore_ascii_case(text.trim()))
}

fn is_currency(text: &str) -> bool {
    let text = text.trim();
    let is_code = text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_alphabetic());
    is_code || CURRENCIES.contains(&text.trim_end_matches('.').to_lowercase().as_str())
}
