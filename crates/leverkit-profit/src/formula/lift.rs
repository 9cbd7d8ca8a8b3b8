//! What moving parameters does to the whole: the 20–20–20–20 table, elasticities, interactions, tornado and bottlenecks.

use leverkit_core::stats::Interval;
use serde::{Deserialize, Serialize};

use super::{Direction, Formula};
use crate::Error;

/// A known response: raising one parameter by 1 % moves another by `elasticity` per cent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The parameter that is moved.
    pub cause: String,
    /// The parameter that moves with it.
    pub effect: String,
    /// Per cent of the effect for each per cent of the cause.
    pub elasticity: f64,
}

/// What moving one parameter, or all, does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lift {
    /// The parameter; `None` for all together.
    pub parameter: Option<String>,
    /// Its value; `None` for all together.
    pub value: Option<f64>,
    /// The value after the step; `None` for all together.
    pub new_value: Option<f64>,
    /// Whether a bound stopped the step.
    pub is_capped: bool,
    /// Change of revenue, in money.
    pub revenue_change: f64,
    /// Change of profit, in money.
    pub profit_change: f64,
    /// Change of revenue as a share of it; `None` where revenue is 0.
    pub revenue_lift: Option<f64>,
    /// Change of profit as a share of its size; `None` where profit is 0.
    pub profit_lift: Option<f64>,
    /// Change of profit with the given responses of other parameters.
    pub profit_change_with_responses: f64,
    /// Change of profit with its limits where parameters are uncertain; `None` where they are taken as known.
    pub profit_limits: Option<Interval>,
}

/// Revenue and profit.
#[derive(Clone, Copy)]
struct Outcome {
    revenue: f64,
    profit: f64,
}

fn outcome(formula: &Formula, values: &[f64]) -> Outcome {
    let registers = formula.program().point(values);
    Outcome { revenue: registers[formula.revenue_register()], profit: registers[formula.profit_register()] }
}

/// The 20–20–20–20 table: each parameter moved by `step` in its good direction (a cost falls), alone, and at last all together.
/// Values stop at their bounds. Rows of parameters come by their change of profit, greatest first.
///
/// # Errors
/// As [`Formula::point`]; [`Error::Core`] for a step outside (0, 1]; [`Error::UnknownName`] for a response of a parameter that
/// there is not.
///
/// ```
/// use leverkit_profit::{Formula, lift_table};
/// let table = lift_table(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.20, &[])?;
/// let all = table.last().and_then(|row| row.profit_lift).unwrap_or_default();
/// assert!((1.0 + all - 2.0736).abs() < 1e-12);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn lift_table(formula: &Formula, values: &[f64], step: f64, responses: &[Response]) -> Result<Vec<Lift>, Error> {
    if !(step > 0.0 && step <= 1.0) {
        return Err(Error::parameter("step", step.to_string(), "a share above 0, up to 1"));
    }
    formula.point(values)?;
    let responses = positions(formula, responses)?;
    let before = outcome(formula, values);
    let mut rows: Vec<Lift> = (0..values.len())
        .map(|parameter| {
            let (moved, is_capped) = step_of(formula, values, parameter, step);
            let mut with_responses = moved.clone();
            respond(formula, values, &mut with_responses, &[parameter], &responses);
            let mut row = lift(before, outcome(formula, &moved), outcome(formula, &with_responses));
            row.parameter = Some(formula.parameters()[parameter].name.clone());
            row.value = Some(values[parameter]);
            row.new_value = Some(moved[parameter]);
            row.is_capped = is_capped;
            row
        })
        .collect();
    rows.sort_by(|a, b| b.profit_change.total_cmp(&a.profit_change));
    let mut all = values.to_vec();
    let mut is_capped = false;
    for parameter in 0..values.len() {
        let (moved, capped) = step_of(formula, values, parameter, step);
        all[parameter] = moved[parameter];
        is_capped |= capped;
    }
    // With all moved by plan nothing is left to respond.
    let together = outcome(formula, &all);
    rows.push(Lift { is_capped, ..lift(before, together, together) });
    Ok(rows)
}

fn step_of(formula: &Formula, values: &[f64], parameter: usize, step: f64) -> (Vec<f64>, bool) {
    let mut moved = values.to_vec();
    let (value, is_capped) = formula.parameters()[parameter].moved(values[parameter], step);
    moved[parameter] = value;
    (moved, is_capped)
}

fn lift(before: Outcome, after: Outcome, with_responses: Outcome) -> Lift {
    let share = |change: f64, of: f64| (of != 0.0).then(|| change / of.abs());
    let (revenue_change, profit_change) = (after.revenue - before.revenue, after.profit - before.profit);
    Lift {
        parameter: None,
        value: None,
        new_value: None,
        is_capped: false,
        revenue_change,
        profit_change,
        revenue_lift: share(revenue_change, before.revenue),
        profit_lift: share(profit_change, before.profit),
        profit_change_with_responses: with_responses.profit - before.profit,
        profit_limits: None,
    }
}

fn positions(formula: &Formula, responses: &[Response]) -> Result<Vec<(usize, usize, f64)>, Error> {
    responses
        .iter()
        .map(|response| {
            if !response.elasticity.is_finite() {
                return Err(Error::parameter("elasticity", response.elasticity.to_string(), "a finite number"));
            }
            Ok((formula.position(&response.cause)?, formula.position(&response.effect)?, response.elasticity))
        })
        .collect()
}

/// Moves the effects of moved causes: a cause times k moves its effect by k to the power of the elasticity.
fn respond(formula: &Formula, before: &[f64], after: &mut [f64], causes: &[usize], responses: &[(usize, usize, f64)]) {
    for &(cause, effect, elasticity) in responses {
        if causes.contains(&cause) && before[cause] > 0.0 {
            let parameter = &formula.parameters()[effect];
            let moved = after[effect] * (after[cause] / before[cause]).powf(elasticity);
            after[effect] = moved.clamp(parameter.least(), parameter.most());
        }
    }
}

/// Elasticities of profit: per cent of profit for each per cent of a parameter, from exact derivatives. `None` where profit is 0.
///
/// # Errors
/// As [`Formula::point`].
///
/// ```
/// use leverkit_profit::{Formula, elasticities};
/// assert_eq!(elasticities(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0])?, [Some(1.0); 4]);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn elasticities(formula: &Formula, values: &[f64]) -> Result<Vec<Option<f64>>, Error> {
    let profit = formula.profit(values)?;
    let gradient = formula.gradient(values)?;
    Ok(gradient
        .iter()
        .zip(values)
        .map(|(slope, value)| (profit != 0.0).then(|| slope * value / profit.abs()))
        .collect())
}

/// What two parameters moved together bring beyond the sum of each alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interaction {
    /// One parameter.
    pub first: String,
    /// The other.
    pub second: String,
    /// Change of profit with both, in money.
    pub together: f64,
    /// That minus the changes with each alone.
    pub interaction: f64,
}

/// Interactions of all pairs when each parameter moves by `step` in its good direction, the largest in size first.
///
/// # Errors
/// As [`lift_table`].
///
/// ```
/// use leverkit_profit::{Formula, interactions};
/// let found = interactions(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.20)?;
/// // Of a profit of 10,000 each 20 % brings 2,000 alone; both bring 400 more than that.
/// assert!((found[0].interaction - 400.0).abs() < 1e-9);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn interactions(formula: &Formula, values: &[f64], step: f64) -> Result<Vec<Interaction>, Error> {
    let alone = lift_table(formula, values, step, &[])?;
    let profit = outcome(formula, values).profit;
    let change_of = |name: &str| {
        alone.iter().find(|row| row.parameter.as_deref() == Some(name)).map_or(0.0, |row| row.profit_change)
    };
    let mut pairs = Vec::new();
    for first in 0..values.len() {
        for second in first + 1..values.len() {
            let (mut moved, _) = step_of(formula, values, first, step);
            moved[second] = step_of(formula, values, second, step).0[second];
            let together = outcome(formula, &moved).profit - profit;
            let [a, b] = [first, second].map(|parameter| formula.parameters()[parameter].name.clone());
            let interaction = together - change_of(&a) - change_of(&b);
            pairs.push(Interaction { first: a, second: b, together, interaction });
        }
    }
    pairs.sort_by(|a, b| b.interaction.abs().total_cmp(&a.interaction.abs()));
    Ok(pairs)
}

/// A parameter between its low and its high value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// The parameter.
    pub parameter: String,
    /// The low value.
    pub low: f64,
    /// The high value.
    pub high: f64,
    /// Profit at the low value, others as they are.
    pub profit_low: f64,
    /// Profit at the high value.
    pub profit_high: f64,
}

/// The tornado: profit with each parameter alone at its low and at its high value, the widest first.
///
/// # Errors
/// As [`Formula::point`], for the low and high values too.
///
/// ```
/// use leverkit_profit::{Formula, tornado};
/// let bars = tornado(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &[900.0, 0.05, 45.0, 1.9], &[1100.0, 0.15, 55.0, 2.1])?;
/// assert!((bars[0].profit_low - 5000.0).abs() < 1e-9 && (bars[0].profit_high - 15_000.0).abs() < 1e-9);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn tornado(formula: &Formula, values: &[f64], low: &[f64], high: &[f64]) -> Result<Vec<Bar>, Error> {
    formula.point(values)?;
    formula.check(low)?;
    formula.check(high)?;
    let at = |parameter: usize, value: f64| {
        let mut moved = values.to_vec();
        moved[parameter] = value;
        formula.profit(&moved)
    };
    let mut bars: Vec<Bar> = (0..values.len())
        .map(|parameter| {
            Ok(Bar {
                parameter: formula.parameters()[parameter].name.clone(),
                low: low[parameter],
                high: high[parameter],
                profit_low: at(parameter, low[parameter])?,
                profit_high: at(parameter, high[parameter])?,
            })
        })
        .collect::<Result<_, Error>>()?;
    bars.sort_by(|a, b| (b.profit_high - b.profit_low).abs().total_cmp(&(a.profit_high - a.profit_low).abs()));
    Ok(bars)
}

/// A parameter against its norm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bottleneck {
    /// The parameter.
    pub parameter: String,
    /// Its value.
    pub value: f64,
    /// Its norm.
    pub norm: f64,
    /// Per cent of profit for each per cent of the parameter.
    pub elasticity: Option<f64>,
    /// Money left there by the slope of profit: derivative × (norm − value); 0 where the norm is kept.
    pub money_left: f64,
    /// Change of profit with the parameter at its norm, exact.
    pub profit_change: f64,
}

/// Bottlenecks: each parameter that has a norm, by the money left there, most first.
/// `norms` stand over those of the formula; `None` leaves them.
///
/// # Errors
/// As [`Formula::point`], for the norms too.
///
/// ```
/// use leverkit_profit::{Formula, bottlenecks};
/// let found = bottlenecks(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &[None, Some(0.15), None, None])?;
/// assert!(found.len() == 1 && (found[0].profit_change - 5000.0).abs() < 1e-9);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn bottlenecks(formula: &Formula, values: &[f64], norms: &[Option<f64>]) -> Result<Vec<Bottleneck>, Error> {
    let profit = formula.profit(values)?;
    let gradient = formula.gradient(values)?;
    let elasticities = elasticities(formula, values)?;
    let mut rows = Vec::new();
    for (index, parameter) in formula.parameters().iter().enumerate() {
        let Some(norm) = norms.get(index).copied().flatten().or(parameter.norm) else { continue };
        parameter.check(norm, 0)?;
        let falls_short = match parameter.direction {
            Direction::Up => values[index] < norm,
            Direction::Down => values[index] > norm,
        };
        let mut moved = values.to_vec();
        moved[index] = norm;
        rows.push(Bottleneck {
            parameter: parameter.name.clone(),
            value: values[index],
            norm,
            elasticity: elasticities[index],
            money_left: if falls_short { gradient[index] * (norm - values[index]) } else { 0.0 },
            profit_change: if falls_short { formula.profit(&moved)? - profit } else { 0.0 },
        });
    }
    rows.sort_by(|a, b| b.money_left.total_cmp(&a.money_left));
    Ok(rows)
}
