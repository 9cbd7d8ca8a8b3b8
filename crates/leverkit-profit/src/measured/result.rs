//! What was measured: values by period, and what could not be measured.

use leverkit_core::Day;
use leverkit_core::stats::Interval;
use serde::Serialize;

use super::norms::OwnNorm;
use super::params::MeasureParams;
use crate::{Correlation, Distribution};

/// Where a measured value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The order lines.
    Lines,
    /// The books.
    Books,
    /// Neither: a value that leaves revenue as it is.
    Assumed,
}

/// A parameter of the full formula in a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The parameter.
    pub parameter: &'static str,
    /// Its value.
    pub value: f64,
    /// The value with its 95 % limits; `None` for counts and totals, which are known, for what is assumed, and where a single customer tells.
    pub limits: Option<Interval>,
    /// How unsure it is, for simulations; `None` where it is known, or nothing tells.
    pub spread: Option<Distribution>,
    /// What it was divided by: customers, orders, leads …; 0 for counts and totals.
    pub n: f64,
    /// Where it comes from.
    pub source: Source,
}

impl Measured {
    /// A value without limits.
    pub(super) fn known(parameter: &'static str, value: f64, n: f64, source: Source) -> Self {
        Self { parameter, value, limits: None, spread: None, n, source }
    }

    /// Whether lines or books tell it with limits.
    pub(super) fn is_told(&self) -> bool {
        self.source != Source::Assumed && self.limits.is_some()
    }
}

/// A period of the company.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_profit::{MeasureParams, measure};
/// let days = ["2024-01-05", "2024-02-09", "2024-01-20", "2024-02-02"];
/// let lines = batch!("who" => [1, 1, 2, 2], "day" => days, "paid" => [10.0, 12.0, 20.0, 18.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let found = measure(&ledger, &MeasureParams { limit_day: 30, ..MeasureParams::default() }, &[])?;
/// let february = &found.periods[1];
/// // One value for each of the 22 parameters; those that are counts of few have a spread.
/// assert_eq!(february.scenario().len(), 22);
/// assert!(february.spreads().all(|(parameter, _)| february.values.iter().any(|value| value.parameter == parameter)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredPeriod {
    /// Its first day.
    pub start: Day,
    /// Its last day.
    pub end: Day,
    /// Whether the lines hold it whole, and before it as many days as the limit day looks back.
    pub is_complete: bool,
    /// The parameters, in the order of the full formula.
    pub values: Vec<Measured>,
    /// How values that the same customers tell move together, where they do.
    pub correlations: Vec<Correlation>,
    /// Customers with an order.
    pub customers: f64,
    /// Customers whose first order it holds.
    pub new: f64,
    /// Orders.
    pub orders: f64,
    /// Money, net of returns.
    pub revenue: f64,
}

/// A parameter that could not be measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Missing {
    /// The parameter.
    pub parameter: &'static str,
    /// The value that it was given: with it the measured revenue stays exact.
    pub assumed: &'static str,
    /// What would measure it.
    pub needed: &'static str,
}

/// The periods by which money a year is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Base {
    /// The first day of the first.
    pub start: Day,
    /// The last day of the last.
    pub end: Day,
    /// How many there are.
    pub periods: usize,
    /// Whether they are a year: with fewer, seasons are not in it.
    pub is_year: bool,
    /// The parameters of their average period, in the order of the full formula: it earns the mean of what they earned.
    pub values: Vec<f64>,
}

/// The parameters of the full formula by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// What it was measured with.
    pub params: MeasureParams,
    /// The periods, in time order.
    pub periods: Vec<MeasuredPeriod>,
    /// The last periods that the lines hold whole, a year of them where there are so many.
    pub base: Base,
    /// What the complete periods tell of how much better each parameter can be.
    pub norms: Vec<OwnNorm>,
    /// What could not be measured in any period.
    pub missing: Vec<Missing>,
}

impl MeasuredPeriod {
    /// The values in the order of the full formula, ready to be put into it.
    pub fn scenario(&self) -> Vec<f64> {
        self.values.iter().map(|measured| measured.value).collect()
    }

    /// The distributions of the parameters that are not known exactly, by name.
    pub fn spreads(&self) -> impl Iterator<Item = (&'static str, &Distribution)> {
        self.values.iter().filter_map(|measured| Some((measured.parameter, measured.spread.as_ref()?)))
    }
}
