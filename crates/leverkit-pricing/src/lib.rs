//! Pricing on three levels: is the price right for the market, against competitors, and in each deal.
//!
//! Not written yet: this crate marks the engine's place in the workspace.
