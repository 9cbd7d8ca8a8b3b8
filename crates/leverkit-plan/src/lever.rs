//! A lever: something to do, what it is worth, and how that is known.

use leverkit_core::stats::Interval;
use serde::{Deserialize, Serialize};

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
