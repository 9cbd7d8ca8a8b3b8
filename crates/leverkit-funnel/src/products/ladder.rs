//! The ladder of repeat purchases: from the first order to the second, the third and so on, with censoring handled.

use leverkit_core::{CustomerLines, Day, Ledger, Params};
use leverkit_stats::{DayCounts, Interval, KaplanMeier, Limits, normal_quantile, wilson_share};
use serde::Serialize;

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
    params.check()?;
    let groups = Groups::new(ledger, &params.by)?;
    let until = ledger.seen_until(ledger.as_of());
    let steps = groups.len() * params.rungs;
    let add = |steps: &mut Vec<Step>, lines: CustomerLines<'_>| {
        if let Some(group) = groups.of(&lines) {
            let range = group * params.rungs..(group + 1) * params.rungs;
            add_customer(&mut steps[range], ledger, &lines, until, params.horizon);
        }
    };
    let merge = |left: Vec<Step>, right: Vec<Step>| left.into_iter().zip(&right).map(|(a, b)| a.merge(b)).collect();
    let sums = ledger.fold_customers(|| vec![Step::default(); steps], add, merge);
    if sums.iter().all(|step| step.customers == 0) {
        return Err(Error::NothingToFollow { reason: "no customer has an order; look at the ledger's quality".into() });
    }
    let mut rungs = Vec::new();
    for (place, step) in sums.iter().enumerate().filter(|(_, step)| step.customers > 0) {
        let (group, rung) = (place / params.rungs, place % params.rungs);
        rungs.push(step.rung(groups.names[group].clone(), rung + 1, ledger.unit_costs().is_some(), params)?);
    }
    Ok(Ladder { params: params.clone(), rungs })
}

/// Sums of a step.
#[derive(Clone, Default)]
struct Step {
    customers: u64,
    followed: u64,
    days: DayCounts,
    amount: f64,
    margin: f64,
    /// Money of the next order of those who placed it.
    next_amount: f64,
}

fn add_customer(steps: &mut [Step], ledger: &Ledger, lines: &CustomerLines<'_>, until: Day, horizon: u32) {
    let days = lines.order_days;
    for (place, step) in steps.iter_mut().enumerate().take(days.len()) {
        let next = days.get(place + 1);
        let wait = next.copied().unwrap_or(until) - days[place];
        step.customers += 1;
        step.followed += u64::from(until - days[place] >= horizon as i32);
        step.days.add(0, wait.max(0) as u32, next.is_some());
    }
    for ((line, &order), &amount) in lines.lines().zip(lines.orders).zip(lines.amounts) {
        // Returns without a purchase belong to no order.
        let place = order.checked_sub(lines.first_order).map_or(usize::MAX, |place| place as usize);
        if let Some(step) = steps.get_mut(place) {
            step.amount += amount;
            step.margin += amount - ledger.cost_of(line).unwrap_or_default();
        }
        if let Some(step) = place.checked_sub(1).and_then(|place| steps.get_mut(place)).filter(|_| place < days.len()) {
            step.next_amount += amount;
        }
    }
}

impl Step {
    fn merge(mut self, other: &Self) -> Self {
        self.days = self.days.merge(&other.days);
        self.customers += other.customers;
        self.followed += other.followed;
        self.amount += other.amount;
        self.margin += other.margin;
        self.next_amount += other.next_amount;
        self
    }

    fn rung(&self, group: Option<String>, order: usize, has_costs: bool, params: &LadderParams) -> Result<Rung, Error> {
        let curve = KaplanMeier::from_day_counts(&self.days, params.level, Limits::LogLog)?;
        let returned = self.days.events.iter().sum::<u64>();
        let (customers, followed) = (self.customers as f64, self.followed as f64 / self.customers as f64);
        let conversion = returned_by(&curve, params.horizon, params.level, self.followed);
        let lost = |share: Interval| {
            (returned > 0).then(|| customers * (1.0 - share.estimate) * self.next_amount / returned as f64)
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
            customers: self.customers,
            returned,
            naive_conversion: self.days.events.iter().take(params.horizon as usize + 1).sum::<u64>() as f64 / customers,
            conversion,
            median_days: curve.quantile(0.5),
            median_days_of_returned: median_event(&self.days),
            average_check: self.amount / customers,
            average_margin: has_costs.then_some(self.margin / customers),
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
