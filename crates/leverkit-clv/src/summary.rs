//! What the models need to know of each customer, defined as in `lifetimes` and `pymc-marketing`: repeat orders, the times between first order,
//! last order and end of observation, and the mean value of repeat orders; with a holdout where one is asked for.

use leverkit_core::{Calendar, Column, CustomerLines, Day, Ledger, Params, Period, counted, format_day};
use serde::Serialize;

use crate::histories::{Columns, Histories};
use crate::models::timing::Family;
use crate::{Error, SummaryParams};

/// The summary of all customers with an order up to the end of calibration, in the ledger's order.
///
/// ```
/// use leverkit_clv::{Family, SummaryParams, summary};
/// use leverkit_core::{Ledger, Roles, batch, parse_day};
/// let lines = batch!("c" => [1, 1, 1, 2], "t" => ["2024-01-01", "2024-02-05", "2024-06-03", "2024-01-08"], "a" => [9.0; 4])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let params = SummaryParams { calibration_end: Some(parse_day("calibration_end", "2024-03-31")?), ..SummaryParams::default() };
/// let customers = summary(&ledger, &params)?;
/// assert_eq!((customers.each[0].frequency, customers.each[0].frequency_holdout), (1, 1));
/// // What a model is fitted to ends with the calibration.
/// assert_eq!(customers.histories(Family::BetaGeo)?.history(0).frequency, 1.0);
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Summary {
    /// What it was made with.
    pub params: SummaryParams,
    /// The last day of calibration, or of observation where there is no holdout.
    pub calibration_end: Day,
    /// The last day of observation.
    pub end: Day,
    /// The customers' ids.
    pub customers: Column,
    /// One for each customer.
    pub each: Vec<CustomerSummary>,
    /// Length of the holdout; `None` without one.
    pub holdout: Option<f64>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// One customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CustomerSummary {
    /// Periods with an order after the first.
    pub frequency: u32,
    /// Time from the first to the last order; 0 without a repeat order.
    pub recency: f64,
    /// Time from the first order to the end of calibration.
    pub t: f64,
    /// Mean money of the periods with a repeat order, net of returns; 0 without one.
    pub monetary_value: f64,
    /// Sum of the logarithms of the gaps between orders.
    pub log_gaps: f64,
    /// Periods with an order in the holdout.
    pub frequency_holdout: u32,
    /// Mean money of the holdout's orders; 0 without one.
    pub monetary_value_holdout: f64,
    /// Time from the first to the last order, the holdout included.
    pub recency_full: f64,
    /// Sum of the logarithms of gaps, the holdout included.
    pub log_gaps_full: f64,
    /// Money of returns after the first order of a customer who never ordered again.
    stray: f64,
}

/// Summarises the customers of a ledger.
///
/// # Errors
/// [`Error::NothingToScore`] where no customer has an order by the end of calibration; [`Error::Core`] where the holdout is empty or unit and period
/// do not go together.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_clv::{SummaryParams, summary};
/// let lines = batch!("c" => [1, 1, 1, 2], "t" => ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-29"], "a" => [5.0, 10.0, 20.0, 7.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let first = summary(&ledger, &SummaryParams::default())?.each[0];
/// assert_eq!((first.frequency, first.recency, first.t, first.monetary_value), (2, 2.0, 4.0, 15.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn summary(ledger: &Ledger, params: &SummaryParams) -> Result<Summary, Error> {
    params.check()?;
    let end = params.end.unwrap_or_else(|| ledger.seen_until(ledger.as_of()));
    let start = first_day(ledger, end)?;
    let calibration_end = params.calibration_end.unwrap_or(end);
    if calibration_end > end || calibration_end < start {
        let expected = format!("a day from {} to {}, the days seen", format_day(start), format_day(end));
        return Err(Error::parameter("calibration_end", format_day(calibration_end), expected));
    }
    let clock = Clock::new(params, start, calibration_end, end);
    let found = ledger.par_customers(|| (), |(), lines| clock.read(&lines));
    let mut customers = ledger.customers().values().clone();
    let kept = found.iter().filter(|one| one.is_some()).count();
    if kept == 0 {
        return Err(Error::NothingToScore {
            customers: ledger.n_customers(),
            as_of: format_day(calibration_end),
            hint: "choose a later calibration_end".into(),
        });
    }
    if kept < found.len() {
        let codes = 0..found.len() as u32;
        customers = customers.take(&codes.filter(|&code| found[code as usize].is_some()).collect::<Vec<_>>())?;
    }
    let each: Vec<CustomerSummary> = found.into_iter().flatten().collect();
    let holdout = params.calibration_end.map(|_| clock.between(calibration_end, end));
    let notes = notes(&each, ledger.n_customers(), calibration_end, &clock);
    Ok(Summary { params: params.clone(), calibration_end, end, customers, each, holdout, notes })
}

/// The first day with a line, which lies in the time of observation.
fn first_day(ledger: &Ledger, end: Day) -> Result<Day, Error> {
    ledger.start().filter(|&start| start <= end).ok_or_else(|| Error::NothingToScore {
        customers: ledger.n_customers(),
        as_of: format_day(end),
        hint: "choose a later end".into(),
    })
}

fn notes(each: &[CustomerSummary], all: usize, calibration_end: Day, clock: &Clock) -> Vec<String> {
    let mut notes = Vec::new();
    if each.len() < all {
        notes.push(format!(
            "{} no order up to {}: left out.",
            counted(all - each.len(), "customer has", "customers have"),
            format_day(calibration_end)
        ));
    }
    let stray: Vec<f64> = each.iter().map(|one| one.stray).filter(|money| *money != 0.0).collect();
    if !stray.is_empty() {
        notes.push(format!(
            "{} without a repeat order returned goods after the first ({:.2} in all): without a repeat order, monetary_value is 0.",
            counted(stray.len(), "customer", "customers"),
            stray.iter().sum::<f64>()
        ));
    }
    let negative = each.iter().filter(|one| one.monetary_value < 0.0).count();
    if negative > 0 {
        let customers = counted(negative, "customer", "customers");
        notes.push(format!("{customers} returned more than the repeat orders were worth: monetary_value is below 0."));
    }
    if let Some(calendar) = &clock.calendar
        && !calendar.is_over(calendar.of(clock.end))
    {
        notes.push("The last period is not over: orders may be missing from it.".into());
    }
    notes
}

/// Where days lie on the axis of time.
struct Clock {
    /// Whole periods, where they are not days.
    calendar: Option<Calendar>,
    /// Length of a day in units.
    per_day: f64,
    calibration_end: Day,
    end: Day,
}

impl Clock {
    fn new(params: &SummaryParams, start: Day, calibration_end: Day, end: Day) -> Self {
        let calendar = (params.period != Period::Day).then(|| Calendar::new(params.period, start, end));
        Self { calendar, per_day: 1.0 / params.unit.days(), calibration_end, end }
    }

    fn index(&self, day: Day) -> i32 {
        self.calendar.as_ref().map_or(day.into(), |calendar| calendar.of(day) as i32)
    }

    fn between(&self, from: Day, to: Day) -> f64 {
        self.time(self.index(to) - self.index(from))
    }

    fn time(&self, periods: i32) -> f64 {
        if self.calendar.is_some() { f64::from(periods) } else { f64::from(periods) * self.per_day }
    }

    fn read(&self, lines: &CustomerLines<'_>) -> Option<CustomerSummary> {
        let first_day = *lines.order_days.first()?;
        if first_day > self.calibration_end {
            return None;
        }
        let (first, cut) = (self.index(first_day), self.index(self.calibration_end));
        let (mut last, mut frequency, mut log_gaps) = (first, 0, 0.0);
        let mut calibration = None;
        for &day in lines.order_days.iter().take_while(|&&day| day <= self.end) {
            let period = self.index(day);
            if period > cut && calibration.is_none() {
                calibration = Some((last, frequency, log_gaps));
            }
            if period > last {
                frequency += 1;
                log_gaps += self.time(period - last).ln();
                last = period;
            }
        }
        let full = (last, frequency, log_gaps);
        let (last, frequency, log_gaps) = calibration.unwrap_or(full);
        let after =
            |index: i32| lines.days.partition_point(|&day| day <= self.end && self.index(day.max(first_day)) <= index);
        let (begin, middle) = (after(first), after(cut));
        let money = |from: usize, to: usize| lines.amounts[from.min(to)..to].iter().sum::<f64>();
        let mean = |sum: f64, orders: u32| if orders > 0 { sum / f64::from(orders) } else { 0.0 };
        let repeat_money = money(begin, middle);
        let frequency_holdout = full.1 - frequency;
        let holdout_money =
            if frequency_holdout > 0 { money(middle, lines.days.partition_point(|&day| day <= self.end)) } else { 0.0 };
        Some(CustomerSummary {
            frequency,
            recency: self.time(last - first),
            t: self.time(cut - first),
            monetary_value: mean(repeat_money, frequency),
            log_gaps,
            frequency_holdout,
            monetary_value_holdout: mean(holdout_money, frequency_holdout),
            recency_full: self.time(full.0 - first),
            log_gaps_full: full.2,
            // What else stands there is the rest of the first order, such as a second parcel.
            stray: if frequency == 0 { returned(&lines.amounts[begin.min(middle)..middle]) } else { 0.0 },
        })
    }
}

fn returned(amounts: &[f64]) -> f64 {
    amounts.iter().filter(|amount| **amount < 0.0).sum()
}

impl Summary {
    /// The columns that timing models read: up to the end of calibration, or with the holdout as one history.
    pub(crate) fn columns(&self, with_holdout: bool) -> Columns {
        let pick = |get: fn(&CustomerSummary) -> f64| self.each.iter().map(get).collect::<Vec<f64>>();
        if with_holdout {
            let more = self.holdout.unwrap_or(0.0);
            return Columns {
                frequency: pick(|one| f64::from(one.frequency + one.frequency_holdout)),
                recency: pick(|one| one.recency_full),
                // Sums of times may differ from their difference by rounding; no recency may exceed T.
                t: self.each.iter().map(|one| (one.t + more).max(one.recency_full)).collect(),
                log_gaps: Some(pick(|one| one.log_gaps_full)),
                ..Columns::default()
            };
        }
        Columns {
            frequency: pick(|one| f64::from(one.frequency)),
            recency: pick(|one| one.recency),
            t: pick(|one| one.t),
            log_gaps: Some(pick(|one| one.log_gaps)),
            ..Columns::default()
        }
    }

    /// Histories up to the end of calibration, for a model.
    ///
    /// # Errors
    /// [`Error::History`] where the times do not suit the model, such as days for BG/BB.
    pub fn histories(&self, family: Family) -> Result<Histories, Error> {
        Histories::new(self.columns(false), family)
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::{Roles, batch};

    use super::*;

    fn notes_of(paid: [f64; 2]) -> Vec<String> {
        let lines =
            batch!("c" => ["a"; 2], "t" => ["2024-01-01", "2024-01-03"], "o" => [1; 2], "paid" => paid).unwrap();
        let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("paid").order("o")).unwrap();
        summary(&ledger, &SummaryParams::default()).unwrap().notes
    }

    /// What the customer of orders on 1 and 10 January is followed for.
    fn followed(params: &SummaryParams) -> (f64, Option<f64>) {
        let lines = batch!("c" => [1; 2], "t" => ["2024-01-01", "2024-01-10"], "paid" => [1.0; 2]).unwrap();
        let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("paid")).unwrap();
        let found = summary(&ledger, params).unwrap();
        (found.each[0].t, found.holdout)
    }

    #[test]
    fn the_end_is_the_last_day_of_observation_whether_there_was_an_order_or_not() {
        let until =
            |end: &str| SummaryParams { unit: crate::Unit::Day, end: Some(day(end)), ..SummaryParams::default() };
        assert_eq!(followed(&SummaryParams { end: None, ..until("2024-01-10") }).0, 9.0);
        for (end, t) in [("2024-01-09", 8.0), ("2024-01-10", 9.0), ("2024-01-11", 10.0), ("2024-01-31", 30.0)] {
            assert_eq!(followed(&until(end)).0, t, "{end}");
        }
        let calibrated = SummaryParams { calibration_end: Some(day("2024-01-05")), ..until("2024-01-11") };
        assert_eq!(followed(&calibrated), (4.0, Some(6.0)));
        let months = SummaryParams { unit: crate::Unit::Month, period: Period::Month, ..until("2024-03-01") };
        assert_eq!(followed(&months).0, 2.0);
    }

    fn day(text: &str) -> Day {
        leverkit_core::parse_day("end", text).unwrap()
    }

    #[test]
    fn a_second_parcel_of_an_order_is_no_return_and_a_refund_is() {
        assert!(notes_of([10.0, 20.0]).is_empty());
        assert!(
            notes_of([10.0, -4.0])[0]
                .starts_with("1 customer without a repeat order returned goods after the first (-4.00")
        );
    }
}
