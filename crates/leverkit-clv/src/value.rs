//! Lifetime value: orders expected within a horizon or without one, discounted, times the expected value of an order and the margin; with the uncertainty of the
//! parameters by the delta method on the logarithm.

use leverkit_core::stats::{Interval, normal_quantile, par_sum};
use leverkit_core::{DAYS_PER_YEAR, Params, counted};
use serde::Serialize;

use crate::fit::Fit;
use crate::histories::Histories;
use crate::spend::SpendFit;
use crate::{Error, ValueParams};

/// The value of each customer.
#[derive(Debug, Clone, Serialize)]
pub struct Values {
    /// One for each row of the summary.
    pub each: Vec<CustomerValue>,
    /// The value of all customers; its limits come from the uncertainty of the parameters.
    pub total: Interval,
    /// What to know.
    pub notes: Vec<String>,
}

/// One customer's value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CustomerValue {
    /// The chance to be alive.
    pub probability_alive: f64,
    /// Orders expected within the horizon, not discounted; `None` without a horizon.
    pub expected_purchases: Option<f64>,
    /// Orders expected within the horizon, discounted; without a horizon, all that are still to come.
    pub discounted_purchases: f64,
    /// Expected money per order; `None` if it does not exist.
    pub expected_spend: Option<f64>,
    /// Discounted profit within the horizon, or without one, with limits for its expectation, which is not the range of what will happen.
    pub value: Option<Interval>,
}

/// Values customers by a timing model and a model of spend; `monetary` is the mean value of each customer's repeat orders.
///
/// # Errors
/// [`Error::Core`] for a horizon below 0, no horizon without a discount, a discount of −1 or less, or a level outside (0, 1).
///
/// ```
/// use leverkit_clv::{Columns, Family, Fit, Histories, SpendFit, ValueParams, lifetime_value};
/// let columns = Columns { frequency: vec![2.0, 0.0], recency: vec![30.43, 0.0], t: vec![38.86; 2], ..Columns::default() };
/// let histories = Histories::new(columns, Family::BetaGeo)?;
/// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
/// let spend = SpendFit::of([6.25, 3.74, 15.44])?;
/// let found = lifetime_value(&model, &spend, &histories, &[40.0, 0.0], &ValueParams::default())?;
/// let values: Vec<f64> = found.each.iter().filter_map(|one| one.value.map(|value| value.estimate)).collect();
/// assert!(values[0] > values[1] && values[1] > 0.0);
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn lifetime_value(
    timing: &Fit,
    spend: &SpendFit,
    histories: &Histories,
    monetary: &[f64],
    params: &ValueParams,
) -> Result<Values, Error> {
    params.check()?;
    let discount = params.discount_rate.ln_1p() * params.unit.days() / DAYS_PER_YEAR;
    let alive = timing.probability_alive(histories, 0.0)?;
    let purchases = params.horizon.map(|horizon| timing.expected_purchases(histories, horizon)).transpose()?;
    let discounted = timing.discounted(histories, params.horizon, discount)?;
    let mut valuation = Valuation::new(timing, spend, params);
    let each: Vec<CustomerValue> = discounted
        .iter()
        .enumerate()
        .map(|(row, orders)| {
            let (spend, slopes) = spend.expected_with_slopes(histories.history(row).frequency, monetary[row]);
            CustomerValue {
                probability_alive: alive[row],
                expected_purchases: purchases.as_ref().map(|purchases| purchases[row]),
                discounted_purchases: orders.0,
                expected_spend: spend.is_finite().then_some(spend),
                value: spend.is_finite().then(|| valuation.add(orders, spend, slopes)),
            }
        })
        .collect();
    let total = valuation.total(&each);
    let notes = notes(&each, timing, spend);
    Ok(Values { each, total, notes })
}

/// Fewer customers than this bend the likelihood too unevenly for limits by its curvature: these would hold the truth too rarely.
const FEWEST_CUSTOMERS: f64 = 500.0;

/// Why there are no limits.
fn no_limits(timing: &Fit, spend: &SpendFit) -> Option<String> {
    let customers = timing.estimates.customers;
    if timing.estimates.covariance.is_none() || spend.estimates.covariance.is_none() {
        Some("There are no limits: a model has no standard errors.".into())
    } else if customers < FEWEST_CUSTOMERS {
        Some(format!(
            "There are no limits: {customers} customers are too few for them; at least {FEWEST_CUSTOMERS} are needed."
        ))
    } else {
        None
    }
}

/// The two models with what makes their orders and spend into money, and the slopes of the sum so far.
struct Valuation<'a> {
    timing: &'a Fit,
    spend: &'a SpendFit,
    margin: f64,
    z: f64,
    /// Whether there are limits.
    known: bool,
    timing_slopes: Vec<f64>,
    spend_slopes: [f64; 3],
}

impl<'a> Valuation<'a> {
    fn new(timing: &'a Fit, spend: &'a SpendFit, params: &ValueParams) -> Self {
        Self {
            timing,
            spend,
            margin: params.margin,
            z: normal_quantile(0.5 + params.level / 2.0),
            known: no_limits(timing, spend).is_none(),
            timing_slopes: vec![0.0; timing.estimates.values.len()],
            spend_slopes: [0.0; 3],
        }
    }

    /// The value of a customer by discounted orders and spend, each with its slopes; counted in the total.
    fn add(&mut self, (orders, order_slopes): &(f64, Vec<f64>), spend: f64, spend_slopes: [f64; 3]) -> Interval {
        let value = orders * spend * self.margin;
        let margin = self.margin;
        self.timing_slopes.iter_mut().zip(order_slopes).for_each(|(sum, slope)| *sum += slope * spend * margin);
        self.spend_slopes.iter_mut().zip(spend_slopes).for_each(|(sum, slope)| *sum += slope * value);
        let relative: Vec<f64> =
            order_slopes.iter().map(|slope| if *orders > 0.0 { slope / orders } else { 0.0 }).collect();
        self.limits(value, self.z * self.variance(&relative, &spend_slopes).sqrt())
    }

    fn total(&self, each: &[CustomerValue]) -> Interval {
        let sum = par_sum(&each.iter().filter_map(|one| one.value.map(|value| value.estimate)).collect::<Vec<_>>());
        let variance = self.variance(&self.timing_slopes, &self.spend_slopes);
        self.limits(sum, if sum == 0.0 { f64::NAN } else { self.z * variance.sqrt() / sum.abs() })
    }

    /// The variance by the delta method.
    fn variance(&self, timing: &[f64], spend: &[f64]) -> f64 {
        quadratic(timing, self.timing.estimates.covariance.as_deref())
            + quadratic(spend, self.spend.estimates.covariance.as_deref())
    }

    /// Limits this far up and down on the logarithm; NaN where a model has no covariance.
    fn limits(&self, value: f64, distance: f64) -> Interval {
        let factor = if self.known { distance.exp() } else { f64::NAN };
        ordered(value, value / factor, value * factor)
    }
}

/// Limits in order, also of a negative value.
fn ordered(estimate: f64, a: f64, b: f64) -> Interval {
    Interval {
        estimate,
        lower: if a <= b || a.is_nan() { a } else { b },
        upper: if a <= b || a.is_nan() { b } else { a },
    }
}

fn notes(each: &[CustomerValue], timing: &Fit, spend: &SpendFit) -> Vec<String> {
    let mut notes = Vec::new();
    let without = each.iter().filter(|one| one.value.is_none()).count();
    if without > 0 {
        notes.push(format!(
            "{} no value: mean spend does not exist for them, because q is {:.3}.",
            counted(without, "customer has", "customers have"),
            spend.estimates.values[1]
        ));
    }
    if spend.independence.is_some_and(|test| !test.holds) {
        notes.push("Spend and frequency are not independent: the spend model is biased for the most and the least frequent customers.".into());
    }
    notes.extend(no_limits(timing, spend));
    notes
}

/// g′ Σ g.
fn quadratic(slopes: &[f64], covariance: Option<&[Vec<f64>]>) -> f64 {
    let Some(covariance) = covariance else { return f64::NAN };
    let row = |i: usize| slopes.iter().zip(&covariance[i]).map(|(slope, c)| slope * c).sum::<f64>();
    slopes.iter().enumerate().map(|(i, slope)| slope * row(i)).sum::<f64>().max(0.0)
}
