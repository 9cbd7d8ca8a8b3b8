//! A brand on a dimension, of which positions are made and with which facts are compared.

use leverkit_core::stats::Interval;
use serde::Serialize;

/// A brand on a dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionCell {
    /// The brand.
    pub brand: String,
    /// The block of statements.
    pub block: String,
    /// Respondents who answered.
    pub n: u64,
    /// The mean, or the share at the top, with bootstrap limits.
    pub score: Interval,
    /// The chance that the brand is best on it.
    pub best: f64,
    /// Its score less the best of the others', with limits that hold for all cells at once.
    pub gap: Interval,
    /// "best", "not best" or "can't tell".
    pub verdict: &'static str,
}
