//! How the formula is measured.

use leverkit_core::{Error, Params, Period, check};
use serde::{Deserialize, Serialize};

/// How to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeasureParams {
    /// The calendar period by which to measure.
    pub period: Period,
    /// Days of silence up to which a customer is active at the start of a period, and after which dormant.
    pub limit_day: u32,
    /// Bootstrap replicates behind each interval.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl Default for MeasureParams {
    fn default() -> Self {
        Self { period: Period::Month, limit_day: 365, replicates: 1000, seed: 1 }
    }
}

impl Params for MeasureParams {
    fn check(&self) -> Result<(), Error> {
        check::days("limit_day", self.limit_day)?;
        check::count("replicates", self.replicates, 1, 1_000_000)
    }
}
