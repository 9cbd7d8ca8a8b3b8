//! The logit of yes and no, by Newton's steps: the chance of a treatment given what was known before it.

use faer::Mat;
use faer::linalg::solvers::Llt;
use faer::prelude::*;
use rayon::prelude::*;

use super::cross_products;
use crate::Error;
use crate::budget::Watched;
use crate::parts::sums;

/// A fitted logit.
#[derive(Debug, Clone)]
pub struct Logistic {
    /// A coefficient for each column.
    pub beta: Vec<f64>,
    /// Their covariance: the inverse of the information.
    pub covariance: Mat<f64>,
}

impl Logistic {
    /// Fits `yes` on rows of `width` values, one row after another; an intercept is a column of ones.
    ///
    /// # Errors
    /// [`Error::NotIdentified`] where columns are collinear, or separate yes from no.
    ///
    /// ```
    /// use leverkit_stats::regression::Logistic;
    /// let rows = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    /// let fit = Logistic::of(&rows, 2, &[true, false, true, false])?;
    /// assert!(fit.beta.iter().all(|beta| beta.abs() < 1e-9));
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn of(rows: &[f64], width: usize, yes: &[bool]) -> Result<Self, Error> {
        const STEPS: usize = 50;
        let mut beta = vec![0.0; width];
        let mut before = f64::INFINITY;
        for _ in 0..STEPS {
            let step = Step::at(&beta, rows, width, yes);
            let solver = step.solver()?;
            // Where columns separate yes from no, utilities grow without end while the likelihood hardly changes.
            if (step.most - before).abs() < 1e-9 * (1.0 + step.most) {
                return Ok(Self { beta, covariance: solver.solve(Mat::<f64>::identity(width, width)) });
            }
            before = step.most;
            let change = solver.solve(Mat::from_fn(width, 1, |at, _| step.score[at]));
            beta.iter_mut().enumerate().for_each(|(at, beta)| *beta += change[(at, 0)]);
            if beta.iter().any(|beta| !beta.is_finite()) {
                return Err(separated());
            }
        }
        Err(separated())
    }

    /// The chance of yes of a row.
    ///
    /// ```
    /// use leverkit_stats::regression::Logistic;
    /// // An intercept alone: the chance is the share of yes.
    /// let fit = Logistic::of(&[1.0; 4], 1, &[true, true, true, false])?;
    /// assert!((fit.chance(&[1.0]) - 0.75).abs() < 1e-9);
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn chance(&self, row: &[f64]) -> f64 {
        chance(&self.beta, row)
    }
}

fn separated() -> Error {
    Error::not_identified("columns are collinear, or separate yes from no; take fewer columns")
}

fn chance(beta: &[f64], row: &[f64]) -> f64 {
    1.0 / (1.0 + (-dot(beta, row)).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Score and information at some coefficients.
struct Step {
    score: Vec<f64>,
    information: Mat<f64>,
    /// The greatest utility, in size.
    most: f64,
}

impl Step {
    fn at(beta: &[f64], rows: &[f64], width: usize, yes: &[bool]) -> Self {
        let row = |at: usize| &rows[at * width..(at + 1) * width];
        let utilities: Vec<f64> = (0..yes.len()).into_par_iter().watched().map(|at| dot(beta, row(at))).collect();
        let most = utilities.iter().fold(0.0, |most: f64, utility| most.max(utility.abs()));
        let chances: Vec<f64> =
            utilities.into_par_iter().watched().map(|utility| 1.0 / (1.0 + (-utility).exp())).collect();
        let add = |part: std::ops::Range<usize>, score: &mut Vec<f64>| {
            for at in part {
                let residual = f64::from(u8::from(yes[at])) - chances[at];
                score.iter_mut().zip(row(at)).for_each(|(sum, x)| *sum += residual * x);
            }
        };
        let score = sums(yes.len(), width, || vec![0.0; width], add);
        let information = cross_products(yes.len(), width, |at, into| {
            let weight = (chances[at] * (1.0 - chances[at])).sqrt();
            into.iter_mut().zip(row(at)).for_each(|(into, x)| *into = weight * x);
        });
        Self { score, information, most }
    }

    fn solver(&self) -> Result<Llt<f64>, Error> {
        self.information.llt(faer::Side::Lower).map_err(|_| separated())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logit_of_two_groups_has_the_log_odds_of_each() {
        let mut rows = Vec::new();
        let mut yes = Vec::new();
        for (group, times, share) in [(0.0, 10, 2), (1.0, 10, 6)] {
            for at in 0..times {
                rows.extend([1.0, group]);
                yes.push(at < share);
            }
        }
        let fit = Logistic::of(&rows, 2, &yes).unwrap();
        let odds = |share: f64| (share / (1.0 - share)).ln();
        assert!((fit.beta[0] - odds(0.2)).abs() < 1e-8 && (fit.beta[1] - (odds(0.6) - odds(0.2))).abs() < 1e-8);
        assert!((fit.covariance[(0, 0)] - 1.0 / 1.6).abs() < 1e-8);
        assert!((fit.chance(&[1.0, 1.0]) - 0.6).abs() < 1e-8);
    }

    #[test]
    fn columns_that_separate_are_refused() {
        let rows = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        assert!(Logistic::of(&rows, 2, &[false, false, true, true]).is_err());
    }
}
