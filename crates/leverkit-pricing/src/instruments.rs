//! Two-stage least squares for a price that answers demand, with the two tests that go with it.

use faer::Mat;

use crate::Error;
use crate::cluster::Spread;
use crate::elasticity::{Columns, ENDOGENEITY, Fitted, PRICE, QUANTITY, f_test, no_variation, strength, unit};
use crate::within::{Equation, Within, selection};

/// Estimates by two-stage least squares: β = (X̂ᵀX)⁻¹X̂ᵀy with X̂ the regressors as instruments and exogenous columns explain them (Theil 1953). Tests the first
/// stage by Wald's F of the instruments, and the endogeneity of the price by the coefficient of the first stage's residual in the equation (Durbin 1954, Wu
/// 1973, Hausman 1978), both with the covariance of the estimate.
pub(crate) fn fit(
    columns: &Columns<'_>,
    within: &Within<'_>,
    spread: &Spread<'_>,
    level: f64,
) -> Result<Fitted, Error> {
    if within.is_absorbed(PRICE) {
        return Err(no_variation(columns.names[PRICE]));
    }
    let exogenous = within.independent(&columns.others(within));
    let first_instrument = columns.names.len() - columns.instruments;
    let candidates: Vec<usize> = exogenous.iter().copied().chain(first_instrument..columns.names.len()).collect();
    let outside = within.independent(&candidates);
    let is_instrument = |column: &usize| (first_instrument..columns.names.len()).contains(column);
    let places: Vec<usize> = (0..outside.len()).filter(|&at| is_instrument(&outside[at])).collect();
    if places.is_empty() {
        let names = columns.names[first_instrument..].join(", ");
        return Err(Error::not_identified(
            "elasticity",
            format!(
                "instruments: {names} do not vary beside effects and controls; name a column that moves the price on its own"
            ),
        ));
    }
    let width = within.width();
    let fitted = selection(width, &outside) * within.projection(&outside, &[PRICE]);
    let kept: Vec<usize> = std::iter::once(PRICE).chain(exogenous.iter().copied()).collect();
    let regressors = selection(width, &kept);
    let projected = beside(&fitted, &selection(width, &exogenous));
    let solved = within.solve(&Equation { target: QUANTITY, regressors: regressors.clone(), projected }, spread)?;
    let first = within.solve(&Equation::least_squares(width, PRICE, &outside), spread)?;
    let residual = unit(width, PRICE) - &fitted;
    let augmented = beside(&regressors, &residual);
    let both = Equation { target: QUANTITY, projected: augmented.clone(), regressors: augmented };
    let mut tests = vec![f_test("first stage", first.wald(&places), places.len() as f64, first.df, |_| {
        strength(first.wald(&places))
    })];
    // A first stage without residual leaves nothing to test.
    if let Ok(both) = within.solve(&both, spread) {
        let reading = |p: f64| {
            if p < 1.0 - level {
                format!("price answers demand (p = {p:.3}): least squares is biased")
            } else {
                format!("no sign that price answers demand (p = {p:.2}); with weak instruments that says little")
            }
        };
        tests.push(f_test(ENDOGENEITY, both.wald(&[kept.len()]), 1.0, both.df, reading));
    }
    Ok(Fitted {
        terms: columns.terms(within, &kept, &solved, level),
        tests,
        df: solved.df,
        r_squared: Some(1.0 - solved.rss / within.gram[(QUANTITY, QUANTITY)]),
    })
}

/// Two matrices beside each other.
fn beside(left: &Mat<f64>, right: &Mat<f64>) -> Mat<f64> {
    let split = left.ncols();
    Mat::from_fn(left.nrows(), split + right.ncols(), |row, column| {
        if column < split { left[(row, column)] } else { right[(row, column - split)] }
    })
}
