//! The profit formula for Python.

pub(crate) mod formula;
pub(crate) mod kpi;
pub(crate) mod measured;

use std::ops::Deref;

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;

use crate::number::Number;
use crate::text::Text;

/// Values of parameters by name.
struct Values(Vec<(String, f64)>);

impl FromPyObject<'_, '_> for Values {
    type Error = PyErr;

    const INPUT_TYPE: PyStaticExpr = Vec::<(String, f64)>::INPUT_TYPE;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let named: Vec<(Text, Number)> = given.extract()?;
        Ok(Self(named.into_iter().map(|(name, value)| (name.into(), *value)).collect()))
    }
}

impl Deref for Values {
    type Target = [(String, f64)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
