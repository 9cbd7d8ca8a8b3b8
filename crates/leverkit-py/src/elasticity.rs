//! Elasticity and optimal price for Python. Parameters come as JSON of the Rust parameters; the face makes it.

use std::sync::Arc;

use leverkit::pricing::{Error, left_out_batch, outcomes_batch};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::ledger::Ledger;
use crate::pricing::{analyse, params};

/// An elasticity with everything that explains it.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Elasticity(Arc<leverkit::pricing::Elasticity>);

#[pyfunction]
pub(crate) fn elasticity(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Elasticity> {
    analyse(py, data, text, leverkit::pricing::ElasticityParams::columns, leverkit::pricing::elasticity).map(Elasticity)
}

#[pymethods]
impl Elasticity {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Elasticity::to_batch)
    }

    fn compared(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Elasticity::compared_batch)
    }

    fn tests(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Elasticity::tests_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    #[getter]
    fn model(&self) -> &'static str {
        self.0.model
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }

    /// Levels of each effect.
    #[getter]
    fn levels(&self) -> Vec<(String, u64)> {
        self.0.levels.clone()
    }

    /// Clusters of each kind.
    #[getter]
    fn clusters(&self) -> Vec<(String, u64)> {
        self.0.clusters.clone()
    }

    #[getter]
    fn correction(&self) -> &'static str {
        self.0.correction
    }

    #[getter]
    fn df(&self) -> Option<f64> {
        self.0.df
    }

    #[getter]
    fn r_squared_within(&self) -> Option<f64> {
        self.0.r_squared_within
    }

    /// Lowest and highest price used.
    #[getter]
    fn prices(&self) -> (f64, f64) {
        self.0.prices
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// Elasticities of groups.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct GroupElasticities(Arc<leverkit::pricing::GroupElasticities>);

#[pyfunction]
pub(crate) fn elasticity_by(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<GroupElasticities> {
    analyse(py, data, text, leverkit::pricing::ElasticityParams::columns, leverkit::pricing::elasticity_by)
        .map(GroupElasticities)
}

#[pymethods]
impl GroupElasticities {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::GroupElasticities::to_batch)
    }

    fn categories(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::GroupElasticities::categories_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }

    #[getter]
    fn correction(&self) -> &'static str {
        self.0.correction
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// Units and money of each product and week of a ledger.
#[pyfunction]
pub(crate) fn market_panel(py: Python<'_>, ledger: &Ledger) -> PyResult<Frame> {
    let ledger = ledger.0.clone();
    run(py, move || leverkit::pricing::market_panel(&ledger).map(Frame::from))
}

/// The price that earns most.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct OptimalPrice(Arc<leverkit::pricing::OptimalPrice>);

#[pyfunction]
pub(crate) fn optimal_price(py: Python<'_>, text: &str) -> PyResult<OptimalPrice> {
    let params = params(py, text)?;
    run(py, move || leverkit::pricing::optimal_price(&params).map(|found| OptimalPrice(Arc::new(found))))
}

#[pymethods]
impl OptimalPrice {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::OptimalPrice::to_batch)
    }

    fn curve(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::OptimalPrice::curve_batch)
    }

    fn simulate(&self, py: Python<'_>, prices: Vec<f64>) -> PyResult<Frame> {
        table(py, &self.0, move |found| Ok::<_, Error>(outcomes_batch(&found.simulate(&prices)?)?))
    }

    /// The price with its limits.
    #[getter]
    fn price(&self) -> (Option<f64>, Option<f64>, Option<f64>) {
        (self.0.price, self.0.lower, self.0.upper)
    }

    #[getter]
    fn reason(&self) -> Option<String> {
        self.0.reason.clone()
    }

    /// Today's price.
    #[getter]
    fn today(&self) -> Option<f64> {
        self.0.params.price
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

#[pyfunction]
pub(crate) fn break_even_volume(py: Python<'_>, price_change: f64, contribution_margin: f64) -> PyResult<f64> {
    leverkit::pricing::break_even_volume(price_change, contribution_margin)
        .map_err(|error: Error| Failure::from(error).into_py(py))
}
