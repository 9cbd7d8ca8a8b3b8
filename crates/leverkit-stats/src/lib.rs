#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod agreement;
mod bivariate;
mod bootstrap;
pub mod budget;
mod dirichlet;
mod error;
mod estimate;
mod exact;
mod interval;
mod inverse;
mod kaplan_meier;
mod kmeans;
mod multiple;
#[cfg(feature = "regression")]
mod partition;
mod parts;
pub mod pooling;
pub mod posterior;
mod quantile;
mod ratio;
#[cfg(feature = "regression")]
pub mod regression;
mod room;
mod share;
mod stability;
mod sum;
pub mod tails;
mod weighted;

pub use agreement::adjusted_rand;
pub use bivariate::bivariate_normal;
pub use bootstrap::{bootstrap, bootstrap_interval, percentile_interval};
pub use budget::{Budget, Running, Stopped};
pub use dirichlet::dirichlet_largest;
pub use error::Error;
pub use estimate::{Estimate, FTest, Term};
pub use exact::ExactSum;
pub use interval::{Interval, normal_quantile, wilson, wilson_share};
pub use inverse::{BetaQuantiles, student_quantile};
pub use kaplan_meier::{DayCounts, KaplanMeier, Limits};
pub use kmeans::{Clusters, kmeans};
pub use multiple::{benjamini_hochberg, benjamini_hochberg_of};
#[cfg(feature = "regression")]
pub use partition::{Partition, PartitionFit, Points, partition, partition_fits};
pub use parts::{Mergeable, sums, try_sums};
pub use quantile::{
    chunked_quantiles, count_quantiles, median, par_quantiles, quantiles, quantiles_of_counts, quantiles_of_repeated,
};
pub use ratio::{Ratio, mean_share, share_limits};
pub use room::{room, zeros};
pub use share::{at_least, at_most, least_count};
pub use stability::{Drifted, Stability, stability};
pub use sum::{Summing, par_sum, sum};
pub use weighted::WeightedSpread;

/// The old name of [`Error`].
#[deprecated(note = "use `Error`")]
pub type StatsError = Error;
