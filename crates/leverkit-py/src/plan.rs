//! Levers of all engines in one table, for Python.

use std::sync::Arc;

use leverkit::plan::{Assumptions, Findings, Gain, PlanParams, move_prices};
use leverkit::profit::Formula;
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::funnel::{BasketRules, EntryProducts};
use crate::ledger::Ledger;
use crate::pricing::{Leakage, params};
use crate::profit::Measurement;
use crate::retention::Triggers;

/// Which lever first.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Plan(Arc<leverkit::plan::Plan>);

/// Makes levers of what the engines found and joins them. `values` are those of one period of the full formula; `assumptions` and `options` are JSON.
#[pyfunction]
#[pyo3(signature = (ledger, measurement, values, assumptions, options, *, years, triggers=None, entries=None, rules=None, leakage=None, knows_costs=false, effort=vec![]))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn plan(
    py: Python<'_>,
    ledger: &Ledger,
    measurement: &Measurement,
    values: Vec<(String, f64)>,
    assumptions: &str,
    options: &str,
    years: f64,
    triggers: Option<&Triggers>,
    entries: Option<&EntryProducts>,
    rules: Option<&BasketRules>,
    leakage: Option<&Leakage>,
    knows_costs: bool,
    effort: Vec<(String, f64)>,
) -> PyResult<Plan> {
    let assumptions: Assumptions = params(py, assumptions)?;
    let options: PlanParams = params(py, options)?;
    let ledger = ledger.0.clone();
    let measurement = Arc::clone(&measurement.0);
    let triggers = triggers.map(|found| Arc::clone(&found.0));
    let entries = entries.map(|found| Arc::clone(&found.0));
    let rules = rules.map(|found| Arc::clone(&found.0));
    let leakage = leakage.map(|found| Arc::clone(&found.0));
    run(py, move || {
        let formula = Formula::full();
        let prices = move_prices(&ledger, years).map_err(Failure::from)?;
        let values = formula.values(&values).map_err(Failure::from)?;
        let gain = if knows_costs { Gain::Profit } else { Gain::Revenue };
        let findings = Findings {
            measurement: &measurement,
            triggers: triggers.as_deref(),
            entries: entries.as_deref(),
            rules: rules.as_deref().map(|rules| (rules, gain)),
            leakage: leakage.as_deref(),
            prices: prices.as_ref(),
            years,
        };
        let mut levers = findings.levers(&values, options.periods, &assumptions).map_err(Failure::from)?;
        for (name, money) in &effort {
            levers.iter_mut().filter(|lever| lever.name == *name).for_each(|lever| lever.effort = Some(*money));
        }
        let found = leverkit::plan::plan(&formula, &values, &levers, &options).map_err(Failure::from)?;
        Ok::<_, Failure>(Plan(Arc::new(found)))
    })
}

#[pymethods]
impl Plan {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::plan::Plan::to_batch)
    }

    fn facts(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::plan::Plan::facts_batch)
    }

    fn overlaps(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::plan::Plan::overlaps_batch)
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::plan::Plan::left_out_batch)
    }

    /// Profit a year before.
    #[getter]
    fn profit(&self) -> f64 {
        self.0.profit
    }

    /// What all levers add together, with limits.
    #[getter]
    fn joint(&self) -> (f64, f64, f64) {
        (self.0.joint.estimate, self.0.joint.lower, self.0.joint.upper)
    }

    /// What levers claim alone, added up.
    #[getter]
    fn claimed(&self) -> f64 {
        self.0.claimed()
    }
}
