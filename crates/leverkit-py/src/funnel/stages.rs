//! Event logs and stage funnels for Python.

use std::sync::Arc;

use leverkit::core::Params;
use leverkit::funnel::{Error, EventColumns, EventLogBuilder, StageParams, compare_stages as compare, parse_span};
use pyo3::prelude::*;

use crate::args::{Given, arguments, params};
use crate::call::{ask, run};
use crate::class::class;
use crate::error::raised;
use crate::frame::{Frame, read, stream_of};
use crate::ledger::Ledger;
use crate::result::result;
use crate::text::{Text, texts};

class! {
    /// Events of entities, grouped and in time order.
    EventLog of leverkit::funnel::EventLog {
        n_entities: usize = |log| log.n_entities();
        n_events: usize = |log| log.n_events();
        /// Names of all events that came in.
        names: Vec<String> = |log| log.names().to_vec();
    }
    impl {
        /// With `only`, events of other names are counted and not kept. The further arguments are the columns.
        #[new]
        #[pyo3(signature = (data, *, only=None, **columns))]
        fn new(
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            only: Option<Vec<Text>>,
            columns: Option<Given<'_, '_>>,
        ) -> PyResult<Self> {
            let (columns, stream): (EventColumns, _) = (arguments(py, columns)?, stream_of(data)?);
            run(py, move || {
                let wanted = columns.names();
                let mut builder = EventLogBuilder::new(columns, only.map(texts));
                read(stream, &wanted, |batch| builder.push(batch))?;
                builder.finish().map(Self::from)
            })
        }

        /// The lines of a ledger as events, named by the product or a dimension.
        #[staticmethod]
        fn from_ledger(py: Python<'_>, ledger: &Ledger, event: Text) -> PyResult<Self> {
            ask(py, &ledger.0, move |ledger| leverkit::funnel::EventLog::from_ledger(ledger, &event))
        }

        /// Rows that came in and those left out, by reason, as JSON.
        fn left_out(&self) -> String {
            serde_json::to_string(self.0.left_out()).unwrap_or_default()
        }
    }
}

class! {
    /// What a stage funnel is asked, checked.
    StageQuestion of StageParams {
        /// The events that the funnel looks at; none where it looks at all.
        wanted: Option<Vec<String>> = |asked| asked.wanted();
        /// The further columns that it needs.
        properties: Vec<String> = |asked| asked.properties();
        /// Names of the stages.
        names: Vec<String> = |asked| asked.labels();
        /// The rules in a sentence.
        policy: String = |asked| asked.policy();
    }
    impl {
        /// `window` is a span such as "30d", or none for no limit.
        #[new]
        #[pyo3(signature = (*, window, **given))]
        fn new(py: Python<'_>, window: Option<Text>, given: Option<Given<'_, '_>>) -> PyResult<Self> {
            let span = || window.map(|text| parse_span("window", &text)).transpose();
            let asked: StageParams = params(py, given)?;
            let checked = span().and_then(|window| {
                let asked = StageParams { window, ..asked };
                asked.check().map(|()| asked)
            });
            checked.map(|asked| asked.numbered().into()).map_err(raised(py))
        }
    }
}

result! {
    /// A funnel over an event log.
    StageFunnel of leverkit::funnel::StageFunnel {}
    impl {
        /// What those who stopped did next; an error where events that are no stage were not kept.
        fn exits(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::funnel::StageFunnel::exits_batch)
        }

        fn dropped(&self, py: Python<'_>, stage: Text) -> PyResult<Frame> {
            ask(py, &self.0, move |found| found.dropped_batch(&stage))
        }

        /// The funnel under other rules, and what could not be recomputed.
        fn audit(&self, py: Python<'_>) -> PyResult<(Frame, Vec<String>)> {
            ask(py, &self.0, move |found| {
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
    base_group: Option<Text>,
    against_group: Option<Text>,
) -> PyResult<StageComparison> {
    let (base, against) = (Arc::clone(&base.0), Arc::clone(&against.0));
    run(py, move || {
        compare(&base, &against, base_group.as_deref(), against_group.as_deref()).map(StageComparison::from)
    })
}
