#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "clv")]
pub use leverkit_clv as clv;
pub use leverkit_core as core;
pub use leverkit_core::{Ledger, Roles};
#[cfg(feature = "effect")]
pub use leverkit_effect as effect;
#[cfg(feature = "funnel")]
pub use leverkit_funnel as funnel;
#[cfg(feature = "plan")]
pub use leverkit_plan as plan;
#[cfg(feature = "polars")]
pub use leverkit_polars as polars;
#[cfg(feature = "profit")]
pub use leverkit_profit as profit;
#[cfg(feature = "rfm")]
pub use leverkit_rfm as rfm;
pub use leverkit_stats as stats;
#[cfg(feature = "survey")]
pub use leverkit_survey as survey;

/// Pricing, with what people would pay from the surveys.
#[cfg(feature = "pricing")]
pub mod pricing {
    pub use leverkit_pricing::*;
    pub use leverkit_survey::Coding;
    pub use leverkit_survey::willingness::*;
}

/// The Rust in the repository's README, which is no part of this package.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
