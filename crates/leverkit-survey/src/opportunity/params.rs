//! How importance and satisfaction are read and judged.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::answers::AnswerParams;

/// What of the answers makes importance and satisfaction, both from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Ten times the share of answers 4 and 5, as Ulwick has it.
    Top2,
    /// Twice the mean: not Ulwick's, and on a scale of its own; his limits of 10, 12 and 15 do not hold.
    Mean,
}

/// How a survey of needs is read and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityParams {
    /// Which column is what: of each need its importance and satisfaction, 1 to 5.
    pub answers: AnswerParams,
    /// What makes importance and satisfaction.
    pub measure: Measure,
    /// For how many places the probability to be among the first is given.
    pub top: usize,
    /// A need is called an opportunity, or none, where that is at least this likely.
    pub certainty: f64,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents, and draws of the posterior.
    pub replicates: usize,
    /// The seed of both.
    pub seed: u64,
}

impl OpportunityParams {
    /// Ulwick's measure, and the first ten.
    pub fn new(answers: AnswerParams) -> Self {
        Self { answers, measure: Measure::Top2, top: 10, certainty: 0.9, level: 0.95, replicates: 2000, seed: 1 }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        self.answers.columns()
    }
}

impl Params for OpportunityParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::share("certainty", self.certainty)?;
        check::count("top", self.top, 1, 1_000)?;
        check::count("replicates", self.replicates, 2, 1_000_000)?;
        self.answers.check()
    }
}
