//! Levers of all engines in one table, for Python.

use leverkit::plan::{Assumptions, Error, PlanParams};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::ask;
use crate::error::raised;
use crate::ledger::Ledger;
use crate::result::result;

result! {
    /// Which lever first.
    Plan of leverkit::plan::Plan {
        /// Periods of the formula in a year.
        periods: f64 = |found| found.params.periods;
        /// Profit a year before.
        profit: f64 = |found| found.profit;
        /// What all levers add together, with limits.
        joint: (f64, f64, f64) = |found| (found.joint.estimate, found.joint.lower, found.joint.upper);
        /// What levers claim alone, added up.
        claimed: f64 = |found| found.claimed();
        /// Whether any cost is known.
        knows_costs: bool = |found| found.knows_costs;
    }
}

/// Makes levers of what the engines find in a ledger and joins them. `shares` are the assumptions: lower, expected and upper share by name.
#[pyfunction]
#[pyo3(signature = (ledger, *, shares=vec![], **given))]
pub(crate) fn plan(
    py: Python<'_>,
    ledger: &Ledger,
    shares: Vec<(String, Vec<f64>)>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Plan> {
    let assumptions = chosen(&shares).map_err(raised(py))?;
    let params = PlanParams { assumptions, ..params(py, given)? };
    ask(py, &ledger.0, move |ledger| leverkit::plan::plan(ledger, &params))
}

fn chosen(shares: &[(String, Vec<f64>)]) -> Result<Assumptions, leverkit::core::Error> {
    let mut assumptions = Assumptions::default();
    shares.iter().try_for_each(|(name, share)| assumptions.set(name, share))?;
    Ok(assumptions)
}

/// Days of silence after which customers count as dormant, and a note where they are no limit day.
#[pyfunction]
pub(crate) fn dormant_after(py: Python<'_>, ledger: &Ledger) -> PyResult<(u32, Option<String>)> {
    ask(py, &ledger.0, |ledger| {
        let found = leverkit::plan::dormant_after(ledger)?;
        Ok::<_, Error>((found.days, found.note))
    })
}
