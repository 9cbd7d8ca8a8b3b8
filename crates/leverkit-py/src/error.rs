//! Each error variant and the Python exception that stands for it.
//!
//! The exceptions are classes of `leverkit.errors`, because `DataError` is both a `LeverkitError` and a `ValueError`.

use leverkit::clv::Error as Clv;
use leverkit::core::Error as Core;
use leverkit::core::analysis::Error as Analysis;
use leverkit::funnel::Error as Funnel;
use leverkit::plan::Error as Plan;
use leverkit::profit::Error as Profit;
use leverkit::rfm::Error as Rfm;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An error on its way to Python: the exception's name, its message, and what it carries.
pub(crate) struct Failure {
    exception: &'static str,
    message: String,
    details: Vec<(&'static str, String)>,
    row: Option<usize>,
}

impl Failure {
    fn new(exception: &'static str, error: &impl ToString, details: &[(&'static str, &str)]) -> Self {
        let details = details.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { exception, message: error.to_string(), details, row: None }
    }

    /// An error of the data in a row.
    fn row(row: usize, error: &impl ToString, details: &[(&'static str, &str)]) -> Self {
        Self { row: Some(row), ..Self::new("DataError", error, details) }
    }

    /// A parameter that the wrapper itself found wrong.
    pub(crate) fn parameter(parameter: &str, got: &str, expected: &str) -> Self {
        let message = format!("{parameter}: got {got}; expected {expected}");
        Self::new("ParameterError", &message, &[("parameter", parameter), ("got", got), ("expected", expected)])
    }

    /// An object that is no table.
    pub(crate) fn schema(message: &str) -> Self {
        Self::new("SchemaError", &message, &[])
    }

    pub(crate) fn into_py(self, py: Python<'_>) -> PyErr {
        self.build(py).unwrap_or_else(|error| error)
    }

    fn build(self, py: Python<'_>) -> PyResult<PyErr> {
        let details = PyDict::new(py);
        for (name, value) in self.details {
            details.set_item(name, value)?;
        }
        if let Some(row) = self.row {
            details.set_item("row", row)?;
        }
        let home = if self.exception == "OSError" { "builtins" } else { "leverkit.errors" };
        let class = py.import(home)?.getattr(self.exception)?;
        Ok(PyErr::from_value(class.call((self.message,), Some(&details))?))
    }
}

impl From<Core> for Failure {
    fn from(error: Core) -> Self {
        match &error {
            Core::UnknownColumn { role, column, .. } | Core::TwoColumns { role, column } => {
                Self::new("SchemaError", &error, &[("role", role), ("column", column)])
            }
            Core::MissingRole { role, hint } => Self::new("SchemaError", &error, &[("role", role), ("expected", hint)]),
            Core::WrongType { role, column, got, expected } => {
                let details = [("role", role), ("column", column), ("got", got), ("expected", expected)];
                Self::new("SchemaError", &error, &details.map(|(name, value)| (name, value.as_str())))
            }
            Core::InvalidValue { role, column, row, got, expected, .. }
            | Core::UnknownValue { role, column, row, got, expected }
            | Core::Unreadable { role, column, row, value: got, expected, .. } => {
                let details = [("role", role), ("column", column), ("got", got), ("expected", expected)];
                Self::row(*row, &error, &details.map(|(name, value)| (name, value.as_str())))
            }
            // What comes in fits no table: its types, or batches that do not fit together.
            Core::NoTable(_) | Core::Arrow(_) => Self::new("SchemaError", &error, &[]),
            Core::Source(_)
            | Core::Empty { .. }
            | Core::TooLarge { .. }
            | Core::Saved { .. }
            | Core::Counts { .. }
            | Core::Repeated { .. } => Self::new("DataError", &error, &[]),
            Core::File { .. } => Self::new("OSError", &error, &[]),
            Core::Parameter { parameter, got, expected } => {
                Self::new("ParameterError", &error, &[("parameter", parameter), ("got", got), ("expected", expected)])
            }
            // `non_exhaustive`: a variant added later must not break the wrapper.
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

impl From<Rfm> for Failure {
    fn from(error: Rfm) -> Self {
        match error {
            Rfm::Core(core) => core.into(),
            Rfm::SegmentMap { .. } => Self::new("ParameterError", &error, &[("parameter", "segments")]),
            Rfm::NothingToScore { .. } | Rfm::Format { .. } => Self::new("DataError", &error, &[]),
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

impl From<Clv> for Failure {
    fn from(error: Clv) -> Self {
        match error {
            Clv::Core(core) => core.into(),
            Clv::History { ref column, row, ref got, ref expected } => {
                Self::row(row, &error, &[("column", column), ("got", got), ("expected", expected)])
            }
            Clv::Convergence { .. } => Self::new("ConvergenceError", &error, &[]),
            Clv::NothingToScore { .. } => Self::new("DataError", &error, &[]),
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

impl From<Funnel> for Failure {
    fn from(error: Funnel) -> Self {
        match error {
            Funnel::Core(core) => core.into(),
            Funnel::NothingToFollow { .. } | Funnel::NoEvents { .. } => Self::new("DataError", &error, &[]),
            Funnel::Value { ref role, ref column, row, ref got, ref expected } => {
                let details = [("role", role), ("column", column), ("got", got), ("expected", expected)];
                Self::row(row, &error, &details.map(|(name, value)| (name, value.as_str())))
            }
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

impl From<Analysis> for Failure {
    fn from(error: Analysis) -> Self {
        match error {
            Analysis::Core(core) => core.into(),
            Analysis::DoesNotAddUp { .. } | Analysis::Empty { .. } | Analysis::NotIdentified { .. } => {
                Self::new("DataError", &error, &[])
            }
            Analysis::Value { ref role, ref column, row, ref got, ref expected } => {
                let details = [("role", role), ("column", column), ("got", got), ("expected", expected)];
                Self::row(row, &error, &details.map(|(name, value)| (name, value.as_str())))
            }
            Analysis::NotConverged { .. } => Self::new("ConvergenceError", &error, &[]),
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

impl From<Profit> for Failure {
    fn from(error: Profit) -> Self {
        match error {
            Profit::Core(core) => core.into(),
            Profit::Value { ref parameter, row, got, ref expected } => {
                Self::row(row, &error, &[("parameter", parameter), ("got", &got.to_string()), ("expected", expected)])
            }
            Profit::NotFinite { .. } => Self::new("DataError", &error, &[]),
            Profit::Missing { ref parameter, .. } => Self::new("ParameterError", &error, &[("parameter", parameter)]),
            Profit::UnknownName { ref name, .. } => Self::new("ParameterError", &error, &[("got", name)]),
            Profit::Circular { .. } | Profit::Syntax { .. } => Self::new("ParameterError", &error, &[]),
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

impl From<Plan> for Failure {
    fn from(error: Plan) -> Self {
        match error {
            Plan::Core(core) => core.into(),
            Plan::Rfm(rfm) => rfm.into(),
            Plan::Funnel(funnel) => funnel.into(),
            Plan::Pricing(pricing) => pricing.into(),
            Plan::Profit(profit) => profit.into(),
            _ => Self::new("InternalError", &error, &[]),
        }
    }
}

/// Makes exceptions of errors: `.map_err(raised(py))`.
pub(crate) fn raised<E: Into<Failure>>(py: Python<'_>) -> impl Fn(E) -> PyErr {
    move |error| error.into().into_py(py)
}

/// An error in leverkit itself.
pub(crate) fn internal(py: Python<'_>, reason: &str) -> PyErr {
    let message = format!("{reason}. This is an error in leverkit, not in your data: please report it");
    Failure::new("InternalError", &message, &[]).into_py(py)
}
