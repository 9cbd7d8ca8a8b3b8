//! Event logs and stage funnels for Python.

use std::sync::Arc;

use leverkit::core::Params;
use leverkit::funnel::{
    Error, EventColumns, EventLogBuilder, Exclusion, Mode, StageParams, StageRule, compare_stages as compare,
    parse_span,
};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, read, stream_of, table};
use crate::ledger::{Ledger, choice};

/// Events of entities, grouped and in time order.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct EventLog(pub(crate) leverkit::funnel::EventLog);

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
        let ledger = ledger.0.clone();
        run(py, move || leverkit::funnel::EventLog::from_ledger(&ledger, &event).map(Self))
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

/// A rule: its name, its events, and values of further columns.
type Rule = (String, Vec<String>, Vec<(String, Vec<String>)>);

/// What breaks a chain: a rule, and the stages between which it does.
type Break = (Rule, Option<String>, Option<String>);

fn rule((name, events, conditions): Rule) -> StageRule {
    StageRule { name, events, conditions }
}

/// What a stage funnel is asked, checked.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct StageQuestion(leverkit::funnel::StageParams);

#[pymethods]
impl StageQuestion {
    #[new]
    #[pyo3(signature = (*, stages, window, window_from, modes, ties, start, optional, exclude, hold, by, level))]
    #[allow(clippy::too_many_arguments)] // One for each rule.
    fn new(
        py: Python<'_>,
        stages: Vec<Rule>,
        window: Option<&str>,
        window_from: &str,
        modes: Vec<String>,
        ties: &str,
        start: &str,
        optional: Vec<String>,
        exclude: Vec<Break>,
        hold: Option<String>,
        by: Option<String>,
        level: f64,
    ) -> PyResult<Self> {
        let fail = |error: Error| Failure::from(error).into_py(py);
        let mode = |name: &String| choice::<Mode>(py, "mode", name, MODES);
        let params = StageParams {
            stages: stages.into_iter().map(rule).collect(),
            window: window.map(|text| parse_span("window", text)).transpose().map_err(|error| fail(error.into()))?,
            window_from: choice(py, "window_from", window_from, "\"first\" or \"previous\"")?,
            modes: modes.iter().filter(|name| *name != "default").map(mode).collect::<PyResult<_>>()?,
            ties: choice(py, "ties", ties, "\"input\", \"lenient\" or \"strict\"")?,
            touch: choice(py, "start", start, "\"any\" or \"first\"")?,
            optional,
            exclusions: exclude
                .into_iter()
                .map(|(events, after, before)| Exclusion { rule: rule(events), after, before })
                .collect(),
            hold,
            by,
            level,
        };
        params.check().map_err(|error| fail(error.into()))?;
        Ok(Self(params.numbered()))
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

const MODES: &str = "\"default\", \"strict_deduplication\", \"strict_order\", \"strict_increase\", \"strict_once\", \"allow_reentry\" or \"unordered\"";

/// A funnel over an event log.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct StageFunnel(Arc<leverkit::funnel::StageFunnel>);

#[pyfunction]
pub(crate) fn stages(py: Python<'_>, log: &EventLog, question: &StageQuestion) -> PyResult<StageFunnel> {
    let (log, params) = (log.0.clone(), question.0.clone());
    run(py, move || leverkit::funnel::stages(&log, &params).map(|found| StageFunnel(Arc::new(found))))
}

#[pymethods]
impl StageFunnel {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::StageFunnel::to_batch)
    }

    fn times(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::StageFunnel::times_batch)
    }

    fn curves(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::StageFunnel::curves_batch)
    }

    fn exits(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::StageFunnel::exits_batch)
    }

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

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// The difference between two funnels.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct StageComparison(Arc<leverkit::funnel::StageComparison>);

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
        compare(&base, &against, base_group.as_deref(), against_group.as_deref())
            .map(|found| StageComparison(Arc::new(found)))
    })
}

#[pymethods]
impl StageComparison {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::StageComparison::to_batch)
    }

    fn mix(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::StageComparison::mix_batch)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}
