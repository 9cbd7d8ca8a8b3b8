//! Draws of uncertain parameters, alone or moving together.

use rand::RngExt;
use rand_distr::StandardNormal;
use rand_pcg::Pcg64Mcg;

use super::distribution::{Distribution, Sampler};
use crate::formula::program::{Program, Registers, WIDTH};
use crate::{Error, Formula};

/// An uncertain parameter: its name and how it is spread.
pub type Uncertain = (String, Distribution);

/// How two uncertain parameters move together: their names and the correlation of their normal scores (Gaussian copula).
pub type Correlation = (String, String, f64);

/// What is uncertain, by the position of its parameter.
pub(super) struct Draws<'a> {
    pub(super) formula: &'a Formula,
    values: &'a [f64],
    pub(super) samplers: Vec<(usize, Sampler)>,
    /// The lower triangle that makes independent normal numbers correlated; empty where none are.
    factor: Vec<Vec<f64>>,
}

impl<'a> Draws<'a> {
    pub(super) fn new(
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
    pub(super) fn draw(&self, random: &mut Pcg64Mcg, columns: &mut [Vec<f64>], clipped: &mut [u64]) {
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
    pub(super) fn run(&self, program: &Program, registers: &mut Registers, columns: &[Vec<f64>]) {
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
