//! Lifetime models for Python.

use std::sync::Arc;

use leverkit::clv::{
    self, Columns, Error, Estimates, Family, Fit, FitParams, Histories, Independence, SpendFit, Unit, ValueParams,
};
use leverkit::core::frames::each;
use leverkit::core::{Column, Table, batch, format_day};
use pyo3::prelude::*;

use crate::args::{Given, choice, count, day, params};
use crate::call::{ask, run};
use crate::error::{Failure, raised};
use crate::frame::{Frame, stream_of, whole};
use crate::ledger::Ledger;
use crate::number::Number;
use crate::result::{analyses, result};
use crate::text::Text;

analyses! {
    /// Summarises customers.
    clv_summary(ledger) -> ClvSummary = clv::summary;
    /// Holds the contest.
    contest(ledger) -> Contest = clv::contest;
}

fn family_of(py: Python<'_>, text: &str, k: i64) -> PyResult<Family> {
    if text == "regular" {
        let k = u8::try_from(k).ok().filter(|k| *k >= 1);
        let wrong = || Failure::parameter("k", "a number out of range", "1 to 255").into_py(py);
        return k.map(Family::Regular).ok_or_else(wrong);
    }
    choice(py, "family", text)
}

/// Columns of a summary that a model may read.
fn wanted(more: &[String]) -> Vec<String> {
    let known = ["frequency", "recency", "T", "log_gaps"].map(String::from);
    known.into_iter().chain(more.iter().cloned()).collect()
}

/// A length of time such as "12 months" in a unit.
#[pyfunction]
pub(crate) fn length_in(py: Python<'_>, parameter: Text, text: Text, unit: Text) -> PyResult<f64> {
    choice::<Unit>(py, "unit", &unit)?.length(&parameter, &text).map_err(raised(py))
}

result! {
    /// What the models need to know of each customer.
    ClvSummary of clv::Summary {}
    impl {
        /// The table with the logarithms of gaps.
        fn with_log_gaps(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, |found| found.to_batch(true))
        }
    }
}

/// A name, its value and its standard error.
type Parameter = (String, f64, Option<f64>);

fn parameters(found: &Estimates) -> Vec<Parameter> {
    found.table(0.95).into_iter().map(|row| (row.name, row.value, row.std_error)).collect()
}

/// Customers, distinct histories, starts, evaluations and the last slope.
fn convergence(found: &Estimates) -> (f64, usize, usize, usize, f64) {
    let how = &found.convergence;
    (found.customers, found.histories, how.starts, how.evaluations, how.slope)
}

result! {
    /// A fitted model of when customers order.
    TimingModel of Fit {
        name: String = |found| found.family.name();
        log_likelihood: f64 = |found| found.estimates.log_likelihood;
        aic: f64 = |found| found.estimates.aic();
        convergence: (f64, usize, usize, usize, f64) = |found| convergence(&found.estimates);
        /// Names, values and standard errors.
        parameters: Vec<Parameter> = |found| parameters(&found.estimates);
        /// The covariance of the values, row by row.
        covariance: Option<Vec<Vec<f64>>> = |found| found.estimates.covariance_of_values();
    }
    impl {
        fn estimates(&self, py: Python<'_>, level: Number) -> PyResult<Frame> {
            ask(py, &self.0, move |fit| fit.estimates.to_batch(*level))
        }

        fn probability_alive(&self, py: Python<'_>, data: &Bound<'_, PyAny>, t: Number) -> PyResult<Frame> {
            self.predict(py, data, "probability_alive", move |fit, histories| fit.probability_alive(histories, *t))
        }

        fn expected_purchases(&self, py: Python<'_>, data: &Bound<'_, PyAny>, t: Number) -> PyResult<Frame> {
            self.predict(py, data, "expected_purchases", move |fit, histories| fit.expected_purchases(histories, *t))
        }

        fn purchase_probability(&self, py: Python<'_>, data: &Bound<'_, PyAny>, t: Number, #[pyo3(from_py_with = crate::args::integer)] n: i64) -> PyResult<Frame> {
            let n = usize::try_from(n)
                .map_err(|_| Failure::parameter("n", &n.to_string(), "0 or more orders").into_py(py))?;
            self.predict(py, data, "purchase_probability", move |fit, histories| {
                fit.purchase_probability(histories, *t, n)
            })
        }

        fn expected_new(&self, py: Python<'_>, t: Number) -> PyResult<f64> {
            self.0.expected_new(*t).map_err(raised(py))
        }

        fn next_order(
            &self,
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            horizon: Number,
            level: Number,
            threshold: Number,
        ) -> PyResult<Frame> {
            self.ask(py, data, &[], move |fit, histories, _| {
                Ok(clv::next_orders_batch(&fit.next_order(histories, *horizon, *level, *threshold)?)?)
            })
        }

        /// Whether the customers of a summary order as the model says.
        fn drift(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<ModelDrift> {
            self.ask(py, data, &[], |fit, histories, _| fit.drift(histories))
        }

        /// Parameters of refits to customers drawn with replacement, a column each.
        fn bootstrap(&self, py: Python<'_>, data: &Bound<'_, PyAny>, #[pyo3(from_py_with = crate::args::integer)] replicates: i64, #[pyo3(from_py_with = crate::args::seed)] seed: u64) -> PyResult<Frame> {
            let replicates = count(py, "replicates", replicates)?;
            self.ask(py, data, &[], move |fit, histories, _| {
                let found = fit.bootstrap(histories, replicates, seed)?;
                let column = |(i, name): (usize, &String)| Column::new(name, each(&found, |row| row[i]));
                let columns = fit.estimates.names.iter().enumerate().map(column).collect();
                Ok(Table::new(columns)?.to_batch()?)
            })
        }
    }
}

/// Fits a model of when customers order.
#[pyfunction]
#[pyo3(signature = (data, *, family, k, weights, **given))]
pub(crate) fn fit_timing(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    family: Text,
    #[pyo3(from_py_with = crate::args::integer)] k: i64,
    weights: Option<Text>,
    given: Option<Given<'_, '_>>,
) -> PyResult<TimingModel> {
    let (stream, family, params) = (stream_of(data)?, family_of(py, &family, k)?, params::<FitParams>(py, given)?);
    let weights = weights.map(String::from);
    run(py, move || {
        let FitParams { purchase_covariates, dropout_covariates, .. } = &params;
        let mut covariates = purchase_covariates.clone();
        covariates.extend(dropout_covariates.iter().filter(|name| !purchase_covariates.contains(name)).cloned());
        let mut columns = wanted(&covariates);
        columns.extend(weights.clone());
        let table = whole::<Error>(stream, &columns)?;
        let columns = Columns::from_table(&table, weights.as_deref(), &covariates)?;
        let histories = Histories::new(columns, family)?;
        clv::fit(&histories, family, &params).map(TimingModel::from)
    })
}

/// A model with given parameters.
#[pyfunction]
pub(crate) fn timing_of(
    py: Python<'_>,
    family: Text,
    #[pyo3(from_py_with = crate::args::integer)] k: i64,
    values: [Number; 4],
) -> PyResult<TimingModel> {
    let found = Fit::of(family_of(py, &family, k)?, values.map(f64::from)).map_err(raised(py))?;
    Ok(found.into())
}

impl TimingModel {
    /// Runs work on the histories of a summary, and on its table with `more` columns.
    fn ask<T, R: From<T> + Send + 'static>(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        more: &[&str],
        work: impl FnOnce(&Fit, &Histories, &Table) -> Result<T, Error> + Send + 'static,
    ) -> PyResult<R> {
        let (stream, fit) = (stream_of(data)?, Arc::clone(&self.0));
        let mut columns = wanted(&fit.covariates);
        columns.extend(more.iter().map(ToString::to_string));
        run(py, move || {
            let table = whole::<Error>(stream, &columns)?;
            let histories = Histories::new(Columns::from_table(&table, None, &fit.covariates)?, fit.family)?;
            work(&fit, &histories, &table).map(R::from)
        })
    }

    /// A prediction for each customer of a summary, as a table with one column.
    fn predict(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        name: &'static str,
        of: impl FnOnce(&Fit, &Histories) -> Result<Vec<f64>, Error> + Send + 'static,
    ) -> PyResult<Frame> {
        self.ask(py, data, &[], move |fit, histories, _| Ok(batch!(name => of(fit, histories)?)?))
    }
}

result! {
    /// A fitted model of what customers spend.
    SpendModel of SpendFit {
        log_likelihood: f64 = |found| found.estimates.log_likelihood;
        aic: f64 = |found| found.estimates.aic();
        convergence: (f64, usize, usize, usize, f64) = |found| convergence(&found.estimates);
        /// Names, values and standard errors.
        parameters: Vec<Parameter> = |found| parameters(&found.estimates);
        /// The covariance of the values, row by row.
        covariance: Option<Vec<Vec<f64>>> = |found| found.estimates.covariance_of_values();
        /// Spearman's correlation of spend and frequency, its limits and p-value, Pearson's, customers, and whether independence holds.
        independence: Option<(f64, f64, f64, f64, f64, usize, bool)> = |found| found.independence.as_ref().map(independence);
    }
    impl {
        fn estimates(&self, py: Python<'_>, level: Number) -> PyResult<Frame> {
            ask(py, &self.0, move |fit| fit.estimates.to_batch(*level))
        }

        /// Whether the customers of a summary spend as the model says.
        fn drift(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<ModelDrift> {
            let stream = stream_of(data)?;
            ask(py, &self.0, move |fit| {
                let (frequency, monetary) = spending(&whole::<Error>(stream, &SPENDING.map(String::from))?)?;
                fit.drift(&frequency, &monetary)
            })
        }

        /// Money expected of an order of each customer.
        fn expected(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Frame> {
            let stream = stream_of(data)?;
            ask(py, &self.0, move |fit| {
                let (frequency, monetary) = spending(&whole::<Error>(stream, &SPENDING.map(String::from))?)?;
                Ok::<_, Error>(batch!("expected_spend" => fit.expected_of(&frequency, &monetary)?)?)
            })
        }
    }
}

/// Columns of a summary that a model of spend reads.
const SPENDING: [&str; 2] = ["frequency", "monetary_value"];

fn spending(table: &Table) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let [frequency, monetary] = SPENDING.map(|name| clv::column(table, name));
    Ok((frequency?, monetary?))
}

fn independence(found: &Independence) -> (f64, f64, f64, f64, f64, usize, bool) {
    let spearman = found.spearman;
    (spearman.estimate, spearman.lower, spearman.upper, found.p_value, found.pearson, found.customers, found.holds)
}

/// Fits a model of spend.
#[pyfunction]
#[pyo3(signature = (data, *, weights, penalizer))]
pub(crate) fn fit_spend(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    weights: Option<Text>,
    penalizer: Number,
) -> PyResult<SpendModel> {
    let (stream, weights) = (stream_of(data)?, weights.map(String::from));
    run(py, move || {
        let columns: Vec<String> = SPENDING.map(String::from).into_iter().chain(weights.clone()).collect();
        let table = whole::<Error>(stream, &columns)?;
        let weights = weights.map(|name| clv::column(&table, &name)).transpose()?;
        let (frequency, monetary) = spending(&table)?;
        clv::fit_spend(&frequency, &monetary, weights.as_deref(), *penalizer).map(SpendModel::from)
    })
}

/// A model of spend with given parameters.
#[pyfunction]
pub(crate) fn spend_of(py: Python<'_>, values: [Number; 3]) -> PyResult<SpendModel> {
    Ok(SpendFit::of(values.map(f64::from)).map_err(raised(py))?.into())
}

result! {
    /// Whether customers have drifted from what a model says of them.
    ModelDrift of clv::ModelDrift {}
}

result! {
    /// The value of each customer.
    LifetimeValues of clv::Values {
        /// The value of all customers with its limits.
        total: (f64, f64, f64) = |found| (found.total.estimate, found.total.lower, found.total.upper);
    }
}

/// Values customers.
#[pyfunction]
#[pyo3(signature = (purchases, spend, data, **given))]
pub(crate) fn lifetime_value(
    py: Python<'_>,
    purchases: &TimingModel,
    spend: &SpendModel,
    data: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
) -> PyResult<LifetimeValues> {
    let (spend, params): (_, ValueParams) = (Arc::clone(&spend.0), params(py, given)?);
    purchases.ask(py, data, &["monetary_value"], move |timing, histories, table| {
        clv::lifetime_value(timing, &spend, histories, &clv::column(table, "monetary_value")?, &params)
    })
}

result! {
    /// How well a model foretold the holdout.
    Validation of clv::Validation {
        customers: usize = |found| found.customers;
    }
}

/// Compares a model with the holdout.
#[pyfunction]
pub(crate) fn validate(py: Python<'_>, model: &TimingModel, data: &Bound<'_, PyAny>) -> PyResult<Validation> {
    model.ask(py, data, &["frequency_holdout", "T_holdout"], |fit, histories, table| {
        let (actual, times) = (clv::column(table, "frequency_holdout")?, clv::column(table, "T_holdout")?);
        clv::validate(fit, histories, &actual, &times)
    })
}

result! {
    /// Repeat orders over time, actual and expected.
    Tracking of clv::Tracking {
        calibration_end: String = |found| found.calibration_end.clone();
    }
}

/// Follows a model through a ledger.
#[pyfunction]
#[pyo3(signature = (model, ledger, *, unit, calibration_end))]
pub(crate) fn tracking(
    py: Python<'_>,
    model: &TimingModel,
    ledger: &Ledger,
    unit: Text,
    calibration_end: Option<Text>,
) -> PyResult<Tracking> {
    let (unit, calibration_end) = (choice(py, "unit", &unit)?, day(py, "calibration_end", calibration_end)?);
    let fit = Arc::clone(&model.0);
    ask(py, &ledger.0, move |ledger| clv::tracking(&fit, ledger, unit, calibration_end))
}

result! {
    /// Which family suits the customers.
    Contest of clv::Contest {
        verdict: String = |found| found.verdict.clone();
        /// The last days of calibration, and the length of a holdout.
        origins: (Vec<String>, f64) =
            |found| (found.origins.iter().map(|&day| format_day(day)).collect(), found.horizon);
    }
}
