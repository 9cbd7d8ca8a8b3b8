//! Counts as values for Python.

use leverkit::core::counts::{Counts as Counted, Question, Reads};
use leverkit::core::{Error, Table};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::args::argument;
use crate::call::run;
use crate::class::class;
use crate::frame::{Frame, stream_of, whole};
use crate::ledger::Ledger;
use crate::text::{Text, texts};

/// The counts of an analysis of order lines.
#[pyfunction]
pub(crate) fn count_lines<'py>(
    py: Python<'py>,
    ledger: &Ledger,
    reads: &Bound<'py, PyAny>,
    question: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (reads, question): (Reads, Question) = (argument("reads", reads)?, argument("question", question)?);
    let ledger = ledger.0.clone();
    written(py, move || Ok(Counted::of_ledger(&ledger, &reads, question)))
}

/// The counts of an analysis of another table, of which these columns are kept.
#[pyfunction]
pub(crate) fn count_rows<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    columns: Vec<Text>,
    entity: Text,
    question: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (question, stream, columns): (Question, _, _) =
        (argument("question", question)?, stream_of(data)?, texts(columns));
    written(py, move || {
        let all: Table = whole::<Error>(stream, &columns)?;
        let kept = all.columns().iter().filter(|column| columns.iter().any(|name| name == column.name())).cloned();
        Counted::of_table(&Table::new(kept.collect())?, &entity, question)
    })
}

/// Puts counts together.
#[pyfunction]
pub(crate) fn merge_counts(py: Python<'_>, parts: Vec<PyBackedBytes>) -> PyResult<Bound<'_, PyBytes>> {
    written(py, move || {
        let parts = parts.iter().map(|part| Counted::from_bytes(part)).collect::<Result<Vec<_>, _>>()?;
        Counted::merge(&parts)
    })
}

/// The same customers' counts for another question.
#[pyfunction]
pub(crate) fn recount<'py>(
    py: Python<'py>,
    counts: PyBackedBytes,
    reads: &Bound<'py, PyAny>,
    question: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (reads, question): (Reads, Question) = (argument("reads", reads)?, argument("question", question)?);
    written(py, move || {
        let counts = Counted::from_bytes(&counts)?;
        Ok(counts.asked(&reads, question).unwrap_or(counts))
    })
}

fn written(
    py: Python<'_>,
    count: impl FnOnce() -> Result<Counted, Error> + Send + 'static,
) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = run(py, move || count()?.to_bytes())?;
    Ok(PyBytes::new(py, &bytes))
}

class! {
    /// Counts that were read, to be concluded.
    Counts of Counted {
        analysis: String = |counts| counts.question().analysis.clone();
        /// The parameters of the analysis, as JSON.
        params: String = |counts| counts.question().params.clone();
        /// The kind of frame that results become.
        frames: String = |counts| counts.question().frames.clone();
        currency: Option<String> = |counts| counts.question().currency.clone();
        /// Whether results tell which rows were set aside.
        tells: bool = |counts| counts.question().tells;
    }
    impl {
        #[staticmethod]
        fn of_bytes(py: Python<'_>, bytes: PyBackedBytes) -> PyResult<Self> {
            run(py, move || Counted::from_bytes(&bytes).map(Self::from))
        }

        /// The order lines; none where the counts are of another table.
        fn ledger(&self, py: Python<'_>) -> PyResult<Option<Ledger>> {
            let counts = self.0.clone();
            run(py, move || Ok::<_, Error>(counts.ledger()?.cloned().map(Ledger::from)))
        }

        /// The rows, entity by entity; none where the counts are of order lines.
        fn rows(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
            let counts = self.0.clone();
            run(py, move || Ok::<_, Error>(counts.table().map(Table::to_batch).transpose()?.map(Frame::from)))
        }
    }
}
