//! The defaults of parameters, for the test that those of the face agree.

use std::collections::BTreeMap;

use leverkit::{Ledger, clv, effect, funnel, plan, profit, rfm, survey};
use pyo3::prelude::*;
use pythonize::pythonize;
use serde::Serialize;

/// The defaults of an analysis, by its name in Python.
pub(crate) type Named<'py> = (String, Bound<'py, PyAny>);

/// The defaults of each analysis by its name: those that `analyses!` lists, and those whose functions are written by hand.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<BTreeMap<String, Bound<'_, PyAny>>> {
    let by_hand = [
        ("clv.lifetime_value", of::<clv::ValueParams>(py)?),
        ("effect.programme", of::<effect::programme::ProgrammeParams>(py)?),
        ("funnel.attribution", of::<funnel::AttributionParams>(py)?),
        ("funnel.journey", of::<funnel::JourneyParams>(py)?),
        ("funnel.quantities", of::<funnel::QuantityParams>(py)?),
        ("funnel.reverse", of::<funnel::ReverseParams>(py)?),
        ("funnel.stages", of::<funnel::StageParams>(py)?),
        ("profit.measure", of::<profit::MeasureParams>(py)?),
        ("report.plan", of::<plan::PlanParams>(py)?),
        ("rfm.score", of::<rfm::ScoreParams>(py)?),
        ("survey.house_of_quality", of::<survey::HouseParams>(py)?),
    ];
    let listed = [
        crate::clv::defaults(py)?,
        crate::effect::trial::defaults(py)?,
        crate::funnel::products::defaults(py)?,
        crate::rfm::retention::defaults(py)?,
        crate::survey::needs::defaults(py)?,
    ];
    Ok(by_hand.map(|(name, of)| (name.to_owned(), of)).into_iter().chain(listed.into_iter().flatten()).collect())
}

/// The defaults of an analysis of a ledger, by its module, `crate::engine::topic`, and its function; `clv_summary` is `clv.summary` in Python.
pub(crate) fn of_analysis<'py, P: Default + Serialize, T, E>(
    py: Python<'py>,
    module: &str,
    name: &str,
    _: fn(&Ledger, &P) -> Result<T, E>,
) -> PyResult<Named<'py>> {
    let engine = module.split("::").nth(1).unwrap_or_default();
    let name = name.strip_prefix("clv_").unwrap_or(name);
    Ok((format!("{engine}.{name}"), of::<P>(py)?))
}

fn of<P: Default + Serialize>(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(pythonize(py, &P::default())?)
}
