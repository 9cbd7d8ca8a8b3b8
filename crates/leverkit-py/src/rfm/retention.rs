//! Limit day, norms, triggers, migration and cohorts for Python.

use leverkit::core::format_day;
use pyo3::prelude::*;

use crate::args::Given;
use crate::ledger::Ledger;
use crate::result::result;

result! {
    /// Limit days of groups and customers, with the curves they come from.
    LimitDays of leverkit::rfm::LimitDays;
    /// The horizon in days that the data allow.
    horizon: u32 = |found| found.horizon;
    /// The day from which they look back.
    as_of: String = |found| format_day(found.as_of);
}

/// Estimates limit days.
#[pyfunction]
#[pyo3(signature = (ledger, **given))]
pub(crate) fn limit_day(py: Python<'_>, ledger: &Ledger, given: Given<'_, '_>) -> PyResult<LimitDays> {
    ledger.analyse(py, given, leverkit::rfm::limit_day)
}

result! {
    /// The norms that keep a customer loyal.
    Norms of leverkit::rfm::Norms;
}

/// Finds norms.
#[pyfunction]
#[pyo3(signature = (ledger, **given))]
pub(crate) fn norms(py: Python<'_>, ledger: &Ledger, given: Given<'_, '_>) -> PyResult<Norms> {
    ledger.analyse(py, given, leverkit::rfm::norms)
}

result! {
    /// Whom to call in a range of days.
    Triggers of leverkit::rfm::Triggers;
    /// The first day of the range.
    start: String = |found| format_day(found.start);
    /// The last day of the range.
    end: String = |found| format_day(found.end);
    /// The horizon in days within which a return counts.
    horizon: u32 = |found| found.horizon;
}

/// Lists triggers.
#[pyfunction]
#[pyo3(signature = (ledger, **given))]
pub(crate) fn triggers(py: Python<'_>, ledger: &Ledger, given: Given<'_, '_>) -> PyResult<Triggers> {
    ledger.analyse(py, given, leverkit::rfm::triggers)
}

result! {
    /// Who moved between segments from date to date.
    Migration of leverkit::rfm::Migration;
    /// The dates, ascending.
    dates: Vec<String> = |found| found.dates.iter().map(|&date| format_day(date)).collect();
    /// The segments' names, best first.
    segments: Vec<String> = |found| found.segments.clone();
}

/// Follows customers between segments.
#[pyfunction]
#[pyo3(signature = (ledger, **given))]
pub(crate) fn migration(py: Python<'_>, ledger: &Ledger, given: Given<'_, '_>) -> PyResult<Migration> {
    ledger.analyse(py, given, leverkit::rfm::migration)
}

result! {
    /// Retention and revenue of cohorts.
    Cohorts of leverkit::rfm::Cohorts;
}

/// Follows cohorts.
#[pyfunction]
#[pyo3(signature = (ledger, **given))]
pub(crate) fn cohorts(py: Python<'_>, ledger: &Ledger, given: Given<'_, '_>) -> PyResult<Cohorts> {
    ledger.analyse(py, given, leverkit::rfm::cohorts)
}
