//! Each person's own utilities, by empirical Bayes: people are taken to be normal around a common mean, whose mean and covariance are estimated from all of them,
//! and each person's utilities are the mode of what their own choices and the others say together (Laplace's approximation).
//!
//! The EM algorithm takes one step of Newton per person and round; every other round is followed by an extrapolation of mean and covariance, without which
//! hundreds of rounds are far from the end where people made few choices of many items. How consistent a person is, the geometric mean of the probabilities of their choices
//! (root likelihood), is held against that of people who choose at random.

use faer::prelude::*;
use faer::{Mat, Side};
use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::quantiles;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::likelihood::{Fit, Slope};
use super::tasks::Tasks;
use super::{MaxDiffParams, Model};
use crate::Error;
use crate::climb::{Point, extrapolated};

pub(super) const ROUNDS: usize = 500;
/// Where two rounds and an extrapolation change nobody's utilities by more, no other follows. The mean stands still long before, while the covariance still
/// pulls people together.
const STILL: f64 = 1e-3;
/// How many people who choose at random are looked at.
const RANDOM: usize = 400;

/// A person's utilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// Utilities of all items, around a mean of 0, or from the threshold.
    pub utilities: Vec<f64>,
    /// Their standard errors.
    pub std_errors: Vec<f64>,
    /// How far utilities are pulled to those of all: 0 not at all, 1 wholly.
    pub shrinkage: f64,
    /// The geometric mean of the probabilities of their choices.
    pub rlh: f64,
    /// The same of choices that are all equally likely.
    pub chance: f64,
    /// Tasks.
    pub tasks: u64,
}

/// Utilities of all persons.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Individuals {
    /// In the order of respondents.
    pub people: Vec<Person>,
    /// The mean utilities of people, around a mean of 0.
    pub means: Vec<f64>,
    /// How much people differ, item by item.
    pub sds: Vec<f64>,
    /// The root likelihood under which 95 % of people lie who choose at random.
    pub random: f64,
    /// Whether rounds ended because utilities stood still, and did not just run out.
    pub is_settled: bool,
}

/// The population: mean and inverse covariance without the base.
struct Population {
    mean: Vec<f64>,
    covariance: Mat<f64>,
    precision: Mat<f64>,
}

/// What is known of a person: the mode and the covariance around it.
struct Known {
    mode: Vec<f64>,
    covariance: Mat<f64>,
}

impl Known {
    fn far_from(&self, other: &Self) -> f64 {
        self.mode.iter().zip(&other.mode).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }
}

/// A population as numbers that may be any: its mean, then the triangular root of its covariance, row by row, with logarithms on the diagonal.
#[derive(Clone)]
struct Root(Vec<f64>);

impl Point for Root {
    fn values(&self) -> &[f64] {
        &self.0
    }

    fn values_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}

impl Root {
    fn population(&self, base: usize) -> Result<Population, Error> {
        let (mean, root) = self.0.split_at(base);
        let at = |row: usize, column: usize| match root[row * (row + 1) / 2 + column] {
            log if row == column => log.exp(),
            value => value,
        };
        let lower = Mat::from_fn(base, base, |row, column| if column > row { 0.0 } else { at(row, column) });
        Population::new(mean.to_vec(), &lower * lower.transpose())
    }
}

impl Individuals {
    pub(super) fn of(tasks: &Tasks, fit: &Fit, params: &MaxDiffParams) -> Result<Self, Error> {
        let base = tasks.items.len() - 1;
        let people = tasks.people.len() - 1;
        let mut population = Population::new(fit.utilities[..base].to_vec(), Mat::identity(base, base))?;
        let choices = |who: usize| tasks.people[who]..tasks.people[who + 1];
        let round = |population: &Population, known: &[Known]| -> Result<Vec<Known>, Error> {
            let of = |who: usize| {
                let start = known.get(who).map_or(&population.mean, |known| &known.mode);
                let own = choices(who).map(|at| (tasks.task(at), tasks.choices[at]));
                population.known(params.model, &own.collect::<Vec<_>>(), start, 1)
            };
            (0..people).into_par_iter().watched().map(of).collect()
        };
        let mut known = round(&population, &[])?;
        let mut is_settled = false;
        for _ in 0..ROUNDS / 2 {
            let first = round(&population, &known)?;
            let one = Population::fitted(&first)?;
            let next = round(&one, &first)?;
            let two = Population::fitted(&next)?;
            let moved = next.iter().zip(&known).map(|(next, known)| next.far_from(known));
            is_settled = moved.fold(0.0, f64::max) < STILL;
            known = next;
            if is_settled {
                population = two;
                break;
            }
            let further = extrapolated(&population.root()?, &one.root()?, &two.root()?);
            population = further.and_then(|root| root.population(base).ok()).unwrap_or(two);
        }
        let person = |(who, known): (usize, &Known)| population.person(tasks, params.model, choices(who), known);
        Ok(Self {
            people: known.par_iter().watched().enumerate().map(person).collect(),
            random: population.random(tasks, params)?,
            means: placed(&population.mean, tasks),
            sds: scattered(&population.covariance, tasks),
            is_settled,
        })
    }
}

impl Population {
    fn new(mean: Vec<f64>, covariance: Mat<f64>) -> Result<Self, Error> {
        let precision = inverse(&covariance)?;
        Ok(Self { mean, covariance, precision })
    }

    fn root(&self) -> Result<Root, Error> {
        let root = llt(&self.covariance)?;
        let at = |row: usize, column: usize| match root.L()[(row, column)] {
            value if row == column => value.ln(),
            value => value,
        };
        let lower = (0..self.mean.len()).flat_map(|row| (0..=row).map(move |column| (row, column)));
        Ok(Root(self.mean.iter().copied().chain(lower.map(|(row, column)| at(row, column))).collect()))
    }

    /// Mean and covariance of people; a unit matrix counts as one person, so that few people have a covariance too.
    fn fitted(known: &[Known]) -> Result<Self, Error> {
        let (n, base) = (known.len() as f64, known[0].mode.len());
        let mean: Vec<f64> = (0..base).map(|at| known.iter().map(|known| known.mode[at]).sum::<f64>() / n).collect();
        let mut sum = Mat::<f64>::identity(base, base);
        for known in known {
            for column in 0..base {
                for row in 0..base {
                    let off = (known.mode[row] - mean[row]) * (known.mode[column] - mean[column]);
                    sum[(row, column)] += off + known.covariance[(row, column)];
                }
            }
        }
        Self::new(mean, Mat::from_fn(base, base, |row, column| sum[(row, column)] / (n + 1.0)))
    }

    /// The mode of a person, by so many steps of Newton from a start, each halved where it would not rise.
    fn known(&self, model: Model, own: &[(&[u32], (u32, u32))], start: &[f64], steps: usize) -> Result<Known, Error> {
        let base = self.mean.len();
        let mut mode = start.to_vec();
        let mut now = self.at(model, own, &mode);
        for _ in 0..steps {
            let gradient = Mat::from_fn(base, 1, |row, _| now.1[row]);
            let direction = llt(&now.2)?.solve(&gradient);
            let mut length = 1.0;
            loop {
                let next: Vec<f64> = (0..base).map(|row| mode[row] + length * direction[(row, 0)]).collect();
                let found = self.at(model, own, &next);
                if found.0 >= now.0 || length < 1e-3 {
                    (mode, now) = (next, found);
                    break;
                }
                length /= 2.0;
            }
        }
        Ok(Known { mode, covariance: inverse(&now.2)? })
    }

    /// Log posterior, its gradient and information.
    fn at(&self, model: Model, own: &[(&[u32], (u32, u32))], mode: &[f64]) -> (f64, Vec<f64>, Mat<f64>) {
        let base = mode.len();
        let utilities: Vec<f64> = mode.iter().copied().chain([0.0]).collect();
        let (mut value, mut gradient, mut information) = (0.0, vec![0.0; base], vec![0.0; base * base]);
        let mut slope = Slope::new(&mut value, &mut gradient, Some(&mut information));
        own.iter().for_each(|(task, choice)| slope.add(model, task, *choice, &utilities, 1.0));
        let off: Vec<f64> = mode.iter().zip(&self.mean).map(|(own, mean)| own - mean).collect();
        for row in 0..base {
            let pull: f64 = (0..base).map(|column| self.precision[(row, column)] * off[column]).sum();
            gradient[row] -= pull;
            value -= 0.5 * off[row] * pull;
        }
        (
            value,
            gradient,
            Mat::from_fn(base, base, |row, column| {
                information[row.max(column) * base + row.min(column)] + self.precision[(row, column)]
            }),
        )
    }

    fn person(&self, tasks: &Tasks, model: Model, own: std::ops::Range<usize>, known: &Known) -> Person {
        let base = self.mean.len();
        let shown = tasks.shown_of(own.clone());
        let choices: Vec<_> = own.map(|at| (tasks.task(at), tasks.choices[at])).collect();
        let (rlh, chance) = root_likelihoods(model, &choices, &known.mode);
        let trace = |of: &Mat<f64>| (0..base).map(|at| of[(at, at)]).sum::<f64>();
        Person {
            utilities: placed(&known.mode, tasks),
            std_errors: scattered(&known.covariance, tasks),
            shrinkage: (trace(&known.covariance) / trace(&self.covariance)).clamp(0.0, 1.0),
            rlh,
            chance,
            tasks: shown,
        }
    }

    /// The root likelihood of people who choose at random among the tasks of those who were asked.
    fn random(&self, tasks: &Tasks, params: &MaxDiffParams) -> Result<f64, Error> {
        let people = tasks.people.len() - 1;
        let one = |draw: usize| -> Result<f64, Error> {
            let mut random = Pcg64::seed_from_u64(params.seed ^ (draw as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let who = random.random_range(0..people);
            let own: Vec<(&[u32], (u32, u32))> = (tasks.people[who]..tasks.people[who + 1])
                .map(|at| {
                    let k = tasks.task(at).len() as u32;
                    let (best, step) = (random.random_range(0..k), random.random_range(1..k));
                    (tasks.task(at), (best, (best + step) % k))
                })
                .collect();
            let known = self.known(params.model, &own, &self.mean, 4)?;
            Ok(root_likelihoods(params.model, &own, &known.mode).0)
        };
        let mut found: Vec<f64> = (0..RANDOM).into_par_iter().watched().map(one).collect::<Result<_, _>>()?;
        Ok(quantiles(&mut found, &[0.95]).first().copied().unwrap_or(f64::NAN))
    }
}

/// The geometric mean of the probabilities of choices, and that of all pairs being equally likely.
fn root_likelihoods(model: Model, own: &[(&[u32], (u32, u32))], mode: &[f64]) -> (f64, f64) {
    let base = mode.len();
    let utilities: Vec<f64> = mode.iter().copied().chain([0.0]).collect();
    let (mut value, mut gradient) = (0.0, vec![0.0; base]);
    let mut slope = Slope::new(&mut value, &mut gradient, None);
    own.iter().for_each(|(task, choice)| slope.add(model, task, *choice, &utilities, 1.0));
    let pairs: f64 = own.iter().map(|(task, _)| ((task.len() * (task.len() - 1)) as f64).ln()).sum();
    let n = own.len() as f64;
    ((value / n).exp(), (-pairs / n).exp())
}

/// Utilities as they are told: from the threshold where there is one, else around a mean of 0.
fn placed(without_base: &[f64], tasks: &Tasks) -> Vec<f64> {
    if tasks.threshold.is_some() { without_base.to_vec() } else { centred(without_base) }
}

/// Standard deviations of utilities as they are told.
fn scattered(covariance: &Mat<f64>, tasks: &Tasks) -> Vec<f64> {
    if tasks.threshold.is_none() {
        return spreads(covariance);
    }
    (0..covariance.nrows()).map(|at| covariance[(at, at)].max(0.0).sqrt()).collect()
}

/// Utilities with the base's 0 behind, moved to a mean of 0.
pub(super) fn centred(without_base: &[f64]) -> Vec<f64> {
    let mean = without_base.iter().sum::<f64>() / (without_base.len() + 1) as f64;
    without_base.iter().copied().chain([0.0]).map(|utility| utility - mean).collect()
}

/// Standard deviations of utilities around their mean, the base included.
pub(super) fn spreads(covariance: &Mat<f64>) -> Vec<f64> {
    let base = covariance.nrows();
    let n = (base + 1) as f64;
    let of = |row: usize, column: usize| if row < base && column < base { covariance[(row, column)] } else { 0.0 };
    let rows: Vec<f64> = (0..=base).map(|row| (0..base).map(|column| of(row, column)).sum()).collect();
    let total: f64 = rows.iter().sum();
    (0..=base).map(|at| (of(at, at) - 2.0 * rows[at] / n + total / (n * n)).max(0.0).sqrt()).collect()
}

fn llt(matrix: &Mat<f64>) -> Result<faer::linalg::solvers::Llt<f64>, Error> {
    matrix
        .llt(Side::Lower)
        .map_err(|_| Error::not_identified("maxdiff", "people's own utilities: too few choices for so many items"))
}

fn inverse(matrix: &Mat<f64>) -> Result<Mat<f64>, Error> {
    Ok(llt(matrix)?.solve(&Mat::<f64>::identity(matrix.nrows(), matrix.nrows())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_population_comes_back_from_its_root() {
        let population = Population::new(vec![0.3, -1.0], mat![[2.0, 0.5], [0.5, 1.0]]).unwrap();
        let again = population.root().unwrap().population(2).unwrap();
        assert_eq!(again.mean, population.mean);
        assert!((&again.covariance - &population.covariance).norm_max() < 1e-15);
    }
}
