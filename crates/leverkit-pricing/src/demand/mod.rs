//! The market: how demand answers to the price, of all or by group, and the price that earns most.

mod elasticity;
mod market;
mod numbers;
mod optimal;
mod params;
mod sample;
mod shrink;
mod table;

pub use elasticity::{Compared, Elasticity, ModelTest, elasticity};
pub use market::{market_grid, market_panel, price_reliability};
pub use optimal::{OptimalPrice, Outcome, break_even_volume, optimal_price};
pub use params::{Demand, DemandModel, ElasticityParams, ErrorSpread, OptimalPriceParams};
pub use shrink::{CategoryElasticity, ElasticityStatus, GroupElasticities, GroupElasticity, Shrunk, elasticity_by};
pub use table::outcomes_batch;
