//! Poisson pseudo maximum likelihood with effects absorbed: weeks without sales count, and nothing is taken the logarithm of but the price.

use leverkit_core::stats::sum;
use rayon::prelude::*;

use crate::Error;
use crate::cluster::Spread;
use crate::effects::Levels;
use crate::elasticity::{Columns, ElasticityParams, Fitted, PRICE, QUANTITY, no_variation};
use crate::sample::Sample;
use crate::within::{Equation, Solved, Within};

/// The deviance changes by less than this share of itself at the end.
const TOLERANCE: f64 = 1e-12;
const MOST_STEPS: usize = 100;
/// What counts as zero when separated rows are looked for.
const ZERO: f64 = 1e-4;
const SEPARATED: &str = "no sales, and effects or regressors say so for sure (separated), row left out";

/// Estimates by iterated weighted least squares (Correia, Guimarães & Zylkin 2020): of z = η + (q − μ)/μ with weights μ.
pub(crate) fn fit(
    columns: &Columns<'_>,
    effects: &[Levels<'_>],
    spread: &Spread<'_>,
    level: f64,
) -> Result<Fitted, Error> {
    let quantity = columns.values[QUANTITY];
    let mean = sum(quantity) / quantity.len() as f64;
    if mean <= 0.0 {
        return Err(Error::not_identified("elasticity", "every quantity is zero"));
    }
    let mut mu: Vec<f64> = quantity.iter().map(|q| f64::midpoint(*q, mean)).collect();
    let mut eta: Vec<f64> = mu.iter().map(|mu| mu.ln()).collect();
    let mut kept: Option<Vec<usize>> = None;
    let mut last = deviance(quantity, &mu);
    for _ in 0..MOST_STEPS {
        let working: Vec<f64> =
            eta.iter().zip(quantity.iter().zip(&mu)).map(|(eta, (q, mu))| eta + (q - mu) / mu).collect();
        let mut values = columns.values.clone();
        values[QUANTITY] = &working;
        let within = Within::of(values, effects.to_vec(), Some(&mu))?;
        let explaining: Vec<usize> = std::iter::once(PRICE).chain(columns.others(&within)).collect();
        let kept = kept.get_or_insert_with(|| within.independent(&explaining));
        if kept.first() != Some(&PRICE) {
            return Err(no_variation(columns.names[PRICE]));
        }
        let equation = Equation::least_squares(within.width(), QUANTITY, kept);
        let solved = within.solve(&equation, &Spread::Known)?;
        let residuals = within.residuals(&solved);
        let fitted: Vec<f64> = working.iter().zip(&residuals).map(|(working, residual)| working - residual).collect();
        let next: Vec<f64> = fitted.par_iter().with_min_len(1 << 12).map(|eta| eta.exp()).collect();
        let now = deviance(quantity, &next);
        if (now - last).abs() < TOLERANCE * (0.1 + last.abs()) {
            let solved = within.solve(&equation, spread)?;
            // Maximum likelihood has normal limits, as in pyfixest and most packages.
            let solved = Solved { df: f64::INFINITY, ..solved };
            let terms = columns.terms(&within, kept, &solved, level);
            return Ok(Fitted { terms, tests: Vec::new(), df: f64::INFINITY, r_squared: None });
        }
        (eta, mu, last) = (fitted, next, now);
    }
    Err(Error::NotConverged {
        what: "Poisson regression".into(),
        steps: MOST_STEPS,
        hint: "a regressor may explain sales of zero perfectly; leave it out, or use coarser effects".into(),
    })
}

/// Twice the distance to the log-likelihood of a perfect fit.
fn deviance(quantity: &[f64], mu: &[f64]) -> f64 {
    let of = |(q, mu): (&f64, &f64)| if *q > 0.0 { q * (q / mu).ln() - (q - mu) } else { *mu };
    2.0 * sum(&quantity.par_iter().zip(mu).with_min_len(1 << 12).map(of).collect::<Vec<_>>())
}

/// Leaves out rows without sales that the model can fit with −∞: they say nothing of the price, and the likelihood has no maximum with them.
pub(crate) fn drop_separated(sample: &mut Sample, params: &ElasticityParams) -> Result<(), Error> {
    let columns = Columns::of(sample, false);
    let effects: Vec<Levels<'_>> = params.effects.iter().map(|name| sample.category(name).levels()).collect();
    let kept = without_empty_levels(&columns, &effects);
    if let Some(kept) = kept {
        sample.drop_rows(&kept, SEPARATED)?;
    }
    let columns = Columns::of(sample, false);
    let effects: Vec<Levels<'_>> = params.effects.iter().map(|name| sample.category(name).levels()).collect();
    let kept = rectified(&columns, &effects)?;
    if let Some(kept) = kept {
        sample.drop_rows(&kept, SEPARATED)?;
    }
    Ok(())
}

/// Rows of levels with sales; `None` where there are no others.
fn without_empty_levels(columns: &Columns<'_>, effects: &[Levels<'_>]) -> Option<Vec<bool>> {
    let quantity = columns.values[QUANTITY];
    let mut kept = vec![true; quantity.len()];
    for effect in effects {
        let mut sells = vec![false; effect.len];
        effect.codes.iter().zip(quantity).for_each(|(&level, q)| sells[level as usize] |= *q > 0.0);
        kept.iter_mut().zip(effect.codes).for_each(|(kept, &level)| *kept &= sells[level as usize]);
    }
    kept.iter().any(|kept| !kept).then_some(kept)
}

/// The iterative rectifier of Correia, Guimarães & Zylkin (2019): a combination of regressors and effects that is zero wherever there are sales and positive
/// elsewhere separates the rows where it is positive.
fn rectified(columns: &Columns<'_>, effects: &[Levels<'_>]) -> Result<Option<Vec<bool>>, Error> {
    let quantity = columns.values[QUANTITY];
    let sold = quantity.iter().filter(|q| **q > 0.0).count();
    if sold == quantity.len() || sold == 0 {
        return Ok(None);
    }
    let heavy = sold as f64 / (ZERO * ZERO);
    let weights: Vec<f64> = quantity.iter().map(|q| if *q > 0.0 { heavy } else { 1.0 }).collect();
    let mut target: Vec<f64> = quantity.iter().map(|q| f64::from(u8::from(*q == 0.0))).collect();
    for _ in 0..MOST_STEPS {
        let mut values = columns.values.clone();
        values[QUANTITY] = &target;
        let within = Within::of(values, effects.to_vec(), Some(&weights))?;
        let explaining: Vec<usize> = std::iter::once(PRICE).chain(columns.others(&within)).collect();
        let kept = within.independent(&explaining);
        let residuals = if kept.is_empty() {
            return Ok(None);
        } else {
            within.residuals(&within.solve(&Equation::least_squares(within.width(), QUANTITY, &kept), &Spread::Known)?)
        };
        let fitted: Vec<f64> = target
            .iter()
            .zip(&residuals)
            .zip(quantity)
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
    Ok(None)
}
