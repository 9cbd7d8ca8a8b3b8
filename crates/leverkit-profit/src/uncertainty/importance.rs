//! Which uncertain parameters matter: Sobol's indices.

use leverkit_core::check;
use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, sum};
use rayon::prelude::*;
use serde::Serialize;

use super::draws::{Draws, Uncertain};
use super::sequence::{MOST_DIMENSIONS, Sobol};
use crate::formula::program::WIDTH;
use crate::{Error, Formula};

/// How much of profit's variance a parameter explains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SobolIndex {
    /// The parameter.
    pub parameter: String,
    /// Alone: Sobol's first-order index, with 95 % limits as for random points, which are wide for these.
    pub first: Interval,
    /// With all its interactions: the total index.
    pub total: Interval,
}

/// Points beyond which the results of 32 parameters would not fit the memory of a machine.
const MOST_POINTS: usize = 1 << 24;

/// Sobol's indices (Sobol 1993) by the estimators of Saltelli et al. (2010) for the first order and Jansen (1999) for the total, over
/// `n` points of Sobol's sequence: n · (k + 2) evaluations for k uncertain parameters, taken to be independent.
///
/// # Errors
/// As [`simulate`](crate::simulate); [`Error::Core`] for more than 32 uncertain parameters, or profit that does not vary.
///
/// ```
/// use leverkit_profit::{Distribution, Formula, sobol};
/// let within = |low, high| Distribution::Uniform { low, high };
/// let uncertain = [
///     ("price".into(), within(40.0, 60.0)),
///     ("leads".into(), within(990.0, 1010.0)),
/// ];
/// let found = sobol(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &uncertain, 1024, 1)?;
/// assert!(found[0].parameter == "price" && found[0].first.estimate > 0.9);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn sobol(
    formula: &Formula,
    values: &[f64],
    uncertain: &[Uncertain],
    n: u32,
    seed: u64,
) -> Result<Vec<SobolIndex>, Error> {
    let draws = Draws::new(formula, values, uncertain, &[])?;
    let k = draws.samplers.len();
    if 2 * k > MOST_DIMENSIONS {
        return Err(Error::parameter(
            "uncertainty",
            format!("{k} parameters"),
            format!("at most {}", MOST_DIMENSIONS / 2),
        ));
    }
    check::count("n", n as usize, 2, MOST_POINTS)?;
    let sequence = Sobol::new(2 * k, seed);
    let profit = formula.profit_register();
    let program = formula.program().up_to(profit);
    let stretches: Vec<Vec<Vec<f64>>> = (0..n.div_ceil(WIDTH as u32))
        .into_par_iter()
        .watched()
        .map_init(
            || program.registers(),
            |registers, stretch| {
                let start = stretch * WIDTH as u32;
                let length = (n - start).min(WIDTH as u32) as usize;
                let column = |dimension: usize| -> Vec<f64> {
                    let (position, sampler) = &draws.samplers[dimension % k];
                    let parameter = &formula.parameters()[*position];
                    let value = |row: usize| sampler.at_share(sequence.coordinate(start + row as u32, dimension));
                    (0..WIDTH).map(|row| value(row).clamp(parameter.least(), parameter.most())).collect()
                };
                let (a, b): (Vec<_>, Vec<_>) = ((0..k).map(column).collect(), (k..2 * k).map(column).collect());
                let mut evaluate = |columns: &[Vec<f64>]| {
                    draws.run(&program, registers, columns);
                    registers.get(profit)[..length].to_vec()
                };
                let mut results = vec![evaluate(&a), evaluate(&b)];
                let mut mixed = a;
                for parameter in 0..k {
                    let own = std::mem::replace(&mut mixed[parameter], b[parameter].clone());
                    results.push(evaluate(&mixed));
                    mixed[parameter] = own;
                }
                results
            },
        )
        .collect();
    let columns: Vec<Vec<f64>> = (0..k + 2)
        .map(|column| stretches.iter().flat_map(|stretch| stretch[column].iter().copied()).collect())
        .collect();
    importances(&columns, uncertain)
}

fn importances(columns: &[Vec<f64>], uncertain: &[Uncertain]) -> Result<Vec<SobolIndex>, Error> {
    let (a, b) = (&columns[0], &columns[1]);
    let both = [a.as_slice(), b.as_slice()].concat();
    let mean = sum(&both) / both.len() as f64;
    let variance = sum(&both.iter().map(|value| (value - mean).powi(2)).collect::<Vec<_>>()) / both.len() as f64;
    if !(variance > 0.0 && variance.is_finite()) {
        return Err(Error::parameter("uncertainty", "profit that does not vary", "distributions that move profit"));
    }
    let index = |terms: Vec<f64>| {
        let n = terms.len() as f64;
        let estimate = sum(&terms) / n;
        let spread = sum(&terms.iter().map(|term| (term - estimate).powi(2)).collect::<Vec<_>>()) / n;
        let half = 1.959_963_984_540_054 * (spread / n).sqrt();
        Interval { estimate, lower: estimate - half, upper: estimate + half }
    };
    let rows = uncertain.iter().zip(&columns[2..]).map(|((name, _), mixed)| SobolIndex {
        parameter: name.clone(),
        first: index((0..a.len()).map(|i| (b[i] - mean) * (mixed[i] - a[i]) / variance).collect()),
        total: index((0..a.len()).map(|i| (a[i] - mixed[i]).powi(2) / (2.0 * variance)).collect()),
    });
    Ok(rows.collect())
}
