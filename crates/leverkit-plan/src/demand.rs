//! What demand makes of a change of prices.

use crate::draws::Draws;
use crate::grade::Grade;

/// How demand answers, and what sales cost.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Per cent of quantity for each per cent of price, by world.
    pub elasticity: Draws,
    /// How that is known: by a model of the company's own prices, or assumed.
    pub grade: Grade,
    /// What the units of a money unit of revenue cost.
    pub cost_share: f64,
}

/// Profit that a relative change of price adds to sales of `revenue` whose units cost `cost`: quantity follows (1 + change)^elasticity.
///
/// ```
/// // A tenth more price at an elasticity of −2 loses 17 % of the units: at a margin of 30 % profit grows, at one of 60 % it falls.
/// assert!(leverkit_plan::price_change(100.0, 70.0, 0.1, -2.0) > 0.0);
/// assert!(leverkit_plan::price_change(100.0, 40.0, 0.1, -2.0) < 0.0);
/// ```
pub fn price_change(revenue: f64, cost: f64, change: f64, elasticity: f64) -> f64 {
    let quantity = (1.0 + change).powf(elasticity);
    revenue * ((1.0 + change) * quantity - 1.0) - cost * (quantity - 1.0)
}
