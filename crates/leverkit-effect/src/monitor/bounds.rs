//! Bounds for several looks at a test, so that all of them together have its error.

use leverkit_core::{Error as CoreError, Params, check};
use leverkit_stats::normal_quantile;
use serde::{Deserialize, Serialize};

use super::law::{Density, falls_to, upper_tail};
use crate::Error;

/// How the error is shared out among the looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundRule {
    /// The same bound at all looks (Pocock 1977); the looks must be those planned.
    Pocock,
    /// High bounds first: c/√t (O'Brien & Fleming 1979); the looks must be those planned.
    ObrienFleming,
    /// Spending like O'Brien & Fleming, at any looks (Lan & `DeMets` 1983).
    SpendingObrienFleming,
    /// Spending like Pocock, at any looks: α · ln(1 + (e − 1) t).
    SpendingPocock,
}

/// When a test is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BoundParams {
    /// The shares of the planned information at the looks, rising.
    pub looks: Vec<f64>,
    /// How the error is shared out.
    pub rule: BoundRule,
    /// Confidence level of the two-sided test.
    pub level: f64,
}

impl Default for BoundParams {
    fn default() -> Self {
        Self { looks: vec![0.2, 0.4, 0.6, 0.8, 1.0], rule: BoundRule::SpendingObrienFleming, level: 0.95 }
    }
}

impl Params for BoundParams {
    fn check(&self) -> Result<(), CoreError> {
        check::share("level", self.level)?;
        let starts = std::iter::once(&0.0).chain(&self.looks);
        let rise = starts.zip(&self.looks).all(|(before, look)| *look > *before + 1e-6 && look.is_finite());
        let expected = "rising shares of the planned information, above 0";
        check::that(rise && !self.looks.is_empty() && self.looks.len() <= 1000, "looks", &self.looks, expected)
    }
}

/// A look with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bound {
    /// The share of the planned information.
    pub information: f64,
    /// The z-value beyond which the test stops; `None` where so little error is to be spent yet that no test could.
    pub z: Option<f64>,
    /// The error spent up to and with this look.
    pub spent: f64,
    /// The chance that a plain test at each look so far finds an effect where there is none.
    pub plain_false_alarms: f64,
}

/// The bounds of a test that is looked at several times.
///
/// # Errors
/// [`Error::Core`] for looks that do not rise, or a level out of range.
///
/// ```
/// use leverkit_effect::monitor::{BoundParams, BoundRule, bounds};
/// let found = bounds(&BoundParams { rule: BoundRule::Pocock, ..BoundParams::default() })?;
/// assert!((found[0].z.unwrap() - 2.413176).abs() < 1e-5); // Jennison & Turnbull (2000), table 2.1: 2.413
/// assert!((found[4].plain_false_alarms - 0.142).abs() < 0.001); // Armitage, McPherson & Rowe (1969)
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn bounds(params: &BoundParams) -> Result<Vec<Bound>, Error> {
    params.check()?;
    let (times, alpha) = (&params.looks, 1.0 - params.level);
    let shaped = |shape: fn(f64, f64) -> f64| {
        let all = |c: f64| -> Vec<f64> { times.iter().map(|time| shape(c, *time)).collect() };
        let crossed = |c: f64| crossings(times, &all(c)).last().copied().unwrap_or_default();
        all(falls_to(alpha, 0.5, 9.0, crossed)).into_iter().map(Some).collect()
    };
    let zs: Vec<Option<f64>> = match params.rule {
        BoundRule::Pocock => shaped(|c, _| c),
        BoundRule::ObrienFleming => shaped(|c, time| c / time.sqrt()),
        BoundRule::SpendingObrienFleming => spending(times, |time| obrien_fleming(alpha, time)),
        BoundRule::SpendingPocock => spending(times, |time| pocock(alpha, time)),
    };
    let own: Vec<f64> = zs.iter().map(|z| z.unwrap_or(NEVER)).collect();
    let plain = vec![normal_quantile(0.5 + params.level / 2.0); times.len()];
    let (spent, plain) = (crossings(times, &own), crossings(times, &plain));
    let row = |at: usize| Bound { information: times[at], z: zs[at], spent: spent[at], plain_false_alarms: plain[at] };
    Ok((0..times.len()).map(row).collect())
}

/// A z-value that no score reaches.
pub(super) const NEVER: f64 = 12.0;

/// What is spent by a time, like O'Brien & Fleming: on each side 2 − 2Φ(z(1 − α/4)/√t).
fn obrien_fleming(alpha: f64, time: f64) -> f64 {
    4.0 * upper_tail(normal_quantile(1.0 - alpha / 4.0) / time.min(1.0).sqrt())
}

fn pocock(alpha: f64, time: f64) -> f64 {
    alpha * (1.0 + (std::f64::consts::E - 1.0) * time.min(1.0)).ln()
}

/// The bounds that spend just what is to be spent by each look.
fn spending(times: &[f64], spent_by: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
    let (mut density, mut spent) = (Density::start(0.0), 0.0);
    let mut zs = Vec::new();
    for &time in times {
        let by_now = spent_by(time);
        let now = by_now - spent;
        // Less than this a double cannot tell from nothing, and no test could show.
        let z = (now > 1e-14).then(|| falls_to(now / 2.0, 0.0, NEVER, |z| density.above(time, z)));
        if z.is_some() {
            spent = by_now;
        }
        density = density.within(time, z.unwrap_or(NEVER));
        zs.push(z);
    }
    zs
}

/// The chance of having crossed by each look, without an effect.
fn crossings(times: &[f64], zs: &[f64]) -> Vec<f64> {
    let (mut density, mut crossed) = (Density::start(0.0), 0.0);
    let by_look = times.iter().zip(zs).map(|(&time, &z)| {
        crossed += 2.0 * density.above(time, z);
        density = density.within(time, z);
        crossed
    });
    by_look.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zs(rule: BoundRule) -> Vec<f64> {
        let found = bounds(&BoundParams { rule, ..BoundParams::default() }).unwrap();
        found.iter().map(|bound| bound.z.unwrap()).collect()
    }

    fn close(found: &[f64], expected: &[f64], by: f64) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < by), "{found:?}");
    }

    #[test]
    fn bounds_are_those_of_the_books_and_of_gs_design() {
        // Numerical integration in scipy; Jennison & Turnbull (2000) tables 2.1 and 2.3 to three digits; gsDesign's sfLDOF, one-sided 0.025.
        close(&zs(BoundRule::Pocock), &[2.413176; 5], 1e-5);
        close(&zs(BoundRule::ObrienFleming), &[4.561742, 3.225639, 2.633723, 2.280871, 2.040073], 1e-5);
        close(&zs(BoundRule::SpendingObrienFleming), &[4.8769, 3.3570, 2.6803, 2.2898, 2.0310], 6e-5);
    }

    #[test]
    fn peeking_has_the_false_alarms_of_armitage() {
        let plain = |looks: usize| {
            let looks: Vec<f64> = (1..=looks).map(|look| look as f64 / looks as f64).collect();
            let found = bounds(&BoundParams { looks, ..BoundParams::default() }).unwrap();
            found.last().unwrap().plain_false_alarms
        };
        close(&[plain(5), plain(10), plain(20)], &[0.142, 0.193, 0.248], 6e-4);
    }

    #[test]
    fn all_is_spent_at_the_end_and_no_more() {
        for rule in [BoundRule::SpendingObrienFleming, BoundRule::SpendingPocock] {
            let looks = vec![0.01, 0.05, 0.31, 0.32, 0.9, 1.0];
            let found = bounds(&BoundParams { looks, rule, level: 0.95 }).unwrap();
            assert!((found[5].spent - 0.05).abs() < 1e-7, "{rule:?} {found:?}");
        }
        // At 1 % of the information O'Brien & Fleming spend nothing that a double could tell.
        let found = bounds(&BoundParams { looks: vec![0.01, 1.0], ..BoundParams::default() }).unwrap();
        assert_eq!(found[0].z, None);
    }

    #[test]
    fn looks_that_do_not_rise_are_refused() {
        let error = bounds(&BoundParams { looks: vec![0.5, 0.5], ..BoundParams::default() }).unwrap_err();
        insta::assert_snapshot!(error, @"looks: got [0.5, 0.5]; expected rising shares of the planned information, above 0");
    }
}
