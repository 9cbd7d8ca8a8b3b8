//! Results of surveys as record batches.

use leverkit_core::frames::{each, number};
use leverkit_core::{RecordBatch, batch};

use super::terms_batch;
use crate::{ChoiceElasticity, Conjoint, Error, Estimate, GaborGranger, PartWorths, SimulatedProduct, Westendorp};

impl Westendorp {
    /// One row a point: `point`, `price` with `lower` and `upper` (money), `first` and `last` price at which the curves coincide, `value` (reach, share, or
    /// revenue, money an answer, at the prices where they are highest), `reason`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.points;
        Ok(batch!(
            "point" => each(rows, |row| row.name),
            "price" => each(rows, |row| row.price.map(|price| price.estimate)),
            "lower" => each(rows, |row| row.price.map(|price| price.lower)),
            "upper" => each(rows, |row| row.price.map(|price| price.upper)),
            "first" => each(rows, |row| row.stretch.map(|stretch| stretch.0)),
            "last" => each(rows, |row| row.stretch.map(|stretch| stretch.1)),
            "value" => each(rows, |row| row.value),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )?)
    }

    /// One row a price that was named: `price`, and the shares of answers to whom it is `too_cheap`, `cheap`, `expensive`, `too_expensive`, `not_cheap`,
    /// `not_expensive`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn curves_batch(&self) -> Result<RecordBatch, Error> {
        let [too_cheap, cheap, expensive, too_expensive] = &self.shares;
        let rest = |shares: &[f64]| each(shares, |share| 1.0 - share);
        Ok(batch!(
            "price" => &self.prices,
            "too_cheap" => rest(too_cheap),
            "cheap" => rest(cheap),
            "expensive" => expensive,
            "too_expensive" => too_expensive,
            "not_cheap" => cheap,
            "not_expensive" => rest(expensive),
        )?)
    }

    /// One row a price that was named: `price`, `reach` (share of respondents who would buy).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn reach_batch(&self) -> Result<RecordBatch, Error> {
        Ok(batch!("price" => &self.prices[..self.reach.len()], "reach" => &self.reach)?)
    }

    /// One row a price that was named: `price`, `revenue` (money a respondent).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn revenue_batch(&self) -> Result<RecordBatch, Error> {
        let revenue: Vec<f64> = self.prices.iter().zip(&self.reach).map(|(price, reach)| price * reach).collect();
        Ok(batch!("price" => &self.prices[..self.reach.len()], "revenue" => revenue)?)
    }
}

impl GaborGranger {
    /// One row a price: `price`, `asked`, `share` of yes with `share_lower` and `share_upper`, `demand` (made to fall) with limits, `revenue` (money a
    /// respondent) with limits, `profit` with limits (null without a cost).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.prices;
        Ok(batch!(
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
        )?)
    }

    /// One row an aim: `aim` (revenue, profit), `price` with `lower` and `upper`, `value` (money a respondent), `at_end` (no price beyond was asked).
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn best_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.best;
        Ok(batch!(
            "aim" => each(rows, |row| row.aim),
            "price" => each(rows, |row| row.price.estimate),
            "lower" => each(rows, |row| row.price.lower),
            "upper" => each(rows, |row| row.price.upper),
            "value" => each(rows, |row| row.value),
            "at_end" => each(rows, |row| row.at_end),
        )?)
    }
}

impl PartWorths {
    /// One row a term: `term`, `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`, `reason`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        terms_batch(&self.terms)
    }

    /// One row a level, the bases among them, and the ends of numbers: `attribute`, `level`, `utility`, `std_error`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn levels_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.levels();
        let of = |part: fn(Estimate) -> f64| each(&rows, |row| row.utility.map(part));
        Ok(batch!(
            "attribute" => each(&rows, |row| row.attribute.as_str()),
            "level" => each(&rows, |row| row.level.as_str()),
            "utility" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
        )?)
    }

    /// One row an attribute: `attribute`, `importance` (share) with `lower` and `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn importance_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.importance();
        Ok(batch!(
            "attribute" => each(&rows, |row| row.attribute.as_str()),
            "importance" => each(&rows, |row| row.share.map(|share| share.estimate)),
            "lower" => each(&rows, |row| row.share.and_then(|share| number(share.lower))),
            "upper" => each(&rows, |row| row.share.and_then(|share| number(share.upper))),
        )?)
    }

    /// One row a term but the price: `term`, `willingness_to_pay` (money), `std_error`, `lower`, `upper` (delta method), `simulated_lower`, `simulated_upper`
    /// (Krinsky & Robb), `reason`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn willingness_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.willingness();
        let of = |part: fn(Estimate) -> f64| each(&rows, |row| row.money.map(part));
        Ok(batch!(
            "term" => each(&rows, |row| row.term.as_str()),
            "willingness_to_pay" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
            "simulated_lower" => each(&rows, |row| row.simulated.map(|limits| limits.0)),
            "simulated_upper" => each(&rows, |row| row.simulated.map(|limits| limits.1)),
            "reason" => each(&rows, |row| row.reason.as_deref()),
        )?)
    }
}

impl Conjoint {
    /// One row a pair of alternatives: `alternative` (whose demand), `of` (whose price), `elasticity`, `std_error`, `lower`, `upper`.
    ///
    /// # Errors
    /// As [`Conjoint::elasticities`].
    pub fn elasticities_batch(&self) -> Result<RecordBatch, Error> {
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

/// One row a product or a price: `utility`, `share` with `lower` and `upper`, `price` (money), `revenue` (price × share, money a choice) with `revenue_lower` and
/// `revenue_upper`, `own_elasticity`.
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn simulated_batch(rows: &[SimulatedProduct]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "utility" => each(rows, |row| row.utility),
        "share" => each(rows, |row| row.share.estimate),
        "lower" => each(rows, |row| number(row.share.lower)),
        "upper" => each(rows, |row| number(row.share.upper)),
        "price" => each(rows, |row| row.price),
        "revenue" => each(rows, |row| row.price.map(|price| price * row.share.estimate)),
        "revenue_lower" => each(rows, |row| row.price.and_then(|price| number(price * row.share.lower))),
        "revenue_upper" => each(rows, |row| row.price.and_then(|price| number(price * row.share.upper))),
        "own_elasticity" => each(rows, |row| row.own_elasticity),
    )?)
}
