//! Fitting the model of spend, Gamma-Gamma, by maximum likelihood. It needs spend and frequency to be independent, which is tested and reported.

use leverkit_core::stats::{Interval, normal_quantile};
use leverkit_core::{check, counted};
use rayon::prelude::*;
use serde::Serialize;
use statrs::function::erf::erfc;

use crate::Error;
use crate::estimates::{Convergence, Estimates, covariance};
use crate::histories::{COUNT, is_count};
use crate::models::gamma_gamma::{Spender, Weighted, log_likelihood};
use crate::optimise::{Objective, Search, curvature, search};

const SAMPLE: usize = 4000;
const NAMES: [&str; 3] = ["p", "q", "v"];
/// A correlation this small changes no decision, however significant.
const HARMLESS: f64 = 0.1;

/// The fitted model of spend.
#[derive(Debug, Clone, Serialize)]
pub struct SpendFit {
    /// Parameters p, q and v (money).
    pub estimates: Estimates,
    /// Whether spend and frequency are independent, among customers with a repeat order; `None` of given parameters.
    pub independence: Option<Independence>,
}

/// The test of independence of spend and frequency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Independence {
    /// Customers with a repeat order and positive mean spend.
    pub customers: usize,
    /// Spearman's rank correlation, which large spenders do not sway, with 95 % limits by Fisher's transformation.
    pub spearman: Interval,
    /// Its two-sided p-value.
    pub p_value: f64,
    /// Pearson's correlation, as papers report it.
    pub pearson: f64,
    /// Whether the model may be used: the limits hold a correlation below 0.1 either way.
    pub holds: bool,
}

/// Fits the model to repeat orders (`frequency`) and their mean value (`monetary`, money) of each customer. Customers without a repeat order tell
/// nothing of spend; those whose mean is not above 0 (refunds, gifts) are left out and counted.
///
/// # Errors
/// [`Error::History`] for values that cannot be; [`Error::Convergence`] where no maximum was found.
///
/// ```
/// let frequency: Vec<f64> = (0..300).map(|i| f64::from(1 + i % 5)).collect();
/// let spend: Vec<f64> = (0..300).map(|i| 10.0 + f64::from(i * 37 % 100)).collect();
/// let model = leverkit_clv::fit_spend(&frequency, &spend, None, 0.0)?;
/// assert!(model.independence.unwrap().holds && model.expected(4.0, 35.0).unwrap() > 35.0);
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn fit_spend(
    frequency: &[f64],
    monetary: &[f64],
    weights: Option<&[f64]>,
    penalizer: f64,
) -> Result<SpendFit, Error> {
    check::not_negative("penalizer", penalizer)?;
    let (spenders, notes) = spenders(frequency, monetary, weights)?;
    let problem = Problem::new(spenders, penalizer)?;
    let found = problem.solve()?;
    let independence = independence(&problem.rows);
    let mut estimates = problem.estimates(&found);
    estimates.notes.extend(notes);
    estimates.notes.extend(independence.words());
    if estimates.values[1] <= 1.0 {
        estimates.notes.push(format!(
            "q is {:.3}, not above 1: spend is so uneven that its mean over all customers does not exist. Customers without a repeat order get no expected spend.",
            estimates.values[1]
        ));
    }
    Ok(SpendFit { estimates, independence: Some(independence) })
}

pub(crate) fn spenders(
    frequency: &[f64],
    monetary: &[f64],
    weights: Option<&[f64]>,
) -> Result<(Vec<Weighted>, Vec<String>), Error> {
    let (mut kept, mut left_out, mut money) = (Vec::new(), 0_usize, 0.0);
    for (row, (&x, &mean)) in frequency.iter().zip(monetary).enumerate() {
        check_row(row, x, mean)?;
        if x == 0.0 {
            continue;
        }
        if mean > 0.0 {
            kept.push((Spender { x, mean, ln_mean: mean.ln() }, weights.map_or(1.0, |weights| weights[row])));
        } else {
            left_out += 1;
            money += x * mean;
        }
    }
    let note = (left_out > 0).then(|| {
        let customers = counted(left_out, "customer", "customers");
        format!(
            "Left out of the spend model: {customers} whose repeat orders are worth nothing or less after refunds ({money:.2} in all); expected spend is then that of customers without a repeat order."
        )
    });
    Ok((kept, note.into_iter().collect()))
}

/// Refuses what cannot be a customer's repeat orders and their mean value.
fn check_row(row: usize, x: f64, mean: f64) -> Result<(), Error> {
    if !is_count(x) {
        return Err(Error::history("frequency", row, x, COUNT));
    }
    if x > 0.0 && !mean.is_finite() {
        let expected = "the mean value of repeat orders, as frequency is above 0";
        return Err(Error::history("monetary_value", row, mean, expected));
    }
    Ok(())
}

struct Problem {
    /// Sorted by x; money in units of its mean.
    rows: Vec<Weighted>,
    penalizer: f64,
    scale: f64,
    customers: f64,
}

impl Problem {
    fn new(mut rows: Vec<Weighted>, penalizer: f64) -> Result<Self, Error> {
        let customers: f64 = rows.iter().map(|row| row.1).sum();
        let distinct = rows.iter().any(|(row, _)| row.mean != rows[0].0.mean);
        if rows.len() < 3 || !distinct {
            return Err(Error::Convergence {
                model: "Gamma-Gamma".into(),
                reason: "fewer than 3 customers have a repeat order of positive value, or all spend the same".into(),
                tried: format!("looked at {} customers with a repeat order", rows.len()),
                hint: "Take a longer period of observation; the mean of their spend is the best guess until then"
                    .into(),
            });
        }
        let scale = customers / rows.iter().map(|(row, weight)| weight * row.mean).sum::<f64>();
        for (row, _) in &mut rows {
            row.mean *= scale;
            row.ln_mean = row.mean.ln();
        }
        rows.par_sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
        Ok(Self { rows, penalizer, scale, customers })
    }

    fn objective<'r>(&'r self, rows: &'r [Weighted]) -> impl Objective + 'r {
        let customers: f64 = rows.iter().map(|row| row.1).sum();
        move |theta: &[f64]| {
            let natural: Vec<f64> = theta.iter().map(|at| at.exp()).collect();
            let sums = log_likelihood(rows, natural[0], natural[1], natural[2]);
            let penalty = |value: f64| self.penalizer * value * value;
            let value = -sums[0] / customers + natural.iter().map(|&value| penalty(value)).sum::<f64>();
            (
                value,
                natural
                    .iter()
                    .zip(&sums[1..])
                    .map(|(&value, slope)| -slope / customers + 2.0 * penalty(value))
                    .collect(),
            )
        }
    }

    fn solve(&self) -> Result<Search, Error> {
        let starts: Vec<Vec<f64>> = [[6.0, 4.0, 0.5], [1.0, 1.5, 1.0], [30.0, 10.0, 0.3]]
            .map(|start: [f64; 3]| start.iter().map(|value| value.ln()).collect())
            .to_vec();
        let step = self.rows.len().div_ceil(SAMPLE);
        let sample: Option<Vec<Weighted>> = (step > 1).then(|| self.rows.iter().step_by(step).copied().collect());
        let on_sample = sample.as_deref().map(|rows| self.objective(rows));
        let found = search(&self.objective(&self.rows), on_sample.as_ref(), &starts);
        if found.converged {
            return Ok(found);
        }
        Err(Error::Convergence {
            model: "Gamma-Gamma".into(),
            reason: format!("the slope is still {:.1e} where no step improves the likelihood", found.slope()),
            tried: format!(
                "{} starts with BFGS and exact gradients on {} customers; {} evaluations led to p, q, v = {:?}",
                starts.len(),
                self.customers,
                found.evaluations,
                self.outward(&found.at)
            ),
            hint: "A small penalizer such as 0.001 holds parameters that the data do not".into(),
        })
    }

    fn outward(&self, at: &[f64]) -> Vec<f64> {
        vec![at[0].exp(), at[1].exp(), at[2].exp() / self.scale]
    }

    fn estimates(&self, found: &Search) -> Estimates {
        let names: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
        let mut bend = curvature(&self.objective(&self.rows), &found.at);
        (0..3).for_each(|i| (0..3).for_each(|j| bend[(i, j)] *= self.customers));
        let (covariance, verdict) = covariance(&bend, &names);
        let values: Vec<f64> = found.at.iter().map(|at| at.exp()).collect();
        let ln = log_likelihood(&self.rows, values[0], values[1], values[2])[0];
        Estimates {
            names,
            values: self.outward(&found.at),
            is_log: vec![true; 3],
            covariance,
            log_likelihood: ln + self.customers * self.scale.ln(),
            customers: self.customers,
            histories: self.rows.len(),
            convergence: Convergence { starts: 3, evaluations: found.evaluations + 7, slope: found.slope() },
            notes: verdict.into_iter().collect(),
        }
    }
}

impl SpendFit {
    /// A model with given parameters p, q and v (money), as published or kept from an earlier fit.
    ///
    /// # Errors
    /// [`Error::Core`] where one is not above 0.
    ///
    /// ```
    /// // Fader & Hardie (2013): the customer of 2 orders with a mean of 22.35.
    /// let model = leverkit_clv::SpendFit::of([6.25, 3.74, 15.44])?;
    /// assert!((model.expected(2.0, 22.35).unwrap() - 24.66).abs() < 0.01);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn of(values: [f64; 3]) -> Result<Self, Error> {
        for (name, value) in NAMES.iter().zip(values) {
            check::above_zero(name, value)?;
        }
        let names = NAMES.iter().map(ToString::to_string).collect();
        Ok(Self { estimates: Estimates::given(names, &values), independence: None })
    }

    /// The expected mean value of each customer's orders, as [`Self::expected`].
    ///
    /// # Errors
    /// [`Error::History`] for a frequency that is no count, or a customer with repeat orders and without their mean value.
    ///
    /// ```
    /// let model = leverkit_clv::SpendFit::of([6.25, 3.74, 15.44])?;
    /// let expected = model.expected_of(&[2.0, 0.0], &[22.35, 0.0])?;
    /// // A customer without a repeat order is expected to spend what customers spend in the mean: v p / (q − 1).
    /// assert!((expected[1].unwrap() - 6.25 * 15.44 / 2.74).abs() < 1e-9);
    /// # Ok::<(), leverkit_clv::Error>(())
    /// ```
    pub fn expected_of(&self, frequency: &[f64], monetary: &[f64]) -> Result<Vec<Option<f64>>, Error> {
        let rows = frequency.iter().zip(monetary).enumerate();
        rows.map(|(row, (x, mean))| check_row(row, *x, *mean).map(|()| self.expected(*x, *mean))).collect()
    }

    /// The expected mean value of a customer's orders, formula (5): between their own mean and the overall mean. `None` if it does not exist. Without
    /// a repeat order of positive value, it is the overall mean.
    pub fn expected(&self, frequency: f64, monetary: f64) -> Option<f64> {
        let (spend, _) = self.expected_with_slopes(frequency, monetary);
        spend.is_finite().then_some(spend)
    }

    /// The same, NaN where it does not exist, and the gradient of its logarithm by ln p, ln q and ln v.
    pub(crate) fn expected_with_slopes(&self, frequency: f64, monetary: f64) -> (f64, [f64; 3]) {
        let [p, q, v] = [0, 1, 2].map(|i| self.estimates.values[i]);
        let (x, mean) = if monetary > 0.0 { (frequency, monetary) } else { (0.0, 0.0) };
        let weight = p * x + q - 1.0;
        if weight <= 0.0 {
            return (f64::NAN, [0.0; 3]);
        }
        let whole = v + x * mean;
        (p * whole / weight, [1.0 - p * x / weight, -q / weight, v / whole])
    }
}

fn independence(rows: &[Weighted]) -> Independence {
    let x: Vec<f64> = rows.iter().map(|row| row.0.x).collect();
    let means: Vec<f64> = rows.iter().map(|row| row.0.mean).collect();
    let spearman = correlation(&ranks(&x), &ranks(&means));
    let n = x.len();
    let error = 1.0 / (n.max(4) as f64 - 3.0).sqrt();
    let z = spearman.clamp(-0.999999, 0.999999).atanh();
    let half = normal_quantile(0.975) * error;
    let (lower, upper) = ((z - half).tanh(), (z + half).tanh());
    Independence {
        customers: n,
        spearman: Interval { estimate: spearman, lower, upper },
        p_value: erfc((z / error).abs() / std::f64::consts::SQRT_2),
        pearson: correlation(&x, &means),
        holds: lower < HARMLESS && upper > -HARMLESS,
    }
}

impl Independence {
    fn words(&self) -> Option<String> {
        (!self.holds).then(|| {
            format!(
                "Spend and frequency are not independent, which Gamma-Gamma requires: rank correlation {:.2} ({:.2} to {:.2}) over {} customers. Customers who order often spend {}: expected spend is biased at both ends.",
                self.spearman.estimate,
                self.spearman.lower,
                self.spearman.upper,
                self.customers,
                if self.spearman.estimate > 0.0 { "more per order" } else { "less per order" }
            )
        })
    }
}

/// Ranks with ties at their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.par_sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for same in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let mean = below as f64 + f64::midpoint(same.len() as f64, 1.0);
        same.iter().for_each(|&i| ranks[i] = mean);
        below += same.len();
    }
    ranks
}

/// Pearson's correlation; 0 where one does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        both += (a - mean_a) * (b - mean_b);
        of_a += (a - mean_a).powi(2);
        of_b += (b - mean_b).powi(2);
    }
    if of_a > 0.0 && of_b > 0.0 { both / (of_a * of_b).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_spend_names_rows_that_cannot_be() {
        let model = fit_spend(&[1.0, 2.0, 3.0], &[10.0, 30.0, 20.0], None, 0.01).unwrap();
        let error = |x: f64, mean: f64| model.expected_of(&[1.0, x], &[10.0, mean]).unwrap_err().to_string();
        assert!(error(1.5, 10.0).contains("frequency") && error(1.5, 10.0).contains("row 1"));
        assert!(error(2.0, f64::NAN).contains("monetary_value"));
        assert_eq!(model.expected_of(&[0.0], &[f64::NAN]).unwrap(), [model.expected(0.0, 0.0)]);
    }

    #[test]
    fn refunds_that_outweigh_orders_are_left_out_and_said() {
        let frequency = [1.0, 2.0, 3.0, 1.0, 2.0, 0.0];
        let spend = [10.0, 30.0, 20.0, 15.0, -4.0, 0.0];
        let model = fit_spend(&frequency, &spend, None, 0.01).unwrap();
        assert!(
            model.estimates.notes.iter().any(|note| note.contains(": 1 customer whose") && note.contains("-8.00")),
            "{:?}",
            model.estimates.notes
        );
        assert_eq!(model.expected(2.0, -4.0), model.expected(0.0, 0.0));
    }
}
