//! Tests planned, for Python.

use leverkit::effect::trial::{RandomiseParams, SizeParams};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::run;
use crate::number::{Number, numbers};
use crate::result::{analyses, result};

analyses! {
    /// What tests on the ledger's customers could show.
    design(ledger) -> TestDesign = leverkit::effect::trial::design;
}

analyses! {
    /// Draws units into arms.
    randomise(table: RandomiseParams) -> Assignment = leverkit::effect::trial::randomise;
}

result! {
    /// What tests of several lengths can show.
    TestDesign of leverkit::effect::trial::TestDesign {
        /// The shortest length that would find the lift asked for.
        weeks: Option<u32> = |found| found.weeks;
        /// The length whose past was re-randomised.
        tried: Option<u32> = |found| found.tried;
    }
}

result! {
    /// Units with the arms they were drawn into.
    Assignment of leverkit::effect::trial::Assignment {}
}

/// Units that each of two groups needs.
#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn sample_size(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<f64> {
    let params: SizeParams = params(py, given)?;
    run(py, move || leverkit::effect::trial::sample_size(&params))
}

/// χ² and p-value of the arms' sizes.
#[pyfunction]
pub(crate) fn sample_ratio(py: Python<'_>, counts: Vec<u64>, shares: Vec<Number>) -> PyResult<(f64, f64)> {
    let shares = numbers(shares);
    run(py, move || leverkit::effect::trial::sample_ratio(&counts, &shares))
}
