//! A lever: something to do, what it is worth, and how that is known.

use leverkit_core::stats::normal_quantile;
use serde::{Deserialize, Serialize};

use crate::assumptions::Share;
use crate::draws::Draws;
use crate::grade::Grade;

/// The fact that says what money would be lost a year if nothing is done.
pub(crate) const EXPECTED_LOSS: &str = "expected_loss";

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
    /// Money a year in every world that was drawn.
    #[serde(skip)]
    pub money: Draws,
    /// How that is known.
    pub grade: Grade,
    /// Whether it rests on a rule of thumb: a share that the company has neither tried nor set.
    pub by_thumb: bool,
    /// Money a year that it takes, where that is known.
    pub effort: Option<f64>,
    /// Customers, orders or deals behind the estimate.
    pub n: u64,
    /// The product, value or parameter that it is about.
    pub subject: Option<String>,
    /// Numbers that it rests on, by name.
    pub facts: Vec<(&'static str, f64)>,
    /// The share of what is at stake that the action brings.
    pub assumed: Option<Assumed>,
    /// The test that would tell it.
    pub trial: Option<Trial>,
}

/// A share that no data tell until it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumed {
    /// Its name among the [`Assumptions`](crate::Assumptions).
    pub name: &'static str,
    /// The share.
    pub share: Share,
}

/// A test of two groups drawn by lot, in each of which a share answers yes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trial {
    /// The share without the action.
    pub control: f64,
    /// The share with it, as is expected.
    pub treated: f64,
}

impl Trial {
    /// Customers or orders in each group by which a difference of two shares is found at 5 % in 80 of 100 such tests; `None` where nothing is expected.
    ///
    /// ```
    /// // Fleiss, Levin & Paik (2003), without the correction for continuity.
    /// assert_eq!(leverkit_plan::Trial { control: 0.10, treated: 0.15 }.per_arm(), Some(683));
    /// ```
    pub fn per_arm(&self) -> Option<u64> {
        let of = |share: f64| share * (1.0 - share);
        let z = normal_quantile(0.975) + normal_quantile(0.8);
        let n = z.powi(2) * (of(self.control) + of(self.treated)) / (self.control - self.treated).powi(2);
        n.is_finite().then(|| n.ceil() as u64)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A lever about nothing in particular.
    pub(crate) fn plain(name: &str) -> Lever {
        Lever {
            name: name.into(),
            engine: Engine::Rfm,
            parameter: "leads".into(),
            gain: Gain::Profit,
            money: Draws::new(vec![0.0]),
            grade: Grade::Model,
            by_thumb: false,
            effort: None,
            n: 1,
            subject: None,
            facts: Vec::new(),
            assumed: None,
            trial: None,
        }
    }
}
