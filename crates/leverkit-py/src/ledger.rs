//! The Ledger for Python.

use leverkit::core::{Clean, Error, LedgerBuilder, OnInvalid, RecordBatch, Returns, Roles, format_day, parse_day};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, read, stream_of};

/// A company's order lines, validated, encoded and sorted once.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Ledger(pub(crate) leverkit::Ledger);

/// Reads a choice such as `"net"` and lists what there is where it is none of them.
pub(crate) fn choice<T: DeserializeOwned>(py: Python<'_>, parameter: &str, text: &str, choices: &str) -> PyResult<T> {
    serde_json::from_value(text.into())
        .map_err(|_| Failure::parameter(parameter, &format!("{text:?}"), choices).into_py(py))
}

/// Reads what is mended at the door, as JSON: by role the steps for its ids, `missing` and `duplicates`.
fn cleaning(py: Python<'_>, json: &str) -> PyResult<Clean> {
    let expected = "steps \"trim\" and \"casefold\" by role, texts by role or for all under \"missing\", and \"duplicates\": \"keep\" or \"drop\"";
    serde_json::from_str(json).map_err(|_| Failure::parameter("clean", json, expected).into_py(py))
}

#[pymethods]
impl Ledger {
    #[new]
    #[pyo3(signature = (data, *, customer, time, amount=None, price=None, quantity=None, order=None, product=None, list_price=None, unit_cost=None,
                        discounts=vec![], dimensions=vec![], returns="net", on_invalid="reject", time_zone=None, as_of=None, days_only=false,
                        time_format=None, watched=vec![], clean="{}", max_unreadable=None))]
    #[allow(clippy::too_many_arguments)] // One for each role.
    fn new(
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        customer: String,
        time: String,
        amount: Option<String>,
        price: Option<String>,
        quantity: Option<String>,
        order: Option<String>,
        product: Option<String>,
        list_price: Option<String>,
        unit_cost: Option<String>,
        discounts: Vec<(String, String)>,
        dimensions: Vec<String>,
        returns: &str,
        on_invalid: &str,
        time_zone: Option<String>,
        as_of: Option<&str>,
        days_only: bool,
        time_format: Option<String>,
        watched: Vec<String>,
        clean: &str,
        max_unreadable: Option<f64>,
    ) -> PyResult<Self> {
        let returns: Returns = choice(py, "returns", returns, "\"net\", \"drop\" or \"keep\"")?;
        let on_invalid: OnInvalid = choice(py, "on_invalid", on_invalid, "\"reject\" or \"raise\"")?;
        let as_of = day(py, "as_of", as_of)?;
        let roles = Roles {
            customer,
            time,
            amount,
            price,
            quantity,
            order,
            product,
            list_price,
            unit_cost,
            discounts,
            dimensions,
            returns,
            on_invalid,
            time_zone,
            days_only,
            time_format,
            watched,
            clean: cleaning(py, clean)?,
            max_unreadable,
        };
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
        let ledger = self.0.clone();
        run(py, move || Ok::<_, Error>(leverkit::core::stats::par_sum(ledger.amounts())))
    }

    /// The roles as JSON.
    fn roles(&self) -> String {
        serde_json::to_string(self.0.roles()).unwrap_or_default()
    }

    fn quality(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::Ledger::quality_batch)
    }

    /// What is odd in the rows, and what to do about it: kind, role, column, value, rows, amount, text, advice.
    fn notes(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::Ledger::notes_batch)
    }

    /// What was set aside and why, in a sentence; none where nothing was.
    #[getter]
    fn set_aside(&self) -> Option<String> {
        self.0.quality().summary()
    }

    fn rejected(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::Ledger::rejected_batch)
    }

    fn to_frame(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::Ledger::to_batch)
    }

    /// The lines from `start` to `end`, both included.
    #[pyo3(signature = (start=None, end=None))]
    fn between(&self, py: Python<'_>, start: Option<&str>, end: Option<&str>) -> PyResult<Self> {
        let (start, end) = (day(py, "start", start)?, day(py, "end", end)?);
        self.derive(py, move |ledger| ledger.between(start, end))
    }

    /// The lines whose dimension has one of the values.
    fn where_in(&self, py: Python<'_>, dimension: String, values: Vec<String>) -> PyResult<Self> {
        self.derive(py, move |ledger| ledger.where_in(&dimension, &values))
    }

    /// The same lines with a dimension in the product's place.
    fn with_product(&self, py: Python<'_>, dimension: String) -> PyResult<Self> {
        self.derive(py, move |ledger| ledger.with_product(&dimension))
    }

    /// Parts with whole customers.
    fn partition(&self, py: Python<'_>, parts: i64) -> PyResult<Vec<Self>> {
        let parts = usize::try_from(parts)
            .map_err(|_| Failure::parameter("parts", &parts.to_string(), "at least 1").into_py(py))?;
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
    fn table(&self, py: Python<'_>, table: fn(&leverkit::Ledger) -> Result<RecordBatch, Error>) -> PyResult<Frame> {
        let ledger = self.0.clone();
        run(py, move || table(&ledger).map(Frame::from))
    }

    fn derive(
        &self,
        py: Python<'_>,
        make: impl FnOnce(&leverkit::Ledger) -> Result<leverkit::Ledger, Error> + Send + 'static,
    ) -> PyResult<Self> {
        let ledger = self.0.clone();
        run(py, move || make(&ledger).map(Self))
    }
}

/// A number of days.
pub(crate) fn days(py: Python<'_>, parameter: &str, days: i64) -> PyResult<u32> {
    u32::try_from(days).map_err(|_| Failure::parameter(parameter, &days.to_string(), "1 to 36,500 days").into_py(py))
}

/// Reads an optional ISO day.
pub(crate) fn day(py: Python<'_>, parameter: &str, text: Option<&str>) -> PyResult<Option<leverkit::core::Day>> {
    text.map(|text| parse_day(parameter, text).map_err(|error| Failure::from(error).into_py(py))).transpose()
}
