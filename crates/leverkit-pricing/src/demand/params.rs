//! How demand is explained, and what an optimal price is made of: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use leverkit_stats::regression::SmallSample;
use serde::{Deserialize, Serialize};

/// How quantities are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DemandModel {
    /// Least squares of the logarithm of the quantity; rows without sales have none.
    Ols,
    /// Poisson pseudo maximum likelihood (Santos Silva & Tenreyro 2006): rows without sales count.
    Ppml,
}

/// How errors spread where they are not clustered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorSpread {
    /// Of equal variance.
    Iid,
    /// Of any variance (HC1).
    Robust,
}

/// Which columns explain demand, and how.
///
/// ```
/// use leverkit_pricing::ElasticityParams;
/// let params = ElasticityParams::new("units", "price").effects(&["product", "week"]).cluster(&["store"]);
/// assert_eq!(params.columns(), ["units", "price", "product", "week", "store"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElasticityParams {
    /// Units sold.
    pub quantity: String,
    /// The price, money per unit.
    pub price: String,
    /// Categories whose levels are compared with themselves only; "product^store" takes each combination as a level.
    pub effects: Vec<String>,
    /// One or two categories within which errors depend on each other.
    pub cluster: Vec<String>,
    /// Further columns that move demand: promotion, display.
    pub controls: Vec<String>,
    /// Prices of other products; their logarithms are taken where the price's is.
    pub cross_prices: Vec<String>,
    /// What moves the price and moves demand through the price alone.
    pub instruments: Vec<String>,
    /// Groups with an elasticity each.
    pub by: Vec<String>,
    /// The groups' category: their elasticities are pulled towards its mean.
    pub category: Option<String>,
    /// The week of a row: groups need `min_periods` of them. Without it rows are counted.
    pub period: Option<String>,
    /// Fewest periods of a group.
    pub min_periods: u32,
    /// Logarithms of quantity and prices: the coefficient of the price is an elasticity.
    pub log: bool,
    /// How quantities are explained.
    pub model: DemandModel,
    /// How errors spread without clusters.
    pub errors: ErrorSpread,
    /// How errors in few clusters are corrected.
    pub small: SmallSample,
    /// Confidence level.
    pub level: f64,
}

impl ElasticityParams {
    /// Least squares of logarithms, without effects.
    pub fn new(quantity: &str, price: &str) -> Self {
        Self {
            quantity: quantity.into(),
            price: price.into(),
            effects: Vec::new(),
            cluster: Vec::new(),
            controls: Vec::new(),
            cross_prices: Vec::new(),
            instruments: Vec::new(),
            by: Vec::new(),
            category: None,
            period: None,
            min_periods: 10,
            log: true,
            model: DemandModel::Ols,
            errors: ErrorSpread::Iid,
            small: SmallSample::Cr2,
            level: 0.95,
        }
    }

    /// Absorbs effects.
    #[must_use]
    pub fn effects(mut self, names: &[&str]) -> Self {
        self.effects = names.iter().map(|&name| name.into()).collect();
        self
    }

    /// Clusters errors.
    #[must_use]
    pub fn cluster(mut self, names: &[&str]) -> Self {
        self.cluster = names.iter().map(|&name| name.into()).collect();
        self
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let lists = [&self.controls, &self.cross_prices, &self.instruments, &self.by];
        let crossed = self.effects.iter().chain(&self.cluster).flat_map(|name| name.split('^').map(str::to_owned));
        [&self.quantity, &self.price]
            .into_iter()
            .chain(lists.into_iter().flatten())
            .chain(&self.category)
            .chain(&self.period)
            .cloned()
            .chain(crossed)
            .collect()
    }
}

impl Params for ElasticityParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        let roles = [&self.quantity, &self.price].into_iter().chain(&self.cross_prices).chain(&self.controls);
        let names: Vec<&String> = roles.chain(&self.instruments).collect();
        for (at, name) in names.iter().enumerate() {
            let expected = "each column in one role; it stands in two";
            check::that(!names[..at].contains(name), "columns", &format_args!("{name:?} twice"), expected)?;
        }
        let clusters = format_args!("{} columns", self.cluster.len());
        check::that(self.cluster.len() <= 2, "cluster", &clusters, "one or two columns")?;
        let fit = self.model == DemandModel::Ols || self.instruments.is_empty();
        let got = format_args!("some, with model=\"ppml\"");
        check::that(fit, "instruments", &got, "none: instruments need model=\"ols\"")?;
        let given = if self.category.is_some() { "category" } else { "period" };
        let is_by = !self.by.is_empty() || self.category.is_none() && self.period.is_none();
        let expected = "by=… too: it is groups that are drawn to a category and need periods";
        check::that(is_by, given, &format_args!("a column without by"), expected)
    }
}

/// How demand falls with the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// q = q₀ (p/p₀)^ε: the same elasticity at every price.
    Constant,
    /// q = q₀ (1 + ε (p/p₀ − 1)): a straight line through today's price with its elasticity.
    Linear,
    /// A share of buyers 1/(1 + exp(−(a − bp))) with today's share and elasticity.
    Logit,
}

impl Demand {
    /// What an elasticity must lie below for a price to be the best. With the same elasticity at every price profit has a highest point only below −1;
    /// on a line and in a logit demand grows more elastic with the price.
    pub(crate) fn least_elastic(self) -> f64 {
        match self {
            Self::Constant => -1.0,
            Self::Linear | Self::Logit => 0.0,
        }
    }
}

/// What an optimal price is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimalPriceParams {
    /// The elasticity at today's price, below zero, with its limits where they are known.
    pub elasticity: (f64, Option<f64>, Option<f64>),
    /// What a unit costs, money: what changes with the quantity alone. 0 needs linear or logit demand.
    pub unit_cost: f64,
    /// Lowest and highest price observed: beyond them nobody knows demand.
    pub price_range: Option<(f64, f64)>,
    /// How demand falls.
    pub demand: Demand,
    /// Today's price; by default the geometric mean of the observed range.
    pub price: Option<f64>,
    /// Units sold at today's price; 1 by default, so that quantities are relative to today's.
    pub quantity: f64,
    /// Share of possible buyers who buy at today's price; for [`Demand::Logit`].
    pub share: Option<f64>,
}

impl OptimalPriceParams {
    /// Of constant elasticity.
    pub fn new(elasticity: (f64, Option<f64>, Option<f64>), unit_cost: f64) -> Self {
        Self {
            elasticity,
            unit_cost,
            price_range: None,
            demand: Demand::Constant,
            price: None,
            quantity: 1.0,
            share: None,
        }
    }
}

impl Params for OptimalPriceParams {
    fn check(&self) -> Result<(), Error> {
        self.check_elasticity()?;
        self.check_cost()?;
        check::above_zero("quantity", self.quantity)?;
        if let Some((low, high)) = self.price_range {
            check::above_zero("price_range", low)?;
            let expected = "the lowest price, then a higher one";
            check::that(high > low && high.is_finite(), "price_range", &format_args!("{low} to {high}"), expected)?;
        }
        if let Some(price) = self.price {
            check::above_zero("price", price)?;
        }
        let is_known = self.demand == Demand::Constant || self.price.is_some() || self.price_range.is_some();
        let expected = "today's price, at which the elasticity holds";
        check::that(is_known, "price", &format_args!("none"), expected)?;
        match (self.demand, self.share) {
            (Demand::Logit, Some(share)) => check::share("share", share),
            (Demand::Logit, None) => {
                let expected = "the share of possible buyers who buy at today's price";
                check::that(false, "share", &format_args!("none"), expected)
            }
            (Demand::Constant | Demand::Linear, _) => Ok(()),
        }
    }
}

impl OptimalPriceParams {
    /// Whether there is a best price at this cost: at the same elasticity everywhere nothing is best where a unit costs nothing.
    fn check_cost(&self) -> Result<(), Error> {
        check::not_negative("unit_cost", self.unit_cost)?;
        let is_known = self.demand != Demand::Constant || self.unit_cost > 0.0;
        let expected = "a number above 0, or demand=\"linear\" or \"logit\": at a constant elasticity every lower price earns more where a unit costs nothing";
        check::that(is_known, "unit_cost", &self.unit_cost, expected)
    }

    /// Whether the elasticity is a number between its limits.
    fn check_elasticity(&self) -> Result<(), Error> {
        let (elasticity, steep, flat) = self.elasticity;
        check::that(elasticity.is_finite(), "elasticity", &elasticity, "a number")?;
        let is_between = steep.is_none_or(|steep| steep <= elasticity) && flat.is_none_or(|flat| elasticity <= flat);
        let got = format_args!("{elasticity} with limits {}", limits_text(steep, flat));
        check::that(is_between, "elasticity", &got, "a lower limit below it and an upper one above")
    }
}

fn limits_text(lower: Option<f64>, upper: Option<f64>) -> String {
    let text = |limit: Option<f64>| limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    format!("{} and {}", text(lower), text(upper))
}
