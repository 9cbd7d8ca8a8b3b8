//! Levers joined in a plan.

use leverkit_core::stats::Interval;
use serde::Serialize;

use crate::lever::Lever;
use crate::params::JoinParams;

/// A lever in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedLever {
    /// The lever.
    pub lever: Lever,
    /// Its parameter's value.
    pub value: f64,
    /// The value that earns its money.
    pub new_value: f64,
    /// Whether a bound of the parameter stopped it short.
    pub capped: bool,
    /// Profit a year of this lever alone.
    pub alone: Interval,
    /// Its part in the profit a year of all together: parts add up to the joint effect.
    pub part: Interval,
}

impl PlannedLever {
    /// What it keeps of its part after its effort, where that is known; else its part.
    pub fn net(&self) -> f64 {
        self.part.estimate - self.lever.effort.unwrap_or_default()
    }
}

/// Money that two levers would both claim.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overlap {
    /// Position of the first lever in the plan.
    pub first: usize,
    /// Position of the second.
    pub second: usize,
    /// Profit a year of each alone, less that of both: above 0 they work on the same money, below 0 they help each other.
    pub money: f64,
}

/// A lever that is not in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeverLeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Levers in one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// What it was made with.
    pub params: JoinParams,
    /// Profit a year before.
    pub profit: f64,
    /// What all levers together add to it: the total of the plan.
    pub joint: Interval,
    /// The levers, the greatest part after effort first.
    pub levers: Vec<PlannedLever>,
    /// Overlaps of all pairs.
    pub overlaps: Vec<Overlap>,
    /// What is not in the plan.
    pub left_out: Vec<LeverLeftOut>,
    /// Whether the values know any cost: without one profit is revenue.
    pub knows_costs: bool,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

impl Plan {
    /// What levers claim alone, added up: more or less than the joint effect by what they share.
    pub fn claimed(&self) -> f64 {
        self.levers.iter().map(|lever| lever.alone.estimate).sum()
    }
}
