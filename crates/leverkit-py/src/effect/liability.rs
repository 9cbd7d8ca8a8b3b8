//! Points that were earned, for Python.

use leverkit::core::stats::Interval;
use leverkit::effect::liability::{DeferralParams, LiabilityParams};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::run;
use crate::number::Number;
use crate::result::{analyses, result};

analyses! {
    /// What open points will cost.
    liability(table: LiabilityParams) -> Liability = leverkit::effect::liability::liability;
}

/// An estimate with its limits.
type Limits = (f64, f64, f64);

fn limits(of: Interval) -> Limits {
    (of.estimate, of.lower, of.upper)
}

result! {
    /// What points will cost.
    Liability of leverkit::effect::liability::Liability {
        /// The share of points that is redeemed at last, with limits.
        redemption_rate: Limits = |found| limits(found.redemption_rate);
        outstanding: f64 = |found| found.outstanding;
        /// What open points will cost, money, with limits.
        liability: Limits = |found| limits(found.liability);
        customers: u64 = |found| found.customers;
    }
}

result! {
    /// Revenue that points put off.
    Deferral of leverkit::effect::liability::Deferral {
        /// Revenue of the goods, at once.
        goods: f64 = |found| found.goods;
        /// The price of the points.
        points: f64 = |found| found.points;
    }
}

/// Shares a price between goods and points, and releases the points' part.
#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn deferral(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<Deferral> {
    let params: DeferralParams = params(py, given)?;
    run(py, move || leverkit::effect::liability::deferral(&params).map(Deferral::from))
}

/// The part of rewards that was paid on purchases which would have come anyway: its share and money, each with limits.
#[pyfunction]
pub(crate) fn subsidy(
    py: Python<'_>,
    rewards: Number,
    spend: Number,
    effect: (Number, Number, Number),
) -> PyResult<(Limits, Limits)> {
    let (estimate, lower, upper) = (*effect.0, *effect.1, *effect.2);
    run(py, move || {
        let found = leverkit::effect::liability::subsidy(*rewards, *spend, Interval { estimate, lower, upper })?;
        Ok::<_, leverkit::effect::Error>((limits(found.share), limits(found.money)))
    })
}
