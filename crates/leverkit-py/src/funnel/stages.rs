//! Event logs and stage funnels for Python.

use std::sync::Arc;

use leverkit::core::Params;
use leverkit::funnel::{Error, EventColumns, EventLogBuilder, StageParams, compare_stages as compare, parse_span};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, read, stream_of, table};
use crate::ledger::Ledger;
use crate::result::result;

/// Events of entities, grouped and in time order.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct EventLog(pub(crate) leverkit::funnel::EventLog);

impl From<leverkit::funnel::EventLog> for EventLog {
    fn from(events: leverkit::funnel::EventLog) -> Self {
        Self(events)
    }
}

#[pymethods]
impl EventLog {
    /// With `only`, events of other names are counted and not kept.
    #[new]
    #[pyo3(signature = (data, *, entity, time, event, value=None, properties=vec![], only=None))]
    #[allow(clippy::too_many_arguments)] // One for each column.
    fn new(
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        entity: String,
        time: String,
        event: String,
        value: Option<String>,
        properties: Vec<String>,
        only: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let columns = EventColumns { entity, time, event, value, properties };
        let stream = stream_of(data)?;
        run(py, move || {
            let wanted = columns.names();
            let mut builder = EventLogBuilder::new(columns, only);
            read(stream, &wanted, |batch| builder.push(batch))?;
            builder.finish().map(Self)
        })
    }

    /// The lines of a ledger as events, named by the product or a dimension.
    #[staticmethod]
    fn from_ledger(py: Python<'_>, ledger: &Ledger, event: String) -> PyResult<Self> {
        ledger.ask(py, move |ledger| leverkit::funnel::EventLog::from_ledger(ledger, &event))
    }

    #[getter]
    fn n_entities(&self) -> usize {
        self.0.n_entities()
    }

    #[getter]
    fn n_events(&self) -> usize {
        self.0.n_events()
    }

    /// Names of all events that came in.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.names().to_vec()
    }

    /// Rows that came in and those left out, by reason, as JSON.
    fn set_aside(&self) -> String {
        serde_json::to_string(self.0.left_out()).unwrap_or_default()
    }
}

/// What a stage funnel is asked, checked.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct StageQuestion(StageParams);

#[pymethods]
impl StageQuestion {
    /// `window` is a span such as "30d", or none for no limit.
    #[new]
    #[pyo3(signature = (*, window, **given))]
    fn new(py: Python<'_>, window: Option<&str>, given: Option<Given<'_, '_>>) -> PyResult<Self> {
        let span = || window.map(|text| parse_span("window", text)).transpose();
        let asked: StageParams = params(py, given)?;
        let checked = span().and_then(|window| {
            let asked = StageParams { window, ..asked };
            asked.check().map(|()| asked)
        });
        checked.map(|asked| Self(asked.numbered())).map_err(|error| Failure::from(error).into_py(py))
    }

    /// The events that the funnel looks at; none where it looks at all.
    #[getter]
    fn wanted(&self) -> Option<Vec<String>> {
        self.0.wanted()
    }

    /// The further columns that it needs.
    #[getter]
    fn properties(&self) -> Vec<String> {
        self.0.properties()
    }

    /// Names of the stages.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.labels()
    }

    /// The rules in a sentence.
    #[getter]
    fn policy(&self) -> String {
        self.0.policy()
    }
}

result! {
    /// A funnel over an event log.
    StageFunnel of leverkit::funnel::StageFunnel {}
    impl {
        fn dropped(&self, py: Python<'_>, stage: String) -> PyResult<Frame> {
            table(py, &self.0, move |found| found.dropped_batch(&stage))
        }

        /// The funnel under other rules, and what could not be recomputed.
        fn audit(&self, py: Python<'_>) -> PyResult<(Frame, Vec<String>)> {
            let found = Arc::clone(&self.0);
            run(py, move || {
                let audit = found.audit()?;
                Ok::<_, Error>((Frame::from(audit.to_batch()?), audit.notes))
            })
        }
    }
}

#[pyfunction]
pub(crate) fn stages(py: Python<'_>, log: &EventLog, question: &StageQuestion) -> PyResult<StageFunnel> {
    let (log, params) = (log.0.clone(), question.0.clone());
    run(py, move || leverkit::funnel::stages(&log, &params).map(StageFunnel::from))
}

result! {
    /// The difference between two funnels.
    StageComparison of leverkit::funnel::StageComparison {}
}

#[pyfunction]
#[pyo3(signature = (base, against, *, base_group=None, against_group=None))]
pub(crate) fn compare_stages(
    py: Python<'_>,
    base: &StageFunnel,
    against: &StageFunnel,
    base_group: Option<String>,
    against_group: Option<String>,
) -> PyResult<StageComparison> {
    let (base, against) = (Arc::clone(&base.0), Arc::clone(&against.0));
    run(py, move || {
        compare(&base, &against, base_group.as_deref(), against_group.as_deref()).map(StageComparison::from)
    })
}
