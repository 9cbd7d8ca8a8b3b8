//! Counts as values for Python.

use leverkit::core::counts::{Counting, Counts as Counted, Question, Reads};
use leverkit::core::{Error, Quality, Table};
use leverkit::funnel::LadderCounts;
use leverkit::rfm::CohortCounts;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use pythonize::pythonize;
use serde_json::Value;

use crate::args::{Asked, Given, analyse, argument, params};
use crate::call::{ask, run};
use crate::class::class;
use crate::error::{Failure, internal};
use crate::frame::{Frame, Stream, stream_of, whole};
use crate::ledger::Ledger;
use crate::text::{Text, texts};

/// The counts of an analysis of order lines, with the tables that it takes beside them, by the names of its parameters and with their columns.
#[pyfunction]
pub(crate) fn count_lines<'py>(
    py: Python<'py>,
    ledger: &Ledger,
    reads: &Bound<'py, PyAny>,
    question: &Bound<'py, PyAny>,
    beside: Vec<(Text, Vec<Text>, Bound<'py, PyAny>)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (reads, question): (Reads, Question) = (argument("reads", reads)?, argument("question", question)?);
    let (ledger, count) = (ledger.0.clone(), counting(py, &question)?);
    let stream = |(name, columns, table): (Text, Vec<Text>, Bound<'py, PyAny>)| {
        Ok((String::from(name), texts(columns), stream_of(&table)?))
    };
    let streams = beside.into_iter().map(stream).collect::<PyResult<Vec<_>>>()?;
    written(py, move || {
        let kept =
            |(name, columns, stream): (String, Vec<String>, Stream)| Ok((name, kept::<Error>(stream, &columns)?));
        let beside = streams.into_iter().map(kept).collect::<Result<Vec<_>, Error>>()?;
        let counted = match count {
            Some(count) => count(&ledger, &reads, question),
            None => Ok(Counted::of_ledger(&ledger, &reads, question)),
        };
        Ok::<_, Failure>(counted?.with_beside(beside))
    })
}

/// A stream's table with these columns and no others.
fn kept<E: From<Error>>(stream: Stream, columns: &[String]) -> Result<Table, E> {
    let all: Table = whole(stream, columns)?;
    let kept = all.columns().iter().filter(|column| columns.iter().any(|name| name == column.name())).cloned();
    Ok(Table::new(kept.collect())?)
}

/// The counts of an analysis of another table, of which these columns are kept.
#[pyfunction]
pub(crate) fn count_rows<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    columns: Vec<Text>,
    entity: Option<Text>,
    question: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (question, stream, columns): (Question, _, _) =
        (argument("question", question)?, stream_of(data)?, texts(columns));
    written(py, move || Counted::of_table(&kept::<Error>(stream, &columns)?, entity.as_deref(), question))
}

/// Puts counts together.
#[pyfunction]
pub(crate) fn merge_counts(py: Python<'_>, parts: Vec<PyBackedBytes>) -> PyResult<Bound<'_, PyBytes>> {
    written(py, move || {
        let parts = parts.iter().map(|part| Counted::from_bytes(part)).collect::<Result<Vec<_>, _>>()?;
        match parts.iter().find(|part| part.is_own()).and_then(|part| merging(&part.question().analysis)) {
            Some(merge) => merge(&parts),
            None => Counted::merge(&parts),
        }
    })
}

/// The counts for another question, of lines whose customers are known to be in no other part.
#[pyfunction]
pub(crate) fn recount<'py>(
    py: Python<'py>,
    counts: PyBackedBytes,
    reads: &Bound<'py, PyAny>,
    question: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (reads, question): (Reads, Question) = (argument("reads", reads)?, argument("question", question)?);
    let count = counting(py, &question)?;
    written(py, move || {
        let counts = Counted::from_bytes(&counts)?;
        match (count, counts.lines()) {
            (Some(count), Some(ledger)) => count(ledger, &reads, question).map(Counted::known_apart),
            _ => Ok(counts.asked(&reads, question).unwrap_or(counts)),
        }
    })
}

fn written<E: From<Error> + Into<Failure> + Send + 'static>(
    py: Python<'_>,
    count: impl FnOnce() -> Result<Counted, E> + Send + 'static,
) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = run(py, move || Ok::<_, E>(count()?.to_bytes()?))?;
    Ok(PyBytes::new(py, &bytes))
}

/// Counts a ledger by an analysis' own counts.
type Count = Box<dyn FnOnce(&leverkit::Ledger, &Reads, Question) -> Result<Counted, Failure> + Send>;

/// Puts an analysis' own counts together.
type Merge = fn(&[Counted]) -> Result<Counted, Error>;

/// The analyses that have counts of their own, by their names in questions.
macro_rules! own_counts {
    ($($name:literal => $counts:ty),+) => {
        /// How a question's analysis is counted, where it has counts of its own.
        fn counting(py: Python<'_>, question: &Question) -> PyResult<Option<Count>> {
            match question.analysis.as_str() {
                $($name => Ok(Some(counting_by::<$counts>(py, question)?)),)+
                _ => Ok(None),
            }
        }

        fn merging(analysis: &str) -> Option<Merge> {
            match analysis {
                $($name => Some(Counted::merge_of::<$counts>),)+
                _ => None,
            }
        }
    };
}

own_counts! {
    "rfm.cohorts" => CohortCounts,
    "funnel.ladder" => LadderCounts
}

fn counting_by<C>(py: Python<'_>, question: &Question) -> PyResult<Count>
where
    C: Counting<Params: Asked, Error: Into<Failure>> + 'static,
{
    let given: Value = serde_json::from_str(&question.params).map_err(|error| internal(py, &error.to_string()))?;
    let given = pythonize(py, &given)?.cast_into::<PyDict>()?;
    let params: C::Params = params(py, Some(&given))?;
    Ok(Box::new(move |ledger, reads, question| Counted::of::<C>(ledger, reads, &params, question).map_err(Into::into)))
}

/// What an analysis is asked of: a ledger, or counts of its own.
#[derive(FromPyObject)]
pub(crate) enum Source<'py> {
    Ledger(PyRef<'py, Ledger>),
    Counts(PyRef<'py, Counts>),
}

/// Runs an analysis of a ledger, or concludes it from its own counts.
pub(crate) fn conclude<C, R>(py: Python<'_>, source: &Source<'_>, given: Option<Given<'_, '_>>) -> PyResult<R>
where
    C: Counting<Params: Asked, Error: Into<Failure> + Send + 'static, Found: 'static>,
    R: From<C::Found> + Send + 'static,
{
    match source {
        Source::Ledger(ledger) => {
            analyse(py, &ledger.0, given, |ledger, params: &C::Params| C::of(ledger, params)?.conclude(ledger, params))
        }
        Source::Counts(counts) => {
            let params = params(py, given)?;
            ask(py, &counts.0, move |counts| counts.conclude::<C>(&params))
        }
    }
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
        /// Whether they are an analysis' own: it is concluded from them, and not from lines.
        is_own: bool = |counts| counts.is_own();
        /// What was set aside and why, in a sentence; none where nothing was, or where the counts are of another table.
        set_aside: Option<String> = |counts| counts.quality().and_then(Quality::summary);
    }
    impl {
        #[staticmethod]
        fn of_bytes(py: Python<'_>, bytes: PyBackedBytes) -> PyResult<Self> {
            run(py, move || Counted::from_bytes(&bytes).map(Self::from))
        }

        /// The order lines, or what is known beside them; none where the counts are of another table.
        fn ledger(&self, py: Python<'_>) -> PyResult<Option<Ledger>> {
            let counts = self.0.clone();
            run(py, move || Ok::<_, Error>(counts.ledger()?.cloned().map(Ledger::from)))
        }

        /// The tables that the analysis takes beside what was counted, by the names of its parameters.
        fn beside(&self, py: Python<'_>) -> PyResult<Vec<(String, Frame)>> {
            let counts = self.0.clone();
            let table = |(name, table): &(String, Table)| Ok((name.clone(), table.to_batch()?.into()));
            run(py, move || counts.beside().iter().map(table).collect::<Result<_, Error>>())
        }

        /// The rows, entity by entity; none where the counts are of order lines.
        fn rows(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
            let counts = self.0.clone();
            run(py, move || Ok::<_, Error>(counts.table().map(Table::to_batch).transpose()?.map(Frame::from)))
        }
    }
}
