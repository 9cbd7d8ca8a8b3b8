//! Uncertainty: profit when parameters are spread instead of known, and which of them matters (Monte Carlo, Sobol's indices).

use std::ops::Range;

use leverkit_core::stats::{Interval, sum, wilson};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use serde::Serialize;

use crate::distribution::Sampler;
use crate::program::{Program, Registers, WIDTH};
use crate::sequence::{MOST_DIMENSIONS, Sobol};
use crate::tally::Tally;
use crate::{Distribution, Error, Formula};

/// An uncertain parameter: its name and how it is spread.
pub type Uncertain = (String, Distribution);

/// How two uncertain parameters move together: their names and the correlation of their normal scores (Gaussian copula).
pub type Correlation = (String, String, f64);

/// A quantity over all scenarios.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// Mean, with its 95 % limits by the number of scenarios.
    pub mean: Interval,
    /// Standard deviation.
    pub std: f64,
    /// Percentiles 1 to 99, each within 0.2 % of its size.
    pub percentiles: Vec<f64>,
}

/// What came of many scenarios.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// How many scenarios.
    pub n: usize,
    /// Revenue.
    pub revenue: Spread,
    /// Profit.
    pub profit: Spread,
    /// Share of scenarios with a loss, with 95 % limits.
    pub loss: Interval,
    /// Share of scenarios whose profit reaches the target, with 95 % limits; `None` without a target.
    pub target: Option<Interval>,
    /// How often a draw was moved to its parameter's bound, by parameter.
    pub clipped: Vec<(String, u64)>,
}

/// What is uncertain, by the position of its parameter.
struct Draws<'a> {
    formula: &'a Formula,
    values: &'a [f64],
    samplers: Vec<(usize, Sampler)>,
    /// The lower triangle that makes independent normal numbers correlated; empty where none are.
    factor: Vec<Vec<f64>>,
}

impl<'a> Draws<'a> {
    fn new(
        formula: &'a Formula,
        values: &'a [f64],
        uncertain: &[Uncertain],
        correlations: &[Correlation],
    ) -> Result<Self, Error> {
        formula.check(values)?;
        if uncertain.is_empty() {
            return Err(Error::parameter("uncertainty", "none", "a distribution for at least one parameter"));
        }
        let mut samplers: Vec<(usize, Sampler)> = Vec::new();
        for (name, distribution) in uncertain {
            samplers.push((formula.position(name)?, distribution.sampler(name)?));
        }
        let place = |name: &String| {
            let position = formula.position(name)?;
            samplers.iter().position(|(other, _)| *other == position).ok_or_else(|| {
                Error::parameter("correlations", name.clone(), "parameters with a distribution in uncertainty")
            })
        };
        let mut matrix: Vec<Vec<f64>> = (0..samplers.len())
            .map(|row| (0..samplers.len()).map(|column| f64::from(u8::from(row == column))).collect())
            .collect();
        for (first, second, correlation) in correlations {
            let (first, second) = (place(first)?, place(second)?);
            matrix[first][second] = *correlation;
            matrix[second][first] = *correlation;
        }
        let factor = if correlations.is_empty() { Vec::new() } else { cholesky(&matrix)? };
        Ok(Self { formula, values, samplers, factor })
    }

    /// Draws a stretch of scenarios and counts clipped draws.
    fn draw(&self, random: &mut Pcg64Mcg, columns: &mut [Vec<f64>], clipped: &mut [u64]) {
        if self.factor.is_empty() {
            self.samplers
                .iter()
                .zip(columns.iter_mut())
                .for_each(|((_, sampler), column)| sampler.fill(random, column));
        } else {
            self.draw_together(random, columns);
        }
        for (((position, _), column), clipped) in self.samplers.iter().zip(columns).zip(clipped) {
            let parameter = &self.formula.parameters()[*position];
            for value in column {
                let within = value.clamp(parameter.least(), parameter.most());
                *clipped += u64::from(within != *value);
                *value = within;
            }
        }
    }

    fn draw_together(&self, random: &mut Pcg64Mcg, columns: &mut [Vec<f64>]) {
        let mut independent = vec![0.0; self.samplers.len()];
        for row in 0..WIDTH {
            independent.iter_mut().for_each(|z| *z = random.sample(StandardNormal));
            for (((_, sampler), column), weights) in self.samplers.iter().zip(columns.iter_mut()).zip(&self.factor) {
                let z: f64 = weights.iter().zip(&independent).map(|(weight, z)| weight * z).sum();
                column[row] = sampler.at_normal(z);
            }
        }
    }

    /// Evaluates a stretch; parameters without a distribution have their value.
    fn run(&self, program: &Program, registers: &mut Registers, columns: &[Vec<f64>]) {
        program.run(registers, |parameter, out| {
            match self.samplers.iter().position(|(position, _)| *position == parameter) {
                Some(column) => out.copy_from_slice(&columns[column]),
                None => out.fill(self.values[parameter]),
            }
        });
    }
}

/// The lower triangle L with L·Lᵀ = the matrix.
fn cholesky(matrix: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, Error> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for row in 0..n {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| factor[row][k] * factor[column][k]).sum();
            let rest = matrix[row][column] - known;
            factor[row][column] = if row != column {
                rest / factor[column][column]
            } else if rest > 1e-12 {
                rest.sqrt()
            } else {
                return Err(Error::parameter(
                    "correlations",
                    "a matrix that is not positive definite",
                    "correlations above −1 and below 1 that can hold at once",
                ));
            };
        }
    }
    Ok(factor)
}

/// Simulates `n` scenarios. Each stretch has a random stream of its own, so the result depends on the seed alone.
///
/// # Errors
/// [`Error::UnknownName`], [`Error::Parameter`] for a distribution or correlations that cannot be, or no scenario; as [`Formula::point`].
///
/// ```
/// use leverkit_profit::{Distribution, Formula, simulate};
/// let uncertain = [("price".to_string(), Distribution::Normal { mean: 50.0, std: 5.0 })];
/// let found = simulate(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &uncertain, &[], 100_000, 1, Some(10_000.0))?;
/// assert!((found.profit.mean.estimate - 10_000.0).abs() < 20.0 && (found.profit.std - 1000.0).abs() < 10.0);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn simulate(
    formula: &Formula,
    values: &[f64],
    uncertain: &[Uncertain],
    correlations: &[Correlation],
    n: usize,
    seed: u64,
    target: Option<f64>,
) -> Result<Simulation, Error> {
    if n == 0 {
        return Err(Error::parameter("n", "0", "at least one scenario"));
    }
    let draws = Draws::new(formula, values, uncertain, correlations)?;
    let registers = [formula.revenue_register(), formula.profit_register()];
    let program = formula.program().up_to(registers[0].max(registers[1]));
    let stretches = n.div_ceil(WIDTH);
    let parts: Vec<Part> = (0..PARTS.min(stretches))
        .into_par_iter()
        .map(|part| {
            let range = stretches * part / PARTS.min(stretches)..stretches * (part + 1) / PARTS.min(stretches);
            run_part(&draws, &program, registers, range, n, seed, target)
        })
        .collect::<Result<_, _>>()?;
    let whole = parts.into_iter().reduce(Part::merge).unwrap_or_else(|| Part::new(draws.samplers.len()));
    let share = |hits: u64| wilson(hits, n as u64, 0.95).map_err(|error| Error::syntax("simulate", error.to_string()));
    Ok(Simulation {
        n,
        loss: share(whole.losses)?,
        target: target.map(|_| share(whole.hits)).transpose()?,
        revenue: spread(&whole.revenue),
        profit: spread(&whole.profit),
        clipped: uncertain
            .iter()
            .map(|(name, _)| name.clone())
            .zip(whole.clipped)
            .filter(|(_, times)| *times > 0)
            .collect(),
    })
}

/// Scenarios as a column for each parameter, for what looks at each more than once.
pub(crate) fn scenarios(
    formula: &Formula,
    values: &[f64],
    uncertain: &[Uncertain],
    n: usize,
    seed: u64,
) -> Result<Vec<Vec<f64>>, Error> {
    let draws = Draws::new(formula, values, uncertain, &[])?;
    let mut columns: Vec<Vec<f64>> = values.iter().map(|value| vec![*value; n]).collect();
    let mut spread = vec![vec![0.0; n]; draws.samplers.len()];
    draws.draw(&mut Pcg64Mcg::seed_from_u64(seed), &mut spread, &mut vec![0; draws.samplers.len()]);
    for ((position, _), column) in draws.samplers.iter().zip(spread) {
        columns[*position] = column;
    }
    Ok(columns)
}

/// Profit of scenarios given as columns.
pub(crate) fn profits(formula: &Formula, columns: &[Vec<f64>]) -> Vec<f64> {
    let profit = formula.profit_register();
    let program = formula.program().up_to(profit);
    let mut registers = program.registers();
    let n = columns.first().map_or(0, Vec::len);
    let mut profits = Vec::with_capacity(n);
    for start in (0..n).step_by(WIDTH) {
        let length = WIDTH.min(n - start);
        program.run(&mut registers, |parameter, out| {
            out[..length].copy_from_slice(&columns[parameter][start..start + length]);
        });
        profits.extend_from_slice(&registers.get(profit)[..length]);
    }
    profits
}

/// Parts that scenarios are cut into: each adds up on its own, so that sums do not depend on threads.
const PARTS: usize = 16;

/// What a part of the scenarios came to.
struct Part {
    revenue: Tally,
    profit: Tally,
    losses: u64,
    hits: u64,
    clipped: Vec<u64>,
}

impl Part {
    fn new(uncertain: usize) -> Self {
        Self { revenue: Tally::new(), profit: Tally::new(), losses: 0, hits: 0, clipped: vec![0; uncertain] }
    }

    fn merge(mut self, other: Self) -> Self {
        self.revenue.merge(&other.revenue);
        self.profit.merge(&other.profit);
        self.losses += other.losses;
        self.hits += other.hits;
        self.clipped.iter_mut().zip(other.clipped).for_each(|(clipped, more)| *clipped += more);
        self
    }
}

fn run_part(
    draws: &Draws<'_>,
    program: &Program,
    [revenue, profit]: [usize; 2],
    stretches: Range<usize>,
    n: usize,
    seed: u64,
    target: Option<f64>,
) -> Result<Part, Error> {
    let width = draws.samplers.len();
    let mut part = Part::new(width);
    let (mut registers, mut columns) = (program.registers(), vec![vec![0.0; WIDTH]; width]);
    for stretch in stretches {
        let mut random = Pcg64Mcg::seed_from_u64(seed ^ (stretch as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        draws.draw(&mut random, &mut columns, &mut part.clipped);
        draws.run(program, &mut registers, &columns);
        let length = WIDTH.min(n - stretch * WIDTH);
        let (revenues, profits) = (&registers.get(revenue)[..length], &registers.get(profit)[..length]);
        if let Some(row) = profits.iter().position(|profit| !profit.is_finite()) {
            return Err(Error::NotFinite { node: "profit".into(), row: stretch * WIDTH + row, got: profits[row] });
        }
        part.revenue.add(revenues);
        part.profit.add(profits);
        part.losses += profits.iter().filter(|profit| **profit < 0.0).count() as u64;
        part.hits += target.map_or(0, |target| profits.iter().filter(|profit| **profit >= target).count() as u64);
    }
    Ok(part)
}

fn spread(tally: &Tally) -> Spread {
    let (mean, std) = (tally.mean(), tally.std());
    let half = 1.959_963_984_540_054 * std / (tally.n() as f64).sqrt();
    Spread {
        mean: Interval { estimate: mean, lower: mean - half, upper: mean + half },
        std,
        percentiles: tally.percentiles(),
    }
}

/// How much of profit's variance a parameter explains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Importance {
    /// The parameter.
    pub parameter: String,
    /// Alone: Sobol's first-order index, with 95 % limits as for random points, which are wide for these.
    pub first: Interval,
    /// With all its interactions: the total index.
    pub total: Interval,
}

/// Sobol's indices (Sobol 1993) by the estimators of Saltelli et al. (2010) for the first order and Jansen (1999) for the total, over
/// `n` points of Sobol's sequence: n · (k + 2) evaluations for k uncertain parameters, taken to be independent.
///
/// # Errors
/// As [`simulate`]; [`Error::Parameter`] for more than 32 uncertain parameters, or profit that does not vary.
pub fn sobol(
    formula: &Formula,
    values: &[f64],
    uncertain: &[Uncertain],
    n: u32,
    seed: u64,
) -> Result<Vec<Importance>, Error> {
    let draws = Draws::new(formula, values, uncertain, &[])?;
    let k = draws.samplers.len();
    if 2 * k > MOST_DIMENSIONS {
        return Err(Error::parameter(
            "uncertainty",
            format!("{k} parameters"),
            format!("at most {}", MOST_DIMENSIONS / 2),
        ));
    }
    if n < 2 {
        return Err(Error::parameter("n", n.to_string(), "at least 2 points"));
    }
    let sequence = Sobol::new(2 * k, seed);
    let profit = formula.profit_register();
    let program = formula.program().up_to(profit);
    let stretches: Vec<Vec<Vec<f64>>> = (0..n.div_ceil(WIDTH as u32))
        .into_par_iter()
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

fn importances(columns: &[Vec<f64>], uncertain: &[Uncertain]) -> Result<Vec<Importance>, Error> {
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
    let rows = uncertain.iter().zip(&columns[2..]).map(|((name, _), mixed)| Importance {
        parameter: name.clone(),
        first: index((0..a.len()).map(|i| (b[i] - mean) * (mixed[i] - a[i]) / variance).collect()),
        total: index((0..a.len()).map(|i| (a[i] - mixed[i]).powi(2) / (2.0 * variance)).collect()),
    });
    Ok(rows.collect())
}
