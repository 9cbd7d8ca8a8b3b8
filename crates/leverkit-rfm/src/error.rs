//! What can go wrong in scoring.

/// Errors of the RFM engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused, or a parameter is out of its range.
    #[error(transparent)]
    Core(#[from] leverkit_core::Error),
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
        let (parameter, got, expected) = (parameter.into(), got.into(), expected.into());
        leverkit_core::Error::Parameter { parameter, got, expected }.into()
    }

    pub(crate) fn format(what: &str, reason: &impl ToString) -> Self {
        Self::Format { what: what.into(), reason: reason.to_string() }
    }
}

fn claim(found: &[String]) -> String {
    if found.is_empty() { "no segment".into() } else { found.join(" and ") }
}
