//! Lifetime models for Python.

use std::sync::Arc;

use leverkit::clv::{
    self, Columns, ContestParams, Error, Family, Fit, FitParams, Histories, SpendFit, SummaryParams, Unit, ValueParams,
};
use leverkit::core::frames::each;
use leverkit::core::{Column, Table, batch};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, Stream, stream_of, table, whole};
use crate::ledger::{Ledger, choice, day};

const UNITS: &str = "\"day\", \"week\", \"month\", \"quarter\" or \"year\"";

fn unit_of(py: Python<'_>, text: &str) -> PyResult<Unit> {
    choice(py, "unit", text, UNITS)
}

fn count(py: Python<'_>, parameter: &str, n: i64) -> PyResult<usize> {
    usize::try_from(n).map_err(|_| Failure::parameter(parameter, &n.to_string(), "at least 1").into_py(py))
}

fn family_of(py: Python<'_>, text: &str, k: i64) -> PyResult<Family> {
    if text == "regular" {
        let k = u8::try_from(k).ok().filter(|k| *k >= 1);
        let wrong = || Failure::parameter("k", "a number out of range", "1 to 255").into_py(py);
        return k.map(Family::Regular).ok_or_else(wrong);
    }
    choice(
        py,
        "family",
        text,
        "\"beta_geo\", \"modified_beta_geo\", \"pareto_nbd\", \"beta_geo_beta_binom\" or \"regular\"",
    )
}

/// Columns of a summary that a model may read.
fn wanted(more: &[String]) -> Vec<String> {
    let known = ["frequency", "recency", "T", "log_gaps"].map(String::from);
    known.into_iter().chain(more.iter().cloned()).collect()
}

/// Reads histories for a model.
fn histories(stream: Stream, family: Family, covariates: &[String]) -> Result<Histories, Error> {
    let table = whole::<Error>(stream, &wanted(covariates))?;
    Histories::new(Columns::from_table(&table, None, covariates)?, family)
}

/// A length of time such as "12 months" in a unit.
#[pyfunction]
pub(crate) fn length_in(py: Python<'_>, parameter: &str, text: &str, unit: &str) -> PyResult<f64> {
    unit_of(py, unit)?.length(parameter, text).map_err(|error| Failure::from(error).into_py(py))
}

/// What the models need to know of each customer.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct ClvSummary(Arc<clv::Summary>);

/// Summarises customers.
#[pyfunction]
#[pyo3(signature = (ledger, *, unit="week", period="day", calibration_end=None, end=None))]
pub(crate) fn clv_summary(
    py: Python<'_>,
    ledger: &Ledger,
    unit: &str,
    period: &str,
    calibration_end: Option<&str>,
    end: Option<&str>,
) -> PyResult<ClvSummary> {
    let params = SummaryParams {
        unit: unit_of(py, unit)?,
        period: choice(py, "period", period, UNITS)?,
        calibration_end: day(py, "calibration_end", calibration_end)?,
        end: day(py, "end", end)?,
    };
    let ledger = ledger.0.clone();
    run(py, move || clv::summary(&ledger, &params).map(|found| ClvSummary(Arc::new(found))))
}

#[pymethods]
impl ClvSummary {
    fn table(&self, py: Python<'_>, log_gaps: bool) -> PyResult<Frame> {
        table(py, &self.0, move |found| found.to_batch(log_gaps))
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// A fitted model of when customers order.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct TimingModel(Arc<Fit>);

/// Fits a model of when customers order.
#[pyfunction]
#[pyo3(signature = (data, *, family, k=1, weights=None, penalizer=0.0, purchase_covariates=vec![], dropout_covariates=vec![]))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn fit_timing(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    family: &str,
    k: i64,
    weights: Option<String>,
    penalizer: f64,
    purchase_covariates: Vec<String>,
    dropout_covariates: Vec<String>,
) -> PyResult<TimingModel> {
    let (stream, family) = (stream_of(data)?, family_of(py, family, k)?);
    run(py, move || {
        let mut covariates = purchase_covariates.clone();
        covariates.extend(dropout_covariates.iter().filter(|name| !purchase_covariates.contains(name)).cloned());
        let mut columns = wanted(&covariates);
        columns.extend(weights.clone());
        let table = whole::<Error>(stream, &columns)?;
        let columns = Columns::from_table(&table, weights.as_deref(), &covariates)?;
        let params = FitParams { penalizer, purchase_covariates, dropout_covariates };
        let histories = Histories::new(columns, family)?;
        clv::fit(&histories, family, &params).map(|found| TimingModel(Arc::new(found)))
    })
}

/// A model with given parameters.
#[pyfunction]
pub(crate) fn timing_of(py: Python<'_>, family: &str, k: i64, values: [f64; 4]) -> PyResult<TimingModel> {
    let found = Fit::of(family_of(py, family, k)?, values).map_err(|error| Failure::from(error).into_py(py))?;
    Ok(TimingModel(Arc::new(found)))
}

impl TimingModel {
    /// A prediction for each customer of a summary, as a table with one column.
    fn predict(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        name: &'static str,
        of: impl FnOnce(&Fit, &Histories) -> Result<Vec<f64>, Error> + Send + 'static,
    ) -> PyResult<Frame> {
        let (stream, fit) = (stream_of(data)?, Arc::clone(&self.0));
        run(py, move || {
            let histories = histories(stream, fit.family, &fit.covariates)?;
            let values = of(&fit, &histories)?;
            Ok::<_, Error>(batch!(name => values)?.into())
        })
    }
}

#[pymethods]
impl TimingModel {
    fn estimates(&self, py: Python<'_>, level: f64) -> PyResult<Frame> {
        table(py, &self.0, move |fit| fit.estimates.to_batch(level))
    }

    /// Names, values and standard errors.
    fn parameters(&self) -> Vec<(String, f64, Option<f64>)> {
        self.0.estimates.table(0.95).into_iter().map(|row| (row.name, row.value, row.std_error)).collect()
    }

    #[getter]
    fn name(&self) -> String {
        self.0.family.name()
    }

    #[getter]
    fn log_likelihood(&self) -> f64 {
        self.0.estimates.log_likelihood
    }

    #[getter]
    fn aic(&self) -> f64 {
        self.0.estimates.aic()
    }

    /// Customers, distinct histories, starts, evaluations and the last slope.
    #[getter]
    fn convergence(&self) -> (f64, usize, usize, usize, f64) {
        let found = &self.0.estimates;
        (
            found.customers,
            found.histories,
            found.convergence.starts,
            found.convergence.evaluations,
            found.convergence.slope,
        )
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.estimates.notes.clone()
    }

    fn probability_alive(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Frame> {
        self.predict(py, data, "probability_alive", Fit::probability_alive)
    }

    fn expected_purchases(&self, py: Python<'_>, data: &Bound<'_, PyAny>, t: f64) -> PyResult<Frame> {
        self.predict(py, data, "expected_purchases", move |fit, histories| fit.expected_purchases(histories, t))
    }

    fn purchase_probability(&self, py: Python<'_>, data: &Bound<'_, PyAny>, t: f64, n: i64) -> PyResult<Frame> {
        let n =
            usize::try_from(n).map_err(|_| Failure::parameter("n", &n.to_string(), "0 or more orders").into_py(py))?;
        self.predict(py, data, "purchase_probability", move |fit, histories| fit.purchase_probability(histories, t, n))
    }

    fn expected_new(&self, py: Python<'_>, t: f64) -> PyResult<f64> {
        self.0.expected_new(t).map_err(|error| Failure::from(error).into_py(py))
    }

    fn next_order(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        horizon: f64,
        level: f64,
        threshold: f64,
    ) -> PyResult<Frame> {
        let (stream, fit) = (stream_of(data)?, Arc::clone(&self.0));
        run(py, move || {
            let histories = histories(stream, fit.family, &fit.covariates)?;
            Ok::<_, Error>(clv::next_orders_batch(&fit.next_order(&histories, horizon, level, threshold)?)?.into())
        })
    }

    /// Parameters of refits to customers drawn with replacement, a column each.
    fn bootstrap(&self, py: Python<'_>, data: &Bound<'_, PyAny>, replicates: i64, seed: u64) -> PyResult<Frame> {
        let (stream, fit, replicates) = (stream_of(data)?, Arc::clone(&self.0), count(py, "replicates", replicates)?);
        run(py, move || {
            let histories = histories(stream, fit.family, &fit.covariates)?;
            let found = fit.bootstrap(&histories, replicates, seed)?;
            let column = |(i, name): (usize, &String)| Column::new(name, each(&found, |row| row[i]));
            let columns = fit.estimates.names.iter().enumerate().map(column).collect();
            Ok::<_, Error>(Table::new(columns)?.to_batch()?.into())
        })
    }
}

/// A fitted model of what customers spend.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct SpendModel(Arc<SpendFit>);

/// Fits a model of spend.
#[pyfunction]
#[pyo3(signature = (data, *, weights=None, penalizer=0.0))]
pub(crate) fn fit_spend(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    weights: Option<String>,
    penalizer: f64,
) -> PyResult<SpendModel> {
    let stream = stream_of(data)?;
    run(py, move || {
        let mut columns = vec!["frequency".to_owned(), "monetary_value".to_owned()];
        columns.extend(weights.clone());
        let table = whole::<Error>(stream, &columns)?;
        let weights = weights.map(|name| clv::column(&table, &name)).transpose()?;
        let (frequency, monetary) = (clv::column(&table, "frequency")?, clv::column(&table, "monetary_value")?);
        clv::fit_spend(&frequency, &monetary, weights.as_deref(), penalizer).map(|found| SpendModel(Arc::new(found)))
    })
}

#[pymethods]
impl SpendModel {
    fn estimates(&self, py: Python<'_>, level: f64) -> PyResult<Frame> {
        table(py, &self.0, move |fit| fit.estimates.to_batch(level))
    }

    /// Names, values and standard errors.
    fn parameters(&self) -> Vec<(String, f64, Option<f64>)> {
        self.0.estimates.table(0.95).into_iter().map(|row| (row.name, row.value, row.std_error)).collect()
    }

    #[getter]
    fn log_likelihood(&self) -> f64 {
        self.0.estimates.log_likelihood
    }

    #[getter]
    fn aic(&self) -> f64 {
        self.0.estimates.aic()
    }

    /// Customers, distinct histories, starts, evaluations and the last slope.
    #[getter]
    fn convergence(&self) -> (f64, usize, usize, usize, f64) {
        let found = &self.0.estimates;
        (
            found.customers,
            found.histories,
            found.convergence.starts,
            found.convergence.evaluations,
            found.convergence.slope,
        )
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.estimates.notes.clone()
    }

    /// Spearman's correlation of spend and frequency, its limits and p-value, Pearson's, customers, and whether independence holds.
    #[getter]
    fn independence(&self) -> (f64, f64, f64, f64, f64, usize, bool) {
        let found = &self.0.independence;
        let spearman = found.spearman;
        (spearman.estimate, spearman.lower, spearman.upper, found.p_value, found.pearson, found.customers, found.holds)
    }

    /// Money expected of an order of each customer.
    fn expected(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Frame> {
        let (stream, fit) = (stream_of(data)?, Arc::clone(&self.0));
        run(py, move || {
            let table = whole::<Error>(stream, &["frequency".to_owned(), "monetary_value".to_owned()])?;
            let (frequency, monetary) = (clv::column(&table, "frequency")?, clv::column(&table, "monetary_value")?);
            let spend: Vec<Option<f64>> = frequency.iter().zip(&monetary).map(|(x, m)| fit.expected(*x, *m)).collect();
            Ok::<_, Error>(batch!("expected_spend" => spend)?.into())
        })
    }
}

/// The value of each customer.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct LifetimeValues(Arc<clv::Values>);

/// Values customers.
#[pyfunction]
#[pyo3(signature = (purchases, spend, data, *, horizon, discount_rate, margin, unit, level))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn lifetime_value(
    py: Python<'_>,
    purchases: &TimingModel,
    spend: &SpendModel,
    data: &Bound<'_, PyAny>,
    horizon: f64,
    discount_rate: f64,
    margin: f64,
    unit: &str,
    level: f64,
) -> PyResult<LifetimeValues> {
    let (stream, timing, spend) = (stream_of(data)?, Arc::clone(&purchases.0), Arc::clone(&spend.0));
    let params = ValueParams { horizon, discount_rate, margin, unit: unit_of(py, unit)?, level };
    run(py, move || {
        let mut columns = wanted(&timing.covariates);
        columns.push("monetary_value".into());
        let table = whole::<Error>(stream, &columns)?;
        let histories = Histories::new(Columns::from_table(&table, None, &timing.covariates)?, timing.family)?;
        let monetary = clv::column(&table, "monetary_value")?;
        clv::lifetime_value(&timing, &spend, &histories, &monetary, &params)
            .map(|found| LifetimeValues(Arc::new(found)))
    })
}

#[pymethods]
impl LifetimeValues {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, clv::Values::to_batch)
    }

    /// The value of all customers with its limits.
    #[getter]
    fn total(&self) -> (f64, f64, f64) {
        (self.0.total.estimate, self.0.total.lower, self.0.total.upper)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// How well a model foretold the holdout.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Validation(Arc<clv::Validation>);

/// Compares a model with the holdout.
#[pyfunction]
pub(crate) fn validate(py: Python<'_>, model: &TimingModel, data: &Bound<'_, PyAny>) -> PyResult<Validation> {
    let (stream, fit) = (stream_of(data)?, Arc::clone(&model.0));
    run(py, move || {
        let mut columns = wanted(&fit.covariates);
        columns.extend(["frequency_holdout".to_owned(), "T_holdout".to_owned()]);
        let table = whole::<Error>(stream, &columns)?;
        let histories = Histories::new(Columns::from_table(&table, None, &fit.covariates)?, fit.family)?;
        let (actual, times) = (clv::column(&table, "frequency_holdout")?, clv::column(&table, "T_holdout")?);
        clv::validate(&fit, &histories, &actual, &times).map(|found| Validation(Arc::new(found)))
    })
}

#[pymethods]
impl Validation {
    fn by_frequency(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, clv::Validation::to_batch)
    }

    fn errors(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, clv::Validation::errors_batch)
    }

    #[getter]
    fn customers(&self) -> usize {
        self.0.customers
    }
}

/// Repeat orders over time, actual and expected.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Tracking(Arc<clv::Tracking>);

/// Follows a model through a ledger.
#[pyfunction]
#[pyo3(signature = (model, ledger, *, unit="week", calibration_end=None))]
pub(crate) fn tracking(
    py: Python<'_>,
    model: &TimingModel,
    ledger: &Ledger,
    unit: &str,
    calibration_end: Option<&str>,
) -> PyResult<Tracking> {
    let (unit, calibration_end) = (unit_of(py, unit)?, day(py, "calibration_end", calibration_end)?);
    let (fit, ledger) = (Arc::clone(&model.0), ledger.0.clone());
    run(py, move || clv::tracking(&fit, &ledger, unit, calibration_end).map(|found| Tracking(Arc::new(found))))
}

#[pymethods]
impl Tracking {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, clv::Tracking::to_batch)
    }

    #[getter]
    fn calibration_end(&self) -> String {
        self.0.calibration_end.clone()
    }
}

/// Which family suits the customers.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Contest(Arc<clv::Contest>);

/// Holds the contest.
#[pyfunction]
#[pyo3(signature = (ledger, *, unit="week", folds=3, horizon=None))]
pub(crate) fn contest(
    py: Python<'_>,
    ledger: &Ledger,
    unit: &str,
    folds: i64,
    horizon: Option<f64>,
) -> PyResult<Contest> {
    let folds = count(py, "folds", folds)?;
    let params = ContestParams { unit: unit_of(py, unit)?, folds, horizon, ..ContestParams::default() };
    let ledger = ledger.0.clone();
    run(py, move || clv::contest(&ledger, &params).map(|found| Contest(Arc::new(found))))
}

#[pymethods]
impl Contest {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, clv::Contest::to_batch)
    }

    #[getter]
    fn verdict(&self) -> String {
        self.0.verdict.clone()
    }

    /// The last days of calibration, and the length of a holdout.
    #[getter]
    fn origins(&self) -> (Vec<String>, f64) {
        (self.0.origins.iter().map(|&day| leverkit::core::format_day(day)).collect(), self.0.horizon)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}
