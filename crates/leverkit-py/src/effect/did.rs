//! Difference-in-differences, for Python.

use leverkit::effect::did::{DidParams, Wald};

use crate::result::{analyses, result};

analyses! {
    did(table: DidParams) -> Did = leverkit::effect::did::did;
}

result! {
    /// Effects of a treatment that units came to at different times.
    Did of leverkit::effect::did::Did {
        /// The joint test of the periods before treatment: statistic, degrees of freedom, p-value.
        pre_trend_test: Option<(f64, usize, f64)> = |found| {
            found.pre_trend.wald.map(|Wald { statistic, df, p_value }| (statistic, df, p_value))
        };
        detectable_slope: Option<f64> = |found| found.pre_trend.detectable_slope;
        detectable_bias: Option<f64> = |found| found.pre_trend.detectable_bias;
        breakdown: Option<f64> = |found| found.pre_trend.breakdown;
    }
}
