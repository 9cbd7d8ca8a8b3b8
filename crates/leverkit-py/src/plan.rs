//! Levers of all engines in one table, for Python.

use leverkit::plan::{Assumptions, Error, PlanParams, Share};
use pyo3::prelude::*;

use crate::args::{Given, argument, params};
use crate::call::ask;
use crate::error::raised;
use crate::ledger::Ledger;
use crate::result::result;
use crate::text::Text;

result! {
    /// Which lever first.
    Plan of leverkit::plan::Plan {
        /// Periods of the formula in a year.
        periods: f64 = |found| found.params.periods;
        /// Profit a year before.
        profit: f64 = |found| found.profit;
        /// What all sure levers add together, with limits.
        joint: (f64, f64, f64) = |found| (found.joint.estimate, found.joint.lower, found.joint.upper);
        /// What sure levers claim alone, added up.
        claimed: f64 = |found| found.claimed();
        /// The lever to test first.
        test_first: Option<String> = |found| found.test_first().map(|planned| planned.lever.name.clone());
        /// Whether any cost is known.
        knows_costs: bool = |found| found.knows_costs;
    }
}

/// Makes levers of what the engines find in a ledger and joins them. `shares` are the assumptions by name, each as the engine reads it.
#[pyfunction]
#[pyo3(signature = (ledger, *, shares=vec![], **given))]
pub(crate) fn plan(
    py: Python<'_>,
    ledger: &Ledger,
    shares: Vec<(Text, Bound<'_, PyAny>)>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Plan> {
    let assumptions = chosen(py, &shares)?;
    let params = PlanParams { assumptions, ..params(py, given)? };
    ask(py, &ledger.0, move |ledger| leverkit::plan::plan(ledger, &params))
}

fn chosen(py: Python<'_>, shares: &[(Text, Bound<'_, PyAny>)]) -> PyResult<Assumptions> {
    let mut assumptions = Assumptions::default();
    for (name, share) in shares {
        let share: Share = argument("assumptions", share)?;
        assumptions.set(name, share).map_err(raised(py))?;
    }
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
