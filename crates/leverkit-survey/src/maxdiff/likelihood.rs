//! The likelihood of best–worst choices, and its maximum by Newton's method. The last item is the base, whose utility is 0.

use faer::prelude::*;
use faer::{Mat, Side};

use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;

use super::Model;
use super::tasks::Tasks;
use crate::Error;

const MOST_STEPS: usize = 60;
/// So many tasks are added up by one thread at once.
const TASKS_AT_ONCE: usize = 4096;

/// Log-likelihood, gradient and information of choices, added up task by task. The base's row and column are left out.
pub(super) struct Slope<'a> {
    pub(super) log_likelihood: &'a mut f64,
    pub(super) gradient: &'a mut [f64],
    /// Row-major, at and below the diagonal only; `None` where it is not wanted.
    information: Option<&'a mut [f64]>,
    /// Room for one task, kept from task to task.
    places: Vec<Place>,
}

/// What a task makes of one of its items.
struct Place {
    item: usize,
    /// exp(utility − the greatest), and its inverse.
    up: f64,
    down: f64,
    /// The chance to be the best, and the worst; in a sequence, the worst of what the best leaves.
    best: f64,
    worst: f64,
}

impl Place {
    fn mean(&self) -> f64 {
        self.best - self.worst
    }
}

impl<'a> Slope<'a> {
    pub(super) fn new(
        log_likelihood: &'a mut f64,
        gradient: &'a mut [f64],
        information: Option<&'a mut [f64]>,
    ) -> Self {
        Self { log_likelihood, gradient, information, places: Vec::new() }
    }

    /// Adds a task's part: `utilities` of all items, the base included.
    pub(super) fn add(
        &mut self,
        model: Model,
        task: &[u32],
        (best, worst): (u32, u32),
        utilities: &[f64],
        weight: f64,
    ) {
        let top = task.iter().map(|&item| utilities[item as usize]).fold(f64::NEG_INFINITY, f64::max);
        let place = |&item: &u32| {
            let up = (utilities[item as usize] - top).exp();
            Place { item: item as usize, up, down: 1.0 / up, best: 0.0, worst: 0.0 }
        };
        self.places.clear();
        self.places.extend(task.iter().map(place));
        let (best, worst) = (best as usize, worst as usize);
        let chosen = utilities[task[best] as usize] - utilities[task[worst] as usize];
        let all = match model {
            Model::Pairs => pairs(&mut self.places),
            Model::Sequential => sequence(&mut self.places, best),
        };
        *self.log_likelihood += weight * (chosen - all.ln());
        let base = self.gradient.len();
        for (at, place) in self.places.iter().enumerate().filter(|(_, place)| place.item < base) {
            let chosen = f64::from(u8::from(at == best)) - f64::from(u8::from(at == worst));
            self.gradient[place.item] += weight * (chosen - place.mean());
        }
        let Some(information) = &mut self.information else { return };
        for (at, one) in self.places.iter().enumerate().filter(|(_, place)| place.item < base) {
            let own = match model {
                Model::Pairs => one.best + one.worst - one.mean().powi(2),
                Model::Sequential => one.best * (1.0 - one.best) + one.worst * (1.0 - one.worst),
            };
            information[one.item * base + one.item] += weight * own;
            for other in self.places[..at].iter().filter(|place| place.item < base) {
                let both = match model {
                    Model::Pairs => (one.up * other.down + other.up * one.down) / all + one.mean() * other.mean(),
                    Model::Sequential => one.best * other.best + one.worst * other.worst,
                };
                information[one.item.max(other.item) * base + one.item.min(other.item)] -= weight * both;
            }
        }
    }
}

/// The chances of a best–worst pair chosen at once: exp(best − worst) over all pairs of two items. Returns the sum of all pairs.
fn pairs(places: &mut [Place]) -> f64 {
    let (up, down) = places.iter().fold((0.0, 0.0), |(up, down), place| (up + place.up, down + place.down));
    // Pairs of an item with itself are none.
    let all = up * down - places.len() as f64;
    for place in places {
        place.best = place.up * (down - place.down) / all;
        place.worst = (up - place.up) * place.down / all;
    }
    all
}

/// The chances of a best, and of a worst among what it leaves. Returns the product of both sums.
fn sequence(places: &mut [Place], best: usize) -> f64 {
    let sum: f64 = places.iter().map(|place| place.up).sum();
    let rest: f64 = places.iter().enumerate().filter(|(at, _)| *at != best).map(|(_, place)| place.down).sum();
    for (at, place) in places.iter_mut().enumerate() {
        place.best = place.up / sum;
        place.worst = if at == best { 0.0 } else { place.down / rest };
    }
    sum * rest
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
    let starts: Vec<usize> = (0..tasks.len()).step_by(TASKS_AT_ONCE).collect();
    let part = |&start: &usize| {
        let mut sum = vec![0.0; 1 + base + base * base];
        let (head, information) = sum.split_at_mut(1 + base);
        let (log_likelihood, gradient) = head.split_at_mut(1);
        let mut slope = Slope::new(&mut log_likelihood[0], gradient, Some(information));
        for at in start..(start + TASKS_AT_ONCE).min(tasks.len()) {
            slope.add(model, tasks.task(at), tasks.choices[at], utilities, weights[owners[at] as usize]);
        }
        sum
    };
    // Parts depend on the tasks alone and are added in order, so that threads change nothing.
    let parts: Vec<Vec<f64>> = starts.par_iter().watched().map(part).collect();
    let found = parts.into_iter().reduce(|mut sum, part| {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        sum
    });
    let found = found.unwrap_or_default();
    let information =
        Mat::from_fn(base, base, |row, column| found[1 + base + row.max(column) * base + row.min(column)]);
    (found[0], found[1..=base].to_vec(), information)
}

/// H⁻¹ (Σ sₘsₘᵀ) H⁻¹, sₘ the gradient of respondent m; what was not asked of a small population counts alone.
fn clustered(tasks: &Tasks, model: Model, weights: &[f64], utilities: &[f64], covariance: &Mat<f64>) -> Mat<f64> {
    let base = utilities.len() - 1;
    let people = tasks.people.len() - 1;
    let mut scores = vec![0.0; people * base];
    scores.par_chunks_exact_mut(base).watched().enumerate().for_each(|(who, score)| {
        let mut log_likelihood = 0.0;
        let mut slope = Slope::new(&mut log_likelihood, score, None);
        for at in tasks.people[who]..tasks.people[who + 1] {
            slope.add(model, tasks.task(at), tasks.choices[at], utilities, weights[who]);
        }
    });
    let scores = MatRef::from_row_major_slice(&scores, people, base);
    let found = covariance * (scores.transpose() * scores) * covariance;
    let unsampled = tasks.respondents.unsampled();
    Mat::from_fn(base, base, |row, column| found[(row, column)] * unsampled)
}
