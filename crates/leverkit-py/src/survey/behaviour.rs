//! Respondents who are customers of a ledger, for Python.

use leverkit::rfm::{ScoreParams, segment_names};
use leverkit::survey::{Error, MetNeedsParams, WorthParams};
use pyo3::prelude::*;

use crate::args::{Given, day, params};
use crate::call::ask;
use crate::frame::{stream_of, whole};
use crate::ledger::Ledger;
use crate::result::result;
use crate::text::Text;

/// What segments of respondents are worth, and which segments by recency, frequency and money they are in.
#[pyfunction]
#[pyo3(signature = (ledger, data, **given))]
pub(crate) fn worth(
    py: Python<'_>,
    ledger: &Ledger,
    data: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
) -> PyResult<SegmentWorth> {
    let (params, stream) = (params::<WorthParams>(py, given)?, stream_of(data)?);
    ask(py, &ledger.0, move |ledger| {
        let answers = whole::<Error>(stream, &params.columns())?;
        // A ledger without an order has no segments, and then there is nothing to join either.
        let groups = segment_names(ledger, &ScoreParams::default()).unwrap_or_default();
        leverkit::survey::worth(ledger, &answers, &groups, &params)
    })
}

/// Met needs held against return; `on` is the ISO day of all answers.
#[pyfunction]
#[pyo3(signature = (ledger, data, on, **given))]
pub(crate) fn met_needs(
    py: Python<'_>,
    ledger: &Ledger,
    data: &Bound<'_, PyAny>,
    on: Option<Text>,
    given: Option<Given<'_, '_>>,
) -> PyResult<MetNeeds> {
    let (params, stream) = (params::<MetNeedsParams>(py, given)?, stream_of(data)?);
    let params = MetNeedsParams { on: day(py, "on", on)?, ..params };
    ask(py, &ledger.0, move |ledger| {
        let answers = whole::<Error>(stream, &params.columns())?;
        leverkit::survey::met_needs(ledger, &answers, &params)
    })
}

result! {
    /// What segments of respondents are worth.
    SegmentWorth of leverkit::survey::SegmentWorth {
        n: u64 = |found| found.n;
        unknown: u64 = |found| found.unknown;
        without: u64 = |found| found.without;
    }
}

result! {
    /// Needs held against return.
    MetNeeds of leverkit::survey::MetNeeds {
        n: u64 = |found| found.n;
        returned: f64 = |found| found.returned;
        unknown: u64 = |found| found.unknown;
    }
}
