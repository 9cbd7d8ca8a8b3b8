//! Tests read, for Python.

use leverkit::effect::Error;
use leverkit::effect::holdout::{HoldoutParams, WindowParams};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::ask;
use crate::frame::{stream_of, whole};
use crate::ledger::Ledger;
use crate::result::{analyses, result};

analyses! {
    /// Compares the arms of a test.
    holdout(table: HoldoutParams) -> Holdout = leverkit::effect::holdout::holdout;
}

/// Compares the arms of a test by what a ledger has of the customers drawn.
#[pyfunction]
#[pyo3(signature = (ledger, drawn, window, **given))]
pub(crate) fn holdout_of_ledger(
    py: Python<'_>,
    ledger: &Ledger,
    drawn: &Bound<'_, PyAny>,
    window: Given<'_, '_>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Holdout> {
    let (window, params): (WindowParams, HoldoutParams) = (params(py, Some(window))?, params(py, given)?);
    let stream = stream_of(drawn)?;
    ask(py, &ledger.0, move |ledger| {
        let drawn = whole::<Error>(stream, &params.columns_drawn(&window.customer))?;
        leverkit::effect::holdout::holdout_of_ledger(ledger, &drawn, &window, &params)
    })
}

result! {
    /// What a test found.
    Holdout of leverkit::effect::holdout::Holdout {
        /// χ² and p-value of the arms' sizes against their shares.
        sample_ratio: (f64, f64) = |found| found.sample_ratio;
    }
}
