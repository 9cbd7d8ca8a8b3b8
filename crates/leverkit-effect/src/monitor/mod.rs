//! When to stop a test: bounds for looks on the way, estimates after an early stop, and limits that hold at all times.

mod adjusted;
mod bounds;
mod law;
mod params;
mod sequence;
mod table;

use leverkit_core::columns::{find, numbers};
use leverkit_core::{Params, Table};
use leverkit_stats::Interval;
use serde::Serialize;

use self::adjusted::Stopped;
use crate::Error;

pub use bounds::{Bound, BoundParams, BoundRule, bounds};
pub use params::{MonitorParams, Spending};
pub use sequence::{sequence_half_width, tuned_for};
pub use table::bounds_batch;

/// A running test, watched.
#[derive(Debug, Clone)]
pub struct Monitor {
    /// What it was made with.
    pub params: MonitorParams,
    /// The looks so far, in order.
    pub looks: Vec<Look>,
    /// What the last look says.
    pub decision: Decision,
    /// The estimate at the stop, corrected for the looks before; `None` while the test goes on.
    pub stopped: Option<StoppedEstimate>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// What to do after a look.
///
/// ```
/// assert_eq!(leverkit_effect::Decision::NoEffectShown.text(), "no effect shown");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The bound is crossed: stop.
    Effect,
    /// Go on: nothing is settled.
    GoOn,
    /// All that was planned is seen, and no bound was crossed.
    NoEffectShown,
}

impl Decision {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::GoOn => "go on",
            Self::NoEffectShown => "no effect shown",
        }
    }
}

/// A look at a test.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::{MonitorParams, monitor};
/// let looks = Table::from(batch!("n" => [500, 1000], "effect" => [1.0, 1.2], "error" => [0.5, 0.4])?);
/// let found = monitor(&looks, &MonitorParams::new("n", "effect", "error", 2000.0))?;
/// let last = &found.looks[1];
/// assert!((last.z() - 3.0).abs() < 1e-12 && last.bound.z.unwrap() < 3.0);
/// assert_eq!(last.decision.text(), "effect");
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Look {
    /// Units seen.
    pub n: f64,
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Its bound, and what is spent.
    pub bound: Bound,
    /// The estimate with limits at the look's own bound: they hold at all looks together (Jennison & Turnbull 1989). `None` without a bound.
    pub repeated: Option<Interval>,
    /// The estimate with limits that hold at all times together, looked at or not.
    pub sequence: Interval,
    /// What to do.
    pub decision: Decision,
}

impl Look {
    /// The z-value.
    pub fn z(&self) -> f64 {
        self.estimate / self.std_error
    }
}

/// The estimate of a stopped test by the stage-wise order (Tsiatis, Rosner & Mehta 1984).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StoppedEstimate {
    /// The number of the look, from 1.
    pub look: usize,
    /// Median-unbiased estimate with limits.
    pub effect: Interval,
    /// Two-sided p-value.
    pub p_value: f64,
}

/// Watches a running test: may it stop, and what does it say then?
///
/// The error is spent by the share of the planned units that each look has seen, whenever the looks come. After a bound is crossed, the looks after it are
/// shown but change nothing.
///
/// # Errors
/// [`Error::Core`] for an unknown column or a parameter out of range; [`Error::Value`] for a look that is no number, has no error, or does not have
/// more units than the one before; [`Error::Empty`] without a look.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::monitor::{Decision, MonitorParams, monitor};
/// let looks = Table::from(batch!("n" => [500, 1000], "effect" => [1.0, 1.2], "error" => [0.5, 0.35])?);
/// let found = monitor(&looks, &MonitorParams::new("n", "effect", "error", 2000.0))?;
/// assert_eq!(found.looks[0].decision, Decision::GoOn); // z = 2 at a quarter: not yet
/// assert_eq!(found.decision, Decision::Effect); // z = 3.43 at a half
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn monitor(table: &Table, params: &MonitorParams) -> Result<Monitor, Error> {
    params.check()?;
    let [n, estimates, errors] = read(table, params)?;
    let times: Vec<f64> = n.iter().map(|n| n / params.planned).collect();
    let rule = match params.spending {
        Spending::ObrienFleming => BoundRule::SpendingObrienFleming,
        Spending::Pocock => BoundRule::SpendingPocock,
    };
    let bounds = bounds(&BoundParams { looks: times.clone(), rule, level: params.level })?;
    let rho = tuned_for(params.tuned_at.unwrap_or(params.planned), params.level);
    let look = |at: usize| {
        let (bound, estimate, std_error) = (bounds[at], estimates[at], errors[at]);
        let half = std_error * n[at].sqrt() * sequence_half_width(n[at], rho, params.level);
        Look {
            n: n[at],
            estimate,
            std_error,
            bound,
            repeated: bound.z.map(|z| Interval::around(estimate, z * std_error)),
            sequence: Interval::around(estimate, half),
            decision: Decision::GoOn,
        }
    };
    let mut looks: Vec<Look> = (0..n.len()).map(look).collect();
    let stop = decide(&mut looks);
    let decision = looks.last().map_or(Decision::GoOn, |look| look.decision);
    Ok(Monitor {
        params: params.clone(),
        stopped: stop.map(|at| stopped(&looks, &times, at, params.level)),
        notes: notes(&looks, stop),
        decision,
        looks,
    })
}

/// Says of each look what to do; once a test has stopped, it stays so. Returns the look at which it stopped.
fn decide(looks: &mut [Look]) -> Option<usize> {
    let mut stop: Option<usize> = None;
    for at in 0..looks.len() {
        let look = &looks[at];
        looks[at].decision = match stop {
            Some(before) => looks[before].decision,
            None if look.bound.z.is_some_and(|z| look.z().abs() >= z) => Decision::Effect,
            None if look.bound.information >= 1.0 - 1e-9 => Decision::NoEffectShown,
            None => Decision::GoOn,
        };
        if stop.is_none() && looks[at].decision != Decision::GoOn {
            stop = Some(at);
        }
    }
    stop
}

fn stopped(looks: &[Look], times: &[f64], at: usize, level: f64) -> StoppedEstimate {
    let bounds: Vec<Option<f64>> = looks[..at].iter().map(|look| look.bound.z).collect();
    let look = &looks[at];
    let stopped = Stopped { times: &times[..=at], bounds: &bounds, z: look.z() };
    // A drift of one is an effect of one standard error at full information.
    let unit = look.std_error * times[at].sqrt();
    StoppedEstimate { look: at + 1, effect: stopped.drift(level).map(|drift| drift * unit), p_value: stopped.p_value() }
}

/// The looks' numbers.
fn read(table: &Table, params: &MonitorParams) -> Result<[Vec<f64>; 3], Error> {
    if table.rows() == 0 {
        return Err(Error::Empty { what: "monitor".into(), rows: 0, reason: "there is no look yet".into() });
    }
    let column = |role: &str, name: &str| -> Result<Vec<f64>, Error> { Ok(numbers(&find(table, role, name)?, role)?) };
    let wrong = |role: &str, name: &str, row: usize, got: f64, expected: &str| {
        let (role, column) = (role.into(), name.into());
        Err(Error::Value { role, column, row, got: got.to_string(), expected: expected.into() })
    };
    let n = column("n", &params.n)?;
    if let Some(row) =
        (0..n.len()).find(|row| !(n[*row] > row.checked_sub(1).map_or(0.0, |before| n[before]) && n[*row].is_finite()))
    {
        return wrong("n", &params.n, row, n[row], "more units than at the look before: one row per look, in order");
    }
    let estimates = column("estimate", &params.estimate)?;
    if let Some(row) = estimates.iter().position(|value| !value.is_finite()) {
        return wrong("estimate", &params.estimate, row, estimates[row], "a finite number");
    }
    let errors = column("std_error", &params.std_error)?;
    if let Some(row) = errors.iter().position(|value| !(*value > 0.0 && value.is_finite())) {
        return wrong("std_error", &params.std_error, row, errors[row], "a number above 0");
    }
    Ok([n, estimates, errors])
}

fn notes(looks: &[Look], stop: Option<usize>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(at) = stop.filter(|at| at + 1 < looks.len()) {
        let later = looks.len() - at - 1;
        notes.push(format!(
            "The test had stopped at look {}: {later} later {} shown but change nothing",
            at + 1,
            if later == 1 { "look is" } else { "looks are" }
        ));
    }
    if let Some(look) = looks.last().filter(|look| look.bound.information > 1.0 + 1e-9) {
        notes.push(format!(
            "The last look has {:.0} % of the planned units: all error was to be spent by 100 %",
            100.0 * look.bound.information
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    fn params() -> MonitorParams {
        MonitorParams::new("n", "effect", "error", 2000.0)
    }

    fn looks(n: Vec<f64>, effects: Vec<f64>, errors: Vec<f64>) -> Table {
        batch!("n" => n, "effect" => effects, "error" => errors).unwrap().into()
    }

    #[test]
    fn twenty_looks_have_five_per_cent_of_false_alarms_together() {
        let (mut random, runs, count) = (rand_pcg::Pcg64::seed_from_u64(7), 4000, 20);
        let times: Vec<f64> = (1..=count).map(|look| f64::from(look) / f64::from(count)).collect();
        let found =
            bounds(&BoundParams { looks: times.clone(), rule: BoundRule::SpendingPocock, level: 0.95 }).unwrap();
        let rho = tuned_for(1000.0, 0.95);
        let (mut bounded, mut plain, mut sequence) = (0, 0, 0);
        for _ in 0..runs {
            let mut score = 0.0;
            let zs: Vec<f64> = times
                .iter()
                .map(|time| {
                    let draw: f64 = StandardNormal.sample(&mut random);
                    score += draw * (1.0 / f64::from(count)).sqrt();
                    score / time.sqrt()
                })
                .collect();
            bounded += usize::from(zs.iter().zip(&found).any(|(z, bound)| z.abs() >= bound.z.unwrap()));
            plain += usize::from(zs.iter().any(|z| z.abs() >= 1.959964));
            let is_out = |(z, time): (&f64, &f64)| {
                let n = 1000.0 * time;
                z.abs() / n.sqrt() > sequence_half_width(n, rho, 0.95)
            };
            sequence += usize::from(zs.iter().zip(&times).any(is_out));
        }
        let share = |count: usize| count as f64 / f64::from(runs);
        // Three standard errors of a simulated 5 % are 1 %.
        assert!(share(bounded) < 0.06 && share(plain) > 0.22 && share(sequence) < 0.05, "{bounded} {plain} {sequence}");
    }

    #[test]
    fn the_estimate_at_an_early_stop_is_drawn_back() {
        let table = looks(vec![500.0, 1000.0, 1500.0], vec![1.0, 1.2, 0.9], vec![0.5, 0.35, 0.28]);
        let found = monitor(&table, &params()).unwrap();
        let stopped = found.stopped.unwrap();
        assert_eq!((stopped.look, found.decision), (2, Decision::Effect));
        assert!(stopped.effect.estimate < 1.2 && stopped.effect.lower > 0.0 && stopped.p_value < 0.05, "{stopped:?}");
        insta::assert_snapshot!(found.notes[0], @"The test had stopped at look 2: 1 later look is shown but change nothing");
    }

    #[test]
    fn a_test_that_saw_all_and_crossed_nothing_shows_no_effect() {
        let table = looks(vec![1000.0, 2000.0], vec![0.1, 0.2], vec![0.35, 0.25]);
        assert_eq!(monitor(&table, &params()).unwrap().decision, Decision::NoEffectShown);
    }

    #[test]
    fn looks_out_of_order_are_named() {
        let error = monitor(&looks(vec![500.0, 400.0], vec![1.0; 2], vec![0.5; 2]), &params()).unwrap_err();
        insta::assert_snapshot!(error, @r#"n: column "n" holds 400 in row 1; expected more units than at the look before: one row per look, in order"#);
        let error = monitor(&looks(vec![500.0], vec![1.0], vec![0.0]), &params()).unwrap_err();
        insta::assert_snapshot!(error, @r#"std_error: column "error" holds 0 in row 0; expected a number above 0"#);
    }
}
