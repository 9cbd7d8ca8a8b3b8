//! Limit day, norms, triggers, migration and cohorts for Python.

use std::sync::Arc;

use leverkit::core::{Day, Period, Step, format_day};
use leverkit::rfm::{CohortParams, LimitDayBy, LimitDayParams, MigrationParams, NormParams, TriggerParams};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::ledger::{Ledger, choice, day, days};
use crate::rfm::checked_bins;

/// Limit days of groups and customers, with the curves they come from.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct LimitDays(Arc<leverkit::rfm::LimitDays>);

/// Estimates limit days.
#[pyfunction]
#[pyo3(signature = (ledger, *, p=0.10, horizon=365, by=None, level=0.95, as_of=None))]
pub(crate) fn limit_day(
    py: Python<'_>,
    ledger: &Ledger,
    p: f64,
    horizon: i64,
    by: Option<&str>,
    level: f64,
    as_of: Option<&str>,
) -> PyResult<LimitDays> {
    let (horizon, as_of) = (days(py, "horizon", horizon)?, day(py, "as_of", as_of)?);
    let params = LimitDayParams { p, horizon, by: by.map_or(LimitDayBy::All, LimitDayBy::from), level, as_of };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::rfm::limit_day(&ledger, &params).map(|found| LimitDays(Arc::new(found))))
}

#[pymethods]
impl LimitDays {
    fn limits(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::LimitDays::to_batch)
    }

    fn customers(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::LimitDays::customers_batch)
    }

    fn curve(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::LimitDays::curve_batch)
    }

    /// The horizon in days that the data allow.
    #[getter]
    fn horizon(&self) -> u32 {
        self.0.horizon
    }

    /// The day from which they look back.
    #[getter]
    fn as_of(&self) -> String {
        format_day(self.0.as_of)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// The norms that keep a customer loyal.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Norms(Arc<leverkit::rfm::Norms>);

/// Finds norms.
#[pyfunction]
#[pyo3(signature = (ledger, *, horizon=90, level=0.95, seed=1, as_of=None))]
pub(crate) fn norms(
    py: Python<'_>,
    ledger: &Ledger,
    horizon: i64,
    level: f64,
    seed: u64,
    as_of: Option<&str>,
) -> PyResult<Norms> {
    let params = NormParams { horizon: days(py, "horizon", horizon)?, level, seed, as_of: day(py, "as_of", as_of)? };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::rfm::norms(&ledger, &params).map(|found| Norms(Arc::new(found))))
}

#[pymethods]
impl Norms {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Norms::to_batch)
    }

    fn windows(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Norms::windows_batch)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// Whom to call in a range of days.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Triggers(pub(crate) Arc<leverkit::rfm::Triggers>);

/// Lists triggers.
#[pyfunction]
#[pyo3(signature = (ledger, *, start=None, end=None, p=0.10, horizon=365))]
pub(crate) fn triggers(
    py: Python<'_>,
    ledger: &Ledger,
    start: Option<&str>,
    end: Option<&str>,
    p: f64,
    horizon: i64,
) -> PyResult<Triggers> {
    let (start, end) = (day(py, "start", start)?, day(py, "end", end)?);
    let params = TriggerParams { start, end, p, horizon: days(py, "horizon", horizon)? };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::rfm::triggers(&ledger, &params).map(|found| Triggers(Arc::new(found))))
}

#[pymethods]
impl Triggers {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Triggers::to_batch)
    }

    /// The first day of the range.
    #[getter]
    fn start(&self) -> String {
        format_day(self.0.start)
    }

    /// The last day of the range.
    #[getter]
    fn end(&self) -> String {
        format_day(self.0.end)
    }

    /// The horizon in days within which a return counts.
    #[getter]
    fn horizon(&self) -> u32 {
        self.0.horizon
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// Who moved between segments from date to date.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Migration(Arc<leverkit::rfm::Migration>);

/// Follows customers between segments.
#[pyfunction]
#[pyo3(signature = (ledger, *, dates=None, every="1mo", bins=[5, 5, 5]))]
pub(crate) fn migration(
    py: Python<'_>,
    ledger: &Ledger,
    dates: Option<Vec<String>>,
    every: &str,
    bins: [i64; 3],
) -> PyResult<Migration> {
    let parse = |text: String| day(py, "dates", Some(&text)).map(Option::unwrap_or_default);
    let dates: Option<Vec<Day>> = dates.map(|dates| dates.into_iter().map(parse).collect()).transpose()?;
    let every = Step::parse("every", every).map_err(|error| Failure::from(error).into_py(py))?;
    let params = MigrationParams { dates, every, bins: checked_bins(py, bins)? };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::rfm::migration(&ledger, &params).map(|found| Migration(Arc::new(found))))
}

#[pymethods]
impl Migration {
    fn flows(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Migration::to_batch)
    }

    fn moved_down(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Migration::moved_down_batch)
    }

    /// The dates, ascending.
    #[getter]
    fn dates(&self) -> Vec<String> {
        self.0.dates.iter().map(|&date| format_day(date)).collect()
    }

    /// The segments' names, best first.
    #[getter]
    fn segments(&self) -> Vec<String> {
        self.0.segments.clone()
    }
}

/// Retention and revenue of cohorts.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Cohorts(Arc<leverkit::rfm::Cohorts>);

/// Follows cohorts.
#[pyfunction]
#[pyo3(signature = (ledger, *, period="month", level=0.95, as_of=None))]
pub(crate) fn cohorts(
    py: Python<'_>,
    ledger: &Ledger,
    period: &str,
    level: f64,
    as_of: Option<&str>,
) -> PyResult<Cohorts> {
    let period: Period = choice(py, "period", period, "\"day\", \"week\", \"month\", \"quarter\" or \"year\"")?;
    let params = CohortParams { period, level, as_of: day(py, "as_of", as_of)? };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::rfm::cohorts(&ledger, &params).map(|found| Cohorts(Arc::new(found))))
}

#[pymethods]
impl Cohorts {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Cohorts::to_batch)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}
