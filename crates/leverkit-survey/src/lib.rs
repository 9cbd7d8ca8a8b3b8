#![doc = include_str!("../README.md")]
//!
//! What they would pay: [`van_westendorp`] asks which prices are too low and too high, [`gabor_granger`] whether they would buy at a price; [`conjoint`] takes
//! choices between products apart into what each attribute is worth, [`rating_conjoint`] ratings.
//! Who wants what: [`needs`] finds segments of respondents who answer alike. Where to stand: [`image`] tells what is said of brands beyond their size, [`correspondence`] maps counts,
//! [`similarity`] what people find alike.
//! What follows for the product: [`ahp`] weighs items by pairwise comparisons, [`house_of_quality`] characteristics by the needs that they serve.
//! What people do who said it: [`worth`] joins segments to the money of a ledger, [`met_needs`] met needs to return.

pub mod answers;
pub mod behaviour;
mod climb;
pub mod house;
pub mod kano;
pub mod maxdiff;
pub mod needs;
pub mod opportunity;
pub mod positioning;
mod sample_size;
pub mod willingness;

pub use behaviour::*;
pub use house::*;
pub use kano::{Kano, KanoParams, kano};
pub use leverkit_core::LeftOut;
pub use leverkit_core::analysis::Error;
pub use leverkit_core::design::Coding;
pub use leverkit_core::estimates::terms_batch;
pub use leverkit_core::left_out::left_out_batch;
pub use leverkit_stats::{Estimate, Term};
pub use maxdiff::{MaxDiff, MaxDiffDesign, MaxDiffDesignParams, MaxDiffParams, maxdiff, maxdiff_design};
pub use needs::*;
pub use opportunity::{Opportunity, OpportunityParams, opportunity};
pub use positioning::*;
pub use sample_size::{SampleSize, SampleSizeParams, sample_size};
pub use willingness::*;
