//! The cheapest mix of improvements that closes the gap to a target.
//!
//! Money is linear in what is added to each conversion x and to the first stage's number, and the yield is their product, so
//! min Σ cᵢ·(xᵢ − lᵢ) with Π xᵢ ≥ target and lᵢ ≤ xᵢ ≤ uᵢ is convex in the logarithms. At its optimum xᵢ = λ/cᵢ within the bounds
//! (Karush–Kuhn–Tucker), with one λ for all that makes the product meet the target.

use serde::Serialize;

use crate::reverse::flow::StageNeed;
use crate::reverse::params::ReverseParams;

/// A lever of the cheapest mix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MixLever {
    /// The stage.
    pub stage: String,
    /// Whether it is the number at the first stage, and no conversion.
    pub is_first: bool,
    /// The number or conversion as it is.
    pub from: f64,
    /// As it has to be.
    pub to: f64,
    /// Money for that.
    pub cost: f64,
}

/// The cheapest mix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mix {
    /// The levers, in the order of the stages.
    pub levers: Vec<MixLever>,
    /// Money of all together.
    pub cost: f64,
    /// What is to be expected at the last stage without it, and with it.
    pub expected: (f64, f64),
    /// What the last stage is to reach: the orders of the target, and as much above as keeps the promise of the confidence.
    pub wanted: f64,
}

/// A factor of the yield with its bounds, and money for a unit of it.
struct Factor {
    stage: usize,
    low: f64,
    high: f64,
    cost: f64,
}

impl Factor {
    /// Its value where the last money spent on each factor lifts the logarithm of the yield alike.
    fn at(&self, multiplier: f64) -> f64 {
        if self.cost > 0.0 { (multiplier / self.cost).clamp(self.low, self.high) } else { self.high }
    }
}

/// The cheapest mix that brings `wanted` to the last stage from those available; `None` where nothing can be improved or none are available.
pub(crate) fn improve(
    params: &ReverseParams,
    stages: &[StageNeed],
    wanted: f64,
    notes: &mut Vec<String>,
) -> Option<Mix> {
    let available = params.available.filter(|number| *number > 0.0)?;
    let factors = factors(params, stages, available);
    if factors.is_empty() {
        return None;
    }
    let shares: Vec<f64> = stages.iter().filter_map(|stage| stage.conversion.map(|share| share.estimate)).collect();
    let now = available * shares.iter().product::<f64>();
    let reached = |multiplier: f64| factors.iter().fold(now, |sum, factor| sum * factor.at(multiplier) / factor.low);
    let multiplier = if now >= wanted { 0.0 } else { meeting(&factors, wanted, reached) };
    let most = reached(f64::MAX);
    if most < wanted * (1.0 - 1e-12) {
        notes.push(format!(
            "All improvements together lead to {most:.0} of the {wanted:.0} wanted: the gap cannot be closed with them."
        ));
    }
    let levers: Vec<MixLever> = factors
        .iter()
        .map(|factor| {
            let to = if multiplier == 0.0 { factor.low } else { factor.at(multiplier) };
            let stage = stages[factor.stage].stage.clone();
            MixLever { stage, is_first: factor.stage == 0, from: factor.low, to, cost: factor.cost * (to - factor.low) }
        })
        .collect();
    let after = levers.iter().fold(now, |sum, lever| sum * lever.to / lever.from);
    if wanted > stages[stages.len() - 1].needed.estimate {
        notes.push(format!(
            "The mix aims {} above the target, so that its chance is about {}.",
            percent(wanted / stages[stages.len() - 1].needed.estimate - 1.0),
            percent(params.confidence)
        ));
    }
    Some(Mix { cost: levers.iter().map(|lever| lever.cost).sum(), levers, expected: (now, after), wanted })
}

fn factors(params: &ReverseParams, stages: &[StageNeed], available: f64) -> Vec<Factor> {
    let first = params.cost_per_first.map(|cost| Factor { stage: 0, low: available, high: f64::MAX, cost });
    let better = stages.iter().enumerate().filter_map(|(stage, row)| {
        let one = params.improvements.iter().find(|one| one.stage == row.stage)?;
        let low = row.conversion?.estimate;
        let high = one.most_points.map_or(1.0, |points| (low + points / 100.0).min(1.0));
        Some(Factor { stage, low, high, cost: 100.0 * one.cost_per_point })
    });
    // A first stage without a price would be all that is used.
    first.filter(|factor| factor.cost > 0.0).into_iter().chain(better).collect()
}

/// The multiplier at which the yield is what is wanted, by bisection of its logarithm.
fn meeting(factors: &[Factor], wanted: f64, reached: impl Fn(f64) -> f64) -> f64 {
    let bounds = factors.iter().filter(|factor| factor.cost > 0.0);
    let low = bounds.clone().map(|factor| factor.cost * factor.low).fold(f64::MAX, f64::min);
    let high =
        bounds.map(|factor| factor.cost * factor.high.min(factor.low * wanted.max(1.0) * 1e6)).fold(0.0, f64::max);
    let (mut low, mut high) = (low.ln(), high.max(f64::MIN_POSITIVE).ln());
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if reached(middle.exp()) >= wanted { high = middle } else { low = middle }
    }
    high.exp()
}

/// A share in percent, in words.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", (1000.0 * share).round() / 10.0)
}
