//! KPIs and bonuses for Python.

use leverkit::profit::{Error, earned_batch};
use pyo3::prelude::*;

use crate::error::Failure;
use crate::frame::{Frame, table};
use crate::profit::Values;
use crate::result::result;

result! {
    /// KPIs by position, and the bonus that they carry.
    KpiSystem of leverkit::profit::KpiSystem {}
    impl {
        #[staticmethod]
        fn from_toml(py: Python<'_>, text: &str) -> PyResult<Self> {
            let read = leverkit::profit::KpiSystem::from_toml(text);
            read.map(Self::from).map_err(|error| Failure::from(error).into_py(py))
        }

        /// What each KPI earned each position.
        fn bonus(&self, py: Python<'_>, results: Values) -> PyResult<Frame> {
            table(py, &self.0, move |system| Ok::<_, Error>(earned_batch(&system.bonus(&results)?)?))
        }
    }
}
