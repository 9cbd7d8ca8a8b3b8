#![doc = include_str!("../README.md")]
//!
//! A [`Formula`] is data: parameters and expressions in TOML, checked and compiled once. [`lift_table`] is the 20–20–20–20 table,
//! [`attribute`] explains a change between two periods, [`solve`] reads the formula backwards, [`simulate`] and [`sobol`] take
//! parameters that are not known for sure. [`measure`] fills the parameters from a company's own lines and books, [`plan`] spreads money
//! over levers.

mod error;
mod formula;
mod kpi;
mod measured;
mod spend;
mod uncertainty;

pub use error::Error;
pub use formula::attribution::{ChangeMethod, ProfitAttribution, attribute, attribute_rows};
pub use formula::goal::{BreakEven, break_even, solve};
pub use formula::lift::{
    Bar, Bottleneck, Interaction, Lift, Response, bottlenecks, elasticities, interactions, lift_table, tornado,
};
pub use formula::segments::{SegmentParts, attribute_segments};
pub use formula::table::{
    bars_batch, bottlenecks_batch, break_even_batch, elasticities_batch, interactions_batch, lift_batch,
};
pub use formula::{Direction, Formula, Instruction, Instructions, Kind, NamedExpression, Parameter};
pub use kpi::table::earned_batch;
pub use kpi::{Earned, JobPosition, Kpi, KpiShare, KpiSystem};
pub use measured::books::BookEntry;
pub use measured::measure;
pub use measured::norms::{OwnNorm, Way};
pub use measured::params::MeasureParams;
pub use measured::result::{Base, Measured, MeasuredPeriod, Measurement, Missing, Source};
pub use measured::segments::{MeasuredSegments, measure_by};
pub use spend::{Aim, Effort, SpendPlan, SpendStep, plan};
pub use uncertainty::distribution::Distribution;
pub use uncertainty::draws::{Correlation, Uncertain};
pub use uncertainty::importance::{SobolIndex, sobol};
pub use uncertainty::lift_limits::lift_intervals;
pub use uncertainty::table::importances_batch;
pub use uncertainty::{Simulation, Spread, simulate};

/// The old name of [`ProfitAttribution`].
#[deprecated(note = "use `ProfitAttribution`")]
pub type Attribution = ProfitAttribution;
/// The old name of [`BookEntry`].
#[deprecated(note = "use `BookEntry`")]
pub type Entry = BookEntry;
/// The old name of [`SobolIndex`].
#[deprecated(note = "use `SobolIndex`")]
pub type Importance = SobolIndex;
/// The old name of [`ChangeMethod`].
#[deprecated(note = "use `ChangeMethod`")]
pub type Method = ChangeMethod;
/// The old name of [`NamedExpression`].
#[deprecated(note = "use `NamedExpression`")]
pub type Node = NamedExpression;
/// The old name of [`SpendPlan`].
#[deprecated(note = "use `SpendPlan`")]
pub type Plan = SpendPlan;
/// The old name of [`JobPosition`].
#[deprecated(note = "use `JobPosition`")]
pub type Position = JobPosition;
/// The old name of [`SpendStep`].
#[deprecated(note = "use `SpendStep`")]
pub type Step = SpendStep;
