//! What each customer is worth: models of when customers order and when they leave for good ("buy till you die"), and of what they spend.
//!
//! [`summary`] takes frequency, recency, age and mean spend of every customer from a ledger; [`fit`] estimates a timing model by maximum likelihood, with
//! [`fit_spend`] for Gamma-Gamma; [`contest`] says which timing model suits, [`lifetime_value`] what each customer is worth.
//!
//! ```
//! use leverkit_clv::{Family, Fit, SummaryParams, summary};
//! use leverkit_core::{Ledger, Roles, batch};
//!
//! let lines = batch!(
//!     "client" => [1, 1, 1, 2, 3, 3],
//!     "date" => ["2024-01-01", "2024-02-01", "2024-05-20", "2024-01-08", "2024-01-15", "2024-06-30"],
//!     "paid" => [20.0, 15.0, 30.0, 5.0, 10.0, 40.0],
//! )?;
//! let ledger = Ledger::from_batches(&[lines], &Roles::new("client", "date").amount("paid"))?;
//! let customers = summary(&ledger, &SummaryParams::default())?.histories(Family::BetaGeo)?;
//! // Three customers are too few to fit a model to: these parameters are published, of the customers of a music shop by week.
//! let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
//! let expected = model.expected_purchases(&customers, 13.0)?;
//! assert!(expected[0] > expected[1], "a customer who came back is expected to do so again");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod contest;
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
