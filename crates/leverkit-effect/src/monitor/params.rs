//! What a running test is watched with: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

/// How the error is spent as information comes in (Lan & `DeMets` 1983).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// Little at first: only great effects stop early.
    ObrienFleming,
    /// About evenly.
    Pocock,
}

/// Which column is what: one row per look, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonitorParams {
    /// Units seen so far, in all arms.
    pub n: String,
    /// The estimate of the effect so far.
    pub estimate: String,
    /// Its standard error.
    pub std_error: String,
    /// Units that the whole test was planned for.
    pub planned: f64,
    /// How the error is spent.
    pub spending: Spending,
    /// Confidence level of the two-sided test.
    pub level: f64,
    /// The number of units at which the confidence sequence is narrowest; by default those planned.
    pub tuned_at: Option<f64>,
}

impl MonitorParams {
    /// O'Brien & Fleming's spending at 95 %.
    pub fn new(n: &str, estimate: &str, std_error: &str, planned: f64) -> Self {
        let spending = Spending::ObrienFleming;
        let (n, estimate, std_error) = (n.into(), estimate.into(), std_error.into());
        Self { n, estimate, std_error, planned, spending, level: 0.95, tuned_at: None }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.n, &self.estimate, &self.std_error].into_iter().cloned().collect()
    }
}

impl Params for MonitorParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::above_zero("planned", self.planned)?;
        self.tuned_at.map_or(Ok(()), |n| check::above_zero("tuned_at", n))
    }
}
