//! Customers as they were on the days of windows, and what became of them: what norms are chosen and judged by.

use leverkit_core::{CustomerLines, DAYS_PER_YEAR, Day, Ledger};
use rayon::prelude::*;
use serde::Serialize;

/// Customers are resampled in this many random groups, which costs the same for a thousand customers and a million.
const GROUPS: usize = 400;
/// The window of a year, in whole days.
const YEAR: i32 = DAYS_PER_YEAR as i32;

/// What norms are found for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NormMeasure {
    Recency,
    OrdersPerYear,
    AverageCheck,
}

impl NormMeasure {
    pub(super) const ALL: [Self; 3] = [Self::Recency, Self::OrdersPerYear, Self::AverageCheck];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency",
            Self::OrdersPerYear => "orders_per_year",
            Self::AverageCheck => "average_check",
        }
    }

    pub(super) fn is_better_low(self) -> bool {
        self == Self::Recency
    }
}

/// The days of the windows, a horizon apart.
pub(super) struct Panel {
    pub start: Day,
    pub horizon: i32,
    pub dates: Vec<Day>,
}

/// A day on which customers were observed, and what became of them within the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NormWindow {
    /// The day.
    pub date: Day,
    /// Whether it judges norms instead of choosing them.
    pub is_test: bool,
    /// Customers with an order by then.
    pub customers: u64,
    /// Those who bought again within the horizon.
    pub returned: u64,
}

/// A customer on a window's day. Whole numbers stand for what is measured, so that it is counted by number.
#[derive(Clone, Copy)]
pub(super) struct Row {
    recency: u32,
    /// Orders within the year before.
    recent: u32,
    /// The customer's number among those seen, then the group in which they are resampled.
    pub group: u32,
    window: u8,
    pub returned: bool,
}

/// Rows of customers, with their average checks beside them.
#[derive(Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    pub checks: Vec<f64>,
}

/// The rows of a part of the ledger: the last window judges norms, those before it choose them.
pub(super) struct Part {
    pub choose: Rows,
    pub judge: Rows,
    customers: u32,
    /// Customers of each window, and those who returned.
    windows: Vec<[u64; 2]>,
}

impl Panel {
    /// The rows of all customers, and how many groups these are dealt into.
    pub(super) fn rows(&self, ledger: &Ledger) -> (Vec<Part>, usize) {
        let fresh = || Part {
            choose: Rows::default(),
            judge: Rows::default(),
            customers: 0,
            windows: vec![[0; 2]; self.dates.len()],
        };
        let add =
            |parts: &mut Vec<Part>, lines: CustomerLines<'_>| parts.iter_mut().for_each(|part| self.add(part, &lines));
        let mut parts = ledger.fold_customers(
            || vec![fresh()],
            add,
            |mut left, right| {
                left.extend(right);
                left
            },
        );
        let groups = deal_into_groups(&mut parts);
        (parts, groups)
    }

    fn add(&self, part: &mut Part, lines: &CustomerLines<'_>) {
        let (mut line, mut total, mut orders, mut before_year) = (0, 0.0, 0, 0);
        let known = part.choose.rows.len() + part.judge.rows.len();
        let last = self.dates.len().saturating_sub(1);
        for (window, &date) in self.dates.iter().enumerate() {
            while line < lines.days.len() && lines.days[line] <= date {
                total += lines.amounts[line];
                line += 1;
            }
            let by = |from: usize, day: Day| {
                from + lines.order_days[from..].iter().take_while(|&&other| other <= day).count()
            };
            orders = by(orders, date);
            if orders == 0 {
                continue;
            }
            before_year = by(before_year, date - self.year(window));
            let returned = lines.order_days.get(orders).is_some_and(|&next| next <= date + self.horizon);
            part.windows[window][0] += 1;
            part.windows[window][1] += u64::from(returned);
            let rows = if window == last { &mut part.judge } else { &mut part.choose };
            rows.rows.push(Row {
                recency: (date - lines.order_days[orders - 1]) as u32,
                recent: (orders - before_year) as u32,
                group: part.customers,
                window: window as u8,
                returned,
            });
            rows.checks.push(total / orders as f64);
        }
        part.customers += u32::from(part.choose.rows.len() + part.judge.rows.len() > known);
    }

    /// The days of the year before a window's day; fewer where the lines begin later.
    fn year(&self, window: usize) -> i32 {
        YEAR.min(self.dates[window] - self.start + 1)
    }

    fn orders_per_year(&self, window: usize, recent: u32) -> f64 {
        f64::from(recent) * DAYS_PER_YEAR / f64::from(self.year(window))
    }

    pub(super) fn value(&self, measure: NormMeasure, row: &Row, check: f64) -> f64 {
        match measure {
            NormMeasure::Recency => f64::from(row.recency),
            NormMeasure::OrdersPerYear => self.orders_per_year(usize::from(row.window), row.recent),
            NormMeasure::AverageCheck => check,
        }
    }

    pub(super) fn windows(&self, parts: &[Part]) -> Vec<NormWindow> {
        let last = self.dates.len().saturating_sub(1);
        let window = |(index, &date): (usize, &Day)| {
            let sum = |of: usize| parts.iter().map(|part| part.windows[index][of]).sum();
            NormWindow { date, is_test: index == last, customers: sum(0), returned: sum(1) }
        };
        self.dates.iter().enumerate().map(window).collect()
    }
}

/// Deals the customers seen into groups in turn. Customers not seen yet must not count, or norms would change with the future.
fn deal_into_groups(parts: &mut [Part]) -> usize {
    let mut customers = 0;
    let firsts: Vec<u32> = parts
        .iter()
        .map(|part| {
            customers += part.customers;
            customers - part.customers
        })
        .collect();
    parts.par_iter_mut().zip(firsts).for_each(|(part, first)| {
        for row in part.choose.rows.iter_mut().chain(&mut part.judge.rows) {
            row.group = (first + row.group) % GROUPS as u32;
        }
    });
    (customers as usize).clamp(1, GROUPS)
}

/// The values that whole numbers stand for: recencies by their days, orders per year by window and orders.
pub(super) struct Numbered {
    pub values: Vec<f64>,
    /// Numbers of a window; none where all windows share them.
    width: usize,
}

impl Numbered {
    pub(super) fn recencies(panel: &Panel) -> Self {
        let longest = panel.dates.last().map_or(0, |&last| (last - panel.start).max(0));
        Self { values: (0..=longest).map(f64::from).collect(), width: 0 }
    }

    pub(super) fn orders_per_year(panel: &Panel, parts: &[&Rows]) -> Self {
        let most = parts.par_iter().flat_map_iter(|part| part.rows.iter().map(|row| row.recent)).max().unwrap_or(0);
        let of = |window: usize| (0..=most).map(move |recent| panel.orders_per_year(window, recent));
        Self { values: (0..panel.dates.len()).flat_map(of).collect(), width: most as usize + 1 }
    }

    /// The number of a row's value.
    pub(super) fn of(&self, row: &Row) -> usize {
        if self.width == 0 { row.recency as usize } else { usize::from(row.window) * self.width + row.recent as usize }
    }
}
