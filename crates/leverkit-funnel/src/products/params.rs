//! The parameters of each analysis of products, and their checks.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::error::refused;

/// How to climb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LadderParams {
    /// How many steps to follow: from order 1 to 2 is the first.
    pub rungs: usize,
    /// Days within which the next order counts.
    pub horizon: u32,
    /// How customers are grouped.
    pub by: LadderBy,
    /// The level of limits.
    pub level: f64,
}

impl Default for LadderParams {
    fn default() -> Self {
        Self { rungs: 10, horizon: 365, by: LadderBy::All, level: 0.95 }
    }
}

impl Params for LadderParams {
    fn check(&self) -> Result<(), Error> {
        check::days("horizon", self.horizon)?;
        check::count("rungs", self.rungs, 1, 1000)?;
        check::share("level", self.level)
    }
}

/// How customers are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub enum LadderBy {
    /// All together.
    #[default]
    All,
    /// The product with the most money in the first order.
    EntryProduct,
    /// A dimension's value at the first order.
    Dimension(String),
}

impl From<&str> for LadderBy {
    fn from(text: &str) -> Self {
        if text == "entry_product" { Self::EntryProduct } else { Self::Dimension(text.into()) }
    }
}

impl From<Option<String>> for LadderBy {
    fn from(text: Option<String>) -> Self {
        text.as_deref().map_or(Self::All, Self::from)
    }
}

impl From<LadderBy> for Option<String> {
    fn from(by: LadderBy) -> Self {
        match by {
            LadderBy::All => None,
            LadderBy::EntryProduct => Some("entry_product".into()),
            LadderBy::Dimension(name) => Some(name),
        }
    }
}

/// How to look at entry products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryParams {
    /// Days within which the second and third order count, in ascending order.
    pub horizons: Vec<u32>,
    /// Products with fewer customers are left out.
    pub min_customers: u64,
    /// Share of false discoveries among the products that are found to differ from the average.
    pub fdr: f64,
    /// The level of limits.
    pub level: f64,
}

impl Default for EntryParams {
    fn default() -> Self {
        Self { horizons: vec![30, 60, 90, 365], min_customers: 20, fdr: 0.05, level: 0.95 }
    }
}

impl Params for EntryParams {
    fn check(&self) -> Result<(), Error> {
        self.horizons.iter().try_for_each(|days| check::days("horizons", *days))?;
        let ascend = !self.horizons.is_empty() && self.horizons.windows(2).all(|pair| pair[0] < pair[1]);
        check::that(ascend, "horizons", &self.horizons, "ascending days, at least one")?;
        check::share("fdr", self.fdr)?;
        check::share("level", self.level)
    }
}

/// From which orders to look on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// From every order.
    #[default]
    Any,
    /// From customers' first orders alone.
    First,
}

/// How to look for next products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NextParams {
    /// Days within which the next order counts.
    pub horizon: u32,
    /// How many past orders to use: 1, the products of the last order; 2, pairs of one product of the order before and one of the last.
    pub order: u8,
    /// From which orders.
    pub start: Start,
    /// How many next products to keep per state, most probable first; `None` keeps all.
    pub top: Option<usize>,
    /// The level of limits.
    pub level: f64,
}

impl Default for NextParams {
    fn default() -> Self {
        Self { horizon: 90, order: 1, start: Start::Any, top: None, level: 0.95 }
    }
}

impl Params for NextParams {
    fn check(&self) -> Result<(), Error> {
        check::days("horizon", self.horizon)?;
        check::that((1..=2).contains(&self.order), "order", &self.order, "1 or 2")?;
        if self.top == Some(0) {
            return Err(refused("top", "0", "at least 1, or none to keep all"));
        }
        check::share("level", self.level)
    }
}

/// How roles are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoleParams {
    /// The dimension that holds each product's category; without it there is neither upsell nor cross-sell.
    pub category: Option<String>,
    /// The p-value below which a product's many purchases on an occasion are not attributed to chance.
    pub alpha: f64,
}

impl Default for RoleParams {
    fn default() -> Self {
        Self { category: None, alpha: 0.001 }
    }
}

impl Params for RoleParams {
    fn check(&self) -> Result<(), Error> {
        check::share("alpha", self.alpha)
    }
}

/// How rules are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleParams {
    /// Share of false discoveries among the rules; 1 returns all pairs that were ever bought together.
    pub fdr: f64,
    /// The largest number of products in a rule, both sides together.
    pub max_size: usize,
    /// Share of orders that sets of three and more must reach; it does not apply to pairs.
    pub min_support: f64,
}

impl Default for RuleParams {
    fn default() -> Self {
        Self { fdr: 0.05, max_size: 2, min_support: 0.001 }
    }
}

impl Params for RuleParams {
    fn check(&self) -> Result<(), Error> {
        check::share_up_to_one("fdr", self.fdr)?;
        check::that((2..=8).contains(&self.max_size), "max_size", &self.max_size, "2 to 8 products")?;
        check::share_up_to_one("min_support", self.min_support)
    }
}

/// How sequences are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SequenceParams {
    /// Share of customers who must have the sequence; `None` looks for the 1,000 closed sequences that most have.
    pub min_support: Option<f64>,
    /// The most products in a sequence.
    pub max_length: usize,
    /// The largest number of days from one order of the sequence to the next; `None` for any.
    pub max_gap: Option<u32>,
}

impl Default for SequenceParams {
    fn default() -> Self {
        Self { min_support: None, max_length: 4, max_gap: None }
    }
}

impl Params for SequenceParams {
    fn check(&self) -> Result<(), Error> {
        self.min_support.map_or(Ok(()), |share| check::share_up_to_one("min_support", share))?;
        check::that((1..=16).contains(&self.max_length), "max_length", &self.max_length, "1 to 16 products")?;
        self.max_gap.map_or(Ok(()), |days| check::days("max_gap", days))
    }
}
