//! Checks of parameters: one trait for all, and each text once.

use std::fmt::Debug;

use crate::Error;

/// The parameters of an analysis. The analysis checks them first, so that nobody can pass unchecked ones.
pub trait Params {
    /// Checks them.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the parameter, its value and what was expected.
    fn check(&self) -> Result<(), Error>;
}

/// A share above 0 and below 1.
///
/// # Errors
/// [`Error::Parameter`] if it is not; the same holds for all checks here.
///
/// ```
/// let error = leverkit_core::check::share("p", 1.5).unwrap_err();
/// assert_eq!(error.to_string(), "p: got 1.5; expected a share above 0 and below 1");
/// ```
pub fn share(parameter: &str, share: f64) -> Result<(), Error> {
    that(share > 0.0 && share < 1.0, parameter, &share, "a share above 0 and below 1")
}

/// A share above 0, up to 1.
///
/// ```
/// assert!(leverkit_core::check::share_up_to_one("alpha", 1.0).is_ok());
/// ```
#[allow(missing_docs, clippy::missing_errors_doc)] // As of `share`.
pub fn share_up_to_one(parameter: &str, share: f64) -> Result<(), Error> {
    that(share > 0.0 && share <= 1.0, parameter, &share, "a share above 0, up to 1")
}

/// Days within a century.
///
/// ```
/// let error = leverkit_core::check::days("horizon", 0).unwrap_err();
/// assert_eq!(error.to_string(), "horizon: got 0; expected 1 to 36,500 days");
/// ```
#[allow(clippy::missing_errors_doc)] // As of `share`.
pub fn days(parameter: &str, days: u32) -> Result<(), Error> {
    that((1..=36_500).contains(&days), parameter, &days, "1 to 36,500 days")
}

/// A count from `least` to `most`.
///
/// ```
/// let error = leverkit_core::check::count("bins", 11, 2, 10).unwrap_err();
/// assert_eq!(error.to_string(), "bins: got 11; expected 2 to 10");
/// ```
#[allow(clippy::missing_errors_doc)] // As of `share`.
pub fn count(parameter: &str, count: usize, least: usize, most: usize) -> Result<(), Error> {
    that((least..=most).contains(&count), parameter, &count, &format!("{least} to {most}"))
}

/// A finite number above 0.
///
/// ```
/// let error = leverkit_core::check::above_zero("cost", 0.0).unwrap_err();
/// assert_eq!(error.to_string(), "cost: got 0; expected a number above 0");
/// ```
#[allow(clippy::missing_errors_doc)] // As of `share`.
pub fn above_zero(parameter: &str, value: f64) -> Result<(), Error> {
    that(value > 0.0 && value.is_finite(), parameter, &value, "a number above 0")
}

/// A finite number that is not negative.
///
/// ```
/// assert!(leverkit_core::check::not_negative("penalizer", 0.0).is_ok());
/// ```
#[allow(clippy::missing_errors_doc)] // As of `share`.
pub fn not_negative(parameter: &str, value: f64) -> Result<(), Error> {
    that(value >= 0.0 && value.is_finite(), parameter, &value, "0 or more")
}

/// Any other condition.
///
/// ```
/// let error = leverkit_core::check::that(false, "floor", &0.4, "a share above the norm").unwrap_err();
/// assert_eq!(error.to_string(), "floor: got 0.4; expected a share above the norm");
/// ```
#[allow(clippy::missing_errors_doc)] // As of `share`.
pub fn that(holds: bool, parameter: &str, got: &impl Debug, expected: &str) -> Result<(), Error> {
    let got = format!("{got:?}");
    // A whole float is said as people write it.
    if holds { Ok(()) } else { Err(Error::parameter(parameter, got.strip_suffix(".0").unwrap_or(&got), expected)) }
}
