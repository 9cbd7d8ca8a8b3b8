//! A parameter of a formula: what it counts, its bounds and its good direction.

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a parameter counts, which sets its bounds and what it may be added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A number of things, at least 0.
    Count,
    /// A part of a whole, 0 to 1.
    Share,
    /// A relation that may exceed 1, at least 0.
    Ratio,
    /// Money, or money per thing, at least 0.
    Money,
    /// Any number; nothing is known about it.
    Number,
}

/// Which way a parameter should move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    #[default]
    Up,
    /// Less is better: costs, discounts, returns.
    Down,
}

/// A parameter of a formula.
///
/// ```
/// use leverkit_profit::{Direction, Formula, Kind};
/// let formula = Formula::minimal();
/// let conversion = &formula.parameters()[formula.position("conversion")?];
/// assert_eq!((conversion.kind, conversion.direction), (Kind::Share, Direction::Up));
/// assert_eq!((conversion.least(), conversion.most()), (0.0, 1.0));
/// // Half as much again would be more than all.
/// assert_eq!(conversion.moved(0.8, 0.5), (1.0, true));
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name in expressions and tables.
    pub name: String,
    /// The letter in the written formula.
    #[serde(default)]
    pub letter: String,
    /// The unit in words.
    #[serde(default)]
    pub unit: String,
    /// What it counts.
    pub kind: Kind,
    /// Which way it should move.
    #[serde(default)]
    pub direction: Direction,
    /// The least value; 0 where none is given, but for kind `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The greatest value; 1 for shares where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// The value that it should have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub norm: Option<f64>,
    /// What it is.
    #[serde(default)]
    pub meaning: String,
}

impl Parameter {
    pub(super) fn number(name: &str) -> Self {
        Self {
            name: name.into(),
            letter: String::new(),
            unit: String::new(),
            kind: Kind::Number,
            direction: Direction::Up,
            lower: None,
            upper: None,
            norm: None,
            meaning: String::new(),
        }
    }

    /// The least value.
    pub fn least(&self) -> f64 {
        self.lower.unwrap_or(if self.kind == Kind::Number { f64::NEG_INFINITY } else { 0.0 })
    }

    /// The greatest value.
    pub fn most(&self) -> f64 {
        self.upper.unwrap_or(if self.kind == Kind::Share { 1.0 } else { f64::INFINITY })
    }

    /// Moves a value by a share of itself in the good direction; the second says whether a bound stopped it.
    pub fn moved(&self, value: f64, step: f64) -> (f64, bool) {
        let wanted = value * if self.direction == Direction::Up { 1.0 + step } else { 1.0 - step };
        let moved = wanted.clamp(self.least(), self.most());
        (moved, moved != wanted)
    }

    /// Whether a value is a finite number within the bounds.
    pub(crate) fn allows(&self) -> impl Fn(f64) -> bool + Sync + use<> {
        let (least, most) = (self.least().max(f64::MIN), self.most().min(f64::MAX));
        move |value| (least..=most).contains(&value)
    }

    /// Checks a value.
    pub(crate) fn check(&self, value: f64, row: usize) -> Result<(), Error> {
        if self.allows()(value) {
            return Ok(());
        }
        let expected = match (self.least().is_finite(), self.most().is_finite()) {
            (true, true) => format!("{} to {}", self.least(), self.most()),
            (true, false) => format!("a number of at least {}", self.least()),
            (false, true) => format!("a number of at most {}", self.most()),
            (false, false) => "a finite number".into(),
        };
        Err(Error::Value { parameter: self.name.clone(), row, got: value, expected })
    }
}
