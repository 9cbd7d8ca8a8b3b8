//! The Ledger for Python.

use leverkit::core::{Error, LedgerBuilder, Params, Roles, format_day};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;

use crate::args::{Given, arguments, count, day, params};
use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, read, stream_of};

/// A company's order lines, validated, encoded and sorted once.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Ledger(pub(crate) leverkit::Ledger);

impl From<leverkit::Ledger> for Ledger {
    fn from(lines: leverkit::Ledger) -> Self {
        Self(lines)
    }
}

#[pymethods]
impl Ledger {
    /// The further arguments are the roles.
    #[new]
    #[pyo3(signature = (data, *, as_of=None, **roles))]
    fn new(py: Python<'_>, data: &Bound<'_, PyAny>, as_of: Option<&str>, roles: Option<Given<'_, '_>>) -> PyResult<Self> {
        let as_of = day(py, "as_of", as_of)?;
        let roles: Roles = arguments(py, roles)?;
        let stream = stream_of(data)?;
        run(py, move || {
            let wanted = roles.columns();
            let mut builder = LedgerBuilder::new(roles);
            read(stream, &wanted, |batch| builder.push(batch))?;
            let ledger = builder.finish()?;
            Ok::<_, Error>(Self(match as_of {
                Some(day) => ledger.with_as_of(day),
                None => ledger,
            }))
        })
    }

    #[getter]
    fn n_customers(&self) -> usize {
        self.0.n_customers()
    }

    /// Distinct products; none without the role.
    #[getter]
    fn n_products(&self) -> Option<usize> {
        self.0.products().map(|codes| codes.dictionary.len())
    }

    #[getter]
    fn n_orders(&self) -> usize {
        self.0.n_orders()
    }

    #[getter]
    fn n_lines(&self) -> usize {
        self.0.n_lines()
    }

    #[getter]
    fn start(&self) -> Option<String> {
        self.0.start().map(format_day)
    }

    #[getter]
    fn end(&self) -> Option<String> {
        self.0.end().map(format_day)
    }

    #[getter]
    fn as_of(&self) -> String {
        format_day(self.0.as_of())
    }

    /// The money of all lines, net of returns.
    #[getter]
    fn revenue(&self, py: Python<'_>) -> PyResult<f64> {
        self.ask(py, |ledger| Ok::<_, Error>(leverkit::core::stats::par_sum(ledger.amounts())))
    }

    /// The roles as JSON.
    fn roles(&self) -> String {
        serde_json::to_string(self.0.roles()).unwrap_or_default()
    }

    fn quality(&self, py: Python<'_>) -> PyResult<Frame> {
        self.ask(py, leverkit::Ledger::quality_batch)
    }

    /// What is odd in the rows, and what to do about it: kind, role, column, value, rows, amount, text, advice.
    fn notes(&self, py: Python<'_>) -> PyResult<Frame> {
        self.ask(py, leverkit::Ledger::notes_batch)
    }

    /// What was set aside and why, in a sentence; none where nothing was.
    #[getter]
    fn set_aside(&self) -> Option<String> {
        self.0.quality().summary()
    }

    fn rejected(&self, py: Python<'_>) -> PyResult<Frame> {
        self.ask(py, leverkit::Ledger::rejected_batch)
    }

    fn to_frame(&self, py: Python<'_>) -> PyResult<Frame> {
        self.ask(py, leverkit::Ledger::to_batch)
    }

    /// The lines from `start` to `end`, both included.
    #[pyo3(signature = (start=None, end=None))]
    fn between(&self, py: Python<'_>, start: Option<&str>, end: Option<&str>) -> PyResult<Self> {
        let (start, end) = (day(py, "start", start)?, day(py, "end", end)?);
        self.ask(py, move |ledger| ledger.between(start, end))
    }

    /// The lines whose dimension has one of the values.
    fn where_in(&self, py: Python<'_>, dimension: String, values: Vec<String>) -> PyResult<Self> {
        self.ask(py, move |ledger| ledger.where_in(&dimension, &values))
    }

    /// The same lines with a dimension in the product's place.
    fn with_product(&self, py: Python<'_>, dimension: String) -> PyResult<Self> {
        self.ask(py, move |ledger| ledger.with_product(&dimension))
    }

    /// Parts with whole customers.
    fn partition(&self, py: Python<'_>, parts: i64) -> PyResult<Vec<Self>> {
        let parts = count(py, "parts", parts)?;
        let ledger = self.0.clone();
        run(py, move || Ok::<_, Error>(ledger.partition(parts)?.into_iter().map(Self).collect()))
    }

    /// Ledgers with the same roles put together.
    #[staticmethod]
    fn concat(py: Python<'_>, ledgers: Vec<PyRef<'_, Self>>) -> PyResult<Self> {
        let ledgers: Vec<leverkit::Ledger> = ledgers.iter().map(|ledger| ledger.0.clone()).collect();
        run(py, move || leverkit::Ledger::concat(&ledgers).map(Self))
    }
}

impl Ledger {
    /// Runs work on the lines.
    pub(crate) fn ask<T, E, R>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&leverkit::Ledger) -> Result<T, E> + Send + 'static,
    ) -> PyResult<R>
    where
        E: Into<Failure> + Send + 'static,
        R: From<T> + Send + 'static,
    {
        let ledger = self.0.clone();
        run(py, move || work(&ledger).map(R::from))
    }

    /// Runs an analysis with parameters that arrived as keyword arguments.
    pub(crate) fn analyse<P, T, E, R>(
        &self,
        py: Python<'_>,
        given: Option<Given<'_, '_>>,
        analysis: fn(&leverkit::Ledger, &P) -> Result<T, E>,
    ) -> PyResult<R>
    where
        P: DeserializeOwned + Params + Send + 'static,
        T: 'static,
        E: Into<Failure> + Send + 'static,
        R: From<T> + Send + 'static,
    {
        let params = params(py, given)?;
        self.ask(py, move |ledger| analysis(ledger, &params))
    }
}
