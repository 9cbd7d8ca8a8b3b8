//! Migration: who moves between segments from date to date. One pass over the lines: each date goes on where the one before stopped.

use std::cmp::Ordering;

use leverkit_core::stats::{budget, chunked_quantiles, quantiles_of_counts};
use leverkit_core::{Column, CustomerLines, Day, Ledger, Params, format_day};
use rayon::prelude::*;
use serde::Serialize;

use super::params::MigrationParams;
use crate::scores::{SegmentTable, fractions};
use crate::{Cut, Error, Measure, ScoreParams};

/// Days of eleven years.
const MOST_DATES: usize = 4000;

/// Customers that one task handles; sums are added up in this order on any number of threads.
const CHUNK: usize = 1 << 13;

/// Customers whose lines fit into a core's cache.
const FEW: usize = 1 << 9;

/// Dates that are taken together: a snapshot of each is held.
const BLOCK: usize = 7;

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
    pub(crate) ids: Column,
}

/// Customers who were in one segment on a date and in another on the next.
///
/// ```
/// use leverkit_rfm::Flow;
/// let flow = |from_segment, to_segment| {
///     Flow { from_date: 19_000.into(), to_date: 19_030.into(), from_segment, to_segment, customers: 3, revenue: 90.0 }
/// };
/// // Segments stand best first.
/// assert_eq!([flow(None, 2), flow(Some(4), 2), flow(Some(0), 2)].map(|flow| flow.direction()), ["new", "up", "down"]);
/// ```
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
/// [`Error::Core`] for fewer than two dates; [`Error::NothingToScore`] for a date before the first order.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Step, batch};
/// use leverkit_rfm::{MigrationParams, migration};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-05", "2024-02-05", "2024-01-31"], "a" => [10.0, 20.0, 30.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = migration(&ledger, &MigrationParams { every: Step::parse("every", "1w")?, bins: [2; 3], ..MigrationParams::default() })?;
/// assert_eq!(found.dates.len(), 5);
/// assert_eq!(found.flows.last().map(|flow| flow.customers), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn migration(ledger: &Ledger, params: &MigrationParams) -> Result<Migration, Error> {
    params.check()?;
    let score_params = ScoreParams { bins: params.bins, ..ScoreParams::default() };
    let dates = dates(ledger, params)?;
    let scoring = Scoring::new(ledger, &score_params);
    let n_segments = score_params.segments.segments().len();
    let mut customers = vec![Customer::NEW; ledger.n_customers()];
    let (mut before, mut now) = (Vec::new(), Vec::new());
    let mut flows = Vec::new();
    let mut revenue = Vec::new();
    for (block, block_dates) in dates.chunks(BLOCK).enumerate() {
        let snapshots = advance(ledger, &mut customers, block_dates);
        for (index, &date) in block_dates.iter().enumerate() {
            let parts: Vec<&Snapshot> = snapshots.iter().map(|dates| &dates[index]).collect();
            before = std::mem::replace(&mut now, scoring.segments(&parts, date)?);
            if let Some(last) = (block * BLOCK + index).checked_sub(1) {
                flows.extend(count((dates[last], date), (&before, &now), &parts, n_segments));
            }
            if date == dates[dates.len() - 1] {
                revenue = parts.iter().flat_map(|part| part.revenue.iter().copied()).collect();
            }
        }
    }
    Ok(Migration {
        params: params.clone(),
        dates,
        segments: score_params.segments.names(),
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
    if dates.len() > MOST_DATES {
        let expected = format!("at most {MOST_DATES}: take a longer step, or Ledger.between");
        return Err(Error::parameter("every", format!("{} dates", dates.len()), expected));
    }
    Ok(dates)
}

/// A customer up to a date. Most have no line between two dates, which `next_line` tells without a look at the lines.
#[derive(Debug, Clone, Copy)]
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
    /// Before the first date: its lines are read on that date.
    const NEW: Self = Self { lines: 0, orders: 0, next_line: Day::MIN, last_order: Day::MIN, total: 0.0, revenue: 0.0 };

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
}

/// A chunk of customers on a date.
struct Snapshot {
    /// The day of the last order; meaningless without orders.
    last_orders: Vec<Day>,
    orders: Vec<u32>,
    /// Money so far; NaN without orders.
    totals: Vec<f64>,
    /// Money since the date before.
    revenue: Vec<f64>,
}

impl Snapshot {
    fn with_room(customers: usize) -> Self {
        Self {
            last_orders: Vec::with_capacity(customers),
            orders: Vec::with_capacity(customers),
            totals: Vec::with_capacity(customers),
            revenue: Vec::with_capacity(customers),
        }
    }

    fn extend(&mut self, customers: &[Customer]) {
        self.last_orders.extend(customers.iter().map(|customer| customer.last_order));
        self.orders.extend(customers.iter().map(|customer| customer.orders));
        self.totals
            .extend(customers.iter().map(|customer| if customer.orders > 0 { customer.total } else { f64::NAN }));
        self.revenue.extend(customers.iter().map(|customer| customer.revenue));
    }
}

/// Takes all customers from date to date, a few at a time, so that their lines stay in cache over all dates of a block.
fn advance(ledger: &Ledger, customers: &mut [Customer], dates: &[Day]) -> Vec<Vec<Snapshot>> {
    let of_chunk = |(chunk, customers): (usize, &mut [Customer])| {
        budget::check();
        let mut snapshots: Vec<Snapshot> = dates.iter().map(|_| Snapshot::with_room(customers.len())).collect();
        for (few, customers) in customers.chunks_mut(FEW).enumerate() {
            for (snapshot, &date) in snapshots.iter_mut().zip(dates) {
                step(ledger, chunk * CHUNK + few * FEW, customers, date);
                snapshot.extend(customers);
            }
        }
        snapshots
    };
    customers.par_chunks_mut(CHUNK).enumerate().map(of_chunk).collect()
}

fn step(ledger: &Ledger, first: usize, customers: &mut [Customer], date: Day) {
    for (position, customer) in customers.iter_mut().enumerate() {
        customer.revenue = 0.0;
        if customer.next_line <= date {
            customer.advance(&ledger.customer((first + position) as u32), date);
        }
    }
}

/// Scores snapshots as `score` would. Days and orders are small numbers: they are counted instead of compared, and scored by a table.
struct Scoring<'a> {
    params: &'a ScoreParams,
    customers: usize,
    start: Day,
    most_orders: usize,
    table: SegmentTable,
}

impl<'a> Scoring<'a> {
    fn new(ledger: &Ledger, params: &'a ScoreParams) -> Self {
        let orders = ledger.order_offsets().windows(2).map(|pair| (pair[1] - pair[0]) as usize);
        Self {
            params,
            customers: ledger.n_customers(),
            start: ledger.start().unwrap_or_default(),
            most_orders: orders.max().unwrap_or(0),
            table: SegmentTable::new(params.bins, &params.segments),
        }
    }

    /// The segment of every customer on a date.
    fn segments(&self, parts: &[&Snapshot], date: Day) -> Result<Vec<u8>, Error> {
        let (recencies, frequencies) = self.counts(parts, date);
        if recencies.iter().all(|&count| count == 0) {
            return Err(Error::NothingToScore {
                customers: self.customers,
                as_of: format_day(date),
                hint: "leave out dates before the first order".into(),
            });
        }
        let [r_bins, f_bins, m_bins] = self.params.bins;
        let r = by_number(Measure::Recency, r_bins, &recencies);
        let f = by_number(Measure::Frequency, f_bins, &frequencies);
        let totals: Vec<&[f64]> = parts.iter().map(|part| part.totals.as_slice()).collect();
        let m = Cut::at(Measure::Monetary, m_bins, chunked_quantiles(&totals, &fractions(m_bins)));
        let segments = |part: &&Snapshot| {
            let monetary = m.score_all(&part.totals);
            let of = |position: usize| match part.orders[position] {
                0 => NONE,
                orders => self.table.find(
                    r[(date - part.last_orders[position]) as usize],
                    f[orders as usize],
                    monetary[position],
                ),
            };
            (0..part.orders.len()).map(of).collect::<Vec<u8>>()
        };
        Ok(parts.par_iter().map(segments).collect::<Vec<_>>().concat())
    }

    /// How many customers have each recency and each number of orders.
    fn counts(&self, parts: &[&Snapshot], date: Day) -> (Vec<u64>, Vec<u64>) {
        let fresh = || (vec![0; (date - self.start + 1).max(1) as usize], vec![0; self.most_orders + 1]);
        let add = |(mut recencies, mut frequencies): (Vec<u64>, Vec<u64>), part: &&Snapshot| {
            for (&orders, &last) in part.orders.iter().zip(&part.last_orders).filter(|(orders, _)| **orders > 0) {
                recencies[(date - last) as usize] += 1;
                frequencies[orders as usize] += 1;
            }
            (recencies, frequencies)
        };
        let merge = |mut left: (Vec<u64>, Vec<u64>), right: (Vec<u64>, Vec<u64>)| {
            left.0.iter_mut().zip(right.0).for_each(|(count, more)| *count += more);
            left.1.iter_mut().zip(right.1).for_each(|(count, more)| *count += more);
            left
        };
        parts.par_iter().with_min_len(16).fold(fresh, add).reduce(fresh, merge)
    }
}

/// The score of each number from 0 on, cut at the quantiles of those that occur.
fn by_number(measure: Measure, bins: u8, counts: &[u64]) -> Vec<u8> {
    let cut = Cut::at(measure, bins, quantiles_of_counts(counts, &fractions(bins)));
    (0..counts.len()).map(|number| cut.score(number as f64)).collect()
}

/// Counts customers and their money by the segments they left and came to.
fn count(dates: (Day, Day), segments: (&[u8], &[u8]), parts: &[&Snapshot], n_segments: usize) -> Vec<Flow> {
    let width = n_segments + 1;
    let place = |segment: u8| usize::from(segment).min(n_segments);
    let sums: Vec<Vec<(u64, f64)>> = segments
        .0
        .par_chunks(CHUNK)
        .zip(segments.1.par_chunks(CHUNK))
        .zip(parts)
        .map(|((before, now), part)| {
            let mut cells = vec![(0, 0.0); width * width];
            for ((&before, &now), revenue) in before.iter().zip(now).zip(&part.revenue) {
                let cell = &mut cells[place(before) * width + place(now)];
                *cell = (cell.0 + 1, cell.1 + revenue);
            }
            cells
        })
        .collect();
    let mut cells = vec![(0, 0.0); width * width];
    for part in sums {
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
