//! Scores for Python.

use leverkit::core::format_day;
use leverkit::rfm::{ScoreParams, SegmentMap};
use pyo3::prelude::*;

use crate::args::{Given, day, params};
use crate::error::Failure;
use crate::ledger::Ledger;
use crate::result::result;

result! {
    /// Scores of every customer with all that explains them.
    Scores of leverkit::rfm::Scores {
        /// How the scores were made, in a sentence.
        rule: &'static str = |found| found.rule();
        /// The day from which the customers were scored.
        as_of: String = |found| format_day(found.measures.as_of);
        /// Parameters and cut points, to score other customers the same way.
        model: ScoreModel = |found| ScoreModel(found.model.clone());
    }
}

/// Scores the customers of a ledger. `segments` is JSON or TOML.
#[pyfunction]
#[pyo3(signature = (ledger, *, segments=None, **given))]
pub(crate) fn score(py: Python<'_>, ledger: &Ledger, segments: Option<&str>, given: Option<Given<'_, '_>>) -> PyResult<Scores> {
    let mut params: ScoreParams = params(py, given)?;
    if let Some(text) = segments {
        params.segments = SegmentMap::from_text(text).map_err(|error| Failure::from(error).into_py(py))?;
    }
    ledger.ask(py, move |ledger| leverkit::rfm::score(ledger, &params))
}

/// Parameters and cut points of scores.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct ScoreModel(leverkit::rfm::ScoreModel);

#[pymethods]
impl ScoreModel {
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        leverkit::rfm::ScoreModel::from_json(text).map(Self).map_err(|error| Failure::from(error).into_py(py))
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.0.to_json().map_err(|error| Failure::from(error).into_py(py))
    }

    #[pyo3(signature = (ledger, *, as_of=None))]
    fn apply(&self, py: Python<'_>, ledger: &Ledger, as_of: Option<&str>) -> PyResult<Scores> {
        let (model, as_of) = (self.0.clone(), day(py, "as_of", as_of)?);
        ledger.ask(py, move |ledger| model.apply(ledger, as_of))
    }
}
