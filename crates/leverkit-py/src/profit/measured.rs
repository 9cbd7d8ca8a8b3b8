//! Measuring the full formula for Python. `books` are rows of the company's books: a day and what was counted and paid on it.

use leverkit::profit::MeasureParams;
use pyo3::prelude::*;

use crate::args::{Given, argument, params};
use crate::call::ask;
use crate::ledger::Ledger;
use crate::result::result;
use crate::text::Text;

result! {
    /// The parameters of the full formula by period.
    Measurement of leverkit::profit::Measurement {}
}

/// Measures the full formula.
#[pyfunction]
#[pyo3(signature = (ledger, *, books, **given))]
pub(crate) fn measure_formula(
    py: Python<'_>,
    ledger: &Ledger,
    books: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Measurement> {
    let (books, params): (Vec<_>, MeasureParams) = (argument("books", books)?, params(py, given)?);
    ask(py, &ledger.0, move |ledger| leverkit::profit::measure(ledger, &params, &books))
}

result! {
    /// The same for each value of a dimension.
    MeasuredSegments of leverkit::profit::MeasuredSegments {}
}

/// Measures the full formula for each value of a dimension.
#[pyfunction]
#[pyo3(signature = (ledger, *, by, books, **given))]
pub(crate) fn measure_segments(
    py: Python<'_>,
    ledger: &Ledger,
    by: Text,
    books: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
) -> PyResult<MeasuredSegments> {
    let (books, params): (Vec<_>, MeasureParams) = (argument("books", books)?, params(py, given)?);
    ask(py, &ledger.0, move |ledger| leverkit::profit::measure_by(ledger, &by, &params, &books))
}
