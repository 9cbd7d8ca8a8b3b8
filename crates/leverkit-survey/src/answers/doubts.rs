//! Answers in doubt: straight-lining, speeding and contradictions are counted, and left out only where asked.

use leverkit_core::stats::median;
use serde::{Deserialize, Serialize};

use super::Answers;

/// Items that a respondent must have answered to be called a straight-liner.
const LINE: usize = 4;
/// Who took less than this share of the median time is called fast.
const FAST: f64 = 1.0 / 3.0;
/// Above this share of contradictory answers a respondent is in doubt.
const CONTRADICTORY: f64 = 0.25;

/// Why a respondent's answers are in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The same answer to all items of each question, four or more of them.
    StraightLining,
    /// Less than a third of the median time.
    Speeding,
    /// More than a quarter of the answers contradict each other.
    Contradictory,
}

impl Doubt {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::StraightLining => "straight_lining",
            Self::Speeding => "speeding",
            Self::Contradictory => "contradictory",
        }
    }
}

/// What a look at the quality of answers found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was looked for: `respondents`, `dont_know`, `unanswered`, or a [`Doubt`].
    pub check: &'static str,
    /// How many respondents show it; `None` where it could not be looked for.
    pub respondents: Option<u64>,
    /// How many answers show it.
    pub answers: Option<u64>,
    /// The share of respondents.
    pub share: Option<f64>,
    /// Whether these respondents were left out.
    pub dropped: bool,
}

/// Who is a straight-liner.
pub(super) fn straight_liners(answers: &Answers) -> Vec<bool> {
    let is_line = |respondent: usize| {
        let same = |question: usize| {
            let given = (0..answers.items.len()).map(|item| answers.cells(question, item)[respondent]);
            let mut known = given.filter(|answer| !answer.is_nan());
            let Some(first) = known.next() else { return true };
            known.all(|answer| answer == first)
        };
        let full = |question: &usize| {
            (0..answers.items.len()).filter(|&item| !answers.cells(*question, item)[respondent].is_nan()).count()
                >= LINE
        };
        (0..answers.questions()).any(|question| full(&question)) && (0..answers.questions()).all(same)
    };
    (0..answers.respondents.len()).map(is_line).collect()
}

/// Who was fast; NaN is not known.
pub(super) fn speeders(seconds: &[f64]) -> Vec<bool> {
    let mut known: Vec<f64> = seconds.iter().copied().filter(|seconds| !seconds.is_nan()).collect();
    let limit = median(&mut known).map_or(f64::NEG_INFINITY, |median| FAST * median);
    seconds.iter().map(|&seconds| seconds < limit).collect()
}

/// Whether so many contradictions among so many answers are too many.
pub(super) fn is_contradictory(contradictions: u32, answers: usize) -> bool {
    f64::from(contradictions) > CONTRADICTORY * answers as f64
}
