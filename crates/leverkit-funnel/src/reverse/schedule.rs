//! The reverse funnel in time: how much a week at each stage, whether the date can be met, and when it can at the given capacities.
//!
//! The first stage is filled evenly from the start until as many days before the due date as the stages lag in all; each later stage follows
//! evenly, as many days later as the stages before it lag.

use leverkit_core::{Day, Error, format_day};
use serde::Serialize;

use crate::reverse::flow::StageNeed;
use crate::reverse::params::Timing;

/// A stage's pace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pace {
    /// The stage.
    pub stage: String,
    /// How many a week, while it is filled; `None` where there are no days to fill it.
    pub per_week: Option<f64>,
    /// The most that it can take a week.
    pub capacity: Option<f64>,
    /// Weeks that it takes at its capacity.
    pub weeks_at_capacity: Option<f64>,
    /// The day on which the first of it come.
    pub from: Day,
}

/// A week of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Week {
    /// Its number, from 1.
    pub week: u32,
    /// Its first day.
    pub start: Day,
    /// How many at each stage.
    pub counts: Vec<f64>,
}

/// The plan in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule {
    /// The stages.
    pub paces: Vec<Pace>,
    /// Week by week; none where the date cannot be met for the lags alone.
    pub weeks: Vec<Week>,
    /// Whether the date can be met.
    pub can_be_met: bool,
    /// The first day by which it could be.
    pub earliest: Day,
}

/// Plans are at most so many weeks long.
const MOST_WEEKS: f64 = 5200.0;

/// Lays the planned numbers out in time; `None` without dates, or where no number is planned.
pub(crate) fn schedule(
    plan: &Timing,
    stages: &[StageNeed],
    notes: &mut Vec<String>,
) -> Result<Option<Schedule>, Error> {
    let Some((start, due)) = plan.days()? else { return Ok(None) };
    let Some(planned) = stages.iter().map(|stage| stage.planned).collect::<Option<Vec<f64>>>() else { return Ok(None) };
    let mut lag = 0.0;
    let lags: Vec<f64> = std::iter::once(0.0)
        .chain((1..stages.len()).map(|at| {
            lag += plan.lags.get(at - 1).copied().unwrap_or_default();
            lag
        }))
        .collect();
    let days = f64::from(due - start + 1) - lag;
    let capacity = |name: &str| plan.capacity.iter().find(|(stage, _)| stage == name).map(|(_, most)| *most);
    let paces: Vec<Pace> = stages
        .iter()
        .enumerate()
        .map(|(at, stage)| Pace {
            stage: stage.stage.clone(),
            per_week: (days >= 1.0).then(|| 7.0 * planned[at] / days),
            capacity: capacity(&stage.stage),
            weeks_at_capacity: capacity(&stage.stage).map(|most| planned[at] / most),
            from: start + lags[at] as i32,
        })
        .collect();
    let slowest = paces
        .iter()
        .filter(|pace| pace.weeks_at_capacity.is_some())
        .max_by(|a, b| a.weeks_at_capacity.unwrap_or_default().total_cmp(&b.weeks_at_capacity.unwrap_or_default()));
    let weeks = slowest.and_then(|pace| pace.weeks_at_capacity).unwrap_or_default();
    let needs = (7.0 * weeks).max(1.0);
    let earliest = start + (lag + needs - 1e-9).ceil().min(7.0 * MOST_WEEKS) as i32 - 1;
    let can_be_met = earliest <= due;
    if !can_be_met {
        notes.push(reason(due, earliest, lag, days, slowest));
    }
    let weeks = if days >= 1.0 { weekly(start, days, &lags, &planned) } else { Vec::new() };
    Ok(Some(Schedule { paces, weeks, can_be_met, earliest }))
}

fn reason(due: Day, earliest: Day, lag: f64, days: f64, slowest: Option<&Pace>) -> String {
    let why = match slowest {
        Some(pace) if days >= 1.0 => format!(
            "{} would have to take {:.0} a week and takes {:.0}",
            pace.stage,
            pace.per_week.unwrap_or_default(),
            pace.capacity.unwrap_or_default()
        ),
        _ => format!("from the first stage to the last it takes {lag:.0} days"),
    };
    format!("{} cannot be met: {why}; the earliest is {}.", format_day(due), format_day(earliest))
}

/// How much of each stage's number falls into each week.
fn weekly(start: Day, days: f64, lags: &[f64], planned: &[f64]) -> Vec<Week> {
    let end = days + lags.last().copied().unwrap_or_default();
    let weeks = (end / 7.0).ceil().min(MOST_WEEKS) as u32;
    let overlap = |week: u32, lag: f64| {
        let (from, to) = (7.0 * f64::from(week), 7.0 * f64::from(week + 1));
        (to.min(lag + days) - from.max(lag)).max(0.0)
    };
    (0..weeks)
        .map(|week| Week {
            week: week + 1,
            start: start + 7 * week as i32,
            counts: lags.iter().zip(planned).map(|(lag, planned)| planned * overlap(week, *lag) / days).collect(),
        })
        .collect()
}
