#![doc = include_str!("../README.md")]
//!
//! [`summary`] takes frequency, recency, age and mean spend of every customer from a ledger; [`fit`] estimates a timing model by maximum likelihood, with
//! [`fit_spend`] for Gamma-Gamma; [`contest`] says which timing model suits, [`lifetime_value`] what each customer is worth.

mod contest;
mod drift;
mod error;
mod estimates;
mod fit;
mod histories;
mod models;
mod optimise;
mod params;
mod predict;
mod spend;
mod summary;
mod table;
mod unit;
mod validate;
mod value;

pub use contest::{Contender, Contest, contest};
pub use drift::ModelDrift;
pub use error::Error;
pub use estimates::{Convergence, Estimates, ParameterEstimate};
pub use fit::{Fit, fit};
pub use histories::{Columns, Covariate, Histories};
pub use models::timing::{Family, History};
pub use params::{ContestParams, FitParams, SummaryParams, ValueParams};
pub use predict::NextOrder;
pub use spend::{Independence, SpendFit, fit_spend};
pub use summary::{CustomerSummary, Summary, summary};
pub use table::{column, next_orders_batch};
pub use unit::Unit;
pub use validate::{Errors, FrequencyRow, Tracking, TrackingRow, Validation, tracking, validate};
pub use value::{CustomerValue, Values, lifetime_value};

#[allow(missing_docs)]
#[deprecated(note = "renamed to Contender")]
pub type Entry = Contender;
#[allow(missing_docs)]
#[deprecated(note = "renamed to ParameterEstimate")]
pub type Estimate = ParameterEstimate;
#[allow(missing_docs)]
#[deprecated(note = "renamed to CustomerValue")]
pub type Value = CustomerValue;

#[cfg(test)]
mod tests;
