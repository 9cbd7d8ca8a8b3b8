//! How best–worst choices are read, and how their tasks are made.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::answers::{AnswerParams, check_population};

/// How people choose the best and the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// The pair with the greatest difference: P(b, w) ∝ `exp(v_b` − `v_w`).
    Pairs,
    /// First the best of all, then the worst of the rest.
    Sequential,
}

/// Which column is what: one row per task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxDiffParams {
    /// Who chose.
    pub respondent: String,
    /// What was shown, a column per place; null where a task had fewer.
    pub shown: Vec<String>,
    /// The best of them.
    pub best: String,
    /// The worst of them.
    pub worst: String,
    /// Which of the items of a task matter at all: all, some or none; utilities are then those above the threshold of mattering.
    #[serde(default)]
    pub anchor: Option<String>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// How people choose.
    pub model: Model,
    /// Whether each person's own utilities are estimated.
    pub individual: bool,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents, for scores.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl MaxDiffParams {
    /// The model of pairs, with each person's own utilities.
    pub fn new(respondent: &str, shown: &[&str], best: &str, worst: &str) -> Self {
        Self {
            respondent: respondent.into(),
            shown: shown.iter().map(|&name| name.into()).collect(),
            best: best.into(),
            worst: worst.into(),
            anchor: None,
            weight: None,
            strata: None,
            population: None,
            model: Model::Pairs,
            individual: true,
            level: 0.95,
            replicates: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.respondent.clone(), self.best.clone(), self.worst.clone()];
        columns.extend(self.shown.iter().chain(&self.anchor).chain(&self.weight).chain(&self.strata).cloned());
        columns
    }

    /// Who the respondents are.
    pub(super) fn people(&self) -> AnswerParams {
        AnswerParams::people(Some(&self.respondent), self.weight.as_ref(), self.strata.as_ref(), self.population)
    }
}

impl Params for MaxDiffParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("replicates", self.replicates, 1, 1_000_000)?;
        let is_choice = self.shown.len() > 1;
        check::that(is_choice, "shown", &self.shown, "two columns or more, one for each place of a task")?;
        check_population(self.population)
    }
}

/// How tasks are to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxDiffDesignParams {
    /// What is to be compared.
    pub items: Vec<String>,
    /// Items of a task.
    pub per_task: usize,
    /// Tasks of a respondent.
    pub tasks: usize,
    /// Versions of the questionnaire.
    pub versions: usize,
    /// The seed of the search.
    pub seed: u64,
}

impl Params for MaxDiffDesignParams {
    fn check(&self) -> Result<(), Error> {
        let n = self.items.len();
        check::count("items", n, 3, 1_000)?;
        let mut sorted: Vec<&String> = self.items.iter().collect();
        sorted.sort_unstable();
        let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map_or("", |pair| pair[0].as_str());
        check::that(twice.is_empty(), "items", &twice, "each item once")?;
        check::count("per_task", self.per_task, 2, n.min(20))?;
        check::count("tasks", self.tasks, 1, 1_000)?;
        check::count("versions", self.versions, 1, 1_000)?;
        let places = self.per_task * self.tasks * self.versions;
        check::that(
            places >= n,
            "tasks",
            &self.tasks,
            &format!("enough to show all {n} items: {places} places are too few"),
        )
    }
}
