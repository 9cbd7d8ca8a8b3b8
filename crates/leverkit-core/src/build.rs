//! From record batches to a Ledger: the builder takes batches in, sets bad rows aside, and has the lines arranged.

use arrow_array::RecordBatch;

use crate::encode::Encoded;
use crate::ledger::{Ledger, NO_CODE};
use crate::left_out::Reason;
use crate::lines::Lines;
use crate::quality::{Input, Rejected, Tally};
use crate::sources::Sources;
use crate::{Column, Error, OnInvalid, Roles, Table};

impl Ledger {
    /// Builds a ledger from record batches of one schema and the roles of their columns.
    ///
    /// # Errors
    /// - [`Error::UnknownColumn`], [`Error::MissingRole`], [`Error::WrongType`] where roles and columns do not fit;
    /// - [`Error::InvalidValue`] for the first bad row with [`OnInvalid::Raise`];
    /// - [`Error::Unreadable`] where more times cannot be read than [`Roles::max_unreadable`] allows;
    /// - [`Error::Empty`] where no line is left, with the reasons;
    /// - [`Error::Parameter`] for an unknown time zone, and for [`Roles::clean`] of ids that there are not.
    ///
    /// ```
    /// use leverkit_core::{Error, Ledger, Roles, batch};
    /// let lines = batch!("client" => [Some("ann"), None], "date" => ["2024-01-05", "2024-01-06"], "paid" => [20.0, 15.0])?;
    /// let ledger = Ledger::from_batches(&[lines.clone()], &Roles::new("client", "date").amount("paid"))?;
    /// assert_eq!(ledger.rejected().rows, [1]);
    ///
    /// let error = Ledger::from_batches(&[lines], &Roles::new("clint", "date").amount("paid")).unwrap_err();
    /// assert!(matches!(error, Error::UnknownColumn { nearest: Some(name), .. } if name == "client"));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn from_batches(batches: &[RecordBatch], roles: &Roles) -> Result<Self, Error> {
        let mut builder = LedgerBuilder::new(roles.clone());
        batches.iter().try_for_each(|batch| builder.push(batch))?;
        builder.finish()
    }

    /// Builds a ledger from a table whose columns may stand in chunks.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, Table, batch};
    /// let january = batch!("client" => ["ann"], "date" => ["2024-01-05"], "paid" => [20.0])?;
    /// let february = batch!("client" => ["bob"], "date" => ["2024-02-05"], "paid" => [15.0])?;
    /// let table = Table::of_batches(&[january, february])?;
    /// let ledger = Ledger::from_table(&table, &Roles::new("client", "date").amount("paid"))?;
    /// assert_eq!(ledger.amounts(), [20.0, 15.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn from_table(table: &Table, roles: &Roles) -> Result<Self, Error> {
        let mut builder = LedgerBuilder::new(roles.clone());
        builder.push_table(table)?;
        builder.finish()
    }
}

/// Builds a ledger from a table that comes in batches. Ids and plain numbers are held where the batch has them, and copied once, into the ledger.
///
/// ```
/// use leverkit_core::{LedgerBuilder, Roles, batch};
/// let mut builder = LedgerBuilder::new(Roles::new("client", "date").amount("paid"));
/// builder.push(&batch!("client" => ["ann"], "date" => ["2024-01-05"], "paid" => [20.0])?)?;
/// builder.push(&batch!("client" => ["bob"], "date" => ["2024-01-06"], "paid" => [15.0])?)?;
/// assert_eq!(builder.finish()?.n_customers(), 2);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub struct LedgerBuilder {
    roles: Roles,
    lines: Option<Lines<Column>>,
    /// Rows that were taken out: they come before those at hand.
    taken: usize,
    rejected: Rejected,
}

impl LedgerBuilder {
    /// A builder without lines.
    pub fn new(roles: Roles) -> Self {
        Self { roles, lines: None, taken: 0, rejected: Rejected::default() }
    }

    /// Reads a batch; all must have the same columns.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.push_table(&Table::from(batch))
    }

    fn push_table(&mut self, table: &Table) -> Result<(), Error> {
        let lines = self.read(table)?;
        self.hold(lines)
    }

    /// Reads rows, and sets those aside that are bad.
    pub(crate) fn read(&mut self, table: &Table) -> Result<Lines<Column>, Error> {
        self.roles.check()?;
        let start = self.rows();
        let rows = start + table.rows();
        if rows >= NO_CODE as usize {
            return Err(Error::TooLarge { rows, limit: NO_CODE as usize - 1 });
        }
        let sources = Sources::find(table, &self.roles)?;
        let (lines, faulty) = Lines::read(&sources, &self.roles)?;
        if !faulty.is_empty() {
            let rejected = sources.describe(&faulty, start);
            if self.roles.on_invalid == OnInvalid::Raise {
                raise_first(&rejected, &self.roles)?;
            }
            self.rejected.append(&rejected);
        }
        Ok(lines)
    }

    /// Puts rows to those at hand.
    pub(crate) fn hold(&mut self, lines: Lines<Column>) -> Result<(), Error> {
        match &mut self.lines {
            None => self.lines = Some(lines),
            Some(known) => known.append(lines)?,
        }
        Ok(())
    }

    /// Rows that came in.
    pub(crate) fn rows(&self) -> usize {
        self.taken + self.lines.as_ref().map_or(0, Lines::len)
    }

    pub(crate) fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Takes the rows at hand out, coded, with the number of the first.
    pub(crate) fn take(&mut self) -> Result<Option<(Lines<Encoded>, u32)>, Error> {
        let first = self.taken as u32;
        let Some(lines) = self.lines.as_mut().map(Lines::take) else { return Ok(None) };
        self.taken += lines.len();
        let earlier = self.rejected.rows.partition_point(|&row| row < first);
        let rejected: Vec<u32> = self.rejected.rows[earlier..].iter().map(|row| row - first).collect();
        Ok(Some((lines.encode(&rejected, &self.roles)?, first)))
    }

    /// What became of the rows: their number, those that were set aside, and the roles.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where more times cannot be read than [`Roles::max_unreadable`] allows.
    pub(crate) fn outcome(self) -> Result<(usize, Rejected, Roles), Error> {
        let rows = self.rows();
        self.rejected.check_unreadable(self.rejected.count(Reason::UnreadableTime), rows, &self.roles)?;
        Ok((rows, self.rejected, self.roles))
    }

    /// Encodes and sorts the lines.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    pub fn finish(self) -> Result<Ledger, Error> {
        let rows = self.lines.as_ref().map_or(0, Lines::len);
        self.rejected.check_unreadable(self.rejected.count(Reason::UnreadableTime), rows, &self.roles)?;
        let ledger = self.part()?;
        if ledger.n_lines() == 0 { Err(empty(rows, ledger.rejected())) } else { Ok(ledger) }
    }

    /// Encodes and sorts the lines of a part of all customers: there may be none, and how many times cannot be read is for all parts together to say.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`], but for what is said of all lines; [`Error::Empty`] where there was no batch.
    ///
    /// ```
    /// use leverkit_core::{LedgerBuilder, Roles, batch};
    /// let mut builder = LedgerBuilder::new(Roles::new("client", "date").amount("paid"));
    /// builder.push(&batch!("client" => [None::<&str>], "date" => ["2024-01-05"], "paid" => [20.0])?)?;
    /// assert_eq!(builder.part()?.quality().rows_set_aside(), 1);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn part(self) -> Result<Ledger, Error> {
        let Some(lines) = self.lines else {
            return Err(empty(0, &self.rejected));
        };
        lines.encode(&self.rejected.rows, &self.roles)?.arrange(self.rejected, &self.roles)
    }
}

impl Ledger {
    /// Fails where more times could not be read than are allowed, over all parts that it was put together of.
    pub(crate) fn check_readable(&self) -> Result<(), Error> {
        let Input { roles, quality, rejected } = self.input.as_ref();
        let unread = quality.set_aside.iter().find(|(reason, _)| *reason == Reason::UnreadableTime);
        let count = unread.map_or(0, |(_, tally)| tally.rows as usize);
        rejected.check_unreadable(count, quality.rows as usize, roles)
    }
}

/// No line is left, and why.
pub(crate) fn empty(rows: usize, rejected: &Rejected) -> Error {
    none_left(rows, &rejected.tallies(), rejected)
}

/// No line is left of all parts, of whose rows the first are at hand.
pub(crate) fn none_left(rows: usize, set_aside: &[(Reason, Tally)], rejected: &Rejected) -> Error {
    let hint = if rows == 0 { "the frame is empty".into() } else { rejected.hint(set_aside) };
    Error::Empty { rows, rejected: set_aside.iter().map(|(_, tally)| tally.rows as usize).sum(), hint }
}

fn raise_first(rejected: &Rejected, roles: &Roles) -> Result<(), Error> {
    let Some(&reason) = rejected.reasons.first() else { return Ok(()) };
    let got = rejected.values[0].clone().unwrap_or_else(|| "null".into());
    Err(Error::InvalidValue {
        role: reason.role().into(),
        column: roles.column_of(reason.role()).unwrap_or_default(),
        row: rejected.rows[0] as usize,
        got: if got.trim().is_empty() { format!("{got:?}") } else { got },
        reason: reason.text().into(),
        expected: reason.expected().into(),
    })
}
