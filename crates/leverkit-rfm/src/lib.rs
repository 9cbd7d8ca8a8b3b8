//! RFM: who is loyal, who is slipping away, and what to do about each segment.
//!
//! [`measure`] takes recency, frequency and monetary value of every customer from a [`Ledger`](leverkit_core::Ledger);
//! [`score`] turns them into scores of 1 (worst) to n (best) by cut points that are part of the result, and into segments.
//! [`limit_day`] estimates how long a customer may be silent before they are a cold lead, [`norms`] what keeps a customer loyal,
//! [`triggers`] lists whom to call, [`migration`] and [`cohorts`] show how customers move and stay.
//! [`clv`] holds the models of what each customer is worth.
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
//! let scores = score(&ledger, &ScoreParams { bins: [3; 3], ..ScoreParams::default() }.check()?)?;
//! assert_eq!(Table::from(scores.to_batch()?).column("segment").and_then(|column| column.text(0)), Some("Champions".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod clv;
mod cohorts;
mod cuts;
mod error;
mod grouping;
mod limit_day;
mod measures;
mod migration;
mod norms;
mod params;
mod rhythm;
mod score;
mod segments;
mod table;
mod triggers;

pub use cohorts::{CohortCell, Cohorts, cohorts};
pub use cuts::{Bound, Cut, Measure};
pub use error::Error;
pub use grouping::By;
pub use limit_day::{CustomerLimit, GroupLimit, LimitDays, limit_day};
pub use measures::{CustomerMeasures, Measures, measure};
pub use migration::{Flow, Migration, migration};
pub use norms::{Norm, NormWindow, Norms, norms};
pub use params::{
    CohortParams, LimitDayParams, Method, MigrationParams, Monetary, NormParams, ScoreParams, Thresholds,
    TriggerParams, ValidLimitDayParams, ValidScoreParams,
};
pub use rhythm::Rhythm;
pub use score::{ScoreModel, Scores, score};
pub use segments::{Rule, Segment, SegmentMap};
pub use table::SegmentRow;
pub use triggers::{Trigger, TriggerRow, Triggers, triggers};
