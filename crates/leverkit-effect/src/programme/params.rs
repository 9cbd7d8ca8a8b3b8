//! What a programme is judged with.

use leverkit_core::{Error, Params, Period, check};
use serde::{Deserialize, Serialize};

/// The column with the day of a reward, and of what is known of a customer.
pub(super) const DATE: &str = "date";
/// The column with the points of a reward.
pub(super) const REDEEMED: &str = "redeemed";
/// All designs.
const DESIGNS: [&str; 6] = ["naive", "before_after", "did", "adjusted", "balanced", "matched"];
/// The unit that is no dimension.
pub(super) const CUSTOMERS: &str = "customer";

/// Who joined when, how time is cut, and what the programme costs.
///
/// ```
/// use leverkit_effect::programme::ProgrammeParams;
/// let params = ProgrammeParams { customer: "client".into(), covariates: vec!["visits".into()], ..ProgrammeParams::default() };
/// assert_eq!(params.columns(), ["client", "joined"]);
/// // The tables beside the members have the customer and a date.
/// assert_eq!(params.covariate_columns(), ["client", "date", "visits"]);
/// assert_eq!(params.reward_columns(), ["client", "date", "redeemed"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeParams {
    /// The column of members with the customer.
    pub customer: String,
    /// The column with the day of joining, null where the customer has not joined.
    pub joined: String,
    /// The column with the day of leaving, null where the member has stayed: it is counted, and the effect is that of having joined.
    pub left: Option<String>,
    /// A column of members by which they are judged apart, such as their tier or how they came to join.
    pub by: Option<String>,
    /// What joins: `customer`, or a dimension of the ledger, such as the shop.
    pub unit: String,
    /// The share of periods whose money is left as it is; more counts as the money of this quantile. By default all is.
    pub winsorise: Option<f64>,
    /// Calendar periods over which outcomes are added up.
    pub period: Period,
    /// Instead of them: periods of so many days, counted from the first joining, as of a campaign.
    pub days: Option<u32>,
    /// Money that a member costs in a period, rewards aside.
    pub running_cost: f64,
    /// Money of the rewards that members redeemed in the periods that are compared; 0 where they are listed.
    pub reward_cost: f64,
    /// What a redeemed point costs, where rewards are listed: money.
    pub point_cost: f64,
    /// Columns of what was known of customers before joining, for which the design adjusted for the path adjusts too.
    pub covariates: Vec<String>,
    /// The designs that are shown; all if none is named. Those that settle the verdict are run whatever is shown.
    pub designs: Vec<String>,
    /// The outcomes that are looked at, beside money; all if none is named.
    pub outcomes: Vec<String>,
    /// A placebo whose p-value lies below fails. Higher than usual, because what fails to be seen is taken as sound.
    pub placebo_level: f64,
    /// Confidence level.
    pub level: f64,
    /// Random relabellings of who joined.
    pub relabellings: usize,
    /// Draws for the bands that hold a whole curve.
    pub draws: usize,
    /// The seed of draws and relabellings.
    pub seed: u64,
}

impl Default for ProgrammeParams {
    fn default() -> Self {
        Self {
            customer: "customer".into(),
            joined: "joined".into(),
            left: None,
            by: None,
            unit: CUSTOMERS.into(),
            winsorise: None,
            period: Period::Month,
            days: None,
            running_cost: 0.0,
            reward_cost: 0.0,
            point_cost: 1.0,
            covariates: Vec::new(),
            designs: Vec::new(),
            outcomes: Vec::new(),
            placebo_level: 0.1,
            level: 0.95,
            relabellings: 200,
            draws: 2000,
            seed: 1,
        }
    }
}

impl ProgrammeParams {
    /// The columns of rewards that are read.
    pub fn reward_columns(&self) -> Vec<String> {
        vec![self.customer.clone(), DATE.into(), REDEEMED.into()]
    }

    /// The columns of covariates that are read.
    pub fn covariate_columns(&self) -> Vec<String> {
        [self.customer.clone(), DATE.into()].into_iter().chain(self.covariates.iter().cloned()).collect()
    }

    /// The columns of members that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.customer, &self.joined].into_iter().chain(&self.left).chain(&self.by).cloned().collect()
    }
}

impl Params for ProgrammeParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::share("placebo_level", self.placebo_level)?;
        self.winsorise.map_or(Ok(()), |share| check::share("winsorise", share))?;
        check::not_negative("running_cost", self.running_cost)?;
        check::not_negative("reward_cost", self.reward_cost)?;
        check::not_negative("point_cost", self.point_cost)?;
        let unknown = self.designs.iter().find(|name| !DESIGNS.contains(&name.as_str()));
        check::that(unknown.is_none(), "designs", &unknown, &DESIGNS.join(", "))?;
        check::count("draws", self.draws, 100, 1_000_000)?;
        check::count("relabellings", self.relabellings, 0, 100_000)?;
        self.days.map_or(Ok(()), |days| check::days("days", days))
    }
}
