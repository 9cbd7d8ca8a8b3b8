//! Journeys and attribution for Python. Parameters come as JSON of the Rust parameters; the face makes it.

use std::sync::Arc;

use leverkit::funnel::{AttributionParams, Error, JourneyParams};
use pyo3::prelude::*;

use crate::call::run;
use crate::frame::{Frame, stream_of, table, whole};
use crate::pricing::params;
use crate::stages::EventLog;

/// What follows what.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Journey(Arc<leverkit::funnel::Journey>);

#[pyfunction]
pub(crate) fn journey(py: Python<'_>, log: &EventLog, text: &str) -> PyResult<Journey> {
    let params: JourneyParams = params(py, text)?;
    let log = log.0.clone();
    run(py, move || leverkit::funnel::journey(&log, &params).map(|found| Journey(Arc::new(found))))
}

#[pymethods]
impl Journey {
    fn transitions(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Journey::transitions_batch)
    }

    fn paths(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Journey::paths_batch)
    }

    fn loops(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Journey::loops_batch)
    }

    fn step_matrix(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Journey::step_matrix_batch)
    }

    fn flows(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Journey::flows_batch)
    }

    fn stopped(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Journey::stopped_batch)
    }

    #[getter]
    fn entities(&self) -> u64 {
        self.0.entities
    }

    #[getter]
    fn events(&self) -> u64 {
        self.0.events
    }

    #[getter]
    fn distinct_paths(&self) -> u64 {
        self.0.distinct_paths
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// Which channels conversions are owed to.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Attribution(Arc<leverkit::funnel::Attribution>);

#[pyfunction]
pub(crate) fn attribution(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Attribution> {
    let params: AttributionParams = params(py, text)?;
    let stream = stream_of(data)?;
    run(py, move || {
        let table = whole::<Error>(stream, &params.columns())?;
        leverkit::funnel::attribution(&table, &params).map(|found| Attribution(Arc::new(found)))
    })
}

#[pymethods]
impl Attribution {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Attribution::to_batch)
    }

    fn methods(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Attribution::methods_batch)
    }

    #[getter]
    fn conversions(&self) -> f64 {
        self.0.conversions
    }

    #[getter]
    fn value(&self) -> Option<f64> {
        self.0.value
    }

    #[getter]
    fn unconverted(&self) -> u64 {
        self.0.unconverted
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}
