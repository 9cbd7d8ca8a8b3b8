//! Sample sizes: how many units each of two groups needs.

use leverkit_core::{Error as CoreError, Params, check};
use leverkit_stats::normal_quantile;
use serde::{Deserialize, Serialize};

use crate::Error;

/// How the variance of two shares is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SizeFormula {
    /// That of the pooled share where there is no effect, of each share where there is (Fleiss, Levin & Paik 2003).
    Pooled,
    /// Of each share in both cases.
    Unpooled,
    /// Cohen's (1988) difference of arcsines.
    Arcsine,
}

/// What a sample size is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeParams {
    /// The mean of the metric without the action; a share where `std_dev` is not given.
    pub before: f64,
    /// The mean that the test shall be able to tell from it.
    pub after: f64,
    /// Standard deviation of the metric; `None` for shares.
    pub std_dev: Option<f64>,
    /// Chance of finding the effect where there is one.
    pub power: f64,
    /// Confidence level of the two-sided test.
    pub level: f64,
    /// How the variance of shares is taken.
    pub formula: SizeFormula,
}

impl SizeParams {
    /// 80 % power at a level of 95 %, pooled.
    pub fn new(before: f64, after: f64) -> Self {
        Self { before, after, std_dev: None, power: 0.8, level: 0.95, formula: SizeFormula::Pooled }
    }
}

impl Params for SizeParams {
    fn check(&self) -> Result<(), CoreError> {
        check::share("level", self.level)?;
        check::share("power", self.power)?;
        if let Some(std_dev) = self.std_dev {
            check::above_zero("std_dev", std_dev)?;
        } else {
            check::share("before", self.before)?;
            check::share("after", self.after)?;
        }
        let differ = self.before != self.after && (self.after - self.before).is_finite();
        check::that(differ, "after", &self.after, "a finite number other than before")
    }
}

/// Units that each of two equal groups needs, before rounding up.
///
/// # Errors
/// [`Error::Core`] where a share, power or level is out of range, or nothing is to be told apart.
///
/// ```
/// use leverkit_effect::trial::{SizeParams, sample_size};
/// assert_eq!(sample_size(&SizeParams::new(0.10, 0.12))?.ceil(), 3841.0); // Fleiss, Levin & Paik (2003)
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn sample_size(params: &SizeParams) -> Result<f64, Error> {
    params.check()?;
    let (alpha, beta) = quantiles(params.level, params.power);
    let (before, after) = (params.before, params.after);
    let of = |share: f64| share * (1.0 - share);
    let each = of(before) + of(after);
    let gap = (after - before).powi(2);
    Ok(match (params.std_dev, params.formula) {
        (Some(std_dev), _) => 2.0 * ((alpha + beta) * std_dev).powi(2) / gap,
        (None, SizeFormula::Unpooled) => (alpha + beta).powi(2) * each / gap,
        (None, SizeFormula::Pooled) => {
            let pooled = of(f64::midpoint(before, after));
            (alpha * (2.0 * pooled).sqrt() + beta * each.sqrt()).powi(2) / gap
        }
        (None, SizeFormula::Arcsine) => {
            let arcsine = |share: f64| 2.0 * share.sqrt().asin();
            2.0 * ((alpha + beta) / (arcsine(after) - arcsine(before))).powi(2)
        }
    })
}

/// The normal quantiles of a two-sided test and of its power.
pub(crate) fn quantiles(level: f64, power: f64) -> (f64, f64) {
    (normal_quantile(0.5 + level / 2.0), normal_quantile(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_against_twelve_per_cent_as_statsmodels_and_textbooks_have_it() {
        let size = |formula| sample_size(&SizeParams { formula, ..SizeParams::new(0.10, 0.12) }).unwrap();
        // Pooled: Fleiss; the others: statsmodels 0.14, `NormalIndPower` with `proportion_effectsize` for the arcsine.
        assert_eq!(size(SizeFormula::Pooled).ceil(), 3841.0);
        assert!((size(SizeFormula::Unpooled) - 3838.1).abs() < 0.05);
        assert!((size(SizeFormula::Arcsine) - 3834.6).abs() < 0.05);
    }

    #[test]
    fn a_tenth_of_a_standard_deviation_needs_1570_in_each_group() {
        let params = SizeParams { std_dev: Some(10.0), ..SizeParams::new(20.0, 21.0) };
        assert_eq!(sample_size(&params).unwrap().ceil(), 1570.0);
    }

    #[test]
    fn nothing_to_tell_apart_is_refused() {
        let error = sample_size(&SizeParams::new(0.1, 0.1)).unwrap_err();
        insta::assert_snapshot!(error, @"after: got 0.1; expected a finite number other than before");
        assert!(sample_size(&SizeParams::new(0.1, 1.2)).is_err());
    }
}
