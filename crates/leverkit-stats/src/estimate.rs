//! Estimates with standard errors, limits and tests.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, Normal, StudentsT};

use crate::{Interval, normal_quantile, student_quantile};

/// An estimated coefficient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// Its name.
    pub term: String,
    /// Its estimate with everything that follows from it; `None` where it is not identified.
    pub estimate: Option<Estimate>,
    /// Why there is no estimate.
    pub reason: Option<String>,
}

/// An estimate with its standard error and what follows from both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate with its limits.
    #[serde(flatten)]
    pub interval: Interval,
    /// Its standard error.
    pub std_error: f64,
    /// The estimate over its standard error.
    pub t: f64,
    /// Of no effect, two-sided.
    pub p_value: f64,
}

impl Estimate {
    /// An estimate with limits and test by Student's t of `df` degrees of freedom; infinitely many are the normal distribution.
    ///
    /// ```
    /// let found = leverkit_stats::Estimate::of(2.0, 1.0, 10.0, 0.95);
    /// assert!((found.interval.upper - 4.228139).abs() < 1e-6 && (found.p_value - 0.073388).abs() < 1e-6);
    /// ```
    pub fn of(value: f64, std_error: f64, df: f64, level: f64) -> Self {
        if df.is_infinite() {
            return Self::normal(value, std_error, level);
        }
        // One degree is the least that there is; a statistic of it is wide enough to promise nothing.
        let student = StudentsT::new(0.0, 1.0, df.max(1.0)).ok();
        let quantile = student_quantile(0.5 + level / 2.0, df);
        let t = value / std_error;
        // Nothing over nothing is no statistic, and the distribution refuses it.
        let p_value = student.filter(|_| !t.is_nan()).map_or(f64::NAN, |student| 2.0 * student.cdf(-t.abs()));
        Self { interval: Interval::around(value, quantile * std_error), std_error, t, p_value }
    }

    /// An estimate with limits and test by the normal distribution, as of maximum likelihood.
    ///
    /// ```
    /// let found = leverkit_stats::Estimate::normal(2.0, 1.0, 0.95);
    /// assert!((found.interval.upper - 3.959964).abs() < 1e-6 && (found.p_value - 0.0455).abs() < 1e-6);
    /// ```
    pub fn normal(value: f64, std_error: f64, level: f64) -> Self {
        let (quantile, t) = (normal_quantile(0.5 + level / 2.0), value / std_error);
        let p_value = if t.is_nan() { f64::NAN } else { 2.0 * Normal::standard().cdf(-t.abs()) };
        Self { interval: Interval::around(value, quantile * std_error), std_error, t, p_value }
    }
}

/// A test by F.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FTest {
    /// F.
    pub statistic: f64,
    /// Degrees of freedom above.
    pub df1: f64,
    /// Degrees of freedom below.
    pub df2: f64,
    /// Of what it is against.
    pub p_value: f64,
}

impl FTest {
    /// The test of a statistic with these degrees of freedom.
    ///
    /// ```
    /// assert!((leverkit_stats::FTest::of(4.0, 2.0, 20.0).p_value - 0.034572).abs() < 1e-6);
    /// ```
    pub fn of(statistic: f64, df1: f64, df2: f64) -> Self {
        let distribution = FisherSnedecor::new(df1, df2).ok().filter(|_| !statistic.is_nan());
        let p_value = distribution.map_or(f64::NAN, |f| f.sf(statistic.max(0.0)));
        Self { statistic, df1, df2, p_value }
    }
}
