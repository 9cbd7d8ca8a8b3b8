//! The designs that need moments alone: two that show what not to believe, and difference-in-differences with its placebo.

use crate::did::{Base, Comparison, Control, cells, simple};
use crate::panel::{Contrast, Joint, NEVER};

/// Whom members are compared with.
pub(super) fn comparison(joint: &Joint) -> Comparison {
    let control = if joint.first.contains(&NEVER) { Control::Never } else { Control::NotYet };
    Comparison { control, base: Base::Universal, anticipation: 0 }
}

/// Members less those who have not joined, in the same periods.
pub(super) fn naive(joint: &Joint) -> Option<Contrast> {
    over_cells(joint, |cohort, period, controls| {
        let mut found = mean_of(joint, cohort, &[period]);
        let total: f64 = controls.iter().map(|&other| joint.sizes[other]).sum();
        controls.iter().for_each(|&other| found.add(&mean_of(joint, other, &[period]), -joint.sizes[other] / total));
        found
    })
}

/// Members after joining less the same members before.
pub(super) fn before_after(joint: &Joint) -> Option<Contrast> {
    over_cells(joint, |cohort, period, _| {
        let before: Vec<usize> = (0..joint.first[cohort] as usize).collect();
        let mut found = mean_of(joint, cohort, &[period]);
        found.add(&mean_of(joint, cohort, &before), -1.0);
        found
    })
}

/// The mean of members after joining, as it was.
pub(super) fn actual(joint: &Joint) -> Option<Contrast> {
    over_cells(joint, |cohort, period, _| mean_of(joint, cohort, &[period]))
}

/// Difference-in-differences: each cohort since the period before it joined, less its controls.
pub(super) fn did(joint: &Joint) -> Option<Contrast> {
    simple(joint, &cells(joint, &comparison(joint)))
}

/// The same, as if each cohort had joined so many periods earlier, over the periods before it did.
pub(super) fn did_placebo(joint: &Joint) -> Option<Contrast> {
    let comparison = comparison(joint);
    let all = cells(joint, &comparison);
    let mut parts = Vec::new();
    for (cohort, first, back) in earlier_cohorts(joint) {
        let at = |period: usize| all.iter().find(|cell| cell.cohort == cohort && cell.period == period);
        let Some(base) = at(first - back - 1) else { continue };
        for period in first - back..first {
            let Some(cell) = at(period) else { continue };
            let mut change = cell.contrast.clone();
            change.add(&base.contrast, -1.0);
            parts.push((cohort, change));
        }
    }
    let parts: Vec<(usize, &Contrast)> = parts.iter().map(|(cohort, change)| (*cohort, change)).collect();
    (!parts.is_empty()).then(|| joint.by_share(&parts))
}

/// Each cohort that has two periods before it joined, with its first treated period, and how far back a placebo goes: as many periods as are looked at after
/// joining, and at most half of those before.
pub(super) fn earlier_cohorts(joint: &Joint) -> Vec<(usize, usize, usize)> {
    let back = |first: usize| (joint.periods - first).min(first / 2);
    let treated = joint.first.iter().enumerate().filter(|(_, first)| **first != NEVER && **first >= 2);
    treated.map(|(cohort, &first)| (cohort, first as usize, back(first as usize))).collect()
}

/// The mean over treated cells that have a control, by the size of the cohort.
fn over_cells(joint: &Joint, of: impl Fn(usize, usize, &[usize]) -> Contrast) -> Option<Contrast> {
    let comparison = comparison(joint);
    let mut parts = Vec::new();
    for cell in cells(joint, &comparison).iter().filter(|cell| cell.is_post()) {
        let base = cell.first as usize - 1;
        let is_control = |other: &usize| comparison.is_control(joint.first[*other], cell.first, (cell.period, base));
        let controls: Vec<usize> = (0..joint.first.len()).filter(is_control).collect();
        parts.push((cell.cohort, of(cell.cohort, cell.period, &controls)));
    }
    let parts: Vec<(usize, &Contrast)> = parts.iter().map(|(cohort, part)| (*cohort, part)).collect();
    (!parts.is_empty()).then(|| joint.by_share(&parts))
}

/// The mean of a cohort over some periods.
fn mean_of(joint: &Joint, cohort: usize, periods: &[usize]) -> Contrast {
    let mut found = joint.nothing();
    for &period in periods {
        let at = joint.at(cohort, period);
        found.value += joint.values[at] / periods.len() as f64;
        found.gradient[at] += 1.0 / periods.len() as f64;
    }
    found
}
