//! The Ledger for Python.

use std::path::PathBuf;
use std::sync::Arc;

use leverkit::core::saved::{About, Saved, SavedBuilder};
use leverkit::core::{Error, LedgerBuilder, Memory, Repeated, Roles, format_day};
use pyo3::prelude::*;

use crate::args::{Given, arguments, count, day};
use crate::call::{ask, run};
use crate::class::class;
use crate::error::{Failure, raised};
use crate::frame::{Frame, read, stream_of};
use crate::text::{Text, texts};

/// A ledger with its currency, how its file was read, the kind of its frames, and the edition.
type Opened = (Ledger, Option<String>, String, String, String);

class! {
    /// A company's order lines, validated, encoded and sorted once.
    Ledger of leverkit::Ledger {
        n_customers: usize = |ledger| ledger.n_customers();
        /// Distinct products; none without the role.
        n_products: Option<usize> = |ledger| ledger.products().map(|codes| codes.dictionary.len());
        n_orders: usize = |ledger| ledger.n_orders();
        n_lines: usize = |ledger| ledger.n_lines();
        start: Option<String> = |ledger| ledger.start().map(format_day);
        end: Option<String> = |ledger| ledger.end().map(format_day);
        as_of: String = |ledger| format_day(ledger.as_of());
        /// What was set aside and why, in a sentence; none where nothing was.
        set_aside: Option<String> = |ledger| ledger.quality().summary();
    }
    impl {
        /// The further arguments are the roles. A part of all customers may have no line.
        #[new]
        #[pyo3(signature = (data, *, as_of=None, is_part=false, **roles))]
        fn new(
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            as_of: Option<Text>,
            is_part: bool,
            roles: Option<Given<'_, '_>>,
        ) -> PyResult<Self> {
            let as_of = day(py, "as_of", as_of)?;
            let roles: Roles = arguments(py, roles)?;
            let stream = stream_of(data)?;
            run(py, move || {
                let wanted = roles.columns();
                let mut builder = LedgerBuilder::new(roles);
                read(stream, &wanted, |batch| builder.push(batch))?;
                let ledger = if is_part { builder.part() } else { builder.finish() }?;
                Ok::<_, Error>(Self::from(match as_of {
                    Some(day) => ledger.with_as_of(day),
                    None => ledger,
                }))
            })
        }

        /// Saves the ledger as a folder; returns the edition. What is known beside the lines is kept with it.
        fn save(&self, py: Python<'_>, path: PathBuf, currency: Option<Text>, how: Text, frames: Text) -> PyResult<String> {
            let about = About { currency: currency.map(String::from), how: how.into(), frames: frames.into() };
            ask(py, &self.0, move |ledger| ledger.save_with(path, &about))
        }

        /// Builds a saved ledger of rows that may be more than memory holds. What is known beside the lines is kept with it; the further arguments
        /// are the roles.
        #[staticmethod]
        #[pyo3(signature = (data, path, memory, *, currency=None, how, frames, as_of=None, **roles))]
        #[allow(clippy::too_many_arguments)] // As Python has them.
        fn build(
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            path: PathBuf,
            memory: Text,
            currency: Option<Text>,
            how: Text,
            frames: Text,
            as_of: Option<Text>,
            roles: Option<Given<'_, '_>>,
        ) -> PyResult<()> {
            let as_of = day(py, "as_of", as_of)?;
            let roles: Roles = arguments(py, roles)?;
            let memory: Memory = memory.parse().map_err(raised(py))?;
            let about = About { currency: currency.map(String::from), how: how.into(), frames: frames.into() };
            let stream = stream_of(data)?;
            run(py, move || {
                let wanted = roles.columns();
                let mut builder = SavedBuilder::new(roles, path, memory)?;
                read(stream, &wanted, |batch| builder.push(batch))?;
                builder.finish(&about, as_of).map(drop)
            })
        }

        /// A saved ledger with its currency, how its file was read, the kind of its frames, and the edition.
        #[staticmethod]
        #[pyo3(signature = (path, *, as_of=None, verify=false))]
        fn open(py: Python<'_>, path: PathBuf, as_of: Option<Text>, verify: bool) -> PyResult<Opened> {
            let as_of = day(py, "as_of", as_of)?;
            run(py, move || {
                if verify {
                    Saved::verify(&path)?;
                }
                let Saved { ledger, about, edition } = Saved::open(&path)?;
                let ledger = as_of.map_or(ledger.clone(), |day| ledger.with_as_of(day));
                Ok::<_, Error>((Self::from(ledger), about.currency, about.how, about.frames, edition))
            })
        }

        /// The ledger with the lines of another one, which come later.
        fn append(&self, py: Python<'_>, later: PyRef<'_, Self>, duplicates: Text) -> PyResult<Self> {
            let repeated = repeated(py, &duplicates)?;
            let later = Arc::clone(&later.0);
            ask(py, &self.0, move |ledger| ledger.append(&later, repeated))
        }

        /// The roles that were asked for when it was built, as JSON.
        fn built_with(&self) -> String {
            serde_json::to_string(self.0.built_with()).unwrap_or_default()
        }

        /// The money of all lines, net of returns.
        #[getter]
        fn revenue(&self, py: Python<'_>) -> PyResult<f64> {
            ask(py, &self.0, |ledger| Ok::<_, Error>(leverkit::core::stats::par_sum(ledger.amounts())))
        }

        /// How many customers have a line on this day or before it.
        fn customers_until(&self, py: Python<'_>, last: Text) -> PyResult<usize> {
            let last = day(py, "last", Some(last))?;
            ask(py, &self.0, move |ledger| {
                let firsts = ledger.par_customers(|| (), |(), lines| lines.days.first().copied());
                Ok::<_, Error>(firsts.into_iter().filter(|first| first.is_some() && *first <= last).count())
            })
        }

        /// The roles as JSON.
        fn roles(&self) -> String {
            serde_json::to_string(self.0.roles()).unwrap_or_default()
        }

        fn quality(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::Ledger::quality_batch)
        }

        /// What is odd in the rows, and what to do about it: kind, role, column, value, rows, amount, text, advice.
        fn notes(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::Ledger::notes_batch)
        }

        fn rejected(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::Ledger::rejected_batch)
        }

        fn to_frame(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::Ledger::to_batch)
        }

        /// The lines from `start` to `end`, both included.
        #[pyo3(signature = (start=None, end=None))]
        fn between(&self, py: Python<'_>, start: Option<Text>, end: Option<Text>) -> PyResult<Self> {
            let (start, end) = (day(py, "start", start)?, day(py, "end", end)?);
            ask(py, &self.0, move |ledger| ledger.between(start, end))
        }

        /// The values of a dimension, as text.
        fn dimension_values(&self, py: Python<'_>, dimension: Text) -> PyResult<Vec<String>> {
            ask(py, &self.0, move |ledger| ledger.dimension_values(&dimension))
        }

        /// The lines whose dimension has one of the values.
        fn where_in(&self, py: Python<'_>, dimension: Text, values: Vec<Text>) -> PyResult<Self> {
            let values = texts(values);
            ask(py, &self.0, move |ledger| ledger.where_in(&dimension, &values))
        }

        /// The same lines with a dimension in the product's place.
        fn with_product(&self, py: Python<'_>, dimension: Text) -> PyResult<Self> {
            ask(py, &self.0, move |ledger| ledger.with_product(&dimension))
        }

        /// Parts with whole customers.
        fn partition(&self, py: Python<'_>, #[pyo3(from_py_with = crate::args::integer)] parts: i64) -> PyResult<Vec<Self>> {
            let parts = count(py, "parts", parts)?;
            ask(py, &self.0, move |ledger| {
                Ok::<_, Error>(ledger.partition(parts)?.into_iter().map(Self::from).collect::<Vec<_>>())
            })
        }

        /// Ledgers with the same roles put together.
        #[staticmethod]
        fn concat(py: Python<'_>, ledgers: Vec<PyRef<'_, Self>>) -> PyResult<Self> {
            let ledgers: Vec<leverkit::Ledger> = ledgers.iter().map(|ledger| (*ledger.0).clone()).collect();
            run(py, move || leverkit::Ledger::concat(&ledgers).map(Self::from))
        }
    }
}

fn repeated(py: Python<'_>, duplicates: &str) -> PyResult<Repeated> {
    match duplicates {
        "refuse" => Ok(Repeated::Refuse),
        "replace" => Ok(Repeated::Replace),
        other => Err(raised(py)(Failure::parameter("duplicates", &format!("{other:?}"), "\"refuse\" or \"replace\""))),
    }
}
