//! The profit formula for Python.

use std::collections::BTreeMap;
use std::sync::Arc;

use leverkit::polars::frame::DataFrame;
use leverkit::profit::{Correlation, Distribution, Error, Method, Response, Uncertain};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, read, stream_of};
use crate::ledger::choice;

/// Values of parameters by name.
type Values = Vec<(String, f64)>;

/// A formula of profit, checked and compiled.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Formula(Arc<leverkit::profit::Formula>);

#[pymethods]
impl Formula {
    /// The full formula of 22 parameters.
    #[staticmethod]
    fn full() -> Self {
        Self(Arc::new(leverkit::profit::Formula::full()))
    }

    /// Leads × conversion × price × quantity.
    #[staticmethod]
    fn minimal() -> Self {
        Self(Arc::new(leverkit::profit::Formula::minimal()))
    }

    #[staticmethod]
    fn from_toml(py: Python<'_>, text: &str) -> PyResult<Self> {
        checked(py, leverkit::profit::Formula::from_toml(text))
    }

    #[staticmethod]
    fn from_expressions(py: Python<'_>, name: &str, expressions: Vec<(String, String)>) -> PyResult<Self> {
        let pairs: Vec<(&str, &str)> = expressions.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        checked(py, leverkit::profit::Formula::from_expressions(name, &pairs))
    }

    #[getter]
    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    fn parameters(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::profit::Formula::parameters_frame)
    }

    fn expressions(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::profit::Formula::expressions_frame)
    }

    /// All expressions for each row of a table with a column for each parameter.
    fn evaluate(&self, py: Python<'_>, scenarios: &Bound<'_, PyAny>) -> PyResult<Frame> {
        let stream = stream_of(scenarios)?;
        self.table(py, move |formula| {
            let wanted: Vec<String> = formula.parameters().iter().map(|parameter| parameter.name.clone()).collect();
            let mut whole: Option<DataFrame> = None;
            read(stream, &wanted, |batch| {
                let results = formula.evaluate_frame(&batch)?;
                match &mut whole {
                    None => whole = Some(results),
                    Some(known) => drop(known.vstack_mut(&results)?),
                }
                Ok::<_, Error>(())
            })?;
            Ok(whole.unwrap_or_default())
        })
    }

    /// All expressions of one scenario, by name.
    fn point(&self, py: Python<'_>, values: Values) -> PyResult<Values> {
        let formula = Arc::clone(&self.0);
        run(py, move || {
            let results = formula.point(&formula.values(&values)?)?;
            let names = formula.expressions().iter().map(|node| node.name.clone());
            Ok::<_, Error>(names.zip(results).collect())
        })
    }

    /// The 20–20–20–20 table. `responses` are (cause, effect, elasticity).
    #[pyo3(signature = (values, *, step=0.20, responses=vec![]))]
    fn lift_table(
        &self,
        py: Python<'_>,
        values: Values,
        step: f64,
        responses: Vec<(String, String, f64)>,
    ) -> PyResult<Frame> {
        self.table(py, move |formula| {
            let responses: Vec<Response> = responses
                .into_iter()
                .map(|(cause, effect, elasticity)| Response { cause, effect, elasticity })
                .collect();
            let rows = leverkit::profit::lift_table(formula, &formula.values(&values)?, step, &responses)?;
            leverkit::profit::lift_frame(&rows)
        })
    }

    fn elasticities(&self, py: Python<'_>, values: Values) -> PyResult<Frame> {
        self.table(py, move |formula| leverkit::profit::elasticities_frame(formula, &formula.values(&values)?))
    }

    #[pyo3(signature = (values, *, step=0.20))]
    fn interactions(&self, py: Python<'_>, values: Values, step: f64) -> PyResult<Frame> {
        self.table(py, move |formula| {
            let rows = leverkit::profit::interactions(formula, &formula.values(&values)?, step)?;
            leverkit::profit::interactions_frame(&rows)
        })
    }

    /// Parameters that `low` and `high` do not name stay at their values.
    fn tornado(&self, py: Python<'_>, values: Values, low: Values, high: Values) -> PyResult<Frame> {
        self.table(py, move |formula| {
            let present = formula.values(&values)?;
            let (low, high) = (over(formula, &present, &low)?, over(formula, &present, &high)?);
            leverkit::profit::bars_frame(&leverkit::profit::tornado(formula, &present, &low, &high)?)
        })
    }

    /// `norms` stand over those of the formula.
    fn bottlenecks(&self, py: Python<'_>, values: Values, norms: Values) -> PyResult<Frame> {
        self.table(py, move |formula| {
            let mut given = vec![None; formula.parameters().len()];
            for (name, norm) in &norms {
                given[formula.position(name)?] = Some(*norm);
            }
            let rows = leverkit::profit::bottlenecks(formula, &formula.values(&values)?, &given)?;
            leverkit::profit::bottlenecks_frame(&rows)
        })
    }

    /// The change of profit by parameter.
    #[pyo3(signature = (before, after, *, method="shapley"))]
    fn attribute(&self, py: Python<'_>, before: Values, after: Values, method: &str) -> PyResult<Frame> {
        let method: Method = choice(py, "method", method, "\"shapley\", \"lmdi\" or \"sequential\"")?;
        self.table(py, move |formula| {
            let (before, after) = (formula.values(&before)?, formula.values(&after)?);
            leverkit::profit::attribute(formula, &before, &after, method)?.to_frame(formula, &before, &after)
        })
    }

    /// Profit over many scenarios. `uncertainty` is JSON: a distribution by parameter.
    #[pyo3(signature = (values, uncertainty, *, correlations=vec![], n=1_000_000, seed=1, target=None))]
    #[allow(clippy::too_many_arguments)] // One for each parameter.
    fn simulate(
        &self,
        py: Python<'_>,
        values: Values,
        uncertainty: &str,
        correlations: Vec<Correlation>,
        n: i64,
        seed: u64,
        target: Option<f64>,
    ) -> PyResult<Simulation> {
        let uncertain = distributions(py, uncertainty)?;
        let n = count(py, n)?;
        let formula = Arc::clone(&self.0);
        run(py, move || {
            let values = formula.values(&values)?;
            let found = leverkit::profit::simulate(&formula, &values, &uncertain, &correlations, n, seed, target)?;
            Ok::<_, Error>(Simulation(Arc::new(found)))
        })
    }

    /// Sobol's indices of profit.
    #[pyo3(signature = (values, uncertainty, *, n=32_768, seed=1))]
    fn sobol(&self, py: Python<'_>, values: Values, uncertainty: &str, n: i64, seed: u64) -> PyResult<Frame> {
        let uncertain = distributions(py, uncertainty)?;
        let n = u32::try_from(count(py, n)?).unwrap_or(u32::MAX);
        self.table(py, move |formula| {
            let rows = leverkit::profit::sobol(formula, &formula.values(&values)?, &uncertain, n, seed)?;
            leverkit::profit::importances_frame(&rows)
        })
    }

    /// The value of a parameter at which an expression reaches a target.
    fn solve(&self, py: Python<'_>, values: Values, node: String, target: f64, parameter: String) -> PyResult<f64> {
        let formula = Arc::clone(&self.0);
        run(py, move || leverkit::profit::solve(&formula, &formula.values(&values)?, &node, target, &parameter))
    }
}

impl Formula {
    fn table(
        &self,
        py: Python<'_>,
        make: impl FnOnce(&leverkit::profit::Formula) -> Result<DataFrame, Error> + Send + 'static,
    ) -> PyResult<Frame> {
        let formula = Arc::clone(&self.0);
        run(py, move || make(&formula).map(Frame::from))
    }
}

/// What came of many scenarios.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Simulation(Arc<leverkit::profit::Simulation>);

#[pymethods]
impl Simulation {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        self.frame(py, leverkit::profit::Simulation::to_frame)
    }

    fn percentiles(&self, py: Python<'_>) -> PyResult<Frame> {
        self.frame(py, leverkit::profit::Simulation::percentiles_frame)
    }

    fn chances(&self, py: Python<'_>) -> PyResult<Frame> {
        self.frame(py, leverkit::profit::Simulation::chances_frame)
    }

    /// How often a draw was moved to its parameter's bound.
    #[getter]
    fn clipped(&self) -> Vec<(String, u64)> {
        self.0.clipped.clone()
    }
}

impl Simulation {
    fn frame(
        &self,
        py: Python<'_>,
        make: fn(&leverkit::profit::Simulation) -> Result<DataFrame, Error>,
    ) -> PyResult<Frame> {
        let simulation = Arc::clone(&self.0);
        run(py, move || make(&simulation).map(Frame::from))
    }
}

/// KPIs by position, and the bonus that they carry.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct KpiSystem(Arc<leverkit::profit::KpiSystem>);

#[pymethods]
impl KpiSystem {
    #[staticmethod]
    fn from_toml(py: Python<'_>, text: &str) -> PyResult<Self> {
        let read = leverkit::profit::KpiSystem::from_toml(text);
        read.map(|system| Self(Arc::new(system))).map_err(|error| Failure::from(error).into_py(py))
    }

    fn parameters(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::profit::KpiSystem::parameters_frame)
    }

    fn positions(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::profit::KpiSystem::positions_frame)
    }

    fn shares(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::profit::KpiSystem::shares_frame)
    }

    fn collection(&self, py: Python<'_>) -> PyResult<Frame> {
        self.table(py, leverkit::profit::KpiSystem::collection_frame)
    }

    /// What each KPI earned each position.
    fn bonus(&self, py: Python<'_>, results: Values) -> PyResult<Frame> {
        self.table(py, move |system| leverkit::profit::earned_frame(&system.bonus(&results)?))
    }
}

impl KpiSystem {
    fn table(
        &self,
        py: Python<'_>,
        make: impl FnOnce(&leverkit::profit::KpiSystem) -> Result<DataFrame, Error> + Send + 'static,
    ) -> PyResult<Frame> {
        let system = Arc::clone(&self.0);
        run(py, move || make(&system).map(Frame::from))
    }
}

fn distributions(py: Python<'_>, text: &str) -> PyResult<Vec<Uncertain>> {
    let read: Result<BTreeMap<String, Distribution>, _> = serde_json::from_str(text);
    read.map(|read| read.into_iter().collect()).map_err(|error| {
        let expected = format!(
            "{{parameter: {{\"kind\": \"normal\", \"mean\": …, \"std\": …}}}}, or kind lognormal (median, sigma), uniform (low, high), \
             triangular or pert (low, mode, high), beta (a, b), empirical (values); {error}"
        );
        Failure::parameter("uncertainty", text, &expected).into_py(py)
    })
}

fn count(py: Python<'_>, n: i64) -> PyResult<usize> {
    usize::try_from(n).map_err(|_| Failure::parameter("n", &n.to_string(), "at least one").into_py(py))
}

fn checked(py: Python<'_>, formula: Result<leverkit::profit::Formula, Error>) -> PyResult<Formula> {
    formula.map(|formula| Formula(Arc::new(formula))).map_err(|error| Failure::from(error).into_py(py))
}

/// Present values with some of them replaced.
fn over(formula: &leverkit::profit::Formula, present: &[f64], named: &Values) -> Result<Vec<f64>, Error> {
    let mut values = present.to_vec();
    for (name, value) in named {
        values[formula.position(name)?] = *value;
    }
    Ok(values)
}
