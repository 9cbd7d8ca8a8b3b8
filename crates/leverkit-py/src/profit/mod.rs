//! The profit formula for Python.

pub(crate) mod formula;
pub(crate) mod kpi;
pub(crate) mod measured;

/// Values of parameters by name.
type Values = Vec<(String, f64)>;
