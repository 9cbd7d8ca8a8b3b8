//! Results of surveys as record batches.

use leverkit_core::estimates::terms_batch;
use leverkit_core::frames::{each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};
use leverkit_stats::Estimate;

use super::conjoint::{ChoiceElasticity, Conjoint, SimulatedProduct};
use super::gabor_granger::GaborGranger;
use super::part_worths::PartWorths;
use super::rating::RatingConjoint;
use super::van_westendorp::Westendorp;

impl Tables for Westendorp {
    const TABLES: &'static [&'static str] = &["table", "curves", "reach", "revenue"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "curves" => self.curves_batch(),
            "reach" => self.reach_batch(),
            "revenue" => self.revenue_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Westendorp {
    /// One row per point: `point`, `price` with `lower` and `upper` (money), `first` and `last` price at which the curves coincide, `value` (reach, share, or
    /// revenue, money an answer, at the prices where they are highest), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.points;
        batch!(
            "point" => each(rows, |row| row.name),
            "price" => each(rows, |row| row.price.map(|price| price.estimate)),
            "lower" => each(rows, |row| row.price.map(|price| price.lower)),
            "upper" => each(rows, |row| row.price.map(|price| price.upper)),
            "first" => each(rows, |row| row.stretch.map(|stretch| stretch.0)),
            "last" => each(rows, |row| row.stretch.map(|stretch| stretch.1)),
            "value" => each(rows, |row| row.value),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }

    /// One row per price that was named: `price`, and the shares of answers to whom it is `too_cheap`, `cheap`, `expensive`, `too_expensive`, `not_cheap`,
    /// `not_expensive`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn curves_batch(&self) -> Result<RecordBatch, Error> {
        let [too_cheap, cheap, expensive, too_expensive] = &self.shares;
        let rest = |shares: &[f64]| each(shares, |share| 1.0 - share);
        batch!(
            "price" => &self.prices,
            "too_cheap" => each(too_cheap, |share| self.params.too_cheap.as_ref().map(|_| 1.0 - share)),
            "cheap" => rest(cheap),
            "expensive" => expensive,
            "too_expensive" => too_expensive,
            "not_cheap" => cheap,
            "not_expensive" => rest(expensive),
        )
    }

    /// One row per price that was named: `price`, `reach` (share of respondents who would buy).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn reach_batch(&self) -> Result<RecordBatch, Error> {
        batch!("price" => &self.prices[..self.reach.len()], "reach" => &self.reach)
    }

    /// One row per named price: `price`, `revenue` (money per respondent).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn revenue_batch(&self) -> Result<RecordBatch, Error> {
        let revenue: Vec<f64> = self.prices.iter().zip(&self.reach).map(|(price, reach)| price * reach).collect();
        batch!("price" => &self.prices[..self.reach.len()], "revenue" => revenue)
    }
}

impl Tables for GaborGranger {
    const TABLES: &'static [&'static str] = &["table", "best"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "best" => self.best_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl GaborGranger {
    /// One row per price: `price`, `asked`, `share` of yes with `share_lower` and `share_upper`, `demand` (made to fall) with limits, `revenue` (money a
    /// respondent) with limits, `profit` with limits (null without a cost).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.prices;
        batch!(
            "price" => each(rows, |row| row.price),
            "asked" => each(rows, |row| row.asked),
            "share" => each(rows, |row| row.share.estimate),
            "share_lower" => each(rows, |row| row.share.lower),
            "share_upper" => each(rows, |row| row.share.upper),
            "demand" => each(rows, |row| row.demand.estimate),
            "demand_lower" => each(rows, |row| row.demand.lower),
            "demand_upper" => each(rows, |row| row.demand.upper),
            "revenue" => each(rows, |row| row.revenue.estimate),
            "revenue_lower" => each(rows, |row| row.revenue.lower),
            "revenue_upper" => each(rows, |row| row.revenue.upper),
            "profit" => each(rows, |row| row.profit.map(|profit| profit.estimate)),
            "profit_lower" => each(rows, |row| row.profit.map(|profit| profit.lower)),
            "profit_upper" => each(rows, |row| row.profit.map(|profit| profit.upper)),
        )
    }

    /// One row per aim: `aim` (revenue, profit), `price` with `lower` and `upper`, `value` (money per respondent), `at_end` (no price beyond it was
    /// asked).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn best_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.best;
        batch!(
            "aim" => each(rows, |row| row.aim),
            "price" => each(rows, |row| row.price.estimate),
            "lower" => each(rows, |row| row.price.lower),
            "upper" => each(rows, |row| row.price.upper),
            "value" => each(rows, |row| row.value),
            "at_end" => each(rows, |row| row.at_end),
        )
    }
}

impl Tables for PartWorths {
    const TABLES: &'static [&'static str] = &["table", "part_worths", "importance", "willingness_to_pay"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "part_worths" => self.levels_batch(),
            "importance" => self.importance_batch(),
            "willingness_to_pay" => self.willingness_batch(),
            _ => self.to_batch(),
        }
    }
}

impl Tables for Conjoint {
    const TABLES: &'static [&'static str] = PartWorths::TABLES;

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        self.part_worths.make(name)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Tables for RatingConjoint {
    const TABLES: &'static [&'static str] = PartWorths::TABLES;

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        self.part_worths.make(name)
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl PartWorths {
    /// One row per term: `term`, `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        terms_batch(&self.terms)
    }

    /// One row per level, the bases among them, and the ends of numbers: `attribute`, `level`, `utility`, `std_error`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn levels_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.levels();
        let of = |part: fn(Estimate) -> f64| each(&rows, |row| row.utility.map(part));
        batch!(
            "attribute" => each(&rows, |row| row.attribute.as_str()),
            "level" => each(&rows, |row| row.level.as_str()),
            "utility" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
        )
    }

    /// One row per attribute: `attribute`, `importance` (share) with `lower` and `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn importance_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.importance();
        batch!(
            "attribute" => each(&rows, |row| row.attribute.as_str()),
            "importance" => each(&rows, |row| row.share.map(|share| share.estimate)),
            "lower" => each(&rows, |row| row.share.and_then(|share| number(share.lower))),
            "upper" => each(&rows, |row| row.share.and_then(|share| number(share.upper))),
        )
    }

    /// One row per term but the price: `term`, `willingness_to_pay` (money), `std_error`, `lower`, `upper` (delta method), `simulated_lower`, `simulated_upper`
    /// (Krinsky & Robb), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn willingness_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.willingness();
        let of = |part: fn(Estimate) -> f64| each(&rows, |row| row.money.map(part));
        batch!(
            "term" => each(&rows, |row| row.term.as_str()),
            "willingness_to_pay" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
            "simulated_lower" => each(&rows, |row| row.simulated.map(|limits| limits.lower)),
            "simulated_upper" => each(&rows, |row| row.simulated.map(|limits| limits.upper)),
            "reason" => each(&rows, |row| row.reason.as_deref()),
        )
    }
}

impl Conjoint {
    /// One row per pair of alternatives: `alternative` (whose demand), `of` (whose price), `elasticity`, `std_error`, `lower`, `upper`.
    ///
    /// # Errors
    /// As [`Conjoint::elasticities`].
    pub fn elasticities_batch(&self) -> Result<RecordBatch, crate::Error> {
        let rows: Vec<ChoiceElasticity> = self.elasticities()?;
        let of = |part: fn(Estimate) -> f64| each(&rows, |row| row.elasticity.map(part));
        Ok(batch!(
            "alternative" => each(&rows, |row| row.alternative.as_str()),
            "of" => each(&rows, |row| row.of.as_str()),
            "elasticity" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
        )?)
    }
}

/// One row per product or a price: `utility`, `share` with `lower` and `upper`, `price` (money), `revenue` (price × share, money per choice) with `revenue_lower` and
/// `revenue_upper`, `own_elasticity`.
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_survey::simulated_batch;
/// assert_eq!(simulated_batch(&[])?.num_columns(), 9);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn simulated_batch(rows: &[SimulatedProduct]) -> Result<RecordBatch, Error> {
    batch!(
        "utility" => each(rows, |row| row.utility),
        "share" => each(rows, |row| row.share.estimate),
        "lower" => each(rows, |row| number(row.share.lower)),
        "upper" => each(rows, |row| number(row.share.upper)),
        "price" => each(rows, |row| row.price),
        "revenue" => each(rows, |row| row.price.map(|price| price * row.share.estimate)),
        "revenue_lower" => each(rows, |row| row.price.and_then(|price| number(price * row.share.lower))),
        "revenue_upper" => each(rows, |row| row.price.and_then(|price| number(price * row.share.upper))),
        "own_elasticity" => each(rows, |row| row.own_elasticity),
    )
}
