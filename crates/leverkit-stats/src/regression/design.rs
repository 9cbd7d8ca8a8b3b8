//! The columns of a regression by name.

use super::effects::Levels;
use super::within::{Solved, Within};
use crate::{Error, Estimate, Term};

/// The columns of a regression: the target, the regressor of interest, other regressors and instruments, in this order.
///
/// ```
/// use leverkit_stats::regression::{Design, Levels, Spread, least_squares, two_stage};
/// let (sales, price) = ([9.0, 7.0, 5.2, 8.1, 6.0, 3.9], [1.0, 2.0, 3.0, 1.5, 2.5, 3.5]);
/// let (stores, cost) = ([0, 0, 0, 1, 1, 1], [0.8, 1.9, 3.1, 1.2, 2.6, 3.3]);
/// let design = Design::new(("sales", &sales), ("price", &price), &[])?;
/// // What stores have in common is taken off first.
/// let within = design.within(vec![Levels::of(&stores)?])?;
/// let fitted = least_squares(&design, &within, &Spread::Robust, 0.95)?;
/// assert!((fitted.terms[0].estimate.unwrap().interval.estimate + 1.99).abs() < 0.02);
/// // The cost moves the price, and sales through it alone.
/// let design = design.with_instruments(&[("cost", &cost)])?;
/// let found = two_stage(&design, &design.within(vec![Levels::of(&stores)?])?, &Spread::Robust, 0.95)?;
/// assert!(found.first_stage.statistic > 10.0);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Design<'a> {
    /// Their names.
    pub names: Vec<&'a str>,
    /// Their values, row by row.
    pub values: Vec<&'a [f64]>,
    /// How many are instruments, the last ones.
    pub instruments: usize,
}

/// Where the target stands.
pub const TARGET: usize = 0;
/// Where the regressor of interest stands, which must be identified; with instruments the one that they move.
pub const INTEREST: usize = 1;

/// A fitted regression.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The regressor of interest first, then the others and the intercept.
    pub terms: Vec<Term>,
    /// Degrees of freedom of Student's t for the regressor of interest; infinite where limits are normal.
    pub df: f64,
    /// Share of the variance within effects that is explained; `None` where the model has none.
    pub r_squared: Option<f64>,
    /// Whether two-way clusters gave a variance below zero, so that the covariance was repaired.
    pub repaired: bool,
}

impl<'a> Design<'a> {
    /// A target, the regressor of interest and others, each with its name.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no row, or columns of several lengths.
    ///
    /// ```
    /// use leverkit_stats::regression::Design;
    /// assert!(Design::new(("sales", &[1.0, 2.0]), ("price", &[3.0, 1.0]), &[]).is_ok());
    /// assert!(Design::new(("sales", &[1.0, 2.0]), ("price", &[3.0]), &[]).is_err());
    /// ```
    pub fn new(
        target: (&'a str, &'a [f64]),
        interest: (&'a str, &'a [f64]),
        others: &[(&'a str, &'a [f64])],
    ) -> Result<Self, Error> {
        let columns = [target, interest].into_iter().chain(others.iter().copied());
        let (names, values) = columns.unzip();
        Self { names, values, instruments: 0 }.checked()
    }

    /// With instruments: what moves the regressor of interest, and the target through it alone.
    ///
    /// # Errors
    /// [`Error::Parameter`] for columns of another length.
    pub fn with_instruments(mut self, instruments: &[(&'a str, &'a [f64])]) -> Result<Self, Error> {
        self.names.extend(instruments.iter().map(|(name, _)| name));
        self.values.extend(instruments.iter().map(|(_, values)| values));
        self.instruments += instruments.len();
        self.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let rows = self.values[TARGET].len();
        if rows == 0 {
            return Err(Error::parameter("columns", &"no row", "at least one row"));
        }
        match self.values.iter().find(|values| values.len() != rows) {
            Some(values) => Err(Error::parameter("columns", &values.len(), "as many values as the target has")),
            None => Ok(self),
        }
    }

    /// The columns less these effects; without effects with an intercept.
    ///
    /// # Errors
    /// As [`Within::of`].
    pub fn within(&self, effects: Vec<Levels<'a>>) -> Result<Within<'a>, Error> {
        Within::of(self.values.clone(), effects, None)
    }

    /// The place of the first instrument.
    pub(super) fn first_instrument(&self) -> usize {
        self.names.len() - self.instruments
    }

    /// The places of what explains beside the regressor of interest, with the ones.
    pub(super) fn others(&self, within: &Within<'_>) -> Vec<usize> {
        (INTEREST + 1..self.first_instrument()).chain(within.ones()).collect()
    }

    /// The places of all that explains.
    pub(super) fn explaining(&self, within: &Within<'_>) -> Vec<usize> {
        std::iter::once(INTEREST).chain(self.others(within)).collect()
    }

    /// That the regressor of interest is constant within the effects.
    pub(super) fn no_variation(&self) -> Error {
        Error::NoVariation { regressor: self.names[INTEREST].into() }
    }

    /// The terms of a solution whose regressors are these columns.
    pub(super) fn terms(&self, within: &Within<'_>, kept: &[usize], solved: &Solved, level: f64) -> Vec<Term> {
        let term = |column: usize| {
            let place = kept.iter().position(|&kept| kept == column).filter(|&at| solved.beta[at].is_finite());
            let reason = if kept.contains(&column) {
                "numbers too large to compute with: measure them in larger units"
            } else if within.is_absorbed(column) {
                "does not vary within the effects, left out"
            } else {
                "collinear with the terms before it, left out"
            };
            let is_intercept = within.ones() == Some(column);
            Term {
                term: if is_intercept { "intercept" } else { self.names[column] }.to_owned(),
                estimate: place.map(|at| Estimate::of(solved.beta[at], solved.std_error(at), solved.df[at], level)),
                reason: place.is_none().then(|| reason.to_owned()),
            }
        };
        self.explaining(within).into_iter().map(term).collect()
    }
}
