//! What few treated units are compared with: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

/// Which column is what: one row per unit and period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyntheticParams {
    /// The unit: a shop, a city, a state.
    pub unit: String,
    /// The period.
    pub time: String,
    /// The outcome.
    pub outcome: String,
    /// The treated units; of several the mean is taken.
    pub treated: Vec<String>,
    /// The first treated period, as a text.
    pub start: String,
    /// Confidence level.
    pub level: f64,
}

impl SyntheticParams {
    /// One treated unit.
    pub fn new(unit: &str, time: &str, outcome: &str, treated: &str, start: &str) -> Self {
        Self {
            unit: unit.into(),
            time: time.into(),
            outcome: outcome.into(),
            treated: vec![treated.into()],
            start: start.into(),
            level: 0.95,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.unit, &self.time, &self.outcome].into_iter().cloned().collect()
    }
}

impl Params for SyntheticParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::that(!self.treated.is_empty(), "treated", &self.treated, "one treated unit at least")
    }
}
