//! Limits of a constant effect by moving blocks (Chernozhukov, Wüthrich & Zhu 2021).

use super::estimate::Problem;
use super::simplex::weights;

/// The limits of effects that a test does not refuse, around an estimate; `None` where the periods are too few for the level, or the estimate itself is refused.
///
/// Under an effect, what is left of the treated's path is fitted by synthetic control over all periods; its residuals from the start on must not be
/// greater than those of as many neighbours at any other place.
pub(super) fn limits(problem: &Problem<'_>, estimate: f64, scale: f64, level: f64) -> Option<(f64, f64)> {
    let refused = 1.0 - level;
    let periods = problem.treated.len();
    let is_refused = |effect: f64| p_value(problem, effect) <= refused;
    if 1.0 / periods as f64 > refused || scale <= 0.0 || is_refused(estimate) {
        return None;
    }
    let end = |sign: f64| {
        let (mut inside, mut step) = (estimate, sign * scale / 2.0);
        for _ in 0..FARTHEST {
            let outside = inside + step;
            if is_refused(outside) {
                return Some(between(inside, outside, is_refused));
            }
            (inside, step) = (outside, step * 1.5);
        }
        None
    };
    Some((end(-1.0)?, end(1.0)?))
}

/// So many steps, each half as long again, reach beyond any effect.
const FARTHEST: usize = 40;

fn between(mut inside: f64, mut outside: f64, is_refused: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..30 {
        let middle = f64::midpoint(inside, outside);
        if is_refused(middle) { outside = middle } else { inside = middle }
    }
    inside
}

/// The share of places at which residuals are at least as great as those from the start on.
fn p_value(problem: &Problem<'_>, effect: f64) -> f64 {
    let mut path = problem.treated.to_vec();
    path[problem.before..].iter_mut().for_each(|value| *value -= effect);
    let columns: Vec<Vec<f64>> =
        problem.donors.iter().map(|donor| donor.iter().zip(&path).map(|(donor, own)| donor - own).collect()).collect();
    let weights = weights(&columns, 0.0);
    let periods = path.len();
    let residual =
        |at: usize| weights.iter().zip(&columns).map(|(weight, column)| weight * column[at]).sum::<f64>().abs();
    let residuals: Vec<f64> = (0..periods).map(residual).collect();
    let length = periods - problem.before;
    let of = |start: usize| (start..start + length).map(|at| residuals[at % periods]).sum::<f64>();
    let own = of(problem.before);
    // Rounding must not refuse what is equal.
    (0..periods).filter(|start| of(*start) >= own * (1.0 - 1e-9)).count() as f64 / periods as f64
}
