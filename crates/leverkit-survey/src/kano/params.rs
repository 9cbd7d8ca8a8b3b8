//! What a Kano survey is read by.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use super::Evaluation;
use crate::answers::AnswerParams;

/// What becomes of features that most people would rather not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reverse {
    /// Reversed answers count in no coefficient.
    Leave,
    /// Where reversed answers outnumber attractive, one-dimensional and must-be ones, the two questions change places: the absence of the feature is judged.
    Flip,
}

/// How a Kano survey is read and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KanoParams {
    /// Which column is what: of each feature the functional and the dysfunctional question, and its importance if there is a third column.
    pub answers: AnswerParams,
    /// The evaluation table.
    pub evaluation: Evaluation,
    /// What becomes of features that most would rather not have.
    pub reverse: Reverse,
    /// A category is declared where the probability that it leads is at least this; of two that lead together, one is then declared in 8 % of surveys.
    pub certainty: f64,
    /// By the rule M > O > A > I a category comes before one that leads it by less than this share.
    pub tolerance: f64,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl KanoParams {
    /// The usual table and limits.
    pub fn new(answers: AnswerParams) -> Self {
        Self {
            answers,
            evaluation: Evaluation::Berger,
            reverse: Reverse::Leave,
            certainty: 0.96,
            tolerance: 0.05,
            level: 0.95,
            replicates: 2000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        self.answers.columns()
    }
}

impl Params for KanoParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::share("certainty", self.certainty)?;
        check::that((0.0..1.0).contains(&self.tolerance), "tolerance", &self.tolerance, "a share from 0, below 1")?;
        check::count("replicates", self.replicates, 1, 1_000_000)?;
        self.answers.check()
    }
}
