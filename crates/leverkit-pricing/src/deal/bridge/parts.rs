//! The parts of a bridge: both sides of an item or of many, and what lies between them.

use serde::Serialize;

/// What lies between the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Of prices of items sold on both sides.
    Price,
    /// Of units of items sold on both sides, at the average of all.
    Volume,
    /// Of items that earn more or less than the average.
    Mix,
    /// Of items without units on the base side.
    New,
    /// Of items without units on the other side.
    Lost,
    /// Of exchange rates.
    Currency,
    /// Of what the goods cost.
    Cost,
    /// Of items without units on either side, such as credit notes.
    WithoutUnits,
}

impl Effect {
    /// All effects, in the order of the bridge.
    pub const ALL: [Self; 8] =
        [Self::Price, Self::Volume, Self::Mix, Self::New, Self::Lost, Self::Currency, Self::Cost, Self::WithoutUnits];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Volume => "volume",
            Self::Mix => "mix",
            Self::New => "new",
            Self::Lost => "lost",
            Self::Currency => "currency",
            Self::Cost => "cost",
            Self::WithoutUnits => "without_units",
        }
    }
}

/// A bridge, or a part of it: both sides and what lies between them. The effects add up to the change exactly.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Parts {
    /// Units on both sides.
    pub quantity: [f64; 2],
    /// Money on both sides.
    pub value: [f64; 2],
    /// Money of each effect, in the order of [`Effect::ALL`].
    pub effects: [f64; 8],
    /// Items.
    pub items: u64,
}

impl Parts {
    /// What the effects leave of the change: zero.
    pub fn residual(&self) -> f64 {
        self.effects.iter().fold(self.value[1] - self.value[0], |rest, effect| rest - effect)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for side in 0..2 {
            self.quantity[side] += other.quantity[side];
            self.value[side] += other.value[side];
        }
        self.effects.iter_mut().zip(other.effects).for_each(|(sum, effect)| *sum += effect);
        self.items += other.items;
    }
}
