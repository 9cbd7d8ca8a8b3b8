//! What can go wrong in an analysis of a table, in whichever engine: its rows, its model, or its steps.

use leverkit_stats as stats;

use crate::LeftOut;
use crate::left_out::none_left;

/// Errors of the engines that read tables: effect, pricing and survey.
///
/// ```
/// use leverkit_core::analysis::Error;
/// let error = Error::parameter("level", "1.5", "a share between 0 and 1, such as 0.95");
/// assert_eq!(error.to_string(), "level: got 1.5; expected a share between 0 and 1, such as 0.95");
/// let error = Error::empty("price_index", 12, &[]);
/// assert_eq!(error.to_string(), "price_index: none of 12 rows can be used: there is no row");
/// let error = Error::not_identified("price_index", "one period; at least two are needed");
/// assert_eq!(error.to_string(), "price_index: not identified: one period; at least two are needed");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused: a column, or a parameter out of its range.
    #[error(transparent)]
    Core(#[from] crate::Error),
    /// Parts of a price that do not lead from list price to pocket price.
    #[error(
        "components: {count} of {total} rows do not add up to the cent: {}. {way}",
        .rows.join("; ")
    )]
    DoesNotAddUp {
        /// The first rows that do not, with their money.
        rows: Vec<String>,
        /// How many there are.
        count: u64,
        /// Of how many rows.
        total: u64,
        /// What would make them add up.
        way: &'static str,
    },
    /// No row is left to analyse.
    #[error("{what}: none of {rows} rows can be used: {reason}")]
    Empty {
        /// What was to be analysed.
        what: String,
        /// Rows that came in.
        rows: usize,
        /// Why none is left.
        reason: String,
    },
    /// A value that the analysis cannot use.
    #[error("{role}: column {column:?} holds {got} in row {row}; expected {expected}")]
    Value {
        /// The role of the column.
        role: String,
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// What it holds.
        got: String,
        /// What was expected, and what to do.
        expected: String,
    },
    /// A model or an effect that the data do not identify.
    #[error("{model}: not identified: {reason}")]
    NotIdentified {
        /// The design or model.
        model: String,
        /// Why, and what would help.
        reason: String,
    },
    /// Steps that came to no end.
    #[error("{what}: no solution after {steps} steps; {hint}")]
    NotConverged {
        /// What was to be solved.
        what: String,
        /// How many steps were taken.
        steps: usize,
        /// What would help.
        hint: String,
    },
}

impl Error {
    /// A parameter out of its range.
    pub fn parameter(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        crate::Error::parameter(parameter, got, expected).into()
    }

    /// None of the rows can be used, and why.
    pub fn empty(what: &str, rows: usize, left_out: &[LeftOut]) -> Self {
        Self::Empty { what: what.into(), rows, reason: none_left(left_out).into() }
    }

    /// A model that the data do not identify.
    pub fn not_identified(model: &str, reason: impl Into<String>) -> Self {
        Self::NotIdentified { model: model.into(), reason: reason.into() }
    }
}

/// What a statistic refused, of this model.
///
/// ```
/// use leverkit_core::{analysis::of_model, stats};
/// let error = of_model("met_needs")(stats::kmeans(&[1.0], &[1.0], 2).unwrap_err());
/// assert_eq!(error.to_string(), "k: got 2; expected 1 to the number of distinct values");
/// ```
pub fn of_model(model: &str) -> impl Fn(stats::Error) -> Error {
    move |error| match error {
        stats::Error::Parameter { parameter, got, expected } => Error::parameter(parameter, got, expected),
        stats::Error::NotConverged { what, steps, hint } => {
            Error::NotConverged { what: what.into(), steps, hint: hint.into() }
        }
        stats::Error::NotIdentified { reason } => Error::not_identified(model, reason),
        other => Error::not_identified(model, other.to_string()),
    }
}

impl From<stats::Error> for Error {
    fn from(error: stats::Error) -> Self {
        of_model("statistic")(error)
    }
}
