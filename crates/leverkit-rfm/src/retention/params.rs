//! Parameters of limit days, norms, triggers, migration, cohorts and tenure, each with its check.

use leverkit_core::{Day, Error, Params, Period, Step, check, iso};
use serde::{Deserialize, Serialize};

use crate::scores::check_bins;

/// How limit days are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub enum LimitDayBy {
    /// All customers together.
    #[default]
    All,
    /// The RFM segment a horizon before the end; gaps count from that day on, so that the segment does not know how they end.
    Segment,
    /// The product on which most was spent in a customer's first order.
    EntryProduct,
    /// A dimension's value at the order after which the gap begins.
    Dimension(String),
}

impl From<&str> for LimitDayBy {
    fn from(text: &str) -> Self {
        match text {
            "segment" => Self::Segment,
            "entry_product" => Self::EntryProduct,
            dimension => Self::Dimension(dimension.into()),
        }
    }
}

impl From<Option<String>> for LimitDayBy {
    fn from(text: Option<String>) -> Self {
        text.as_deref().map_or(Self::All, Self::from)
    }
}

impl From<LimitDayBy> for Option<String> {
    fn from(by: LimitDayBy) -> Self {
        match by {
            LimitDayBy::All => None,
            LimitDayBy::Segment => Some("segment".into()),
            LimitDayBy::EntryProduct => Some("entry_product".into()),
            LimitDayBy::Dimension(name) => Some(name),
        }
    }
}

/// Parameters of the limit day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitDayParams {
    /// The chance of return under which a customer is a cold lead, above 0 and below 1.
    pub p: f64,
    /// Days within which a return counts.
    pub horizon: u32,
    /// How limit days are grouped.
    pub by: LimitDayBy,
    /// Confidence level of the limits.
    pub level: f64,
    /// The day from which to look back. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
}

impl Default for LimitDayParams {
    fn default() -> Self {
        Self { p: 0.10, horizon: 365, by: LimitDayBy::All, level: 0.95, as_of: None }
    }
}

impl Params for LimitDayParams {
    /// ```
    /// use leverkit_core::Params;
    /// use leverkit_rfm::LimitDayParams;
    /// let error = LimitDayParams { p: 1.5, ..LimitDayParams::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "p: got 1.5; expected a share above 0 and below 1");
    /// ```
    fn check(&self) -> Result<(), Error> {
        check::share("p", self.p)?;
        check::share("level", self.level)?;
        check::days("horizon", self.horizon)
    }
}

/// Parameters of triggers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TriggerParams {
    /// The first day to list; what is known on its eve is used. By default the ledger's `as_of`.
    #[serde(deserialize_with = "iso::option")]
    pub start: Option<Day>,
    /// The last day to list. By default six days after the first.
    #[serde(deserialize_with = "iso::option")]
    pub end: Option<Day>,
    /// The chance of return under which a customer is a cold lead.
    pub p: f64,
    /// Days within which a return counts.
    pub horizon: u32,
    /// Of the customers who would be lost, the share that a call before the limit day keeps: an assumption until it is tried.
    pub kept: f64,
    /// The same of those past their limit day.
    pub won_back: f64,
}

impl Default for TriggerParams {
    fn default() -> Self {
        let LimitDayParams { p, horizon, .. } = LimitDayParams::default();
        Self { start: None, end: None, p, horizon, kept: 0.10, won_back: 0.03 }
    }
}

impl Params for TriggerParams {
    fn check(&self) -> Result<(), Error> {
        check::share("p", self.p)?;
        for (name, share) in [("kept", self.kept), ("won_back", self.won_back)] {
            check::that((0.0..=1.0).contains(&share), name, &share, "a share from 0 to 1")?;
        }
        check::days("horizon", self.horizon)
    }
}

/// Parameters of norms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NormParams {
    /// Days within which a customer must buy again to count as kept.
    pub horizon: u32,
    /// Confidence level of the limits.
    pub level: f64,
    /// Seed of the bootstrap.
    pub seed: u64,
    /// The day from which to look back. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
}

impl Default for NormParams {
    fn default() -> Self {
        Self { horizon: 90, level: 0.95, seed: 1, as_of: None }
    }
}

impl Params for NormParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::days("horizon", self.horizon)
    }
}

/// Parameters of cohorts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CohortParams {
    /// The length of a period.
    pub period: Period,
    /// Confidence level of the limits.
    pub level: f64,
    /// The day from which to look back. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
}

impl Default for CohortParams {
    fn default() -> Self {
        Self { period: Period::Month, level: 0.95, as_of: None }
    }
}

impl Params for CohortParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)
    }
}

/// Parameters of migration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MigrationParams {
    /// The days at which customers are scored; by default every `every` back from the ledger's `as_of`.
    #[serde(deserialize_with = "iso::list")]
    pub dates: Option<Vec<Day>>,
    /// The step between dates.
    pub every: Step,
    /// Scores of each measure.
    pub bins: [u8; 3],
}

impl Default for MigrationParams {
    fn default() -> Self {
        Self { dates: None, every: Step::MONTH, bins: [5; 3] }
    }
}

impl Params for MigrationParams {
    fn check(&self) -> Result<(), Error> {
        check_bins(self.bins)
    }
}

/// Parameters of tenure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenureParams {
    /// Days since the first order at which the second and each later band begins, ascending.
    pub bands: Vec<u32>,
    /// A customer with an order in so many last days is active.
    pub active_days: u32,
    /// Confidence level of the limits.
    pub level: f64,
    /// The day from which to look back. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
}

impl Default for TenureParams {
    fn default() -> Self {
        Self { bands: vec![90, 180, 365, 730], active_days: 90, level: 0.95, as_of: None }
    }
}

impl Params for TenureParams {
    fn check(&self) -> Result<(), Error> {
        let ascends = self.bands.first() != Some(&0) && self.bands.windows(2).all(|pair| pair[0] < pair[1]);
        check::that(ascends, "bands", &self.bands, "numbers of days above 0, ascending")?;
        check::share("level", self.level)?;
        check::days("active_days", self.active_days)
    }
}
