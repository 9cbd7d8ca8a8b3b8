//! Scores for Python.

use leverkit::core::format_day;
use leverkit::rfm::{ScoreParams, SegmentMap};
use pyo3::prelude::*;

use crate::args::{Given, day, params};
use crate::call::ask;
use crate::class::class;
use crate::error::raised;
use crate::ledger::Ledger;
use crate::result::{analyses, result};
use crate::text::Text;

result! {
    /// Scores of every customer with all that explains them.
    Scores of leverkit::rfm::Scores {
        /// How the scores were made, in a sentence.
        rule: &'static str = |found| found.rule();
        /// The day from which the customers were scored.
        as_of: String = |found| format_day(found.measures.as_of);
        /// Parameters and cut points, to score other customers the same way.
        model: ScoreModel = |found| found.model.clone().into();
    }
}

/// Scores the customers of a ledger. `segments` is JSON or TOML.
#[pyfunction]
#[pyo3(signature = (ledger, *, segments=None, **given))]
pub(crate) fn score(
    py: Python<'_>,
    ledger: &Ledger,
    segments: Option<Text>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Scores> {
    let mut params: ScoreParams = params(py, given)?;
    if let Some(text) = segments {
        params.segments = SegmentMap::from_text(&text).map_err(raised(py))?;
    }
    ask(py, &ledger.0, move |ledger| leverkit::rfm::score(ledger, &params))
}

analyses! {
    /// Finds clusters of customers.
    clusters(ledger) -> CustomerClusters = leverkit::rfm::clusters;
}

result! {
    /// Clusters of customers, and what speaks for their number.
    CustomerClusters of leverkit::rfm::CustomerClusters {
        /// The day from which measures look back.
        as_of: String = |found| format_day(found.as_of);
    }
}

class! {
    /// Parameters and cut points of scores.
    ScoreModel of leverkit::rfm::ScoreModel {}
    impl {
        #[staticmethod]
        fn from_json(py: Python<'_>, text: Text) -> PyResult<Self> {
            leverkit::rfm::ScoreModel::from_json(&text).map(Self::from).map_err(raised(py))
        }

        fn to_json(&self, py: Python<'_>) -> PyResult<String> {
            self.0.to_json().map_err(raised(py))
        }

        #[pyo3(signature = (ledger, *, as_of=None))]
        fn apply(&self, py: Python<'_>, ledger: &Ledger, as_of: Option<Text>) -> PyResult<Scores> {
            let (model, as_of) = (self.0.clone(), day(py, "as_of", as_of)?);
            ask(py, &ledger.0, move |ledger| model.apply(ledger, as_of))
        }
    }
}
