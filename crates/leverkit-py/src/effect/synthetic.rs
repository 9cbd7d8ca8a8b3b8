//! A few treated units, for Python.

use leverkit::effect::synthetic::SyntheticParams;

use crate::result::{analyses, result};

analyses! {
    /// Compares a few treated units with a weighted mean of the others.
    synthetic(table: SyntheticParams) -> Synthetic = leverkit::effect::synthetic::synthetic;
}

result! {
    /// What the treated would have done.
    Synthetic of leverkit::effect::synthetic::Synthetic {}
}
