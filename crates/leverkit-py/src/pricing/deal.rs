//! Prices of deals for Python: waterfall, price band, leakage, scores and the bridge between periods.

use leverkit::pricing::{BridgeParams, DealRoles, Error, Size, WaterfallBuilder, WaterfallParams, comparison_batch};
use pyo3::prelude::*;

use crate::args::{Given, analyse, argument, params};
use crate::call::{ask, run};
use crate::class::class;
use crate::frame::{Frame, read, stream_of, whole};
use crate::ledger::Ledger;
use crate::result::{analyses, result};
use crate::text::{Text, texts};

analyses! {
    price_volume_mix(table: BridgeParams) -> Bridge = leverkit::pricing::price_volume_mix;
}

/// The bridge of a ledger's lines.
#[pyfunction]
#[pyo3(signature = (ledger, **given))]
pub(crate) fn ledger_bridge(py: Python<'_>, ledger: &Ledger, given: Option<Given<'_, '_>>) -> PyResult<Bridge> {
    analyse(py, &ledger.0, given, leverkit::pricing::ledger_bridge)
}

class! {
    /// Rows with a list price and what came off it.
    Deals of leverkit::pricing::Deals {
        has_units: bool = |deals| deals.has_units();
    }
    impl {
        /// `others` are further columns that analyses group by.
        #[new]
        fn new(
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            roles: &Bound<'_, PyAny>,
            others: Vec<Text>,
        ) -> PyResult<Self> {
            let (roles, stream): (DealRoles, _) = (argument("roles", roles)?, stream_of(data)?);
            run(py, move || {
                let table = whole::<Error>(stream, &wanted(&roles, others))?;
                leverkit::pricing::Deals::from_table(&table, &roles).map(Self::from)
            })
        }

        #[staticmethod]
        fn from_ledger(py: Python<'_>, ledger: &Ledger) -> PyResult<Self> {
            ask(py, &ledger.0, leverkit::pricing::Deals::from_ledger)
        }

        #[pyo3(signature = (**given))]
        fn waterfall(&self, py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<Waterfall> {
            analyse(py, &self.0, given, leverkit::pricing::waterfall)
        }

        #[pyo3(signature = (**given))]
        fn price_band(&self, py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<PriceBand> {
            analyse(py, &self.0, given, leverkit::pricing::price_band)
        }

        #[pyo3(signature = (**given))]
        fn leakage(&self, py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<Leakage> {
            analyse(py, &self.0, given, leverkit::pricing::leakage)
        }

        #[pyo3(signature = (**given))]
        fn deal_score(&self, py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<DealScores> {
            analyse(py, &self.0, given, leverkit::pricing::deal_score)
        }
    }
}

fn wanted(roles: &DealRoles, others: Vec<Text>) -> Vec<String> {
    roles.columns().into_iter().chain(texts(others)).collect()
}

result! {
    /// From list price to margin.
    Waterfall of leverkit::pricing::Waterfall {}
    impl {
        /// Two values of a column that it was laid out by.
        fn compare(&self, py: Python<'_>, by: Text, base: Text, against: Text) -> PyResult<Frame> {
            ask(py, &self.0, move |found| Ok::<_, Error>(comparison_batch(&found.compare(&by, &base, &against)?)?))
        }
    }
}

/// A waterfall of a table, batch by batch; `others` are the columns that it is laid out by.
#[pyfunction]
#[pyo3(signature = (data, roles, others, **given))]
pub(crate) fn waterfall(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    roles: &Bound<'_, PyAny>,
    others: Vec<Text>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Waterfall> {
    let (roles, params): (DealRoles, WaterfallParams) = (argument("roles", roles)?, params(py, given)?);
    let stream = stream_of(data)?;
    run(py, move || {
        let wanted = wanted(&roles, others);
        let mut builder = WaterfallBuilder::new(roles, params)?;
        read(stream, &wanted, |batch| builder.push(batch))?;
        Ok::<_, Error>(Waterfall::from(builder.finish()?))
    })
}

fn size_name(size: Size) -> &'static str {
    match size {
        Size::Quantity => "quantity",
        Size::Value => "value",
    }
}

result! {
    /// How far apart pocket prices are.
    PriceBand of leverkit::pricing::PriceBand {
        /// What deals weighed.
        weight: &'static str = |found| size_name(found.weight);
    }
}

result! {
    /// Discounts against those of comparable deals.
    Leakage of leverkit::pricing::Leakage {
        /// What made deals large.
        size: &'static str = |found| size_name(found.size);
    }
}

result! {
    /// What deals like this one were sold for.
    DealScores of leverkit::pricing::DealScores {
        /// Upper edges of the bands of size but the last.
        size_edges: Vec<f64> = |found| found.size_edges.clone();
    }
}

result! {
    /// What lies between two periods.
    Bridge of leverkit::pricing::Bridge {}
    impl {
        fn drill(&self, py: Python<'_>, by: Vec<Text>) -> PyResult<Frame> {
            let by = texts(by);
            ask(py, &self.0, move |found| found.drill_batch(&by))
        }

        fn granularity(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::pricing::Bridge::granularity_batch)
        }
    }
}
