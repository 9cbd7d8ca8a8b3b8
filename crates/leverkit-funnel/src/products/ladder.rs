//! The ladder of repeat purchases: from the first order to the second, the third and so on, with censoring handled.

use std::collections::HashMap;

use leverkit_core::counts::Counting;
use leverkit_core::{CustomerLines, Day, Ledger, Params};
use leverkit_stats::{DayCounts, ExactSum, Interval, KaplanMeier, Limits, normal_quantile, wilson_share};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::products::groups::Groups;
use crate::products::params::LadderParams;

/// The ladder by group.
#[derive(Debug, Clone, Serialize)]
pub struct Ladder {
    /// What it was computed with.
    pub params: LadderParams,
    /// The rungs, group by group.
    pub rungs: Vec<Rung>,
}

/// One step of the ladder.
#[derive(Debug, Clone, Serialize)]
pub struct Rung {
    /// The group's name; `None` where the dimension is null.
    pub group: Option<String>,
    /// The order that was reached, from 1; the step leads to the next.
    pub order: usize,
    /// Customers who placed this many orders.
    pub customers: u64,
    /// Those who were seen to place the next.
    pub returned: u64,
    /// Those who did so within the horizon, over all customers: what is told without regard to those still to come.
    pub naive_conversion: f64,
    /// Share who place the next within the horizon, by Kaplan and Meier; `None` where nobody was followed that far.
    pub conversion: Option<Interval>,
    /// Days until half of the customers have placed the next; `None` where fewer do within the days seen.
    pub median_days: Option<f64>,
    /// The median of those who did, told likewise.
    pub median_days_of_returned: Option<f64>,
    /// Money of this order, on average.
    pub average_check: f64,
    /// Margin of this order, on average, where unit costs are known.
    pub average_margin: Option<f64>,
    /// Money lost at this step: customers who do not place the next within the horizon, times its average check.
    pub revenue_lost: Option<f64>,
    /// Share of the customers who could be followed for the whole horizon.
    pub followed: f64,
    /// Why there is no conversion, or why it rests on few.
    pub reason: Option<String>,
    /// The curve behind it.
    pub curve: KaplanMeier,
}

/// Follows customers from order to order.
///
/// # Errors
/// [`Error::NothingToFollow`] without an order; [`Error::Parameter`](leverkit_core::Error::Parameter) for rungs or a horizon out of range,
/// too many groups, or no product role
/// where groups need it.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_funnel::{LadderParams, ladder};
/// let lines = batch!("c" => [1, 1, 2, 3], "t" => ["2024-01-01", "2024-01-11", "2024-01-01", "2024-03-01"], "a" => [10.0, 20.0, 30.0, 40.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let first = ladder(&ledger, &LadderParams { horizon: 30, ..LadderParams::default() })?.rungs.remove(0);
/// assert_eq!((first.customers, first.returned), (3, 1));
/// assert_eq!(first.conversion.map(|share| share.estimate), Some(0.5)); // Customer 3 has only just come.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ladder(ledger: &Ledger, params: &LadderParams) -> Result<Ladder, Error> {
    LadderCounts::of(ledger, params)?.conclude(ledger, params)
}

/// Counts of each step by group; money is exact.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LadderCounts {
    /// The groups with customers, by name.
    groups: Vec<(Option<String>, Vec<Step>)>,
}

impl Counting for LadderCounts {
    type Params = LadderParams;
    type Found = Ladder;
    type Error = Error;

    fn of(ledger: &Ledger, params: &LadderParams) -> Result<Self, Error> {
        params.check()?;
        let groups = Groups::new(ledger, &params.by)?;
        let add = |(steps, money): &mut (Vec<Step>, Vec<Money>), lines: CustomerLines<'_>| {
            if let Some(group) = groups.of(&lines) {
                let range = group * params.rungs..(group + 1) * params.rungs;
                add_customer(&mut steps[range], money, ledger, &lines);
            }
        };
        let merge = |left: (Vec<Step>, Vec<Money>), right: (Vec<Step>, Vec<Money>)| {
            (left.0.into_iter().zip(&right.0).map(|(a, b)| a.merge(b)).collect(), left.1)
        };
        let fresh = || (vec![Step::default(); groups.len() * params.rungs], Vec::new());
        let (steps, _) = ledger.fold_customers(fresh, add, merge);
        let by_group = steps.chunks(params.rungs).zip(&groups.names);
        let with_customers = by_group.filter(|(steps, _)| steps[0].customers() > 0);
        Ok(Self { groups: with_customers.map(|(steps, name)| (name.clone(), steps.to_vec())).collect() })
    }

    fn merge(mut self, other: Self) -> Self {
        let places = self.groups.iter().enumerate();
        let known: HashMap<Option<String>, usize> = places.map(|(place, (name, _))| (name.clone(), place)).collect();
        for (name, steps) in other.groups {
            if let Some(&place) = known.get(&name) {
                let own = std::mem::take(&mut self.groups[place].1);
                self.groups[place].1 = own.into_iter().zip(&steps).map(|(a, b)| a.merge(b)).collect();
            } else {
                self.groups.push((name, steps));
            }
        }
        self
    }

    fn conclude(&self, whole: &Ledger, params: &LadderParams) -> Result<Ladder, Error> {
        let until = whole.seen_until(whole.as_of());
        let by_name: HashMap<_, _> = self.groups.iter().map(|(name, steps)| (name.as_deref(), steps)).collect();
        let mut rungs = Vec::new();
        for name in Groups::new(whole, &params.by)?.names {
            let steps = by_name.get(&name.as_deref()).map(|steps| steps.as_slice()).unwrap_or_default();
            for (rung, step) in steps.iter().enumerate().filter(|(_, step)| step.customers() > 0) {
                rungs.push(step.rung(name.clone(), rung + 1, until, whole.unit_costs().is_some(), params)?);
            }
        }
        if rungs.is_empty() {
            let reason = "no customer has an order; look at the ledger's quality".into();
            return Err(Error::NothingToFollow { reason });
        }
        Ok(Ladder { params: params.clone(), rungs })
    }
}

/// Counts of a step, which do not depend on the last day seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Step {
    /// Customers by the day on which they placed the order.
    placed: ByDay,
    /// Those of them who placed no other, by the same day.
    open: ByDay,
    /// Those who did, by the days until then.
    returned: Vec<u64>,
    amount: ExactSum,
    margin: ExactSum,
    /// Money of the next order of those who placed it.
    next_amount: ExactSum,
}

/// Money of an order, and its margin.
#[derive(Debug, Clone, Copy, Default)]
struct Money {
    amount: f64,
    margin: f64,
}

fn add_customer(steps: &mut [Step], money: &mut Vec<Money>, ledger: &Ledger, lines: &CustomerLines<'_>) {
    let days = lines.order_days;
    for (place, step) in steps.iter_mut().enumerate().take(days.len()) {
        step.placed.add(days[place]);
        match days.get(place + 1) {
            Some(next) => add_at(&mut step.returned, (*next - days[place]).max(0) as usize, 1),
            None => step.open.add(days[place]),
        }
    }
    // Money of an order is one value, which no part of the customers can change.
    money.clear();
    money.resize(days.len().min(steps.len() + 1), Money::default());
    for ((line, &order), &amount) in lines.lines().zip(lines.orders).zip(lines.amounts) {
        // Returns without a purchase belong to no order.
        let place = order.checked_sub(lines.first_order).map_or(usize::MAX, |place| place as usize);
        if let Some(money) = money.get_mut(place) {
            money.amount += amount;
            money.margin += amount - ledger.cost_of(line).unwrap_or_default();
        }
    }
    for (step, money) in steps.iter_mut().zip(money.iter()) {
        step.amount.add(money.amount);
        step.margin.add(money.margin);
    }
    for (step, next) in steps.iter_mut().zip(money.iter().skip(1)) {
        step.next_amount.add(next.amount);
    }
}

/// Customers by day, from the first that has some.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct ByDay {
    first: i32,
    counts: Vec<u64>,
}

impl ByDay {
    fn add(&mut self, day: Day) {
        self.add_many(day.into(), 1);
    }

    fn add_many(&mut self, day: i32, count: u64) {
        if self.counts.is_empty() {
            self.first = day;
        }
        if day < self.first {
            self.counts.splice(0..0, std::iter::repeat_n(0, (self.first - day) as usize));
            self.first = day;
        }
        add_at(&mut self.counts, (day - self.first) as usize, count);
    }

    fn days(&self) -> impl Iterator<Item = (Day, u64)> {
        self.counts.iter().enumerate().map(|(at, count)| (Day::from(self.first + at as i32), *count))
    }

    fn merge(mut self, other: &Self) -> Self {
        other.days().filter(|(_, count)| *count > 0).for_each(|(day, count)| self.add_many(day.into(), count));
        self
    }
}

fn add_at(counts: &mut Vec<u64>, at: usize, count: u64) {
    if at >= counts.len() {
        counts.resize(at + 1, 0);
    }
    counts[at] += count;
}

impl Step {
    fn customers(&self) -> u64 {
        self.placed.counts.iter().sum()
    }

    fn merge(mut self, other: &Self) -> Self {
        other.returned.iter().enumerate().for_each(|(wait, &count)| add_at(&mut self.returned, wait, count));
        Self {
            placed: self.placed.merge(&other.placed),
            open: self.open.merge(&other.open),
            returned: self.returned,
            amount: self.amount.merge(&other.amount),
            margin: self.margin.merge(&other.margin),
            next_amount: self.next_amount.merge(&other.next_amount),
        }
    }

    /// Waits for the next order, as they are known on the last day seen.
    fn waits(&self, until: Day) -> DayCounts {
        let mut censored = Vec::new();
        for (day, count) in self.open.days() {
            add_at(&mut censored, (until - day).max(0) as usize, count);
        }
        let mut events = self.returned.clone();
        let days = events.len().max(censored.len());
        events.resize(days, 0);
        censored.resize(days, 0);
        let mut entered = vec![0; days];
        entered[0] = self.customers();
        DayCounts { entered, events, censored }
    }

    fn rung(
        &self,
        group: Option<String>,
        order: usize,
        until: Day,
        has_costs: bool,
        params: &LadderParams,
    ) -> Result<Rung, Error> {
        let days = self.waits(until);
        let curve = KaplanMeier::from_day_counts(&days, params.level, Limits::LogLog)?;
        let returned = days.events.iter().sum::<u64>();
        let is_followed = |day: &Day| until - *day >= params.horizon as i32;
        let through: u64 = self.placed.days().filter(|(day, _)| is_followed(day)).map(|(_, count)| count).sum();
        let (customers, followed) = (self.customers() as f64, through as f64 / self.customers() as f64);
        let conversion = returned_by(&curve, params.horizon, params.level, through);
        let lost = |share: Interval| {
            (returned > 0).then(|| customers * (1.0 - share.estimate) * self.next_amount.total() / returned as f64)
        };
        let reason = if conversion.is_none() {
            Some(format!("nobody was followed for {} days after order {order}", params.horizon))
        } else if followed < 0.5 {
            Some(format!("{:.0} % were followed for {} days: a young cohort", 100.0 * followed, params.horizon))
        } else {
            None
        };
        Ok(Rung {
            group,
            order,
            customers: self.customers(),
            returned,
            naive_conversion: days.events.iter().take(params.horizon as usize + 1).sum::<u64>() as f64 / customers,
            conversion,
            median_days: curve.quantile(0.5),
            median_days_of_returned: median_event(&days),
            average_check: self.amount.total() / customers,
            average_margin: has_costs.then_some(self.margin.total() / customers),
            revenue_lost: conversion.and_then(lost),
            followed,
            reason,
            curve,
        })
    }
}

/// Fewer than this are few.
const FEW: f64 = 40.0;

/// The share who had the event by a day, with limits; `None` where nobody was `followed` through the day and some were still to come. Where
/// nobody is at risk on the day itself, as all who were followed that far had it before, it is the share of the last day that tells. Limits on the curve's log(−log) scale are
/// too wide for few: below [`FEW`] whose outcome is known they are Wilson's for as many trials as have Greenwood's variance (Rothman 1978). Where all had it or none that variance
/// is 0, and trials are those whose outcome is known.
pub(crate) fn returned_by(curve: &KaplanMeier, day: u32, level: f64, followed: u64) -> Option<Interval> {
    let last = *curve.times.last()?;
    let survival = curve.interval_at(f64::from(day));
    if followed == 0 && last < f64::from(day) && survival.estimate > 0.0 {
        return None;
    }
    let estimate = 1.0 - survival.estimate;
    // Of nobody nothing is known.
    let known = Some(outcomes(curve, day)).filter(|known| *known > 0.0)?;
    let varies = estimate > 0.0 && estimate < 1.0;
    if known < FEW || !varies {
        let trials = if varies { estimate * survival.estimate / variance_at(curve, day) } else { known };
        return Some(wilson_share(estimate, trials, normal_quantile(0.5 + level / 2.0)));
    }
    Some(Interval { estimate, lower: 1.0 - survival.upper, upper: 1.0 - survival.lower })
}

/// Greenwood's variance of the share on a day, after the first event.
fn variance_at(curve: &KaplanMeier, day: u32) -> f64 {
    curve.std_error[curve.times.partition_point(|time| *time <= f64::from(day)) - 1].powi(2)
}

/// Those whose outcome by a day is known: the event came, or they were followed through the day.
pub(crate) fn outcomes(curve: &KaplanMeier, day: u32) -> f64 {
    let before = curve.times.partition_point(|time| *time < f64::from(day));
    curve.events[..before].iter().sum::<f64>() + curve.at_risk.get(before).copied().unwrap_or_default()
}

/// The day by which half of the events had come.
fn median_event(days: &DayCounts) -> Option<f64> {
    let all: u64 = days.events.iter().sum();
    let mut passed = 0;
    days.events
        .iter()
        .position(|events| {
            passed += events;
            all > 0 && 2 * passed >= all
        })
        .map(|day| day as f64)
}
