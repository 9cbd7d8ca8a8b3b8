//! The quantity funnel for Python.

use leverkit::funnel::QuantityParams;
use pyo3::prelude::*;

use crate::args::Given;
use crate::frame::analyse;
use crate::result::result;

result! {
    /// Of what was recommended, how much was agreed and performed.
    Quantities of leverkit::funnel::Quantities;
    days: Option<f64> = |found| found.days;
    /// The level whose step holds most back.
    bottleneck: Option<String> = |found| found.most.map(|at| found.levels[at].level.clone());
}

#[pyfunction]
#[pyo3(signature = (data, **given))]
pub(crate) fn quantities(py: Python<'_>, data: &Bound<'_, PyAny>, given: Given<'_, '_>) -> PyResult<Quantities> {
    analyse(py, data, given, QuantityParams::columns, leverkit::funnel::quantities)
}
