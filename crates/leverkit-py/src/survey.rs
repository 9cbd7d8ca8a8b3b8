//! What people would pay, for Python.

pub(crate) mod house;
pub(crate) mod needs;
pub(crate) mod positioning;

use leverkit::survey::{ConjointParams, Error, GaborGrangerParams, RatingParams, WestendorpParams, simulated_batch};
use pyo3::prelude::*;

use crate::call::ask;
use crate::frame::{Frame, stream_of, whole};
use crate::result::{analyses, result};

analyses! {
    van_westendorp(table: WestendorpParams) -> Westendorp = leverkit::survey::van_westendorp;
    gabor_granger(table: GaborGrangerParams) -> GaborGranger = leverkit::survey::gabor_granger;
    conjoint(table: ConjointParams) -> Conjoint = leverkit::survey::conjoint;
    rating_conjoint(table: RatingParams) -> RatingConjoint = leverkit::survey::rating_conjoint;
}

result! {
    /// What answers say of prices.
    Westendorp of leverkit::survey::Westendorp {
        /// The names of the points that bound the range of prices.
        range: (&'static str, &'static str) = |found| {
            let (lower, upper) = found.range();
            (lower.name, upper.name)
        };
        n: u64 = |found| found.n;
    }
}

result! {
    /// Demand and revenue by price.
    GaborGranger of leverkit::survey::GaborGranger {
        n: u64 = |found| found.n;
    }
}

result! {
    /// What choices say of attributes and prices.
    Conjoint of leverkit::survey::Conjoint {
        /// Why there are no elasticities.
        why_no_elasticities: Option<String> = |found| found.why_no_elasticities();
        /// For each attribute of levels, the one that has no term.
        bases: Vec<(String, String)> = |found| found.part_worths.bases.clone();
        /// The log-likelihood, and that of all alternatives being equally likely.
        log_likelihood: (f64, f64) = |found| found.log_likelihood;
        pseudo_r_squared: f64 = |found| found.pseudo_r_squared();
        n: u64 = |found| found.n;
        respondents: Option<u64> = |found| found.respondents;
    }
    impl {
        fn elasticities(&self, py: Python<'_>) -> PyResult<Frame> {
            ask(py, &self.0, leverkit::survey::Conjoint::elasticities_batch)
        }

        /// Shares of products in a market of their own; `columns` are those that are read.
        fn simulate(&self, py: Python<'_>, data: &Bound<'_, PyAny>, columns: Vec<String>) -> PyResult<Frame> {
            let stream = stream_of(data)?;
            ask(py, &self.0, move |found| {
                Ok::<_, Error>(simulated_batch(&found.simulate(&whole::<Error>(stream, &columns)?)?)?)
            })
        }

        /// The shares of the product in this row at these prices.
        fn price_curve(
            &self,
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            columns: Vec<String>,
            row: usize,
            prices: Vec<f64>,
        ) -> PyResult<Frame> {
            let stream = stream_of(data)?;
            ask(py, &self.0, move |found| {
                Ok::<_, Error>(simulated_batch(&found.price_curve(&whole::<Error>(stream, &columns)?, row, &prices)?)?)
            })
        }
    }
}

result! {
    /// What ratings say of attributes.
    RatingConjoint of leverkit::survey::RatingConjoint {
        /// For each attribute of levels, the one that has no term.
        bases: Vec<(String, String)> = |found| found.part_worths.bases.clone();
        intercept: f64 = |found| found.intercept;
        r_squared: Option<f64> = |found| found.r_squared;
        n: u64 = |found| found.n;
    }
}
