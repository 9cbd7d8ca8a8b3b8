//! The product funnel for Python.

use std::sync::Arc;

use leverkit::core::Error as CoreError;
use leverkit::funnel::{
    EntryParams, Error, LadderBy, LadderParams, NextParams, RoleParams, RuleParams, SequenceParams,
};
use pyo3::prelude::*;

use crate::call::run;
use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::ledger::{Ledger, choice, day, days};

fn size(py: Python<'_>, parameter: &str, n: i64) -> PyResult<usize> {
    usize::try_from(n).map_err(|_| Failure::parameter(parameter, &n.to_string(), "at least 1").into_py(py))
}

/// From order to order, with censoring handled.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Ladder(Arc<leverkit::funnel::Ladder>);

#[pyfunction]
#[pyo3(signature = (ledger, *, rungs=10, horizon=365, by=None, level=0.95))]
pub(crate) fn ladder(
    py: Python<'_>,
    ledger: &Ledger,
    rungs: i64,
    horizon: i64,
    by: Option<&str>,
    level: f64,
) -> PyResult<Ladder> {
    let (rungs, horizon) = (size(py, "rungs", rungs)?, days(py, "horizon", horizon)?);
    let params = LadderParams { rungs, horizon, by: by.map_or(LadderBy::All, LadderBy::from), level };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::funnel::ladder(&ledger, &params).map(|found| Ladder(Arc::new(found))))
}

#[pymethods]
impl Ladder {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Ladder::to_batch)
    }

    fn curves(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Ladder::curves_batch)
    }
}

/// What customers enter with, and what becomes of them.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct EntryProducts(pub(crate) Arc<leverkit::funnel::EntryProducts>);

#[pyfunction]
#[pyo3(signature = (ledger, *, horizons, min_customers=20, fdr=0.05, level=0.95))]
pub(crate) fn entry_products(
    py: Python<'_>,
    ledger: &Ledger,
    horizons: Vec<i64>,
    min_customers: i64,
    fdr: f64,
    level: f64,
) -> PyResult<EntryProducts> {
    let horizons = horizons.into_iter().map(|horizon| days(py, "horizons", horizon)).collect::<PyResult<_>>()?;
    let min_customers = size(py, "min_customers", min_customers)? as u64;
    let params = EntryParams { horizons, min_customers, fdr, level };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::funnel::entry_products(&ledger, &params).map(|found| EntryProducts(Arc::new(found))))
}

#[pymethods]
impl EntryProducts {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::EntryProducts::to_batch)
    }

    fn steps(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::EntryProducts::steps_batch)
    }

    /// Days of the comparison.
    #[getter]
    fn horizon(&self) -> u32 {
        self.0.horizon
    }

    /// Share of all customers with a second order within the horizon, with its limits.
    #[getter]
    fn conversion(&self) -> Option<(f64, f64, f64)> {
        self.0.conversion.map(|share| (share.estimate, share.lower, share.upper))
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
}

/// What follows each product.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct NextProducts(Arc<leverkit::funnel::NextProducts>);

#[pyfunction]
#[pyo3(signature = (ledger, *, horizon=90, order=1, start="any", top=None, level=0.95))]
pub(crate) fn next_products(
    py: Python<'_>,
    ledger: &Ledger,
    horizon: i64,
    order: i64,
    start: &str,
    top: Option<i64>,
    level: f64,
) -> PyResult<NextProducts> {
    let horizon = days(py, "horizon", horizon)?;
    let start = choice(py, "start", start, "\"any\" or \"first\"")?;
    let order =
        u8::try_from(order).map_err(|_| Failure::parameter("order", &order.to_string(), "1 or 2").into_py(py))?;
    let top = top.map(|top| size(py, "top", top)).transpose()?;
    let params = NextParams { horizon, order, start, top, level };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::funnel::next_products(&ledger, &params).map(|found| NextProducts(Arc::new(found))))
}

#[pymethods]
impl NextProducts {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::NextProducts::to_batch)
    }

    fn states(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::NextProducts::states_batch)
    }

    /// The best next products of customers, named by their ids as text; of all where none are named.
    #[pyo3(signature = (ledger, customers, *, k, exclude_owned))]
    fn recommend(
        &self,
        py: Python<'_>,
        ledger: &Ledger,
        customers: Option<Vec<String>>,
        k: i64,
        exclude_owned: bool,
    ) -> PyResult<Frame> {
        let (found, ledger, k) = (Arc::clone(&self.0), ledger.0.clone(), size(py, "k", k)?);
        run(py, move || {
            let codes = customers.map(|names| codes_of(&ledger, &names)).transpose()?;
            let rows = found.recommend(&ledger, codes.as_deref(), k, exclude_owned)?;
            Ok::<_, Error>(Frame::from(found.recommendations_batch(&ledger, &rows)?))
        })
    }

    /// Customers whose best next product falls due in the days from a date on.
    #[pyo3(signature = (ledger, date, *, days, exclude_owned))]
    fn due(&self, py: Python<'_>, ledger: &Ledger, date: &str, days: i64, exclude_owned: bool) -> PyResult<Frame> {
        let (found, ledger) = (Arc::clone(&self.0), ledger.0.clone());
        let date = day(py, "date", Some(date))?.unwrap_or_default();
        let days = crate::ledger::days(py, "days", days)?;
        run(py, move || {
            let rows = found.due(&ledger, date, days, exclude_owned)?;
            Ok::<_, Error>(Frame::from(found.recommendations_batch(&ledger, &rows)?))
        })
    }
}

/// The codes of customers named by their ids as text.
fn codes_of(ledger: &leverkit::Ledger, names: &[String]) -> Result<Vec<u32>, Error> {
    let texts = ledger.customers().values().texts();
    let known: std::collections::HashMap<&str, u32> =
        texts.iter().enumerate().filter_map(|(code, text)| Some((text.as_deref()?, code as u32))).collect();
    let code = |name: &String| {
        known.get(name.as_str()).copied().ok_or_else(|| {
            Error::Core(CoreError::Parameter {
                parameter: "customers".into(),
                got: format!("{name:?}"),
                expected: "customers of the ledger".into(),
            })
        })
    };
    names.iter().map(code).collect()
}

/// Roles of products.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct ProductRoles(Arc<leverkit::funnel::ProductRoles>);

#[pyfunction]
#[pyo3(signature = (ledger, *, category=None, alpha=0.001))]
pub(crate) fn roles(py: Python<'_>, ledger: &Ledger, category: Option<String>, alpha: f64) -> PyResult<ProductRoles> {
    let params = RoleParams { category, alpha };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::funnel::roles(&ledger, &params).map(|found| ProductRoles(Arc::new(found))))
}

#[pymethods]
impl ProductRoles {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::ProductRoles::to_batch)
    }

    fn rules(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::ProductRoles::overall_batch)
    }
}

/// What is bought together.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct BasketRules(pub(crate) Arc<leverkit::funnel::BasketRules>);

#[pyfunction]
#[pyo3(signature = (ledger, *, fdr=0.05, max_size=2, min_support=0.001))]
pub(crate) fn basket_rules(
    py: Python<'_>,
    ledger: &Ledger,
    fdr: f64,
    max_size: i64,
    min_support: f64,
) -> PyResult<BasketRules> {
    let params = RuleParams { fdr, max_size: size(py, "max_size", max_size)?, min_support };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::funnel::basket_rules(&ledger, &params).map(|found| BasketRules(Arc::new(found))))
}

#[pymethods]
impl BasketRules {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::BasketRules::to_batch)
    }

    fn itemsets(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::BasketRules::itemsets_batch)
    }

    /// Orders with a known product, pairs that could have been bought together, and the correction for the sizes of orders.
    #[getter]
    fn market(&self) -> (u64, u64, f64) {
        (self.0.n_orders, self.0.tests, self.0.size_correction)
    }
}

/// What is bought one after the other.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Sequences(Arc<leverkit::funnel::Sequences>);

#[pyfunction]
#[pyo3(signature = (ledger, *, min_support=0.001, max_length=4, max_gap=None))]
pub(crate) fn sequences(
    py: Python<'_>,
    ledger: &Ledger,
    min_support: f64,
    max_length: i64,
    max_gap: Option<i64>,
) -> PyResult<Sequences> {
    let max_gap = max_gap.map(|gap| days(py, "max_gap", gap)).transpose()?;
    let params = SequenceParams { min_support, max_length: size(py, "max_length", max_length)?, max_gap };
    let ledger = ledger.0.clone();
    run(py, move || leverkit::funnel::sequences(&ledger, &params).map(|found| Sequences(Arc::new(found))))
}

#[pymethods]
impl Sequences {
    fn table(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.0, leverkit::funnel::Sequences::to_batch)
    }
}
