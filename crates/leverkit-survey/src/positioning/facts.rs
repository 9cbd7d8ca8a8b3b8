//! What is measured of brands beside what people believe of them: prices, assortments, times of delivery.

use serde::Serialize;

use super::cell::PositionCell;
use super::params::{PositionFact, PositionParams};

/// A brand on a dimension, as it is and as it is seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactCheck {
    /// The dimension.
    pub block: String,
    /// The brand.
    pub brand: String,
    /// What was measured; more is better.
    pub fact: f64,
    /// Its place by that, 1 the best; brands that are equal share it.
    pub fact_rank: usize,
    /// Its score in the eyes of respondents.
    pub score: f64,
    /// Its place by that among the brands that were measured.
    pub score_rank: usize,
    /// The chance that it is best in their eyes.
    pub best: f64,
    /// `earned`: best in fact and in their eyes; `unearned`: in their eyes only; `unnoticed`: in fact only; `not best`; or `can't tell` what they see.
    pub verdict: &'static str,
}

/// Holds scores against facts, dimension by dimension.
pub(super) fn checked(cells: &[PositionCell], params: &PositionParams) -> Vec<FactCheck> {
    let cell = |fact: &PositionFact| cells.iter().find(|cell| cell.block == fact.block && cell.brand == fact.brand);
    let known: Vec<(&PositionFact, &PositionCell)> =
        params.facts.iter().filter_map(|fact| Some((fact, cell(fact)?))).collect();
    let row = |(fact, cell): &(&PositionFact, &PositionCell)| {
        let same = || known.iter().filter(|(other, _)| other.block == fact.block);
        let fact_rank = 1 + same().filter(|(other, _)| other.value > fact.value).count();
        FactCheck {
            block: fact.block.clone(),
            brand: fact.brand.clone(),
            fact: fact.value,
            fact_rank,
            score: cell.score.estimate,
            score_rank: 1 + same().filter(|(_, other)| other.score.estimate > cell.score.estimate).count(),
            best: cell.best,
            verdict: verdict(fact_rank == 1, cell.verdict),
        }
    };
    known.iter().map(row).collect()
}

fn verdict(is_best: bool, seen: &'static str) -> &'static str {
    match (is_best, seen) {
        (true, "best") => "earned",
        (false, "best") => "unearned",
        (true, "not best") => "unnoticed",
        (false, "not best") => "not best",
        _ => "can't tell",
    }
}
