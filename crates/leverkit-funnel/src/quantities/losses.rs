//! What each step loses of money, or of units without money, and how sure it is which loses most.

use leverkit_stats::{Interval, bootstrap, bootstrap_interval};

use crate::error::Error;

/// The bootstrap's draws, and the entities that are drawn singly; more are drawn in bunches.
const DRAWS: usize = 500;
const SINGLY: usize = 20_000;

/// What steps lose of money, or of units without money, with the bootstrap's draws of the sums.
pub(crate) struct Losses {
    sums: Vec<f64>,
    draws: Vec<Vec<f64>>,
    /// Entities, or bunches of them, that are drawn.
    drawn: usize,
    confidence: f64,
}

impl Losses {
    pub(crate) fn of(amounts: &[Vec<f64>], confidence: f64) -> Result<Self, Error> {
        let bunches = bunches(amounts);
        let n = bunches[0].len();
        let total =
            |column: &Vec<f64>, draws: &[u32]| column.iter().zip(draws).map(|(sum, n)| sum * f64::from(*n)).sum();
        let draws = if n < 2 {
            Vec::new()
        } else {
            bootstrap(n, DRAWS, 1, |draws| bunches.iter().map(|column| total(column, draws)).collect::<Vec<f64>>())?
        };
        Ok(Self { sums: amounts.iter().map(|column| column.iter().sum()).collect(), draws, drawn: n, confidence })
    }

    /// Money of the last level behind one of the level after the step.
    fn through(sums: &[f64], step: usize) -> f64 {
        // What came past the last step is there, even where it is nothing.
        if step + 2 == sums.len() { 1.0 } else { sums[sums.len() - 1] / sums[step + 1] }
    }

    fn interval(&self, of: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        let estimate = Some(of(&self.sums)).filter(|value| value.is_finite())?;
        let draws: Vec<f64> = self
            .draws
            .iter()
            .map(|sums| of(sums))
            .map(|value| if value.is_finite() { value } else { f64::NAN })
            .collect();
        let unknown = Interval { estimate, lower: f64::NAN, upper: f64::NAN };
        Some(bootstrap_interval(estimate, &draws, self.confidence, self.drawn).unwrap_or(unknown))
    }

    fn held(sums: &[f64], step: usize) -> f64 {
        (sums[step] - sums[step + 1]) * Self::through(sums, step)
    }

    pub(crate) fn held_back(&self, step: usize) -> Option<Interval> {
        self.interval(|sums| Self::held(sums, step))
    }

    pub(crate) fn point(&self, step: usize) -> Option<Interval> {
        self.interval(|sums| 0.01 * sums[step] * Self::through(sums, step))
    }

    /// By logarithmic means (Ang 2005): the change from the first to the last, shared out in proportion to the logarithms of the steps. Where nothing comes
    /// through, the step that first loses all has the whole change, the limit of that.
    pub(crate) fn contribution(&self, step: usize) -> Option<f64> {
        let (first, last) = (self.sums[0], self.sums[self.sums.len() - 1]);
        if last == 0.0 {
            let loses_all = self.sums[1..].iter().position(|sum| *sum == 0.0) == Some(step);
            return (first > 0.0).then_some(if loses_all { -first } else { 0.0 });
        }
        let mean = if first == last { first } else { (first - last) / (first / last).ln() };
        Some(mean * (self.sums[step + 1] / self.sums[step]).ln()).filter(|money| money.is_finite())
    }

    /// The step that holds most back; the first of equals.
    fn most_of(sums: &[f64]) -> Option<usize> {
        let held = |step: &usize| Self::held(sums, *step);
        (0..sums.len() - 1)
            .filter(|step| held(step) > 0.0 && held(step).is_finite())
            .rev()
            .max_by(|a, b| held(a).total_cmp(&held(b)))
    }

    pub(crate) fn most(&self) -> Option<usize> {
        Self::most_of(&self.sums).map(|step| step + 1)
    }

    pub(crate) fn most_chance(&self, step: usize) -> f64 {
        let times = self.draws.iter().filter(|sums| Self::most_of(sums) == Some(step)).count();
        times as f64 / self.draws.len() as f64
    }
}

/// Sums of entities, or of bunches of them where they are many.
fn bunches(amounts: &[Vec<f64>]) -> Vec<Vec<f64>> {
    if amounts[0].len() <= SINGLY {
        return amounts.to_vec();
    }
    let bunch = |column: &Vec<f64>| {
        let mut sums = vec![0.0; SINGLY];
        column.iter().enumerate().for_each(|(entity, amount)| sums[entity % SINGLY] += amount);
        sums
    };
    amounts.iter().map(bunch).collect()
}
