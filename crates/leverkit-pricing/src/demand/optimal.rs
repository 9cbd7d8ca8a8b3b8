//! The price that earns most, from an elasticity and its limits, and what other prices would earn. Refused where the data do not say.

use leverkit_core::Params;
use leverkit_stats::Interval;
use serde::Serialize;

use super::params::{Demand, OptimalPriceParams};
use crate::Error;

/// What a price earns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outcome {
    /// The price.
    pub price: f64,
    /// Units, with what the limits of the elasticity make of them.
    pub quantity: Interval,
    /// Price times units.
    pub revenue: Interval,
    /// Price less cost, times units.
    pub profit: Interval,
    /// Whether the price lies outside those observed.
    pub extrapolated: bool,
}

/// The price that earns most.
///
/// ```
/// use leverkit_pricing::{OptimalPriceParams, optimal_price};
/// let params = OptimalPriceParams { price_range: Some((8.0, 15.0)), price: Some(10.0), ..OptimalPriceParams::new((-2.0, None, None), 6.0) };
/// let found = optimal_price(&params)?;
/// let outcomes = found.simulate(&[10.0, 12.0, 20.0])?;
/// // Quantities are relative to today's: at 12, (10 / 12)² of them are left.
/// assert!((outcomes[1].profit.estimate - 6.0 * (10.0_f64 / 12.0).powi(2)).abs() < 1e-12);
/// assert!(outcomes[1].profit.estimate > outcomes[0].profit.estimate && outcomes[2].extrapolated);
/// let curve = found.curve();
/// assert_eq!((curve[0].price, curve[curve.len() - 1].price), (8.0, 15.0));
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct OptimalPrice {
    /// What it was made with.
    pub params: OptimalPriceParams,
    /// The price; `None` where it is refused.
    pub price: Option<f64>,
    /// The price at the elasticity's lower limit, where demand answers most; `None` where refused or unknown.
    pub lower: Option<f64>,
    /// The price at the upper limit; `None` where demand may be inelastic, so that no highest price can be told.
    pub upper: Option<f64>,
    /// What the price earns.
    pub outcome: Option<Outcome>,
    /// What today's price earns; `None` where it is not known.
    pub today: Option<Outcome>,
    /// Why there is no price.
    pub reason: Option<String>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Prices of a curve.
const CURVE: usize = 81;

/// Finds the price with the highest profit (p − c)·q(p).
///
/// Of constant elasticity p = c·ε/(1 + ε), Lerner's (1934) rule; of a line halfway between cost and the price at which nobody buys; of a logit where
/// p − c = 1/(b(1 − s(p))). It is refused where |ε| ≤ 1, as profit then grows with the price as far as anybody has looked, and where the price lies outside
/// those observed.
///
/// # Errors
/// [`Error::Parameter`] for numbers out of range.
///
/// ```
/// use leverkit_pricing::{OptimalPriceParams, optimal_price};
/// let found = optimal_price(&OptimalPriceParams::new((-2.0, Some(-2.5), Some(-1.5)), 6.0))?;
/// assert_eq!((found.lower, found.price, found.upper), (Some(10.0), Some(12.0), Some(18.0)));
/// let refused = optimal_price(&OptimalPriceParams::new((-0.8, None, None), 6.0))?;
/// assert!(refused.price.is_none() && refused.reason.is_some());
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn optimal_price(params: &OptimalPriceParams) -> Result<OptimalPrice, Error> {
    params.check()?;
    let params = completed(params);
    let mut found = OptimalPrice {
        params: params.clone(),
        price: None,
        lower: None,
        upper: None,
        outcome: None,
        today: params.price.map(|price| outcome(&params, price)),
        reason: None,
        notes: vec!["Others' prices and costs are taken to stay as they are.".into()],
    };
    let (elasticity, steep, flat) = params.elasticity;
    let bound = params.demand.least_elastic();
    if elasticity >= bound {
        found.reason = Some(inelastic(elasticity));
        return Ok(found);
    }
    let best = |elasticity: f64| best(&params, elasticity);
    let price = best(elasticity);
    if let Some((low, high)) = params.price_range.filter(|(low, high)| price < *low || price > *high) {
        found.reason = Some(format!(
            "the best price would be {price:.2}, outside the prices observed, {low:.2} to {high:.2}: how demand answers there is not known; test prices in that direction step by step"
        ));
        return Ok(found);
    }
    found.price = Some(price);
    found.lower = steep.filter(|steep| *steep < bound).map(best);
    found.upper = flat.filter(|flat| *flat < bound).map(best);
    found.outcome = Some(outcome(&params, price));
    if flat.is_some_and(|flat| flat >= bound) {
        found.notes.push(match params.demand {
            Demand::Constant => {
                "The elasticity's limits reach −1: demand may be inelastic, so no highest price can be told.".into()
            }
            Demand::Linear | Demand::Logit => {
                "The elasticity's limits reach 0: demand may not fall with the price, so no highest price can be told."
                    .into()
            }
        });
    }
    if steep.is_none() || flat.is_none() {
        found.notes.push("The elasticity came without limits: the price's are not known.".into());
    }
    if let Some((low, high)) = params.price_range {
        let beyond = |limit: Option<f64>| limit.is_some_and(|limit| limit < low || limit > high);
        if beyond(found.lower) || beyond(found.upper) {
            found.notes.push(format!("The price's limits reach beyond the prices observed, {low:.2} to {high:.2}."));
        }
    } else {
        found.notes.push(
            "Without the prices observed nobody can say whether this one lies among them: give price_range.".into(),
        );
    }
    Ok(found)
}

fn inelastic(elasticity: f64) -> String {
    if elasticity >= 0.0 {
        format!(
            "the elasticity is {elasticity:+.2}: sales do not fall with the price, so that no price is the best; the estimate is no demand curve"
        )
    } else {
        format!(
            "demand is inelastic (elasticity {elasticity:.2}, not below −1): profit grows with the price as far as has been observed, so that the best price cannot be told; test higher prices step by step"
        )
    }
}

/// The parameters with today's price.
fn completed(params: &OptimalPriceParams) -> OptimalPriceParams {
    let price = params.price.or_else(|| params.price_range.map(|(low, high)| (low * high).sqrt()));
    OptimalPriceParams { price, ..params.clone() }
}

/// The best price of an elasticity below [`Demand::least_elastic`].
fn best(params: &OptimalPriceParams, elasticity: f64) -> f64 {
    let cost = params.unit_cost;
    let today = params.price.unwrap_or(cost);
    match params.demand {
        Demand::Constant => cost * elasticity / (1.0 + elasticity),
        Demand::Linear => f64::midpoint(today * (1.0 - 1.0 / elasticity), cost),
        Demand::Logit => {
            // p − c − 1/(b(1 − s(p))) rises from below zero at the cost: halved until it is zero.
            let rises = |price: f64| {
                price - cost - 1.0 / (slope(params, elasticity) * (1.0 - share(params, elasticity, price)))
            };
            let mut low = cost;
            let mut high = cost + 1.0 / slope(params, elasticity);
            while rises(high) < 0.0 {
                high = cost + 2.0 * (high - cost);
            }
            for _ in 0..200 {
                let middle = f64::midpoint(low, high);
                if rises(middle) < 0.0 { low = middle } else { high = middle }
            }
            f64::midpoint(low, high)
        }
    }
}

/// b of the logit: the elasticity is −bp(1 − s).
fn slope(params: &OptimalPriceParams, elasticity: f64) -> f64 {
    -elasticity / (params.price.unwrap_or(1.0) * (1.0 - params.share.unwrap_or(0.5)))
}

fn share(params: &OptimalPriceParams, elasticity: f64, price: f64) -> f64 {
    let today = params.share.unwrap_or(0.5);
    let odds = (today / (1.0 - today)).ln() - slope(params, elasticity) * (price - params.price.unwrap_or(1.0));
    1.0 / (1.0 + (-odds).exp())
}

fn quantity(params: &OptimalPriceParams, elasticity: f64, price: f64) -> f64 {
    let today = params.price.unwrap_or(price);
    let relative = match params.demand {
        Demand::Constant => (price / today).powf(elasticity),
        Demand::Linear => (1.0 + elasticity * (price / today - 1.0)).max(0.0),
        Demand::Logit => share(params, elasticity, price) / params.share.unwrap_or(0.5),
    };
    params.quantity * relative
}

/// What a price earns; quantities rise and fall with the elasticity, so its limits are theirs.
fn outcome(params: &OptimalPriceParams, price: f64) -> Outcome {
    let (elasticity, steep, flat) = params.elasticity;
    let at = |elasticity: Option<f64>| elasticity.map_or(f64::NAN, |elasticity| quantity(params, elasticity, price));
    let units = ordered(at(Some(elasticity)), at(steep), at(flat));
    let times = |factor: f64| ordered(factor * units.estimate, factor * units.lower, factor * units.upper);
    let outside = |(low, high): (f64, f64)| price < low || price > high;
    Outcome {
        price,
        quantity: units,
        revenue: times(price),
        profit: times(price - params.unit_cost),
        extrapolated: params.price_range.is_some_and(outside),
    }
}

/// An estimate with the lower and the upper of two limits; NaN where one is not known.
fn ordered(estimate: f64, one: f64, two: f64) -> Interval {
    let (lower, upper) = if one.is_nan() || two.is_nan() { (f64::NAN, f64::NAN) } else { (one.min(two), one.max(two)) };
    Interval { estimate, lower, upper }
}

impl OptimalPrice {
    /// What prices would earn.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a price that is not above zero, or where today's price is not known.
    pub fn simulate(&self, prices: &[f64]) -> Result<Vec<Outcome>, Error> {
        if self.params.price.is_none() {
            return Err(Error::parameter(
                "price",
                "none",
                "today's price or price_range, to which quantities are relative",
            ));
        }
        match prices.iter().find(|price| !(**price > 0.0 && price.is_finite())) {
            Some(wrong) => Err(Error::parameter("prices", wrong.to_string(), "numbers above 0")),
            None => Ok(prices.iter().map(|&price| outcome(&self.params, price)).collect()),
        }
    }

    /// What the prices observed would earn, lowest to highest; without a range those around the best and today's. Empty where today's price is not known.
    pub fn curve(&self) -> Vec<Outcome> {
        let marks: Vec<f64> = [self.price, self.params.price].into_iter().flatten().collect();
        let low = marks.iter().copied().fold(f64::INFINITY, f64::min);
        let high = marks.iter().copied().fold(0.0, f64::max);
        let (low, high) = self.params.price_range.unwrap_or((0.6 * low, 1.5 * high));
        let step = (high - low) / (CURVE - 1) as f64;
        let prices: Vec<f64> = (0..CURVE).map(|at| low + at as f64 * step).collect();
        self.simulate(&prices).unwrap_or_default()
    }
}

/// The change of volume that keeps the contribution where it is after a change of price: −ΔP/(CM + ΔP), both shares of the old price (Smith & Nagle 1994).
///
/// # Errors
/// [`Error::Parameter`] where the price would fall to the cost or below, so that no volume makes up for it.
///
/// ```
/// assert!((leverkit_pricing::break_even_volume(-0.05, 0.3)? - 0.2).abs() < 1e-12);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn break_even_volume(price_change: f64, contribution_margin: f64) -> Result<f64, Error> {
    if !price_change.is_finite() || price_change <= -1.0 {
        return Err(Error::parameter(
            "price_change",
            price_change.to_string(),
            "a share of the price above −1, such as −0.05 for five per cent less",
        ));
    }
    if !(contribution_margin > 0.0 && contribution_margin <= 1.0) {
        return Err(Error::parameter(
            "contribution_margin",
            contribution_margin.to_string(),
            "price less variable cost as a share of the price, above 0 and at most 1",
        ));
    }
    let left = contribution_margin + price_change;
    if left <= 1e-12 {
        let got = format!("{price_change} with a contribution margin of {contribution_margin}");
        return Err(Error::parameter(
            "price_change",
            got,
            "a change that leaves a margin: no volume makes up for units sold at cost or below",
        ));
    }
    Ok(-price_change / left)
}
