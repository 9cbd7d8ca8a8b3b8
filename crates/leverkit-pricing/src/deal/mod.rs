//! Each deal: what lies between list price and margin, how far apart prices are, which discounts nothing explains, and what lies between two periods.

mod band;
mod bridge;
mod deals;
mod grid;
mod leakage;
mod lines;
mod norm;
mod params;
mod score;
mod table;
mod waterfall;

pub use band::{BAND_QUANTILES, Band, PriceBand, price_band};
pub use bridge::{Bridge, Effect, Grain, Parts, ledger_bridge, price_volume_mix};
pub use deals::{Basis, DealRoles, Deals, Size};
pub use leakage::{Leak, LeakTotal, Leakage, Outlier, leakage};
pub use norm::{DiscountNorm, Knot};
pub use params::{BandParams, BridgeParams, DealScoreParams, LeakageParams, WaterfallParams};
pub use score::{DealScores, PeerGroup, ScoredDeal, Zone, deal_score};
pub use waterfall::{
    Fall, StepChange, StepKind, Waterfall, WaterfallBuilder, WaterfallStep, comparison_batch, waterfall,
};
