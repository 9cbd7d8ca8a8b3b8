//! What a price index is made of: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use super::bilateral::IndexFormula;

/// What periods are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// All periods with the first.
    Fixed,
    /// Each period with the one before, multiplied up from the first.
    Chained,
    /// Each period with the one before.
    Period,
}

/// How a moved window of GEKS goes on from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Splice {
    /// Over the last period of the window before (Ivancic, Diewert & Fox 2011).
    Movement,
    /// Over the first period that both windows hold (Krsinich 2016).
    Window,
    /// Over the period in the middle (de Haan 2015).
    Half,
    /// The geometric mean over all periods that both hold (Diewert & Fox 2021).
    Mean,
}

/// Which column is what: one row per sale, or the sales of a product in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexParams {
    /// The period: numbers, dates or texts, in their order.
    pub time: String,
    /// What was sold.
    pub product: String,
    /// The price of a unit, money.
    pub price: String,
    /// Units.
    pub quantity: String,
    /// The formula between two periods.
    pub formula: IndexFormula,
    /// Multilateral: GEKS of the formula.
    pub geks: bool,
    /// What periods are compared with.
    pub base: Base,
    /// Periods of a window of GEKS; all by default.
    pub window: Option<usize>,
    /// How windows are spliced.
    pub splice: Splice,
    /// Confidence level.
    pub level: f64,
    /// How far a chained index may lie from GEKS, as a share of it.
    pub drift_alarm: f64,
}

impl IndexParams {
    /// A Fisher index on the first period.
    pub fn new(time: &str, product: &str, price: &str, quantity: &str) -> Self {
        Self {
            time: time.into(),
            product: product.into(),
            price: price.into(),
            quantity: quantity.into(),
            formula: IndexFormula::Fisher,
            geks: false,
            base: Base::Fixed,
            window: None,
            splice: Splice::Mean,
            level: 0.95,
            drift_alarm: 0.05,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        vec![self.time.clone(), self.product.clone(), self.price.clone(), self.quantity.clone()]
    }
}

impl Params for IndexParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        let formula = format_args!("\"geks-{}\"", self.formula.name());
        let expected = "a formula that can be reversed: geks-fisher, geks-tornqvist, geks-walsh, geks-jevons, geks-dutot or geks-sato-vartia";
        check::that(!self.geks || self.formula.is_reversible(), "formula", &formula, expected)?;
        let expected = "a formula such as \"geks-fisher\", or no window";
        let got = format_args!("a window without GEKS");
        check::that(self.geks || self.window.is_none(), "window", &got, expected)?;
        let is_wide = self.window.is_none_or(|window| window >= 2);
        check::that(is_wide, "window", &format_args!("fewer than 2 periods"), "at least 2")?;
        check::that(self.drift_alarm > 0.0, "drift_alarm", &self.drift_alarm, "a share above 0")
    }
}
