//! What tests are planned and read with: the parameters, and their check.

use leverkit_core::{Day, Error, Params, check, iso};
use serde::{Deserialize, Serialize};

use super::outcomes::Metric;
use super::relabel::check_replicates;

/// What a test shall show, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DesignParams {
    /// What is measured of each customer.
    pub metric: Metric,
    /// Lengths of the test, weeks.
    pub weeks: Vec<u32>,
    /// Weeks before the test whose metric the estimate is adjusted for; by default as many as the test has.
    pub pre_weeks: Option<u32>,
    /// Only customers whose last order is at most so many days before the start take part.
    pub active_days: Option<u32>,
    /// Share of customers who are treated.
    pub share: f64,
    /// The effect looked for, as a share of the mean.
    pub lift: f64,
    /// Confidence level of the two-sided test.
    pub level: f64,
    /// Chance of finding the effect where there is one.
    pub power: f64,
    /// What one unit of the metric is worth, money; by default 1 for spend and margin.
    pub value: Option<f64>,
    /// What the test costs, money.
    pub cost: Option<f64>,
    /// Re-randomisations of the past.
    pub replicates: usize,
    /// The seed of the re-randomisations.
    pub seed: u64,
    /// The day at which the history ends. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
}

impl Default for DesignParams {
    fn default() -> Self {
        Self {
            metric: Metric::Spend,
            weeks: vec![1, 2, 4, 8, 13],
            pre_weeks: None,
            active_days: None,
            share: 0.5,
            lift: 0.05,
            level: 0.95,
            power: 0.8,
            value: None,
            cost: None,
            replicates: 1000,
            seed: 1,
            as_of: None,
        }
    }
}

impl DesignParams {
    /// What one unit of the metric is worth, where it is known.
    pub(crate) fn worth(&self) -> Option<f64> {
        self.value.or(self.metric.is_money().then_some(1.0))
    }
}

impl Params for DesignParams {
    fn check(&self) -> Result<(), Error> {
        let are_weeks = !self.weeks.is_empty() && self.weeks.iter().all(|weeks| (1..=520).contains(weeks));
        check::that(are_weeks, "weeks", &self.weeks, "lengths of 1 to 520 weeks")?;
        self.pre_weeks.map_or(Ok(()), |weeks| check::count("pre_weeks", weeks as usize, 1, 520))?;
        self.active_days.map_or(Ok(()), |days| check::days("active_days", days))?;
        check::share("share", self.share)?;
        check::above_zero("lift", self.lift)?;
        check::share("level", self.level)?;
        check::share("power", self.power)?;
        self.value.map_or(Ok(()), |value| check::above_zero("value", value))?;
        self.cost.map_or(Ok(()), |cost| check::not_negative("cost", cost))?;
        check_replicates(self.replicates)
    }
}

/// How units are drawn into the arms of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomiseParams {
    /// The column of the units: one row per unit.
    pub unit: String,
    /// The arms with their shares.
    pub arms: Vec<(String, f64)>,
    /// Columns within whose combinations the arms keep their shares.
    pub strata: Vec<String>,
    /// A number by which neighbours are matched: one unit of each arm out of every so many neighbours.
    pub match_on: Option<String>,
    /// Numbers of which the balance between arms is reported.
    pub balance: Vec<String>,
    /// The seed of the draw.
    pub seed: u64,
}

impl RandomiseParams {
    /// Two equal arms, without strata.
    pub fn new(unit: &str) -> Self {
        Self {
            unit: unit.into(),
            arms: vec![("control".into(), 0.5), ("treated".into(), 0.5)],
            strata: Vec::new(),
            match_on: None,
            balance: Vec::new(),
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let numbers = self.match_on.iter().chain(&self.balance);
        std::iter::once(&self.unit).chain(&self.strata).chain(numbers).cloned().collect()
    }
}

impl Params for RandomiseParams {
    fn check(&self) -> Result<(), Error> {
        let shares = || self.arms.iter().map(|arm| arm.1);
        let are_shares = shares().all(|share| share > 0.0) && (shares().sum::<f64>() - 1.0).abs() < 1e-9;
        check::that(
            are_shares && self.arms.len() > 1,
            "arms",
            &self.arms,
            "two or more arms whose shares add up to 1",
        )?;
        let names = || self.arms.iter().map(|arm| &arm.0);
        let are_distinct = names().enumerate().all(|(at, name)| !names().take(at).any(|known| known == name));
        check::that(are_distinct, "arms", &self.arms, "arms with names of their own")?;
        let are_equal = shares().all(|share| (share - self.arms[0].1).abs() < 1e-9);
        let is_matched = self.match_on.is_none() || are_equal;
        check::that(is_matched, "arms", &self.arms, "arms of equal shares where units are matched")
    }
}
