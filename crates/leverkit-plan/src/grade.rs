//! Grades of evidence.

use serde::{Deserialize, Serialize};

/// How a lever's money is known, the surest first. A lever is as good as the weakest part that it needs.
///
/// ```
/// use leverkit_plan::Grade;
/// assert_eq!((Grade::ALL[0], Grade::Assumption.name()), (Grade::Test, "assumption"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// A randomised test.
    Test,
    /// Before and after, against controls.
    Controlled,
    /// A model of what was observed: an elasticity, a survival curve, a rule of baskets.
    Model,
    /// A difference that was observed, whose cause is not known.
    Observed,
    /// Nobody has tried it.
    Assumption,
}

impl Grade {
    /// All grades, the surest first.
    pub const ALL: [Self; 5] = [Self::Test, Self::Controlled, Self::Model, Self::Observed, Self::Assumption];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Controlled => "controlled",
            Self::Model => "model",
            Self::Observed => "observed",
            Self::Assumption => "assumption",
        }
    }
}
