//! Two-stage least squares for a regressor that answers the target, with the two tests that go with it.

use faer::Mat;

use super::cluster::Spread;
use super::design::{Design, Fitted, INTEREST, TARGET};
use super::within::{Equation, Within, selection};
use crate::{Error, FTest};

/// A regression with instruments, and what they are worth.
#[derive(Debug, Clone)]
pub struct TwoStage {
    /// The estimate.
    pub fitted: Fitted,
    /// Whether the instruments move the regressor of interest: Wald's F of them in the first stage.
    pub first_stage: FTest,
    /// Whether least squares is biased: F of the first stage's residual in the equation (Durbin 1954, Wu 1973, Hausman 1978); `None` where the
    /// first stage leaves none.
    pub endogeneity: Option<FTest>,
}

/// Estimates by two-stage least squares: β = (X̂ᵀX)⁻¹X̂ᵀy with X̂ the regressors as instruments and exogenous columns explain them (Theil 1953). Both
/// tests take the covariance of the estimate.
///
/// # Errors
/// [`Error::NoVariation`] where effects determine the regressor of interest; [`Error::NotIdentified`] for instruments that do not move, or too few
/// rows.
///
/// ```
/// use leverkit_stats::regression::{Design, Spread, two_stage};
/// // The cost moves the price; the weather moves price and sales.
/// let weather: Vec<f64> = (0..200).map(|i| f64::from(i * 7 % 11) / 5.0).collect();
/// let cost: Vec<f64> = (0..200).map(|i| f64::from(i * 5 % 13) / 6.0).collect();
/// let price: Vec<f64> = cost.iter().zip(&weather).map(|(cost, weather)| cost + weather).collect();
/// let sales: Vec<f64> = price.iter().zip(&weather).map(|(price, weather)| 9.0 - 2.0 * price + 3.0 * weather).collect();
/// let design = Design::new(("sales", &sales), ("price", &price), &[])?.with_instruments(&[("cost", &cost)])?;
/// let found = two_stage(&design, &design.within(Vec::new())?, &Spread::Robust, 0.95)?;
/// let slope = found.fitted.terms[0].estimate.unwrap().interval;
/// assert!(slope.lower < -2.0 && -2.0 < slope.upper && found.first_stage.statistic > 10.0);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn two_stage(design: &Design<'_>, within: &Within<'_>, spread: &Spread<'_>, level: f64) -> Result<TwoStage, Error> {
    if within.is_absorbed(INTEREST) {
        return Err(design.no_variation());
    }
    let exogenous = within.independent(&design.others(within));
    let instruments = design.first_instrument()..design.names.len();
    let candidates: Vec<usize> = exogenous.iter().copied().chain(instruments.clone()).collect();
    let outside = within.independent(&candidates);
    let places: Vec<usize> = (0..outside.len()).filter(|&at| instruments.contains(&outside[at])).collect();
    if places.is_empty() {
        return Err(no_instrument(design));
    }
    let width = within.width();
    let fitted = selection(width, &outside) * within.projection(&outside, &[INTEREST]);
    let kept: Vec<usize> = std::iter::once(INTEREST).chain(exogenous.iter().copied()).collect();
    let regressors = selection(width, &kept);
    let projected = beside(&fitted, &selection(width, &exogenous));
    let solved = within.solve(&Equation { target: TARGET, regressors: regressors.clone(), projected }, spread)?;
    let first = within.solve(&Equation::least_squares(width, INTEREST, &outside), spread)?;
    let residual = selection(width, &[INTEREST]) - &fitted;
    let augmented = beside(&regressors, &residual);
    let both = Equation { target: TARGET, projected: augmented.clone(), regressors: augmented };
    Ok(TwoStage {
        fitted: Fitted {
            terms: design.terms(within, &kept, &solved, level),
            df: solved.df[0],
            r_squared: Some(within.share_explained(TARGET, &solved)),
            repaired: solved.repaired,
        },
        first_stage: first.wald(&places),
        // A first stage without residual leaves nothing to test.
        endogeneity: within.solve(&both, spread).ok().map(|both| both.wald(&[kept.len()])),
    })
}

fn no_instrument(design: &Design<'_>) -> Error {
    let names = design.names[design.first_instrument()..].join(", ");
    let interest = design.names[INTEREST];
    Error::not_identified(format!(
        "instruments: {names} do not vary beside effects and controls; name a column that moves {interest} on its own"
    ))
}

/// Two matrices beside each other.
fn beside(left: &Mat<f64>, right: &Mat<f64>) -> Mat<f64> {
    let split = left.ncols();
    Mat::from_fn(left.nrows(), split + right.ncols(), |row, column| {
        if column < split { left[(row, column)] } else { right[(row, column - split)] }
    })
}
