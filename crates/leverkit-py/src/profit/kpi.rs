//! KPIs and bonuses for Python.

use leverkit::profit::{Error, earned_batch};
use pyo3::prelude::*;

use crate::call::ask;
use crate::error::raised;
use crate::frame::Frame;
use crate::profit::Values;
use crate::result::result;
use crate::text::Text;

result! {
    /// KPIs by position, and the bonus that they carry.
    KpiSystem of leverkit::profit::KpiSystem {}
    impl {
        #[staticmethod]
        fn from_toml(py: Python<'_>, text: Text) -> PyResult<Self> {
            let read = leverkit::profit::KpiSystem::from_toml(&text);
            read.map(Self::from).map_err(raised(py))
        }

        /// What each KPI earned each position.
        fn bonus(&self, py: Python<'_>, results: Values) -> PyResult<Frame> {
            ask(py, &self.0, move |system| Ok::<_, Error>(earned_batch(&system.bonus(&results)?)?))
        }
    }
}
