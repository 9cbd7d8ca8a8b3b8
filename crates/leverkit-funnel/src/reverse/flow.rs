//! The counts of one flow: the share that comes from stage to stage, what is known of it, and the numbers that follow.

use leverkit_stats::Interval;
use serde::Serialize;

use crate::reverse::params::MOST;
use leverkit_stats::posterior::{Chain, margin, smallest};

/// What a stage must bring.
#[derive(Debug, Clone, Serialize)]
pub struct StageNeed {
    /// The stage.
    pub stage: String,
    /// How many were seen there.
    pub seen: u64,
    /// Share of the stage before, with the limits between which it lies with the confidence; `None` at the first.
    pub conversion: Option<Interval>,
    /// How many are needed at the conversions seen, with the limits between which it lies with the confidence.
    pub needed: Interval,
    /// The smallest number with which the chance of the target is what was asked for; `None` where no number is enough.
    pub confident: Option<u64>,
    /// How many to expect where the first stage brings its confident number.
    pub planned: Option<f64>,
}

/// How many to expect at a stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageYield {
    /// The stage.
    pub stage: String,
    /// How many, with the limits between which they lie with the confidence: what is known of the shares, and chance.
    pub expected: Interval,
}

/// Counts by stage, checked.
pub(crate) struct Flow {
    pub(crate) names: Vec<String>,
    counts: Vec<u64>,
}

impl Flow {
    /// Of stages that are checked.
    pub(crate) fn new(stages: &[(String, u64)]) -> Self {
        let (names, counts) = stages.iter().cloned().unzip();
        Self { names, counts }
    }

    /// Share of those at a stage who come to the last.
    pub(crate) fn share(&self, from: usize) -> f64 {
        self.counts[self.counts.len() - 1] as f64 / self.counts[from] as f64
    }

    /// What is known of the way from a stage to another.
    pub(crate) fn chain(&self, from: usize, to: usize, target: f64) -> Chain {
        let steps: Vec<(u64, u64)> = self.counts[from..=to].windows(2).map(|pair| (pair[0], pair[1])).collect();
        Chain::of(&steps, target)
    }

    /// The smallest number at a stage that gives this chance of so many at the last.
    pub(crate) fn confident(&self, from: usize, orders: u64, confidence: f64) -> Option<u64> {
        let last = self.names.len() - 1;
        if from == last {
            return Some(orders);
        }
        let chain = self.chain(from, last, orders as f64);
        let guess = orders as f64 / chain.quantile(1.0 - confidence);
        smallest(orders, guess, MOST, |n| margin(chain.chance(n, orders), confidence))
    }

    pub(crate) fn need(
        &self,
        at: usize,
        orders: f64,
        confident: Option<u64>,
        planned: Option<f64>,
        confidence: f64,
    ) -> StageNeed {
        let last = self.names.len() - 1;
        let tails = [0.5 - confidence / 2.0, 0.5 + confidence / 2.0];
        let needed = orders / self.share(at);
        let [lower, upper] = if at == last {
            [needed; 2]
        } else {
            let chain = self.chain(at, last, 1.0);
            [orders / chain.quantile(tails[1]), orders / chain.quantile(tails[0])]
        };
        let conversion = (at > 0).then(|| {
            let step = self.chain(at - 1, at, 1.0);
            let estimate = self.counts[at] as f64 / self.counts[at - 1] as f64;
            // Where all came, or nearly, the estimate itself may lie outside of what is likely.
            let [lower, upper] = tails.map(|chance| step.quantile(chance));
            Interval { estimate, lower: lower.min(estimate), upper: upper.max(estimate) }
        });
        StageNeed {
            stage: self.names[at].clone(),
            seen: self.counts[at],
            conversion,
            needed: Interval { estimate: needed, lower: lower.min(needed), upper: upper.max(needed) },
            confident,
            planned,
        }
    }

    pub(crate) fn outcome(&self, first: f64, at: usize, confidence: f64) -> StageYield {
        let estimate = first * self.counts[at] as f64 / self.counts[0] as f64;
        let (mut lower, mut upper) = (estimate, estimate);
        let first = first as u64;
        if at > 0 && first > 0 {
            let chain = self.chain(0, at, estimate);
            // The largest number that is surpassed or met with the chance.
            let met = |chance: f64| {
                smallest(1, estimate, first as f64 + 1.0, |n| margin(1.0 - chain.chance(first, n), 1.0 - chance))
                    .map_or(first, |n| n - 1)
            };
            lower = met(0.5 + confidence / 2.0) as f64;
            upper = met(0.5 - confidence / 2.0) as f64;
        }
        StageYield { stage: self.names[at].clone(), expected: Interval { estimate, lower, upper } }
    }
}
