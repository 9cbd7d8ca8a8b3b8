//! The cheapest plan: how to spread money over levers so that a target is met, or the most is made of a budget.

mod table;

use leverkit_core::stats::budget;
use serde::{Deserialize, Serialize};

use crate::{Error, Formula};

/// What money does to a parameter: `v(s) = v₀ + (limit − v₀)·(1 − 2^(−s/half))`, steep at first and never past the limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effort {
    /// The parameter.
    pub parameter: String,
    /// The value that no money brings it past.
    pub limit: f64,
    /// Money that brings it half of the way there.
    pub half: f64,
}

/// What the plan is to reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// The least money at which the expression reaches this.
    Target(f64),
    /// The greatest value of the expression for this money.
    Budget(f64),
}

/// A lever's part in a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpendStep {
    /// The parameter.
    pub parameter: String,
    /// Its value.
    pub value: f64,
    /// Its value in the plan.
    pub new_value: f64,
    /// Money to spend on it.
    pub effort: f64,
    /// What the next unit of money spent on it adds to the expression. Levers that are used have the same.
    pub return_on_effort: f64,
}

/// How to spread money over levers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpendPlan {
    /// The levers, the most money first.
    pub steps: Vec<SpendStep>,
    /// The expression before.
    pub before: f64,
    /// The expression with the plan, before the effort is paid.
    pub after: f64,
    /// Money to spend in all.
    pub effort: f64,
}

/// The cheapest plan that brings an expression to a target, or the best for a budget. The effort's money is not taken off the expression.
///
/// Effort curves are concave, a product of them need not be: money is spread from several starts, each improved by moving money between
/// pairs of levers until no move helps.
///
/// # Errors
/// [`Error::Core`] where the levers cannot reach the target, with what they can; for no lever, a lever named twice, a half that
/// is not above 0; as [`Formula::check`] for values and limits.
///
/// ```
/// use leverkit_profit::{Aim, Effort, Formula, plan};
/// let levers = [("leads", 2000.0), ("price", 100.0)]
///     .map(|(parameter, limit)| Effort { parameter: parameter.into(), limit, half: 1000.0 });
/// let found = plan(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], "revenue", &Aim::Target(20_000.0), &levers)?;
/// assert!((found.after - 20_000.0).abs() < 1e-6);
/// assert!((found.steps[0].effort - found.steps[1].effort).abs() < 1.0); // Two levers alike share alike.
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn plan(formula: &Formula, values: &[f64], node: &str, aim: &Aim, efforts: &[Effort]) -> Result<SpendPlan, Error> {
    formula.point(values)?;
    let levers = Board::new(formula, values, node, efforts)?;
    let amounts = match *aim {
        Aim::Budget(budget) if budget >= 0.0 && budget.is_finite() => levers.best(budget),
        Aim::Budget(budget) => {
            return Err(Error::parameter("budget", budget.to_string(), "money of at least 0"));
        }
        Aim::Target(target) => levers.cheapest(target, node)?,
    };
    Ok(levers.plan(&amounts))
}

struct Lever {
    parameter: usize,
    limit: f64,
    half: f64,
}

struct Board<'a> {
    formula: &'a Formula,
    values: &'a [f64],
    register: usize,
    levers: Vec<Lever>,
}

/// More than these halvings bring a lever no nearer to its limit than numbers can tell.
const MOST_HALVINGS: f64 = 40.0;

/// Steps in which money is first handed out.
const HANDFULS: usize = 64;

impl<'a> Board<'a> {
    fn new(formula: &'a Formula, values: &'a [f64], node: &str, efforts: &[Effort]) -> Result<Self, Error> {
        if efforts.is_empty() {
            return Err(Error::parameter("effort", "none", "an effort curve for at least one parameter"));
        }
        let mut levers: Vec<Lever> = Vec::new();
        for effort in efforts {
            let parameter = formula.position(&effort.parameter)?;
            formula.parameters()[parameter].check(effort.limit, 0)?;
            if !(effort.half > 0.0 && effort.half.is_finite()) {
                let got = format!("{}: half = {}", effort.parameter, effort.half);
                return Err(Error::parameter("effort", got, "money above 0"));
            }
            if levers.iter().any(|lever| lever.parameter == parameter) {
                return Err(Error::parameter("effort", effort.parameter.clone(), "each parameter once"));
            }
            levers.push(Lever { parameter, limit: effort.limit, half: effort.half });
        }
        Ok(Self { formula, values, register: formula.register(formula.node(node)?), levers })
    }

    fn moved(&self, lever: &Lever, amount: f64) -> f64 {
        let start = self.values[lever.parameter];
        start + (lever.limit - start) * -f64::exp_m1(-amount / lever.half * std::f64::consts::LN_2)
    }

    fn scenario(&self, amounts: &[f64]) -> Vec<f64> {
        let mut scenario = self.values.to_vec();
        for (lever, amount) in self.levers.iter().zip(amounts) {
            scenario[lever.parameter] = self.moved(lever, *amount);
        }
        scenario
    }

    fn reached(&self, amounts: &[f64]) -> f64 {
        self.formula.program().point(&self.scenario(amounts))[self.register]
    }

    /// What the next unit of money brings on each lever.
    fn returns(&self, amounts: &[f64]) -> Vec<f64> {
        let registers = self.formula.program().point(&self.scenario(amounts));
        let slope = |lever: &Lever, amount: f64| {
            let by_value = self.formula.program().derivative(&registers, lever.parameter)[self.register];
            by_value * (lever.limit - self.moved(lever, amount)) * std::f64::consts::LN_2 / lever.half
        };
        self.levers.iter().zip(amounts).map(|(lever, amount)| slope(lever, *amount)).collect()
    }

    /// The best spread of a budget: from handfuls given where they bring most, from equal parts and from each lever alone.
    fn best(&self, budget: f64) -> Vec<f64> {
        let n = self.levers.len();
        let mut starts = vec![self.by_handfuls(budget), vec![budget / n as f64; n]];
        starts.extend((0..n).map(|lever| (0..n).map(|other| if other == lever { budget } else { 0.0 }).collect()));
        let improved =
            starts.into_iter().map(|start| self.improve(start)).map(|spread| (self.reached(&spread), spread));
        improved.max_by(|a, b| a.0.total_cmp(&b.0)).map_or_else(|| vec![0.0; n], |(_, spread)| spread)
    }

    fn by_handfuls(&self, budget: f64) -> Vec<f64> {
        let mut amounts = vec![0.0; self.levers.len()];
        for _ in 0..HANDFULS {
            let gain = |lever: usize| {
                let mut more = amounts.clone();
                more[lever] += budget / HANDFULS as f64;
                self.reached(&more)
            };
            let gains: Vec<f64> = (0..amounts.len()).map(gain).collect();
            let best = (0..gains.len()).max_by(|a, b| gains[*a].total_cmp(&gains[*b])).unwrap_or_default();
            amounts[best] += budget / HANDFULS as f64;
        }
        amounts
    }

    /// Moves money between the lever where it brings least and the one where it would bring most, until nothing is gained.
    fn improve(&self, mut amounts: Vec<f64>) -> Vec<f64> {
        loop {
            budget::check();
            let returns = self.returns(&amounts);
            let used = (0..amounts.len()).filter(|lever| amounts[*lever] > 0.0);
            let (from, to) = (
                used.min_by(|a, b| returns[*a].total_cmp(&returns[*b])),
                (0..amounts.len()).max_by(|a, b| returns[*a].total_cmp(&returns[*b])),
            );
            let (Some(from), Some(to)) = (from, to) else { return amounts };
            if from == to || returns[to] - returns[from] <= 1e-9 * returns[to].abs() {
                return amounts;
            }
            let both = amounts[from];
            let shifted = |share: f64| {
                let mut shifted = amounts.clone();
                shifted[from] -= share * both;
                shifted[to] += share * both;
                shifted
            };
            let next = shifted(golden(|share| self.reached(&shifted(share))));
            let is_better = self.reached(&next) > self.reached(&amounts);
            if !is_better {
                return amounts;
            }
            amounts = next;
        }
    }

    /// The spread of the least budget that reaches a target.
    fn cheapest(&self, target: f64, node: &str) -> Result<Vec<f64>, Error> {
        let nothing = vec![0.0; self.levers.len()];
        let present = self.reached(&nothing);
        if present >= target {
            return Ok(nothing);
        }
        let most: f64 = self.levers.iter().map(|lever| lever.half * MOST_HALVINGS).sum();
        let (mut low, mut high) = (0.0, most);
        let reach = self.reached(&self.best(most));
        if reach < target {
            let expected = format!("at most {reach}, which the levers reach at their limits; now it is {present}");
            return Err(Error::parameter("target", format!("{node} = {target}"), expected));
        }
        while high - low > 1e-12 * high {
            let middle = f64::midpoint(low, high);
            if middle == low || middle == high {
                break;
            }
            if self.reached(&self.best(middle)) < target { low = middle } else { high = middle }
        }
        Ok(self.best(high))
    }

    fn plan(&self, amounts: &[f64]) -> SpendPlan {
        let returns = self.returns(amounts);
        let mut steps: Vec<SpendStep> = self
            .levers
            .iter()
            .zip(amounts.iter().zip(returns))
            .map(|(lever, (&effort, return_on_effort))| SpendStep {
                parameter: self.formula.parameters()[lever.parameter].name.clone(),
                value: self.values[lever.parameter],
                new_value: self.moved(lever, effort),
                effort,
                return_on_effort,
            })
            .collect();
        steps.sort_by(|a, b| b.effort.total_cmp(&a.effort));
        SpendPlan {
            steps,
            before: self.reached(&vec![0.0; amounts.len()]),
            after: self.reached(amounts),
            effort: amounts.iter().sum(),
        }
    }
}

/// The share from 0 to 1 at which a function is greatest, by golden section; its ends are tried too.
fn golden(value: impl Fn(f64) -> f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_8;
    let (mut low, mut high) = (0.0, 1.0);
    let (mut left, mut right) = (1.0 - RATIO, RATIO);
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..60 {
        if at_left < at_right {
            (low, left, at_left) = (left, right, at_right);
            right = low + RATIO * (high - low);
            at_right = value(right);
        } else {
            (high, right, at_right) = (right, left, at_left);
            left = high - RATIO * (high - low);
            at_left = value(left);
        }
    }
    let best = [0.0, f64::midpoint(low, high), 1.0].map(|share| (value(share), share));
    best.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.0, |(_, share)| share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 4] = [1000.0, 0.1, 50.0, 2.0];

    fn effort(parameter: &str, limit: f64, half: f64) -> Effort {
        Effort { parameter: parameter.into(), limit, half }
    }

    #[test]
    fn no_other_spread_of_the_money_does_better() {
        let formula = Formula::minimal();
        let levers = [effort("leads", 1500.0, 2000.0), effort("conversion", 0.16, 900.0), effort("price", 58.0, 300.0)];
        let found = plan(&formula, &VALUES, "revenue", &Aim::Budget(3000.0), &levers).unwrap();
        assert!((found.effort - 3000.0).abs() < 1e-6);
        let amount = |name: &str| found.steps.iter().find(|step| step.parameter == name).unwrap().effort;
        let planned = [amount("leads"), amount("conversion"), amount("price")];
        let all = Board::new(&formula, &VALUES, "revenue", &levers).unwrap();
        for first in 0..=60 {
            for second in 0..=60 - first {
                let spread = [f64::from(first) * 50.0, f64::from(second) * 50.0, f64::from(60 - first - second) * 50.0];
                assert!(all.reached(&spread) <= found.after + 1e-9, "{spread:?} beats {planned:?}");
            }
        }
        let used: Vec<f64> = found.steps.iter().filter(|s| s.effort > 1.0).map(|s| s.return_on_effort).collect();
        assert!(used.iter().all(|value| (value / used[0] - 1.0).abs() < 1e-3), "{used:?}");
    }

    #[test]
    fn a_target_costs_what_its_budget_brings_and_one_too_high_says_what_can_be_reached() {
        let levers = [effort("leads", 1500.0, 2000.0), effort("price", 55.0, 500.0)];
        let by_target = plan(&Formula::minimal(), &VALUES, "revenue", &Aim::Target(13_000.0), &levers).unwrap();
        let by_budget = plan(&Formula::minimal(), &VALUES, "revenue", &Aim::Budget(by_target.effort), &levers).unwrap();
        assert!((by_budget.after - 13_000.0).abs() < 1e-3, "{by_budget:?}");
        let error = plan(&Formula::minimal(), &VALUES, "revenue", &Aim::Target(20_000.0), &levers).unwrap_err();
        assert!(error.to_string().starts_with("target: got revenue = 20000; expected at most 16499.99"), "{error}");
        let met = plan(&Formula::minimal(), &VALUES, "revenue", &Aim::Target(9000.0), &levers).unwrap();
        assert_eq!((met.effort, met.after), (0.0, 10_000.0));
    }
}
