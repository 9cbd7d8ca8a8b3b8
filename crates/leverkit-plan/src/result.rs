//! Levers joined in a plan.

use leverkit_core::stats::Interval;
use serde::Serialize;

use crate::decide::Decision;
use crate::lever::{Lever, Trial};
use crate::params::JoinParams;

/// A lever in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedLever {
    /// The lever.
    pub lever: Lever,
    /// Its money a year, of profit or of revenue.
    pub claimed: Interval,
    /// Its parameter's value.
    pub value: f64,
    /// The value that earns the mean of its money.
    pub new_value: f64,
    /// Whether a bound of the parameter stopped it short.
    pub capped: bool,
    /// Profit a year of this lever alone.
    pub alone: Interval,
    /// Its part in the profit a year of all sure levers together: parts add up to the joint effect. `None` where it is not sure.
    pub part: Option<Interval>,
    /// The share of worlds in which it earns money.
    pub chance: f64,
    /// Its place among the others.
    pub decision: Decision,
}

impl PlannedLever {
    /// Whether it earns money in 95 % of the worlds, and rests on no rule of thumb.
    pub fn is_sure(&self) -> bool {
        self.part.is_some()
    }

    /// What it keeps after its effort, where that is known: of its part, or of what it brings alone where it is not sure.
    pub fn net(&self) -> f64 {
        self.part.unwrap_or(self.alone).estimate - self.lever.effort.unwrap_or_default()
    }

    /// Customers or orders in each group of the test that would settle it.
    pub fn test_size(&self) -> Option<u64> {
        self.lever.trial.as_ref().and_then(Trial::per_arm)
    }
}

/// Money that two levers would both claim.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overlap {
    /// Position of the first lever in the plan.
    pub first: usize,
    /// Position of the second.
    pub second: usize,
    /// Profit a year of each alone, less that of both: above 0 they work on the same money, below 0 they help each other.
    pub money: f64,
}

/// A lever that is not in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeverLeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Levers in one table.
///
/// ```
/// use leverkit_plan::{Draws, Engine, Gain, Grade, JoinParams, Lever, Trial, join};
/// use leverkit_profit::Formula;
/// let lever = |name: &str, parameter: &str, by_thumb| Lever {
///     name: name.into(),
///     engine: Engine::Profit,
///     parameter: parameter.into(),
///     gain: Gain::Revenue,
///     money: Draws::new(vec![12_000.0; 100]),
///     grade: Grade::Test,
///     by_thumb,
///     effort: Some(2_000.0),
///     n: 500,
///     subject: None,
///     facts: Vec::new(),
///     assumed: None,
///     trial: Some(Trial { control: 0.10, treated: 0.11 }),
/// };
/// let levers = [lever("ads", "leads", false), lever("script", "conversion", false), lever("bundle", "quantity", true)];
/// let found = join(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &levers, &JoinParams::default())?;
/// // The two that are sure claim 12,000 each, and help each other; what rests on a rule of thumb is to be tested.
/// assert!((found.claimed() - 24_000.0).abs() < 1e-6 && found.joint.estimate > found.claimed());
/// assert!(found.levers[0].is_sure() && (found.levers[0].net() - 10_600.0).abs() < 1.0);
/// let first = found.test_first().unwrap();
/// assert_eq!((first.lever.name.as_str(), first.is_sure()), ("bundle", false));
/// assert!(first.test_size() > Some(10_000));
/// # Ok::<(), leverkit_plan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// What it was made with.
    pub params: JoinParams,
    /// Profit a year before.
    pub profit: f64,
    /// What all sure levers together add to it: the total of the plan.
    pub joint: Interval,
    /// The levers: the sure ones, the greatest part after effort first, then those that are not sure.
    pub levers: Vec<PlannedLever>,
    /// Overlaps of all pairs of sure levers.
    pub overlaps: Vec<Overlap>,
    /// What is not in the plan.
    pub left_out: Vec<LeverLeftOut>,
    /// Whether the values know any cost: without one profit is revenue.
    pub knows_costs: bool,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

impl Plan {
    /// What sure levers claim alone, added up: more or less than the joint effect by what they share.
    pub fn claimed(&self) -> f64 {
        self.levers.iter().filter(|lever| lever.is_sure()).map(|lever| lever.alone.estimate).sum()
    }

    /// What to test first: of the levers that are not sure the one whose uncertainty costs most, by the width of its limits where none costs anything.
    pub fn test_first(&self) -> Option<&PlannedLever> {
        let cost = |lever: &PlannedLever| (lever.decision.value_of_knowing, lever.alone.upper - lever.alone.lower);
        self.levers.iter().filter(|lever| !lever.is_sure()).max_by(|a, b| {
            let (a, b) = (cost(a), cost(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
    }
}
