//! Regressions: least squares with effects absorbed and clustered errors, with instruments, Poisson, and the multinomial logit.
//!
//! A [`Design`] names the columns, [`Within`] takes the effects off them, [`Spread`] says how errors depend on each other; [`least_squares`],
//! [`two_stage`] and [`poisson`] estimate. [`Fit`] is plain least squares on columns, [`LogitFit`] the logit of choices, [`Logistic`] that of yes and no.

mod cluster;
mod contrasts;
mod design;
mod effects;
mod few;
mod instruments;
mod least_squares;
mod logistic;
mod logit;
mod poisson;
mod products;
mod sorted;
mod within;

pub use cluster::Spread;
pub use contrasts::{Contrasts, contrasts};
pub use design::{Design, Fitted, INTEREST, TARGET};
pub use effects::{Levels, Ranked, compact, pairs, without_singletons};
pub use few::{Covariance, FEW_CLUSTERS, SmallSample};
pub use instruments::{TwoStage, two_stage};
pub use least_squares::{Fit, least_squares};
pub use logistic::Logistic;
pub use logit::{LogitFit, Situations, softmax};
pub use poisson::{poisson, separated, without_empty_levels};
pub use products::cross_products;
pub use within::Within;
