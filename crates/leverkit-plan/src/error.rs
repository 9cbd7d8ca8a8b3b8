//! What can go wrong with a plan: what the engines refuse.

/// Errors of the plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused, or a parameter is out of its range.
    #[error(transparent)]
    Core(#[from] leverkit_core::Error),
    /// The engine of customers refused.
    #[error(transparent)]
    Rfm(#[from] leverkit_rfm::Error),
    /// The engine of products refused.
    #[error(transparent)]
    Funnel(#[from] leverkit_funnel::Error),
    /// The engine of prices refused.
    #[error(transparent)]
    Pricing(#[from] leverkit_pricing::Error),
    /// The profit formula refused.
    #[error(transparent)]
    Profit(#[from] leverkit_profit::Error),
}

/// A parameter out of its range.
pub(crate) fn wrong(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> leverkit_core::Error {
    leverkit_core::Error::Parameter { parameter: parameter.into(), got: got.into(), expected: expected.into() }
}
