//! RFM for Python.

use std::sync::Arc;

use leverkit::rfm::{Monetary, ScoreMethod, ScoreParams, SegmentMap, Thresholds};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::ledger::{Ledger, choice, day};

/// Scores of every customer with all that explains them.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Scores(Arc<leverkit::rfm::Scores>);

impl From<leverkit::rfm::Scores> for Scores {
    fn from(scores: leverkit::rfm::Scores) -> Self {
        Self(Arc::new(scores))
    }
}

/// Scores the customers of a ledger. `thresholds` is JSON, `segments` JSON or TOML.
#[pyfunction]
#[pyo3(signature = (ledger, *, as_of=None, bins=[5, 5, 5], method="quantile", monetary="total", thresholds=None, segments=None, weights=[1.0, 1.0, 1.0]))]
#[allow(clippy::too_many_arguments)] // One for each parameter.
pub(crate) fn score(
    py: Python<'_>,
    ledger: &Ledger,
    as_of: Option<&str>,
    bins: [i64; 3],
    method: &str,
    monetary: &str,
    thresholds: Option<&str>,
    segments: Option<&str>,
    weights: [f64; 3],
) -> PyResult<Scores> {
    let method: ScoreMethod = choice(
        py,
        "method",
        method,
        "\"quantile\", \"nested\", \"thresholds\", \"equal_width\", \"kmeans\" or \"rank\"",
    )?;
    let monetary: Monetary = choice(py, "monetary", monetary, "\"total\" or \"average_check\"")?;
    let params = ScoreParams {
        as_of: day(py, "as_of", as_of)?,
        bins: checked_bins(py, bins)?,
        method,
        monetary,
        thresholds: thresholds.map(|text| parse_thresholds(py, text)).transpose()?,
        segments: segments
            .map_or_else(|| Ok(SegmentMap::default()), SegmentMap::from_text)
            .map_err(|error| Failure::from(error).into_py(py))?,
        weights,
    };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::rfm::score(&ledger, &params).map(Scores::from))
}

pub(crate) fn checked_bins(py: Python<'_>, bins: [i64; 3]) -> PyResult<[u8; 3]> {
    let mut checked = [0; 3];
    for (checked, bins) in checked.iter_mut().zip(bins) {
        *checked =
            u8::try_from(bins).map_err(|_| Failure::parameter("bins", &bins.to_string(), "2 to 10").into_py(py))?;
    }
    Ok(checked)
}

fn parse_thresholds(py: Python<'_>, text: &str) -> PyResult<Thresholds> {
    serde_json::from_str(text).map_err(|error| {
        Failure::parameter(
            "thresholds",
            text,
            &format!("{{\"recency\": […], \"frequency\": […], \"monetary\": […]}} with ascending numbers ({error})"),
        )
        .into_py(py)
    })
}

#[pymethods]
impl Scores {
    fn customers(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Scores::to_batch)
    }

    fn cuts(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Scores::cuts_batch)
    }

    fn segments(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::rfm::Scores::segments_batch)
    }

    /// What was left out, and which measure uses fewer scores.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    /// How the scores were made, in a sentence.
    #[getter]
    fn rule(&self) -> &'static str {
        self.0.rule()
    }

    /// The day from which the customers were scored.
    #[getter]
    fn as_of(&self) -> String {
        leverkit::core::format_day(self.0.measures.as_of)
    }

    /// Parameters and cut points, to score other customers the same way.
    #[getter]
    fn model(&self) -> ScoreModel {
        ScoreModel(self.0.model.clone())
    }
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
        let as_of = day(py, "as_of", as_of)?;
        let (model, ledger) = (self.0.clone(), ledger.0.clone());
        run(py, move || model.apply(&ledger, as_of).map(Scores::from))
    }
}
