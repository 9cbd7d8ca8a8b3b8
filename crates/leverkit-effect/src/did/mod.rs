//! Difference-in-differences with staggered joining: effects by cohort and period, and what they add up to.

mod aggregate;
mod band;
mod covariates;
mod group_time;
mod imputation;
mod params;
mod pre_trends;
mod result;
mod table;
mod two_way;
mod wild;

pub(crate) use aggregate::{dynamic, simple};
pub(crate) use band::critical_value;
pub(crate) use covariates::{Adjusted, Part, Rows};
pub(crate) use group_time::cells;
pub(crate) use params::Comparison;
pub use params::{Adjustment, Base, Control, DidParams};
pub(crate) use pre_trends::wald;
pub use pre_trends::{Bound, Wald};
pub use result::{AxisEffect, Did, GroupTime, MeanEffect, PreTrend, did};
pub(crate) use table::axis_batch;
pub use two_way::{Comparand, TwoByTwo};
