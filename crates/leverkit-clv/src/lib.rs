//! What each customer is worth: models of when customers order and when they leave for good ("buy till you die"), and of what they spend.
//!
//! [`summary`] takes frequency, recency, age and mean spend of every customer from a ledger; [`fit`] estimates a timing model by maximum likelihood, with
//! [`fit_spend`] for Gamma-Gamma.
mod beta_geo;
mod beta_geo_beta_binom;
mod contest;
mod estimates;
mod fit;
mod gamma_gamma;
mod geometric;
mod histories;
mod likelihood;
mod modified_beta_geo;
mod optimise;
mod pareto_nbd;
mod predict;
mod regular;
mod special;
mod summary;
mod timing;
mod validate;
mod value;

pub use crate::table::{column, next_orders_batch};
pub use contest::{Contest, ContestParams, Entry, contest};
pub use estimates::{Convergence, Estimate, Estimates};
pub use fit::{Fit, FitParams, fit};
pub use gamma_gamma::{Independence, SpendFit, fit_spend};
pub use histories::{Columns, Covariate, Histories};
pub use predict::NextOrder;
pub use summary::{CustomerSummary, Summary, SummaryParams, Unit, summary};
pub use timing::{Family, History};
pub use validate::{Errors, FrequencyRow, Tracking, TrackingRow, Validation, tracking, validate};
pub use value::{Value, ValueParams, Values, lifetime_value};

#[cfg(test)]
mod tests;
