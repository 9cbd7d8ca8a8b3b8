//! How answers are joined to a ledger.

use leverkit_core::{Day, Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::answers::{AnswerParams, check_population};

/// Which column is what in a table of respondents, and how long they are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorthParams {
    /// The respondent's id as a customer of the ledger.
    pub customer: String,
    /// The segment that answers put the respondent in.
    pub segment: String,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// Days before the ledger's day over which money and orders are added up.
    pub days: u32,
    /// Share of false discoveries among comparisons.
    pub fdr: f64,
    /// Confidence level.
    pub level: f64,
}

impl WorthParams {
    /// A year of the customers of each segment.
    pub fn new(customer: &str, segment: &str) -> Self {
        Self {
            customer: customer.into(),
            segment: segment.into(),
            weight: None,
            strata: None,
            population: None,
            days: 365,
            fdr: 0.05,
            level: 0.95,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let optional = [&self.weight, &self.strata].into_iter().flatten();
        [&self.customer, &self.segment].into_iter().chain(optional).cloned().collect()
    }

    /// Who the respondents are, with their segments.
    pub(super) fn people(&self) -> AnswerParams {
        let people =
            AnswerParams::people(Some(&self.customer), self.weight.as_ref(), self.strata.as_ref(), self.population);
        AnswerParams { by: Some(self.segment.clone()), ..people }
    }
}

impl Params for WorthParams {
    fn check(&self) -> Result<(), Error> {
        check::days("days", self.days)?;
        check::share("fdr", self.fdr)?;
        check::share("level", self.level)?;
        check_population(self.population)
    }
}

/// Which needs were met when, and how long respondents had to return.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetNeedsParams {
    /// The respondent's id as a customer of the ledger.
    pub customer: String,
    /// Columns that say how well each need is met: ratings, 1 and 0, or their labels.
    pub needs: Vec<String>,
    /// How answers are written, in the place of the labels that are known.
    #[serde(default)]
    pub scale: Vec<(String, String)>,
    /// From this answer on a need is met.
    pub met: f64,
    /// The column with the day of the answer.
    pub asked: Option<String>,
    /// The day of all answers, where there is no such column.
    pub on: Option<Day>,
    /// Days after the answer within which an order is a return.
    pub horizon: u32,
    /// Share of false discoveries among needs.
    pub fdr: f64,
    /// Confidence level.
    pub level: f64,
}

impl MetNeedsParams {
    /// Needs of which all were asked on one day, rated from 1 to 5.
    pub fn new(customer: &str, needs: &[&str], on: Day) -> Self {
        Self {
            customer: customer.into(),
            needs: needs.iter().map(|&need| need.into()).collect(),
            scale: Vec::new(),
            met: 4.0,
            asked: None,
            on: Some(on),
            horizon: 90,
            fdr: 0.05,
            level: 0.95,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        std::iter::once(&self.customer).chain(&self.needs).chain(&self.asked).cloned().collect()
    }

    /// Who the respondents are.
    pub(super) fn people(&self) -> AnswerParams {
        AnswerParams::people(Some(&self.customer), None, None, None)
    }
}

impl Params for MetNeedsParams {
    fn check(&self) -> Result<(), Error> {
        check::count("needs", self.needs.len(), 1, 30)?;
        check::that(self.met.is_finite(), "met", &self.met, "a number")?;
        let days = [self.asked.is_some(), self.on.is_some()];
        check::that(
            days[0] != days[1],
            "asked",
            &days,
            "asked, the column with the day of the answer, or on, the day of all",
        )?;
        check::days("horizon", self.horizon)?;
        check::share("fdr", self.fdr)?;
        check::share("level", self.level)
    }
}
