//! Pricing on three levels: is the price right for the market, against competitors, and in each deal.
//!
//! The deal: [`Deals`] hold rows with a list price and what came off it. [`waterfall`] leads from list price to margin, [`price_band`] shows how far
//! apart prices are, [`leakage`] which discounts the size of deals does not explain, [`deal_score`] what deals like this one were sold for, and
//! [`price_volume_mix`] what lies between two periods. The competitors: [`position`], [`value_map`], [`hedonic`] and [`leadership`]. The market:
//! [`elasticity`], [`elasticity_by`] product, and [`optimal_price`]. What people would pay: [`van_westendorp`], [`gabor_granger`], [`conjoint`] and
//! [`rating_conjoint`]. Prices over time: [`price_index`].
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

mod answers;
mod band;
mod bilateral;
mod bridge;
mod choices;
mod conjoint;
mod deals;
mod design;
mod elasticity;
mod error;
mod gabor_granger;
mod grid;
mod hedonic;
mod indices;
mod leadership;
mod leakage;
mod left_out;
mod lines;
mod market;
mod norm;
mod optimal;
mod part_worths;
mod position;
mod rating;
mod sales;
mod sample;
mod score;
mod shrink;
mod table;
mod value_map;
mod van_westendorp;
mod waterfall;

pub use band::{BAND_QUANTILES, Band, BandParams, PriceBand, price_band};
pub use bilateral::Formula;
pub use bridge::{Bridge, BridgeParams, Effect, Grain, Parts, price_volume_mix};
pub use conjoint::{ChoiceElasticity, Conjoint, ConjointParams, SimulatedProduct, conjoint};
pub use deals::{Basis, DealRoles, Deals, Size};
pub use design::Coding;
pub use elasticity::{Compared, DemandModel, Elasticity, ElasticityParams, ErrorSpread, ModelTest, elasticity};
pub use error::Error;
pub use gabor_granger::{BestPrice, GaborGranger, GaborGrangerParams, PriceDemand, gabor_granger};
pub use hedonic::{Hedonic, HedonicParams, Worth, hedonic};
pub use indices::{Base, Drift, IndexParams, PeriodIndex, PriceIndex, Splice, price_index};
pub use leadership::{Leadership, LeadershipParams, Reaction, leadership};
pub use leakage::{Leak, Leakage, LeakageParams, Outlier, leakage};
pub use left_out::LeftOut;
pub use leverkit_stats::{Estimate, Term};
pub use market::market_panel;
pub use norm::{Knot, Norm};
pub use optimal::{Demand, OptimalPrice, OptimalPriceParams, Outcome, break_even_volume, optimal_price};
pub use part_worths::{Importance, LevelWorth, PartWorths, Willingness};
pub use position::{Index, Position, PositionParams, ProductPosition, position};
pub use rating::{RatingConjoint, RatingParams, rating_conjoint};
pub use sales::{Sales, Turnover};
pub use score::{DealScores, Node, ScoreParams, ScoredDeal, Zone, deal_score};
pub use shrink::{CategoryElasticity, ElasticityStatus, GroupElasticities, GroupElasticity, Shrunk, elasticity_by};
pub use table::{comparison_batch, left_out_batch, outcomes_batch, simulated_batch, terms_batch};
pub use value_map::{MappedProduct, ValueMap, ValueMapParams, value_map};
pub use van_westendorp::{Intersection, PricePoint, RangeRule, Westendorp, WestendorpParams, van_westendorp};
pub use waterfall::{Fall, Step, StepChange, StepKind, Waterfall, WaterfallBuilder, WaterfallParams, waterfall};
