//! What can go wrong between a ledger and a customer's value.

/// Errors of lifetime models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused, or a parameter is out of its range.
    #[error(transparent)]
    Core(#[from] leverkit_core::Error),
    /// No customer can be summarised.
    #[error("no customer to score: {customers} customers up to {as_of}, none with an order; {hint}")]
    NothingToScore {
        /// Customers of the ledger.
        customers: usize,
        /// The last day of the calibration.
        as_of: String,
        /// What to look at.
        hint: String,
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
}

impl Error {
    pub(crate) fn parameter(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        let (parameter, got, expected) = (parameter.into(), got.into(), expected.into());
        leverkit_core::Error::Parameter { parameter, got, expected }.into()
    }

    pub(crate) fn history(column: &str, row: usize, got: f64, expected: &str) -> Self {
        let got = if got.is_nan() { "null or NaN".into() } else { got.to_string() };
        Self::History { column: column.into(), row, got, expected: expected.into() }
    }
}
