//! What became of every input row: kept, or set aside with its number and reason.

use serde::Serialize;

use crate::columns::Times;
use crate::left_out::Reason;

impl Reason {
    /// The reasons for which a ledger leaves rows out, in the order in which a row is checked.
    pub const LEDGER: [Self; 7] = [
        Self::NullCustomer,
        Self::NullTime,
        Self::UnreadableTime,
        Self::TimeOutOfRange,
        Self::NullAmount,
        Self::InfiniteAmount,
        Self::ReturnDropped,
    ];

    /// The role of a ledger whose value is at fault; empty for reasons of other tables.
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

    /// What would have been accepted.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::NullCustomer => "a customer id",
            Self::NullTime | Self::UnreadableTime => "a date, a datetime or ISO 8601 text",
            Self::TimeOutOfRange => "a time from 1900-01-01 to 2100-12-31",
            Self::NullAmount | Self::InfiniteAmount => "a finite number",
            Self::ReturnDropped => "a purchase",
            _ => "another value",
        }
    }
}

/// Rows and the money they carry.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Tally {
    /// Number of rows.
    pub rows: u64,
    /// The sum of their amounts, as far as these are finite.
    pub amount: f64,
}

impl Tally {
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

/// What became of the input rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Quality {
    /// Rows that came in.
    pub rows: u64,
    /// Lines of the ledger.
    pub kept: Tally,
    /// Of these, returns: lines with a negative amount or quantity.
    pub returns: Tally,
    /// Of the returns, those without a purchase in the same order.
    pub returns_without_order: Tally,
    /// Rows set aside, by reason.
    pub set_aside: Vec<(Reason, Tally)>,
    /// Kept lines whose optional value is unknown: (role or column, lines).
    pub unknown: Vec<(String, u64)>,
}

impl Quality {
    /// Rows set aside for any reason.
    pub fn rows_set_aside(&self) -> u64 {
        self.set_aside.iter().map(|(_, tally)| tally.rows).sum()
    }

    /// Adds what became of another ledger's rows.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.kept.merge(&other.kept);
        self.returns.merge(&other.returns);
        self.returns_without_order.merge(&other.returns_without_order);
        merge_by_key(&mut self.set_aside, &other.set_aside, Tally::merge);
        merge_by_key(&mut self.unknown, &other.unknown, |rows, more| *rows += more);
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

/// The rows that were set aside, in input order.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Rejected {
    /// Row numbers in the input, from 0.
    pub rows: Vec<u32>,
    /// Why each was set aside.
    pub reasons: Vec<Reason>,
    /// The value at fault, as text; `None` where null.
    pub values: Vec<Option<String>>,
    /// The row's amount; NaN where that is unknown.
    pub amounts: Vec<f64>,
}

impl Rejected {
    /// Appends the rows that another ledger set aside; row numbers stay those of each input.
    pub fn append(&mut self, other: &Self) {
        self.rows.extend(&other.rows);
        self.reasons.extend(&other.reasons);
        self.values.extend(other.values.iter().cloned());
        self.amounts.extend(&other.amounts);
    }

    /// Money and rows by reason, in the order of [`Reason::LEDGER`].
    pub(crate) fn tallies(&self) -> Vec<(Reason, Tally)> {
        let mut tallies = Reason::LEDGER.map(|reason| (reason, Tally::default()));
        for (reason, &amount) in self.reasons.iter().zip(&self.amounts) {
            if let Some((_, tally)) = tallies.iter_mut().find(|(known, _)| known == reason) {
                tally.add(amount);
            }
        }
        tallies.into_iter().filter(|(_, tally)| tally.rows > 0).collect()
    }
}

/// The columns that decide whether a row is kept.
pub(crate) struct Essentials<'a> {
    /// Which customers are missing; `None` where none is.
    pub(crate) no_customer: Option<&'a [bool]>,
    pub(crate) times: &'a Times,
    pub(crate) amounts: &'a [f64],
    pub(crate) quantities: Option<&'a [f64]>,
    pub(crate) drop_returns: bool,
}

/// Which column is at fault; the precise reason takes a look at the original value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Customer,
    Time,
    Amount,
    Return,
}

impl Essentials<'_> {
    /// The first fault of a row, if any.
    pub(crate) fn fault(&self, row: usize) -> Option<Fault> {
        if self.no_customer.is_some_and(|missing| missing[row]) {
            Some(Fault::Customer)
        } else if !self.times.is_valid(row) {
            Some(Fault::Time)
        } else if self.amounts[row].is_nan() {
            Some(Fault::Amount)
        } else if self.drop_returns && self.is_return(row) {
            Some(Fault::Return)
        } else {
            None
        }
    }

    fn is_return(&self, row: usize) -> bool {
        is_return(self.amounts[row], self.quantities.map_or(0.0, |quantities| quantities[row]))
    }
}

/// A line is a return where its amount or quantity is negative.
pub(crate) fn is_return(amount: f64, quantity: f64) -> bool {
    amount < 0.0 || quantity < 0.0
}
