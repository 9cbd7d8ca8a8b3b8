//! Prices over time for Python.

use leverkit::pricing::IndexParams;

use crate::result::{analyses, result};

analyses! {
    price_index(table: IndexParams) -> PriceIndex = leverkit::pricing::price_index;
}

result! {
    /// A price index over time.
    PriceIndex of leverkit::pricing::PriceIndex {
        /// Whether chaining has drifted further than was allowed.
        alarm: bool = |found| found.alarm;
        /// Whether the products that the last period is compared over make less than a tenth of its revenue.
        thin: bool = |found| found.thin;
    }
}
