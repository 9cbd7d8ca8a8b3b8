//! Goals read backwards: the value of one parameter that meets a target.

use serde::Serialize;

use super::{Formula, Parameter};
use crate::Error;

/// The value of a parameter at which an expression reaches a target, others as they are: the solution nearest to its present value.
///
/// # Errors
/// [`Error::Core`] where no value within the parameter's bounds reaches the target, with what can be reached.
///
/// ```
/// use leverkit_profit::{Formula, solve};
/// let leads = solve(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], "revenue", 20_000.0, "leads")?;
/// assert!((leads - 2000.0).abs() < 1e-6);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn solve(formula: &Formula, values: &[f64], node: &str, target: f64, parameter: &str) -> Result<f64, Error> {
    formula.point(values)?;
    let (register, position) = (formula.register(formula.node(node)?), formula.position(parameter)?);
    let bounds = &formula.parameters()[position];
    let gap = |value: f64| {
        let mut moved = values.to_vec();
        moved[position] = value;
        formula.program().point(&moved)[register] - target
    };
    let present = values[position];
    if gap(present) == 0.0 {
        return Ok(present);
    }
    let found = steps(present, bounds.least(), bounds.most()).into_iter().find_map(|ends| zero(gap, ends));
    if let Some(found) = found {
        return Ok(found);
    }
    let reach = 1e12 * present.abs().max(1.0);
    let (least, most) = (bounds.least().max(-reach), bounds.most().min(reach));
    let (at_least, at_most) = (gap(least) + target, gap(most) + target);
    Err(Error::parameter(
        "target",
        format!("{node} = {target}"),
        format!(
            "what {parameter} from {least} to {most} can reach: {} to {}",
            at_least.min(at_most),
            at_least.max(at_most)
        ),
    ))
}

/// Where profit is nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakEven {
    /// The parameter.
    pub parameter: String,
    /// Its value.
    pub value: f64,
    /// The value at which profit is 0, others as they are; `None` where none within its bounds brings profit there.
    pub break_even: Option<f64>,
    /// How far it may move before profit is 0, as a share of its value; `None` as above, or where the value is 0 or so small that no number holds the
    /// share.
    pub room: Option<f64>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// The break-even of each parameter, the one with the least room first.
///
/// # Errors
/// As [`Formula::point`].
///
/// ```
/// use leverkit_profit::{Formula, break_even};
/// let formula = Formula::from_expressions("shop", &[("profit", "price * units - fixed")])?;
/// let rows = break_even(&formula, &[10.0, 100.0, 800.0])?;
/// assert_eq!(rows.iter().map(|row| row.break_even.map(f64::round)).collect::<Vec<_>>(), [Some(8.0), Some(80.0), Some(1000.0)]);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn break_even(formula: &Formula, values: &[f64]) -> Result<Vec<BreakEven>, Error> {
    formula.point(values)?;
    let profit = formula.profit_name();
    let row = |(parameter, &value): (&Parameter, &f64)| {
        let solved = solve(formula, values, profit, 0.0, &parameter.name);
        let break_even = solved.as_ref().ok().copied();
        BreakEven {
            parameter: parameter.name.clone(),
            value,
            break_even,
            room: break_even.map(|zero| (zero - value) / value.abs()).filter(|room| room.is_finite()),
            reason: solved.err().map(|_| "no value within its bounds brings profit to 0".into()),
        }
    };
    let mut rows: Vec<BreakEven> = formula.parameters().iter().zip(values).map(row).collect();
    rows.sort_by(|a, b| {
        let room = |row: &BreakEven| row.room.map_or(f64::INFINITY, f64::abs);
        room(a).total_cmp(&room(b))
    });
    Ok(rows)
}

/// Stretches away from the present value, ever wider, above and below in turn.
fn steps(present: f64, lower: f64, upper: f64) -> Vec<(f64, f64)> {
    let size = present.abs().max(1e-9);
    let mut stretches = Vec::new();
    let (mut above, mut below) = (present, present);
    for doubling in 0..80 {
        let reach = size * 0.01 * f64::from(2.0_f32.powi(doubling));
        let (higher, lower) = ((present + reach).min(upper.min(f64::MAX)), (present - reach).max(lower.max(f64::MIN)));
        stretches.extend([(above, higher), (below, lower)]);
        (above, below) = (higher, lower);
    }
    stretches.retain(|(near, far)| near != far);
    stretches
}

/// Where the gap is 0 within a stretch whose ends lie on both sides of 0. The sign also changes at a pole, where the gap is greater than at the ends.
fn zero(gap: impl Fn(f64) -> f64, (near, far): (f64, f64)) -> Option<f64> {
    let ends = (gap(near), gap(far));
    if ends.1 == 0.0 {
        return Some(far);
    }
    let crosses = (ends.0 < 0.0 && ends.1 > 0.0) || (ends.0 > 0.0 && ends.1 < 0.0);
    let found = crosses.then(|| bisect(&gap, near, far))?;
    (gap(found).abs() <= ends.0.abs().min(ends.1.abs())).then_some(found)
}

/// Halves an interval over which the sign changes until it cannot be halved.
fn bisect(gap: impl Fn(f64) -> f64, mut near: f64, mut far: f64) -> f64 {
    let sign = gap(near).signum();
    loop {
        let middle = f64::midpoint(near, far);
        if middle == near || middle == far {
            return if gap(near).abs() < gap(far).abs() { near } else { far };
        }
        if gap(middle).signum() == sign { near = middle } else { far = middle }
    }
}
