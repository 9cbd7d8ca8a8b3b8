//! The profit formula: how profit is made, where the bottleneck is, and what moving one parameter does to the whole.
//!
//! A [`Formula`] is data: parameters and expressions in TOML, checked and compiled once. [`lift_table`] is the 20–20–20–20 table,
//! [`attribute`] explains a change between two periods, [`solve`] reads the formula backwards, [`simulate`] and [`sobol`] take
//! parameters that are not known for sure. [`measure`] fills the parameters from a company's own lines and books, [`plan`] spreads money
//! over levers.
//!
//! ```
//! use leverkit_profit::{Formula, lift_table};
//!
//! let formula = Formula::minimal(); // leads × conversion × price × quantity
//! let table = lift_table(&formula, &[1000.0, 0.1, 50.0, 2.0], 0.20, &[])?;
//! let all_together = table.last().and_then(|row| row.profit_lift).unwrap_or_default();
//! assert!((1.0 + all_together - 2.0736).abs() < 1e-12);
//! # Ok::<(), leverkit_profit::Error>(())
//! ```

mod attribution;
mod distribution;
mod error;
mod expression;
mod formula;
mod goal;
mod kpi;
mod lift;
mod logarithm;
mod measure;
mod norms;
mod plan;
mod program;
mod sequence;
mod table;
mod tally;
mod uncertainty;

pub use attribution::{Attribution, Method, SegmentParts, attribute, attribute_rows, attribute_segments};
pub use distribution::Distribution;
pub use error::Error;
pub use formula::{Direction, Formula, Kind, Node, Parameter};
pub use goal::{BreakEven, break_even, solve};
pub use kpi::{Earned, Kpi, KpiShare, KpiSystem, Position};
pub use lift::{
    Bar, Bottleneck, Interaction, Lift, Response, bottlenecks, elasticities, interactions, lift_intervals, lift_table,
    tornado,
};
pub use measure::{Entry, MeasureParams, Measured, MeasuredPeriod, Measurement, Missing, Source, measure};
pub use plan::{Aim, Effort, Plan, Step, plan};
pub use table::{
    bars_batch, bottlenecks_batch, break_even_batch, earned_batch, elasticities_batch, importances_batch,
    interactions_batch, lift_batch,
};
pub use uncertainty::{Correlation, Importance, Simulation, Spread, Uncertain, simulate, sobol};
