//! Attribution of a change of profit to the parameters, three ways. Each adds up to the change.
//!
//! - Shapley (1953): the mean of a parameter's effect over all orders in which parameters could have changed.
//! - LMDI-I (Ang 2004): through products by logarithmic means, through sums by differences.
//! - Sequential: parameters change one after the other in the order of the formula; the convention of most spreadsheets.

use leverkit_core::stats;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::expression::Operator;
use crate::program::{Operation, Program, WIDTH};
use crate::{Error, Formula};

/// How a change is attributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Mean over all orders, exact.
    #[default]
    Shapley,
    /// Logarithmic mean Divisia index, additive.
    Lmdi,
    /// One after the other, in the order of the formula.
    Sequential,
}

/// A change of profit and each parameter's part in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attribution {
    /// How it was attributed.
    pub method: Method,
    /// Profit before.
    pub before: f64,
    /// Profit after.
    pub after: f64,
    /// Each parameter's part, in money, in the order of the formula. They add up to the change.
    pub parts: Vec<f64>,
}

/// Attributes the change of profit between two scenarios to the parameters.
///
/// # Errors
/// As [`Formula::point`] for both scenarios; [`Error::Parameter`] for Shapley with more than 25 changed parameters.
///
/// ```
/// use leverkit_profit::{Formula, Method, attribute};
/// let (before, after) = ([1000.0, 0.1, 50.0, 2.0], [1200.0, 0.1, 50.0, 2.0]);
/// let found = attribute(&Formula::minimal(), &before, &after, Method::Shapley)?;
/// assert_eq!(found.parts, [2000.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn attribute(formula: &Formula, before: &[f64], after: &[f64], method: Method) -> Result<Attribution, Error> {
    let (start, end) = (formula.profit(before)?, formula.profit(after)?);
    let profit = formula.profit_register();
    let program = formula.program().up_to(profit);
    let mut parts = match method {
        Method::Shapley => shapley(&program, before, after)?,
        Method::Lmdi => lmdi(&program, before, after),
        Method::Sequential => sequential(&program, before, after),
    };
    settle(&mut parts, end - start);
    Ok(Attribution { method, before: start, after: end, parts })
}

/// Gives what rounding left over to the largest part, so that the parts add up to the change.
fn settle(parts: &mut [f64], change: f64) {
    let left = change - stats::sum(parts);
    if let Some(largest) = parts.iter_mut().max_by(|a, b| a.abs().total_cmp(&b.abs())) {
        *largest += left;
    }
}

fn sequential(program: &Program, before: &[f64], after: &[f64]) -> Vec<f64> {
    let profit = |values: &[f64]| program.point(values).last().copied().unwrap_or_default();
    let mut values = before.to_vec();
    let mut last = profit(&values);
    (0..values.len())
        .map(|parameter| {
            values[parameter] = after[parameter];
            let next = profit(&values);
            next - std::mem::replace(&mut last, next)
        })
        .collect()
}

/// More changed parameters than this make a table of values too large to hold.
const MOST_CHANGED: usize = 25;

/// φᵢ = Σ over subsets S without i of |S|!(m − |S| − 1)!/m! · (v(S ∪ i) − v(S)), over the m changed parameters.
fn shapley(program: &Program, before: &[f64], after: &[f64]) -> Result<Vec<f64>, Error> {
    let changed: Vec<usize> = (0..before.len()).filter(|&parameter| before[parameter] != after[parameter]).collect();
    if changed.len() > MOST_CHANGED {
        let got = format!("shapley with {} changed parameters", changed.len());
        return Err(Error::parameter("method", got, format!("at most {MOST_CHANGED} changed; take lmdi")));
    }
    let bit_of: Vec<Option<usize>> =
        (0..before.len()).map(|parameter| changed.iter().position(|&other| other == parameter)).collect();
    let weights = weights(changed.len());
    let subsets = 1_usize << changed.len();
    let partial = |stretch: usize, registers: &mut crate::program::Registers| {
        let start = stretch * WIDTH;
        program.run(registers, |parameter, out| match bit_of[parameter] {
            None => out.fill(before[parameter]),
            Some(bit) => {
                for (offset, value) in out.iter_mut().enumerate() {
                    *value = if (start + offset) >> bit & 1 == 1 { after[parameter] } else { before[parameter] };
                }
            }
        });
        let profits = registers.get(program.operations.len() - 1);
        add_up(&profits[..WIDTH.min(subsets - start)], start, changed.len(), &weights)
    };
    let parts: Vec<Vec<f64>> = (0..subsets.div_ceil(WIDTH))
        .into_par_iter()
        .with_min_len(8)
        .map_init(|| program.registers(), |registers, stretch| partial(stretch, registers))
        .collect();
    let mut result = vec![0.0; before.len()];
    for (index, &parameter) in changed.iter().enumerate() {
        result[parameter] = stats::sum(&parts.iter().map(|part| part[index]).collect::<Vec<_>>());
    }
    Ok(result)
}

/// |S|!(m − |S| − 1)!/m! for each size of S.
fn weights(m: usize) -> Vec<f64> {
    let mut weights = Vec::with_capacity(m);
    let mut weight = 1.0 / m.max(1) as f64;
    for size in 0..m {
        weights.push(weight);
        weight *= (size + 1) as f64 / (m - size - 1).max(1) as f64;
    }
    weights
}

/// What a stretch of subsets adds to each part: a subset counts with its weight where it holds the parameter, against it where not.
fn add_up(profits: &[f64], start: usize, m: usize, weights: &[f64]) -> Vec<f64> {
    let mut with = vec![0.0; m];
    let mut without = 0.0;
    for (offset, &profit) in profits.iter().enumerate() {
        let subset = start + offset;
        let size = subset.count_ones() as usize;
        // A subset S counts w(|S| − 1) for those in it, and −w(|S|) for the others.
        let inside = if size > 0 { weights[size - 1] } else { 0.0 } * profit;
        let outside = if size < m { weights[size] } else { 0.0 } * profit;
        without += outside;
        let gain = inside + outside;
        for (bit, part) in with.iter_mut().enumerate() {
            *part += if subset >> bit & 1 == 1 { gain } else { 0.0 };
        }
    }
    with.iter().map(|part| part - without).collect()
}

/// Goes back from profit to the parameters. A node's change carries a weight: through sums it is passed on, through products it is
/// multiplied by L(product)/L(factor) with the logarithmic mean L, so that the parts of both factors add up to the product's change.
fn lmdi(program: &Program, before: &[f64], after: &[f64]) -> Vec<f64> {
    let (start, end) = (program.point(before), program.point(after));
    let mut weights = vec![0.0; program.operations.len()];
    let mut parts = vec![0.0; before.len()];
    if let Some(last) = weights.last_mut() {
        *last = 1.0;
    }
    for index in (0..program.operations.len()).rev() {
        let weight = weights[index];
        match program.operations[index] {
            Operation::Parameter(parameter) => parts[parameter] += weight * (end[index] - start[index]),
            Operation::Number(_) => {}
            Operation::Binary(operator, left, right) => {
                let [a, b] = [left, right].map(|register| (start[register], end[register]));
                let (to_left, to_right) = split(operator, a, b);
                weights[left] += weight * to_left;
                weights[right] += weight * to_right;
            }
        }
    }
    parts
}

/// The weights w of two operands with w₁·Δa + w₂·Δb = the change of the result. Operands are (before, after).
fn split(operator: Operator, a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    match operator {
        Operator::Add => (1.0, 1.0),
        Operator::Subtract => (1.0, -1.0),
        Operator::Multiply => product(a, b),
        Operator::Divide => {
            let inverse = (1.0 / b.0, 1.0 / b.1);
            let (to_a, to_inverse) = product(a, inverse);
            // Δ(1/b) = −Δb/(b₀b₁).
            (to_a, -to_inverse / (b.0 * b.1))
        }
        Operator::Min => choice(a, b, f64::min),
        Operator::Max => choice(a, b, f64::max),
    }
}

fn product(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let positive = [a.0, a.1, b.0, b.1].iter().all(|value| *value > 0.0);
    if positive {
        let mean = logarithmic_mean(a.0 * b.0, a.1 * b.1);
        return (mean / logarithmic_mean(a.0, a.1), mean / logarithmic_mean(b.0, b.1));
    }
    // Where a factor is zero on one side only, the limit of the logarithmic mean gives it the whole change; where signs differ there is
    // no logarithm, and the change is halved between both orders, as Shapley does for two factors.
    match (a.0 * a.1 == 0.0 && a.0 != a.1, b.0 * b.1 == 0.0 && b.0 != b.1) {
        (true, false) => ((a.1 * b.1 - a.0 * b.0) / (a.1 - a.0), 0.0),
        (false, true) => (0.0, (a.1 * b.1 - a.0 * b.0) / (b.1 - b.0)),
        _ => (f64::midpoint(b.0, b.1), f64::midpoint(a.0, a.1)),
    }
}

/// L(x, y) = (y − x)/ln(y/x), and x where both are equal.
fn logarithmic_mean(x: f64, y: f64) -> f64 {
    let ratio = y / x;
    // Near 1 the quotient of two small differences loses digits: L = x(1 + e/2 − e²/12 + …) with e = y/x − 1.
    let e = ratio - 1.0;
    if e.abs() < 1e-4 { x * (1.0 + e / 2.0 - e * e / 12.0 + e * e * e / 24.0) } else { (y - x) / ratio.ln() }
}

/// min and max: where the same operand is chosen before and after, it has the whole change; else the mean of both orders.
fn choice(a: (f64, f64), b: (f64, f64), choose: fn(f64, f64) -> f64) -> (f64, f64) {
    let at = |a: f64, b: f64| choose(a, b);
    let share = |from: f64, to: f64, change: f64| if change == 0.0 { 0.0 } else { (to - from) / change };
    let left = f64::midpoint(at(a.1, b.0) - at(a.0, b.0), at(a.1, b.1) - at(a.0, b.1));
    let right = f64::midpoint(at(a.0, b.1) - at(a.0, b.0), at(a.1, b.1) - at(a.1, b.0));
    (share(0.0, left, a.1 - a.0), share(0.0, right, b.1 - b.0))
}
