//! What can go wrong in scoring.

/// Errors of the RFM engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused.
    #[error(transparent)]
    Core(#[from] leverkit_core::Error),
    /// A parameter is out of its range.
    #[error("{parameter}: got {got}; expected {expected}")]
    Parameter {
        /// The parameter.
        parameter: String,
        /// Its value.
        got: String,
        /// What would do.
        expected: String,
    },
    /// No customer can be scored.
    #[error("no customer to score: {customers} customers up to {as_of}, none with an order; {hint}")]
    NothingToScore {
        /// Customers of the ledger.
        customers: usize,
        /// The day from which the analysis looks back.
        as_of: String,
        /// What to look at.
        hint: String,
    },
    /// A map of segments leaves a combination of scores out, or claims it twice.
    #[error(
        "segments: scores r={r}, f={f}, m={m} fall in {}; every combination must fall in exactly one segment",
        claim(found)
    )]
    SegmentMap {
        /// Recency score.
        r: u8,
        /// Frequency score.
        f: u8,
        /// Monetary score.
        m: u8,
        /// The segments that claim it.
        found: Vec<String>,
    },
    /// A customer's history cannot be.
    #[error("{column}: row {row} holds {got}; expected {expected}")]
    History {
        /// The column.
        column: String,
        /// The row number, from 0.
        row: usize,
        /// The value.
        got: String,
        /// What would do.
        expected: String,
    },
    /// A fit found no maximum of the likelihood.
    #[error("{model} did not converge: {reason}. Tried: {tried}. {hint}")]
    Convergence {
        /// The model.
        model: String,
        /// What went wrong.
        reason: String,
        /// Starts, evaluations and where they led.
        tried: String,
        /// What to do.
        hint: String,
    },
    /// A file or text is not what it should be.
    #[error("{what}: {reason}")]
    Format {
        /// What was read.
        what: String,
        /// Why it could not be used.
        reason: String,
    },
}

impl Error {
    pub(crate) fn parameter(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Parameter { parameter: parameter.into(), got: got.into(), expected: expected.into() }
    }

    pub(crate) fn history(column: &str, row: usize, got: f64, expected: &str) -> Self {
        let got = if got.is_nan() { "null or NaN".into() } else { got.to_string() };
        Self::History { column: column.into(), row, got, expected: expected.into() }
    }

    pub(crate) fn format(what: &str, reason: &impl ToString) -> Self {
        Self::Format { what: what.into(), reason: reason.to_string() }
    }
}

fn claim(found: &[String]) -> String {
    if found.is_empty() { "no segment".into() } else { found.join(" and ") }
}
