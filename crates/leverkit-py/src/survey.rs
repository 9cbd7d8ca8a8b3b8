//! What clients need, and what they would pay, for Python.

pub(crate) mod behaviour;
pub(crate) mod house;
pub(crate) mod needs;
pub(crate) mod positioning;

use leverkit::survey::kano::PriorityParams;
use leverkit::survey::{
    ConjointParams, Error, GaborGrangerParams, KanoParams, MaxDiffDesignParams, MaxDiffParams, OpportunityParams,
    RatingParams, SampleSizeParams, WestendorpParams, simulated_batch,
};
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::{ask, run};
use crate::frame::{Frame, stream_of, whole};
use crate::number::{Number, numbers};
use crate::result::{analyses, result};
use crate::text::{Text, texts};

analyses! {
    van_westendorp(table: WestendorpParams) -> Westendorp = leverkit::survey::van_westendorp;
    gabor_granger(table: GaborGrangerParams) -> GaborGranger = leverkit::survey::gabor_granger;
    conjoint(table: ConjointParams) -> Conjoint = leverkit::survey::conjoint;
    rating_conjoint(table: RatingParams) -> RatingConjoint = leverkit::survey::rating_conjoint;
    kano(table: KanoParams) -> Kano = leverkit::survey::kano;
    maxdiff(table: MaxDiffParams) -> MaxDiff = leverkit::survey::maxdiff;
    opportunity(table: OpportunityParams) -> Opportunity = leverkit::survey::opportunity;
}

/// Tasks of a best–worst survey.
#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn maxdiff_design(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<MaxDiffDesign> {
    let params = params::<MaxDiffDesignParams>(py, given)?;
    run(py, move || leverkit::survey::maxdiff_design(&params).map(MaxDiffDesign::from))
}

/// How many answers a survey needs.
#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn survey_size(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<SampleSize> {
    let params = params::<SampleSizeParams>(py, given)?;
    run(py, move || leverkit::survey::sample_size(&params).map(SampleSize::from))
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
        fn simulate(&self, py: Python<'_>, data: &Bound<'_, PyAny>, columns: Vec<Text>) -> PyResult<Frame> {
            let (stream, columns) = (stream_of(data)?, texts(columns));
            ask(py, &self.0, move |found| {
                Ok::<_, Error>(simulated_batch(&found.simulate(&whole::<Error>(stream, &columns)?)?)?)
            })
        }

        /// The shares of the product in this row at these prices.
        fn price_curve(
            &self,
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            columns: Vec<Text>,
            #[pyo3(from_py_with = crate::args::integer)] row: i64,
            prices: Vec<Number>,
        ) -> PyResult<Frame> {
            let (stream, row) = (stream_of(data)?, usize::try_from(row).unwrap_or(usize::MAX));
            let (columns, prices) = (texts(columns), numbers(prices));
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

result! {
    /// What a Kano survey says.
    Kano of leverkit::survey::Kano {
        n: u64 = |found| found.n;
    }
    impl {
        /// Compares with a later wave.
        fn drift(&self, py: Python<'_>, later: &Kano, same_people: bool) -> PyResult<Drift> {
            let later = later.0.clone();
            ask(py, &self.0, move |found| found.drift(&later, same_people))
        }

        /// Features against a table of costs.
        #[pyo3(signature = (data, **given))]
        fn priorities(
            &self,
            py: Python<'_>,
            data: &Bound<'_, PyAny>,
            given: Option<Given<'_, '_>>,
        ) -> PyResult<Priorities> {
            let (params, stream) = (params::<PriorityParams>(py, given)?, stream_of(data)?);
            ask(py, &self.0, move |found| {
                found.priorities(&whole::<Error>(stream, &params.columns())?, &params)
            })
        }
    }
}

result! {
    /// Two waves of a Kano survey compared.
    Drift of leverkit::survey::kano::Drift {
        /// Respondents of both waves.
        in_both: u64 = |found| found.in_both;
    }
}

result! {
    /// Features in the order in which they pay.
    Priorities of leverkit::survey::kano::Priorities {
        /// Whether the stake is money.
        is_money: bool = |found| found.is_money;
    }
}

result! {
    /// Needs by opportunity.
    Opportunity of leverkit::survey::Opportunity {
        n: u64 = |found| found.n;
    }
}

result! {
    /// How many answers a survey needs.
    SampleSize of leverkit::survey::SampleSize {
        answers: u64 = |found| found.answers;
        /// People to ask, given how many answer.
        asked: u64 = |found| found.asked;
    }
}

result! {
    /// What best–worst choices say.
    MaxDiff of leverkit::survey::MaxDiff {
        /// The log-likelihood, and that of all choices being equally likely.
        log_likelihood: Option<(f64, f64)> = |found| found.log_likelihood;
        pseudo_r_squared: Option<f64> = |found| found.pseudo_r_squared();
        n: u64 = |found| found.n;
        tasks: u64 = |found| found.tasks;
    }
}

result! {
    /// Tasks of a best–worst survey.
    MaxDiffDesign of leverkit::survey::MaxDiffDesign {
        /// Whether pairs are shown equally often.
        is_balanced: bool = |found| found.is_balanced();
    }
}
