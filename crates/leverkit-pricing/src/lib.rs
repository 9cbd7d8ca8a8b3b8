//! Pricing on three levels: is the price right for the market, against competitors, and in each deal.
//!
//! The deal: [`Deals`] hold rows with a list price and what came off it. [`waterfall`] leads from list price to margin, [`price_band`] shows how far
//! apart prices are, [`leakage`] who gives more than the others in comparable deals, [`deal_score`] what deals like this one were sold for, and
//! [`price_volume_mix`] what lies between two periods. The competitors: [`position`], [`value_map`], [`hedonic`] and [`leadership`]. The market:
//! [`elasticity`], [`elasticity_by`] product, and [`optimal_price`]. Prices over time: [`price_index`].
//!
//! ```
//! use leverkit_core::{Table, batch};
//! use leverkit_pricing::{DealRoles, Deals, WaterfallParams, waterfall};
//!
//! let lines = batch!("list" => [10.0, 12.0], "rebate" => [1.0, 0.5], "cost" => [6.0, 7.0], "units" => [3, 1])?;
//! let roles = DealRoles::new("list").component("rebate", "rebate").unit_cost("cost").quantity("units");
//! let found = waterfall(&Deals::from_table(&Table::from(lines), &roles)?, &WaterfallParams::default())?;
//! assert_eq!(found.total.amounts, [42.0, -3.5, 38.5, -25.0, 13.5]); // list, rebate, pocket, cost, margin
//! # Ok::<(), leverkit_pricing::Error>(())
//! ```

pub mod competitors;
pub mod deal;
pub mod demand;
pub mod indices;

pub use competitors::*;
pub use deal::*;
pub use demand::*;
pub use indices::*;
pub use leverkit_core::LeftOut;
pub use leverkit_core::analysis::Error;
pub use leverkit_core::estimates::terms_batch;
pub use leverkit_core::left_out::left_out_batch;
pub use leverkit_stats::{Estimate, Term};
