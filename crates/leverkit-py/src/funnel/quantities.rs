//! The quantity funnel for Python.

use leverkit::funnel::QuantityParams;

use crate::result::{analyses, result};

analyses! {
    quantities(table: QuantityParams) -> Quantities = leverkit::funnel::quantities;
}

result! {
    /// Of what was recommended, how much was agreed and performed.
    Quantities of leverkit::funnel::Quantities {
        days: Option<f64> = |found| found.days;
        /// The level whose step holds most back.
        bottleneck: Option<String> = |found| found.most.map(|at| found.levels[at].level.clone());
    }
}
