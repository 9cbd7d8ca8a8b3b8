//! Tests watched, for Python.

use leverkit::effect::monitor::{BoundParams, MonitorParams, bounds_batch};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::run;
use crate::frame::Frame;
use crate::result::{analyses, result};

analyses! {
    /// Whether a running test may stop.
    monitor(table: MonitorParams) -> Monitor = leverkit::effect::monitor::monitor;
}

result! {
    /// A running test, watched.
    Monitor of leverkit::effect::monitor::Monitor {
        /// What to do after the last look.
        decision: &'static str = |found| found.decision.text();
    }
}

/// Bounds for several looks.
#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn bounds(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<Frame> {
    let params: BoundParams = params(py, given)?;
    run(py, move || {
        let found = leverkit::effect::monitor::bounds(&params)?;
        Ok::<_, leverkit::effect::Error>(Frame::from(bounds_batch(&found)?))
    })
}
