//! The Kaplan–Meier estimator with Greenwood's limits.

use serde::Serialize;

use super::{Interval, StatsError, check_level, normal_quantile};

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
    /// use leverkit_core::stats::{KaplanMeier, Limits};
    /// let curve = KaplanMeier::fit(&[5.0, 8.0, 8.0, 12.0], &[true, true, false, false], None, 0.95, Limits::LogLog)?;
    /// assert_eq!(curve.survival_at(8.0), 0.5);
    /// assert_eq!(curve.quantile(0.5), Some(8.0));
    /// assert_eq!(curve.quantile(0.9), None);
    /// # Ok::<(), leverkit_core::stats::StatsError>(())
    /// ```
    pub fn fit(
        durations: &[f64],
        observed: &[bool],
        weights: Option<&[f64]>,
        level: f64,
        limits: Limits,
    ) -> Result<Self, StatsError> {
        check_level(level)?;
        if observed.len() != durations.len() || weights.is_some_and(|weights| weights.len() != durations.len()) {
            return Err(StatsError::new("durations", &durations.len(), "as many as observed and weights"));
        }
        if let Some(wrong) = durations.iter().find(|duration| !duration.is_finite() || **duration < 0.0) {
            return Err(StatsError::new("durations", wrong, "finite numbers of at least 0"));
        }
        let mut order: Vec<u32> = (0..durations.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| durations[a as usize].total_cmp(&durations[b as usize]).then(a.cmp(&b)));
        let mut curve = Self::empty();
        for row in order.into_iter().map(|row| row as usize) {
            curve.count(durations[row], observed[row], weights.map_or(1.0, |weights| weights[row]));
        }
        curve.estimate(normal_quantile(0.5 + level / 2.0), limits);
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

    fn estimate(&mut self, z: f64, limits: Limits) {
        let mut at_risk: f64 = self.events.iter().sum::<f64>() + self.censored.iter().sum::<f64>();
        let (mut survival, mut greenwood) = (1.0, 0.0);
        for (&events, &censored) in self.events.iter().zip(&self.censored) {
            survival *= 1.0 - events / at_risk;
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
        let known = self.times.partition_point(|time| *time <= t);
        known.checked_sub(1).map_or(1.0, |at| self.survival[at])
    }

    /// The share that survives beyond time `t` with its limits.
    pub fn interval_at(&self, t: f64) -> Interval {
        let known = self.times.partition_point(|time| *time <= t);
        known.checked_sub(1).map_or(Interval { estimate: 1.0, lower: 1.0, upper: 1.0 }, |at| Interval {
            estimate: self.survival[at],
            lower: self.lower[at],
            upper: self.upper[at],
        })
    }

    /// The time by which a share `p` has had the event: the first with S(t) ≤ 1 − p. `None` where the curve does not fall that far.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let at = self.survival.iter().position(|survival| *survival <= 1.0 - p)?;
        Some(self.times[at])
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
    fn weights_count_like_repeated_rows() {
        let repeated = KaplanMeier::fit(&[1.0, 1.0, 2.0], &[true, true, false], None, 0.9, Limits::Plain).unwrap();
        let weighted = KaplanMeier::fit(&[1.0, 2.0], &[true, false], Some(&[2.0, 1.0]), 0.9, Limits::Plain).unwrap();
        assert_eq!(repeated, weighted);
    }
}
