//! Prices among competitors' for Python.

use leverkit::pricing::{HedonicParams, LeadershipParams, PositionParams, ValueMapParams};

use crate::result::{analyses, result};

analyses! {
    position(table: PositionParams) -> Position = leverkit::pricing::position;
    value_map(table: ValueMapParams) -> ValueMap = leverkit::pricing::value_map;
    hedonic(table: HedonicParams) -> Hedonic = leverkit::pricing::hedonic;
    leadership(table: LeadershipParams) -> Leadership = leverkit::pricing::leadership;
}

result! {
    /// Where own prices stand among competitors'.
    Position of leverkit::pricing::Position {
        /// Own rank on the last day, and of how many.
        rank: (u64, u64) = |found| found.rank;
    }
}

result! {
    /// What products ask against what they offer.
    ValueMap of leverkit::pricing::ValueMap {
        r_squared: Option<f64> = |found| found.r_squared;
    }
}

result! {
    /// What each attribute is worth.
    Hedonic of leverkit::pricing::Hedonic {
        /// For each attribute of texts or flags, the value that the others are compared with.
        bases: Vec<(String, String)> = |found| found.bases.clone();
        n: u64 = |found| found.n;
        r_squared: Option<f64> = |found| found.r_squared;
    }
}

result! {
    /// Who follows whom.
    Leadership of leverkit::pricing::Leadership {}
}
