//! The defaults of parameters, for the test that those of the face agree.

use std::collections::BTreeMap;

use leverkit::{clv, effect, funnel, plan, profit, rfm, survey};
use pyo3::prelude::*;

use crate::args::defaults_of;

/// The defaults of each analysis by its name: those that `analyses!` lists, and those whose functions are written by hand.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<BTreeMap<String, Bound<'_, PyAny>>> {
    let by_hand = [
        ("clv.lifetime_value", defaults_of::<clv::ValueParams>(py)?),
        ("effect.programme", defaults_of::<effect::programme::ProgrammeParams>(py)?),
        ("funnel.attribution", defaults_of::<funnel::AttributionParams>(py)?),
        ("funnel.journey", defaults_of::<funnel::JourneyParams>(py)?),
        ("funnel.quantities", defaults_of::<funnel::QuantityParams>(py)?),
        ("funnel.reverse", defaults_of::<funnel::ReverseParams>(py)?),
        ("funnel.stages", defaults_of::<funnel::StageParams>(py)?),
        ("profit.measure", defaults_of::<profit::MeasureParams>(py)?),
        ("report.plan", defaults_of::<plan::PlanParams>(py)?),
        ("rfm.score", defaults_of::<rfm::ScoreParams>(py)?),
        ("survey.house_of_quality", defaults_of::<survey::HouseParams>(py)?),
    ];
    let listed = [
        crate::clv::defaults(py)?,
        crate::effect::trial::defaults(py)?,
        crate::funnel::products::defaults(py)?,
        crate::rfm::retention::defaults(py)?,
        crate::rfm::scores::defaults(py)?,
        crate::survey::needs::defaults(py)?,
    ];
    Ok(by_hand.map(|(name, of)| (name.to_owned(), of)).into_iter().chain(listed.into_iter().flatten()).collect())
}
