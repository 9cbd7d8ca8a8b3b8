//! Norms: the recency, orders per year and average check that best separate customers who buy again from those who do not.
//!
//! Customers are observed as they were on past days, a horizon apart, and followed for one horizon. All windows but the last
//! choose the norm, by the greatest sensitivity + specificity − 1 (Youden 1950, Index for rating diagnostic tests); the last tells
//! what it is worth.

use leverkit_core::stats::{Interval, at_least, at_most, bootstrap, bootstrap_interval, count_quantiles, wilson};
use leverkit_core::{CustomerLines, DAYS_PER_YEAR, Day, Ledger, Params};
use rayon::prelude::*;
use serde::Serialize;

use super::gaps::days_seen;
use super::params::NormParams;
use crate::Error;

/// The most windows: more than a year at the usual horizon, so that all seasons count.
const MOST_WINDOWS: i32 = 5;
/// Norms that are tried: the distinct values, or this many quantiles of them.
const CANDIDATES: usize = 256;
/// Customers are resampled in this many random groups, which costs the same for a thousand customers and a million.
const GROUPS: usize = 400;
const REPLICATES: usize = 400;
/// Rows are counted in so many parts at once.
const PARTS: usize = 8;
/// Where a curve is highest, fewer customers than this do not tell: limits of their bootstrap hold the truth too rarely.
const FEWEST_CUSTOMERS: usize = 100;
/// The window of a year, in whole days.
const YEAR: i32 = DAYS_PER_YEAR as i32;

/// The norms of a ledger's customers.
#[derive(Debug, Clone, Serialize)]
pub struct Norms {
    /// What they were computed with.
    pub params: NormParams,
    /// One each for recency, orders per year and average check, and one for all of them together.
    pub norms: Vec<Norm>,
    /// The windows, the last to judge by.
    pub windows: Vec<NormWindow>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// One norm.
#[derive(Debug, Clone, Serialize)]
pub struct Norm {
    /// The measure: `recency`, `orders_per_year`, `average_check`, or `all` norms at once.
    pub measure: &'static str,
    /// Whether a value up to the norm keeps it, or one from it on.
    pub direction: &'static str,
    /// The norm, with limits by bootstrap over customers; NaN where these are too few for limits.
    pub norm: Option<Interval>,
    /// Sensitivity + specificity − 1 where the norm was chosen.
    pub youden: Option<f64>,
    /// Customer windows in which it was chosen.
    pub n: u64,
    /// Customers in the last window.
    pub n_test: u64,
    /// Share of them within the norm.
    pub share_above: Option<f64>,
    /// Share of those within it who bought again.
    pub return_rate_above: Option<Interval>,
    /// Share of the others who did.
    pub return_rate_below: Option<Interval>,
    /// The first share over that of all, with limits by bootstrap over customers.
    pub lift: Option<Interval>,
    /// Why there is no norm, or none with limits.
    pub reason: Option<String>,
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

/// The measures and whether less is better.
const MEASURES: [(&str, bool); 3] = [("recency", true), ("orders_per_year", false), ("average_check", false)];

/// Finds the norms.
///
/// # Errors
/// [`Error::Core`] for a level outside (0, 1) or a horizon of no days; [`Error::NothingToScore`] without lines.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{NormParams, norms};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = norms(&ledger, &NormParams::default())?;
/// assert_eq!(found.norms[0].norm, None);
/// assert!(found.norms[0].reason.as_deref().is_some_and(|reason| reason.contains("4 days")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn norms(ledger: &Ledger, params: &NormParams) -> Result<Norms, Error> {
    params.check()?;
    let as_of = params.as_of.unwrap_or(ledger.as_of());
    let (start, until) = days_seen(ledger, as_of)?;
    let horizon = params.horizon as i32;
    // Each window needs a horizon of history before it.
    let count = ((until - start) / horizon - 1).clamp(0, MOST_WINDOWS);
    let dates: Vec<Day> = (1..=count).rev().map(|back| until - back * horizon).collect();
    let panel = Panel { start, horizon, dates };
    let mut rows = ledger.fold_customers(
        Vec::new,
        |rows, lines| panel.add(rows, &lines),
        |mut left, right| {
            left.extend(right);
            left
        },
    );
    let groups = deal_into_groups(&mut rows);
    let windows = panel.windows(&rows);
    let mut notes = Vec::new();
    if count == 1 {
        notes.push("One window alone fits the data: it both chose and judges the norms, which flatters them.".into());
    }
    if count == 0 {
        let reason = format!(
            "the data span {} days; a norm takes at least {} for a horizon of {horizon}",
            until - start,
            2 * horizon
        );
        let norms = MEASURES.map(|measure| Norm::none(measure, reason.clone())).to_vec();
        return Ok(Norms { params: params.clone(), norms, windows, notes });
    }
    let (choose, judge): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| count > 1 && i32::from(row.window) < count - 1);
    let choose = if choose.is_empty() { &judge } else { &choose };
    let found: Result<Vec<Norm>, Error> =
        (0..MEASURES.len()).into_par_iter().map(|measure| find(measure, choose, &judge, groups, params)).collect();
    let mut norms = found?;
    norms.push(together(&norms, choose.len(), &judge, groups, params)?);
    Ok(Norms { params: params.clone(), norms, windows, notes })
}

/// A customer as they were on a window's day, and whether they bought again.
#[derive(Clone, Copy)]
struct Row {
    values: [f64; 3],
    /// The customer's code, then the group in which they are resampled.
    group: u32,
    window: u8,
    returned: bool,
}

struct Panel {
    start: Day,
    horizon: i32,
    dates: Vec<Day>,
}

/// Deals the customers seen, which stand together, into groups in turn. Customers not seen yet must not count, or norms would
/// change with the future.
fn deal_into_groups(rows: &mut [Row]) -> usize {
    let mut customers = 0;
    for customer in rows.chunk_by_mut(|a, b| a.group == b.group) {
        customer.iter_mut().for_each(|row| row.group = (customers % GROUPS) as u32);
        customers += 1;
    }
    customers.clamp(1, GROUPS)
}

impl Panel {
    fn add(&self, rows: &mut Vec<Row>, lines: &CustomerLines<'_>) {
        let mut total = 0.0;
        let mut line = 0;
        for (window, &date) in self.dates.iter().enumerate() {
            while line < lines.days.len() && lines.days[line] <= date {
                total += lines.amounts[line];
                line += 1;
            }
            let orders_by = |day: Day| lines.order_days.partition_point(|&other| other <= day);
            let orders = orders_by(date);
            if orders == 0 {
                continue;
            }
            let year = YEAR.min(date - self.start + 1);
            let recent = orders - orders_by(date - year);
            let values = [
                f64::from(date - lines.order_days[orders - 1]),
                recent as f64 * DAYS_PER_YEAR / f64::from(year),
                total / orders as f64,
            ];
            let returned = orders_by(date + self.horizon) > orders;
            rows.push(Row { values, group: lines.code, window: window as u8, returned });
        }
    }

    fn windows(&self, rows: &[Row]) -> Vec<NormWindow> {
        let last = self.dates.len().saturating_sub(1);
        let window = |(index, &date): (usize, &Day)| {
            let (mut customers, mut returned) = (0, 0);
            for row in rows.iter().filter(|row| usize::from(row.window) == index) {
                customers += 1;
                returned += u64::from(row.returned);
            }
            NormWindow { date, is_test: index == last, customers, returned }
        };
        self.dates.iter().enumerate().map(window).collect()
    }
}

impl Norm {
    fn none((measure, is_better_low): (&'static str, bool), reason: String) -> Self {
        Self {
            measure,
            direction: if is_better_low { "at most" } else { "at least" },
            norm: None,
            youden: None,
            n: 0,
            n_test: 0,
            share_above: None,
            return_rate_above: None,
            return_rate_below: None,
            lift: None,
            reason: Some(reason),
        }
    }

    /// Takes the norm back where customers within it did not return more often in the last window.
    fn withdraw_if_useless(mut self, level: f64) -> Self {
        if let Some(lift) = self.lift.filter(|lift| at_most(lift.lower, 1.0)) {
            self.norm = None;
            self.reason = Some(format!(
                "customers within it did not return more often in the last window: lift {:.2}, {:.0} % limits {:.2} to {:.2}",
                lift.estimate,
                100.0 * level,
                lift.lower,
                lift.upper
            ));
        }
        self
    }
}

fn find(measure: usize, choose: &[Row], judge: &[Row], groups: usize, params: &NormParams) -> Result<Norm, Error> {
    let (name, is_better_low) = MEASURES[measure];
    let tried = Tried::count(measure, is_better_low, choose, groups);
    let Some((norm, youden)) = tried.best(|_| 1) else {
        let reason = "in the windows that choose it all customers bought again, or none did".into();
        return Ok(Norm {
            n: choose.len() as u64,
            n_test: judge.len() as u64,
            ..Norm::none((name, is_better_low), reason)
        });
    };
    let stats = |error| Error::format("norms", &error);
    let (with_limits, reason) = if groups < FEWEST_CUSTOMERS {
        let reason =
            format!("{groups} customers are too few for limits of the norm; at least {FEWEST_CUSTOMERS} are needed");
        (Interval { estimate: norm, lower: f64::NAN, upper: f64::NAN }, Some(reason))
    } else {
        let best = |draws: &[u32]| tried.best(|group| draws[group]).map_or(f64::NAN, |(norm, _)| norm);
        let replicates = bootstrap(groups, REPLICATES, params.seed, best).map_err(stats)?;
        (bootstrap_interval(norm, &replicates, params.level, groups).map_err(stats)?, None)
    };
    let within = |row: &Row| keeps(is_better_low, row.values[measure], norm);
    let judged = judge_norm(judge, within, groups, params)?;
    let norm = Norm {
        norm: Some(with_limits),
        youden: Some(youden),
        n: choose.len() as u64,
        reason,
        measure: name,
        direction: if is_better_low { "at most" } else { "at least" },
        ..judged
    };
    Ok(norm.withdraw_if_useless(params.level))
}

/// Whether a value lies within a norm; averages of equal checks differ by rounding.
fn keeps(is_better_low: bool, value: f64, norm: f64) -> bool {
    if is_better_low { at_most(value, norm) } else { at_least(value, norm) }
}

/// The norms that were found, all at once.
fn together(norms: &[Norm], n: usize, judge: &[Row], groups: usize, params: &NormParams) -> Result<Norm, Error> {
    let within = |row: &Row| {
        let is_kept = |(measure, norm): (usize, &Norm)| {
            norm.norm.is_none_or(|norm| keeps(MEASURES[measure].1, row.values[measure], norm.estimate))
        };
        norms.iter().enumerate().all(is_kept)
    };
    if norms.iter().all(|norm| norm.norm.is_none()) {
        return Ok(Norm { direction: "", ..Norm::none(("all", false), "there is no norm".into()) });
    }
    let judged = judge_norm(judge, within, groups, params)?;
    Ok(Norm { measure: "all", direction: "", n: n as u64, reason: None, ..judged })
}

/// What became of customers within a norm, and of the others.
fn judge_norm(rows: &[Row], within: impl Fn(&Row) -> bool, groups: usize, params: &NormParams) -> Result<Norm, Error> {
    // Of each group: within and returned, within, returned, all.
    let mut counts = vec![[0_u64; 4]; groups];
    for row in rows {
        let (inside, returned) = (u64::from(within(row)), u64::from(row.returned));
        let more = [inside * returned, inside, returned, 1];
        counts[row.group as usize].iter_mut().zip(more).for_each(|(count, more)| *count += more);
    }
    let sum = |weight: &dyn Fn(usize) -> u64| {
        let mut sums = [0; 4];
        for (group, counts) in counts.iter().enumerate() {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += weight(group) * count);
        }
        sums
    };
    let lift = |[both, inside, returned, all]: [u64; 4]| (both as f64 * all as f64) / (inside as f64 * returned as f64);
    let [both, inside, returned, all] = sum(&|_| 1);
    let share = |successes, trials: u64| (trials > 0).then(|| wilson(successes, trials, params.level)).transpose();
    let stats = |error| Error::format("norms", &error);
    let estimate = lift([both, inside, returned, all]);
    let replicates = bootstrap(groups, REPLICATES, params.seed, |draws| lift(sum(&|group| u64::from(draws[group]))))
        .map_err(stats)?;
    Ok(Norm {
        n_test: all,
        share_above: (all > 0).then(|| inside as f64 / all as f64),
        return_rate_above: share(both, inside).map_err(stats)?,
        return_rate_below: share(returned - both, all - inside).map_err(stats)?,
        lift: if estimate.is_finite() {
            Some(bootstrap_interval(estimate, &replicates, params.level, groups).map_err(stats)?)
        } else {
            None
        },
        ..Norm::none(("", false), String::new())
    })
}

/// Norms that are tried and, for each group of customers, how many lie between them and whether they returned.
struct Tried {
    candidates: Vec<f64>,
    is_better_low: bool,
    /// Of each group and each place between candidates: who did not return, who did.
    counts: Vec<Vec<[u32; 2]>>,
}

impl Tried {
    fn count(measure: usize, is_better_low: bool, rows: &[Row], groups: usize) -> Self {
        let candidates = candidates(rows.iter().map(|row| row.values[measure]).collect());
        let fresh = || vec![vec![[0; 2]; candidates.len() + 1]; groups];
        let add = |mut counts: Vec<Vec<[u32; 2]>>, rows: &[Row]| {
            for row in rows {
                let value = row.values[measure];
                // How many candidates the value keeps where more is better, or does not keep where less is.
                let place = candidates.partition_point(|&norm| keeps(is_better_low, value, norm) != is_better_low);
                counts[row.group as usize][place][usize::from(row.returned)] += 1;
            }
            counts
        };
        let counts = rows.par_chunks(rows.len().div_ceil(PARTS).max(1)).fold(fresh, add).reduce(fresh, merge);
        Self { candidates, is_better_low, counts }
    }

    /// The candidate with the greatest Youden index, where group `g` counts `weight(g)` times. `None` where all returned or none did.
    fn best(&self, weight: impl Fn(usize) -> u32) -> Option<(f64, f64)> {
        let mut places = vec![[0_u64; 2]; self.candidates.len() + 1];
        for (group, counts) in self.counts.iter().enumerate() {
            let weight = u64::from(weight(group));
            for (place, counts) in places.iter_mut().zip(counts) {
                place[0] += weight * u64::from(counts[0]);
                place[1] += weight * u64::from(counts[1]);
            }
        }
        let total = places.iter().fold([0, 0], |sum, place| [sum[0] + place[0], sum[1] + place[1]]);
        if total.contains(&0) {
            return None;
        }
        // Sensitivity + specificity − 1 over the same denominator: whole numbers, so rounding decides nothing.
        let youden =
            |part: [u64; 2]| i128::from(part[1]) * i128::from(total[0]) - i128::from(part[0]) * i128::from(total[1]);
        let mut passed = [0, 0];
        let mut best = None;
        for (place, &candidate) in places.iter().zip(&self.candidates) {
            passed = [passed[0] + place[0], passed[1] + place[1]];
            let youden = if self.is_better_low { youden(passed) } else { -youden(passed) };
            if best.is_none_or(|(_, greatest)| youden > greatest) {
                best = Some((candidate, youden));
            }
        }
        let all = total[0] as f64 * total[1] as f64;
        best.filter(|(_, youden)| *youden > 0).map(|(candidate, youden)| (candidate, youden as f64 / all))
    }
}

/// The sums of two counts by group and place.
fn merge(mut left: Vec<Vec<[u32; 2]>>, right: Vec<Vec<[u32; 2]>>) -> Vec<Vec<[u32; 2]>> {
    for ([sum, other], [more, another]) in left.iter_mut().flatten().zip(right.into_iter().flatten()) {
        *sum += more;
        *other += another;
    }
    left
}

fn candidates(mut values: Vec<f64>) -> Vec<f64> {
    let mut candidates = if values.len() <= CANDIDATES {
        values.sort_unstable_by(f64::total_cmp);
        values
    } else {
        let probabilities: Vec<f64> = (0..CANDIDATES).map(|k| k as f64 / (CANDIDATES - 1) as f64).collect();
        count_quantiles(&values, &probabilities)
    };
    candidates.dedup();
    candidates
}
