#![doc = include_str!("../README.md")]
//!
//! The deal: [`Deals`] hold rows with a list price and what came off it. [`waterfall`] leads from list price to margin, [`price_band`] shows how far
//! apart prices are, [`leakage`] who gives more than the others in comparable deals, [`deal_score`] what deals like this one were sold for, and
//! [`price_volume_mix`] what lies between two periods. The competitors: [`position`], [`value_map`], [`hedonic`] and [`leadership`]. The market:
//! [`elasticity`], [`elasticity_by`] product, and [`optimal_price`]. Prices over time: [`price_index`].

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
