//! The limit day: how long a customer may be silent before they are a cold lead.
//!
//! Return times are the gaps between orders, the open last gap right-censored; their curve is Kaplan and Meier's. A customer who has
//! been silent for d days returns within the horizon h with chance 1 − S(d + h)/S(d); the limit day is the first d where that
//! chance falls under p.

use leverkit_core::stats::{DayCounts, Interval, KaplanMeier, Limits, at_least};
use leverkit_core::{Column, CustomerLines, Day, Ledger, Params};
use serde::Serialize;

use super::gaps::{Gaps, days_seen};
use super::grouping::Grouping;
use super::params::LimitDayParams;
use super::rhythm::{Rhythm, RhythmCounts};
use crate::Error;

/// Limit days of groups and customers, with the curves they come from.
#[derive(Debug, Clone)]
pub struct LimitDays {
    /// What they were computed with.
    pub params: LimitDayParams,
    /// The day from which they look back.
    pub as_of: Day,
    /// The horizon in days that the data allow: the one asked for, or half of the days seen where that is less.
    pub horizon: u32,
    /// One for each group, in the order of their names; one alone where there is no grouping.
    pub groups: Vec<GroupLimit>,
    /// One for each customer with an order, in customer order.
    pub customers: Vec<CustomerLimit>,
    /// The customers' ids by code.
    pub(crate) ids: Column,
    /// What was left out, and what was changed.
    pub notes: Vec<String>,
}

/// The limit day of a group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupLimit {
    /// The group's name; `None` where the dimension is null.
    pub group: Option<String>,
    /// Gaps, the open ones included.
    pub n: u64,
    /// Gaps that ended in a return.
    pub returned: u64,
    /// The first day where the chance of return is under p.
    pub limit_day: Option<u32>,
    /// The first day where the lower limit of that chance is.
    pub lower: Option<u32>,
    /// The first day where its upper limit is; `None` where it never is within the days seen.
    pub upper: Option<u32>,
    /// Why there is no limit day.
    pub reason: Option<String>,
    /// How customers' rhythms differ within the group.
    pub rhythm: Rhythm,
    /// The return-time curve by day.
    pub curve: KaplanMeier,
    /// The chance of return within the horizon after each silent day, as far as it can be seen.
    pub chances: Vec<Interval>,
}

/// The limit day of a customer.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_rfm::{LimitDayParams, limit_day};
/// let days = ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-03", "2024-03-01"];
/// let lines = batch!("c" => [1, 1, 1, 2, 3, 4], "t" => days, "a" => [1.0; 6])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = limit_day(&ledger, &LimitDayParams { horizon: 20, ..LimitDayParams::default() })?;
/// let first = &found.customers[0];
/// assert_eq!((first.gaps, first.limit_date()), (2, first.limit_day.map(|days| first.last_order + days as i32)));
/// assert_eq!(format_day(first.last_order), "2024-01-15");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CustomerLimit {
    /// The customer's code in the ledger.
    pub customer: u32,
    /// Position of the group.
    pub group: u32,
    /// The day of the last order.
    pub last_order: Day,
    /// Gaps between their orders.
    pub gaps: u32,
    /// Days between their orders, shrunk to the group's; `None` where the group has no return.
    pub rhythm_days: Option<f64>,
    /// The limit day at their own rhythm.
    pub limit_day: Option<u32>,
    /// Chance that they return within the horizon, silent as they are, at their own rhythm.
    pub return_chance: Option<f64>,
}

impl CustomerLimit {
    /// The last day to call them.
    pub fn limit_date(&self) -> Option<Day> {
        self.limit_day.map(|days| self.last_order + days as i32)
    }
}

/// Estimates limit days.
///
/// The chance of return falls with silence where customers leave; where it never falls under `p` within the days seen, the limit
/// day is `None` with a reason. A customer's own limit day is the group's times their rhythm relative to the group's
/// (Bühlmann & Straub 1970 for the shrinkage): someone who orders half as often has twice the time. The chance that they return within
/// the horizon is read off the curve stretched by that pace.
///
/// # Errors
/// [`Error::NothingToScore`] where no customer has an order; [`Error::Core`] for an unknown or too fine grouping, or a parameter out of its range.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{LimitDayParams, limit_day};
/// let lines = batch!(
///     "c" => [1, 1, 1, 2, 3, 4],
///     "t" => ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-03", "2024-03-01"],
///     "a" => [1.0; 6],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = limit_day(&ledger, &LimitDayParams { horizon: 20, ..LimitDayParams::default() })?;
/// assert_eq!((found.groups[0].n, found.groups[0].returned, found.groups[0].limit_day), (6, 2, Some(7)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn limit_day(ledger: &Ledger, params: &LimitDayParams) -> Result<LimitDays, Error> {
    params.check()?;
    let as_of = params.as_of.unwrap_or(ledger.as_of());
    let window = Window::of(ledger, as_of, params.horizon)?;
    let grouping = Grouping::find(ledger, &params.by, window.landmark, as_of)?;
    let counts = ledger.fold_customers(
        || vec![GroupCounts::default(); grouping.len()],
        |counts, lines| count(counts, &lines, &window, &grouping),
        merge,
    );
    let groups: Vec<GroupLimit> = counts
        .into_iter()
        .zip(grouping.names())
        .map(|(counts, name)| GroupLimit::estimate(name, &counts, &window, params))
        .collect::<Result<_, _>>()?;
    let customers = ledger
        .par_customers(|| (), |(), lines| customer_limit(&lines, &window, &grouping, &groups))
        .into_iter()
        .flatten()
        .collect();
    let ids = ledger.customers().values().clone();
    let notes = window.notes(params).into_iter().chain(grouping.notes()).collect();
    Ok(LimitDays { params: params.clone(), as_of, horizon: window.horizon, groups, customers, ids, notes })
}

/// The time under observation.
struct Window {
    /// The last day seen.
    until: Day,
    horizon: u32,
    /// Days between the first order line and the last day seen.
    days: u32,
    /// The day at which customers are grouped by their segment: a horizon before the end.
    landmark: Day,
}

impl Window {
    fn of(ledger: &Ledger, as_of: Day, horizon: u32) -> Result<Self, Error> {
        let (start, until) = days_seen(ledger, as_of)?;
        let days = (until - start) as u32;
        let horizon = horizon.min(days / 2).max(1);
        Ok(Self { until, horizon, days, landmark: until - horizon as i32 })
    }

    fn notes(&self, params: &LimitDayParams) -> Option<String> {
        (self.horizon < params.horizon).then(|| {
            format!(
                "The data span {} days, too few to see whether customers return within {}: the horizon is {} days.",
                self.days, params.horizon, self.horizon
            )
        })
    }
}

#[derive(Debug, Clone, Default)]
struct GroupCounts {
    gaps: DayCounts,
    rhythm: RhythmCounts,
}

fn count(counts: &mut [GroupCounts], lines: &CustomerLines<'_>, window: &Window, grouping: &Grouping<'_>) {
    let gaps = Gaps::of(lines, window.until);
    grouping.for_each_gap(lines, &gaps, |group, gap| {
        let counts = &mut counts[group];
        counts.gaps.add(gap.from, gap.days, gap.returned);
    });
    if let Some(group) = grouping.of_customer(lines, &gaps) {
        counts[group].rhythm.add(gaps.closed());
    }
}

fn merge(left: Vec<GroupCounts>, right: Vec<GroupCounts>) -> Vec<GroupCounts> {
    let both = |(left, right): (GroupCounts, GroupCounts)| GroupCounts {
        gaps: left.gaps.merge(&right.gaps),
        rhythm: left.rhythm.merge(&right.rhythm),
    };
    left.into_iter().zip(right).map(both).collect()
}

impl GroupLimit {
    fn estimate(
        group: Option<String>,
        counts: &GroupCounts,
        window: &Window,
        params: &LimitDayParams,
    ) -> Result<Self, Error> {
        let curve = KaplanMeier::from_day_counts(&counts.gaps, params.level, Limits::LogLog)
            .map_err(|error| Error::format("limit_day", &error))?;
        let chances = chances(&curve, window.horizon, params.level);
        let first_under = |chance: fn(&Interval) -> f64| {
            chances.iter().position(|found| !at_least(chance(found), params.p)).map(|day| day as u32)
        };
        let limit_day = first_under(|chance| chance.estimate);
        let returned = counts.gaps.events.iter().sum();
        Ok(Self {
            group,
            n: returned + counts.gaps.censored.iter().sum::<u64>(),
            returned,
            limit_day,
            lower: limit_day.and(first_under(|chance| chance.lower)),
            upper: limit_day.and(first_under(|chance| chance.upper)),
            reason: limit_day.is_none().then(|| no_limit(&chances, window, params)),
            rhythm: counts.rhythm.estimate(),
            curve,
            chances,
        })
    }

    /// The chance of return within the horizon after `silent` days of a customer whose gaps are `pace` times the group's,
    /// 1 − S((d + h)/pace)/S(d/pace).
    fn chance(&self, silent: i32, horizon: u32, pace: f64) -> f64 {
        let silent = f64::from(silent.max(0));
        1.0 - self.still_away((silent + f64::from(horizon)) / pace) / self.still_away(silent / pace)
    }

    /// The curve between whole days, by straight lines; beyond the last day on which somebody was still away, as on that day.
    fn still_away(&self, days: f64) -> f64 {
        let survival = &self.curve.survival;
        let last = survival.partition_point(|share| *share > 0.0).max(1) - 1;
        let day = days.min(last as f64);
        let (before, after) = (survival[day as usize], survival[(day as usize + 1).min(last)]);
        before + (day - day.floor()) * (after - before)
    }
}

fn no_limit(chances: &[Interval], window: &Window, params: &LimitDayParams) -> String {
    match chances.last() {
        None => format!("nobody is followed for the {} days of the horizon", window.horizon),
        Some(last) => format!(
            "the chance of return never falls under {:.0} %: after {} silent days, the last that can be judged, it is {:.0} %",
            100.0 * params.p,
            chances.len() - 1,
            100.0 * last.estimate
        ),
    }
}

/// The chance of return within the horizon after each silent day, 1 − S(d + h)/S(d).
fn chances(curve: &KaplanMeier, horizon: u32, level: f64) -> Vec<Interval> {
    let chance = |day: u32| {
        let (silent, later) = (f64::from(day), f64::from(day + horizon));
        let stay = curve.conditional(silent, later, level, Limits::LogLog)?;
        // Without a return in the stretch Greenwood's variance is zero: then the limit is that of 0 out of those followed to its end.
        let followed = curve.at_risk[(day + horizon) as usize];
        let upper =
            if stay.estimate < 1.0 { 1.0 - stay.lower } else { 1.0 - ((1.0 - level) / 2.0).powf(1.0 / followed) };
        Some(Interval { estimate: 1.0 - stay.estimate, lower: 1.0 - stay.upper, upper })
    };
    (0..).map_while(chance).collect()
}

fn customer_limit(
    lines: &CustomerLines<'_>,
    window: &Window,
    grouping: &Grouping<'_>,
    groups: &[GroupLimit],
) -> Option<CustomerLimit> {
    let gaps = Gaps::of(lines, window.until);
    let last_order = gaps.last_order()?;
    let group = grouping.of_customer(lines, &gaps)?;
    let limits = &groups[group];
    let pace = limits.rhythm.pace(gaps.closed());
    Some(CustomerLimit {
        customer: lines.code,
        group: group as u32,
        last_order,
        gaps: gaps.closed().count() as u32,
        rhythm_days: pace.map(|pace| pace * limits.rhythm.mean_days),
        limit_day: pace.zip(limits.limit_day).map(|(pace, days)| (f64::from(days) * pace).round().max(1.0) as u32),
        return_chance: pace.map(|pace| limits.chance(window.until - last_order, window.horizon, pace)),
    })
}
