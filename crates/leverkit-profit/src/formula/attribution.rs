//! Attribution of a change of profit to the parameters, three ways. Each adds up to the change.
//!
//! - Shapley (1953): the mean of a parameter's effect over all orders in which parameters could have changed.
//! - LMDI-I (Ang 2004): through products by logarithmic means, through sums by differences.
//! - Sequential: parameters change one after the other in the order of the formula; the convention of most spreadsheets.

use std::ops::Range;

use leverkit_core::stats;
use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Formula;
use super::expression::Operator;
use super::logarithm::log_ratios;
use super::program::{Operation, Program, Registers, WIDTH};
use super::sides::{Sides, Stretch};
use crate::Error;

/// How a change is attributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeMethod {
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
pub struct ProfitAttribution {
    /// How it was attributed.
    pub method: ChangeMethod,
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
/// As [`Formula::point`] for both scenarios; [`Error::Core`] for Shapley with more than 25 changed parameters.
///
/// ```
/// use leverkit_profit::{Formula, ChangeMethod, attribute};
/// let (before, after) = ([1000.0, 0.1, 50.0, 2.0], [1200.0, 0.1, 50.0, 2.0]);
/// let found = attribute(&Formula::minimal(), &before, &after, ChangeMethod::Shapley)?;
/// assert_eq!(found.parts, [2000.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn attribute(
    formula: &Formula,
    before: &[f64],
    after: &[f64],
    method: ChangeMethod,
) -> Result<ProfitAttribution, Error> {
    let (start, end) = (formula.profit(before)?, formula.profit(after)?);
    let columns = |values: &[f64]| values.iter().map(|value| vec![*value]).collect::<Vec<_>>();
    let parts = attribute_rows(formula, &columns(before), &columns(after), method)?;
    Ok(ProfitAttribution { method, before: start, after: end, parts: parts.iter().map(|part| part[0]).collect() })
}

/// Attributes many changes at once: `before` and `after` are a column for each parameter with a row for each segment, and so are the parts.
///
/// # Errors
/// As [`Formula::evaluate`] for both; as [`attribute`].
///
/// ```
/// use leverkit_profit::{Formula, ChangeMethod, attribute_rows};
/// let before = [[1000.0, 500.0], [0.1, 0.2], [50.0, 40.0], [2.0, 1.0]];
/// let after = [[1200.0, 500.0], [0.1, 0.2], [50.0, 44.0], [2.0, 1.0]];
/// let parts = attribute_rows(&Formula::minimal(), &before, &after, ChangeMethod::Lmdi)?;
/// assert_eq!(parts[0].iter().map(|part| part.round()).collect::<Vec<_>>(), [2000.0, 0.0]);
/// assert_eq!(parts[2].iter().map(|part| part.round()).collect::<Vec<_>>(), [0.0, 400.0]);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn attribute_rows(
    formula: &Formula,
    before: &[impl AsRef<[f64]> + Sync],
    after: &[impl AsRef<[f64]> + Sync],
    method: ChangeMethod,
) -> Result<Vec<Vec<f64>>, Error> {
    let (sides, profit) = (Sides::of(formula, before, after)?, formula.profit_register());
    let program = formula.program().up_to(profit);
    sides.fill(before.len(), profit, |stretch, parts| attribute_stretch(&sides, &program, stretch, method, parts))
}

/// The parts of the parameters in the changes of the last register of a program.
pub(super) fn attribute_stretch(
    sides: &Sides,
    program: &Program,
    stretch: &Stretch,
    method: ChangeMethod,
    parts: &mut [&mut [f64]],
) -> Result<(), Error> {
    let &Stretch { ref rows, start, end } = stretch;
    if method == ChangeMethod::Lmdi {
        lmdi(program, start, end, parts, rows.len());
    } else {
        row_by_row(program, &sides.before, &sides.after, rows.clone(), method, parts)?;
    }
    let last = program.operations.len() - 1;
    let changes = start.get(last).iter().zip(end.get(last)).take(rows.len()).map(|(start, end)| end - start);
    settle(parts, &changes.collect::<Vec<_>>());
    Ok(())
}

fn row_by_row(
    program: &Program,
    before: &[&[f64]],
    after: &[&[f64]],
    rows: Range<usize>,
    method: ChangeMethod,
    parts: &mut [&mut [f64]],
) -> Result<(), Error> {
    for (place, row) in rows.enumerate() {
        let at = |columns: &[&[f64]]| columns.iter().map(|column| column[row]).collect::<Vec<_>>();
        let found = match method {
            ChangeMethod::Shapley => shapley(program, &at(before), &at(after))?,
            ChangeMethod::Lmdi | ChangeMethod::Sequential => sequential(program, &at(before), &at(after)),
        };
        parts.iter_mut().zip(found).for_each(|(column, part)| column[place] = part);
    }
    Ok(())
}

/// Rounding up to this share of a change is left alone.
const ROUNDING: f64 = 1e-12;

/// Gives what rounding left over to the largest part of its row, so that the parts add up to the change where large parts cancel, too.
fn settle(parts: &mut [&mut [f64]], changes: &[f64]) {
    let mut left = changes.to_vec();
    for part in parts.iter() {
        left.iter_mut().zip(part.iter()).for_each(|(left, part)| *left -= part);
    }
    let apart = left.iter().zip(changes).enumerate().filter(|(_, (left, change))| left.abs() > ROUNDING * change.abs());
    for (row, (left, _)) in apart {
        if let Some(largest) = parts.iter_mut().max_by(|a, b| a[row].abs().total_cmp(&b[row].abs())) {
            largest[row] += left;
        }
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
    let partial = |stretch: usize, registers: &mut Registers| {
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
        .watched()
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

/// What a node passes back to its operands, row by row: a weight for its change, and one for the logarithm of its ratio.
#[derive(Default, Clone)]
struct Weights {
    of_change: Vec<f64>,
    of_log: Vec<f64>,
}

impl Weights {
    fn add_change(&mut self, rows: usize, weight: impl Fn(usize) -> f64) {
        add(&mut self.of_change, rows, weight);
    }

    fn add_log(&mut self, rows: usize, weight: impl Fn(usize) -> f64) {
        add(&mut self.of_log, rows, weight);
    }

    fn change(&self, row: usize) -> f64 {
        self.of_change.get(row).copied().unwrap_or_default()
    }

    fn log(&self, row: usize) -> f64 {
        self.of_log.get(row).copied().unwrap_or_default()
    }
}

/// Adds to weights that are empty as long as there are none.
fn add(weights: &mut Vec<f64>, rows: usize, weight: impl Fn(usize) -> f64) {
    if weights.is_empty() {
        weights.extend((0..rows).map(weight));
    } else {
        weights.iter_mut().enumerate().for_each(|(row, known)| *known += weight(row));
    }
}

/// Goes back from profit to the parameters over up to [`WIDTH`] rows. Through sums a node's weight for its change is passed on; through
/// products it is turned into one for the logarithm by the logarithmic mean L, and that is passed on, as ln(ab) = ln a + ln b. So the parts
/// of both factors add up to the product's change.
fn lmdi(program: &Program, start: &Registers, end: &Registers, parts: &mut [&mut [f64]], rows: usize) {
    let size = program.operations.len();
    let logs = logs(program, start, end, rows);
    let mut weights = vec![Weights::default(); size];
    weights[size - 1].add_change(rows, |_| 1.0);
    for index in (0..size).rev() {
        let own = std::mem::take(&mut weights[index]);
        let (log, first, last) = (&logs[index], &start.get(index)[..rows], &end.get(index)[..rows]);
        let mean = |row: usize| mean_of(first[row], last[row], log[row]);
        let at = |register: usize, row: usize| (start.get(register)[row], end.get(register)[row]);
        match program.operations[index] {
            Operation::Parameter(parameter) => {
                let part = &mut parts[parameter][..rows];
                if !own.of_log.is_empty() {
                    part.iter_mut().zip(&own.of_log).zip(log).for_each(|((part, weight), log)| {
                        *part = if *weight == 0.0 { 0.0 } else { weight * log };
                    });
                }
                if !own.of_change.is_empty() {
                    let changes = first.iter().zip(last).map(|(first, last)| last - first);
                    part.iter_mut().zip(&own.of_change).zip(changes).for_each(|((part, weight), change)| {
                        *part += weight * change;
                    });
                }
            }
            Operation::Number(_) => {}
            Operation::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
                let sign = if operator == Operator::Multiply { 1.0 } else { -1.0 };
                let has_logs = log.iter().fold(true, |all, log| all & !log.is_nan());
                let mut weight = own.of_log.clone();
                if !own.of_change.is_empty() {
                    let (of_change, log) = (&own.of_change[..rows], &log[..rows]);
                    let mean = |row: usize| mean_of(first[row], last[row], log[row]);
                    add(&mut weight, rows, |row| if log[row].is_nan() { 0.0 } else { of_change[row] * mean(row) });
                }
                let weight = &weight[..rows];
                weights[left].add_log(rows, |row| weight[row]);
                weights[right].add_log(rows, |row| sign * weight[row]);
                if !has_logs {
                    let split = |row: usize| {
                        let (a, b) = without_logs(operator, at(left, row), at(right, row));
                        if log[row].is_nan() { (own.change(row) * a, own.change(row) * b) } else { (0.0, 0.0) }
                    };
                    weights[left].add_change(rows, |row| split(row).0);
                    weights[right].add_change(rows, |row| split(row).1);
                }
            }
            Operation::Binary(operator, left, right) => {
                let by_log = |row: usize| if own.log(row) == 0.0 { 0.0 } else { own.log(row) / mean(row) };
                let weight = |row: usize| own.change(row) + by_log(row);
                weights[left]
                    .add_change(rows, |row| weight(row) * through_sum(operator, at(left, row), at(right, row)).0);
                weights[right]
                    .add_change(rows, |row| weight(row) * through_sum(operator, at(left, row), at(right, row)).1);
            }
        }
    }
}

/// ln(after/before) of all registers that take part in a product or a quotient; NaN where a value or that of an operand is not above 0.
fn logs(program: &Program, start: &Registers, end: &Registers, rows: usize) -> Vec<Vec<f64>> {
    let mut needed = vec![false; program.operations.len()];
    for operation in &program.operations {
        if let Operation::Binary(Operator::Multiply | Operator::Divide, left, right) = *operation {
            (needed[left], needed[right]) = (true, true);
        }
    }
    let mut logs: Vec<Vec<f64>> = Vec::with_capacity(needed.len());
    for (register, operation) in program.operations.iter().enumerate() {
        let next = match *operation {
            Operation::Binary(Operator::Multiply, left, right) => sums(&logs[left], &logs[right], 1.0),
            Operation::Binary(Operator::Divide, left, right) => sums(&logs[left], &logs[right], -1.0),
            _ if !needed[register] => Vec::new(),
            _ => log_ratios(&start.get(register)[..rows], &end.get(register)[..rows]),
        };
        logs.push(next);
    }
    logs
}

fn sums(left: &[f64], right: &[f64], sign: f64) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| left + sign * right).collect()
}

/// The logarithmic mean L(x, y) = (y − x)/ln(y/x), and x where both are equal.
#[inline]
fn mean_of(x: f64, y: f64, log: f64) -> f64 {
    // Near 0 the quotient of two small differences loses digits: L = x·(e^l − 1)/l = x(1 + l/2 + l²/6 + l³/24 + …).
    let near = x * (1.0 + log * (0.5 + log * (1.0 / 6.0 + log * (1.0 / 24.0 + log / 120.0))));
    let far = (y - x) / log;
    if log.abs() < 1e-3 { near } else { far }
}

/// The weights w of two operands with w₁·Δa + w₂·Δb = the change of their sum, difference, minimum or maximum.
fn through_sum(operator: Operator, a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    match operator {
        Operator::Min => choice(a, b, f64::min),
        Operator::Max => choice(a, b, f64::max),
        Operator::Subtract => (1.0, -1.0),
        Operator::Add | Operator::Multiply | Operator::Divide => (1.0, 1.0),
    }
}

/// The same for a product or quotient without logarithms.
fn without_logs(operator: Operator, a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if operator == Operator::Multiply {
        return product(a, b);
    }
    // Δ(1/b) = −Δb/(b₀b₁).
    let (to_a, to_inverse) = product(a, (1.0 / b.0, 1.0 / b.1));
    (to_a, -to_inverse / (b.0 * b.1))
}

/// Products without logarithms. Where a factor is zero on one side only, the limit of the logarithmic mean gives it the whole change; where
/// signs differ the change is halved between both orders, as Shapley does for two factors.
fn product(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    match (a.0 * a.1 == 0.0 && a.0 != a.1, b.0 * b.1 == 0.0 && b.0 != b.1) {
        (true, false) => ((a.1 * b.1 - a.0 * b.0) / (a.1 - a.0), 0.0),
        (false, true) => (0.0, (a.1 * b.1 - a.0 * b.0) / (b.1 - b.0)),
        _ => (f64::midpoint(b.0, b.1), f64::midpoint(a.0, a.1)),
    }
}

/// min and max: where the same operand is chosen before and after, it has the whole change; else the mean of both orders.
fn choice(a: (f64, f64), b: (f64, f64), choose: fn(f64, f64) -> f64) -> (f64, f64) {
    let at = |a: f64, b: f64| choose(a, b);
    let share = |from: f64, to: f64, change: f64| if change == 0.0 { 0.0 } else { (to - from) / change };
    let left = f64::midpoint(at(a.1, b.0) - at(a.0, b.0), at(a.1, b.1) - at(a.0, b.1));
    let right = f64::midpoint(at(a.0, b.1) - at(a.0, b.0), at(a.1, b.1) - at(a.1, b.0));
    (share(0.0, left, a.1 - a.0), share(0.0, right, b.1 - b.0))
}
