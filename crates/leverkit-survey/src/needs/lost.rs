//! Missions that customers gave up, and whether those who did left more often than those who did not.
//!
//! The time of the ledger falls into three equal parts: who had a mission in the first and ordered in the second may have given it up by then, and may have left by the third.

use leverkit_core::Day;
use leverkit_core::stats::{Estimate, Interval, benjamini_hochberg, wilson};
use serde::Serialize;

use super::params::MissionParams;
use crate::Error;

/// From this q-value on nothing is said.
const CHANCE: f64 = 0.05;

/// A mission, and the customers who gave it up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LostMission {
    /// The mission.
    pub mission: usize,
    /// Customers who had it in the first third of the time and ordered in the second.
    pub had: u64,
    /// The share of them who did not have it in the second; `None` where nobody had it.
    pub lost: Option<Interval>,
    /// The share of those who gave it up and then ordered nothing in the last third.
    pub left_after: Option<f64>,
    /// The same of those who kept it.
    pub left_otherwise: Option<f64>,
    /// By how much more of the first left, among customers with as many orders in the second third (Mantel & Haenszel's risk difference).
    pub difference: Option<Estimate>,
    /// By Benjamini & Hochberg over missions.
    pub q_value: Option<f64>,
    /// `higher`, `lower` or `can't tell`: whether those who gave it up leave more.
    pub verdict: &'static str,
}

/// Thirds of a span of days.
pub(super) struct Thirds {
    start: Day,
    days: i32,
}

impl Thirds {
    pub(super) fn of(start: Day, end: Day) -> Self {
        Self { start, days: end - start + 1 }
    }

    fn of_day(&self, day: Day) -> usize {
        (i64::from(day - self.start) * 3 / i64::from(self.days)).clamp(0, 2) as usize
    }
}

/// What a customer did with a mission: whether they gave it up and left, and the size of the group that they are compared in.
#[derive(Clone, Copy)]
struct Case {
    lost: bool,
    left: bool,
    group: u32,
}

/// The missions that customers gave up; `visits` are each customer's orders with a known mission.
pub(super) fn lost(
    visits: &[Vec<(Day, usize)>],
    missions: usize,
    thirds: &Thirds,
    params: &MissionParams,
) -> Result<Vec<LostMission>, Error> {
    let mut cases: Vec<Vec<Case>> = vec![Vec::new(); missions];
    for visits in visits {
        let of = |third: usize| visits.iter().filter(move |(day, _)| thirds.of_day(*day) == third);
        let Some(group) = (of(1).count() as u32).checked_ilog2() else { continue };
        let left = of(2).next().is_none();
        for (mission, cases) in cases.iter_mut().enumerate() {
            if of(0).any(|visit| visit.1 == mission) {
                cases.push(Case { lost: !of(1).any(|visit| visit.1 == mission), left, group });
            }
        }
    }
    let rows = cases.iter().zip(1..).map(|(cases, mission)| told(mission, cases, params.level));
    Ok(judged(rows.collect::<Result<_, Error>>()?))
}

fn told(mission: usize, cases: &[Case], level: f64) -> Result<LostMission, Error> {
    let gone = |lost: bool| share(cases.iter().filter(|case| case.lost == lost).map(|case| case.left));
    let given_up = cases.iter().filter(|case| case.lost).count() as u64;
    let had = cases.len() as u64;
    Ok(LostMission {
        mission,
        had,
        lost: if had > 0 { Some(wilson(given_up, had, level)?) } else { None },
        left_after: gone(true),
        left_otherwise: gone(false),
        difference: mantel_haenszel(cases, level),
        q_value: None,
        verdict: "can't tell",
    })
}

fn share(flags: impl Iterator<Item = bool> + Clone) -> Option<f64> {
    let n = flags.clone().count();
    (n > 0).then(|| flags.filter(|flag| *flag).count() as f64 / n as f64)
}

/// The difference of two shares, in groups weighed by n₁n₀/n (Mantel & Haenszel 1959), with its binomial error.
fn mantel_haenszel(cases: &[Case], level: f64) -> Option<Estimate> {
    let (mut total, mut sum, mut variance) = (0.0, 0.0, 0.0);
    for group in 0..u32::BITS {
        let own = |lost: bool| cases.iter().filter(move |case| case.group == group && case.lost == lost);
        let (n1, n0) = (own(true).count() as f64, own(false).count() as f64);
        if n1 == 0.0 || n0 == 0.0 {
            continue;
        }
        let weight = n1 * n0 / (n1 + n0);
        let left = |lost: bool| own(lost).filter(|case| case.left).count() as f64;
        let (p1, p0) = (left(true) / n1, left(false) / n0);
        total += weight;
        sum += weight * (p1 - p0);
        variance += weight * weight * (p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0);
    }
    (total > 0.0 && variance > 0.0).then(|| Estimate::normal(sum / total, variance.sqrt() / total, level))
}

fn judged(mut rows: Vec<LostMission>) -> Vec<LostMission> {
    let p_values: Vec<f64> = rows.iter().map(|row| row.difference.map_or(f64::NAN, |found| found.p_value)).collect();
    for (row, q_value) in rows.iter_mut().zip(benjamini_hochberg(&p_values)) {
        row.q_value = Some(q_value).filter(|q| !q.is_nan());
        row.verdict = match row.difference {
            Some(found) if q_value <= CHANCE && found.interval.estimate > 0.0 => "higher",
            Some(found) if q_value <= CHANCE && found.interval.estimate < 0.0 => "lower",
            _ => "can't tell",
        };
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(lost: bool, left: bool, group: u32) -> Case {
        Case { lost, left, group }
    }

    /// Two groups of 20 and 10, by hand: weights 5 and 2.5, differences 0.4 and 0.2.
    #[test]
    fn groups_are_compared_within() {
        let mut cases = Vec::new();
        for (group, each, left_lost, left_kept) in [(0, 10, 6, 2), (3, 5, 2, 1)] {
            cases.extend((0..each).map(|at| case(true, at < left_lost, group)));
            cases.extend((0..each).map(|at| case(false, at < left_kept, group)));
        }
        let found = mantel_haenszel(&cases, 0.95).unwrap();
        assert!((found.interval.estimate - (5.0 * 0.4 + 2.5 * 0.2) / 7.5).abs() < 1e-12);
    }

    #[test]
    fn a_group_of_one_kind_tells_nothing() {
        assert!(mantel_haenszel(&[case(true, true, 0), case(false, false, 1)], 0.95).is_none());
    }

    #[test]
    fn days_fall_into_thirds() {
        let thirds = Thirds::of(Day::from(10), Day::from(18));
        let of = [10, 12, 13, 15, 16, 18, 30].map(|day| thirds.of_day(Day::from(day)));
        assert_eq!(of, [0, 0, 1, 1, 2, 2, 2]);
    }
}
