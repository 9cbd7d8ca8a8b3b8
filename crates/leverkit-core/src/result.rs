//! What every result of an analysis has: tables by name, notes, and what was left out.

use arrow_array::RecordBatch;

use crate::frames::only_finite;
use crate::left_out::LeftOut;
use crate::{Error, nearest};

/// A result of an analysis.
///
/// ```
/// # use leverkit_core::{Error, RecordBatch, Tables, batch};
/// struct Found;
///
/// impl Tables for Found {
///     const TABLES: &'static [&'static str] = &["table"];
///
///     fn make(&self, _: &str) -> Result<RecordBatch, Error> {
///         batch!("group" => ["all"], "n" => [1])
///     }
/// }
///
/// assert_eq!(Found.tables()?[0].1.num_rows(), 1);
/// assert_eq!(Found.table("tables").unwrap_err().to_string(), r#"table: got "tables"; expected one of "table"; did you mean "table"?"#);
/// # Ok::<(), Error>(())
/// ```
pub trait Tables {
    /// The names of its tables, the main one first.
    const TABLES: &'static [&'static str];

    /// Makes a table whose name is one of [`Self::TABLES`].
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn make(&self, name: &str) -> Result<RecordBatch, Error>;

    /// What to know before using the numbers.
    fn notes(&self) -> &[String] {
        &[]
    }

    /// The rows that were left out, by reason.
    fn left_out(&self) -> &[LeftOut] {
        &[]
    }

    /// The table of a name. A number that is not finite is null: what cannot be computed is unknown.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no table of that name.
    fn table(&self, name: &str) -> Result<RecordBatch, Error> {
        if Self::TABLES.contains(&name) {
            return only_finite(&self.make(name)?);
        }
        let known = Self::TABLES.iter().map(|table| format!("{table:?}")).collect::<Vec<_>>().join(", ");
        let near = nearest(name, Self::TABLES.iter().copied());
        let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        Err(Error::parameter("table", format!("{name:?}"), format!("one of {known}{hint}")))
    }

    /// All its tables, by name.
    ///
    /// # Errors
    /// As [`Self::make`].
    fn tables(&self) -> Result<Vec<(&'static str, RecordBatch)>, Error> {
        Self::TABLES.iter().map(|name| Ok((*name, self.table(name)?))).collect()
    }
}
