//! The quantity funnel and the reverse funnel for Python. Parameters come as JSON of the Rust parameters; the face makes it.

use std::sync::Arc;

use leverkit::funnel::{Error, QuantityParams, ReverseParams};
use pyo3::prelude::*;

use crate::call::run;
use crate::frame::{Frame, stream_of, table, whole};
use crate::pricing::params;

/// Of what was recommended, how much was agreed and performed.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Quantities(Arc<leverkit::funnel::Quantities>);

#[pyfunction]
pub(crate) fn quantities(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Quantities> {
    let params: QuantityParams = params(py, text)?;
    let stream = stream_of(data)?;
    run(py, move || {
        let table = whole::<Error>(stream, &params.columns())?;
        leverkit::funnel::quantities(&table, &params).map(|found| Quantities(Arc::new(found)))
    })
}

#[pymethods]
impl Quantities {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Quantities::to_batch)
    }

    fn groups(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Quantities::groups_batch)
    }

    fn entities(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Quantities::entities_batch)
    }

    #[getter]
    fn days(&self) -> Option<f64> {
        self.0.days
    }

    /// The level whose step holds most back.
    #[getter]
    fn bottleneck(&self) -> Option<String> {
        self.0.most.map(|at| self.0.levels[at].level.clone())
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// From a target back to what each stage must bring.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Reverse(Arc<leverkit::funnel::Reverse>);

#[pyfunction]
pub(crate) fn reverse(py: Python<'_>, text: &str) -> PyResult<Reverse> {
    let params: ReverseParams = params(py, text)?;
    run(py, move || leverkit::funnel::reverse(&params).map(|found| Reverse(Arc::new(found))))
}

#[pymethods]
impl Reverse {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Reverse::to_batch)
    }

    fn paces(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Reverse::paces_batch)
    }

    fn weeks(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Reverse::weeks_batch)
    }

    fn mix(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Reverse::mix_batch)
    }

    #[getter]
    fn spend(&self) -> Option<f64> {
        self.0.spend
    }

    #[getter]
    fn confident_spend(&self) -> Option<f64> {
        self.0.confident_spend
    }

    /// Whether the date can be met, and the earliest that could; none without dates.
    #[getter]
    fn date(&self) -> Option<(bool, String)> {
        let schedule = self.0.schedule.as_ref()?;
        Some((schedule.can_be_met, leverkit::core::format_day(schedule.earliest)))
    }

    /// The mix's cost, what is expected without and with it, and what is wanted.
    #[getter]
    fn mixed(&self) -> Option<(f64, f64, f64, f64)> {
        self.0.mix.as_ref().map(|mix| (mix.cost, mix.expected.0, mix.expected.1, mix.wanted))
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// From a number at the first stage to what comes of it.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Forward(Arc<leverkit::funnel::Forward>);

#[pyfunction]
#[pyo3(signature = (first, stages, *, target, confidence))]
pub(crate) fn forward(
    py: Python<'_>,
    first: f64,
    stages: Vec<(String, u64)>,
    target: Option<f64>,
    confidence: f64,
) -> PyResult<Forward> {
    run(py, move || leverkit::funnel::forward(first, &stages, target, confidence).map(|found| Forward(Arc::new(found))))
}

#[pymethods]
impl Forward {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Forward::to_batch)
    }

    #[getter]
    fn chance(&self) -> Option<f64> {
        self.0.chance
    }
}
