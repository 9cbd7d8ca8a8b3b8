//! The likelihood of best–worst choices, and its maximum by Newton's method. The last item is the base, whose utility is 0.

use faer::prelude::*;
use faer::{Mat, Side};

use leverkit_core::stats::sums;

use super::Model;
use super::tasks::Tasks;
use crate::Error;

const MOST_STEPS: usize = 60;

/// Log-likelihood, gradient and information, side by side.
pub(super) struct Slope<'a> {
    pub(super) log_likelihood: &'a mut f64,
    pub(super) gradient: &'a mut [f64],
    /// Row-major.
    pub(super) information: &'a mut [f64],
}

/// Adds a task's part: `utilities` of all items, the base included; the base's row and column are left out of what is added.
pub(super) fn add_task(
    model: Model,
    task: &[u32],
    (best, worst): (u32, u32),
    utilities: &[f64],
    weight: f64,
    to: &mut Slope<'_>,
) {
    let base = utilities.len() - 1;
    let top = task.iter().map(|&item| utilities[item as usize]).fold(f64::NEG_INFINITY, f64::max);
    let raised = |place: usize| (utilities[task[place] as usize] - top).exp();
    let (best, worst) = (best as usize, worst as usize);
    let add_gradient = |gradient: &mut [f64], place: usize, value: f64| {
        let item = task[place] as usize;
        if item < base {
            gradient[item] += weight * value;
        }
    };
    let add_information = |information: &mut [f64], a: usize, b: usize, value: f64| {
        let (a, b) = (task[a] as usize, task[b] as usize);
        if a < base && b < base {
            information[a * base + b] += weight * value;
        }
    };
    let k = task.len();
    let up: Vec<f64> = (0..k).map(raised).collect();
    let difference = up[best].ln() - up[worst].ln();
    match model {
        Model::Pairs => {
            let (sum, inverses) = (up.iter().sum::<f64>(), up.iter().map(|up| 1.0 / up).sum::<f64>());
            // Pairs of an item with itself are none.
            let all = sum * inverses - k as f64;
            *to.log_likelihood += weight * (difference - all.ln());
            let is_best = |at: usize| up[at] * (inverses - 1.0 / up[at]) / all;
            let is_worst = |at: usize| (sum - up[at]) / up[at] / all;
            let mean: Vec<f64> = (0..k).map(|at| is_best(at) - is_worst(at)).collect();
            for at in 0..k {
                let chosen = f64::from(u8::from(at == best)) - f64::from(u8::from(at == worst));
                add_gradient(to.gradient, at, chosen - mean[at]);
                for other in 0..k {
                    let both = if at == other {
                        is_best(at) + is_worst(at)
                    } else {
                        -(up[at] / up[other] + up[other] / up[at]) / all
                    };
                    add_information(to.information, at, other, both - mean[at] * mean[other]);
                }
            }
        }
        Model::Sequential => {
            let sum: f64 = up.iter().sum();
            let rest: f64 = (0..k).filter(|at| *at != best).map(|at| 1.0 / up[at]).sum();
            *to.log_likelihood += weight * (difference - sum.ln() - rest.ln());
            let first = |at: usize| up[at] / sum;
            let second = |at: usize| if at == best { 0.0 } else { 1.0 / up[at] / rest };
            for at in 0..k {
                let chosen = f64::from(u8::from(at == best)) - f64::from(u8::from(at == worst));
                add_gradient(to.gradient, at, chosen - first(at) + second(at));
                for other in 0..k {
                    let own = if at == other { first(at) + second(at) } else { 0.0 };
                    add_information(
                        to.information,
                        at,
                        other,
                        own - first(at) * first(other) - second(at) * second(other),
                    );
                }
            }
        }
    }
}

/// A fit for all respondents together.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// Utilities of all items; that of the base is 0.
    pub(super) utilities: Vec<f64>,
    pub(super) log_likelihood: f64,
    /// With all choices equally likely.
    pub(super) null: f64,
    /// The inverse of the information, without the base.
    pub(super) covariance: Mat<f64>,
    /// Under clusters: respondents.
    pub(super) clustered: Mat<f64>,
}

impl Fit {
    /// Fits by Newton's method.
    ///
    /// # Errors
    /// [`Error::NotIdentified`] where the information cannot be inverted, [`Error::NotConverged`].
    pub(super) fn of(tasks: &Tasks, model: Model) -> Result<Self, Error> {
        let (items, owners) = (tasks.items.len(), tasks.owners());
        let base = items - 1;
        let weights = weights(tasks);
        let at = |utilities: &[f64]| point(tasks, model, &owners, &weights, utilities);
        let mut utilities = vec![0.0; items];
        let mut now = at(&utilities);
        let null = now.0;
        for step in 0.. {
            let factor = llt(&now.2)?;
            let gradient = Mat::from_fn(base, 1, |row, _| now.1[row]);
            let direction = factor.solve(&gradient);
            let gain: f64 = (0..base).map(|row| direction[(row, 0)] * now.1[row]).sum();
            if gain < 1e-14 {
                let covariance = factor.solve(&Mat::<f64>::identity(base, base));
                let clustered = clustered(tasks, model, &weights, &utilities, &covariance);
                return Ok(Self { utilities, log_likelihood: now.0, null, covariance, clustered });
            }
            if step == MOST_STEPS || gain.is_nan() {
                let hint = "look for items that are nearly always, or never, chosen".into();
                return Err(Error::NotConverged { what: "maxdiff".into(), steps: step, hint });
            }
            let mut length = 1.0;
            loop {
                let mut next = utilities.clone();
                (0..base).for_each(|row| next[row] += length * direction[(row, 0)]);
                let found = at(&next);
                if found.0 >= now.0 - 1e-12 * now.0.abs() || length < 1e-6 {
                    (utilities, now) = (next, found);
                    break;
                }
                length /= 2.0;
            }
        }
        Err(Error::not_identified("maxdiff", "no step was taken"))
    }
}

/// Weights that add up to the number of respondents.
fn weights(tasks: &Tasks) -> Vec<f64> {
    let own = &tasks.respondents.weights;
    let mean = own.iter().sum::<f64>() / own.len() as f64;
    own.iter().map(|weight| weight / mean).collect()
}

fn llt(information: &Mat<f64>) -> Result<faer::linalg::solvers::Llt<f64>, Error> {
    information.llt(Side::Lower).map_err(|_| Error::not_identified("maxdiff", "choices do not tell all items apart"))
}

/// Log-likelihood, gradient and information at these utilities.
fn point(tasks: &Tasks, model: Model, owners: &[u32], weights: &[f64], utilities: &[f64]) -> (f64, Vec<f64>, Mat<f64>) {
    let base = utilities.len() - 1;
    let size = 1 + base + base * base;
    let found = sums(
        tasks.len(),
        size,
        || vec![0.0; size],
        |part, sum: &mut Vec<f64>| {
            let (head, information) = sum.split_at_mut(1 + base);
            let (log_likelihood, gradient) = head.split_at_mut(1);
            let mut slope = Slope { log_likelihood: &mut log_likelihood[0], gradient, information };
            for at in part {
                let weight = weights[owners[at] as usize];
                add_task(model, tasks.task(at), tasks.choices[at], utilities, weight, &mut slope);
            }
        },
    );
    let information = Mat::from_fn(base, base, |row, column| found[1 + base + row * base + column]);
    (found[0], found[1..=base].to_vec(), information)
}

/// H⁻¹ (Σ sₘsₘᵀ) H⁻¹, sₘ the gradient of respondent m; what was not asked of a small population counts alone.
fn clustered(tasks: &Tasks, model: Model, weights: &[f64], utilities: &[f64], covariance: &Mat<f64>) -> Mat<f64> {
    let base = utilities.len() - 1;
    let people = tasks.people.len() - 1;
    let mut scores = vec![0.0; people * base];
    let mut spare = vec![0.0; base * base];
    for (who, score) in scores.chunks_exact_mut(base).enumerate() {
        let mut slope = Slope { log_likelihood: &mut 0.0, gradient: score, information: &mut spare };
        for at in tasks.people[who]..tasks.people[who + 1] {
            add_task(model, tasks.task(at), tasks.choices[at], utilities, weights[who], &mut slope);
        }
    }
    let scores = MatRef::from_row_major_slice(&scores, people, base);
    let found = covariance * (scores.transpose() * scores) * covariance;
    let unsampled = tasks.respondents.unsampled();
    Mat::from_fn(base, base, |row, column| found[(row, column)] * unsampled)
}
