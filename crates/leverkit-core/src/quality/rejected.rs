//! The rows that were set aside, and the check that does it.

use serde::Serialize;

use super::{Tally, lines_where};
use crate::columns::Times;
use crate::left_out::Reason;
use crate::{Error, Roles};

/// The rows that were set aside, in input order.
///
/// ```
/// use leverkit_core::{Ledger, Reason, Roles, batch};
/// let lines = batch!("c" => ["ann", "bob"], "t" => ["2024-01-05", "soon"], "a" => [20.0, 15.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").max_unreadable(0.5))?;
/// let rejected = ledger.rejected();
/// assert_eq!((rejected.rows[0], rejected.reasons[0], rejected.amounts[0]), (1, Reason::UnreadableTime, 15.0));
/// assert_eq!((rejected.reasons[0].role(), rejected.values[0].as_deref()), ("time", Some("soon")));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
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

    /// The same rows, whose numbers follow those of so many rows before.
    pub(crate) fn counted_from(&self, rows: u64) -> Self {
        let number = |&row: &u32| u32::try_from(rows + u64::from(row)).unwrap_or(u32::MAX);
        Self { rows: self.rows.iter().map(number).collect(), ..self.clone() }
    }

    /// So many rows that were set aside are kept in counts.
    pub(crate) const HEAD: usize = 1_000;

    /// The first rows, and the first of each reason.
    pub(crate) fn head(&self) -> Self {
        let mut head = Self::default();
        for (place, &reason) in self.reasons.iter().enumerate() {
            if place < Self::HEAD || head.first(reason).is_none() {
                head.push(self.rows[place], reason, self.values[place].clone(), self.amounts[place]);
            }
        }
        head
    }

    pub(crate) fn push(&mut self, row: u32, reason: Reason, value: Option<String>, amount: f64) {
        self.rows.push(row);
        self.reasons.push(reason);
        self.values.push(value);
        self.amounts.push(amount);
    }

    /// The same rows in input order.
    pub(crate) fn in_order(&self) -> Self {
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        places.sort_by_key(|&place| self.rows[place]);
        let mut sorted = Self::default();
        for place in places {
            sorted.push(self.rows[place], self.reasons[place], self.values[place].clone(), self.amounts[place]);
        }
        sorted
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

    /// Fails where more times than are allowed are there but cannot be read: a whole column is written in another way.
    pub(crate) fn check_unreadable(&self, count: usize, rows: usize, roles: &Roles) -> Result<(), Error> {
        const ALLOWED: f64 = 0.05;
        let allowed = roles.max_unreadable.unwrap_or(ALLOWED);
        // One row is a slip, whatever its share.
        let Some(first) = self.first(Reason::UnreadableTime) else { return Ok(()) };
        if count < 2 || count as f64 <= allowed * rows as f64 {
            return Ok(());
        }
        Err(Error::Unreadable {
            role: "time".into(),
            column: roles.time.clone(),
            count,
            rows,
            row: self.rows[first] as usize,
            value: self.values[first].clone().unwrap_or_default(),
            expected: roles.time_format.as_ref().map_or_else(
                || "ISO 8601 text such as 2024-01-31 or time_format=… such as \"%d.%m.%Y\"".into(),
                |format| format!("text as time_format={format:?} has it"),
            ),
            allow: "max_unreadable".into(),
        })
    }

    /// How many rows were set aside for a reason.
    pub(crate) fn count(&self, reason: Reason) -> usize {
        self.reasons.iter().filter(|&&known| known == reason).count()
    }

    fn first(&self, reason: Reason) -> Option<usize> {
        self.reasons.iter().position(|&known| known == reason)
    }

    /// Why no row is left: the reasons, biggest first, with a value of each.
    pub(crate) fn hint(&self, tallies: &[(Reason, Tally)]) -> String {
        let mut tallies = tallies.to_vec();
        tallies.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.rows));
        let sentences = tallies.into_iter().map(|(reason, tally)| {
            let value = self.first(reason).and_then(|first| self.values[first].as_deref());
            sentence(reason, tally.rows, value)
        });
        sentences.collect::<Vec<_>>().join("; ")
    }
}

fn sentence(reason: Reason, rows: u64, value: Option<&str>) -> String {
    let (one, many) = match reason {
        Reason::NullCustomer => ("row has no customer", "rows have no customer"),
        Reason::NullTime => ("row has no time", "rows have no time"),
        Reason::UnreadableTime => ("time could not be read", "times could not be read"),
        Reason::TimeOutOfRange => ("time is out of range", "times are out of range"),
        Reason::NullAmount => ("row has no amount", "rows have no amount"),
        Reason::InfiniteAmount => ("amount is infinite", "amounts are infinite"),
        Reason::ReturnDropped => ("row is a return, dropped as asked", "rows are returns, dropped as asked"),
        _ => ("row was left out", "rows were left out"),
    };
    let what = if rows == 1 { one } else { many };
    let shown = value.filter(|text| !text.trim().is_empty());
    match shown.filter(|_| !reason.is_asked()) {
        Some(value) => format!("{rows} {what}, such as '{value}'; expected {}", reason.expected()),
        None => format!("{rows} {what}"),
    }
}

/// The columns that decide whether a row is kept.
pub(crate) struct Essentials<'a> {
    /// Which customers are missing; `None` where none is.
    pub(crate) no_customer: Option<&'a [bool]>,
    pub(crate) times: &'a Times,
    pub(crate) amounts: &'a [f64],
}

/// Which column is at fault; the precise reason takes a look at the original value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Customer,
    Time,
    Amount,
}

/// A row that cannot be kept, with its amount.
pub(crate) struct Faulty {
    pub(crate) row: usize,
    pub(crate) fault: Fault,
    pub(crate) amount: f64,
}

impl Essentials<'_> {
    /// The rows that have a fault, with the first.
    pub(crate) fn faulty(&self) -> Vec<Faulty> {
        let rows = lines_where(self.amounts.len(), |row| self.fault(row).is_some());
        let of = |row: usize| Some(Faulty { row, fault: self.fault(row)?, amount: self.amounts[row] });
        rows.into_iter().filter_map(|row| of(row as usize)).collect()
    }

    /// The first fault of a row, if any.
    fn fault(&self, row: usize) -> Option<Fault> {
        if self.no_customer.is_some_and(|missing| missing[row]) {
            Some(Fault::Customer)
        } else if !self.times.is_valid(row) {
            Some(Fault::Time)
        } else if self.amounts[row].is_nan() {
            Some(Fault::Amount)
        } else {
            None
        }
    }
}
