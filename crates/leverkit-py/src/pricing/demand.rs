//! Elasticity and optimal price for Python.

use leverkit::pricing::{ElasticityParams, Error, outcomes_batch};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::{ask, run};
use crate::error::raised;
use crate::frame::Frame;
use crate::ledger::Ledger;
use crate::number::{Number, numbers};
use crate::result::{analyses, result};

analyses! {
    elasticity(table: ElasticityParams) -> Elasticity = leverkit::pricing::elasticity;
    elasticity_by(table: ElasticityParams) -> GroupElasticities = leverkit::pricing::elasticity_by;
}

result! {
    /// An elasticity with everything that explains it.
    Elasticity of leverkit::pricing::Elasticity {
        model: &'static str = |found| found.model;
        n: u64 = |found| found.n;
        /// Levels of each effect.
        levels: Vec<(String, u64)> = |found| found.levels.clone();
        /// Clusters of each kind.
        clusters: Vec<(String, u64)> = |found| found.clusters.clone();
        correction: &'static str = |found| found.correction;
        df: Option<f64> = |found| found.df;
        r_squared_within: Option<f64> = |found| found.r_squared_within;
        /// Lowest and highest price used.
        prices: (f64, f64) = |found| found.prices;
    }
}

result! {
    /// Elasticities of groups.
    GroupElasticities of leverkit::pricing::GroupElasticities {
        n: u64 = |found| found.n;
        correction: &'static str = |found| found.correction;
    }
}

/// Units and money of each product and week of a ledger.
#[pyfunction]
pub(crate) fn market_panel(py: Python<'_>, ledger: &Ledger) -> PyResult<Frame> {
    ask(py, &ledger.0, leverkit::pricing::market_panel)
}

/// The same with weeks without sales between a product's first and last sale filled in, and how many those are.
#[pyfunction]
pub(crate) fn market_grid(py: Python<'_>, ledger: &Ledger) -> PyResult<(Frame, u64)> {
    let ledger = ledger.0.clone();
    run(py, move || leverkit::pricing::market_grid(&ledger).map(|(panel, filled)| (Frame::from(panel), filled)))
}

result! {
    /// The price that earns most.
    OptimalPrice of leverkit::pricing::OptimalPrice {
        /// The price with its limits.
        price: (Option<f64>, Option<f64>, Option<f64>) = |found| (found.price, found.lower, found.upper);
        reason: Option<String> = |found| found.reason.clone();
        /// Today's price.
        today: Option<f64> = |found| found.params.price;
    }
    impl {
        fn simulate(&self, py: Python<'_>, prices: Vec<Number>) -> PyResult<Frame> {
            let prices = numbers(prices);
            ask(py, &self.0, move |found| Ok::<_, Error>(outcomes_batch(&found.simulate(&prices)?)?))
        }
    }
}

#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn optimal_price(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<OptimalPrice> {
    let params = params(py, given)?;
    run(py, move || leverkit::pricing::optimal_price(&params).map(OptimalPrice::from))
}

#[pyfunction]
pub(crate) fn break_even_volume(py: Python<'_>, price_change: Number, contribution_margin: Number) -> PyResult<f64> {
    leverkit::pricing::break_even_volume(*price_change, *contribution_margin).map_err(raised(py))
}
