//! Which lever first: levers of all engines in one table, in money a year, without counting the same money twice.
//!
//! A [`Lever`] is what an engine found to do: the money it is worth a year, with limits, and the parameter of the profit formula through
//! which it works. [`plan`] moves the formula by one lever, by each pair and by all together. What levers do alone does not add up, as
//! they work on the same customers and orders; the joint effect is the truth, and each lever's part in it is its Shapley value.
//!
//! ```
//! use leverkit_core::stats::Interval;
//! use leverkit_plan::{Engine, Gain, Lever, PlanParams, plan};
//! use leverkit_profit::Formula;
//!
//! let lever = |parameter: &str, estimate: f64| Lever {
//!     name: format!("more {parameter}"),
//!     engine: Engine::Profit,
//!     parameter: parameter.into(),
//!     gain: Gain::Profit,
//!     money: Interval { estimate, lower: 0.5 * estimate, upper: 1.5 * estimate },
//!     effort: None,
//!     n: 100,
//!     subject: None,
//!     facts: vec![],
//!     assumed: None,
//! };
//! let levers = [lever("leads", 12_000.0), lever("price", 24_000.0)];
//! // 10,000 a month: 10 % more leads are worth 12,000 a year, 20 % more price 24,000, both 38,400.
//! let found = plan(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &levers, &PlanParams::default())?;
//! assert!((found.joint.estimate - 38_400.0).abs() < 1e-6);
//! assert!((found.levers[0].part.estimate + found.levers[1].part.estimate - 38_400.0).abs() < 1e-6);
//! # Ok::<(), leverkit_profit::Error>(())
//! ```

mod joint;
mod levers;
mod prices;
mod table;

use leverkit_core::stats::Interval;
use serde::{Deserialize, Serialize};

pub use joint::plan;
pub use levers::{Assumptions, Findings, close_leaks, keep_customers, recommend, shift_entries, to_norm, win_back};
pub use prices::move_prices;

/// The engine that found a lever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// RFM and customer lifetime.
    Rfm,
    /// The product funnel.
    Funnel,
    /// Pricing.
    Pricing,
    /// The profit formula.
    Profit,
}

impl Engine {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfm => "rfm",
            Self::Funnel => "funnel",
            Self::Pricing => "pricing",
            Self::Profit => "profit",
        }
    }
}

/// Which of the formula's results a lever's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gain {
    /// Revenue: the formula takes off what it costs.
    Revenue,
    /// Profit.
    Profit,
}

/// Something to do, what it is worth, and how that is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lever {
    /// Its name.
    pub name: String,
    /// The engine that found it.
    pub engine: Engine,
    /// The parameter of the formula through which it works.
    pub parameter: String,
    /// What its money is.
    pub gain: Gain,
    /// Money a year, with 95 % limits.
    pub money: Interval,
    /// Money a year that it takes, where that is known.
    pub effort: Option<f64>,
    /// Customers, orders or deals behind the estimate.
    pub n: u64,
    /// The product, value or parameter that it is about.
    pub subject: Option<String>,
    /// Numbers that it rests on, by name.
    pub facts: Vec<(&'static str, f64)>,
    /// What was taken for granted and not measured.
    pub assumed: Option<Assumed>,
}

/// A share that no data tell until it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumed {
    /// Its name among the [`Assumptions`].
    pub name: &'static str,
    /// The share.
    pub share: Interval,
}

/// How to join levers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanParams {
    /// Periods of the formula in a year: 12 for a month.
    pub periods: f64,
    /// Random draws behind the limits.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// The level of the limits that the plan gives.
    pub level: f64,
}

impl Default for PlanParams {
    fn default() -> Self {
        Self { periods: 12.0, draws: 1000, seed: 1, level: 0.95 }
    }
}

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
    pub params: PlanParams,
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
}

impl Plan {
    /// What levers claim alone, added up: more or less than the joint effect by what they share.
    pub fn claimed(&self) -> f64 {
        self.levers.iter().map(|lever| lever.alone.estimate).sum()
    }
}
