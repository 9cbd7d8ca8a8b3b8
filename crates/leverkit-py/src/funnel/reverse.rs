//! The reverse funnel for Python.

use leverkit::core::format_day;
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::run;
use crate::number::Number;
use crate::result::result;
use crate::text::Text;

result! {
    /// From a target back to what each stage must bring.
    Reverse of leverkit::funnel::Reverse {
        spend: Option<f64> = |found| found.spend;
        confident_spend: Option<f64> = |found| found.confident_spend;
        /// Whether the date can be met, and the earliest that could; none without dates.
        date: Option<(bool, String)> =
            |found| found.schedule.as_ref().map(|plan| (plan.can_be_met, format_day(plan.earliest)));
        /// The mix's cost, what is expected without and with it, and what is wanted.
        mixed: Option<(f64, f64, f64, f64)> =
            |found| found.mix.as_ref().map(|mix| (mix.cost, mix.expected.0, mix.expected.1, mix.wanted));
    }
}

#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn reverse(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<Reverse> {
    let params = params(py, given)?;
    run(py, move || leverkit::funnel::reverse(&params).map(Reverse::from))
}

result! {
    /// From a number at the first stage to what comes of it.
    Forward of leverkit::funnel::Forward {
        chance: Option<f64> = |found| found.chance;
    }
}

#[pyfunction]
#[pyo3(signature = (first, stages, *, target, confidence))]
pub(crate) fn forward(
    py: Python<'_>,
    first: Number,
    stages: Vec<(Text, u64)>,
    target: Option<Number>,
    confidence: Number,
) -> PyResult<Forward> {
    let (target, confidence) = (target.map(f64::from), *confidence);
    let stages: Vec<_> = stages.into_iter().map(|(name, reached)| (name.into(), reached)).collect();
    run(py, move || leverkit::funnel::forward(*first, &stages, target, confidence).map(Forward::from))
}
