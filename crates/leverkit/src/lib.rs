#![doc = include_str!("../../../README.md")]

pub use leverkit_core as core;
pub use leverkit_core::{Ledger, Roles, polars};
#[cfg(feature = "funnel")]
pub use leverkit_funnel as funnel;
#[cfg(feature = "pricing")]
pub use leverkit_pricing as pricing;
#[cfg(feature = "profit")]
pub use leverkit_profit as profit;
#[cfg(feature = "rfm")]
pub use leverkit_rfm as rfm;

#[cfg(all(feature = "rfm", feature = "funnel", feature = "pricing", feature = "profit"))]
pub mod plan;
