//! What answers, choices and ratings are read by: the parameters, and their check.

use leverkit_core::design::Coding;
use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

/// Which price stands for a stretch of prices at which two curves coincide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Intersection {
    /// The lowest.
    Min,
    /// The highest.
    Max,
    /// The mean of the prices that were named there.
    Mean,
    /// The median of the prices that were named there.
    Median,
}

/// Which curves bound the range of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RangeRule {
    /// From "too cheap" × "not cheap" to "too expensive" × "not expensive": the range of acceptable prices of van Westendorp.
    Accepted,
    /// From "too cheap" × "expensive" to "too expensive" × "cheap": the narrower range that others use.
    Narrower,
}

/// Which column is what: one row per answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WestendorpParams {
    /// The price that is so low that quality is doubted, money; `None` where that was not asked.
    pub too_cheap: Option<String>,
    /// The price that is a bargain.
    pub cheap: String,
    /// The price at which it begins to be expensive.
    pub expensive: String,
    /// The price that is too high to buy.
    pub too_expensive: String,
    /// Intent to buy at the cheap price, a value of `intents`.
    pub buy_cheap: Option<String>,
    /// Intent to buy at the expensive price.
    pub buy_expensive: Option<String>,
    /// Weight of the answer.
    pub weights: Option<String>,
    /// Which price stands for a stretch of equal curves.
    pub intersection: Intersection,
    /// Which curves bound the range.
    pub range: RangeRule,
    /// Values of the scale of intents with the probability to buy that each stands for.
    pub intents: Vec<(f64, f64)>,
    /// Fewer answers than this identify no point.
    pub min_answers: usize,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of answers; by default 1000, fewer where there are more than 100,000 answers, and at least 100.
    pub replicates: Option<usize>,
    /// The seed of the bootstrap.
    pub seed: u64,
}

/// The scale of Newton, Miller & Smith: five values from 5, surely, to 1, surely not.
const INTENTS: [(f64, f64); 5] = [(5.0, 0.7), (4.0, 0.5), (3.0, 0.3), (2.0, 0.1), (1.0, 0.0)];

impl WestendorpParams {
    /// The meter alone, without intents.
    pub fn new(too_cheap: &str, cheap: &str, expensive: &str, too_expensive: &str) -> Self {
        Self {
            too_cheap: Some(too_cheap.into()),
            cheap: cheap.into(),
            expensive: expensive.into(),
            too_expensive: too_expensive.into(),
            buy_cheap: None,
            buy_expensive: None,
            weights: None,
            intersection: Intersection::Mean,
            range: RangeRule::Accepted,
            intents: INTENTS.to_vec(),
            min_answers: 10,
            level: 0.95,
            replicates: None,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let optional = [&self.buy_cheap, &self.buy_expensive, &self.weights];
        let mut columns: Vec<String> = self.prices().into_iter().filter_map(|(_, name)| name.cloned()).collect();
        columns.extend(optional.into_iter().flatten().cloned());
        columns
    }

    /// The four prices with their roles, from low to high.
    pub(crate) fn prices(&self) -> [(&'static str, Option<&String>); 4] {
        [
            ("too_cheap", self.too_cheap.as_ref()),
            ("cheap", Some(&self.cheap)),
            ("expensive", Some(&self.expensive)),
            ("too_expensive", Some(&self.too_expensive)),
        ]
    }

    pub(crate) fn replicates(&self, answers: usize) -> usize {
        self.replicates.unwrap_or_else(|| (100_000_000 / answers.max(1)).clamp(100, 1000))
    }
}

impl Params for WestendorpParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        self.replicates.map_or(Ok(()), |replicates| check::count("replicates", replicates, 1, 1_000_000))?;
        let is_share = |(value, p): &(f64, f64)| value.is_finite() && (0.0..=1.0).contains(p);
        let is_scale = !self.intents.is_empty() && self.intents.iter().all(is_share);
        check::that(is_scale, "intents", &self.intents, "a probability for each value")?;
        let both = self.buy_cheap.is_some() == self.buy_expensive.is_some();
        check::that(both, "buy_cheap, buy_expensive", &format_args!("one of them"), "both or none")?;
        let is_bounded = self.buy_cheap.is_none() || self.too_cheap.is_some();
        let expected = "the price that is too cheap: intents to buy fall to 0 there";
        check::that(is_bounded, "too_cheap", &format_args!("none"), expected)
    }
}

/// Which column is what: one row per question asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GaborGrangerParams {
    /// The price that was asked, money.
    pub price: String,
    /// True or 1 where the answer was yes.
    pub buys: String,
    /// Who answered.
    pub respondent: Option<String>,
    /// What a unit costs, money: profit is then maximised too.
    pub unit_cost: Option<f64>,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of respondents.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl GaborGrangerParams {
    /// Answers without respondents.
    pub fn new(price: &str, buys: &str) -> Self {
        Self {
            price: price.into(),
            buys: buys.into(),
            respondent: None,
            unit_cost: None,
            level: 0.95,
            replicates: 1000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        [&self.price, &self.buys].into_iter().chain(&self.respondent).cloned().collect()
    }
}

impl Params for GaborGrangerParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("replicates", self.replicates, 1, 100_000)?;
        self.unit_cost.map_or(Ok(()), |cost| check::not_negative("unit_cost", cost))
    }
}

/// Which column is what: one row per alternative of a choice situation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConjointParams {
    /// The situation, in which one alternative is chosen.
    pub situation: String,
    /// The alternative.
    pub alternative: String,
    /// True or 1 for the one that was chosen.
    pub chosen: String,
    /// What alternatives offer: numbers as they are, texts and flags by level.
    pub attributes: Vec<String>,
    /// The price, money.
    pub price: Option<String>,
    /// Who chose; errors are then clustered by respondent.
    pub respondent: Option<String>,
    /// Whether alternatives have constants of their own, as brands do.
    pub constants: bool,
    /// How levels become numbers.
    pub coding: Coding,
    /// Confidence level.
    pub level: f64,
    /// Draws of the coefficients, for simulated limits.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

impl ConjointParams {
    /// Dummy coding, without constants.
    pub fn new(situation: &str, alternative: &str, chosen: &str, attributes: &[&str]) -> Self {
        Self {
            situation: situation.into(),
            alternative: alternative.into(),
            chosen: chosen.into(),
            attributes: attributes.iter().map(|&name| name.into()).collect(),
            price: None,
            respondent: None,
            constants: false,
            coding: Coding::Dummy,
            level: 0.95,
            draws: 2000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.situation.clone(), self.alternative.clone(), self.chosen.clone()];
        columns.extend(self.attributes.iter().chain(&self.price).chain(&self.respondent).cloned());
        columns
    }
}

impl Params for ConjointParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("draws", self.draws, 0, 1_000_000)
    }
}

/// Which column is what: one row per rated product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingParams {
    /// The rating, on any scale.
    pub rating: String,
    /// What the product offers.
    pub attributes: Vec<String>,
    /// Its price, money.
    pub price: Option<String>,
    /// Who rated; errors are then clustered by respondent.
    pub respondent: Option<String>,
    /// How levels become numbers.
    pub coding: Coding,
    /// Confidence level.
    pub level: f64,
    /// Draws of the coefficients, for simulated limits.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

impl RatingParams {
    /// Dummy coding.
    pub fn new(rating: &str, attributes: &[&str]) -> Self {
        let attributes = attributes.iter().map(|&name| name.into()).collect();
        Self {
            rating: rating.into(),
            attributes,
            price: None,
            respondent: None,
            coding: Coding::Dummy,
            level: 0.95,
            draws: 2000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        std::iter::once(&self.rating)
            .chain(&self.attributes)
            .chain(&self.price)
            .chain(&self.respondent)
            .cloned()
            .collect()
    }
}

impl Params for RatingParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("draws", self.draws, 0, 1_000_000)
    }
}
