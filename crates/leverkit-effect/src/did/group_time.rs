//! Effects by cohort and period (Callaway & Sant'Anna 2021): the change of a cohort since its base period, less that of its controls.

use super::params::Comparison;
use crate::panel::{Contrast, Joint, NEVER};

/// A cohort in a period.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The cohort, among those of the joint numbers.
    pub(crate) cohort: usize,
    /// Its first treated period.
    pub(crate) first: u32,
    pub(crate) period: usize,
    pub(crate) contrast: Contrast,
    /// Whether it is the base period itself, whose effect is 0 by definition.
    pub(crate) is_base: bool,
    pub(crate) n_treated: u64,
    pub(crate) n_control: u64,
}

impl Cell {
    /// Periods since the first treated one.
    pub(crate) fn event_time(&self) -> i64 {
        self.period as i64 - i64::from(self.first)
    }

    /// Whether the cohort is treated by then.
    pub(crate) fn is_post(&self) -> bool {
        self.event_time() >= 0
    }
}

/// The cells that have a base period and a control.
pub(crate) fn cells(joint: &Joint, comparison: &Comparison) -> Vec<Cell> {
    let treated = joint.first.iter().enumerate().filter(|(_, first)| **first != NEVER);
    treated
        .flat_map(|(cohort, &first)| {
            (0..joint.periods).filter_map(move |period| cell(joint, comparison, (cohort, first), period))
        })
        .collect()
}

fn cell(joint: &Joint, comparison: &Comparison, (cohort, first): (usize, u32), period: usize) -> Option<Cell> {
    let base = comparison.base_of(first, period)?;
    let is_control = |other: &usize| comparison.is_control(joint.first[*other], first, (period, base));
    let controls: Vec<usize> = (0..joint.first.len()).filter(is_control).collect();
    let n_control: f64 = controls.iter().map(|&other| joint.sizes[other]).sum();
    if n_control == 0.0 {
        return None;
    }
    let change =
        |joint: &Joint, cohort: usize| joint.values[joint.at(cohort, period)] - joint.values[joint.at(cohort, base)];
    let mut contrast = joint.nothing();
    let control: f64 = controls.iter().map(|&other| joint.sizes[other] / n_control * change(joint, other)).sum();
    contrast.value = change(joint, cohort) - control;
    let mut step = |cohort: usize, times: f64| {
        contrast.gradient[joint.at(cohort, period)] += times;
        contrast.gradient[joint.at(cohort, base)] -= times;
    };
    step(cohort, 1.0);
    controls.iter().for_each(|&other| step(other, -joint.sizes[other] / n_control));
    // Which share of the controls each cohort is, is estimated too.
    let numbers = joint.values.len();
    for &other in &controls {
        contrast.gradient[numbers + other] -= (change(joint, other) - control) * joint.n() / n_control;
    }
    Some(Cell {
        cohort,
        first,
        period,
        contrast,
        is_base: period == base,
        n_treated: joint.counts[cohort],
        n_control: controls.iter().map(|&other| joint.counts[other]).sum(),
    })
}
