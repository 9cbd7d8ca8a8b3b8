//! Journeys and attribution for Python.

use leverkit::funnel::{AttributionParams, Error, parse_span};
use pyo3::prelude::*;

use crate::args::{Given, analyse, params};
use crate::call::run;
use crate::error::raised;
use crate::frame::{stream_of, whole};
use crate::funnel::stages::EventLog;
use crate::result::result;
use crate::text::Text;

result! {
    /// What follows what.
    Journey of leverkit::funnel::Journey {
        entities: u64 = |found| found.entities;
        events: u64 = |found| found.events;
        distinct_paths: u64 = |found| found.distinct_paths;
    }
}

#[pyfunction]
#[pyo3(signature = (log, **given))]
pub(crate) fn journey(py: Python<'_>, log: &EventLog, given: Option<Given<'_, '_>>) -> PyResult<Journey> {
    analyse(py, &log.0, given, leverkit::funnel::journey)
}

result! {
    /// Which channels conversions are owed to.
    Attribution of leverkit::funnel::Attribution {
        conversions: f64 = |found| found.conversions;
        value: Option<f64> = |found| found.value;
        unconverted: u64 = |found| found.unconverted;
    }
}

/// `window` is a span such as "30d", or none for no limit.
#[pyfunction]
#[pyo3(signature = (data, *, window, **given))]
pub(crate) fn attribution(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    window: Option<Text>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Attribution> {
    let window = window.map(|text| parse_span("window", &text)).transpose().map_err(raised(py))?;
    let (asked, stream): (AttributionParams, _) = (params(py, given)?, stream_of(data)?);
    let params = AttributionParams { window, ..asked };
    run(py, move || {
        leverkit::funnel::attribution(&whole::<Error>(stream, &params.columns())?, &params).map(Attribution::from)
    })
}
