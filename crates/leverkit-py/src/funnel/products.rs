//! The product funnel for Python.

use std::collections::HashMap;

use leverkit::core::Error as CoreError;
use leverkit::funnel::Error;
use pyo3::prelude::*;

use crate::args::{count, day};
use crate::call::ask;
use crate::frame::Frame;
use crate::ledger::Ledger;
use crate::result::{analyses, result};
use crate::text::{Text, texts};

analyses! {
    ladder(ledger) -> Ladder = leverkit::funnel::ladder, by leverkit::funnel::LadderCounts;
    entry_products(ledger) -> EntryProducts = leverkit::funnel::entry_products;
    next_products(ledger) -> NextProducts = leverkit::funnel::next_products;
    roles(ledger) -> ProductRoles = leverkit::funnel::roles;
    basket_rules(ledger) -> BasketRules = leverkit::funnel::basket_rules;
    sequences(ledger) -> Sequences = leverkit::funnel::sequences;
}

result! {
    /// From order to order, with censoring handled.
    Ladder of leverkit::funnel::Ladder {}
}

result! {
    /// What customers enter with, and what becomes of them.
    EntryProducts of leverkit::funnel::EntryProducts {
        /// Days of the comparison.
        horizon: u32 = |found| found.horizon;
        /// Share of all customers with a second order within the horizon, with its limits.
        conversion: Option<(f64, f64, f64)> =
            |found| found.conversion.map(|share| (share.estimate, share.lower, share.upper));
    }
}

result! {
    /// What follows each product.
    NextProducts of leverkit::funnel::NextProducts {
        /// Where two orders are known, the same by the product of the last alone.
        last: Option<NextProducts> = |found| found.last.as_deref().cloned().map(Into::into);
    }
    impl {
        /// The best next products of customers, named by their ids as text; of all where none are named.
        #[pyo3(signature = (ledger, customers, *, k, exclude_owned))]
        fn recommend(
            &self,
            py: Python<'_>,
            ledger: &Ledger,
            customers: Option<Vec<Text>>,
            #[pyo3(from_py_with = crate::args::integer)] k: i64,
            exclude_owned: bool,
        ) -> PyResult<Frame> {
            let (ledger, k) = (ledger.0.clone(), count(py, "k", k)?);
            ask(py, &self.0, move |found| {
                let codes = customers.map(|names| codes_of(&ledger, &texts(names))).transpose()?;
                let rows = found.recommend(&ledger, codes.as_deref(), k, exclude_owned)?;
                Ok::<_, Error>(found.recommendations_batch(&ledger, &rows)?)
            })
        }

        /// Customers whose best next product falls due in the days from a date on.
        #[pyo3(signature = (ledger, date, *, days, exclude_owned))]
        fn due(&self, py: Python<'_>, ledger: &Ledger, date: Text, #[pyo3(from_py_with = crate::args::integer)] days: i64, exclude_owned: bool) -> PyResult<Frame> {
            let (ledger, days) = (ledger.0.clone(), crate::args::days(py, "days", days)?);
            let date = day(py, "date", Some(date))?.unwrap_or_default();
            ask(py, &self.0, move |found| {
                let rows = found.due(&ledger, date, days, exclude_owned)?;
                Ok::<_, Error>(found.recommendations_batch(&ledger, &rows)?)
            })
        }
    }
}

/// The codes of customers named by their ids as text.
fn codes_of(ledger: &leverkit::Ledger, names: &[String]) -> Result<Vec<u32>, Error> {
    let texts = ledger.customers().values().texts();
    let known: HashMap<&str, u32> =
        texts.iter().enumerate().filter_map(|(code, text)| Some((text.as_deref()?, code as u32))).collect();
    let unknown = |name: &String| CoreError::Parameter {
        parameter: "customers".into(),
        got: format!("{name:?}"),
        expected: "customers of the ledger".into(),
    };
    let code = |name: &String| known.get(name.as_str()).copied().ok_or_else(|| unknown(name).into());
    names.iter().map(code).collect()
}

result! {
    /// Roles of products.
    ProductRoles of leverkit::funnel::ProductRoles {}
}

result! {
    /// What is bought together.
    BasketRules of leverkit::funnel::BasketRules {
        /// Orders with a known product, and pairs that could have been bought together.
        market: (u64, u64) = |found| (found.n_orders, found.tests);
    }
}

result! {
    /// What is bought one after the other.
    Sequences of leverkit::funnel::Sequences {}
}
