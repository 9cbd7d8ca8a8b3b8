//! What can go wrong in a funnel.

/// Errors of the funnel engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused: a column, or a parameter out of its range.
    #[error(transparent)]
    Core(#[from] leverkit_core::Error),
    /// There is nothing to follow.
    #[error("no order to follow: {reason}")]
    NothingToFollow {
        /// Why, and what to look at.
        reason: String,
    },
    /// A value that cannot be.
    #[error("{role}: row {row} of column {column:?} holds {got}; expected {expected}")]
    Value {
        /// What the column is for.
        role: String,
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// The value.
        got: String,
        /// What would do.
        expected: String,
    },
    /// There is no event to follow.
    #[error("no events to follow: {reason}")]
    NoEvents {
        /// Why, and what to look at.
        reason: String,
    },
}

impl Error {
    pub(crate) fn no_events(reason: String) -> Self {
        Self::NoEvents { reason }
    }

    pub(crate) fn parameter(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Core(refused(parameter, got, expected))
    }
}

/// A parameter that will not do, in the data model's words.
pub(crate) fn refused(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> leverkit_core::Error {
    leverkit_core::Error::Parameter { parameter: parameter.into(), got: got.into(), expected: expected.into() }
}

impl From<leverkit_stats::Error> for Error {
    fn from(error: leverkit_stats::Error) -> Self {
        match error {
            leverkit_stats::Error::Parameter { parameter, got, expected } => Self::parameter(parameter, got, expected),
            other => Self::parameter("statistic", other.to_string(), "data that it can be computed from"),
        }
    }
}
