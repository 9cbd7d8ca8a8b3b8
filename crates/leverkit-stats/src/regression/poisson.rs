//! Poisson pseudo maximum likelihood with effects absorbed: a target of zero counts, and nothing is taken the logarithm of.

use crate::budget;
use rayon::prelude::*;

use super::cluster::Spread;
use super::design::{Design, Fitted, INTEREST, TARGET};
use super::effects::Levels;
use super::within::{Equation, Solved, Within};
use crate::{Error, sum};

/// The deviance changes by less than this share of itself at the end.
const TOLERANCE: f64 = 1e-12;
const MOST_STEPS: usize = 100;
/// A step this often halved is none.
const MOST_HALVINGS: usize = 50;
/// What counts as zero when separated rows are looked for.
const ZERO: f64 = 1e-4;

/// Estimates by iterated weighted least squares (Correia, Guimarães & Zylkin 2020): of z = η + (q − μ)/μ with weights μ. Rows that
/// [`separated`] tells must be left out first. Limits are normal, or Student's where clusters are few.
///
/// # Errors
/// [`Error::NoVariation`] where effects determine the regressor of interest; [`Error::NotIdentified`] where the target is zero everywhere;
/// [`Error::NotConverged`] where the likelihood has no maximum.
///
/// ```
/// use leverkit_stats::regression::{Design, Spread, poisson};
/// let price = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5];
/// let sales = [20.0, 13.0, 7.0, 4.0, 3.0, 2.0];
/// let design = Design::new(("sales", &sales), ("price", &price), &[])?;
/// let slope = poisson(&design, &[], &Spread::Robust, 0.95)?.terms[0].estimate.unwrap();
/// assert!((slope.interval.estimate + 1.0).abs() < 0.1);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn poisson(design: &Design<'_>, effects: &[Levels<'_>], spread: &Spread<'_>, level: f64) -> Result<Fitted, Error> {
    let target = design.values[TARGET];
    let mean = sum(target) / target.len() as f64;
    if mean <= 0.0 {
        return Err(Error::not_identified("every value of the target is zero"));
    }
    let mut mu: Vec<f64> = target.iter().map(|q| f64::midpoint(*q, mean)).collect();
    let mut eta: Vec<f64> = mu.iter().map(|mu| mu.ln()).collect();
    let mut kept: Option<Vec<usize>> = None;
    // Any first step that is finite will do: it starts from a point that is none of the model's.
    let mut best = Point { deviance: f64::INFINITY, ..Point::of(target, vec![mean.ln(); target.len()]) };
    for _ in 0..MOST_STEPS {
        budget::check();
        let working: Vec<f64> =
            eta.iter().zip(target.iter().zip(&mu)).map(|(eta, (q, mu))| eta + (q - mu) / mu).collect();
        let mut values = design.values.clone();
        values[TARGET] = &working;
        let within = Within::of(values, effects.to_vec(), Some(&mu))?;
        let explaining = design.explaining(&within);
        let kept = kept.get_or_insert_with(|| within.independent(&explaining));
        if kept.first() != Some(&INTEREST) {
            return Err(design.no_variation());
        }
        let equation = Equation::least_squares(within.width(), TARGET, kept);
        let solved = within.solve(&equation, &Spread::Known)?;
        let residuals = within.residuals(&solved);
        let fitted: Vec<f64> = working.iter().zip(&residuals).map(|(working, residual)| working - residual).collect();
        let full = Point::of(target, fitted);
        let is_there = (full.deviance - best.deviance).abs() < TOLERANCE * (0.1 + best.deviance.abs());
        let Some(next) = best.climb(target, full).filter(|_| !is_there) else {
            let solved = within.solve(&equation, spread)?;
            // Maximum likelihood has normal limits, as in pyfixest and most packages, but where clusters are few.
            let df = if spread.is_corrected() { solved.df.clone() } else { vec![f64::INFINITY; solved.df.len()] };
            let solved = Solved { df, ..solved };
            let terms = design.terms(&within, kept, &solved, level);
            return Ok(Fitted { terms, df: solved.df[0], r_squared: None, repaired: solved.repaired });
        };
        (eta, mu) = (next.eta.clone(), next.mu.clone());
        best = next;
    }
    Err(Error::NotConverged {
        what: "Poisson regression",
        steps: MOST_STEPS,
        hint: "a regressor may explain zeros of the target perfectly; leave it out, or use coarser effects",
    })
}

/// A fit and how far it is from the perfect one.
struct Point {
    eta: Vec<f64>,
    mu: Vec<f64>,
    deviance: f64,
}

impl Point {
    fn of(target: &[f64], eta: Vec<f64>) -> Self {
        let mu: Vec<f64> = eta.par_iter().with_min_len(1 << 12).map(|eta| eta.exp()).collect();
        let deviance = deviance(target, &mu);
        Self { eta, mu, deviance }
    }

    /// The first of the full step, half of it, a quarter … that lowers the deviance: it is convex, so that there is one but at its minimum. A full
    /// step may overshoot to infinity.
    fn climb(&self, target: &[f64], full: Self) -> Option<Self> {
        let halve = |next: &Self| {
            let half = self.eta.iter().zip(&next.eta).map(|(from, to)| f64::midpoint(*from, *to)).collect();
            Some(Self::of(target, half))
        };
        std::iter::successors(Some(full), halve).take(MOST_HALVINGS).find(|next| next.deviance < self.deviance)
    }
}

/// Twice the distance to the log-likelihood of a perfect fit.
fn deviance(target: &[f64], mu: &[f64]) -> f64 {
    let of = |(q, mu): (&f64, &f64)| if *q > 0.0 { q * (q / mu).ln() - (q - mu) } else { *mu };
    2.0 * sum(&target.par_iter().zip(mu).with_min_len(1 << 12).map(of).collect::<Vec<_>>())
}

/// Marks the rows of levels whose target is not zero throughout: the likelihood has no maximum with the others. `None` where there are none.
///
/// ```
/// use leverkit_stats::regression::{Design, Levels, without_empty_levels};
/// let design = Design::new(("sales", &[0.0, 0.0, 3.0, 0.0]), ("price", &[1.0, 2.0, 1.0, 2.0]), &[])?;
/// assert_eq!(without_empty_levels(&design, &[Levels::of(&[0, 0, 1, 1])?]), Some(vec![false, false, true, true]));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn without_empty_levels(design: &Design<'_>, effects: &[Levels<'_>]) -> Option<Vec<bool>> {
    let target = design.values[TARGET];
    let mut kept = vec![true; target.len()];
    for effect in effects {
        let mut sells = vec![false; effect.len];
        effect.codes.iter().zip(target).for_each(|(&level, q)| sells[level as usize] |= *q > 0.0);
        kept.iter_mut().zip(effect.codes).for_each(|(kept, &level)| *kept &= sells[level as usize]);
    }
    kept.iter().any(|kept| !kept).then_some(kept)
}

/// Marks the rows that the model cannot fit with −∞, by the iterative rectifier of Correia, Guimarães & Zylkin (2019): a combination of regressors
/// and effects that is zero wherever the target is positive, and positive elsewhere, separates the rows where it is positive. `None` where there
/// are none. [`without_empty_levels`] finds the plain cases faster.
///
/// # Errors
/// As [`Within::of`]; [`Error::NotConverged`] where that is not known after a hundred steps.
///
/// ```
/// use leverkit_stats::regression::{Design, separated};
/// let (price, ban) = ([1.0, 2.0, 1.5, 1.0, 2.0], [0.0, 0.0, 0.0, 1.0, 1.0]);
/// let design = Design::new(("sales", &[5.0, 2.0, 3.0, 0.0, 0.0]), ("price", &price), &[("ban", &ban)])?;
/// assert_eq!(separated(&design, &[])?, Some(vec![true, true, true, false, false]));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn separated(design: &Design<'_>, effects: &[Levels<'_>]) -> Result<Option<Vec<bool>>, Error> {
    let given = design.values[TARGET];
    let sold = given.iter().filter(|q| **q > 0.0).count();
    if sold == given.len() || sold == 0 {
        return Ok(None);
    }
    let heavy = sold as f64 / (ZERO * ZERO);
    let weights: Vec<f64> = given.iter().map(|q| if *q > 0.0 { heavy } else { 1.0 }).collect();
    let mut target: Vec<f64> = given.iter().map(|q| f64::from(u8::from(*q == 0.0))).collect();
    for _ in 0..MOST_STEPS {
        let mut values = design.values.clone();
        values[TARGET] = &target;
        let within = Within::of(values, effects.to_vec(), Some(&weights))?;
        let explaining = design.explaining(&within);
        let kept = within.independent(&explaining);
        let residuals = if kept.is_empty() {
            return Ok(None);
        } else {
            within.residuals(&within.solve(&Equation::least_squares(within.width(), TARGET, &kept), &Spread::Known)?)
        };
        let fitted: Vec<f64> = target
            .iter()
            .zip(&residuals)
            .zip(given)
            .map(|((target, residual), q)| {
                let fitted = target - residual;
                // Stricter below zero, so that no row is taken for separated that is not.
                if *q > 0.0 || (fitted > -0.1 * ZERO && fitted < ZERO) { 0.0 } else { fitted }
            })
            .collect();
        if fitted.iter().all(|fitted| *fitted >= 0.0) {
            let kept: Vec<bool> = fitted.iter().map(|fitted| *fitted == 0.0).collect();
            return Ok(kept.iter().any(|kept| !kept).then_some(kept));
        }
        target = fitted.iter().map(|fitted| fitted.max(0.0)).collect();
    }
    Err(Error::NotConverged {
        what: "search for rows that regressors explain perfectly",
        steps: MOST_STEPS,
        hint: "leave out rows whose target is zero in all levels of an effect, or use coarser effects",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slope(sales: &[f64], price: &[f64]) -> f64 {
        let design = Design::new(("sales", sales), ("price", price), &[]).unwrap();
        poisson(&design, &[], &Spread::Known, 0.95).unwrap().terms[0].estimate.unwrap().interval.estimate
    }

    #[test]
    fn a_step_that_overshoots_is_halved() {
        // The score equations solved by bisection: Σ (q − μ) = Σ p (q − μ) = 0.
        assert!((slope(&[3.0, 7.0, 207.0, 1.0], &[0.0, 1.0, 0.0, 38.0]) + 0.653_482).abs() < 1e-6);
    }

    #[test]
    fn a_perfect_fit_of_large_numbers_converges() {
        let price: Vec<f64> = (0..6).map(f64::from).collect();
        let sales: Vec<f64> = price.iter().map(|p| (16.0 - 2.0 * p).exp()).collect();
        assert!((slope(&sales, &price) + 2.0).abs() < 1e-9);
    }
}
