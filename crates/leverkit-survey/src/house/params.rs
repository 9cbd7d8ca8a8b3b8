//! What comparisons and a house of quality are read by: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

/// Which index of random judgements consistency is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RandomIndex {
    /// The table of Saaty (1980), for 3 to 15 items and complete comparisons.
    Saaty,
    /// The mean index of 20,000 random matrices with the same comparisons missing.
    Simulated,
}

/// Which column is what: one row per comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AhpParams {
    /// The item that is compared.
    pub first: String,
    /// The item it is compared with.
    pub second: String,
    /// How many times more the first matters than the second, above 0.
    pub value: String,
    /// Who judged; without it, one judge made all comparisons.
    pub judge: Option<String>,
    /// Which index of random judgements consistency is held against.
    pub random_index: RandomIndex,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples.
    pub draws: usize,
    /// The seed of the bootstrap and of the simulated index.
    pub seed: u64,
}

impl AhpParams {
    /// Comparisons of one judge.
    pub fn new(first: &str, second: &str, value: &str) -> Self {
        Self {
            first: first.into(),
            second: second.into(),
            value: value.into(),
            judge: None,
            random_index: RandomIndex::Saaty,
            level: 0.95,
            draws: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.first, &self.second, &self.value].into_iter().chain(&self.judge).cloned().collect()
    }
}

impl Params for AhpParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("draws", self.draws, 100, 100_000)
    }
}

/// How relations and weights become the importance of a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HouseMethod {
    /// Weights times strengths.
    Raw,
    /// The same with the strengths of a need adding up to one (Lyman 1990).
    Lyman,
    /// The same with the strengths carried over by the roof before (Wasserman 1993).
    Wasserman,
}

/// How a house of quality is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HouseParams {
    /// Which importance decides ranks, cascades and choices.
    pub method: HouseMethod,
    /// The strengths that relations can have, the strongest first.
    pub scale: Vec<f64>,
    /// How many places count as the top.
    pub top: usize,
    /// Confidence level.
    pub level: f64,
    /// How many houses are drawn.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

impl Default for HouseParams {
    fn default() -> Self {
        Self { method: HouseMethod::Raw, scale: vec![9.0, 3.0, 1.0], top: 3, level: 0.95, draws: 1000, seed: 1 }
    }
}

impl Params for HouseParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("draws", self.draws, 100, 100_000)?;
        check::count("top", self.top, 1, 1000)?;
        let falls = self.scale.windows(2).all(|pair| pair[0] > pair[1]);
        let is_scale = falls && self.scale.iter().all(|strength| *strength > 0.0 && strength.is_finite());
        check::that(is_scale && !self.scale.is_empty(), "scale", &self.scale, "strengths above 0, the strongest first")
    }
}
