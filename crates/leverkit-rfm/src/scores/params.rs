//! Parameters of scores and clusters, with their check.

use leverkit_core::{Day, Error, Params, check, iso};
use serde::{Deserialize, Serialize};

use super::measures::Measure;
use super::segments::SegmentMap;

/// How values become scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreMethod {
    /// Bins of about equal size by quantiles (Hyndman & Fan's type 7); equal values get equal scores.
    #[default]
    Quantile,
    /// Quantiles of frequency within each recency score, and of monetary within each pair of both.
    Nested,
    /// The company's own norms as cut points.
    Thresholds,
    /// Bins of equal width from the least to the greatest value.
    EqualWidth,
    /// Bins by exact one-dimensional k-means.
    Kmeans,
    /// Bins of equal size by rank, as SQL's `ntile`; equal values may get different scores.
    Rank,
}

/// What monetary value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monetary {
    /// Money of all lines, net of returns.
    #[default]
    Total,
    /// Total divided by the number of orders.
    AverageCheck,
}

/// A company's own norms: ascending cut points for each measure, one fewer than bins.
///
/// A recency up to and including a cut point is on its better side; a frequency or monetary value from a cut point on is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Days since the last order.
    pub recency: Vec<f64>,
    /// Orders.
    pub frequency: Vec<f64>,
    /// Money.
    pub monetary: Vec<f64>,
}

impl Thresholds {
    pub(crate) fn of(&self, measure: Measure) -> &[f64] {
        match measure {
            Measure::Recency => &self.recency,
            Measure::Frequency => &self.frequency,
            Measure::Monetary => &self.monetary,
        }
    }

    fn check(&self) -> Result<(), Error> {
        Measure::ALL.into_iter().try_for_each(|measure| {
            let cuts = self.of(measure);
            let ascend = cuts.iter().all(|cut| cut.is_finite()) && cuts.windows(2).all(|pair| pair[0] < pair[1]);
            let name = format!("thresholds.{}", measure.name());
            check::that((1..=9).contains(&cuts.len()) && ascend, &name, &cuts, "1 to 9 ascending cut points")
        })
    }
}

/// Parameters of scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScoreParams {
    /// The day from which to look back; lines after it are left out. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
    /// Bins of recency, frequency and monetary, 2 to 10 each.
    pub bins: [u8; 3],
    /// How values become scores.
    pub method: ScoreMethod,
    /// What monetary value is.
    pub monetary: Monetary,
    /// Cut points for [`ScoreMethod::Thresholds`].
    pub thresholds: Option<Thresholds>,
    /// The segments; by default the widespread map of eleven.
    pub segments: SegmentMap,
    /// Weights of the three scores in the weighted score.
    pub weights: [f64; 3],
}

impl Default for ScoreParams {
    fn default() -> Self {
        Self {
            as_of: None,
            bins: [5; 3],
            method: ScoreMethod::default(),
            monetary: Monetary::default(),
            thresholds: None,
            segments: SegmentMap::default(),
            weights: [1.0; 3],
        }
    }
}

impl Params for ScoreParams {
    /// ```
    /// use leverkit_core::Params;
    /// use leverkit_rfm::ScoreParams;
    /// let error = ScoreParams { bins: [5, 5, 11], ..ScoreParams::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "bins: got 11; expected 2 to 10");
    /// ```
    fn check(&self) -> Result<(), Error> {
        self.check_thresholds()?;
        if self.thresholds.is_none() {
            check_bins(self.bins)?;
        }
        let sound = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        check::that(
            self.weights.iter().all(sound) && self.weights.iter().sum::<f64>() > 0.0,
            "weights",
            &self.weights,
            "three numbers of at least 0, not all 0",
        )
    }
}

impl ScoreParams {
    fn check_thresholds(&self) -> Result<(), Error> {
        let wrong = |got: String, expected: &str| {
            Err(Error::Parameter { parameter: "thresholds".into(), got, expected: expected.into() })
        };
        match (self.method, &self.thresholds) {
            (ScoreMethod::Thresholds, None) => {
                wrong("none".into(), "cut points for recency, frequency and monetary with method=\"thresholds\"")
            }
            (ScoreMethod::Thresholds, Some(thresholds)) => thresholds.check(),
            (method, Some(_)) => wrong(format!("cut points with method {method:?}"), "method=\"thresholds\""),
            (_, None) => Ok(()),
        }
    }

    /// The same parameters with the bins that thresholds set, where there are any.
    pub(crate) fn with_bins_of_thresholds(&self) -> Self {
        let of = |thresholds: &Thresholds| Measure::ALL.map(|measure| thresholds.of(measure).len() as u8 + 1);
        Self { bins: self.thresholds.as_ref().map_or(self.bins, of), ..self.clone() }
    }
}

/// Checks the number of scores of each measure.
pub(crate) fn check_bins(bins: [u8; 3]) -> Result<(), Error> {
    bins.into_iter().try_for_each(|bins| check::count("bins", bins.into(), 2, 10))
}

/// A measure by which customers fall into clusters.
///
/// ```
/// use leverkit_rfm::ClusterMeasure;
/// assert_eq!(ClusterMeasure::ALL.map(ClusterMeasure::name)[..4], ["recency", "frequency", "monetary", "average_check"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterMeasure {
    /// Days since the last order.
    Recency,
    /// Orders.
    Frequency,
    /// Money of all lines, net of returns.
    Monetary,
    /// Money per order.
    AverageCheck,
    /// Orders a year since the first one.
    OrdersPerYear,
    /// Days since the first order.
    Tenure,
    /// Distinct products.
    Products,
}

impl ClusterMeasure {
    /// All measures, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Recency,
        Self::Frequency,
        Self::Monetary,
        Self::AverageCheck,
        Self::OrdersPerYear,
        Self::Tenure,
        Self::Products,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency",
            Self::Frequency => "frequency",
            Self::Monetary => "monetary",
            Self::AverageCheck => "average_check",
            Self::OrdersPerYear => "orders_per_year",
            Self::Tenure => "tenure",
            Self::Products => "products",
        }
    }
}

/// Parameters of clusters of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterParams {
    /// The day from which to look back; lines after it are left out. By default the ledger's.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
    /// The measures by which customers are alike.
    pub measures: Vec<ClusterMeasure>,
    /// How many clusters; judged by their stability where it is not given.
    pub number: Option<usize>,
    /// The largest number that is judged.
    pub most: usize,
    /// Samples by which each number is judged.
    pub replicates: usize,
    /// Seed of samples and starts.
    pub seed: u64,
}

impl Default for ClusterParams {
    fn default() -> Self {
        let measures = vec![ClusterMeasure::Recency, ClusterMeasure::Frequency, ClusterMeasure::AverageCheck];
        Self { as_of: None, measures, number: None, most: 8, replicates: 20, seed: 1 }
    }
}

impl Params for ClusterParams {
    /// ```
    /// use leverkit_core::Params;
    /// use leverkit_rfm::ClusterParams;
    /// let error = ClusterParams { most: 40, ..ClusterParams::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "most: got 40; expected 1 to 20");
    /// ```
    fn check(&self) -> Result<(), Error> {
        let is_new = |(place, of): (usize, &ClusterMeasure)| !self.measures[..place].contains(of);
        check::that(
            !self.measures.is_empty() && self.measures.iter().enumerate().all(is_new),
            "measures",
            &self.measures,
            "one measure or more, each once",
        )?;
        self.number.map_or(Ok(()), |number| check::count("number", number, 1, 20))?;
        check::count("most", self.most, 1, 20)?;
        check::count("replicates", self.replicates, 2, 1000)
    }
}
