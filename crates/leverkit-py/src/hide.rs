//! Small groups hidden in a result's table, for Python.

use leverkit::core::{Error, HideParams};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::run;
use crate::frame::{Frame, stream_of, whole};

/// A table of groups, `columns` of it, without what it tells of few; and how many rows are hidden.
#[pyfunction]
#[pyo3(signature = (data, columns, **given))]
pub(crate) fn hide_small(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    columns: Vec<String>,
    given: Option<Given<'_, '_>>,
) -> PyResult<(Frame, u64)> {
    let (stream, params) = (stream_of(data)?, params::<HideParams>(py, given)?);
    run(py, move || {
        let (table, hidden) = leverkit::core::hide_small(&whole::<Error>(stream, &columns)?, &params)?;
        Ok::<_, Error>((Frame::from(table), hidden))
    })
}
