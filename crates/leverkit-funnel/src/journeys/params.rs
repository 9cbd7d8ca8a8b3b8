//! How journeys are built and conversions distributed: the parameters, and their checks.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::stages::Ties;

/// How to draw the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JourneyParams {
    /// Steps of the step matrix and of paths; longer paths are identified by their beginning.
    pub steps: usize,
    /// How many paths to tell.
    pub paths: usize,
    /// Whether an event that is repeated immediately counts once.
    pub collapse: bool,
    /// The property whose first value is the channel that an entity came through.
    pub channel: Option<String>,
    /// Events that are stages, in order: an entity stopped at the furthest one it reached. Without stages, it stopped at its last event.
    pub stages: Vec<String>,
    /// The level of limits.
    pub level: f64,
}

impl Default for JourneyParams {
    fn default() -> Self {
        Self { steps: 10, paths: 20, collapse: false, channel: None, stages: Vec::new(), level: 0.95 }
    }
}

impl Params for JourneyParams {
    fn check(&self) -> Result<(), Error> {
        check::count("steps", self.steps, 1, 50)?;
        check::count("paths", self.paths, 1, 10_000)?;
        check::share("level", self.level)
    }
}

/// A method that distributes conversions among channels.
///
/// ```
/// use leverkit_funnel::AttributionMethod;
/// assert_eq!(AttributionMethod::ALL.map(AttributionMethod::name)[..3], ["first", "last", "linear"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionMethod {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// The same to each touch.
    Linear,
    /// 40 % to the first and to the last touch, 20 % to those between.
    Position,
    /// By touch, halved with each half-life before the conversion.
    TimeDecay,
    /// By what would be lost without the channel.
    Markov,
    /// By the Shapley value of the game in which a coalition converts the paths that have no other channels: equal credit for each channel of the
    /// path.
    Shapley,
}

impl AttributionMethod {
    /// All of them, in the order of their tables.
    pub const ALL: [Self; 7] =
        [Self::First, Self::Last, Self::Linear, Self::Position, Self::TimeDecay, Self::Markov, Self::Shapley];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Linear => "linear",
            Self::Position => "position",
            Self::TimeDecay => "time_decay",
            Self::Markov => "markov",
            Self::Shapley => "shapley",
        }
    }
}

/// The columns of touches, and how conversions are distributed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttributionParams {
    /// Who.
    pub entity: String,
    /// When.
    pub time: String,
    /// The channel of the touch; null if the row is not a touch.
    pub channel: String,
    /// A flag, 0 or 1: whether the row is a conversion. In a row with a channel, the touch comes before the conversion.
    pub conversion: String,
    /// Money of the conversion.
    pub value: Option<String>,
    /// The rule.
    pub method: AttributionMethod,
    /// Days after which time decay halves a touch's weight.
    pub half_life: f64,
    /// Microseconds before a conversion in which touches count; no limit where there is none.
    pub window: Option<i64>,
    /// What comes first in one moment: touches before conversions (`Lenient`), conversions before the touches of other rows (`Strict`), in both of which
    /// touches of one moment count as in all their orders alike; or rows as they came in (`Input`).
    pub ties: Ties,
    /// The level of limits.
    pub level: f64,
}

impl Default for AttributionParams {
    fn default() -> Self {
        Self {
            entity: String::new(),
            time: String::new(),
            channel: String::new(),
            conversion: String::new(),
            value: None,
            method: AttributionMethod::Markov,
            half_life: 7.0,
            window: None,
            ties: Ties::Lenient,
            level: 0.95,
        }
    }
}

impl AttributionParams {
    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let four = [&self.entity, &self.time, &self.channel, &self.conversion];
        four.into_iter().chain(&self.value).cloned().collect()
    }
}

impl Params for AttributionParams {
    fn check(&self) -> Result<(), Error> {
        let half_life = self.half_life;
        let window = self.window.unwrap_or(i64::MAX);
        let got = format_args!("{} seconds", window as f64 / 1e6);
        check::that(window > 0, "window", &got, "more than 0, such as \"30d\", or none")?;
        check::that(half_life > 0.0 && half_life.is_finite(), "half_life", &half_life, "days above 0")?;
        check::share("level", self.level)
    }
}
