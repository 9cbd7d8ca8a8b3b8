//! What points are read with: the parameters, and their check.

use leverkit_core::{Day, Error, Params, Period, check, iso};
use serde::{Deserialize, Serialize};

/// Which column is what: one row per movement of a customer's points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiabilityParams {
    /// The customer.
    pub customer: String,
    /// The day.
    pub date: String,
    /// Points earned.
    pub earned: String,
    /// Points redeemed, as positive numbers.
    pub redeemed: String,
    /// Points that lapsed, as positive numbers.
    pub expired: Option<String>,
    /// The period by which earnings and ages are counted.
    pub period: Period,
    /// What a point costs when it is redeemed, money.
    pub point_cost: f64,
    /// Periods after which what is left of an earning lapses.
    pub expires_after: Option<u32>,
    /// The day on which the points are valued; by default the day after the last row.
    #[serde(deserialize_with = "iso::option")]
    pub as_of: Option<Day>,
    /// Confidence level.
    pub level: f64,
    /// Bootstrap samples of customers; by default 1000, fewer where there are many customers, and at least 100.
    pub replicates: Option<usize>,
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl LiabilityParams {
    /// Months, and points that cost 1.
    pub fn new(customer: &str, date: &str, earned: &str, redeemed: &str) -> Self {
        Self {
            customer: customer.into(),
            date: date.into(),
            earned: earned.into(),
            redeemed: redeemed.into(),
            expired: None,
            period: Period::Month,
            point_cost: 1.0,
            expires_after: None,
            as_of: None,
            level: 0.95,
            replicates: None,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let needed = [&self.customer, &self.date, &self.earned, &self.redeemed];
        needed.into_iter().chain(&self.expired).cloned().collect()
    }

    /// Bootstrap samples of so many numbers.
    pub(crate) fn replicates(&self, numbers: usize) -> usize {
        self.replicates.unwrap_or_else(|| (400_000_000 / numbers.max(1)).clamp(100, 1000))
    }
}

impl Params for LiabilityParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::not_negative("point_cost", self.point_cost)?;
        self.expires_after.map_or(Ok(()), |periods| check::count("expires_after", periods as usize, 1, 1200))?;
        self.replicates.map_or(Ok(()), |count| check::count("replicates", count, 100, 100_000))
    }
}

/// A sale of goods with points, and what became of the points since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeferralParams {
    /// What customers paid, money.
    pub paid: f64,
    /// The stand-alone price of the goods.
    pub goods: f64,
    /// The stand-alone price of the points: that of those expected to be redeemed.
    pub points: f64,
    /// Points redeemed in each period.
    pub redeemed: Vec<f64>,
    /// Points expected, at the end of each period, to be redeemed in all.
    pub expected: Vec<f64>,
}

impl Params for DeferralParams {
    fn check(&self) -> Result<(), Error> {
        check::above_zero("paid", self.paid)?;
        check::above_zero("goods", self.goods)?;
        check::not_negative("points", self.points)?;
        let same = self.redeemed.len() == self.expected.len() && !self.redeemed.is_empty();
        check::that(same, "expected", &self.expected, "one number per period, as `redeemed` has")?;
        self.redeemed.iter().try_for_each(|points| check::not_negative("redeemed", *points))?;
        let mut so_far = 0.0;
        for (redeemed, expected) in self.redeemed.iter().zip(&self.expected) {
            so_far += redeemed;
            let least = format!("at least the {so_far} points redeemed by then");
            check::that(*expected >= so_far && *expected > 0.0 && expected.is_finite(), "expected", expected, &least)?;
        }
        Ok(())
    }
}
