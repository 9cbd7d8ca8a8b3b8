//! Journeys and attribution for Python.

use leverkit::funnel::AttributionParams;
use pyo3::prelude::*;

use crate::args::{Given, analyse};
use crate::funnel::stages::EventLog;
use crate::result::{analyses, result};

analyses! {
    attribution(table: AttributionParams) -> Attribution = leverkit::funnel::attribution;
}

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
