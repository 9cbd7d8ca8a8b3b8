//! The unit in which times are counted, and lengths of time in it.

use leverkit_core::{DAYS_PER_YEAR, Period};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The unit in which times are counted.
///
/// ```
/// assert_eq!(leverkit_clv::Unit::Week.days(), 7.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Days.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// A twelfth of a year: 30.4375 days.
    Month,
    /// A quarter of a year: 91.3125 days.
    Quarter,
    /// 365.25 days.
    Year,
}

impl Unit {
    /// Its length.
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => DAYS_PER_YEAR / 12.0,
            Self::Quarter => DAYS_PER_YEAR / 4.0,
            Self::Year => DAYS_PER_YEAR,
        }
    }

    /// The calendar period of the same length.
    pub(crate) fn period(self) -> Period {
        match self {
            Self::Day => Period::Day,
            Self::Week => Period::Week,
            Self::Month => Period::Month,
            Self::Quarter => Period::Quarter,
            Self::Year => Period::Year,
        }
    }

    /// A length of time in this unit: a number of units, or a number and a unit such as "12 months".
    ///
    /// # Errors
    /// [`Error::Core`] where the text is no length of time.
    ///
    /// ```
    /// use leverkit_clv::Unit;
    /// assert_eq!(Unit::Week.length("horizon", "12 months")?, 365.25 / 7.0);
    /// assert_eq!(Unit::Week.length("horizon", "52")?, 52.0);
    /// assert!(Unit::Week.length("horizon", "12 moons").is_err());
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn length(self, parameter: &str, text: &str) -> Result<f64, Error> {
        let text = text.trim();
        let split = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
        let (number, unit) = (text[..split].trim().parse::<f64>(), text[split..].trim().trim_end_matches('s'));
        let unit = match unit {
            "" => Some(self),
            "d" | "day" => Some(Self::Day),
            "w" | "week" => Some(Self::Week),
            "mo" | "month" => Some(Self::Month),
            "q" | "quarter" => Some(Self::Quarter),
            "y" | "year" => Some(Self::Year),
            _ => None,
        };
        match (number, unit) {
            (Ok(number), Some(unit)) if number.is_finite() && number >= 0.0 => {
                Ok(if unit == self { number } else { number * unit.days() / self.days() })
            }
            _ => Err(Error::parameter(
                parameter,
                format!("{text:?}"),
                "a number of the model's units of time, or a number and a unit such as \"12 months\" or \"52 weeks\"",
            )),
        }
    }
}
