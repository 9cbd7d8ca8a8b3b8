//! What customers did in a stretch of days, as tests measure it.

use std::ops::Range;

use leverkit_core::{CustomerLines, Day, Error as CoreError, Ledger};
use serde::{Deserialize, Serialize};

use crate::Error;

/// What is measured of each customer in a stretch of days.
///
/// ```
/// assert_eq!(leverkit_effect::Metric::Check.name(), "check");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Money of the lines, net of returns.
    Spend,
    /// Spend less the cost of goods.
    Margin,
    /// How many orders.
    Orders,
    /// 1 with an order, else 0: the share who came back.
    Active,
    /// Units of the lines, net of returns.
    Items,
    /// Money per order: a ratio of sums over customers, who are the units.
    Check,
}

impl Metric {
    /// The metric of a name.
    pub(crate) fn named(name: &str) -> Result<Self, Error> {
        let all = [Self::Spend, Self::Margin, Self::Orders, Self::Active, Self::Items];
        let known = all.map(Self::name);
        let expected = || format!("one of {known:?}: a ledger has no other metric");
        let found = all.into_iter().find(|metric| metric.name() == name);
        found.ok_or_else(|| Error::parameter("metrics", format!("{name:?}"), expected()))
    }

    /// The name, as it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spend => "spend",
            Self::Margin => "margin",
            Self::Orders => "orders",
            Self::Active => "active",
            Self::Items => "items",
            Self::Check => "check",
        }
    }

    /// Whether it is money per customer.
    pub(crate) fn is_money(self) -> bool {
        matches!(self, Self::Spend | Self::Margin)
    }

    /// Checks that the ledger has the roles that it needs.
    pub(crate) fn check(self, ledger: &Ledger) -> Result<(), Error> {
        let missing = match self {
            Self::Margin => ledger.unit_costs().is_none().then_some(("unit_cost", "what a unit costs")),
            Self::Items => ledger.quantities().is_none().then_some(("quantity", "units of each line")),
            Self::Spend | Self::Orders | Self::Active | Self::Check => None,
        };
        missing.map_or(Ok(()), |(role, what)| {
            let hint = format!("the metric {:?} needs it: the column with {what}", self.name());
            Err(CoreError::MissingRole { role: role.into(), hint }.into())
        })
    }

    /// What the metric is a ratio of; `None` where it is a mean over customers.
    pub(crate) fn ratio(self) -> Option<(Self, Self)> {
        (self == Self::Check).then_some((Self::Spend, Self::Orders))
    }

    /// What a customer did in these days; a line whose cost is unknown has no margin.
    pub(crate) fn of(self, ledger: &Ledger, customer: &CustomerLines<'_>, days: &Range<Day>) -> f64 {
        let within =
            |all: &[Day]| all.partition_point(|day| *day < days.start)..all.partition_point(|day| *day < days.end);
        let orders = || within(customer.order_days).len();
        let lines = || within(customer.days);
        let first = customer.first_line;
        match self {
            Self::Spend => customer.amounts[lines()].iter().sum(),
            Self::Margin => {
                lines().filter_map(|line| Some(customer.amounts[line] - ledger.cost_of(first + line)?)).sum()
            }
            Self::Orders => orders() as f64,
            Self::Check if orders() == 0 => 0.0,
            Self::Check => customer.amounts[lines()].iter().sum::<f64>() / orders() as f64,
            Self::Active => f64::from(u8::from(orders() > 0)),
            Self::Items => {
                let units = ledger.quantities().map_or(&[][..], |units| &units[first..first + customer.days.len()]);
                lines().filter_map(|line| units.get(line)).filter(|units| !units.is_nan()).sum()
            }
        }
    }
}
