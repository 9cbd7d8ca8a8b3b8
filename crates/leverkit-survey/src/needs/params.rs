//! How need segments are looked for: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use super::em::MOST_CLASSES;
use crate::answers::{AnswerParams, check_population};

/// How an item is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// Answers without an order, or two answers.
    Nominal,
    /// Ordered answers: the classes differ by one slope each (adjacent-category logit).
    Ordinal,
    /// Numbers, normal within a class, with one variance.
    Continuous,
}

/// A question that segments may differ in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedsItem {
    /// Its column.
    pub name: String,
    /// How it is modelled; by default as its values suggest.
    #[serde(default)]
    pub kind: Option<ItemKind>,
    /// The order of its answers; by default that of numbers, or of the alphabet.
    #[serde(default)]
    pub levels: Vec<String>,
}

/// Which columns are what, and how far segments are judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedsParams {
    /// The questions.
    pub items: Vec<NeedsItem>,
    /// Who answered; rows are numbered without.
    pub respondent: Option<String>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// What may tell who is in which segment: demography, behaviour.
    pub covariates: Vec<String>,
    /// What differs between segments: money, visits.
    pub outcomes: Vec<String>,
    /// The numbers of segments that are tried.
    pub k: Vec<usize>,
    /// Random starts of each fit.
    pub starts: usize,
    /// Bootstrap refits that judge stability and give limits.
    pub refits: usize,
    /// Simulated samples of the bootstrap likelihood-ratio test; by default 99, fewer for many respondents.
    pub simulations: Option<usize>,
    /// The adjusted Rand index that refits must reach on average.
    pub stable: f64,
    /// Confidence level.
    pub level: f64,
    /// The seed of starts, refits and simulations.
    pub seed: u64,
}

impl NeedsParams {
    /// One to six segments of these items.
    pub fn new(items: &[&str]) -> Self {
        let item = |name: &&str| NeedsItem { name: (*name).into(), kind: None, levels: Vec::new() };
        Self {
            items: items.iter().map(item).collect(),
            respondent: None,
            weight: None,
            strata: None,
            population: None,
            covariates: Vec::new(),
            outcomes: Vec::new(),
            k: (1..=6).collect(),
            starts: 20,
            refits: 30,
            simulations: None,
            stable: 0.8,
            level: 0.95,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let items = self.items.iter().map(|item| &item.name);
        let people = self.respondent.iter().chain(&self.weight).chain(&self.strata);
        items.chain(people).chain(&self.covariates).chain(&self.outcomes).cloned().collect()
    }

    /// Who the respondents are.
    pub(super) fn people(&self) -> AnswerParams {
        AnswerParams::people(self.respondent.as_ref(), self.weight.as_ref(), self.strata.as_ref(), self.population)
    }
}

impl Params for NeedsParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check_population(self.population)?;
        check::share_up_to_one("stable", self.stable)?;
        check::count("starts", self.starts, 1, 1000)?;
        check::count("refits", self.refits, 10, 1000)?;
        if let Some(simulations) = self.simulations {
            check::count("simulations", simulations, 19, 9999)?;
        }
        check::that(self.items.len() > 1, "items", &self.items.len(), "at least two questions")?;
        let rises = self.k.windows(2).all(|pair| pair[0] < pair[1]);
        let is_count = rises && self.k.iter().all(|k| (1..=MOST_CLASSES).contains(k));
        let expected = format!("numbers from 1 to {MOST_CLASSES}, ascending");
        check::that(is_count && !self.k.is_empty(), "k", &self.k, &expected)
    }
}

/// How missions are looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MissionParams {
    /// The numbers of missions that are tried.
    pub k: Vec<usize>,
    /// Confidence level.
    pub level: f64,
    /// The seed of the starts.
    pub seed: u64,
}

impl Default for MissionParams {
    fn default() -> Self {
        Self { k: (1..=8).collect(), level: 0.95, seed: 1 }
    }
}

impl Params for MissionParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        let rises = self.k.windows(2).all(|pair| pair[0] < pair[1]);
        let is_count = rises && self.k.iter().all(|k| (1..=50).contains(k));
        check::that(is_count && !self.k.is_empty(), "k", &self.k, "numbers from 1 to 50, ascending")
    }
}
