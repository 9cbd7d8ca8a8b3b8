//! What the designs settle together: placebos say which of them can be trusted, and an effect is given only where they agree on it, or
//! where it lies between two that can be.

use leverkit_stats::{Estimate, Interval, normal_quantile};
use serde::Serialize;

/// What was found.
///
/// ```
/// assert_eq!(leverkit_effect::programme::Verdict::NotIdentified.text(), "not identified");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Placebos pass, the designs agree, and the effect is not 0.
    Supported,
    /// Placebos pass, but the designs differ: the effect lies between them.
    Bracketed,
    /// A placebo fails, or none is possible: no number can be told.
    NotIdentified,
    /// Placebos pass, the designs agree, and the limits hold 0.
    NoEffect,
}

impl Verdict {
    /// The verdict in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Bracketed => "bracketed",
            Self::NotIdentified => "not identified",
            Self::NoEffect => "no effect larger than",
        }
    }
}

/// A design with its placebos.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) name: &'static str,
    pub(super) effect: Option<Estimate>,
    /// Each placebo in words, with its p-value.
    pub(super) placebos: Vec<(&'static str, f64)>,
}

/// The verdict, why, and the interval.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
    pub(super) effect: Option<Interval>,
    pub(super) bracket: Option<Interval>,
}

/// Judges two designs that are right under different stories of who joins.
pub(super) fn judge(did: &Trial, adjusted: &Trial, members: u64, placebo_level: f64, level: f64) -> Judged {
    let z = normal_quantile(0.5 + level / 2.0);
    let (Some(one), Some(two)) = (did.effect, adjusted.effect) else {
        let missing = if did.effect.is_none() { did.name } else { adjusted.name };
        return refused(
            format!("The design {missing} cannot be estimated, so nothing says whether the other is right."),
            None,
        );
    };
    let bracket = Interval {
        estimate: f64::midpoint(one.interval.estimate, two.interval.estimate),
        lower: one.interval.lower.min(two.interval.lower),
        upper: one.interval.upper.max(two.interval.upper),
    };
    if members < 30 {
        return refused(format!("{members} members; at least 30 are needed."), Some(bracket));
    }
    let trials = [did, adjusted];
    if let Some(trial) = trials.iter().find(|trial| trial.placebos.is_empty()) {
        let reason =
            format!("No placebo of the design {} is possible: it needs two periods before joining.", trial.name);
        return refused(reason, Some(bracket));
    }
    let failed = trials.iter().flat_map(|trial| trial.placebos.iter().map(move |(what, p)| (trial.name, *what, *p)));
    if let Some((name, what, p)) = failed.filter(|(_, _, p)| *p < placebo_level).min_by(|a, b| a.2.total_cmp(&b.2)) {
        let p = if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") };
        return refused(format!("The design {name} fails its placebo, {what} ({p})."), Some(bracket));
    }
    let apart = one.interval.estimate - two.interval.estimate;
    let within = z * one.std_error.hypot(two.std_error);
    if apart.abs() > within {
        let reason = "Both designs pass their placebos, but differ: the effect lies between them.".into();
        return Judged { verdict: Verdict::Bracketed, reason, effect: Some(bracket), bracket: Some(bracket) };
    }
    let effect = one.interval;
    if effect.lower <= 0.0 && effect.upper >= 0.0 {
        let reason = "Both designs pass their placebos and agree, and the limits hold 0.".into();
        return Judged { verdict: Verdict::NoEffect, reason, effect: Some(effect), bracket: Some(bracket) };
    }
    let reason = "Both designs pass their placebos and agree.".into();
    Judged { verdict: Verdict::Supported, reason, effect: Some(effect), bracket: Some(bracket) }
}

fn refused(reason: String, bracket: Option<Interval>) -> Judged {
    Judged { verdict: Verdict::NotIdentified, reason, effect: None, bracket }
}
