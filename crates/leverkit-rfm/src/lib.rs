#![doc = include_str!("../README.md")]
//!
//! [`measure`] takes recency, frequency and monetary value of every customer from a [`Ledger`](leverkit_core::Ledger);
//! [`score`] turns them into scores of 1 (worst) to n (best) by cut points that are part of the result, and into segments;
//! [`clusters`] groups customers by the same measures without rules, and says how many groups there are.
//! [`limit_day`] estimates how long a customer may be silent before they are a cold lead, [`norms`] what keeps a customer loyal,
//! [`triggers`] lists whom to call, [`migration`], [`cohorts`] and [`tenure`] show how customers move and stay.

mod error;
pub mod retention;
pub mod scores;

pub use error::Error;
pub use retention::*;
pub use scores::*;

#[allow(missing_docs)]
#[deprecated(note = "renamed to LimitDayBy")]
pub type By = LimitDayBy;
#[allow(missing_docs)]
#[deprecated(note = "renamed to ScoreMethod")]
pub type Method = ScoreMethod;
