//! Lifetime value: orders expected within a horizon, discounted, times the expected value of an order and the margin; with the uncertainty of the
//! parameters by the delta method on the logarithm.

use leverkit_core::stats::{Interval, normal_quantile, par_sum};
use serde::{Deserialize, Serialize};

use super::fit::Fit;
use super::gamma_gamma::SpendFit;
use super::histories::Histories;
use super::summary::Unit;
use crate::Error;

/// How to value customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueParams {
    /// How far to look, in the summary's unit of time.
    pub horizon: f64,
    /// Discount a year: 0.1 makes money in a year worth 1 / 1.1.
    pub discount_rate: f64,
    /// Profit in a unit of money spent.
    pub margin: f64,
    /// The unit of time of the summary.
    pub unit: Unit,
    /// Confidence level of the limits.
    pub level: f64,
}

/// The value of each customer.
#[derive(Debug, Clone, Serialize)]
pub struct Values {
    /// One for each row of the summary.
    pub each: Vec<Value>,
    /// The value of all customers; limits by the uncertainty of the parameters.
    pub total: Interval,
    /// What to know.
    pub notes: Vec<String>,
}

/// One customer's value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Value {
    /// The chance to be alive.
    pub probability_alive: f64,
    /// Orders expected within the horizon, not discounted.
    pub expected_purchases: f64,
    /// Money expected of an order; `None` where it does not exist.
    pub expected_spend: Option<f64>,
    /// Discounted profit within the horizon, with limits for its expectation, which is not the range of what will happen.
    pub value: Option<Interval>,
}

/// Values customers by a timing model and a model of spend; `monetary` is the mean value of each customer's repeat orders.
///
/// # Errors
/// [`Error::Parameter`] for a horizon below 0, a discount of −1 or less, or a level outside (0, 1).
pub fn lifetime_value(
    timing: &Fit,
    spend: &SpendFit,
    histories: &Histories,
    monetary: &[f64],
    params: &ValueParams,
) -> Result<Values, Error> {
    if !(params.discount_rate.is_finite() && params.discount_rate > -1.0) {
        return Err(Error::parameter(
            "discount_rate",
            params.discount_rate.to_string(),
            "a share a year above -1, such as 0.1",
        ));
    }
    if !params.margin.is_finite() {
        return Err(Error::parameter("margin", params.margin.to_string(), "a number, such as 0.3"));
    }
    if !(params.level > 0.0 && params.level < 1.0) {
        return Err(Error::parameter("level", params.level.to_string(), "a share above 0 and below 1"));
    }
    let discount = params.discount_rate.ln_1p() * params.unit.days() / 365.25;
    let alive = timing.probability_alive(histories)?;
    let purchases = timing.expected_purchases(histories, params.horizon)?;
    let discounted = timing.discounted(histories, params.horizon, discount)?;
    let z = normal_quantile(0.5 + params.level / 2.0);
    let known = timing.estimates.covariance.is_some() && spend.estimates.covariance.is_some();
    let (n_timing, mut slopes) = (timing.estimates.values.len(), vec![0.0; timing.estimates.values.len() + 3]);
    let mut each = Vec::with_capacity(purchases.len());
    for (row, (orders, order_slopes)) in discounted.iter().enumerate() {
        let (check, check_slopes) = spend.expected_with_slopes(histories.history(row).frequency, monetary[row]);
        let exists = check.is_finite();
        let value = orders * check * params.margin;
        if exists {
            slopes[..n_timing]
                .iter_mut()
                .zip(order_slopes)
                .for_each(|(sum, slope)| *sum += slope * check * params.margin);
            slopes[n_timing..].iter_mut().zip(check_slopes).for_each(|(sum, slope)| *sum += slope * value);
        }
        let relative: Vec<f64> =
            order_slopes.iter().map(|slope| if *orders > 0.0 { slope / orders } else { 0.0 }).collect();
        let variance = quadratic(&relative, timing.estimates.covariance.as_deref())
            + quadratic(&check_slopes, spend.estimates.covariance.as_deref());
        let half = if known { (z * variance.sqrt()).exp() } else { f64::NAN };
        each.push(Value {
            probability_alive: alive[row],
            expected_purchases: purchases[row],
            expected_spend: exists.then_some(check),
            value: exists.then(|| ordered(value, value / half, value * half)),
        });
    }
    let sum = par_sum(&each.iter().filter_map(|one| one.value.map(|value| value.estimate)).collect::<Vec<_>>());
    let variance = quadratic(&slopes[..n_timing], timing.estimates.covariance.as_deref())
        + quadratic(&slopes[n_timing..], spend.estimates.covariance.as_deref());
    let factor = if known && sum != 0.0 { (z * variance.sqrt() / sum.abs()).exp() } else { f64::NAN };
    let notes = notes(&each, spend, known);
    Ok(Values { each, total: ordered(sum, sum / factor, sum * factor), notes })
}

/// Limits in order, also of a negative value.
fn ordered(estimate: f64, a: f64, b: f64) -> Interval {
    Interval {
        estimate,
        lower: if a <= b || a.is_nan() { a } else { b },
        upper: if a <= b || a.is_nan() { b } else { a },
    }
}

fn notes(each: &[Value], spend: &SpendFit, known: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let without = each.iter().filter(|one| one.value.is_none()).count();
    if without > 0 {
        notes.push(format!(
            "{without} customers have no value: the mean of spend does not exist for them, as q is {:.3}.",
            spend.estimates.values[1]
        ));
    }
    if !spend.independence.holds {
        notes.push("Spend and frequency are not independent: the model of spend is off for the most and the least frequent customers.".into());
    }
    if !known {
        notes.push("There are no limits: a model has no standard errors.".into());
    }
    notes
}

/// g′ Σ g.
fn quadratic(slopes: &[f64], covariance: Option<&[Vec<f64>]>) -> f64 {
    let Some(covariance) = covariance else { return f64::NAN };
    let row = |i: usize| slopes.iter().zip(&covariance[i]).map(|(slope, c)| slope * c).sum::<f64>();
    slopes.iter().enumerate().map(|(i, slope)| slope * row(i)).sum::<f64>().max(0.0)
}
