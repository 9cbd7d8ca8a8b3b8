//! What became of every input row: kept, or set aside with its number and reason; and what is worth knowing of the kept.

pub(crate) mod copies;
mod dates;
mod dirt;
pub(crate) mod found;
mod id_columns;
mod id_texts;
mod ids;
mod note;
pub(crate) mod notes;
mod rejected;
mod same;
mod watched;

use std::sync::Arc;

use leverkit_stats::Summing;
use leverkit_stats::budget::Watched;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Roles;
use crate::left_out::Reason;

pub use note::{NoteKind, QualityNote};
pub use rejected::Rejected;
pub(crate) use rejected::{Essentials, Fault, Faulty};
pub(crate) use watched::Seen;

impl Reason {
    /// The reasons for which a ledger leaves rows out, in the order in which a row is checked.
    pub const LEDGER: [Self; 8] = [
        Self::NullCustomer,
        Self::NullTime,
        Self::UnreadableTime,
        Self::TimeOutOfRange,
        Self::NullAmount,
        Self::InfiniteAmount,
        Self::ReturnDropped,
        Self::DuplicateDropped,
    ];

    /// The role of a ledger whose value is at fault; empty for reasons of other tables, and where it is the whole row.
    pub fn role(self) -> &'static str {
        match self {
            Self::NullCustomer => "customer",
            Self::NullTime | Self::UnreadableTime | Self::TimeOutOfRange => "time",
            Self::NullAmount | Self::InfiniteAmount | Self::ReturnDropped => "amount",
            _ => "",
        }
    }

    /// Whether rows left out for this reason can carry a known amount.
    pub(crate) fn knows_amount(self) -> bool {
        !matches!(self, Self::NullAmount | Self::InfiniteAmount)
    }

    /// Whether rows are left out for this reason because the user asked for it.
    pub(crate) fn is_asked(self) -> bool {
        matches!(self, Self::ReturnDropped | Self::DuplicateDropped)
    }

    /// What would have been accepted.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::NullCustomer => "a customer id",
            Self::NullTime | Self::UnreadableTime => {
                "a date, a datetime or ISO 8601 text such as 2024-01-31, or text as time_format has it"
            }
            Self::TimeOutOfRange => "a time from 1900-01-01 to 2100-12-31",
            Self::NullAmount | Self::InfiniteAmount => "a finite number",
            Self::ReturnDropped => "a purchase",
            _ => "another value",
        }
    }

    /// The reason in a word or two, as a list of reasons has it.
    fn in_brief(self) -> &'static str {
        match self {
            Self::NullCustomer => "no customer",
            Self::NullTime => "no time",
            Self::NullAmount => "no amount",
            other => other.text(),
        }
    }
}

/// Rows and the money they carry.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Number of rows.
    pub rows: u64,
    /// The sum of their amounts, as far as these are finite.
    #[serde(with = "crate::exact::amount")]
    pub amount: f64,
}

impl Tally {
    /// Some lines of a ledger.
    pub(crate) fn of(lines: &[u32], amounts: &[f64]) -> Self {
        let mut money = Summing::default();
        lines.iter().for_each(|&line| money.add(amounts[line as usize]));
        Self { rows: lines.len() as u64, amount: money.total() }
    }

    fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.amount += other.amount;
    }

    fn add(&mut self, amount: f64) {
        self.rows += 1;
        if amount.is_finite() {
            self.amount += amount;
        }
    }
}

/// What became of the input rows. A slice of a ledger keeps that of the input from which it came.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// Rows that came in.
    pub rows: u64,
    /// Lines of the ledger.
    pub kept: Tally,
    /// Of these, returns: lines with a negative amount or quantity that are no deductions.
    pub returns: Tally,
    /// Of the returns, those without a purchase in the same order.
    pub returns_without_order: Tally,
    /// Rows set aside, by reason.
    pub set_aside: Vec<(Reason, Tally)>,
    /// Kept lines whose optional value is unknown: (role or column, lines).
    pub unknown: Vec<(String, u64)>,
    /// What else is worth knowing, with what to do about it.
    pub notes: Vec<QualityNote>,
}

impl Quality {
    /// Rows set aside for any reason.
    pub fn rows_set_aside(&self) -> u64 {
        self.set_aside.iter().map(|(_, tally)| tally.rows).sum()
    }

    /// What was set aside and why, in a sentence without its full stop; `None` where nothing was.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// let lines = batch!("c" => [Some("ann"), None], "t" => ["2024-01-05", "2024-01-06"], "a" => [20.0, 15.0])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// assert_eq!(ledger.quality().summary().unwrap(), "1 of 2 rows (50 %, 15.00) were set aside: no customer");
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn summary(&self) -> Option<String> {
        let mut reasons = self.set_aside.clone();
        reasons.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.rows));
        let set_aside = self.rows_set_aside();
        let names: Vec<String> = match reasons.as_slice() {
            [] => return None,
            [(reason, _)] => vec![reason.in_brief().into()],
            several => {
                several.iter().map(|(reason, tally)| format!("{} ({})", reason.in_brief(), tally.rows)).collect()
            }
        };
        let known: Vec<f64> =
            reasons.iter().filter(|(reason, _)| reason.knows_amount()).map(|(_, tally)| tally.amount).collect();
        let money = if known.is_empty() { String::new() } else { format!(", {:.2}", known.iter().sum::<f64>()) };
        let share = percent(set_aside as f64 / self.rows as f64);
        Some(format!("{set_aside} of {} rows ({share}{money}) were set aside: {}", self.rows, names.join(", ")))
    }

    /// Adds what became of another ledger's rows.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.kept.merge(&other.kept);
        self.returns.merge(&other.returns);
        self.returns_without_order.merge(&other.returns_without_order);
        merge_by_key(&mut self.set_aside, &other.set_aside, Tally::merge);
        merge_by_key(&mut self.unknown, &other.unknown, |rows, more| *rows += more);
        for note in &other.notes {
            match self.notes.iter_mut().find(|known| known.is_about_what(note)) {
                Some(known) => known.merge(note),
                None => self.notes.push(note.clone()),
            }
        }
    }
}

/// A share in per cent: whole above ten, with a decimal below.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if percent >= 9.95 => format!("{percent:.0} %"),
        _ if percent >= 0.05 => format!("{} %", (percent * 10.0).round() / 10.0),
        _ => "less than 0.1 %".into(),
    }
}

/// Merges the values of equal keys and appends the others.
fn merge_by_key<K: PartialEq + Clone, V: Clone>(into: &mut Vec<(K, V)>, from: &[(K, V)], merge: impl Fn(&mut V, &V)) {
    for (key, value) in from {
        match into.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => merge(known, value),
            None => into.push((key.clone(), value.clone())),
        }
    }
}

/// What a ledger was made of: what became of the rows, and those that were set aside. Slices share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input {
    /// The roles that were asked for.
    pub(crate) roles: Roles,
    pub(crate) quality: Quality,
    pub(crate) rejected: Rejected,
}

impl Input {
    /// Whether another is the same: what became of the rows, and which were set aside.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let rows = |input: &Self| (input.rejected.rows.clone(), input.rejected.reasons.clone());
        std::ptr::eq(self, other) || (self.quality == other.quality && rows(self) == rows(other))
    }

    /// The input as counts keep it: with the first of the rows that were set aside.
    pub(crate) fn for_counts(self: Arc<Self>) -> Arc<Self> {
        if self.rejected.rows.len() <= Rejected::HEAD {
            return self;
        }
        Arc::new(Self { rejected: self.rejected.head(), ..self.as_ref().clone() })
    }

    /// Adds the input of a part, which holds other customers; its row numbers count on. What is odd in a part may not be so in the whole, but for what
    /// concerns single rows.
    pub(crate) fn add_part(&mut self, part: &Self) {
        self.rejected.append(&part.rejected.counted_from(self.quality.rows));
        self.rejected = self.rejected.head();
        self.quality.merge(&part.quality);
        self.quality.notes.retain(|note| note.kind.adds_up());
        let place = |reason: Reason| Reason::LEDGER.iter().position(|known| *known == reason);
        self.quality.set_aside.sort_by_key(|(reason, _)| place(*reason));
    }

    /// Adds another input, whose row numbers are its own.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.quality.merge(&other.quality);
        self.rejected.append(&other.rejected);
    }
}

/// The lines for which something holds.
pub(crate) fn lines_where(n_lines: usize, holds: impl Fn(usize) -> bool + Sync) -> Vec<u32> {
    const PIECE: usize = 1 << 16;
    let in_piece = |piece: usize| {
        let lines = piece * PIECE..n_lines.min((piece + 1) * PIECE);
        lines.filter(|&line| holds(line)).map(|line| line as u32).collect::<Vec<_>>()
    };
    (0..n_lines.div_ceil(PIECE)).into_par_iter().watched().map(in_piece).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_joins_reasons_and_knows_money_only_where_it_is_known() {
        let of = |rows, set_aside| Quality { rows, set_aside, ..Quality::default() }.summary();
        let tally = |rows, amount| Tally { rows, amount };
        assert_eq!(of(3, vec![]), None);
        assert_eq!(
            of(40, vec![(Reason::NullCustomer, tally(1, 5.0)), (Reason::NullAmount, tally(2, 0.0))]).unwrap(),
            "3 of 40 rows (7.5 %, 5.00) were set aside: no amount (2), no customer (1)"
        );
        assert_eq!(
            of(10_000, vec![(Reason::NullAmount, tally(2, 0.0))]).unwrap(),
            "2 of 10000 rows (less than 0.1 %) were set aside: no amount"
        );
    }
}
