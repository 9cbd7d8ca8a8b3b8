//! The reverse funnel, from a target back to what each stage must deliver, and the forward funnel, its inverse.
//!
//! Stages are counts of one flow: of 5,000 leads, 2,000 were qualified and 400 ordered. Expected numbers use the observed shares; promises ("for a 90
//! % chance of 1,000 orders") also use their uncertainty, by [`leverkit_stats::posterior`]. [`schedule`](mod@schedule) handles dates and capacities;
//! [`improve`](mod@improve) chooses which stages to improve.

mod flow;
mod improve;
mod params;
mod schedule;
mod table;
mod worth;

use leverkit_core::{Params, check};
use serde::Serialize;

pub use flow::{StageNeed, StageYield};
pub use improve::{Mix, MixLever};
pub use params::{Improvement, ReverseParams, TargetUnit, Timing};
pub use schedule::{Pace, Schedule, Week};

use crate::error::Error;
use flow::Flow;
use improve::{improve, percent};
use params::{MOST, check_flow};
use schedule::schedule;
use worth::{Worth, whole};

/// The way back from a target.
#[derive(Debug, Clone, Serialize)]
pub struct Reverse {
    /// What it was computed with.
    pub params: ReverseParams,
    /// The stages, in order.
    pub stages: Vec<StageNeed>,
    /// Expected cost of the first stage; `None` without its cost.
    pub spend: Option<f64>,
    /// Cost of the confident number at the first stage.
    pub confident_spend: Option<f64>,
    /// When; `None` without dates.
    pub schedule: Option<Schedule>,
    /// What to improve; `None` where nothing can be, or no number is available.
    pub mix: Option<Mix>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Where a number at the first stage leads.
#[derive(Debug, Clone, Serialize)]
pub struct Forward {
    /// The stages, in order.
    pub stages: Vec<StageYield>,
    /// The chance of reaching the target; `None` without one.
    pub chance: Option<f64>,
}

/// From a target back to what each stage must bring.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for fewer than two stages, equal names, counts that rise or are 0, names that are
/// no stage, numbers out of their range, what a
/// target in money needs, or a first stage that costs more than it brings.
///
/// ```
/// use leverkit_funnel::{ReverseParams, reverse};
/// let stages = vec![("lead".into(), 5000), ("qualified".into(), 2000), ("order".into(), 400)];
/// let found = reverse(&ReverseParams { target: 1000.0, stages, ..ReverseParams::default() })?;
/// assert_eq!(found.stages[0].needed.estimate, 12_500.0);
/// assert!(found.stages[0].confident > Some(12_500));
/// # Ok::<(), leverkit_funnel::Error>(())
/// ```
pub fn reverse(params: &ReverseParams) -> Result<Reverse, Error> {
    params.check()?;
    let flow = Flow::new(&params.stages);
    let worth = Worth::of(params, &flow)?;
    let mut notes = Vec::new();
    let confident_first = worth.confident_first(&flow, params.confidence);
    if confident_first.is_none() {
        notes.push(format!(
            "No number of {} gives a {} chance: it is not certain enough that one brings in more than it costs.",
            flow.names[0],
            percent(params.confidence)
        ));
    }
    let orders = worth.expected_first(&flow) * flow.share(0);
    let sure_orders = confident_first.map(|first| worth.orders(first as f64));
    let stages: Vec<StageNeed> = (0..flow.names.len())
        .map(|at| {
            let confident = if at == 0 {
                confident_first
            } else {
                sure_orders.and_then(|orders| flow.confident(at, orders, params.confidence))
            };
            let planned = confident_first.map(|first| first as f64 * flow.share(0) / flow.share(at));
            flow.need(at, orders, confident, planned, params.confidence)
        })
        .collect();
    let spend = params.cost_per_first.map(|cost| cost * stages[0].needed.estimate);
    let confident_spend = params.cost_per_first.zip(confident_first).map(|(cost, first)| cost * first as f64);
    let schedule = schedule(&params.plan, &stages, &mut notes)?;
    let safety = confident_first.map_or(1.0, |first| first as f64 / stages[0].needed.estimate);
    let mix = improve(params, &stages, orders * safety.max(1.0), &mut notes);
    if params.unit != TargetUnit::Orders {
        notes
            .push("Average check, margin and costs are assumed to be known: intervals reflect only the stages.".into());
    }
    Ok(Reverse { params: params.clone(), stages, spend, confident_spend, schedule, mix, notes })
}

/// From a number at the first stage to the expected results, and the chance of a target at the last. A fractional number, as [`reverse`] returns,
/// brings its fraction too; limits and the chance are for whole numbers.
///
/// # Errors
/// As [`reverse`].
///
/// ```
/// let stages = vec![("lead".into(), 5000), ("order".into(), 400)];
/// let found = leverkit_funnel::forward(12_500.0, &stages, Some(1000.0), 0.9)?;
/// assert_eq!(found.stages[1].expected.estimate, 1000.0);
/// # Ok::<(), leverkit_funnel::Error>(())
/// ```
pub fn forward(first: f64, stages: &[(String, u64)], target: Option<f64>, confidence: f64) -> Result<Forward, Error> {
    check_flow(stages, confidence)?;
    check::that((0.0..=MOST).contains(&first), "first", &format_args!("{first}"), "a number from 0 to 10^15")?;
    let flow = Flow::new(stages);
    let rows = (0..flow.names.len()).map(|at| flow.outcome(first, at, confidence)).collect();
    let chance = target.map(|target| {
        let target = whole(target);
        flow.chain(0, flow.names.len() - 1, target as f64).chance(first as u64, target)
    });
    Ok(Forward { stages: rows, chance })
}
