//! Pricing for Python. Parameters come as JSON of the Rust parameters; the face makes it.

use std::sync::Arc;

use leverkit::core::Table;
use leverkit::pricing::{DealRoles, Error, Size, WaterfallBuilder, WaterfallParams, comparison_batch, left_out_batch};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, read, stream_of, table, whole};
use crate::ledger::Ledger;

/// Reads parameters.
pub(crate) fn params<T: DeserializeOwned>(py: Python<'_>, text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| {
        Failure::parameter("parameters", text, &format!("values of the right types; {error}")).into_py(py)
    })
}

/// Runs an analysis of a table.
pub(crate) fn analyse<P, R, E>(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    text: &str,
    columns: fn(&P) -> Vec<String>,
    run_it: fn(&Table, &P) -> Result<R, E>,
) -> PyResult<Arc<R>>
where
    P: DeserializeOwned + Send + 'static,
    R: Send + Sync + 'static,
    E: From<leverkit::core::Error> + Into<Failure> + Send + 'static,
{
    let params: P = params(py, text)?;
    let stream = stream_of(data)?;
    run(py, move || {
        let table = whole::<E>(stream, &columns(&params))?;
        run_it(&table, &params).map(Arc::new)
    })
}

/// Rows with a list price and what came off it.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Deals(Arc<leverkit::pricing::Deals>);

#[pymethods]
impl Deals {
    /// `others` are further columns that analyses group by.
    #[new]
    fn new(py: Python<'_>, data: &Bound<'_, PyAny>, roles: &str, others: Vec<String>) -> PyResult<Self> {
        let roles: DealRoles = params(py, roles)?;
        let stream = stream_of(data)?;
        run(py, move || {
            let wanted: Vec<String> = roles.columns().into_iter().chain(others).collect();
            let table = whole::<Error>(stream, &wanted)?;
            leverkit::pricing::Deals::from_table(&table, &roles).map(|deals| Self(Arc::new(deals)))
        })
    }

    #[staticmethod]
    fn from_ledger(py: Python<'_>, ledger: &Ledger) -> PyResult<Self> {
        let ledger = ledger.0.clone();
        run(py, move || leverkit::pricing::Deals::from_ledger(&ledger).map(|deals| Self(Arc::new(deals))))
    }

    #[getter]
    fn has_units(&self) -> bool {
        self.0.has_units()
    }

    fn waterfall(&self, py: Python<'_>, text: &str) -> PyResult<Waterfall> {
        self.analyse(py, text, leverkit::pricing::waterfall).map(Waterfall)
    }

    fn price_band(&self, py: Python<'_>, text: &str) -> PyResult<PriceBand> {
        self.analyse(py, text, leverkit::pricing::price_band).map(PriceBand)
    }

    fn leakage(&self, py: Python<'_>, text: &str) -> PyResult<Leakage> {
        self.analyse(py, text, leverkit::pricing::leakage).map(Leakage)
    }

    fn deal_score(&self, py: Python<'_>, text: &str) -> PyResult<DealScores> {
        self.analyse(py, text, leverkit::pricing::deal_score).map(DealScores)
    }
}

impl Deals {
    fn analyse<P, R>(
        &self,
        py: Python<'_>,
        text: &str,
        run_it: fn(&leverkit::pricing::Deals, &P) -> Result<R, Error>,
    ) -> PyResult<Arc<R>>
    where
        P: DeserializeOwned + Send + 'static,
        R: Send + Sync + 'static,
    {
        let params: P = params(py, text)?;
        let deals = Arc::clone(&self.0);
        run(py, move || run_it(&deals, &params).map(Arc::new))
    }
}

/// From list price to margin.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Waterfall(Arc<leverkit::pricing::Waterfall>);

/// A waterfall of a table, batch by batch; `others` are the columns that it is laid out by.
#[pyfunction]
pub(crate) fn waterfall(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    roles: &str,
    others: Vec<String>,
    text: &str,
) -> PyResult<Waterfall> {
    let (roles, params): (DealRoles, WaterfallParams) = (params(py, roles)?, params(py, text)?);
    let stream = stream_of(data)?;
    run(py, move || {
        let wanted: Vec<String> = roles.columns().into_iter().chain(others).collect();
        let mut builder = WaterfallBuilder::new(roles, params)?;
        read(stream, &wanted, |batch| builder.push(batch))?;
        Ok::<_, Error>(Waterfall(Arc::new(builder.finish()?)))
    })
}

#[pymethods]
impl Waterfall {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Waterfall::to_batch)
    }

    fn total(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Waterfall::total_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// Two values of a column that it was laid out by.
    fn compare(&self, py: Python<'_>, by: String, base: String, against: String) -> PyResult<Frame> {
        table(py, &self.0, move |found| Ok::<_, Error>(comparison_batch(&found.compare(&by, &base, &against)?)?))
    }
}

fn size_name(size: Size) -> &'static str {
    match size {
        Size::Quantity => "quantity",
        Size::Value => "value",
    }
}

/// How far apart pocket prices are.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct PriceBand(Arc<leverkit::pricing::PriceBand>);

#[pymethods]
impl PriceBand {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::PriceBand::to_batch)
    }

    fn total(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::PriceBand::total_batch)
    }

    fn histogram(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::PriceBand::histogram_batch)
    }

    /// What deals weighed.
    #[getter]
    fn weight(&self) -> &'static str {
        size_name(self.0.weight)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }
}

/// Discounts that the size of deals does not explain.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Leakage(pub(crate) Arc<leverkit::pricing::Leakage>);

#[pymethods]
impl Leakage {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Leakage::to_batch)
    }

    fn norm(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Leakage::norm_batch)
    }

    fn outliers(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Leakage::outliers_batch)
    }

    fn sample(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Leakage::sample_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// What made deals large.
    #[getter]
    fn size(&self) -> &'static str {
        size_name(self.0.size)
    }
}

/// What deals like this one were sold for.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct DealScores(Arc<leverkit::pricing::DealScores>);

#[pymethods]
impl DealScores {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::DealScores::to_batch)
    }

    fn peers(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::DealScores::peers_batch)
    }

    fn zones(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::DealScores::zones_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// Upper edges of the bands of size but the last.
    #[getter]
    fn size_edges(&self) -> Vec<f64> {
        self.0.size_edges.clone()
    }
}

/// What lies between two periods.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Bridge(Arc<leverkit::pricing::Bridge>);

#[pyfunction]
pub(crate) fn price_volume_mix(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Bridge> {
    analyse(py, data, text, leverkit::pricing::BridgeParams::columns, leverkit::pricing::price_volume_mix).map(Bridge)
}

#[pymethods]
impl Bridge {
    fn bridge(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Bridge::to_batch)
    }

    fn by_key(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Bridge::by_key_batch)
    }

    fn drill(&self, py: Python<'_>, by: Vec<String>) -> PyResult<Frame> {
        table(py, &self.0, move |found| found.drill_batch(&by))
    }

    fn granularity(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Bridge::granularity_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }
}

/// Where own prices stand among competitors'.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Position(Arc<leverkit::pricing::Position>);

#[pyfunction]
pub(crate) fn position(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Position> {
    analyse(py, data, text, leverkit::pricing::PositionParams::columns, leverkit::pricing::position).map(Position)
}

#[pymethods]
impl Position {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Position::to_batch)
    }

    fn products(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Position::products_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// Own rank on the last day, and of how many.
    #[getter]
    fn rank(&self) -> (u64, u64) {
        self.0.rank
    }
}

/// What products ask against what they offer.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct ValueMap(Arc<leverkit::pricing::ValueMap>);

#[pyfunction]
pub(crate) fn value_map(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<ValueMap> {
    analyse(py, data, text, leverkit::pricing::ValueMapParams::columns, leverkit::pricing::value_map).map(ValueMap)
}

#[pymethods]
impl ValueMap {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::ValueMap::to_batch)
    }

    fn line(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::ValueMap::line_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    #[getter]
    fn r_squared(&self) -> Option<f64> {
        self.0.r_squared
    }
}

/// What each attribute is worth.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Hedonic(Arc<leverkit::pricing::Hedonic>);

#[pyfunction]
pub(crate) fn hedonic(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Hedonic> {
    analyse(py, data, text, leverkit::pricing::HedonicParams::columns, leverkit::pricing::hedonic).map(Hedonic)
}

#[pymethods]
impl Hedonic {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Hedonic::to_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }

    /// For each attribute of texts or flags, the value that the others are compared with.
    #[getter]
    fn bases(&self) -> Vec<(String, String)> {
        self.0.bases.clone()
    }

    #[getter]
    fn n(&self) -> u64 {
        self.0.n
    }

    #[getter]
    fn r_squared(&self) -> Option<f64> {
        self.0.r_squared
    }
}

/// Who follows whom.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Leadership(Arc<leverkit::pricing::Leadership>);

#[pyfunction]
pub(crate) fn leadership(py: Python<'_>, data: &Bound<'_, PyAny>, text: &str) -> PyResult<Leadership> {
    analyse(py, data, text, leverkit::pricing::LeadershipParams::columns, leverkit::pricing::leadership).map(Leadership)
}

#[pymethods]
impl Leadership {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Leadership::to_batch)
    }

    fn lags(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::pricing::Leadership::lags_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| left_out_batch(&found.left_out))
    }
}
