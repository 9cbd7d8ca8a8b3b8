//! The profit formula for Python.

use leverkit::core::{RecordBatch, Table};
use leverkit::profit::{self, Aim, ChangeMethod, Correlation, Distribution, Effort, Error, Response, Uncertain};
use pyo3::prelude::*;
use std::collections::BTreeMap;

use crate::args::{argument, choice, count};
use crate::call::ask;
use crate::error::{Failure, raised};
use crate::frame::{Frame, Stream, read, stream_of, whole};
use crate::number::Number;
use crate::profit::Values;
use crate::result::result;
use crate::text::Text;

result! {
    /// A formula of profit, checked and compiled.
    Formula of profit::Formula {
        name: String = |found| found.name().to_owned();
    }
    impl {
        /// The full formula of 22 parameters.
        #[staticmethod]
        fn full() -> Self {
            profit::Formula::full().into()
        }

        /// Leads × conversion × price × quantity.
        #[staticmethod]
        fn minimal() -> Self {
            profit::Formula::minimal().into()
        }

        #[staticmethod]
        fn from_toml(py: Python<'_>, text: Text) -> PyResult<Self> {
            checked(py, profit::Formula::from_toml(&text))
        }

        #[staticmethod]
        fn from_expressions(py: Python<'_>, name: Text, expressions: Vec<(Text, Text)>) -> PyResult<Self> {
            let pairs: Vec<_> = expressions.iter().map(|(name, text)| (&**name, &**text)).collect();
            checked(py, profit::Formula::from_expressions(&name, &pairs))
        }

        /// All expressions for each row of a table with a column for each parameter.
        fn evaluate(&self, py: Python<'_>, scenarios: &Bound<'_, PyAny>) -> PyResult<Frame> {
            let stream = stream_of(scenarios)?;
            ask(py, &self.0, move |formula| each_batch(formula, stream, |batch| formula.evaluate_batch(batch)))
        }

        /// The parts of the parameters in the change of profit of each row: tables with a column for each parameter, rows that belong together.
        #[pyo3(signature = (before, after, *, method))]
        fn attribute_rows(
            &self,
            py: Python<'_>,
            before: &Bound<'_, PyAny>,
            after: &Bound<'_, PyAny>,
            method: Text,
        ) -> PyResult<Frame> {
            let method: ChangeMethod = choice(py, "method", &method)?;
            let streams = [stream_of(before)?, stream_of(after)?];
            ask(py, &self.0, move |formula| {
                let [before, after] = streams.map(|stream| whole::<Error>(stream, &names(formula)));
                let (before, after) = (before?, after?);
                let (before, after) = (formula.columns_of(&before)?, formula.columns_of(&after)?);
                formula.batch_of(profit::attribute_rows(formula, &before, &after, method)?)
            })
        }

        /// Volume, mix and rate of each row's change of profit, and the parts of the parameters.
        #[pyo3(signature = (before, after, *, size, method))]
        fn attribute_segments(
            &self,
            py: Python<'_>,
            before: &Bound<'_, PyAny>,
            after: &Bound<'_, PyAny>,
            size: Text,
            method: Text,
        ) -> PyResult<(Frame, Frame)> {
            let method: ChangeMethod = choice(py, "method", &method)?;
            let streams = [stream_of(before)?, stream_of(after)?];
            ask(py, &self.0, move |formula| {
                let [before, after] = streams.map(|stream| whole::<Error>(stream, &names(formula)));
                let (before, after) = (before?, after?);
                let (before, after) = (formula.columns_of(&before)?, formula.columns_of(&after)?);
                let mut found = profit::attribute_segments(formula, &before, &after, &size, method)?;
                let parts = formula.batch_of(std::mem::take(&mut found.parts))?;
                Ok::<_, Error>((Frame::from(found.into_batch()?), Frame::from(parts)))
            })
        }

        /// The compiled program as JSON.
        fn program(&self) -> String {
            serde_json::to_string(&self.0.instructions()).unwrap_or_default()
        }

        /// All expressions of one scenario, by name.
        fn point(&self, py: Python<'_>, values: Values) -> PyResult<Vec<(String, f64)>> {
            ask(py, &self.0, move |formula| {
                let results = formula.point(&formula.values(&values)?)?;
                let names = formula.expressions().iter().map(|node| node.name.clone());
                Ok::<_, Error>(names.zip(results).collect::<Vec<_>>())
            })
        }

        /// The 20–20–20–20 table. `responses` are (cause, effect, elasticity); `uncertainty` is a distribution by parameter.
        #[pyo3(signature = (values, *, step, responses, uncertainty, correlations, seed))]
        #[allow(clippy::too_many_arguments)] // One for each parameter.
        fn lift_table(
            &self,
            py: Python<'_>,
            values: Values,
            step: Number,
            responses: Vec<(Text, Text, Number)>,
            uncertainty: Option<Bound<'_, PyAny>>,
            correlations: Vec<(Text, Text, Number)>,
            #[pyo3(from_py_with = crate::args::seed)] seed: u64,
        ) -> PyResult<Frame> {
            let uncertain = uncertainty.as_ref().map(distributions).transpose()?;
            let correlations = together(correlations);
            ask(py, &self.0, move |formula| {
                let responses: Vec<Response> = responses
                    .into_iter()
                    .map(|(cause, effect, elasticity)| Response { cause: cause.into(), effect: effect.into(), elasticity: *elasticity })
                    .collect();
                let values = formula.values(&values)?;
                let mut rows = profit::lift_table(formula, &values, *step, &responses)?;
                if let Some(uncertain) = uncertain {
                    profit::lift_intervals(formula, &values, &mut rows, *step, &uncertain, &correlations, seed)?;
                }
                profit::lift_batch(&rows)
            })
        }

        fn elasticities(&self, py: Python<'_>, values: Values) -> PyResult<Frame> {
            ask(py, &self.0, move |formula| profit::elasticities_batch(formula, &formula.values(&values)?))
        }

        #[pyo3(signature = (values, *, step))]
        fn interactions(&self, py: Python<'_>, values: Values, step: Number) -> PyResult<Frame> {
            ask(py, &self.0, move |formula| {
                let rows = profit::interactions(formula, &formula.values(&values)?, *step)?;
                profit::interactions_batch(&rows)
            })
        }

        /// Parameters that `low` and `high` do not name stay at their values.
        fn tornado(&self, py: Python<'_>, values: Values, low: Values, high: Values) -> PyResult<Frame> {
            ask(py, &self.0, move |formula| {
                let present = formula.values(&values)?;
                let (low, high) = (over(formula, &present, &low)?, over(formula, &present, &high)?);
                profit::bars_batch(&profit::tornado(formula, &present, &low, &high)?)
            })
        }

        /// `norms` stand over those of the formula.
        fn bottlenecks(&self, py: Python<'_>, values: Values, norms: Values) -> PyResult<Frame> {
            ask(py, &self.0, move |formula| {
                let mut given = vec![None; formula.parameters().len()];
                for (name, norm) in &*norms {
                    given[formula.position(name)?] = Some(*norm);
                }
                let rows = profit::bottlenecks(formula, &formula.values(&values)?, &given)?;
                profit::bottlenecks_batch(&rows)
            })
        }

        /// The change of profit by parameter.
        #[pyo3(signature = (before, after, *, method))]
        fn attribute(&self, py: Python<'_>, before: Values, after: Values, method: Text) -> PyResult<Frame> {
            let method: ChangeMethod = choice(py, "method", &method)?;
            ask(py, &self.0, move |formula| {
                let (before, after) = (formula.values(&before)?, formula.values(&after)?);
                profit::attribute(formula, &before, &after, method)?.to_batch(formula, &before, &after)
            })
        }

        /// Profit over many scenarios. `uncertainty` is a distribution by parameter.
        #[pyo3(signature = (values, uncertainty, *, correlations, n, seed, target))]
        #[allow(clippy::too_many_arguments)] // One for each parameter.
        fn simulate(
            &self,
            py: Python<'_>,
            values: Values,
            uncertainty: &Bound<'_, PyAny>,
            correlations: Vec<(Text, Text, Number)>,
            #[pyo3(from_py_with = crate::args::integer)] n: i64,
            #[pyo3(from_py_with = crate::args::seed)] seed: u64,
            target: Option<Number>,
        ) -> PyResult<Simulation> {
            let (uncertain, correlations) = (distributions(uncertainty)?, together(correlations));
            let n = count(py, "n", n)?;
            ask(py, &self.0, move |formula| {
                profit::simulate(formula, &formula.values(&values)?, &uncertain, &correlations, n, seed, target.map(f64::from))
            })
        }

        /// Sobol's indices of profit.
        #[pyo3(signature = (values, uncertainty, *, n, seed))]
        fn sobol(
            &self,
            py: Python<'_>,
            values: Values,
            uncertainty: &Bound<'_, PyAny>,
            #[pyo3(from_py_with = crate::args::integer)] n: i64,
            #[pyo3(from_py_with = crate::args::seed)] seed: u64,
        ) -> PyResult<Frame> {
            let uncertain = distributions(uncertainty)?;
            let n = u32::try_from(count(py, "n", n)?).unwrap_or(u32::MAX);
            ask(py, &self.0, move |formula| {
                let rows = profit::sobol(formula, &formula.values(&values)?, &uncertain, n, seed)?;
                Ok::<_, Error>(profit::importances_batch(&rows)?)
            })
        }

        /// The value of a parameter at which an expression reaches a target.
        fn solve(&self, py: Python<'_>, values: Values, node: Text, target: Number, parameter: Text) -> PyResult<f64> {
            ask(py, &self.0, move |formula| {
                profit::solve(formula, &formula.values(&values)?, &node, *target, &parameter)
            })
        }

        /// Where profit is 0, by parameter.
        fn break_even(&self, py: Python<'_>, values: Values) -> PyResult<Frame> {
            ask(py, &self.0, move |formula| {
                profit::break_even_batch(&profit::break_even(formula, &formula.values(&values)?)?)
            })
        }

        /// How to spread money over levers, with the expression before and after, and the money in all. `efforts` are (parameter, limit, half).
        #[pyo3(signature = (values, node, *, target, budget, efforts))]
        fn plan(
            &self,
            py: Python<'_>,
            values: Values,
            node: Text,
            target: Option<Number>,
            budget: Option<Number>,
            efforts: Vec<(Text, Number, Number)>,
        ) -> PyResult<(Frame, f64, f64, f64)> {
            let aim = match (target, budget) {
                (Some(target), None) => Aim::Target(*target),
                (None, Some(budget)) => Aim::Budget(*budget),
                _ => {
                    let expected = "either a target or a budget";
                    return Err(Failure::parameter("target", "both or none", expected).into_py(py));
                }
            };
            let efforts: Vec<Effort> =
                efforts.into_iter().map(|(name, limit, half)| Effort { parameter: name.into(), limit: *limit, half: *half }).collect();
            ask(py, &self.0, move |formula| {
                let found = profit::plan(formula, &formula.values(&values)?, &node, &aim, &efforts)?;
                Ok::<_, Error>((found.to_batch()?.into(), found.before, found.after, found.effort))
            })
        }
    }
}

/// The names of the formula's parameters: the columns that are read.
fn names(formula: &profit::Formula) -> Vec<String> {
    formula.parameters().iter().map(|parameter| parameter.name.clone()).collect()
}

/// Runs over the batches of a table's parameters and puts the results together.
fn each_batch(
    formula: &profit::Formula,
    stream: Stream,
    make: impl Fn(&Table) -> Result<RecordBatch, Error>,
) -> Result<RecordBatch, Error> {
    let mut whole = Table::default();
    read(stream, &names(formula), |batch| Ok::<_, Error>(whole.append(&make(&Table::from(batch))?.into())?))?;
    Ok(whole.to_batch()?)
}

result! {
    /// What came of many scenarios.
    Simulation of profit::Simulation {
        /// How often a draw was moved to its parameter's bound.
        clipped: Vec<(String, u64)> = |found| found.clipped.clone();
    }
}

/// A distribution by parameter, such as `{"price": {"kind": "normal", "mean": 50, "std": 5}}`.
fn distributions(given: &Bound<'_, PyAny>) -> PyResult<Vec<Uncertain>> {
    let read: BTreeMap<String, Distribution> = argument("uncertainty", given)?;
    Ok(read.into_iter().collect())
}

/// Correlations of pairs of parameters.
fn together(given: Vec<(Text, Text, Number)>) -> Vec<Correlation> {
    given.into_iter().map(|(first, second, of)| (first.into(), second.into(), *of)).collect()
}

fn checked(py: Python<'_>, formula: Result<profit::Formula, Error>) -> PyResult<Formula> {
    formula.map(Formula::from).map_err(raised(py))
}

/// Present values with some of them replaced.
fn over(formula: &profit::Formula, present: &[f64], named: &[(String, f64)]) -> Result<Vec<f64>, Error> {
    let mut values = present.to_vec();
    for (name, value) in named {
        values[formula.position(name)?] = *value;
    }
    Ok(values)
}
