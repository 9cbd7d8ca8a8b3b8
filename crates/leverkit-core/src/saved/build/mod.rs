//! A saved ledger of more rows than memory holds.
//!
//! Rows are held until they fill their share of the memory; sorted, they are then a run in files of their own. In the end the customers are cut
//! into parts that fit the memory. A part's lines are put together from all runs, sorted and settled as those of any ledger, and appended to the
//! columns of the new edition. What is said of all lines together is read from these columns, which are mapped. So the result is, to the last bit,
//! the ledger that is built in memory: both ways lead through the same code.

mod cuts;
mod growth;
mod merge;
mod part;
mod run;

use std::path::Path;

use arrow_array::RecordBatch;

use super::About;
use super::columns::read;
use super::folder::Draft;
use super::manifest::{Contents, Manifest};
use crate::build::{LedgerBuilder, empty};
use crate::ledger::Ledger;
use crate::quality::Seen;
use crate::quality::found::Found;
use crate::signs::Signs;
use crate::{Day, Error, Memory, Roles, Table};
use growth::Growth;
use merge::Merge;
use run::Run;

/// Rows that are held, and the lines of a part, take one part of so many of the memory: to code, sort and settle them takes the others.
const SHARE: usize = 6;

/// Rows that are read at once, so that a large batch does not stand in memory twice.
const ROWS: usize = 1 << 18;

/// Where runs wait, in the folder of the edition.
const RUNS: &str = "runs";

impl Ledger {
    /// Builds a saved ledger from batches of one schema, with the memory that it may use, and opens it. The rows may be more than memory holds:
    /// what waits is in the folder meanwhile, which needs about twice the space of the ledger. The result is what [`Ledger::save`] saves.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`] and [`Ledger::save`].
    ///
    /// ```
    /// use leverkit_core::{Ledger, Memory, Roles, batch};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("shop.ledger");
    /// let days = ["2024-01-05", "2024-01-06"].map(|day| batch!("client" => ["ann", "bob"], "date" => [day; 2], "paid" => [20.0, 15.0]));
    /// let days = days.into_iter().collect::<Result<Vec<_>, _>>()?;
    /// let roles = Roles::new("client", "date").amount("paid");
    /// let ledger = Ledger::build(&days, &roles, &path, Memory::default())?;
    /// assert_eq!(ledger.amounts(), [20.0, 20.0, 15.0, 15.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn build<'a>(
        batches: impl IntoIterator<Item = &'a RecordBatch>,
        roles: &Roles,
        to: impl AsRef<Path>,
        memory: Memory,
    ) -> Result<Self, Error> {
        let mut builder = SavedBuilder::new(roles.clone(), &to, memory)?;
        batches.into_iter().try_for_each(|batch| builder.push(batch))?;
        builder.finish(&About::default(), None)?;
        Self::open(to)
    }
}

/// Builds a saved ledger from a table that comes in batches, of which memory need not hold all. Dropped before it is finished, it leaves nothing.
///
/// ```
/// use leverkit_core::{Ledger, Memory, Roles, batch, saved::{About, SavedBuilder}};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("shop.ledger");
/// let mut builder = SavedBuilder::new(Roles::new("client", "date").amount("paid"), &path, "64MiB".parse()?)?;
/// for day in ["2024-01-05", "2024-01-06"] {
///     builder.push(&batch!("client" => ["ann"], "date" => [day], "paid" => [20.0])?)?;
/// }
/// builder.finish(&About::default(), None)?;
/// assert_eq!(Ledger::open(&path)?.n_orders(), 2);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub struct SavedBuilder {
    rows: LedgerBuilder,
    /// How much memory the rows at hand take, and may take.
    held: usize,
    limit: usize,
    draft: Draft,
    runs: Vec<Run>,
    seen: Seen,
    found: Found,
    signs: Signs,
}

impl SavedBuilder {
    /// A builder without lines; the ledger is going to be in this folder.
    ///
    /// # Errors
    /// As [`Ledger::save`].
    pub fn new(roles: Roles, to: impl AsRef<Path>, memory: Memory) -> Result<Self, Error> {
        Ok(Self {
            rows: LedgerBuilder::new(roles),
            held: 0,
            limit: usize::try_from(memory.bytes()).unwrap_or(usize::MAX) / SHARE,
            draft: Draft::begin(to.as_ref())?,
            runs: Vec::new(),
            seen: Seen::default(),
            found: Found::default(),
            signs: Signs::default(),
        })
    }

    /// Reads a batch; all must have the same columns.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`]; [`Error::File`] where the system refuses, such as on a full disk.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let table = Table::from(batch);
        for start in (0..table.rows().max(1)).step_by(ROWS) {
            let lines = self.rows.read(&table.slice(start, ROWS))?;
            self.held += lines.bytes();
            self.rows.hold(lines)?;
            if self.held > self.limit {
                self.file()?;
            }
        }
        Ok(())
    }

    /// Sorts and saves the lines. Returns the edition. Without `as_of` the ledger looks back from the day after the last line.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`] and [`Ledger::save`].
    pub fn finish(mut self, about: &About, as_of: Option<Day>) -> Result<String, Error> {
        let looking_back = |ledger: Ledger| match as_of {
            Some(day) => ledger.with_as_of(day),
            None => ledger,
        };
        if self.runs.is_empty() {
            return looking_back(self.rows.finish()?).save_as(self.draft, about);
        }
        self.file()?;
        let (rows, mut rejected, roles) = self.rows.outcome()?;
        let mut notes = self.seen.notes(&roles);
        let waiting = self.draft.folder().join(RUNS);
        let mut growth = Growth::new(self.draft.folder(), &waiting);
        let (found, signs) = (&mut self.found, &mut self.signs);
        let size =
            Merge { roles: &roles, rejected: &mut rejected, found, signs }.run(&self.runs, self.limit, &mut growth)?;
        let rejected = rejected.in_order();
        if size.lines == 0 {
            return Err(empty(rows, &rejected));
        }
        let mut written = growth.finish()?;
        written.rejected(&rejected)?;
        notes.extend(self.signs.notes(&roles));
        let contents = Contents {
            customers: size.customers,
            orders: size.orders as usize,
            lines: size.lines as usize,
            ..Contents::of(&self.runs[0].ledger, self.draft.edition(), about, written.files)
        };
        drop(self.runs);
        std::fs::remove_dir_all(&waiting).map_err(|error| Error::file(&waiting, error))?;
        let columns = Manifest { contents, text: String::new() };
        let ledger = read(&self.draft.home(), &columns)?.conclude(rows, rejected, notes, &self.found, roles)?;
        let ledger = looking_back(ledger);
        let contents = Contents::of(&ledger, self.draft.edition(), about, columns.contents.files);
        self.draft.settle(&Manifest::of(contents)?)
    }

    /// Puts the rows at hand into files, in order.
    fn file(&mut self) -> Result<(), Error> {
        self.held = 0;
        let Some((lines, first_row)) = self.rows.take()?.filter(|(lines, _)| lines.len() > 0) else { return Ok(()) };
        self.seen.add(&lines)?;
        if let Some(ids) = &lines.orders {
            self.found.look_at_rows(&ids.values)?;
        }
        let sorted = lines.sort(self.rows.roles())?;
        self.signs.look(&sorted.ledger);
        let name = format!("{}/{RUNS}/{}", self.draft.edition(), self.runs.len());
        self.runs.push(Run::write(sorted, first_row, &self.draft.home(), &name)?);
        Ok(())
    }
}
