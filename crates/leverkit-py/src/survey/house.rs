//! Pairwise comparisons and the house of quality, for Python.

use leverkit::survey::{AhpParams, Error, HouseAnswerParams, HouseInput, HouseParams};
use pyo3::prelude::*;

use crate::args::{Given, argument, params};
use crate::call::{ask, run};
use crate::frame::{stream_of, whole};
use crate::number::Number;
use crate::result::{analyses, result};

analyses! {
    ahp(table: AhpParams) -> Ahp = leverkit::survey::ahp;
}

result! {
    /// Weights of items, and how consistent the comparisons are.
    Ahp of leverkit::survey::Ahp {
        eigenvalue: f64 = |found| found.lambda;
        consistency_index: f64 = |found| found.index;
        random_index: Option<f64> = |found| found.random_index;
        consistency_ratio: Option<f64> = |found| found.ratio;
        geometric_index: Option<f64> = |found| found.geometric_index;
        /// Kendall's W of the judges, and the p-value of no agreement.
        concordance: Option<(f64, f64)> = |found| found.concordance.map(|found| (found.w, found.p_value));
    }
}

result! {
    /// How characteristics serve needs.
    HouseOfQuality of leverkit::survey::HouseOfQuality {
        /// Krippendorff's alpha of the judges of relations.
        alpha: Option<f64> = |found| found.alpha;
    }
    impl {
        /// The next house, whose needs are the characteristics of this one.
        fn cascade(&self, py: Python<'_>, house: &Bound<'_, PyAny>) -> PyResult<HouseOfQuality> {
            let next: HouseInput = argument("house", house)?;
            ask(py, &self.0, move |found| found.cascade(next))
        }

        /// What to improve for a budget.
        fn choose(&self, py: Python<'_>, budget: Number, conflict: Number) -> PyResult<HouseChoice> {
            ask(py, &self.0, move |found| found.choose(*budget, *conflict))
        }
    }
}

result! {
    /// What to improve for a budget.
    HouseChoice of leverkit::survey::HouseChoice {
        spent: f64 = |found| found.spent;
        importance: f64 = |found| found.importance;
    }
}

#[pyfunction]
#[pyo3(signature = (house, **given))]
pub(crate) fn house_of_quality(
    py: Python<'_>,
    house: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
) -> PyResult<HouseOfQuality> {
    let (input, params): (HouseInput, _) = (argument("house", house)?, params(py, given)?);
    run(py, move || leverkit::survey::house_of_quality(&input, &params).map(HouseOfQuality::from))
}

/// The same with weights by answers; `asked` says who gave them.
#[pyfunction]
#[pyo3(signature = (answers, house, asked, **given))]
pub(crate) fn answered_house(
    py: Python<'_>,
    answers: &Bound<'_, PyAny>,
    house: &Bound<'_, PyAny>,
    asked: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
) -> PyResult<HouseOfQuality> {
    let (input, asked): (HouseInput, HouseAnswerParams) = (argument("house", house)?, argument("answers", asked)?);
    let (params, stream): (HouseParams, _) = (params(py, given)?, stream_of(answers)?);
    run(py, move || {
        let needs = input.needs.iter().map(|need| need.name.clone());
        let table = whole::<Error>(stream, &needs.chain(asked.columns()).collect::<Vec<_>>())?;
        let input = input.answered(&table, &asked, &params)?;
        leverkit::survey::house_of_quality(&input, &params).map(HouseOfQuality::from)
    })
}
