//! Imputation (Borusyak, Jaravel & Spiess 2024): unit and period effects of what is not treated yet say what the rest would have been.
//! It uses all untreated periods, so it is the most precise where trends are parallel throughout.

use faer::Mat;
use faer::prelude::*;

use crate::panel::{Contrast, Joint};

/// The weighted effect of treated cells, `(cohort, period)`; `None` where period effects are not identified.
///
/// The error is the paper's, conservative one: residuals of treated cells are taken around the mean effect of cohort and period.
pub(crate) fn imputation(joint: &Joint, cells: &[(usize, usize)]) -> Option<Contrast> {
    let periods = joint.periods;
    let untreated = |cohort: usize| (joint.first[cohort] as usize).min(periods);
    let total: f64 = cells.iter().map(|(cohort, _)| joint.sizes[*cohort]).sum();
    // The weight of each cell for each of its units, times all units: of treated cells it is the target's, of untreated ones it follows.
    let mut target = vec![0.0; joint.values.len()];
    cells.iter().for_each(|&(cohort, period)| target[joint.at(cohort, period)] = 1.0 / total);
    // Period effects enter a unit's imputed outcome directly, and through the mean of its untreated periods.
    let mut pull = vec![0.0; periods];
    let mut own = vec![0.0; joint.first.len()];
    for &(cohort, period) in cells {
        pull[period] += joint.sizes[cohort] / total;
        own[cohort] += 1.0 / total;
        let before = untreated(cohort);
        (0..before).for_each(|t| pull[t] -= joint.sizes[cohort] / total / before as f64);
    }
    let solved = solve_periods(joint, &pull)?;
    let mut weights = target;
    for cohort in 0..joint.first.len() {
        let before = untreated(cohort);
        let mean = (0..before).map(|t| solved[t]).sum::<f64>() / before as f64;
        (0..before).for_each(|t| weights[joint.at(cohort, t)] = -own[cohort] / before as f64 - (solved[t] - mean));
    }
    Some(with_weights(joint, &weights))
}

/// Solves the normal equations of the period effects, unit effects taken off, for what pulls on them; the first period is 0.
fn solve_periods(joint: &Joint, pull: &[f64]) -> Option<Vec<f64>> {
    let periods = joint.periods;
    let mut normal = Mat::<f64>::zeros(periods, periods);
    for (cohort, &size) in joint.sizes.iter().enumerate() {
        let before = (joint.first[cohort] as usize).min(periods);
        for one in 0..before {
            normal[(one, one)] += size;
            (0..before).for_each(|two| normal[(one, two)] -= size / before as f64);
        }
    }
    let inner = Mat::from_fn(periods - 1, periods - 1, |i, j| normal[(i + 1, j + 1)]);
    let solver = inner.llt(faer::Side::Lower).ok()?;
    let solution = solver.solve(Mat::from_fn(periods - 1, 1, |i, _| pull[i + 1]));
    let effects: Vec<f64> = std::iter::once(0.0).chain((0..periods - 1).map(|i| solution[(i, 0)])).collect();
    effects.iter().all(|effect| effect.is_finite()).then_some(effects)
}

/// The estimate with these weights of a unit's outcomes, by cohort and period.
fn with_weights(joint: &Joint, weights: &[f64]) -> Contrast {
    let mut found = joint.nothing();
    for cohort in 0..joint.first.len() {
        for period in 0..joint.periods {
            let at = joint.at(cohort, period);
            found.gradient[at] = joint.sizes[cohort] * weights[at];
            found.value += found.gradient[at] * joint.values[at];
        }
    }
    // Untreated cells whose mean lies off the two effects add to the error as well.
    let residuals = untreated_residuals(joint);
    for cohort in 0..joint.first.len() {
        let before = (joint.first[cohort] as usize).min(joint.periods);
        let score: f64 = (0..before).map(|t| weights[joint.at(cohort, t)] * residuals[joint.at(cohort, t)]).sum();
        found.gradient[joint.values.len() + cohort] = joint.n() * score;
    }
    found
}

/// What unit and period effects leave of the mean untreated outcomes.
fn untreated_residuals(joint: &Joint) -> Vec<f64> {
    let periods = joint.periods;
    let before = |cohort: usize| (joint.first[cohort] as usize).min(periods);
    let mut pull = vec![0.0; periods];
    let mut centred = joint.values.clone();
    for cohort in 0..joint.first.len() {
        let range = || (0..before(cohort)).map(|t| joint.at(cohort, t));
        let mean = range().map(|at| joint.values[at]).sum::<f64>() / before(cohort) as f64;
        range().for_each(|at| centred[at] -= mean);
        (0..before(cohort)).for_each(|t| pull[t] += joint.sizes[cohort] * centred[joint.at(cohort, t)]);
    }
    let Some(effects) = solve_periods(joint, &pull) else { return centred };
    for cohort in 0..joint.first.len() {
        let mean = effects[..before(cohort)].iter().sum::<f64>() / before(cohort) as f64;
        (0..before(cohort)).for_each(|t| centred[joint.at(cohort, t)] -= effects[t] - mean);
    }
    centred
}
