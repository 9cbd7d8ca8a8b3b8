//! The columns and parameters of a quantity funnel, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

/// What a unit of a level is worth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum QuantityValue {
    /// Not given: the last level's numbers take the place of money.
    #[default]
    None,
    /// The same money for each.
    Each(f64),
    /// A column with money for each.
    Column(String),
    /// Columns with money of each level in all.
    Levels(Vec<String>),
}

/// What comes in, and how it is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuantityParams {
    /// The column of entities: patients, customers, deals.
    pub entity: String,
    /// The levels, in order: columns of numbers, columns of dates if a row is an item, or values of the status.
    pub levels: Vec<String>,
    /// The column with the level that an item has reached.
    pub status: Option<String>,
    /// What a unit is worth.
    pub value: QuantityValue,
    /// Columns whose values are compared.
    pub by: Vec<String>,
    /// Days that the data cover; by default, for items with dates, from the first date of the first level to the last date of any level.
    pub days: Option<f64>,
    /// The level of limits.
    pub confidence: f64,
}

impl Default for QuantityParams {
    fn default() -> Self {
        Self {
            entity: String::new(),
            levels: Vec::new(),
            status: None,
            value: QuantityValue::None,
            by: Vec::new(),
            days: None,
            confidence: 0.95,
        }
    }
}

impl QuantityParams {
    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let values = match &self.value {
            QuantityValue::None | QuantityValue::Each(_) => &[][..],
            QuantityValue::Column(column) => std::slice::from_ref(column),
            QuantityValue::Levels(columns) => columns,
        };
        let levels = if self.status.is_some() { &[][..] } else { &self.levels };
        let all = std::iter::once(&self.entity).chain(levels).chain(&self.status).chain(values).chain(&self.by);
        all.cloned().collect()
    }
}

impl Params for QuantityParams {
    fn check(&self) -> Result<(), Error> {
        let levels = &self.levels;
        check::that(levels.len() >= 2, "levels", &format_args!("{} of them", levels.len()), "at least two, in order")?;
        for (at, name) in levels.iter().enumerate() {
            let is_new = !levels[..at].contains(name);
            check::that(is_new, "levels", &format_args!("{name:?} twice"), "each level once")?;
        }
        check::share("confidence", self.confidence)?;
        if let Some(days) = self.days {
            check::that(days > 0.0 && days.is_finite(), "days", &days, "days above 0")?;
        }
        match &self.value {
            QuantityValue::Each(money) => {
                check::that(*money >= 0.0 && money.is_finite(), "value", money, "money of a unit, not below 0")
            }
            QuantityValue::Levels(columns) => {
                let expected = format!("{}: a column of money for each level", levels.len());
                let got = format_args!("{} columns", columns.len());
                check::that(columns.len() == levels.len(), "value", &got, &expected)
            }
            QuantityValue::None | QuantityValue::Column(_) => Ok(()),
        }
    }
}
