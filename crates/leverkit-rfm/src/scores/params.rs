//! Parameters: raw as the user gives them, and checked.

use leverkit_core::{Day, Period, Step};
use serde::{Deserialize, Serialize};

use crate::segments::SegmentMap;
use crate::{By, Error, Measure};

/// How values become scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Bins of about equal size by quantiles (Hyndman & Fan's type 7); equal values get equal scores.
    #[default]
    Quantile,
    /// Quantiles of frequency within each recency score, and of monetary within each pair of both.
    Nested,
    /// The company's own norms as cut points.
    Thresholds,
    /// Bins of equal width from the least to the greatest value.
    EqualWidth,
    /// Bins by exact one-dimensional k-means.
    Kmeans,
    /// Bins of equal size by rank, as SQL's `ntile`; equal values may get different scores.
    Rank,
}

/// What monetary value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monetary {
    /// Money of all lines, net of returns.
    #[default]
    Total,
    /// Total divided by the number of orders.
    AverageCheck,
}

/// A company's own norms: ascending cut points for each measure, one fewer than bins.
///
/// A recency up to and including a cut point is on its better side; a frequency or monetary value from a cut point on is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Days since the last order.
    pub recency: Vec<f64>,
    /// Orders.
    pub frequency: Vec<f64>,
    /// Money.
    pub monetary: Vec<f64>,
}

impl Thresholds {
    pub(crate) fn of(&self, measure: Measure) -> &[f64] {
        match measure {
            Measure::Recency => &self.recency,
            Measure::Frequency => &self.frequency,
            Measure::Monetary => &self.monetary,
        }
    }
}

/// Parameters as given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreParams {
    /// The day from which to look back; lines after it are left out. By default the ledger's.
    pub as_of: Option<Day>,
    /// Bins of recency, frequency and monetary, 2 to 10 each.
    pub bins: [u8; 3],
    /// How values become scores.
    pub method: Method,
    /// What monetary value is.
    pub monetary: Monetary,
    /// Cut points for [`Method::Thresholds`].
    pub thresholds: Option<Thresholds>,
    /// The segments; by default the widespread map of eleven.
    pub segments: SegmentMap,
    /// Weights of the three scores in the weighted score.
    pub weights: [f64; 3],
}

impl Default for ScoreParams {
    fn default() -> Self {
        Self {
            as_of: None,
            bins: [5; 3],
            method: Method::default(),
            monetary: Monetary::default(),
            thresholds: None,
            segments: SegmentMap::default(),
            weights: [1.0; 3],
        }
    }
}

/// Parameters that passed the checks; the only kind that scoring takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidScoreParams(ScoreParams);

impl ValidScoreParams {
    /// The parameters.
    pub fn get(&self) -> &ScoreParams {
        &self.0
    }
}

impl ScoreParams {
    /// Checks the parameters. Thresholds set the number of bins.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the parameter, its value and what was expected;
    /// [`Error::SegmentMap`] the combination of scores that a map leaves out or claims twice.
    ///
    /// ```
    /// use leverkit_rfm::ScoreParams;
    /// let error = ScoreParams { bins: [5, 5, 11], ..ScoreParams::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "bins: got 11; expected 2 to 10");
    /// ```
    pub fn check(mut self) -> Result<ValidScoreParams, Error> {
        match (self.method, &self.thresholds) {
            (Method::Thresholds, None) => {
                return Err(Error::parameter(
                    "thresholds",
                    "none",
                    "cut points for recency, frequency and monetary with method=\"thresholds\"",
                ));
            }
            (Method::Thresholds, Some(thresholds)) => self.bins = check_thresholds(thresholds)?,
            (_, Some(_)) => {
                return Err(Error::parameter(
                    "thresholds",
                    format!("cut points with method {:?}", self.method),
                    "method=\"thresholds\"",
                ));
            }
            (_, None) => {}
        }
        if let Some(bins) = self.bins.iter().find(|bins| !(2..=10).contains(*bins)) {
            return Err(Error::parameter("bins", bins.to_string(), "2 to 10"));
        }
        if self.weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0)
            || self.weights.iter().sum::<f64>() <= 0.0
        {
            return Err(Error::parameter(
                "weights",
                format!("{:?}", self.weights),
                "three numbers of at least 0, not all 0",
            ));
        }
        self.segments.check()?;
        Ok(ValidScoreParams(self))
    }
}

/// Parameters of the limit day, as given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitDayParams {
    /// The chance of return under which a customer is a cold lead, above 0 and below 1.
    pub p: f64,
    /// Days within which a return counts.
    pub horizon: u32,
    /// By what limit days are told apart.
    pub by: By,
    /// Confidence level of the limits.
    pub level: f64,
    /// The day from which to look back. By default the ledger's.
    pub as_of: Option<Day>,
}

impl Default for LimitDayParams {
    fn default() -> Self {
        Self { p: 0.10, horizon: 365, by: By::All, level: 0.95, as_of: None }
    }
}

/// Parameters of the limit day that passed the checks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidLimitDayParams(LimitDayParams);

impl ValidLimitDayParams {
    /// The parameters.
    pub fn get(&self) -> &LimitDayParams {
        &self.0
    }
}

impl LimitDayParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the parameter, its value and what was expected.
    ///
    /// ```
    /// use leverkit_rfm::LimitDayParams;
    /// let error = LimitDayParams { p: 1.5, ..LimitDayParams::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "p: got 1.5; expected a share above 0 and below 1");
    /// ```
    pub fn check(self) -> Result<ValidLimitDayParams, Error> {
        check_share("p", self.p)?;
        check_share("level", self.level)?;
        check_days("horizon", self.horizon)?;
        Ok(ValidLimitDayParams(self))
    }
}

/// Parameters of triggers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriggerParams {
    /// The first day to list; what is known on its eve is used. By default the ledger's `as_of`.
    pub start: Option<Day>,
    /// The last day to list. By default six days after the first.
    pub end: Option<Day>,
    /// The chance of return under which a customer is a cold lead.
    pub p: f64,
    /// Days within which a return counts.
    pub horizon: u32,
}

impl Default for TriggerParams {
    fn default() -> Self {
        let LimitDayParams { p, horizon, .. } = LimitDayParams::default();
        Self { start: None, end: None, p, horizon }
    }
}

/// Parameters of norms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormParams {
    /// Days within which a customer must buy again to count as kept.
    pub horizon: u32,
    /// Confidence level of the limits.
    pub level: f64,
    /// Seed of the bootstrap.
    pub seed: u64,
    /// The day from which to look back. By default the ledger's.
    pub as_of: Option<Day>,
}

impl Default for NormParams {
    fn default() -> Self {
        Self { horizon: 90, level: 0.95, seed: 1, as_of: None }
    }
}

impl NormParams {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_share("level", self.level)?;
        check_days("horizon", self.horizon)
    }
}

/// Parameters of cohorts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortParams {
    /// The length of a period.
    pub period: Period,
    /// Confidence level of the limits.
    pub level: f64,
    /// The day from which to look back. By default the ledger's.
    pub as_of: Option<Day>,
}

impl Default for CohortParams {
    fn default() -> Self {
        Self { period: Period::Month, level: 0.95, as_of: None }
    }
}

impl CohortParams {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_share("level", self.level)
    }
}

/// Parameters of migration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MigrationParams {
    /// The days at which customers are scored; by default every `every` back from the ledger's `as_of`.
    pub dates: Option<Vec<Day>>,
    /// The step between dates.
    pub every: Step,
    /// Scores of each measure.
    pub bins: [u8; 3],
}

fn check_share(parameter: &str, share: f64) -> Result<(), Error> {
    if share > 0.0 && share < 1.0 {
        return Ok(());
    }
    Err(Error::parameter(parameter, share.to_string(), "a share above 0 and below 1"))
}

fn check_days(parameter: &str, days: u32) -> Result<(), Error> {
    if (1..=36_500).contains(&days) {
        return Ok(());
    }
    Err(Error::parameter(parameter, days.to_string(), "1 to 36,500 days"))
}

fn check_thresholds(thresholds: &Thresholds) -> Result<[u8; 3], Error> {
    let mut bins = [0; 3];
    for (bins, measure) in bins.iter_mut().zip(Measure::ALL) {
        let cuts = thresholds.of(measure);
        if cuts.is_empty()
            || cuts.len() > 9
            || cuts.iter().any(|cut| !cut.is_finite())
            || cuts.windows(2).any(|pair| pair[0] >= pair[1])
        {
            return Err(Error::parameter(
                &format!("thresholds.{}", measure.name()),
                format!("{cuts:?}"),
                "1 to 9 ascending cut points",
            ));
        }
        *bins = cuts.len() as u8 + 1;
    }
    Ok(bins)
}
