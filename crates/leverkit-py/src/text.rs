//! Text as it arrives from Python.

use std::ops::Deref;

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Text of Python. Half of a surrogate pair, which no text of Rust can hold, becomes the sign for an unknown letter: a name with it is refused
/// as any other that there is not.
pub(crate) struct Text(String);

impl FromPyObject<'_, '_> for Text {
    type Error = PyErr;

    const INPUT_TYPE: PyStaticExpr = String::INPUT_TYPE;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(given.cast::<PyString>()?.to_string_lossy().into_owned()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// Several texts.
pub(crate) fn texts(given: Vec<Text>) -> Vec<String> {
    given.into_iter().map(String::from).collect()
}
