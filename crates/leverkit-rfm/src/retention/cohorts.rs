//! Cohorts: customers by the period of their first order, followed period by period.

use leverkit_core::stats::{Interval, wilson};
use leverkit_core::{Calendar, CustomerLines, Day, Ledger, Params, counted, format_day};
use serde::Serialize;

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
    params.check()?;
    let as_of = params.as_of.unwrap_or(ledger.as_of());
    let (start, until) = days_seen(ledger, as_of)?;
    let calendar = Calendar::new(params.period, start, until);
    if calendar.periods() > MOST_PERIODS {
        let got = format!("{} periods", calendar.periods());
        return Err(Error::parameter(
            "period",
            got,
            format!("at most {MOST_PERIODS}: take a longer period, or Ledger.between"),
        ));
    }
    let sums =
        ledger.fold_customers(|| Sums::new(calendar.periods()), |sums, lines| sums.add(&lines, &calendar), Sums::merge);
    if sums.sizes.iter().all(|&size| size == 0) {
        return Err(Error::NothingToScore {
            customers: ledger.n_customers(),
            as_of: format_day(as_of),
            hint: "customers have returns alone; with returns=\"keep\" negative amounts are purchases".into(),
        });
    }
    let mut notes = Vec::new();
    if calendar.start_of(0) < start {
        notes.push(format!(
            "The data begin on {}, within the first cohort's period: that cohort holds only customers from then on.",
            format_day(start)
        ));
    }
    if sums.without_order > 0 {
        let customers = counted(sums.without_order, "customer has", "customers have");
        notes.push(format!("{customers} returns but no order: in no cohort."));
    }
    Ok(Cohorts { params: params.clone(), cells: sums.cells(&calendar, params.level)?, notes })
}

/// Sums by cohort and period, row by row.
struct Sums {
    periods: usize,
    sizes: Vec<u64>,
    customers: Vec<u64>,
    revenue: Vec<f64>,
    without_order: u64,
}

impl Sums {
    fn new(periods: usize) -> Self {
        let cells = periods * periods;
        Self {
            periods,
            sizes: vec![0; periods],
            customers: vec![0; cells],
            revenue: vec![0.0; cells],
            without_order: 0,
        }
    }

    fn add(&mut self, lines: &CustomerLines<'_>, calendar: &Calendar) {
        let seen = |days: &[Day]| days.partition_point(|&day| day <= calendar.until());
        let order_days = &lines.order_days[..seen(lines.order_days)];
        let n_lines = seen(lines.days);
        let Some(&first) = order_days.first() else {
            self.without_order += u64::from(n_lines > 0);
            return;
        };
        let cohort = calendar.of(first);
        self.sizes[cohort] += 1;
        let row = cohort * self.periods;
        let mut last = None;
        for period in order_days.iter().map(|&day| calendar.of(day)) {
            if last != Some(period) {
                self.customers[row + period] += 1;
                last = Some(period);
            }
        }
        for (&day, amount) in lines.days[..n_lines].iter().zip(lines.amounts) {
            self.revenue[row + calendar.of(day).max(cohort)] += amount;
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.sizes.iter_mut().zip(other.sizes).for_each(|(size, more)| *size += more);
        self.customers.iter_mut().zip(other.customers).for_each(|(customers, more)| *customers += more);
        self.revenue.iter_mut().zip(other.revenue).for_each(|(revenue, more)| *revenue += more);
        self.without_order += other.without_order;
        self
    }

    fn cells(&self, calendar: &Calendar, level: f64) -> Result<Vec<CohortCell>, Error> {
        let mut cells = Vec::new();
        for cohort in (0..self.periods).filter(|&cohort| self.sizes[cohort] > 0) {
            let mut cumulative = 0.0;
            for period in cohort..self.periods {
                let cell = cohort * self.periods + period;
                cumulative += self.revenue[cell];
                let retention = wilson(self.customers[cell], self.sizes[cohort], level)
                    .map_err(|error| Error::format("cohorts", &error))?;
                cells.push(CohortCell {
                    cohort: calendar.start_of(cohort),
                    period: (period - cohort) as u32,
                    cohort_size: self.sizes[cohort],
                    customers: self.customers[cell],
                    retention,
                    revenue: self.revenue[cell],
                    cumulative_revenue_per_customer: cumulative / self.sizes[cohort] as f64,
                    complete: calendar.is_over(period),
                });
            }
        }
        Ok(cells)
    }
}
