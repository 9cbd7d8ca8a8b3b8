//! What is seen of the rows as they come in, part by part: the values of columns without a role that look like a status or a currency, with rows
//! and money (nothing is done with them), and amounts that were turned.

use leverkit_stats::Summing;

use super::{NoteKind, QualityNote, Tally};
use crate::encode::Encoded;
use crate::ledger::Named;
use crate::lines::Lines;
use crate::union::Union;
use crate::{Column, Error, NO_CODE, Pieces, Roles};

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

/// What was seen of the rows as they came in: the values of watched columns, and returns whose sign was turned.
#[derive(Default)]
pub(crate) struct Seen {
    columns: Vec<Watched>,
    turned: u64,
    money: Summing,
}

/// The values of a column, with rows and money of those that are in the ledger.
struct Watched {
    name: String,
    values: Column,
    tallies: Vec<Tally>,
}

impl Seen {
    /// Looks at further rows.
    pub(crate) fn add(&mut self, lines: &Lines<Encoded>) -> Result<(), Error> {
        let is_kept = |row: usize| lines.customers.codes[row] != NO_CODE;
        for &(_, amount) in lines.turned.iter().filter(|(row, _)| is_kept(*row as usize)) {
            self.turned += 1;
            self.money.add(amount);
        }
        if self.columns.is_empty() {
            self.columns = lines.watched.iter().map(Watched::none_of).collect();
        }
        let both = self.columns.iter_mut().zip(&lines.watched);
        both.into_iter().try_for_each(|(known, column)| known.add(&column.values, &lines.amounts, is_kept))
    }

    /// What is worth knowing of them.
    pub(crate) fn notes(self, roles: &Roles) -> Vec<QualityNote> {
        let quantity = roles.quantity.as_deref().unwrap_or_default();
        let of_signs =
            |rows| QualityNote::new(NoteKind::SignTurned, ("quantity", quantity), rows, Some(self.money.total()));
        let turned = (self.turned > 0).then(|| of_signs(self.turned));
        self.columns.into_iter().flat_map(Watched::notes).chain(turned).collect()
    }
}

impl Watched {
    fn none_of(column: &Named<Encoded>) -> Self {
        Self { name: column.name.clone(), values: column.values.values.slice(0, 0), tallies: Vec::new() }
    }

    fn add(&mut self, more: &Encoded, amounts: &Pieces<f64>, is_kept: impl Fn(usize) -> bool) -> Result<(), Error> {
        let union = Union::of(&self.values, &more.values, "watched")?;
        let mut tallies = vec![Tally::default(); union.values.len()];
        for (&code, &tally) in union.first.iter().zip(&self.tallies) {
            tallies[code as usize] = tally;
        }
        let amounts = amounts.slices().into_iter().flatten();
        let rows = more.codes.iter().zip(amounts).enumerate();
        for (_, (&code, &amount)) in rows.filter(|(row, (code, _))| **code != NO_CODE && is_kept(*row)) {
            tallies[union.second[code as usize] as usize].add(amount);
        }
        (self.values, self.tallies) = (union.values, tallies);
        Ok(())
    }

    fn notes(self) -> Vec<QualityNote> {
        let texts = self.values.texts().into_iter().map(Option::unwrap_or_default);
        let mut values: Vec<(String, Tally)> = texts.zip(self.tallies).filter(|(_, tally)| tally.rows > 0).collect();
        values.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.rows));
        let (kind, told) = kind_of(&self.name, values);
        let count = told.len() as u64;
        let note = |(value, tally): (String, Tally)| {
            let note = QualityNote::new(kind, ("watched", &self.name), tally.rows, Some(tally.amount));
            note.with_value(value).with_counts(count, 0)
        };
        told.into_iter().take(SHOWN).map(note).collect()
    }
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
