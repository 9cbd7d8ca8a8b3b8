//! Tenure: how long customers have been with the company, what they brought, and how many of them still order.

use leverkit_core::stats::{Interval, wilson};
use leverkit_core::{CustomerLines, Day, Ledger, Params};
use serde::Serialize;

use super::gaps::days_seen;
use super::params::TenureParams;
use crate::Error;

/// Customers by the time since their first order.
#[derive(Debug, Clone, Serialize)]
pub struct Tenure {
    /// What it was computed with.
    pub params: TenureParams,
    /// One row per band, newest customers first.
    pub rows: Vec<TenureRow>,
    /// Customers who have returns but no order: they are in no band.
    pub without_order: u64,
}

/// Customers of one band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TenureRow {
    /// The least number of days since the first order.
    pub from_days: u32,
    /// The greatest; `None` for the last band.
    pub to_days: Option<u32>,
    /// How many customers there are.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
    /// Money of their lines, net of returns.
    pub revenue: f64,
    /// Customers with an order in the last `active_days` days.
    pub active: u64,
    /// Their share, with Wilson limits; `None` without customers.
    pub active_share: Option<Interval>,
}

/// Lays customers out by the time since their first order in the data.
///
/// # Errors
/// [`Error::NothingToScore`] where there is no line by then; [`Error::Core`] where a parameter is out of its range.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{TenureParams, tenure};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2023-01-05", "2024-01-05", "2024-01-31"], "a" => [10.0, 20.0, 30.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let rows = tenure(&ledger, &TenureParams::default())?.rows;
/// assert_eq!((rows[0].customers, rows[3].customers, rows[3].revenue), (1, 1, 30.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tenure(ledger: &Ledger, params: &TenureParams) -> Result<Tenure, Error> {
    params.check()?;
    let (_, until) = days_seen(ledger, params.as_of.unwrap_or(ledger.as_of()))?;
    let sums = ledger.fold_customers(
        || Sums::new(params.bands.len() + 1),
        |sums, lines| sums.add(&lines, params, until),
        Sums::merge,
    );
    let rows = sums.bands.iter().enumerate().map(|(place, band)| band.row(place, params));
    Ok(Tenure { params: params.clone(), rows: rows.collect::<Result<_, _>>()?, without_order: sums.without_order })
}

/// What is added up over customers.
struct Sums {
    bands: Vec<Band>,
    without_order: u64,
}

#[derive(Clone, Default)]
struct Band {
    customers: u64,
    orders: u64,
    revenue: f64,
    active: u64,
}

impl Sums {
    fn new(bands: usize) -> Self {
        Self { bands: vec![Band::default(); bands], without_order: 0 }
    }

    fn add(&mut self, lines: &CustomerLines<'_>, params: &TenureParams, until: Day) {
        let seen = |days: &[Day]| days.partition_point(|&day| day <= until);
        let (orders, lines_seen) = (&lines.order_days[..seen(lines.order_days)], seen(lines.days));
        let (Some(&first), Some(&last)) = (orders.first(), orders.last()) else {
            self.without_order += u64::from(lines_seen > 0);
            return;
        };
        let days = (until - first) as u32;
        let band = &mut self.bands[params.bands.partition_point(|&from| from <= days)];
        band.customers += 1;
        band.orders += orders.len() as u64;
        band.active += u64::from(((until - last) as u32) < params.active_days);
        band.revenue += lines.amounts[..lines_seen].iter().sum::<f64>();
    }

    fn merge(mut self, other: Self) -> Self {
        self.bands.iter_mut().zip(other.bands).for_each(|(band, more)| band.merge(&more));
        self.without_order += other.without_order;
        self
    }
}

impl Band {
    fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.revenue += other.revenue;
        self.active += other.active;
    }

    fn row(&self, place: usize, params: &TenureParams) -> Result<TenureRow, Error> {
        let share = (self.customers > 0).then(|| wilson(self.active, self.customers, params.level));
        Ok(TenureRow {
            from_days: place.checked_sub(1).map_or(0, |before| params.bands[before]),
            to_days: params.bands.get(place).map(|next| next - 1),
            customers: self.customers,
            orders: self.orders,
            revenue: self.revenue,
            active: self.active,
            active_share: share.transpose().map_err(|error| Error::format("tenure", &error))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::{Roles, batch};

    use super::*;

    /// Ann has ordered for exactly a year, until yesterday; Bob once, 89 days before the last day seen; Eve has only a return.
    fn ledger() -> Ledger {
        let lines = batch!(
            "c" => ["ann", "ann", "bob", "eve"],
            "t" => ["2023-01-31", "2024-01-31", "2023-11-03", "2024-01-02"],
            "a" => [10.0, 20.0, 5.0, -3.0],
        );
        Ledger::from_batches(&[lines.unwrap()], &Roles::new("c", "t").amount("a")).unwrap()
    }

    #[test]
    fn a_band_begins_with_its_day_and_ends_before_the_next() {
        let found = tenure(&ledger(), &TenureParams { bands: vec![90, 365], ..TenureParams::default() }).unwrap();
        let counts: Vec<_> = found.rows.iter().map(|row| (row.from_days, row.to_days, row.customers)).collect();
        assert_eq!(counts, [(0, Some(89), 1), (90, Some(364), 0), (365, None, 1)]);
        assert_eq!(found.rows[1].active_share, None);
    }

    #[test]
    fn who_ordered_within_the_last_days_is_active() {
        let active = |active_days| {
            let params = TenureParams { active_days, ..TenureParams::default() };
            tenure(&ledger(), &params).unwrap().rows[0].active
        };
        assert_eq!((active(89), active(90)), (0, 1));
    }

    #[test]
    fn customers_without_an_order_are_counted_apart() {
        let found = tenure(&ledger(), &TenureParams::default()).unwrap();
        assert_eq!(found.rows.iter().map(|row| row.customers).sum::<u64>() + found.without_order, 3);
    }
}
