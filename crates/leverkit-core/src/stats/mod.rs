//! Statistics that the engines share. They work on slices and know no frame.
//!
//! Results depend neither on the number of threads nor on the run: sums use fixed chunks reduced in order, seeds are explicit.

mod bootstrap;
mod interval;
mod kaplan_meier;
mod kmeans;
mod multiple;
mod quantile;
mod sum;

pub use bootstrap::{bootstrap, percentile_interval};
pub use interval::{Interval, normal_quantile, wilson, wilson_share};
pub use kaplan_meier::{DayCounts, KaplanMeier, Limits};
pub use kmeans::{Clusters, kmeans};
pub use multiple::{benjamini_hochberg, benjamini_hochberg_of};
pub use quantile::{chunked_quantiles, count_quantiles, median, par_quantiles, quantiles, quantiles_of_counts};
pub use sum::{par_sum, sum};

/// What can be wrong with the arguments of a statistic.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{argument}: got {got}; expected {expected}")]
pub struct StatsError {
    /// The argument.
    pub argument: &'static str,
    /// Its value.
    pub got: String,
    /// What would do.
    pub expected: &'static str,
}

impl StatsError {
    fn new(argument: &'static str, got: &impl ToString, expected: &'static str) -> Self {
        Self { argument, got: got.to_string(), expected }
    }
}

/// Checks a confidence level.
fn check_level(level: f64) -> Result<(), StatsError> {
    if level > 0.0 && level < 1.0 { Ok(()) } else { Err(StatsError::new("level", &level, "above 0 and below 1")) }
}
