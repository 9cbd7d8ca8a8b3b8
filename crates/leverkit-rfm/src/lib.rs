//! RFM: who is loyal, who is slipping away, and what to do about each segment.
//!
//! [`measure`] takes recency, frequency and monetary value of every customer from a [`Ledger`](leverkit_core::Ledger);
//! [`score`] turns them into scores of 1 (worst) to n (best) by cut points that are part of the result, and into segments.
//! [`limit_day`] estimates how long a customer may be silent before they are a cold lead, [`norms`] what keeps a customer loyal,
//! [`triggers`] lists whom to call, [`migration`], [`cohorts`] and [`tenure`] show how customers move and stay.
//!
//! ```
//! use leverkit_core::{Ledger, Roles, Table, batch};
//! use leverkit_rfm::{ScoreParams, score};
//!
//! let lines = batch!(
//!     "client" => ["ann", "bob", "ann", "eve"],
//!     "date" => ["2024-01-05", "2024-01-06", "2024-02-01", "2023-01-01"],
//!     "paid" => [20.0, 15.0, 30.0, 5.0],
//! )?;
//! let ledger = Ledger::from_batches(&[lines], &Roles::new("client", "date").amount("paid"))?;
//! let scores = score(&ledger, &ScoreParams { bins: [3; 3], ..ScoreParams::default() })?;
//! assert_eq!(Table::from(scores.to_batch()?).column("segment").and_then(|column| column.text(0)), Some("Champions".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
