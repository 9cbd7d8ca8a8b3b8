//! Need segments, for Python.

use leverkit::survey::{Error, NeedsParams};
use pyo3::prelude::*;

use crate::call::ask;
use crate::frame::{Frame, stream_of, whole};
use crate::result::{analyses, result};
use crate::text::{Text, texts};

analyses! {
    needs_from_baskets(ledger) -> Missions = leverkit::survey::needs_from_baskets;
}

analyses! {
    needs(table: NeedsParams) -> Needs = leverkit::survey::needs;
}

result! {
    /// Segments by needs.
    Needs of leverkit::survey::Needs {
        n: f64 = |found| found.n;
        /// Pseudo-R², hit rate and base rate of covariates; none without, or with one segment.
        told_by_covariates: Option<(f64, f64, f64)> =
            |found| found.covariates.as_ref().map(|told| (told.pseudo_r_squared, told.hit_rate, told.base_rate));
    }
    impl {
        /// The segments of other respondents; `columns` are those that are read.
        fn assign(&self, py: Python<'_>, data: &Bound<'_, PyAny>, columns: Vec<Text>) -> PyResult<Frame> {
            let (stream, columns) = (stream_of(data)?, texts(columns));
            ask(py, &self.0, move |found| found.assign(&whole::<Error>(stream, &columns)?))
        }
    }
}

result! {
    /// Missions of orders.
    Missions of leverkit::survey::Missions {
        n: u64 = |found| found.n;
    }
}
