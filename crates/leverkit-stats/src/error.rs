//! What can go wrong in a statistic.

/// Errors of a statistic.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is out of its range.
    #[error("{parameter}: got {got}; expected {expected}")]
    Parameter {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        got: String,
        /// What would do.
        expected: &'static str,
    },
    /// The regressor of interest is constant within the effects.
    #[error("{regressor} does not vary within the effects; absorb fewer effects")]
    NoVariation {
        /// Its name.
        regressor: String,
    },
    /// A model that the data do not identify.
    #[error("not identified: {reason}")]
    NotIdentified {
        /// Why, and what would help.
        reason: String,
    },
    /// Steps that came to no end.
    #[error("{what}: no solution after {steps} steps; {hint}")]
    NotConverged {
        /// What was to be solved.
        what: &'static str,
        /// How many steps were taken.
        steps: usize,
        /// What would help.
        hint: &'static str,
    },
}

impl Error {
    pub(crate) fn parameter(parameter: &'static str, got: &impl ToString, expected: &'static str) -> Self {
        Self::Parameter { parameter, got: got.to_string(), expected }
    }

    #[cfg(feature = "regression")]
    pub(crate) fn not_identified(reason: impl Into<String>) -> Self {
        Self::NotIdentified { reason: reason.into() }
    }
}

/// Checks a confidence level.
pub(crate) fn check_level(level: f64) -> Result<(), Error> {
    if level > 0.0 && level < 1.0 { Ok(()) } else { Err(Error::parameter("level", &level, "above 0 and below 1")) }
}
