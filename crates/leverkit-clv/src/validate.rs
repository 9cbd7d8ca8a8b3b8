//! How well a model foretold the holdout: by customer, by frequency, and week by week.

use leverkit_core::stats::{budget, par_sum};
use leverkit_core::{Day, Ledger, format_day};
use serde::Serialize;

use crate::fit::Fit;
use crate::histories::Histories;
use crate::predict::FARTHEST;
use crate::summary::summary;
use crate::{Error, SummaryParams, Unit};

/// Work grows with the square of the days that are followed; more than a century of them is a date that means "never".
const MOST_DAYS: usize = 36_525;
/// Frequencies from here on are one group.
const MANY: u32 = 7;

/// What came true.
#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    /// One row for each number of repeat orders in calibration, 7 standing for 7 and more.
    pub by_frequency: Vec<FrequencyRow>,
    /// The model's errors.
    pub model: Errors,
    /// Those of the naive baseline: every customer continues at their own rate, repeat orders divided by T.
    pub naive: Errors,
    /// Customers.
    pub customers: usize,
}

/// Customers with the same frequency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FrequencyRow {
    /// Repeat orders in calibration.
    pub frequency: u32,
    /// Customers.
    pub customers: u64,
    /// Orders per customer in the holdout.
    pub actual: f64,
    /// As the model expected.
    pub predicted: f64,
    /// As the naive baseline expected.
    pub naive: f64,
}

/// Errors of predicted orders of the holdout.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Errors {
    /// Mean absolute error, orders per customer.
    pub mae: f64,
    /// Root of the mean squared error, orders per customer.
    pub rmse: f64,
    /// Orders of all customers.
    pub actual: f64,
    /// Orders expected from all customers.
    pub predicted: f64,
    /// How well customers are ranked: the Gini coefficient of actual orders in the order of predicted ones, as a share of the best possible.
    ///
    /// `None` where nobody ordered.
    pub gini: Option<f64>,
}

/// Compares a model with the holdout: `actual` orders of each customer in `times` after their history.
///
/// # Errors
/// [`Error::History`] for orders or times that cannot be.
///
/// ```
/// use leverkit_clv::{Columns, Family, Fit, Histories, validate};
/// let columns = Columns { frequency: vec![2.0, 0.0], recency: vec![30.43, 0.0], t: vec![38.86; 2], ..Columns::default() };
/// let histories = Histories::new(columns, Family::BetaGeo)?;
/// let model = Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?;
/// let found = validate(&model, &histories, &[1.0, 0.0], &[39.0, 39.0])?;
/// assert_eq!((found.customers, found.model.actual), (2, 1.0));
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn validate(fit: &Fit, histories: &Histories, actual: &[f64], times: &[f64]) -> Result<Validation, Error> {
    if let Some(row) = actual.iter().position(|orders| !(orders.is_finite() && *orders >= 0.0)) {
        return Err(Error::history("frequency_holdout", row, actual[row], "orders in the holdout, 0 or more"));
    }
    if let Some(row) = times.iter().position(|time| !(*time > 0.0 && *time <= FARTHEST)) {
        return Err(Error::history(
            "T_holdout",
            row,
            times[row],
            "the length of the holdout, above 0 and at most 1,000,000",
        ));
    }
    let predicted = fit.expected_in_own_time(histories, times);
    let naive: Vec<f64> = (0..histories.len())
        .map(|row| {
            let history = histories.history(row);
            if history.t > 0.0 { history.frequency / history.t * times[row] } else { 0.0 }
        })
        .collect();
    Ok(Validation {
        by_frequency: by_frequency(histories, actual, &predicted, &naive),
        model: errors(actual, &predicted),
        naive: errors(actual, &naive),
        customers: actual.len(),
    })
}

fn by_frequency(histories: &Histories, actual: &[f64], predicted: &[f64], naive: &[f64]) -> Vec<FrequencyRow> {
    let mut rows: Vec<FrequencyRow> = (0..=MANY)
        .map(|frequency| FrequencyRow { frequency, customers: 0, actual: 0.0, predicted: 0.0, naive: 0.0 })
        .collect();
    for i in 0..histories.len() {
        let row = &mut rows[(histories.history(i).frequency as u32).min(MANY) as usize];
        row.customers += 1;
        row.actual += actual[i];
        row.predicted += predicted[i];
        row.naive += naive[i];
    }
    rows.retain(|row| row.customers > 0);
    for row in &mut rows {
        let n = row.customers as f64;
        (row.actual, row.predicted, row.naive) = (row.actual / n, row.predicted / n, row.naive / n);
    }
    rows
}

pub(crate) fn errors(actual: &[f64], predicted: &[f64]) -> Errors {
    let n = actual.len().max(1) as f64;
    let misses: Vec<f64> = actual.iter().zip(predicted).map(|(actual, predicted)| predicted - actual).collect();
    let best = gini(actual, actual);
    Errors {
        mae: par_sum(&misses.iter().map(|miss| miss.abs()).collect::<Vec<_>>()) / n,
        rmse: (par_sum(&misses.iter().map(|miss| miss * miss).collect::<Vec<_>>()) / n).sqrt(),
        actual: par_sum(actual),
        predicted: par_sum(predicted),
        gini: (best > 0.0).then(|| gini(actual, predicted) / best),
    }
}

/// How far the actual orders are concentrated on customers with the greatest predictions; equal predictions share alike.
fn gini(actual: &[f64], predicted: &[f64]) -> f64 {
    let total: f64 = actual.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let mut order: Vec<usize> = (0..actual.len()).collect();
    order.sort_by(|&a, &b| predicted[b].total_cmp(&predicted[a]));
    let (n, mut below, mut area) = (actual.len() as f64, 0.0, 0.0);
    for same in order.chunk_by(|&a, &b| predicted[a] == predicted[b]) {
        let sum: f64 = same.iter().map(|&i| actual[i]).sum();
        area += same.len() as f64 / n * (below + sum / 2.0) / total;
        below += sum;
    }
    2.0 * area - 1.0
}

/// Repeat orders of all customers by time since the first day: actual and expected by the model.
#[derive(Debug, Clone, Serialize)]
pub struct Tracking {
    /// The last day of calibration.
    pub calibration_end: String,
    /// One row for each unit of time.
    pub rows: Vec<TrackingRow>,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrackingRow {
    /// Its number, from 1.
    pub period: u32,
    /// Its last day.
    pub end: Day,
    /// Whether it lies in the holdout.
    pub holdout: bool,
    /// Repeat orders so far.
    pub actual_cumulative: f64,
    /// Expected so far.
    pub predicted_cumulative: f64,
    /// Repeat orders in it.
    pub actual: f64,
    /// Expected in it.
    pub predicted: f64,
}

/// Follows the customers who first ordered up to the end of calibration through the whole ledger. Expectations use the model and the days of first orders
/// alone.
///
/// # Errors
/// As for [`summary`], and as for [`Fit::expected_new`]; [`Error::Core`] for a ledger of more than a century.
///
/// ```
/// use leverkit_clv::{Family, Fit, Unit, tracking};
/// use leverkit_core::{Ledger, Roles, batch};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-20", "2024-02-01"], "a" => [10.0; 3])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = tracking(&Fit::of(Family::BetaGeo, [0.243, 4.414, 0.793, 2.426])?, &ledger, Unit::Week, None)?;
/// assert_eq!(found.rows.last().map(|row| row.actual_cumulative), Some(1.0));
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn tracking(fit: &Fit, ledger: &Ledger, unit: Unit, calibration_end: Option<Day>) -> Result<Tracking, Error> {
    let known = summary(ledger, &SummaryParams { unit, calibration_end, ..SummaryParams::default() })?;
    let (cut, end) = (known.calibration_end, known.end);
    let start = ledger.start().unwrap_or(cut);
    let days = (end - start + 1) as usize;
    if days > MOST_DAYS {
        let got = format!("{days} days from {} to {}", format_day(start), format_day(end));
        return Err(Error::parameter(
            "as_of",
            got,
            format!("at most {MOST_DAYS}: set as_of to the last day of the data, or take Ledger.between"),
        ));
    }
    let tally = ledger.fold_customers(
        || (vec![0.0; days], vec![0.0; days]),
        |(first, repeat): &mut (Vec<f64>, Vec<f64>), lines| {
            let mut last = None;
            for &day in lines.order_days.iter().take_while(|&&day| day <= end) {
                match last {
                    None if day > cut => return,
                    None => first[(day - start) as usize] += 1.0,
                    Some(before) if before < day => repeat[(day - start) as usize] += 1.0,
                    Some(_) => {}
                }
                last = Some(day);
            }
        },
        |mut a, b| {
            a.0.iter_mut().zip(b.0).for_each(|(sum, more)| *sum += more);
            a.1.iter_mut().zip(b.1).for_each(|(sum, more)| *sum += more);
            a
        },
    );
    let by_age: Result<Vec<f64>, Error> = (0..days).map(|age| fit.expected_new(age as f64 / unit.days())).collect();
    let by_age = by_age?;
    let mut rows = Vec::new();
    let (mut before, mut seen) = (0.0, 0.0);
    for period in 1_u32.. {
        budget::check();
        let until = (f64::from(period) * unit.days()).round() as usize;
        if until > days {
            break;
        }
        let actual: f64 = tally.1[..until].iter().sum();
        let predicted: f64 = (0..until).map(|day| tally.0[day] * by_age[until - 1 - day]).sum();
        rows.push(TrackingRow {
            period,
            end: start + until as i32 - 1,
            holdout: start + until as i32 - 1 > cut,
            actual_cumulative: actual,
            predicted_cumulative: predicted,
            actual: actual - seen,
            predicted: predicted - before,
        });
        (before, seen) = (predicted, actual);
    }
    Ok(Tracking { calibration_end: format_day(cut), rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_ranking_has_a_gini_of_one_and_a_blind_one_of_none() {
        let actual = [0.0, 1.0, 5.0, 2.0];
        assert_eq!(errors(&actual, &actual).gini, Some(1.0));
        assert_eq!(errors(&actual, &[1.0; 4]).gini, Some(0.0));
        assert_eq!(errors(&[0.0; 4], &actual).gini, None);
        assert_eq!(errors(&actual, &[2.0; 4]).mae, 1.5);
    }
}
