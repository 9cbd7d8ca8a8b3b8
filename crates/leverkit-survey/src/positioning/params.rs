//! What brands' images are read by: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::answers::{AnswerParams, check_population};

/// Which column is what: one row per box that a respondent ticked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageParams {
    /// Who answered.
    pub respondent: String,
    /// The brand.
    pub brand: String,
    /// What it was said to be.
    pub attribute: String,
    /// Whether the box was ticked; without it, every row is a tick.
    pub picked: Option<String>,
    /// How ticks are written, where that is not known: each with "yes" or "no".
    #[serde(default)]
    pub scale: Vec<(String, String)>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// When it was asked; of two waves, movements are told.
    pub wave: Option<String>,
    /// Brands that are shown on the map and form neither it nor what is expected, such as an ideal one.
    #[serde(default)]
    pub supplementary: Vec<String>,
    /// Share of false discoveries among cells.
    pub fdr: f64,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents, and permutations.
    pub replicates: usize,
    /// Their seed.
    pub seed: u64,
}

impl ImageParams {
    /// Ticks of respondents.
    pub fn new(respondent: &str, brand: &str, attribute: &str) -> Self {
        Self {
            respondent: respondent.into(),
            brand: brand.into(),
            attribute: attribute.into(),
            picked: None,
            scale: Vec::new(),
            weight: None,
            strata: None,
            population: None,
            wave: None,
            supplementary: Vec::new(),
            fdr: 0.05,
            level: 0.95,
            replicates: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let needed = [&self.respondent, &self.brand, &self.attribute];
        let optional = [&self.picked, &self.weight, &self.strata, &self.wave];
        needed.into_iter().chain(optional.into_iter().flatten()).cloned().collect()
    }

    /// Who the respondents are.
    pub(super) fn people(&self) -> AnswerParams {
        AnswerParams::people(Some(&self.respondent), self.weight.as_ref(), self.strata.as_ref(), self.population)
    }
}

impl Params for ImageParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::share("fdr", self.fdr)?;
        check_population(self.population)?;
        check::count("replicates", self.replicates, 100, 100_000)
    }
}

/// Which column is what: one row per cell of a table of counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrespondenceParams {
    /// What the rows are.
    pub row: String,
    /// What the columns are.
    pub column: String,
    /// How many; without it, every row of the frame counts one.
    pub count: Option<String>,
    /// Rows that are shown and do not form the map.
    pub supplementary: Vec<String>,
    /// Bootstrap samples and permutations.
    pub replicates: usize,
    /// Their seed.
    pub seed: u64,
}

impl CorrespondenceParams {
    /// Counts of rows by columns.
    pub fn new(row: &str, column: &str) -> Self {
        Self {
            row: row.into(),
            column: column.into(),
            count: None,
            supplementary: Vec::new(),
            replicates: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.row, &self.column].into_iter().chain(&self.count).cloned().collect()
    }
}

impl Params for CorrespondenceParams {
    fn check(&self) -> Result<(), Error> {
        check::count("replicates", self.replicates, 100, 100_000)
    }
}

/// How blocks become the score of a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PositionMeasure {
    /// The mean of a respondent's answers to the block's statements.
    Mean,
    /// Whether that mean reaches `top`: a share of respondents.
    Top,
}

/// A dimension on which brands stand, with the statements that ask for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionBlock {
    /// Its name.
    pub name: String,
    /// Values of the column of statements.
    pub statements: Vec<String>,
    /// How much it matters to customers; unknown without.
    #[serde(default)]
    pub importance: Option<f64>,
}

/// What was measured of a brand on a dimension; more is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionFact {
    /// The dimension.
    pub block: String,
    /// The brand.
    pub brand: String,
    /// The measured value.
    pub value: f64,
}

/// Which column is what: one row per respondent, brand and statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionParams {
    /// Who answered.
    pub respondent: String,
    /// The brand.
    pub brand: String,
    /// The statement.
    pub statement: String,
    /// The answer: a rating, 1 and 0, or their labels.
    pub value: String,
    /// How answers are written, in the place of the labels that are known: each with the label or number that it stands for.
    #[serde(default)]
    pub scale: Vec<(String, String)>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// The dimensions, in their order.
    pub blocks: Vec<PositionBlock>,
    /// How blocks become scores.
    pub measure: PositionMeasure,
    /// From this mean answer on, a respondent counts.
    pub top: f64,
    /// Whether the blocks are steps of a funnel, each wanting those before.
    pub funnel: bool,
    /// Whether the respondent chose the brand, or would: what blocks are held against.
    pub choice: Option<String>,
    /// What was measured of brands, which scores are held against.
    #[serde(default)]
    pub facts: Vec<PositionFact>,
    /// Share of false discoveries among comparisons.
    pub fdr: f64,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents.
    pub replicates: usize,
    /// Their seed.
    pub seed: u64,
}

impl PositionParams {
    /// Mean ratings on these blocks, each of one statement of its name.
    pub fn new(respondent: &str, brand: &str, statement: &str, value: &str, blocks: &[&str]) -> Self {
        let block =
            |name: &&str| PositionBlock { name: (*name).into(), statements: vec![(*name).into()], importance: None };
        Self {
            respondent: respondent.into(),
            brand: brand.into(),
            statement: statement.into(),
            value: value.into(),
            scale: Vec::new(),
            weight: None,
            strata: None,
            population: None,
            blocks: blocks.iter().map(block).collect(),
            measure: PositionMeasure::Mean,
            top: 4.0,
            funnel: false,
            choice: None,
            facts: Vec::new(),
            fdr: 0.05,
            level: 0.95,
            replicates: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let needed = [&self.respondent, &self.brand, &self.statement, &self.value];
        let optional = [&self.weight, &self.strata, &self.choice];
        needed.into_iter().chain(optional.into_iter().flatten()).cloned().collect()
    }

    /// Who the respondents are.
    pub(super) fn people(&self) -> AnswerParams {
        AnswerParams::people(Some(&self.respondent), self.weight.as_ref(), self.strata.as_ref(), self.population)
    }
}

impl Params for PositionParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::share("fdr", self.fdr)?;
        check::count("replicates", self.replicates, 100, 100_000)?;
        check_population(self.population)?;
        check::that(self.top.is_finite(), "top", &self.top, "a number")?;
        let odd = self
            .facts
            .iter()
            .find(|fact| !fact.value.is_finite() || !self.blocks.iter().any(|block| block.name == fact.block));
        let said = odd.map(|fact| (&fact.block, &fact.brand, fact.value));
        check::that(odd.is_none(), "facts", &said, "a number for brands on one of the blocks")?;
        let is_block = |block: &PositionBlock| {
            !block.statements.is_empty() && block.importance.is_none_or(|weight| weight >= 0.0 && weight.is_finite())
        };
        let are_blocks = (1..=8).contains(&self.blocks.len()) && self.blocks.iter().all(is_block);
        let names: Vec<&str> = self.blocks.iter().map(|block| block.name.as_str()).collect();
        check::that(are_blocks, "blocks", &names, "one to eight, each with statements and an importance of 0 or more")
    }
}

/// How dissimilarities become places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScalingMethod {
    /// The lowest stress, by majorisation.
    Smacof,
    /// Eigenvectors of the centred squares.
    Classical,
}

/// Which column is what: one row per respondent and pair of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimilarityParams {
    /// Who answered.
    pub respondent: String,
    /// One item of the pair.
    pub one: String,
    /// The other.
    pub other: String,
    /// How alike, or unlike, they are: a number or a label.
    pub value: String,
    /// The answer that means "the same": the lowest of a scale of unlikeness, the highest of one of likeness.
    pub same: f64,
    /// How answers are written, in the place of the labels that are known: each with the label or number that it stands for.
    #[serde(default)]
    pub scale: Vec<(String, String)>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// How places are found.
    pub method: ScalingMethod,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents, and permutations.
    pub replicates: usize,
    /// Their seed.
    pub seed: u64,
}

impl SimilarityParams {
    /// Pairs of items, by an answer whose one end means "the same".
    pub fn new(respondent: &str, one: &str, other: &str, value: &str, same: f64) -> Self {
        Self {
            respondent: respondent.into(),
            one: one.into(),
            other: other.into(),
            value: value.into(),
            same,
            scale: Vec::new(),
            weight: None,
            strata: None,
            population: None,
            method: ScalingMethod::Smacof,
            level: 0.95,
            replicates: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let needed = [&self.respondent, &self.one, &self.other, &self.value];
        needed.into_iter().chain([&self.weight, &self.strata].into_iter().flatten()).cloned().collect()
    }

    /// Who the respondents are.
    pub(super) fn people(&self) -> AnswerParams {
        AnswerParams::people(Some(&self.respondent), self.weight.as_ref(), self.strata.as_ref(), self.population)
    }
}

impl Params for SimilarityParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::that(self.same.is_finite(), "same", &self.same, "a number")?;
        check_population(self.population)?;
        check::count("replicates", self.replicates, 100, 100_000)
    }
}
