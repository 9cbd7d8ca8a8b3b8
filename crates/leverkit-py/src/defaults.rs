//! The defaults of parameters, for the test that those of the face agree.

use leverkit::clv::{ContestParams, SummaryParams, ValueParams};
use leverkit::funnel::{
    AttributionParams, EntryParams, JourneyParams, LadderParams, NextParams, QuantityParams, ReverseParams, RoleParams,
    RuleParams, SequenceParams, StageParams,
};
use leverkit::plan::PlanParams;
use leverkit::profit::MeasureParams;
use leverkit::rfm::{CohortParams, LimitDayParams, MigrationParams, NormParams, ScoreParams, TriggerParams};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};
use pythonize::pythonize;
use serde::Serialize;

/// The defaults of each analysis by the name of its parameters.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    [
        ("clv.contest", of::<ContestParams>(py)?),
        ("clv.lifetime_value", of::<ValueParams>(py)?),
        ("clv.summary", of::<SummaryParams>(py)?),
        ("funnel.attribution", of::<AttributionParams>(py)?),
        ("funnel.basket_rules", of::<RuleParams>(py)?),
        ("funnel.entry_products", of::<EntryParams>(py)?),
        ("funnel.journey", of::<JourneyParams>(py)?),
        ("funnel.ladder", of::<LadderParams>(py)?),
        ("funnel.next_products", of::<NextParams>(py)?),
        ("funnel.quantities", of::<QuantityParams>(py)?),
        ("funnel.reverse", of::<ReverseParams>(py)?),
        ("funnel.roles", of::<RoleParams>(py)?),
        ("funnel.sequences", of::<SequenceParams>(py)?),
        ("funnel.stages", of::<StageParams>(py)?),
        ("profit.measure", of::<MeasureParams>(py)?),
        ("report.plan", of::<PlanParams>(py)?),
        ("rfm.cohorts", of::<CohortParams>(py)?),
        ("rfm.limit_day", of::<LimitDayParams>(py)?),
        ("rfm.migration", of::<MigrationParams>(py)?),
        ("rfm.norms", of::<NormParams>(py)?),
        ("rfm.score", of::<ScoreParams>(py)?),
        ("rfm.triggers", of::<TriggerParams>(py)?),
    ]
    .into_py_dict(py)
}

fn of<P: Default + Serialize>(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(pythonize(py, &P::default())?)
}
