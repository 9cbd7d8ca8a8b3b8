//! The reverse funnel: from a target back to what each stage must bring, and the forward funnel, its inverse.
//!
//! Stages are counts of one flow: of 5,000 leads 2,000 were qualified and 400 ordered. Expected numbers use the shares as they were seen; promises
//! ("for a 90 % chance of 1,000 orders") use what is known of them, by [`crate::posterior`]. When, and at what capacity, is left to
//! [`schedule`](mod@schedule); which stages to improve to [`improve`](mod@improve).

mod improve;
mod schedule;
mod table;

use leverkit_core::nearest;
use leverkit_core::stats::Interval;
use serde::{Deserialize, Serialize};

use crate::Error;
pub use improve::{Improvement, Lever, Mix};
pub use schedule::{Pace, Schedule, Timing, Week};

use crate::posterior::{Chain, margin, smallest};
use improve::improve;
use schedule::schedule;

/// Numbers beyond this are no plan.
const MOST: f64 = 1e15;

/// What a target counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetUnit {
    /// Numbers of the last stage.
    #[default]
    Orders,
    /// Money of the last stage: orders times average check.
    Revenue,
    /// Money that is left: orders times average check times margin, less the cost of the first stage and fixed costs.
    Profit,
}

/// What to reach, and what is known of the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReverseParams {
    /// What to reach.
    pub target: f64,
    /// What it counts.
    pub unit: TargetUnit,
    /// Stages in order, with the numbers seen at each: of those at a stage, so many came to the next.
    pub stages: Vec<(String, u64)>,
    /// The chance with which the target is to be met.
    pub confidence: f64,
    /// Money that one of the first stage costs.
    pub cost_per_first: Option<f64>,
    /// Money of one of the last stage.
    pub average_check: Option<f64>,
    /// Share of it that is left before the cost of the first stage.
    pub margin: f64,
    /// Money to be earned besides, for a target in profit.
    pub fixed_costs: f64,
    /// How many there will be at the first stage anyway.
    pub available: Option<f64>,
    /// What could be improved, at what price.
    pub improvements: Vec<Improvement>,
    /// By when, and at what pace.
    pub plan: Timing,
}

impl Default for ReverseParams {
    fn default() -> Self {
        Self {
            target: 0.0,
            unit: TargetUnit::Orders,
            stages: Vec::new(),
            confidence: 0.9,
            cost_per_first: None,
            average_check: None,
            margin: 1.0,
            fixed_costs: 0.0,
            available: None,
            improvements: Vec::new(),
            plan: Timing::default(),
        }
    }
}

/// What a stage must bring.
#[derive(Debug, Clone, Serialize)]
pub struct StageNeed {
    /// The stage.
    pub stage: String,
    /// How many were seen there.
    pub seen: u64,
    /// Share of the stage before, with the limits between which it lies with the confidence; `None` at the first.
    pub conversion: Option<Interval>,
    /// How many are needed at the conversions seen, with the limits between which it lies with the confidence.
    pub needed: Interval,
    /// The smallest number with which the chance of the target is what was asked for; `None` where no number is enough.
    pub confident: Option<u64>,
    /// How many to expect where the first stage brings its confident number.
    pub planned: Option<f64>,
}

/// The way back from a target.
#[derive(Debug, Clone, Serialize)]
pub struct Reverse {
    /// What it was computed with.
    pub params: ReverseParams,
    /// The stages, in order.
    pub stages: Vec<StageNeed>,
    /// Money for the first stage, expected; `None` without its cost.
    pub spend: Option<f64>,
    /// Money for the confident number of the first stage.
    pub confident_spend: Option<f64>,
    /// When; `None` without dates.
    pub schedule: Option<Schedule>,
    /// What to improve; `None` where nothing can be, or no number is available.
    pub mix: Option<Mix>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// How many to expect at a stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageYield {
    /// The stage.
    pub stage: String,
    /// How many, with the limits between which they lie with the confidence: what is known of the shares, and chance.
    pub expected: Interval,
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
/// [`Error::Parameter`] for fewer than two stages, equal names, counts that rise or are 0, names that are no stage, numbers out of their range, what a
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
    let flow = Flow::checked(&params.stages, params.confidence)?;
    params.check()?;
    let worth = Worth::of(params, &flow)?;
    let mut notes = Vec::new();
    let confident_first = worth.confident_first(&flow, params.confidence);
    if confident_first.is_none() {
        notes.push(format!(
            "No number of {} gives a {} chance: it is not sure enough that one brings more than it costs.",
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
        notes.push("Average check, margin and costs are taken as known: intervals are of the stages alone.".into());
    }
    Ok(Reverse { params: params.clone(), stages, spend, confident_spend, schedule, mix, notes })
}

/// From a number at the first stage to what comes of it, and the chance of a target at the last. A number with a fraction, as [`reverse`] gives, is
/// expected to bring its fraction too; limits and the chance are of whole ones.
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
    let flow = Flow::checked(stages, confidence)?;
    if !(0.0..=MOST).contains(&first) {
        return Err(Error::parameter("first", first.to_string(), "a number from 0 to 10^15"));
    }
    let rows = (0..flow.names.len()).map(|at| flow.outcome(first, at, confidence)).collect();
    let chance = target.map(|target| {
        let target = whole(target);
        flow.chain(0, flow.names.len() - 1, target as f64).chance(first as u64, target)
    });
    Ok(Forward { stages: rows, chance })
}

/// Counts by stage, checked.
struct Flow {
    names: Vec<String>,
    counts: Vec<u64>,
}

impl Flow {
    fn checked(stages: &[(String, u64)], confidence: f64) -> Result<Self, Error> {
        let (names, counts): (Vec<String>, Vec<u64>) = stages.iter().cloned().unzip();
        if names.len() < 2 {
            return Err(Error::parameter("stages", format!("{} of them", names.len()), "at least two"));
        }
        if let Some(name) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name)) {
            return Err(Error::parameter("stages", format!("{name:?} twice"), "a name for each stage"));
        }
        for (at, name) in names.iter().enumerate() {
            if counts[at] == 0 {
                let expected = "at least 1: from none seen it cannot be told what it takes";
                return Err(Error::parameter("stages", format!("0 at {name:?}"), expected));
            }
            if at > 0 && counts[at] > counts[at - 1] {
                let got = format!("{} at {name:?} after {} at {:?}", counts[at], counts[at - 1], names[at - 1]);
                return Err(Error::parameter("stages", got, "counts of one flow, none above the stage before"));
            }
        }
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(Error::parameter(
                "confidence",
                confidence.to_string(),
                "a share above 0 and below 1, such as 0.9",
            ));
        }
        Ok(Self { names, counts })
    }

    /// Share of those at a stage who come to the last.
    fn share(&self, from: usize) -> f64 {
        self.counts[self.counts.len() - 1] as f64 / self.counts[from] as f64
    }

    /// What is known of the way from a stage to another.
    fn chain(&self, from: usize, to: usize, target: f64) -> Chain {
        let steps: Vec<(u64, u64)> = self.counts[from..=to].windows(2).map(|pair| (pair[0], pair[1])).collect();
        Chain::of(&steps, target)
    }

    /// The smallest number at a stage that gives this chance of so many at the last.
    fn confident(&self, from: usize, orders: u64, confidence: f64) -> Option<u64> {
        let last = self.names.len() - 1;
        if from == last {
            return Some(orders);
        }
        let chain = self.chain(from, last, orders as f64);
        let guess = orders as f64 / chain.quantile(1.0 - confidence);
        smallest(orders, guess, MOST, |n| margin(chain.chance(n, orders), confidence))
    }

    fn need(&self, at: usize, orders: f64, confident: Option<u64>, planned: Option<f64>, confidence: f64) -> StageNeed {
        let last = self.names.len() - 1;
        let tails = [0.5 - confidence / 2.0, 0.5 + confidence / 2.0];
        let needed = orders / self.share(at);
        let [lower, upper] = if at == last {
            [needed; 2]
        } else {
            let chain = self.chain(at, last, 1.0);
            [orders / chain.quantile(tails[1]), orders / chain.quantile(tails[0])]
        };
        let conversion = (at > 0).then(|| {
            let step = self.chain(at - 1, at, 1.0);
            let estimate = self.counts[at] as f64 / self.counts[at - 1] as f64;
            // Where all came, or nearly, the estimate itself may lie outside of what is likely.
            let [lower, upper] = tails.map(|chance| step.quantile(chance));
            Interval { estimate, lower: lower.min(estimate), upper: upper.max(estimate) }
        });
        StageNeed {
            stage: self.names[at].clone(),
            seen: self.counts[at],
            conversion,
            needed: Interval { estimate: needed, lower: lower.min(needed), upper: upper.max(needed) },
            confident,
            planned,
        }
    }

    fn outcome(&self, first: f64, at: usize, confidence: f64) -> StageYield {
        let estimate = first * self.counts[at] as f64 / self.counts[0] as f64;
        let (mut lower, mut upper) = (estimate, estimate);
        let first = first as u64;
        if at > 0 && first > 0 {
            let chain = self.chain(0, at, estimate);
            // The largest number that is surpassed or met with the chance.
            let met = |chance: f64| {
                smallest(1, estimate, first as f64 + 1.0, |n| margin(1.0 - chain.chance(first, n), 1.0 - chance))
                    .map_or(first, |n| n - 1)
            };
            lower = met(0.5 + confidence / 2.0) as f64;
            upper = met(0.5 - confidence / 2.0) as f64;
        }
        StageYield { stage: self.names[at].clone(), expected: Interval { estimate, lower, upper } }
    }
}

/// What an order brings, and what it takes of them.
struct Worth {
    /// Money, or orders, to reach.
    target: f64,
    per_order: f64,
    /// What one of the first stage costs of it.
    per_first: f64,
}

impl Worth {
    fn of(params: &ReverseParams, flow: &Flow) -> Result<Self, Error> {
        let check = || {
            params.average_check.ok_or_else(|| {
                Error::parameter("average_check", "none", "money of an order, for a target in revenue or profit")
            })
        };
        let worth = match params.unit {
            TargetUnit::Orders => Self { target: params.target, per_order: 1.0, per_first: 0.0 },
            TargetUnit::Revenue => Self { target: params.target, per_order: check()?, per_first: 0.0 },
            TargetUnit::Profit => Self {
                target: params.target + params.fixed_costs,
                per_order: check()? * params.margin,
                per_first: params.cost_per_first.unwrap_or_default(),
            },
        };
        let brings = worth.per_order * flow.share(0);
        if brings <= worth.per_first {
            let got = format!("{} for each {:?}", worth.per_first, flow.names[0]);
            return Err(Error::parameter(
                "cost_per_first",
                got,
                format!("less than the {brings:.4} that it brings on average: more of them lose more"),
            ));
        }
        Ok(worth)
    }

    /// How many of the first stage are expected to reach the target.
    fn expected_first(&self, flow: &Flow) -> f64 {
        self.target / (self.per_order * flow.share(0) - self.per_first)
    }

    /// Orders to be had from so many of the first stage.
    fn orders(&self, first: f64) -> u64 {
        whole((self.target + self.per_first * first) / self.per_order)
    }

    fn confident_first(&self, flow: &Flow, confidence: f64) -> Option<u64> {
        let expected = self.expected_first(flow);
        if self.per_first == 0.0 {
            return flow.confident(0, self.orders(0.0), confidence);
        }
        let chain = flow.chain(0, flow.names.len() - 1, self.orders(expected) as f64);
        // With ever more of them chance evens out, and what is left is whether one pays for itself.
        if chain.chance_above(self.per_first / self.per_order) <= confidence {
            return None;
        }
        let pays = self.per_order * chain.quantile(1.0 - confidence) - self.per_first;
        let guess = if pays > 0.0 { self.target / pays } else { expected };
        smallest(1, guess, MOST, |n| margin(chain.chance(n, self.orders(n as f64)), confidence))
    }
}

/// A number of orders that is at least this; what a division adds to a whole number is no order.
fn whole(orders: f64) -> u64 {
    let nearest = orders.round();
    if (orders - nearest).abs() <= 1e-9 * nearest.abs() { nearest as u64 } else { orders.ceil() as u64 }
}

pub(crate) fn percent(share: f64) -> String {
    format!("{} %", (1000.0 * share).round() / 10.0)
}

impl ReverseParams {
    fn check(&self) -> Result<(), Error> {
        let positive = |name: &str, value: f64, most: f64, expected: &str| {
            let good = value > 0.0 && value <= most;
            if good { Ok(()) } else { Err(Error::parameter(name, value.to_string(), expected)) }
        };
        positive("target", self.target, MOST, "a number above 0 and at most 10^15")?;
        positive("margin", self.margin, 1.0, "a share above 0 and at most 1")?;
        if let Some(check) = self.average_check {
            positive("average_check", check, MOST, "money above 0")?;
        }
        for (name, value) in [("cost_per_first", self.cost_per_first), ("available", self.available)] {
            if let Some(value) = value.filter(|value| !(0.0..=MOST).contains(value)) {
                return Err(Error::parameter(name, value.to_string(), "a number not below 0"));
            }
        }
        if !(0.0..=MOST).contains(&self.fixed_costs) {
            return Err(Error::parameter("fixed_costs", self.fixed_costs.to_string(), "money not below 0"));
        }
        let names: Vec<&str> = self.stages.iter().map(|(name, _)| name.as_str()).collect();
        self.improvements.iter().try_for_each(|one| one.check(&names))?;
        self.plan.check(&names)
    }
}

/// Says that a name is no stage, and which is meant.
pub(crate) fn known_stage(parameter: &str, name: &str, stages: &[&str]) -> Result<usize, Error> {
    stages.iter().position(|stage| *stage == name).ok_or_else(|| {
        let hint =
            nearest(name, stages.iter().copied()).map_or(String::new(), |name| format!("; did you mean {name:?}?"));
        Error::parameter(parameter, format!("{name:?}"), format!("one of {}{hint}", stages.join(", ")))
    })
}
