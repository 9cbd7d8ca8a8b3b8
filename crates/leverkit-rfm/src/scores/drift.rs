//! Whether customers have drifted from those of the cut points: how many have each score now and had it then.

use leverkit_core::{Drift, DriftBin};

use super::cuts::Cut;
use super::measures::Measure;

/// Compares the customers of each score with those from whom the cut points were made, by measure.
pub(super) fn between(before: &[Cut], now: &[Cut]) -> Vec<Drift> {
    Measure::ALL.into_iter().map(|measure| of_measure(measure, before, now)).collect()
}

fn of_measure(measure: Measure, before: &[Cut], now: &[Cut]) -> Drift {
    // Numbers of a saved model may be anything: as floats their sum has no end.
    let of = |cuts: &[Cut], score: u8| -> f64 {
        let bins = cuts.iter().filter(|cut| cut.measure == measure).flat_map(|cut| &cut.observed);
        bins.filter(|bin| bin.score == score).map(|bin| bin.customers as f64).sum()
    };
    let own: Vec<&Cut> = now.iter().filter(|cut| cut.measure == measure).collect();
    let scores = 1..=own.iter().map(|cut| cut.bins).max().unwrap_or_default();
    let known: f64 = scores.clone().map(|score| of(before, score)).sum();
    let bin = |score: u8| {
        // Within other scores bounds differ from group to group.
        let alone = if let [cut] = own[..] { cut.observed.iter().find(|bin| bin.score == score) } else { None };
        DriftBin {
            bin: score.into(),
            lower: alone.and_then(|bin| bin.lower),
            upper: alone.and_then(|bin| bin.upper),
            before: of(before, score) / known.max(1.0),
            now: of(now, score) as u64,
        }
    };
    let reached = |bin: &DriftBin| bin.before > 0.0 || bin.now > 0;
    Drift::new(measure.name(), known, scores.map(bin).filter(reached).collect())
}
