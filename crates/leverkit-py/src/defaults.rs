//! The defaults of parameters, for the test that those of the face agree.

use std::collections::BTreeMap;

use leverkit::{clv, funnel, plan, profit, rfm};
use pyo3::prelude::*;
use pythonize::pythonize;
use serde::Serialize;

/// The defaults of each analysis by the name of its parameters.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<BTreeMap<&'static str, Bound<'_, PyAny>>> {
    let all = [
        ("clv.contest", of::<clv::ContestParams>(py)?),
        ("clv.lifetime_value", of::<clv::ValueParams>(py)?),
        ("clv.summary", of::<clv::SummaryParams>(py)?),
        ("funnel.attribution", of::<funnel::AttributionParams>(py)?),
        ("funnel.basket_rules", of::<funnel::RuleParams>(py)?),
        ("funnel.entry_products", of::<funnel::EntryParams>(py)?),
        ("funnel.journey", of::<funnel::JourneyParams>(py)?),
        ("funnel.ladder", of::<funnel::LadderParams>(py)?),
        ("funnel.next_products", of::<funnel::NextParams>(py)?),
        ("funnel.quantities", of::<funnel::QuantityParams>(py)?),
        ("funnel.reverse", of::<funnel::ReverseParams>(py)?),
        ("funnel.roles", of::<funnel::RoleParams>(py)?),
        ("funnel.sequences", of::<funnel::SequenceParams>(py)?),
        ("funnel.stages", of::<funnel::StageParams>(py)?),
        ("profit.measure", of::<profit::MeasureParams>(py)?),
        ("report.plan", of::<plan::PlanParams>(py)?),
        ("rfm.cohorts", of::<rfm::CohortParams>(py)?),
        ("rfm.limit_day", of::<rfm::LimitDayParams>(py)?),
        ("rfm.migration", of::<rfm::MigrationParams>(py)?),
        ("rfm.norms", of::<rfm::NormParams>(py)?),
        ("rfm.score", of::<rfm::ScoreParams>(py)?),
        ("rfm.triggers", of::<rfm::TriggerParams>(py)?),
    ];
    Ok(BTreeMap::from(all))
}

fn of<P: Default + Serialize>(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(pythonize(py, &P::default())?)
}
