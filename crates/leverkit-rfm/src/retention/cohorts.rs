//! Cohorts: customers by the period of their first order, followed period by period.

use std::collections::BTreeMap;

use leverkit_core::counts::Counting;
use leverkit_core::stats::{ExactSum, Interval, wilson};
use leverkit_core::{Calendar, CustomerLines, Day, Ledger, Params, counted, format_day};
use serde::{Deserialize, Serialize};

use super::gaps::days_seen;
use super::params::CohortParams;
use crate::Error;

/// The table has a cell for each pair of periods.
const MOST_PERIODS: usize = 800;

/// Retention and revenue of cohorts.
#[derive(Debug, Clone, Serialize)]
pub struct Cohorts {
    /// What they were computed with.
    pub params: CohortParams,
    /// One cell for each cohort and period up to the last day seen.
    pub cells: Vec<CohortCell>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// One cohort in one period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CohortCell {
    /// The first day of the cohort's period.
    pub cohort: Day,
    /// Periods since then, from 0.
    pub period: u32,
    /// Customers of the cohort.
    pub cohort_size: u64,
    /// Those with an order in the period.
    pub customers: u64,
    /// Their share of the cohort, with Wilson limits.
    pub retention: Interval,
    /// Money of the cohort's lines in the period, net of returns.
    pub revenue: f64,
    /// Money of the cohort's lines up to the period's end, for each of its customers.
    pub cumulative_revenue_per_customer: f64,
    /// Whether the period is over by the last day seen.
    pub complete: bool,
}

/// Follows cohorts of customers by the period of their first order. Returns before a first order count in period 0.
///
/// # Errors
/// [`Error::NothingToScore`] where no customer has an order; [`Error::Core`] for a level outside (0, 1).
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{CohortParams, cohorts};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-05", "2024-02-05", "2024-01-31"], "a" => [10.0, 20.0, 30.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let cells = cohorts(&ledger, &CohortParams::default())?.cells;
/// assert_eq!((cells[1].customers, cells[1].retention.estimate, cells[1].cumulative_revenue_per_customer), (1, 0.5, 30.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cohorts(ledger: &Ledger, params: &CohortParams) -> Result<Cohorts, Error> {
    CohortCounts::of(ledger, params)?.conclude(ledger, params)
}

/// Sums by cohort and period, whose numbers are those of [`Period`](leverkit_core::Period); money is exact.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CohortCounts {
    customers: u64,
    without_order: u64,
    cohorts: BTreeMap<i32, Cohort>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cohort {
    size: u64,
    /// By period from the cohort's own on, as far as there are lines.
    periods: Vec<Cell>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cell {
    customers: u64,
    revenue: ExactSum,
}

impl Counting for CohortCounts {
    type Params = CohortParams;
    type Found = Cohorts;
    type Error = Error;

    fn of(ledger: &Ledger, params: &CohortParams) -> Result<Self, Error> {
        params.check()?;
        let as_of = params.as_of.unwrap_or(ledger.as_of());
        let Ok((start, until)) = days_seen(ledger, as_of) else { return Ok(Self::default()) };
        let calendar = calendar(params, start, until)?;
        let first = params.period.index(start);
        let fresh = || vec![Cohort::default(); calendar.periods()];
        let sums = ledger.fold_customers(
            || (0, fresh()),
            |(without_order, cohorts), lines| *without_order += u64::from(!add(cohorts, &lines, &calendar)),
            |left, right| (left.0 + right.0, left.1.into_iter().zip(right.1).map(|(a, b)| a.merge(b)).collect()),
        );
        let cohorts = sums.1.into_iter().enumerate().filter(|(_, cohort)| cohort.size > 0);
        Ok(Self {
            customers: ledger.n_customers() as u64,
            without_order: sums.0,
            cohorts: cohorts.map(|(at, cohort)| (first + at as i32, cohort)).collect(),
        })
    }

    fn merge(mut self, other: Self) -> Self {
        self.customers += other.customers;
        self.without_order += other.without_order;
        for (period, cohort) in other.cohorts {
            let known = self.cohorts.remove(&period).unwrap_or_default();
            self.cohorts.insert(period, known.merge(cohort));
        }
        self
    }

    fn conclude(&self, whole: &Ledger, params: &CohortParams) -> Result<Cohorts, Error> {
        let as_of = params.as_of.unwrap_or(whole.as_of());
        let nothing = |hint: &str| Error::NothingToScore {
            customers: self.customers as usize,
            as_of: format_day(as_of),
            hint: hint.into(),
        };
        let (start, until) = days_seen(whole, as_of).map_err(|_| nothing("choose a later as_of"))?;
        let calendar = calendar(params, start, until)?;
        if self.cohorts.is_empty() {
            return Err(nothing("customers have returns alone; with returns=\"keep\" negative amounts are purchases"));
        }
        let mut notes = Vec::new();
        if calendar.start_of(0) < start {
            notes.push(format!(
                "The data begin on {}, within the first cohort's period: that cohort holds only customers from then on.",
                format_day(start)
            ));
        }
        if self.without_order > 0 {
            let customers = counted(self.without_order, "customer has", "customers have");
            notes.push(format!("{customers} returns but no order: in no cohort."));
        }
        let first = params.period.index(start);
        let cells = self.cohorts.iter().map(|(period, cohort)| {
            let at = (period - first) as usize;
            cohort.cells(at, &calendar, params.level)
        });
        let cells = cells.collect::<Result<Vec<_>, _>>()?.concat();
        Ok(Cohorts { params: params.clone(), cells, notes })
    }
}

fn calendar(params: &CohortParams, start: Day, until: Day) -> Result<Calendar, Error> {
    let calendar = Calendar::new(params.period, start, until);
    if calendar.periods() > MOST_PERIODS {
        let got = format!("{} periods", calendar.periods());
        return Err(Error::parameter(
            "period",
            got,
            format!("at most {MOST_PERIODS}: take a longer period, or Ledger.between"),
        ));
    }
    Ok(calendar)
}

/// Adds a customer to their cohort; whether they have one, or no line by then.
fn add(cohorts: &mut [Cohort], lines: &CustomerLines<'_>, calendar: &Calendar) -> bool {
    let seen = |days: &[Day]| days.partition_point(|&day| day <= calendar.until());
    let order_days = &lines.order_days[..seen(lines.order_days)];
    let n_lines = seen(lines.days);
    let Some(&first) = order_days.first() else { return n_lines == 0 };
    let own = calendar.of(first);
    let cohort = &mut cohorts[own];
    cohort.size += 1;
    let mut last = None;
    for period in order_days.iter().map(|&day| calendar.of(day)) {
        if last != Some(period) {
            cohort.cell(period - own).customers += 1;
            last = Some(period);
        }
    }
    // A customer's money of a period is one value, which no part of the customers can change.
    let period_of = |day: &Day| calendar.of(*day).max(own) - own;
    let mut start = 0;
    for days in lines.days[..n_lines].chunk_by(|one, next| period_of(one) == period_of(next)) {
        let money = lines.amounts[start..start + days.len()].iter().sum();
        cohort.cell(period_of(&days[0])).revenue.add(money);
        start += days.len();
    }
    true
}

impl Cohort {
    fn cell(&mut self, period: usize) -> &mut Cell {
        if period >= self.periods.len() {
            self.periods.resize_with(period + 1, Cell::default);
        }
        &mut self.periods[period]
    }

    fn merge(mut self, other: Self) -> Self {
        self.size += other.size;
        for (period, more) in other.periods.into_iter().enumerate() {
            let cell = self.cell(period);
            cell.customers += more.customers;
            cell.revenue = std::mem::take(&mut cell.revenue).merge(&more.revenue);
        }
        self
    }

    /// One cell for each period from the cohort's own to the last day seen.
    fn cells(&self, own: usize, calendar: &Calendar, level: f64) -> Result<Vec<CohortCell>, Error> {
        let mut cumulative = 0.0;
        let none = Cell::default();
        let cell = |period: usize| {
            let Cell { customers, revenue } = self.periods.get(period - own).unwrap_or(&none);
            let revenue = revenue.total();
            cumulative += revenue;
            Ok(CohortCell {
                cohort: calendar.start_of(own),
                period: (period - own) as u32,
                cohort_size: self.size,
                customers: *customers,
                retention: wilson(*customers, self.size, level).map_err(|error| Error::format("cohorts", &error))?,
                revenue,
                cumulative_revenue_per_customer: cumulative / self.size as f64,
                complete: calendar.is_over(period),
            })
        };
        (own..calendar.periods()).map(cell).collect()
    }
}
