//! Migration: who moves between segments from date to date. One pass over the lines: each date goes on where the one before stopped.

use std::cmp::Ordering;

use leverkit_core::{CustomerLines, Day, Ledger, format_day};
use rayon::prelude::*;
use serde::Serialize;

use crate::score::{Values, cut_each, score_each, segments};
use crate::{Error, MigrationParams, ScoreParams};

/// Customers that one task handles; sums are added up in this order on any number of threads.
const CHUNK: usize = 1 << 13;

/// Flows of customers and money between segments.
#[derive(Debug, Clone)]
pub struct Migration {
    /// What they were computed with.
    pub params: MigrationParams,
    /// The dates, ascending.
    pub dates: Vec<Day>,
    /// The segments' names, best first.
    pub segments: Vec<String>,
    /// The flows from each date to the next; those of no customer are left out.
    pub flows: Vec<Flow>,
    /// Segments of all customers by code on the last two dates, and their money in between; 255 where there is no order yet.
    pub(crate) last_step: (Vec<u8>, Vec<u8>, Vec<f64>),
    /// The customers' ids by code.
    pub(crate) ids: leverkit_core::polars::prelude::Series,
}

/// Customers who were in one segment on a date and in another on the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Flow {
    /// The earlier date.
    pub from_date: Day,
    /// The later date.
    pub to_date: Day,
    /// Position of the earlier segment; `None` for customers without an order by then.
    pub from_segment: Option<u8>,
    /// Position of the later segment.
    pub to_segment: u8,
    /// How many customers.
    pub customers: u64,
    /// Money of their lines after the earlier date, up to the later.
    pub revenue: f64,
}

impl Flow {
    /// Where the customers went in the order of the segments: `new`, `same`, `up` or `down`.
    pub fn direction(&self) -> &'static str {
        match self.from_segment.map(|from| self.to_segment.cmp(&from)) {
            None => "new",
            Some(Ordering::Equal) => "same",
            Some(Ordering::Less) => "up",
            Some(Ordering::Greater) => "down",
        }
    }
}

/// No segment yet.
pub(crate) const NONE: u8 = u8::MAX;

/// Scores customers at several dates, each with the cut points of its own date, and counts who moved.
///
/// # Errors
/// [`Error::Parameter`] for fewer than two dates; [`Error::NothingToScore`] for a date before the first order.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Step, polars::prelude::*};
/// use leverkit_rfm::{MigrationParams, migration};
/// let lines = df!("c" => [1, 1, 2], "t" => ["2024-01-05", "2024-02-05", "2024-01-31"], "a" => [10.0, 20.0, 30.0])?;
/// let ledger = Ledger::from_frame(&lines, &Roles::new("c", "t").amount("a"))?;
/// let found = migration(&ledger, &MigrationParams { dates: None, every: Step::parse("every", "1w")?, bins: [2; 3] })?;
/// assert_eq!(found.dates.len(), 5);
/// assert_eq!(found.flows.last().map(|flow| flow.customers), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn migration(ledger: &Ledger, params: &MigrationParams) -> Result<Migration, Error> {
    let score_params = ScoreParams { bins: params.bins, ..ScoreParams::default() }.check()?.get().clone();
    let dates = dates(ledger, params)?;
    let names: Vec<String> = score_params.segments.segments().iter().map(|segment| segment.name.clone()).collect();
    let mut customers = ledger.par_customers(|| (), |(), lines| Customer::first(lines.days));
    let mut values = Values([(); 3].map(|()| vec![f64::NAN; customers.len()]));
    let (mut before, mut now) = (Vec::new(), Vec::new());
    let mut flows = Vec::new();
    for (index, &date) in dates.iter().enumerate() {
        advance(ledger, &mut customers, &mut values, date);
        let cuts = cut_each(&values, &score_params)?;
        if values.is_empty() {
            return Err(Error::NothingToScore {
                customers: ledger.n_customers(),
                as_of: format_day(date),
                hint: "leave out dates before the first order".into(),
            });
        }
        before =
            std::mem::replace(&mut now, segments(&score_each(&values, &cuts), &cuts, &score_params.segments, NONE));
        if index > 0 {
            flows.extend(count((dates[index - 1], date), (&before, &now), &customers, names.len()));
        }
    }
    let revenue = customers.iter().map(|customer| customer.revenue).collect();
    Ok(Migration {
        params: params.clone(),
        dates,
        segments: names,
        flows,
        last_step: (before, now, revenue),
        ids: ledger.customers().values().clone(),
    })
}

fn dates(ledger: &Ledger, params: &MigrationParams) -> Result<Vec<Day>, Error> {
    let dates = if let Some(dates) = &params.dates {
        let mut dates = dates.clone();
        dates.sort_unstable();
        dates.dedup();
        dates
    } else {
        let first_order = ledger.order_days().iter().copied().min().unwrap_or(ledger.as_of());
        params.every.back_from(ledger.as_of(), first_order)
    };
    if dates.len() < 2 {
        let got = dates.iter().map(|&date| format_day(date)).collect::<Vec<_>>().join(", ");
        return Err(Error::parameter("dates", got, "at least two days with orders before them; try a shorter step"));
    }
    Ok(dates)
}

/// A customer up to a date. Most have no line between two dates, which `next_line` tells without a look at the lines.
#[derive(Debug, Clone, Copy, Default)]
struct Customer {
    lines: u32,
    orders: u32,
    next_line: Day,
    last_order: Day,
    total: f64,
    /// Money since the date before.
    revenue: f64,
}

impl Customer {
    fn first(days: &[Day]) -> Self {
        Self { next_line: days.first().copied().unwrap_or(Day::MAX), ..Self::default() }
    }

    fn advance(&mut self, lines: &CustomerLines<'_>, date: Day) {
        let before = self.lines as usize;
        let after = before + lines.days[before..].iter().take_while(|&&day| day <= date).count();
        for amount in &lines.amounts[before..after] {
            self.total += amount;
            self.revenue += amount;
        }
        self.lines = after as u32;
        self.next_line = lines.days.get(after).copied().unwrap_or(Day::MAX);
        for &day in lines.order_days[self.orders as usize..].iter().take_while(|&&day| day <= date) {
            self.orders += 1;
            self.last_order = day;
        }
    }

    fn values(&self, date: Day) -> [f64; 3] {
        if self.orders == 0 {
            return [f64::NAN; 3];
        }
        [f64::from(date - self.last_order), f64::from(self.orders), self.total]
    }
}

/// Takes all customers to a date and sets their recency, frequency and monetary value.
fn advance(ledger: &Ledger, customers: &mut [Customer], values: &mut Values, date: Day) {
    let [recency, frequency, monetary] = &mut values.0;
    customers
        .par_chunks_mut(CHUNK)
        .zip(recency.par_chunks_mut(CHUNK).zip(frequency.par_chunks_mut(CHUNK)).zip(monetary.par_chunks_mut(CHUNK)))
        .enumerate()
        .for_each(|(chunk, (customers, ((recency, frequency), monetary)))| {
            for (position, customer) in customers.iter_mut().enumerate() {
                customer.revenue = 0.0;
                if customer.next_line <= date {
                    customer.advance(&ledger.customer((chunk * CHUNK + position) as u32), date);
                }
                [recency[position], frequency[position], monetary[position]] = customer.values(date);
            }
        });
}

/// Counts customers and their money by the segments they left and came to.
fn count(dates: (Day, Day), segments: (&[u8], &[u8]), customers: &[Customer], n_segments: usize) -> Vec<Flow> {
    let width = n_segments + 1;
    let place = |segment: u8| usize::from(segment).min(n_segments);
    let parts: Vec<Vec<(u64, f64)>> = segments
        .0
        .par_chunks(CHUNK)
        .zip(segments.1.par_chunks(CHUNK))
        .zip(customers.par_chunks(CHUNK))
        .map(|((before, now), customers)| {
            let mut cells = vec![(0, 0.0); width * width];
            for ((&before, &now), customer) in before.iter().zip(now).zip(customers) {
                let cell = &mut cells[place(before) * width + place(now)];
                *cell = (cell.0 + 1, cell.1 + customer.revenue);
            }
            cells
        })
        .collect();
    let mut cells = vec![(0, 0.0); width * width];
    for part in parts {
        cells.iter_mut().zip(part).for_each(|(cell, more)| *cell = (cell.0 + more.0, cell.1 + more.1));
    }
    let flow = |(cell, &(customers, revenue)): (usize, &(u64, f64))| {
        let (from, to) = (cell / width, cell % width);
        (customers > 0 && to < n_segments).then(|| Flow {
            from_date: dates.0,
            to_date: dates.1,
            from_segment: (from < n_segments).then_some(from as u8),
            to_segment: to as u8,
            customers,
            revenue,
        })
    };
    cells.iter().enumerate().filter_map(flow).collect()
}
