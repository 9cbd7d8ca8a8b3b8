//! How a plan is made, and how levers are joined.

use leverkit_core::{Error, Params, Period, check};
use leverkit_profit::{BookEntry, MeasureParams};
use leverkit_rfm::LimitDayParams;
use serde::{Deserialize, Serialize};

use crate::assumptions::Assumptions;
use crate::error::wrong;

/// Levers by name; those of a column that leaks are `close_leaks_` and the column, those of a parameter that falls short of its norm `to_norm_` and the parameter.
pub(crate) const LEVERS: [&str; 6] =
    ["keep_customers", "win_back", "revive_segments", "shift_entries", "recommend", "move_prices"];
/// What the names of such levers begin with.
pub(crate) const CLOSE_LEAKS: &str = "close_leaks_";
pub(crate) const TO_NORM: &str = "to_norm_";

/// How to make a plan from a ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanParams {
    /// The chance of return under which a customer is a cold lead.
    pub p: f64,
    /// Days within which a return counts.
    pub horizon: u32,
    /// The dimension to take for the product level; the products where none is given.
    pub product: Option<String>,
    /// The calendar period by which the formula is measured.
    pub period: Period,
    /// Days of silence after which a customer is dormant; by default the limit day, or what [`dormant_after`](crate::dormant_after) tells.
    pub limit_day: Option<u32>,
    /// Bootstrap replicates behind the limits of measured parameters.
    pub replicates: usize,
    /// The seed of that bootstrap.
    pub replicates_seed: u64,
    /// The books of marketing and costs.
    pub books: Vec<BookEntry>,
    /// Values of the formula's parameters that complete or replace the measured ones.
    pub scenario: Vec<(String, f64)>,
    /// Shares that no data tell.
    pub assumptions: Assumptions,
    /// Money a year that a lever takes, by its name.
    pub effort: Vec<(String, f64)>,
    /// Worlds that are drawn: chances and limits of the plan are shares of them.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// The level of the limits that the plan gives.
    pub level: f64,
}

impl Default for PlanParams {
    fn default() -> Self {
        let LimitDayParams { p, horizon, .. } = LimitDayParams::default();
        let MeasureParams { period, replicates, seed: replicates_seed, .. } = MeasureParams::default();
        Self {
            p,
            horizon,
            product: None,
            period,
            limit_day: None,
            replicates,
            replicates_seed,
            books: Vec::new(),
            scenario: Vec::new(),
            assumptions: Assumptions::default(),
            effort: Vec::new(),
            draws: 2000,
            seed: 1,
            level: JoinParams::default().level,
        }
    }
}

impl PlanParams {
    /// How the levers are joined.
    pub fn join(&self) -> JoinParams {
        JoinParams { periods: self.period.a_year(), level: self.level }
    }
}

impl Params for PlanParams {
    /// What only one engine takes is checked there, as what it finds may be left to the others.
    fn check(&self) -> Result<(), Error> {
        self.join().check()?;
        check::count("draws", self.draws, 1, 100_000_000)?;
        self.limit_day.map_or(Ok(()), |days| check::days("limit_day", days))?;
        check::days("horizon", self.horizon)?;
        check::count("replicates", self.replicates, 1, 1_000_000)?;
        self.assumptions.check()?;
        self.effort.iter().try_for_each(|(name, money)| check_effort(name, *money))
    }
}

fn check_effort(name: &str, money: f64) -> Result<(), Error> {
    if !LEVERS.contains(&name) && !name.starts_with(CLOSE_LEAKS) && !name.starts_with(TO_NORM) {
        let expected =
            format!("one of {}, or {CLOSE_LEAKS} and a column, or {TO_NORM} and a parameter", LEVERS.join(", "));
        return Err(wrong("effort", format!("{name:?}"), expected));
    }
    check::that(money.is_finite(), "effort", &money, "money")
}

/// How to join levers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JoinParams {
    /// Periods of the formula in a year: 12 for a month.
    pub periods: f64,
    /// The level of the limits that the plan gives.
    pub level: f64,
}

impl Default for JoinParams {
    fn default() -> Self {
        Self { periods: 12.0, level: 0.95 }
    }
}

impl Params for JoinParams {
    fn check(&self) -> Result<(), Error> {
        check::above_zero("periods", self.periods)?;
        check::share("level", self.level)
    }
}
