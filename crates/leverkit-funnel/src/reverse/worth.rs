//! What an order brings and what it takes, so that a target in money is a number of the first stage.

use crate::error::Error;
use crate::reverse::flow::Flow;
use crate::reverse::params::{MOST, ReverseParams, TargetUnit};
use leverkit_stats::posterior::{margin, smallest};

/// What an order brings, and what it takes of them.
pub(crate) struct Worth {
    /// Money, or orders, to reach.
    target: f64,
    per_order: f64,
    /// What one of the first stage costs of it.
    per_first: f64,
}

impl Worth {
    pub(crate) fn of(params: &ReverseParams, flow: &Flow) -> Result<Self, Error> {
        let check = || {
            let expected = "money of an order, for a target in revenue or profit";
            params.average_check.ok_or_else(|| Error::parameter("average_check", "none", expected))
        };
        let worth = match params.unit {
            TargetUnit::Orders => Self { target: params.target, per_order: 1.0, per_first: 0.0 },
            TargetUnit::Revenue => Self { target: params.target, per_order: check()?, per_first: 0.0 },
            TargetUnit::Profit => Self {
                target: params.target + params.fixed_costs,
                per_order: check()? * params.margin,
                per_first: params.cost_per_first.unwrap_or_default(),
            },
        };
        let brings = worth.per_order * flow.share(0);
        if brings <= worth.per_first {
            let got = format!("{} for each {:?}", worth.per_first, flow.names[0]);
            return Err(Error::parameter(
                "cost_per_first",
                got,
                format!("less than the {brings:.4} that it brings on average: more of them lose more"),
            ));
        }
        Ok(worth)
    }

    /// How many of the first stage are expected to reach the target.
    pub(crate) fn expected_first(&self, flow: &Flow) -> f64 {
        self.target / (self.per_order * flow.share(0) - self.per_first)
    }

    /// Orders to be had from so many of the first stage.
    pub(crate) fn orders(&self, first: f64) -> u64 {
        whole((self.target + self.per_first * first) / self.per_order)
    }

    pub(crate) fn confident_first(&self, flow: &Flow, confidence: f64) -> Option<u64> {
        let expected = self.expected_first(flow);
        if self.per_first == 0.0 {
            return flow.confident(0, self.orders(0.0), confidence);
        }
        let chain = flow.chain(0, flow.names.len() - 1, self.orders(expected) as f64);
        // With ever more of them chance evens out, and what is left is whether one pays for itself.
        if chain.chance_above(self.per_first / self.per_order) <= confidence {
            return None;
        }
        let pays = self.per_order * chain.quantile(1.0 - confidence) - self.per_first;
        let guess = if pays > 0.0 { self.target / pays } else { expected };
        smallest(1, guess, MOST, |n| margin(chain.chance(n, self.orders(n as f64)), confidence))
    }
}

/// A number of orders that is at least this; what a division adds to a whole number is no order.
pub(crate) fn whole(orders: f64) -> u64 {
    let nearest = orders.round();
    if (orders - nearest).abs() <= 1e-9 * nearest.abs() { nearest as u64 } else { orders.ceil() as u64 }
}
