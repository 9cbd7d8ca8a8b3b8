//! Parameters of the analyses, each with its check.

use leverkit_core::{Day, Error, Params, Period, check, iso};
use serde::{Deserialize, Serialize};

use crate::unit::Unit;

/// How to summarise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SummaryParams {
    /// The unit of recency and T.
    pub unit: Unit,
    /// Orders in one period are one transaction. Unless it is a day, times count whole periods and the unit is the period.
    pub period: Period,
    /// The last day of calibration; the days after it, up to the end, are the holdout. By default there is no holdout.
    #[serde(deserialize_with = "iso::option")]
    pub calibration_end: Option<Day>,
    /// The last day of observation, itself observed; by default the ledger's last day, the eve of its `as_of`.
    #[serde(deserialize_with = "iso::option")]
    pub end: Option<Day>,
}

impl Default for SummaryParams {
    fn default() -> Self {
        Self { unit: Unit::Week, period: Period::Day, calibration_end: None, end: None }
    }
}

impl Params for SummaryParams {
    fn check(&self) -> Result<(), Error> {
        if self.period == Period::Day || self.unit.period() == self.period {
            return Ok(());
        }
        Err(Error::Parameter {
            parameter: "unit".into(),
            got: format!("{:?}", self.unit).to_lowercase(),
            expected: format!("the same as period, which is {:?}, because times then count whole periods", self.period)
                .to_lowercase(),
        })
    }
}

/// How to fit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FitParams {
    /// Weight of the L2 penalty: this times the sum of squared parameters is added to the mean negative log-likelihood, with time scaled so that the
    /// longest T is 10 (in `lifetimes` it is 1). Coefficients of covariates are penalised likewise.
    pub penalizer: f64,
    /// Covariates by name that move the rate of orders.
    pub purchase_covariates: Vec<String>,
    /// Covariates by name that move leaving.
    pub dropout_covariates: Vec<String>,
}

impl Params for FitParams {
    fn check(&self) -> Result<(), Error> {
        check::not_negative("penalizer", self.penalizer)
    }
}

/// How to hold the contest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContestParams {
    /// The unit of time.
    pub unit: Unit,
    /// How many holdouts.
    pub folds: usize,
    /// Length of a holdout, in the unit; by default a quarter of the days in the data.
    pub horizon: Option<f64>,
    /// The largest k of regular timing to try; the best k by likelihood takes part if it is above 1.
    pub most_regular: u8,
}

impl Default for ContestParams {
    fn default() -> Self {
        Self { unit: Unit::Week, folds: 3, horizon: None, most_regular: 4 }
    }
}

impl Params for ContestParams {
    fn check(&self) -> Result<(), Error> {
        check::count("folds", self.folds, 1, 20)
    }
}

/// How to value customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueParams {
    /// How far to look, in the summary's unit of time; `None` for all time, which needs a discount above 0.
    pub horizon: Option<f64>,
    /// Annual discount rate: with 0.1, money in one year is worth 1 / 1.1 today.
    pub discount_rate: f64,
    /// Profit per unit of money that customers spend.
    pub margin: f64,
    /// The unit of time of the summary.
    pub unit: Unit,
    /// Confidence level of the limits.
    pub level: f64,
}

impl Default for ValueParams {
    fn default() -> Self {
        Self { horizon: Some(52.0), discount_rate: 0.0, margin: 1.0, unit: Unit::Week, level: 0.95 }
    }
}

impl Params for ValueParams {
    fn check(&self) -> Result<(), Error> {
        let rate = self.discount_rate;
        check::that(rate.is_finite() && rate > -1.0, "discount_rate", &rate, "an annual share above -1, such as 0.1")?;
        check::that(
            self.horizon.is_some() || rate > 0.0,
            "discount_rate",
            &rate,
            "an annual share above 0, such as 0.1, as there is no horizon: without a discount, all time may be worth infinitely much",
        )?;
        check::that(self.margin.is_finite(), "margin", &self.margin, "a number, such as 0.3")?;
        check::share("level", self.level)
    }
}
