//! Numbers as they arrive from Python.

use std::ops::Deref;

use pyo3::exceptions::PyTypeError;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;

use crate::args::written;

/// A number of Python. One that no float can hold, such as 10⁴⁰⁰, is refused as any other value that is no number: by a `TypeError` that names the
/// argument.
#[derive(Clone, Copy)]
pub(crate) struct Number(f64);

impl FromPyObject<'_, '_> for Number {
    type Error = PyErr;

    const INPUT_TYPE: PyStaticExpr = f64::INPUT_TYPE;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error: PyErr| {
            if error.is_instance_of::<PyTypeError>(given.py()) {
                return error;
            }
            PyTypeError::new_err(format!("got {}; expected a number from -1.8e308 to 1.8e308", written(&given)))
        })
    }
}

impl Deref for Number {
    type Target = f64;

    fn deref(&self) -> &f64 {
        &self.0
    }
}

impl From<Number> for f64 {
    fn from(number: Number) -> Self {
        number.0
    }
}

/// Several numbers.
pub(crate) fn numbers(given: Vec<Number>) -> Vec<f64> {
    given.into_iter().map(f64::from).collect()
}
