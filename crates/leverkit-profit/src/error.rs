//! What can go wrong with a formula.

/// Errors of the profit engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data model refused, or a parameter of an analysis is out of its range.
    #[error(transparent)]
    Core(#[from] leverkit_core::Error),
    /// A value of the formula's parameters is out of its bounds or no number.
    #[error("{parameter}: row {row} holds {got}; expected {expected}")]
    Value {
        /// The formula's parameter.
        parameter: String,
        /// The row, from 0.
        row: usize,
        /// The value.
        got: f64,
        /// Its bounds in words.
        expected: String,
    },
    /// A parameter has no value.
    #[error("{parameter}: no value given; needed are {needed}")]
    Missing {
        /// The formula's parameter.
        parameter: String,
        /// All that need one.
        needed: String,
    },
    /// A name that the formula does not have.
    #[error("{place}: unknown name {name:?}{}", did_you_mean(nearest.as_deref()))]
    UnknownName {
        /// Where it stands.
        place: String,
        /// The name.
        name: String,
        /// The name that is nearest, where one is near.
        nearest: Option<String>,
    },
    /// Expressions that need each other.
    #[error("circular expressions: {}; each needs the next", names.join(" → "))]
    Circular {
        /// The names along the circle.
        names: Vec<String>,
    },
    /// Text that is no formula.
    #[error("{place}: {reason}")]
    Syntax {
        /// Where it stands.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A result that is no finite number.
    #[error("{node}: row {row} comes to {got}; look for a division by zero or values too large")]
    NotFinite {
        /// The expression.
        node: String,
        /// The row, from 0.
        row: usize,
        /// The value.
        got: f64,
    },
}

impl Error {
    pub(crate) fn parameter(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        let (parameter, got, expected) = (parameter.into(), got.into(), expected.into());
        Self::Core(leverkit_core::Error::Parameter { parameter, got, expected })
    }

    pub(crate) fn syntax(place: &str, reason: impl Into<String>) -> Self {
        Self::Syntax { place: place.into(), reason: reason.into() }
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}
