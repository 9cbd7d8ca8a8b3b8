//! Uncertainty: profit when parameters are spread instead of known, and which of them matters (Monte Carlo, Sobol's indices).

pub(crate) mod distribution;
pub(crate) mod draws;
pub(crate) mod importance;
pub(crate) mod lift_limits;
mod sequence;
pub(crate) mod table;
mod tally;

use std::ops::Range;

use leverkit_core::check;
use leverkit_core::stats::{Interval, budget::Steps, wilson};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use serde::Serialize;

use crate::formula::program::{Program, Registers, WIDTH};
use crate::{Error, Formula};
use draws::{Correlation, Draws, Uncertain};
use tally::{Scale, Tally};

/// A quantity over all scenarios.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// Mean, with its 95 % limits by the number of scenarios.
    pub mean: Interval,
    /// Standard deviation.
    pub std: f64,
    /// Percentiles 1 to 99, each within 0.2 % of its distance from the median, and between the least and the greatest value that came.
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

/// Simulates `n` scenarios. Each stretch has a random stream of its own, so the result depends on the seed alone.
///
/// # Errors
/// [`Error::UnknownName`], [`Error::Core`] for a distribution or correlations that cannot be, or no scenario; as [`Formula::point`].
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
    check::count("n", n, 1, MOST_SCENARIOS)?;
    let draws = Draws::new(formula, values, uncertain, correlations)?;
    let registers = [formula.revenue_register(), formula.profit_register()];
    let program = formula.program().up_to(registers[0].max(registers[1]));
    let stretches = n.div_ceil(WIDTH);
    let run = Run { draws: &draws, program: &program, registers, n, seed, target };
    let scales = run.scales(stretches);
    let steps = Steps::of(stretches);
    let parts: Vec<Part> = (0..PARTS.min(stretches))
        .into_par_iter()
        .map(|part| {
            let range = stretches * part / PARTS.min(stretches)..stretches * (part + 1) / PARTS.min(stretches);
            run.part(scales, range, &steps)
        })
        .collect::<Result<_, _>>()?;
    let whole = parts.into_iter().reduce(Part::merge).unwrap_or_else(|| Part::new(draws.samplers.len(), scales));
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

/// Parts that scenarios are cut into: each adds up on its own, so that sums do not depend on threads.
const PARTS: usize = 16;

/// Scenarios that take hours on any machine.
const MOST_SCENARIOS: usize = 10_000_000_000;

/// Stretches that show about where values lie.
const FIRST_STRETCHES: usize = 8;

/// What a part of the scenarios came to.
struct Part {
    revenue: Tally,
    profit: Tally,
    losses: u64,
    hits: u64,
    clipped: Vec<u64>,
}

impl Part {
    fn new(uncertain: usize, [revenue, profit]: [Scale; 2]) -> Self {
        let (revenue, profit) = (Tally::new(revenue), Tally::new(profit));
        Self { revenue, profit, losses: 0, hits: 0, clipped: vec![0; uncertain] }
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

/// Scenarios to run.
struct Run<'a> {
    draws: &'a Draws<'a>,
    program: &'a Program,
    /// Those of revenue and profit.
    registers: [usize; 2],
    n: usize,
    seed: u64,
    target: Option<f64>,
}

impl Run<'_> {
    /// About where revenue and profit lie, by the first stretches.
    fn scales(&self, stretches: usize) -> [Scale; 2] {
        let mut clipped = vec![0; self.draws.samplers.len()];
        let mut room = self.room();
        let mut values = [Vec::new(), Vec::new()];
        for stretch in 0..FIRST_STRETCHES.min(stretches) {
            let found = self.stretch(stretch, &mut room, &mut clipped);
            values.iter_mut().zip(found).for_each(|(values, found)| values.extend_from_slice(found));
        }
        values.map(|values| Scale::of(&values))
    }

    fn part(&self, scales: [Scale; 2], stretches: Range<usize>, steps: &Steps) -> Result<Part, Error> {
        let mut part = Part::new(self.draws.samplers.len(), scales);
        let mut room = self.room();
        for stretch in stretches {
            let [revenues, profits] = self.stretch(stretch, &mut room, &mut part.clipped);
            if let Some(row) = profits.iter().position(|profit| !profit.is_finite()) {
                return Err(Error::NotFinite { node: "profit".into(), row: stretch * WIDTH + row, got: profits[row] });
            }
            part.revenue.add(revenues);
            part.profit.add(profits);
            part.losses += profits.iter().filter(|profit| **profit < 0.0).count() as u64;
            part.hits +=
                self.target.map_or(0, |least| profits.iter().filter(|profit| **profit >= least).count() as u64);
            steps.done();
        }
        Ok(part)
    }

    fn room(&self) -> (Registers, Vec<Vec<f64>>) {
        (self.program.registers(), vec![vec![0.0; WIDTH]; self.draws.samplers.len()])
    }

    /// Revenues and profits of a stretch, which has a random stream of its own.
    fn stretch<'r>(
        &self,
        stretch: usize,
        (registers, columns): &'r mut (Registers, Vec<Vec<f64>>),
        clipped: &mut [u64],
    ) -> [&'r [f64]; 2] {
        let mut random = Pcg64Mcg::seed_from_u64(self.seed ^ (stretch as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        self.draws.draw(&mut random, columns, clipped);
        self.draws.run(self.program, registers, columns);
        let length = WIDTH.min(self.n - stretch * WIDTH);
        self.registers.map(|register| &registers.get(register)[..length])
    }
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
