//! Parameters of the analyses of deals, with their check.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use super::deals::Size;

/// How to lay out a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WaterfallParams {
    /// Columns whose values have a waterfall each.
    pub by: Vec<String>,
    /// Components that stand on the invoice; they come first, and the invoice price follows them. Without any there is no invoice price.
    pub on_invoice: Vec<String>,
    /// By how much money list price less components may miss a given pocket price in a row.
    pub tolerance: f64,
}

impl Default for WaterfallParams {
    fn default() -> Self {
        Self { by: Vec::new(), on_invoice: Vec::new(), tolerance: 0.01 }
    }
}

impl Params for WaterfallParams {
    fn check(&self) -> Result<(), Error> {
        check::that(self.tolerance >= 0.0, "tolerance", &self.tolerance, "money of at least 0")
    }
}

/// How to look at the band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BandParams {
    /// Columns whose values have a band each.
    pub by: Vec<String>,
    /// What deals weigh: units, which only compare within a product, or money at list price; by default units where there is a quantity.
    pub weight: Option<Size>,
    /// A pocket price, share of list price, below which no deal should be.
    pub floor: Option<f64>,
    /// Confidence level.
    pub level: f64,
}

impl Default for BandParams {
    fn default() -> Self {
        Self { by: Vec::new(), weight: None, floor: None, level: 0.95 }
    }
}

impl Params for BandParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        let is_number = self.floor.is_none_or(f64::is_finite);
        check::that(is_number, "floor", &format_args!("no number"), "a share of list price such as 0.7")
    }
}

/// How to look for leaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeakageParams {
    /// Columns whose values are compared, each on its own: customer, rep, region.
    pub by: Vec<String>,
    /// What makes a deal large.
    pub size: Option<Size>,
    /// Which quantile of the discounts of a size is the norm that outliers are far from.
    pub quantile: f64,
    /// From how many robust standard deviations on a deal is an outlier.
    pub outlier: f64,
    /// Confidence level.
    pub level: f64,
}

impl Default for LeakageParams {
    fn default() -> Self {
        Self { by: Vec::new(), size: None, quantile: 0.5, outlier: 3.5, level: 0.95 }
    }
}

impl Params for LeakageParams {
    fn check(&self) -> Result<(), Error> {
        check::share("quantile", self.quantile)?;
        check::share("level", self.level)?;
        check::that(self.outlier > 0.0, "outlier", &self.outlier, "robust standard deviations above 0")
    }
}

/// How to find a deal's peers and what to aim at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DealScoreParams {
    /// Columns that make deals alike, the most telling first. The size of the deal comes after the first.
    pub peers: Vec<String>,
    /// Bands of size, of about equal numbers of deals; 1 leaves size out.
    pub size_bands: usize,
    /// Fewest deals of a peer group.
    pub min_peers: usize,
    /// Quantiles of the peers' prices: what to refuse, to aim at, to hope for.
    pub floor: f64,
    /// The target's quantile.
    pub target: f64,
    /// The stretch's quantile.
    pub stretch: f64,
    /// Confidence level.
    pub level: f64,
}

impl Default for DealScoreParams {
    fn default() -> Self {
        Self { peers: Vec::new(), size_bands: 4, min_peers: 30, floor: 0.2, target: 0.5, stretch: 0.8, level: 0.95 }
    }
}

impl Params for DealScoreParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::share("floor", self.floor)?;
        check::share("target", self.target)?;
        check::share("stretch", self.stretch)?;
        let rise = self.floor < self.target && self.target < self.stretch;
        let marks = [self.floor, self.target, self.stretch];
        check::that(rise, "floor, target, stretch", &marks, "rising quantiles such as 0.2, 0.5, 0.8")?;
        check::count("size_bands", self.size_bands, 1, 1000)?;
        check::that(self.min_peers > 0, "min_peers", &self.min_peers, "at least 1")
    }
}

/// What to bridge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BridgeParams {
    /// The column that tells the two sides apart.
    pub period: String,
    /// Its values on the one side, as text; of dates also years and months such as `2024-03`.
    pub base: Vec<String>,
    /// Its values on the other side.
    pub against: Vec<String>,
    /// Columns whose values together are an item with one price.
    pub keys: Vec<String>,
    /// Units.
    pub quantity: String,
    /// Money of the row, in the currency of the result.
    pub revenue: String,
    /// The same money in the currency of the sale: splits off what exchange rates did.
    #[serde(default)]
    pub local_revenue: Option<String>,
    /// Cost of the row: the bridge is then one of margin.
    #[serde(default)]
    pub cost: Option<String>,
}

impl BridgeParams {
    /// A bridge of revenue between two values of a column.
    pub fn new(period: &str, base: &str, against: &str, keys: &[&str], quantity: &str, revenue: &str) -> Self {
        Self {
            period: period.into(),
            base: vec![base.into()],
            against: vec![against.into()],
            keys: keys.iter().map(|&key| key.into()).collect(),
            quantity: quantity.into(),
            revenue: revenue.into(),
            local_revenue: None,
            cost: None,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.period.clone(), self.quantity.clone(), self.revenue.clone()];
        columns.extend(self.keys.iter().cloned());
        columns.extend([&self.local_revenue, &self.cost].into_iter().flatten().cloned());
        columns
    }
}

impl Params for BridgeParams {
    fn check(&self) -> Result<(), Error> {
        let expected = "the columns whose values are an item, such as [\"sku\"]";
        check::that(!self.keys.is_empty(), "keys", &format_args!("none"), expected)
    }
}
