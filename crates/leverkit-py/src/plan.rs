//! Levers of all engines in one table, for Python.

use std::sync::Arc;

use leverkit::core::Tables;
use leverkit::plan::{Assumptions, Error, PlanParams};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::ledger::{Ledger, choice, days};
use crate::profit::{Books, PERIODS, count, entries};

/// Which lever first.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Plan(Arc<leverkit::plan::Plan>);

/// Makes levers of what the engines find in a ledger and joins them. `assumptions` are lower, expected and upper share by name.
#[pyfunction]
#[pyo3(signature = (ledger, *, p=0.10, horizon=365, product=None, period="month", limit_day=None, replicates=1000, replicates_seed=1, books=vec![],
                    scenario=vec![], assumptions=vec![], effort=vec![], draws=1000, seed=1, level=0.95))]
#[allow(clippy::too_many_arguments)] // One for each parameter.
pub(crate) fn plan(
    py: Python<'_>,
    ledger: &Ledger,
    p: f64,
    horizon: i64,
    product: Option<String>,
    period: &str,
    limit_day: Option<i64>,
    replicates: i64,
    replicates_seed: i64,
    books: Books,
    scenario: Vec<(String, f64)>,
    assumptions: Vec<(String, Vec<f64>)>,
    effort: Vec<(String, f64)>,
    draws: i64,
    seed: i64,
    level: f64,
) -> PyResult<Plan> {
    let params = PlanParams {
        p,
        horizon: days(py, "horizon", horizon)?,
        product,
        period: choice(py, "period", period, PERIODS)?,
        limit_day: limit_day.map(|limit| days(py, "limit_day", limit)).transpose()?,
        replicates: count(py, "replicates", replicates)?,
        replicates_seed: replicates_seed as u64,
        books: entries(py, books)?,
        scenario,
        assumptions: chosen(&assumptions).map_err(|error| Failure::from(error).into_py(py))?,
        effort,
        draws: count(py, "draws", draws)?,
        seed: seed as u64,
        level,
    };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::plan::plan(&ledger, &params).map(|found| Plan(Arc::new(found))))
}

fn chosen(shares: &[(String, Vec<f64>)]) -> Result<Assumptions, leverkit::core::Error> {
    let mut assumptions = Assumptions::default();
    shares.iter().try_for_each(|(name, share)| assumptions.set(name, share))?;
    Ok(assumptions)
}

/// Days of silence after which customers count as dormant, and a note where they are no limit day.
#[pyfunction]
pub(crate) fn dormant_after(py: Python<'_>, ledger: &Ledger) -> PyResult<(u32, Option<String>)> {
    let ledger = ledger.0.clone();
    run(py, move || {
        let found = leverkit::plan::dormant_after(&ledger)?;
        Ok::<_, Error>((found.days, found.note))
    })
}

#[pymethods]
impl Plan {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.table("table"))
    }

    fn facts(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.table("facts"))
    }

    fn overlaps(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.table("overlaps"))
    }

    fn left_out(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, |found| found.table("left_out"))
    }

    /// Periods of the formula in a year.
    #[getter]
    fn periods(&self) -> f64 {
        self.0.params.periods
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

    /// Whether any cost is known.
    #[getter]
    fn knows_costs(&self) -> bool {
        self.0.knows_costs
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}
