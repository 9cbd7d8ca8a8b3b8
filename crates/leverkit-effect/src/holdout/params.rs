//! What a test is read with: the parameters, and their check.

use leverkit_core::{Day, Error, Params, Period, check, iso};
use serde::{Deserialize, Serialize};

/// Which column is what: one row per unit that was drawn into an arm.
///
/// ```
/// use leverkit_effect::HoldoutParams;
/// let params = HoldoutParams { segments: vec!["region".into()], ..HoldoutParams::new("arm", "control", &["spend", "orders"]) };
/// assert_eq!(params.columns(), ["arm", "spend", "orders", "region"]);
/// // Where a ledger has the metrics, the list says who was drawn.
/// assert_eq!(params.columns_drawn("client"), ["client", "arm", "region"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldoutParams {
    /// The arm that the unit was drawn into, whatever it then did.
    pub arm: String,
    /// The name of the arm that nothing was done to.
    pub control: String,
    /// The numbers that are compared; a ledger gives spend, margin, orders, active and items.
    pub metrics: Vec<String>,
    /// The same numbers before the test, by the metric's name.
    pub before: Vec<(String, String)>,
    /// Ratios of sums, such as the average check: name, numerator, denominator.
    pub ratios: Vec<(String, String, String)>,
    /// Columns of segments that were registered before the test.
    pub segments: Vec<String>,
    /// Whether the unit received what its arm was meant to.
    pub received: Option<String>,
    /// A number, known before the test, by which units would be chosen: the greatest first.
    pub score: Option<String>,
    /// Sets of units of about equal number into which the score is cut.
    pub bins: usize,
    /// Shares of units, above which quantile effects are taken.
    pub quantiles: Vec<f64>,
    /// The share of each arm in the draw; equal by default.
    pub shares: Option<Vec<(String, f64)>>,
    /// Confidence level.
    pub level: f64,
    /// Draws of the quantiles' limits.
    pub replicates: usize,
    /// The seed of those draws.
    pub seed: u64,
}

impl HoldoutParams {
    /// A comparison of means alone.
    pub fn new(arm: &str, control: &str, metrics: &[&str]) -> Self {
        Self {
            arm: arm.into(),
            control: control.into(),
            metrics: metrics.iter().map(|&name| name.into()).collect(),
            before: Vec::new(),
            ratios: Vec::new(),
            segments: Vec::new(),
            received: None,
            score: None,
            bins: 10,
            quantiles: Vec::new(),
            shares: None,
            level: 0.95,
            replicates: 2000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let before = self.before.iter().map(|(_, column)| column);
        let ratios = self.ratios.iter().flat_map(|(_, above, below)| [above, below]);
        let single = std::iter::once(&self.arm).chain(&self.received).chain(&self.score);
        single.chain(&self.metrics).chain(before).chain(ratios).chain(&self.segments).cloned().collect()
    }

    /// The columns that are read of the list of who was drawn, where a ledger has the metrics.
    pub fn columns_drawn(&self, customer: &str) -> Vec<String> {
        let single = [customer, self.arm.as_str()].into_iter().map(str::to_owned);
        single.chain(self.received.iter().chain(&self.score).chain(&self.segments).cloned()).collect()
    }

    /// The column of a metric before the test.
    pub(crate) fn before(&self, metric: &str) -> Option<&str> {
        self.before.iter().find(|(name, _)| name == metric).map(|(_, column)| column.as_str())
    }
}

impl Params for HoldoutParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        let any = !self.metrics.is_empty() || !self.ratios.is_empty();
        check::that(any, "metrics", &self.metrics, "one metric at least")?;
        for (metric, _) in &self.before {
            let known = self.metrics.contains(metric);
            check::that(known, "before", metric, &format!("one of the metrics {:?}", self.metrics))?;
        }
        check::count("bins", self.bins, 2, 100)?;
        self.quantiles.iter().try_for_each(|quantile| check::share("quantiles", *quantile))?;
        check::count("replicates", self.replicates, 100, 1_000_000)
    }
}

/// From which days of a ledger a test is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowParams {
    /// The column of the customers in the list of those who were drawn.
    pub customer: String,
    /// The first day of the test.
    #[serde(deserialize_with = "iso::day")]
    pub start: Day,
    /// The last day of the test; by default the day before the ledger's `as_of`.
    #[serde(deserialize_with = "iso::option")]
    pub end: Option<Day>,
    /// Days before the start whose metrics the estimates are adjusted for; by default as many as the test has.
    pub before_days: Option<u32>,
    /// The period by which the effect is followed over the test.
    pub every: Option<Period>,
}

impl WindowParams {
    /// From a day to the ledger's end.
    pub fn new(customer: &str, start: Day) -> Self {
        Self { customer: customer.into(), start, end: None, before_days: None, every: None }
    }
}

impl Params for WindowParams {
    fn check(&self) -> Result<(), Error> {
        self.before_days.map_or(Ok(()), |days| check::days("before_days", days))
    }
}
