//! The value map: what products ask against what they offer (Gale 1994).

use leverkit_core::analysis::of_model;
use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::rows_left_out;
use leverkit_core::stats::{bootstrap, bootstrap_interval};
use leverkit_core::{LeftOut, Params, Reason, Table};
use leverkit_stats::regression::Fit;
use leverkit_stats::{Estimate, Interval, Term};
use serde::Serialize;

use super::params::ValueMapParams;
use crate::Error;

/// A product on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedProduct {
    /// Its name.
    pub product: String,
    /// Its perceived value: the weighted mean of its attributes.
    pub value: f64,
    /// Its price, money.
    pub price: f64,
    /// What the line asks for its value, with the line's limits: the price to move to, at which it is worth what the market asks and holds its share.
    pub fair_price: Estimate,
    /// Its price less the mean price.
    pub premium_taken: f64,
    /// What its value is worth beyond the mean: slope × (value − mean value).
    pub premium_earned: f64,
    /// Price less fair price, with limits by bootstrap over products.
    pub gap: Interval,
    /// Share of the bootstrap samples in which it is above the line.
    pub probability_above: f64,
}

/// The value map.
#[derive(Debug, Clone, Serialize)]
pub struct ValueMap {
    /// What it was made with.
    pub params: ValueMapParams,
    /// The products, in the order of the rows.
    pub products: Vec<MappedProduct>,
    /// Intercept and slope of the value-equivalence line, by least squares.
    pub line: Vec<Term>,
    /// Share of the variance of prices that value explains; `None` where all prices are equal.
    pub r_squared: Option<f64>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

impl MappedProduct {
    /// Whether it is expensive or cheap for what it offers.
    ///
    /// ```
    /// use leverkit_core::batch;
    /// use leverkit_pricing::{ValueMapParams, value_map};
    /// let brands = batch!(
    ///     "brand" => ["a", "b", "c", "d", "e", "f"],
    ///     "price" => [10.0, 12.0, 14.0, 16.0, 18.0, 20.0],
    ///     "taste" => [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    /// )?;
    /// let map = value_map(&brands.into(), &ValueMapParams::new("brand", "price", &[("taste", 1.0)]))?;
    /// assert!(map.products.iter().all(|product| product.verdict() == "fair"));
    /// # Ok::<(), leverkit_pricing::Error>(())
    /// ```
    pub fn verdict(&self) -> &'static str {
        match self.gap {
            gap if gap.lower > 0.0 => "overpriced",
            gap if gap.upper < 0.0 => "underpriced",
            _ => "fair",
        }
    }
}

/// Draws the value-equivalence line, price = a + b · value by ordinary least squares, and places each product beside it.
///
/// # Errors
/// [`Error::Parameter`] for weights that are no positive numbers; [`Error::NotIdentified`] for fewer than three products or products of one
/// value; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{ValueMapParams, value_map};
/// let brands = batch!("brand" => ["a", "b", "c", "d"], "price" => [10.0, 12.0, 13.0, 16.0], "taste" => [1.0, 2.0, 3.0, 4.0])?;
/// let map = value_map(&brands.into(), &ValueMapParams::new("brand", "price", &[("taste", 1.0)]))?;
/// assert!((map.line[1].estimate.unwrap().interval.estimate - 1.9).abs() < 1e-12);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn value_map(table: &Table, params: &ValueMapParams) -> Result<ValueMap, Error> {
    params.check()?;
    let level = params.level;
    let (names, values, prices, left_out) = read(table, params)?;
    let n = values.len();
    let too_few = |reason: &str| Error::not_identified("value map", format!("{n} {reason}"));
    if n < 3 {
        return Err(too_few("products with a price and all attributes; at least three are needed"));
    }
    let fit = line(&values, &prices)?;
    let terms = fit.terms(&["intercept".into(), "value".into()], &fit.plain(), level);
    if terms[1].estimate.is_none() {
        return Err(too_few("products of one value; products of different values are needed"));
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
    let (mean_value, mean_price, slope) = (mean(&values), mean(&prices), fit.beta[1]);
    let covariance = fit.plain().matrix;
    let replicates = replicates(&values, &prices, params)?;
    let product = |at: usize| {
        let value = values[at];
        let variance = covariance[(0, 0)] + 2.0 * value * covariance[(0, 1)] + value * value * covariance[(1, 1)];
        let fair = fit.beta[0] + slope * value;
        let gaps: Vec<f64> = replicates.iter().map(|(a, b)| prices[at] - a - b * value).collect();
        let limits = bootstrap_interval(prices[at] - fair, &gaps, level, n)?;
        let known = gaps.iter().filter(|gap| !gap.is_nan()).count().max(1);
        Ok(MappedProduct {
            product: names[at].clone(),
            value,
            price: prices[at],
            fair_price: Estimate::of(fair, variance.sqrt(), fit.df(), level),
            premium_taken: prices[at] - mean_price,
            premium_earned: slope * (value - mean_value),
            gap: limits,
            probability_above: gaps.iter().filter(|gap| **gap > 0.0).count() as f64 / known as f64,
        })
    };
    let products = (0..n).map(product).collect::<Result<_, Error>>()?;
    Ok(ValueMap { params: params.clone(), products, line: terms, r_squared: fit.share_explained(), left_out })
}

fn line(values: &[f64], prices: &[f64]) -> Result<Fit, Error> {
    Fit::of(&[vec![1.0; values.len()], values.to_vec()], prices).map_err(of_model("value map"))
}

type Products = (Vec<String>, Vec<f64>, Vec<f64>, Vec<LeftOut>);

/// Names, values and prices of the products that have both.
fn read(table: &Table, params: &ValueMapParams) -> Result<Products, Error> {
    let total: f64 = params.attributes.iter().map(|(_, weight)| weight).sum();
    let column = |role: &str, name: &str| numbers(&find(table, role, name)?, role);
    let prices = column("price", &params.price)?;
    let mut values = vec![0.0; table.rows()];
    for (name, weight) in &params.attributes {
        values.iter_mut().zip(column("attributes", name)?).for_each(|(value, score)| *value += weight / total * score);
    }
    let names = find(table, "product", &params.product)?;
    let (kept, out): (Vec<usize>, Vec<usize>) =
        (0..table.rows()).partition(|&row| values[row].is_finite() && prices[row] > 0.0);
    let left_out = rows_left_out(Reason::NoPriceOrAttribute, &out);
    let pick = |from: &[f64]| kept.iter().map(|&row| from[row]).collect::<Vec<_>>();
    let names = kept.iter().map(|&row| names.text(row).unwrap_or_default()).collect();
    Ok((names, pick(&values), pick(&prices), left_out))
}

/// Intercepts and slopes of lines through products drawn again; NaN where all that were drawn have one value.
fn replicates(values: &[f64], prices: &[f64], params: &ValueMapParams) -> Result<Vec<(f64, f64)>, Error> {
    let line = |draws: &[u32]| {
        let sum =
            |of: &dyn Fn(usize) -> f64| draws.iter().enumerate().map(|(at, n)| f64::from(*n) * of(at)).sum::<f64>();
        let n = values.len() as f64;
        let (value, price) = (sum(&|at| values[at]) / n, sum(&|at| prices[at]) / n);
        let spread = sum(&|at| (values[at] - value).powi(2));
        // What rounding leaves of equal values.
        if spread <= 1e-12 * sum(&|at| values[at].powi(2)) {
            return (f64::NAN, f64::NAN);
        }
        let slope = sum(&|at| (values[at] - value) * (prices[at] - price)) / spread;
        (price - slope * value, slope)
    };
    Ok(bootstrap(values.len(), params.replicates, params.seed, line)?)
}
