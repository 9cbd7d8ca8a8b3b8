//! What competitors' prices are compared by: the parameters, and their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

/// Which column is what: one row per price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionParams {
    /// What is sold.
    pub product: String,
    /// Who sells it.
    pub seller: String,
    /// The price, money.
    pub price: String,
    /// One's own name among the sellers.
    pub own: String,
    /// The day of the price; without it all prices are of one time.
    #[serde(default)]
    pub date: Option<String>,
    /// Where it is sold; prices are compared within a store or region.
    #[serde(default)]
    pub store: Option<String>,
    /// Money of own sales, used to weight products.
    #[serde(default)]
    pub revenue: Option<String>,
    /// True for the key-value items, by which customers judge a seller.
    #[serde(default)]
    pub key_item: Option<String>,
    /// True where the price is a promotion's.
    #[serde(default)]
    pub promotion: Option<String>,
    /// Confidence level.
    #[serde(default = "level")]
    pub level: f64,
}

fn level() -> f64 {
    0.95
}

impl PositionParams {
    /// Prices by product and seller.
    pub fn new(product: &str, seller: &str, price: &str, own: &str) -> Self {
        Self {
            product: product.into(),
            seller: seller.into(),
            price: price.into(),
            own: own.into(),
            date: None,
            store: None,
            revenue: None,
            key_item: None,
            promotion: None,
            level: level(),
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let optional = [&self.date, &self.store, &self.revenue, &self.key_item, &self.promotion];
        let mut columns = vec![self.product.clone(), self.seller.clone(), self.price.clone()];
        columns.extend(optional.into_iter().flatten().cloned());
        columns
    }
}

impl Params for PositionParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)
    }
}

/// What the map is made of: one row per product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueMapParams {
    /// The product's name.
    pub product: String,
    /// Its price, money.
    pub price: String,
    /// What customers value, a column of scores each, on one scale, with its weight.
    pub attributes: Vec<(String, f64)>,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of products.
    pub replicates: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl ValueMapParams {
    /// A map by weighted attributes.
    pub fn new(product: &str, price: &str, attributes: &[(&str, f64)]) -> Self {
        let attributes = attributes.iter().map(|(name, weight)| ((*name).into(), *weight)).collect();
        Self { product: product.into(), price: price.into(), attributes, level: 0.95, replicates: 1000, seed: 1 }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.product.clone(), self.price.clone()];
        columns.extend(self.attributes.iter().map(|(name, _)| name.clone()));
        columns
    }
}

impl Params for ValueMapParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("replicates", self.replicates, 1, 100_000)?;
        let weights = || self.attributes.iter().map(|(_, weight)| *weight);
        let are_weights = weights().all(|weight| weight.is_finite() && weight >= 0.0) && weights().sum::<f64>() > 0.0;
        check::that(are_weights, "attributes", &self.attributes, "weights of at least 0, one above")
    }
}

/// What explains the price: one row per price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HedonicParams {
    /// The price, money.
    pub price: String,
    /// Columns of attributes: numbers as they are, texts and flags as one term for each value but the most frequent.
    pub attributes: Vec<String>,
    /// Of the logarithm of the price: attributes then add a share of it.
    pub log: bool,
    /// Confidence level.
    pub level: f64,
}

impl HedonicParams {
    /// A regression of the logarithm of the price.
    pub fn new(price: &str, attributes: &[&str]) -> Self {
        let attributes = attributes.iter().map(|&name| name.into()).collect();
        Self { price: price.into(), attributes, log: true, level: 0.95 }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        std::iter::once(&self.price).chain(&self.attributes).cloned().collect()
    }
}

impl Params for HedonicParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)
    }
}

/// Which column is what: one row per price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadershipParams {
    /// What is sold.
    pub product: String,
    /// Who sells it.
    pub seller: String,
    /// The price, money.
    pub price: String,
    /// The day of the price.
    pub date: String,
    /// How many of the dates to look back.
    pub lags: usize,
    /// Confidence level.
    pub level: f64,
}

impl LeadershipParams {
    /// Reactions within four dates.
    pub fn new(product: &str, seller: &str, price: &str, date: &str) -> Self {
        let (product, seller, price, date) = (product.into(), seller.into(), price.into(), date.into());
        Self { product, seller, price, date, lags: 4, level: 0.95 }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        vec![self.product.clone(), self.seller.clone(), self.price.clone(), self.date.clone()]
    }
}

impl Params for LeadershipParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("lags", self.lags, 1, 366)
    }
}
