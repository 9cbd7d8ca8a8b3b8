//! What people would pay, and prices over time, for Python. Parameters come as JSON of the Rust parameters.

use std::sync::Arc;

use leverkit::survey::{Error, PartWorths, left_out_batch, simulated_batch};
use pyo3::prelude::*;

use crate::call::run;
use crate::frame::{Frame, stream_of, table, whole};
use crate::pricing::analyse;

/// What answers say of prices.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Westendorp(Arc<leverkit::survey::Westendorp>);

#[pyfunction]
pub(crate) fn van_westendorp(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Westendorp> {
    let columns = leverkit::survey::WestendorpParams::columns;
    analyse(py, data, text, columns, leverkit::survey::van_westendorp).map(Westendorp)
}

#[pymethods]
impl Westendorp {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::Westendorp::to_batch)
    }

    fn curves(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::Westendorp::curves_batch)
    }

    fn reach(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::Westendorp::reach_batch)
    }

    fn revenue(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::Westendorp::revenue_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// The names of the points that bound the range of prices.
    #[getter]
    fn range(&self) -> (&'static str, &'static str) {
        let (lower, upper) = self.0.range();
        (lower.name, upper.name)
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }
}

/// Demand and revenue by price.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct GaborGranger(Arc<leverkit::survey::GaborGranger>);

#[pyfunction]
pub(crate) fn gabor_granger(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<GaborGranger> {
    let columns = leverkit::survey::GaborGrangerParams::columns;
    analyse(py, data, text, columns, leverkit::survey::gabor_granger).map(GaborGranger)
}

#[pymethods]
impl GaborGranger {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::GaborGranger::to_batch)
    }

    fn best(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::GaborGranger::best_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }
}

/// What choices say of attributes and prices.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Conjoint(Arc<leverkit::survey::Conjoint>);

#[pyfunction]
pub(crate) fn conjoint(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Conjoint> {
    analyse(py, data, text, leverkit::survey::ConjointParams::columns, leverkit::survey::conjoint).map(Conjoint)
}

#[pymethods]
impl Conjoint {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.to_batch())
    }

    fn part_worths(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.levels_batch())
    }

    fn importance(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.importance_batch())
    }

    fn willingness_to_pay(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.willingness_batch())
    }

    fn elasticities(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::survey::Conjoint::elasticities_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// Why there are no elasticities.
    #[getter]
    fn why_no_elasticities(&self) -> Option<String> {
        self.0.why_no_elasticities()
    }

    /// Shares of products in a market of their own; `columns` are those that are read.
    fn simulate(&self, py: Python<'_>, data: &Bound<'_, PyAny>, columns: Vec<String>) -> PyResult<Frame> {
        let (found, stream) = (Arc::clone(&self.0), stream_of(data)?);
        run(py, move || {
            let products = whole::<Error>(stream, &columns)?;
            Ok::<_, Error>(simulated_batch(&found.simulate(&products)?)?.into())
        })
    }

    /// The shares of the product in this row at these prices.
    fn price_curve(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        columns: Vec<String>,
        row: usize,
        prices: Vec<f64>,
    ) -> PyResult<Frame> {
        let (found, stream) = (Arc::clone(&self.0), stream_of(data)?);
        run(py, move || {
            let products = whole::<Error>(stream, &columns)?;
            Ok::<_, Error>(simulated_batch(&found.price_curve(&products, row, &prices)?)?.into())
        })
    }

    #[getter]
    fn bases(&self) -> Vec<(String, String)> {
        bases(&self.0.part_worths)
    }

    /// The log-likelihood, and that of all alternatives being equally likely.
    #[getter]
    fn log_likelihood(&self) -> (f64, f64) {
        self.0.log_likelihood
    }

    #[getter]
    fn pseudo_r_squared(&self) -> f64 {
        self.0.pseudo_r_squared()
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }

    #[getter]
    fn respondents(&self) -> Option<u64> {
        self.0.respondents
    }
}

/// What ratings say of attributes.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct RatingConjoint(Arc<leverkit::survey::RatingConjoint>);

#[pyfunction]
pub(crate) fn rating_conjoint(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<RatingConjoint> {
    let columns = leverkit::survey::RatingParams::columns;
    analyse(py, data, text, columns, leverkit::survey::rating_conjoint).map(RatingConjoint)
}

#[pymethods]
impl RatingConjoint {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.to_batch())
    }

    fn part_worths(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.levels_batch())
    }

    fn importance(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.importance_batch())
    }

    fn willingness_to_pay(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.part_worths.willingness_batch())
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    #[getter]
    fn bases(&self) -> Vec<(String, String)> {
        bases(&self.0.part_worths)
    }

    #[getter]
    fn intercept(&self) -> f64 {
        self.0.intercept
    }

    #[getter]
    fn r_squared(&self) -> Option<f64> {
        self.0.r_squared
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }
}

/// For each attribute of levels, the one that has no term.
fn bases(found: &PartWorths) -> Vec<(String, String)> {
    found.bases.clone()
}

/// A price index over time.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct PriceIndex(Arc<leverkit::pricing::PriceIndex>);

#[pyfunction]
pub(crate) fn price_index(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<PriceIndex> {
    analyse(py, data, text, leverkit::pricing::IndexParams::columns, leverkit::pricing::price_index).map(PriceIndex)
}

#[pymethods]
impl PriceIndex {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::PriceIndex::to_batch)
    }

    fn drift(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::PriceIndex::drift_batch)
    }

    fn turnover(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::PriceIndex::turnover_batch)
    }

    /// Whether chaining has drifted further than was allowed.
    #[getter]
    fn alarm(&self) -> bool {
        self.0.alarm
    }

    /// What to know before using the numbers.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.sales.left_out))
    }
}
