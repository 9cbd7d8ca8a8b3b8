//! The Kaplan–Meier estimator with Greenwood's limits.

use serde::Serialize;

use crate::error::check_level;
use crate::{Error, Interval, at_most, normal_quantile};

/// How limits are made from Greenwood's variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limits {
    /// On the log(−log) scale (Kalbfleisch & Prentice 1980): they stay within 0 and 1. The default of most packages.
    #[default]
    LogLog,
    /// Estimate ± z · standard error, cut at 0 and 1.
    Plain,
}

/// A survival curve: one entry for each distinct time at which something happened or was censored.
///
/// ```
/// use leverkit_stats::{KaplanMeier, Limits};
/// let curve = KaplanMeier::fit(&[5.0, 8.0, 8.0, 12.0], &[true, true, false, false], None, 0.95, Limits::LogLog)?;
/// let at_eight = curve.interval_at(8.0);
/// assert!(at_eight.estimate == 0.5 && at_eight.lower < 0.5 && 0.5 < at_eight.upper);
/// // Of the three who got past 5, two get past 8.
/// let conditional = curve.conditional(5.0, 8.0, 0.95, Limits::LogLog).unwrap();
/// assert!((conditional.estimate - 2.0 / 3.0).abs() < 1e-12);
/// assert!(curve.conditional(5.0, 13.0, 0.95, Limits::LogLog).is_none());
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KaplanMeier {
    /// Distinct times, ascending.
    pub times: Vec<f64>,
    /// Weight at risk just before each time.
    pub at_risk: Vec<f64>,
    /// Weight of events at each time.
    pub events: Vec<f64>,
    /// Weight censored at each time.
    pub censored: Vec<f64>,
    /// Share that survives beyond each time.
    pub survival: Vec<f64>,
    /// Greenwood's standard error of that share.
    pub std_error: Vec<f64>,
    /// Lower limit.
    pub lower: Vec<f64>,
    /// Upper limit.
    pub upper: Vec<f64>,
}

impl KaplanMeier {
    /// Fits the curve S(t) = Π (1 − d/n) over event times (Kaplan & Meier 1958), with Greenwood's variance S² Σ d/(n(n − d)).
    /// At equal times events come before censorings.
    ///
    /// # Errors
    /// Lengths differ, a duration is negative or no number, or a level outside (0, 1).
    ///
    /// ```
    /// use leverkit_stats::{KaplanMeier, Limits};
    /// let curve = KaplanMeier::fit(&[5.0, 8.0, 8.0, 12.0], &[true, true, false, false], None, 0.95, Limits::LogLog)?;
    /// assert_eq!(curve.survival_at(8.0), 0.5);
    /// assert_eq!(curve.quantile(0.5), Some(8.0));
    /// assert_eq!(curve.quantile(0.9), None);
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn fit(
        durations: &[f64],
        observed: &[bool],
        weights: Option<&[f64]>,
        level: f64,
        limits: Limits,
    ) -> Result<Self, Error> {
        check_level(level)?;
        if observed.len() != durations.len() || weights.is_some_and(|weights| weights.len() != durations.len()) {
            return Err(Error::parameter("durations", &durations.len(), "as many as observed and weights"));
        }
        if let Some(wrong) = durations.iter().find(|duration| !duration.is_finite() || **duration < 0.0) {
            return Err(Error::parameter("durations", wrong, "finite numbers of at least 0"));
        }
        let mut order: Vec<u32> = (0..durations.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| durations[a as usize].total_cmp(&durations[b as usize]).then(a.cmp(&b)));
        let mut curve = Self::empty();
        for row in order.into_iter().map(|row| row as usize) {
            curve.count(durations[row], observed[row], weights.map_or(1.0, |weights| weights[row]));
        }
        let mut entered = vec![0.0; curve.times.len()];
        if let Some(first) = entered.first_mut() {
            *first = curve.events.iter().sum::<f64>() + curve.censored.iter().sum::<f64>();
        }
        curve.estimate(&entered, normal_quantile(0.5 + level / 2.0), limits);
        Ok(curve)
    }

    /// Fits the curve to counts by whole day: one entry for each day from 0 to the last. Those who came under observation
    /// late are at risk from then on (left truncation).
    ///
    /// # Errors
    /// A level outside (0, 1).
    ///
    /// ```
    /// use leverkit_stats::{DayCounts, KaplanMeier, Limits};
    /// let mut counts = DayCounts::default();
    /// [(1, true), (3, false), (4, true), (4, false)].into_iter().for_each(|(days, observed)| counts.add(0, days, observed));
    /// let curve = KaplanMeier::from_day_counts(&counts, 0.95, Limits::LogLog)?;
    /// assert_eq!((curve.times.len(), curve.at_risk[3], curve.survival[2]), (5, 3.0, 0.75));
    /// # Ok::<(), leverkit_stats::Error>(())
    /// ```
    pub fn from_day_counts(counts: &DayCounts, level: f64, limits: Limits) -> Result<Self, Error> {
        check_level(level)?;
        let as_numbers = |counts: &[u64]| counts.iter().map(|&count| count as f64).collect::<Vec<_>>();
        let mut curve = Self {
            times: (0..counts.events.len()).map(|day| day as f64).collect(),
            events: as_numbers(&counts.events),
            censored: as_numbers(&counts.censored),
            ..Self::empty()
        };
        curve.estimate(&as_numbers(&counts.entered), normal_quantile(0.5 + level / 2.0), limits);
        Ok(curve)
    }

    fn empty() -> Self {
        Self {
            times: Vec::new(),
            at_risk: Vec::new(),
            events: Vec::new(),
            censored: Vec::new(),
            survival: Vec::new(),
            std_error: Vec::new(),
            lower: Vec::new(),
            upper: Vec::new(),
        }
    }

    fn count(&mut self, time: f64, observed: bool, weight: f64) {
        if self.times.last() != Some(&time) {
            self.times.push(time);
            self.events.push(0.0);
            self.censored.push(0.0);
        }
        let at = self.times.len() - 1;
        let counts = if observed { &mut self.events } else { &mut self.censored };
        counts[at] += weight;
    }

    /// `entered` counts who is at risk from each time on.
    fn estimate(&mut self, entered: &[f64], z: f64, limits: Limits) {
        let (mut at_risk, mut survival, mut greenwood) = (0.0, 1.0, 0.0);
        for ((&events, &censored), &entered) in self.events.iter().zip(&self.censored).zip(entered) {
            at_risk += entered;
            survival *= if events > 0.0 { 1.0 - events / at_risk } else { 1.0 };
            greenwood += if events > 0.0 { events / (at_risk * (at_risk - events)) } else { 0.0 };
            let (lower, upper) = bounds(survival, greenwood, z, limits);
            self.at_risk.push(at_risk);
            self.survival.push(survival);
            self.std_error.push(if survival > 0.0 { survival * greenwood.sqrt() } else { 0.0 });
            self.lower.push(lower);
            self.upper.push(upper);
            at_risk -= events + censored;
        }
    }

    /// The share that survives beyond time `t`; 1 before the first event.
    pub fn survival_at(&self, t: f64) -> f64 {
        self.known(t).checked_sub(1).map_or(1.0, |at| self.survival[at])
    }

    /// The share that survives beyond time `t` with its limits.
    pub fn interval_at(&self, t: f64) -> Interval {
        self.known(t).checked_sub(1).map_or(Interval { estimate: 1.0, lower: 1.0, upper: 1.0 }, |at| Interval {
            estimate: self.survival[at],
            lower: self.lower[at],
            upper: self.upper[at],
        })
    }

    /// The share of those who survived time `t` that survives until `later` too, S(later)/S(t), with limits from Greenwood's
    /// variance over that stretch. `None` where nobody is followed that far.
    pub fn conditional(&self, t: f64, later: f64, level: f64, limits: Limits) -> Option<Interval> {
        if self.times.last().is_none_or(|last| *last < later) || self.survival_at(t) <= 0.0 {
            return None;
        }
        let (before, after) = (self.known(t), self.known(later));
        let estimate = self.survival_at(later) / self.survival_at(t);
        let variance = |at: usize| at.checked_sub(1).map_or(0.0, |at| (self.std_error[at] / self.survival[at]).powi(2));
        let greenwood = if estimate > 0.0 { (variance(after) - variance(before)).max(0.0) } else { 0.0 };
        let (lower, upper) = bounds(estimate, greenwood, normal_quantile(0.5 + level / 2.0), limits);
        Some(Interval { estimate, lower, upper })
    }

    /// How many of the times are at most `t`.
    fn known(&self, t: f64) -> usize {
        self.times.partition_point(|time| *time <= t)
    }

    /// The time by which a share `p` has had the event: the first with S(t) ≤ 1 − p. `None` where the curve does not fall that far.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let at = self.survival.iter().position(|survival| at_most(*survival, 1.0 - p))?;
        Some(self.times[at])
    }
}

/// Durations in whole days, counted: cheap to add up over millions, and to merge.
///
/// ```
/// use leverkit_stats::DayCounts;
/// let (mut one, mut other) = (DayCounts::default(), DayCounts::default());
/// one.add(0, 2, true);
/// other.add(1, 3, false);
/// let both = one.merge(&other);
/// assert_eq!((both.entered, both.events, both.censored), (vec![1, 1, 0, 0], vec![0, 0, 1, 0], vec![0, 0, 0, 1]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DayCounts {
    /// Who is at risk from each day on.
    pub entered: Vec<u64>,
    /// Events on each day.
    pub events: Vec<u64>,
    /// Who was last seen on each day, without the event.
    pub censored: Vec<u64>,
}

impl DayCounts {
    /// Counts a duration of whole days that is under observation from day `from` on, and ends with the event or is censored.
    pub fn add(&mut self, from: u32, days: u32, observed: bool) {
        self.grow(days as usize + 1);
        self.entered[from as usize] += 1;
        let counts = if observed { &mut self.events } else { &mut self.censored };
        counts[days as usize] += 1;
    }

    /// Both counts together.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        self.grow(other.events.len());
        for (counts, more) in [
            (&mut self.entered, &other.entered),
            (&mut self.events, &other.events),
            (&mut self.censored, &other.censored),
        ] {
            counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
        self
    }

    fn grow(&mut self, days: usize) {
        if self.events.len() < days {
            for counts in [&mut self.entered, &mut self.events, &mut self.censored] {
                counts.resize(days, 0);
            }
        }
    }
}

/// Limits of a survival share; `greenwood` is Σ d/(n(n − d)).
fn bounds(survival: f64, greenwood: f64, z: f64, limits: Limits) -> (f64, f64) {
    if survival <= 0.0 {
        return (0.0, 0.0);
    }
    if greenwood == 0.0 {
        return (1.0, 1.0);
    }
    match limits {
        Limits::Plain => {
            let half = z * survival * greenwood.sqrt();
            ((survival - half).max(0.0), (survival + half).min(1.0))
        }
        Limits::LogLog => {
            let centre = (-survival.ln()).ln();
            let half = z * greenwood.sqrt() / survival.ln();
            ((-(centre - half).exp()).exp(), (-(centre + half).exp()).exp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `lifelines.KaplanMeierFitter().fit(durations, observed)` 0.30.3 on the 6-MP arm of Freireich et al. (1963).
    #[test]
    fn agrees_with_lifelines_on_the_leukaemia_trial() {
        let durations =
            [6., 6., 6., 7., 10., 13., 16., 22., 23., 6., 9., 10., 11., 17., 19., 20., 25., 32., 32., 34., 35.];
        let observed: Vec<bool> = (0..21).map(|i| i < 9).collect();
        let curve = KaplanMeier::fit(&durations, &observed, None, 0.95, Limits::LogLog).unwrap();
        let expected = [
            (6.0, 0.857142857143, 0.619717955266, 0.951551747647),
            (7.0, 0.806722689076, 0.563146564622, 0.922809019203),
            (10.0, 0.752941176471, 0.503199510800, 0.889361835169),
            (13.0, 0.690196078431, 0.431610222486, 0.849065963349),
            (16.0, 0.627450980392, 0.367510855988, 0.804912189472),
            (22.0, 0.537815126050, 0.267778936767, 0.746790717635),
            (35.0, 0.448179271709, 0.188052005959, 0.680142628495),
        ];
        for (time, survival, lower, upper) in expected {
            let found = curve.interval_at(time);
            for (found, expected) in [(found.estimate, survival), (found.lower, lower), (found.upper, upper)] {
                assert!((found - expected).abs() < 1e-9, "at {time}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn the_median_is_the_day_on_which_half_have_come_for_every_even_number() {
        for half in 1..=150_u32 {
            let mut counts = DayCounts::default();
            (1..=half).for_each(|day| counts.add(0, day, true));
            (0..half).for_each(|day| counts.add(0, 1000 + day, true));
            let curve = KaplanMeier::from_day_counts(&counts, 0.95, Limits::LogLog).unwrap();
            assert_eq!(curve.quantile(0.5), Some(f64::from(half)), "{} customers", 2 * half);
        }
    }

    #[test]
    fn weights_count_like_repeated_rows() {
        let repeated = KaplanMeier::fit(&[1.0, 1.0, 2.0], &[true, true, false], None, 0.9, Limits::Plain).unwrap();
        let weighted = KaplanMeier::fit(&[1.0, 2.0], &[true, false], Some(&[2.0, 1.0]), 0.9, Limits::Plain).unwrap();
        assert_eq!(repeated, weighted);
    }
}
