//! Two-way fixed effects, and what it averages (Goodman-Bacon 2021): shown as a diagnosis, because comparisons with units that are treated
//! already take effects that grow for effects that do not.

use crate::panel::{Contrast, Joint, NEVER};

/// The regression of the outcome on being treated, with an effect for each unit and period; `None` where nothing varies.
///
/// Its clustered error is that of the usual sandwich: the residuals of a cohort's mean path count as well.
pub(crate) fn two_way(joint: &Joint) -> Option<Contrast> {
    let (cohorts, periods, n) = (joint.first.len(), joint.periods, joint.n());
    let treated = |cohort: usize, period: usize| f64::from(u8::from(is_treated(joint.first[cohort], period)));
    let row_mean: Vec<f64> =
        (0..cohorts).map(|g| (0..periods).map(|t| treated(g, t)).sum::<f64>() / periods as f64).collect();
    let over_cohorts = |of: &dyn Fn(usize) -> f64| (0..cohorts).map(|g| joint.share(g) * of(g)).sum::<f64>();
    let column_mean: Vec<f64> = (0..periods).map(|t| over_cohorts(&|g| treated(g, t))).collect();
    let grand = over_cohorts(&|g| row_mean[g]);
    let within = |g: usize, t: usize| treated(g, t) - row_mean[g] - column_mean[t] + grand;
    let outcome = |g: usize, t: usize| joint.values[joint.at(g, t)];
    let cells = || (0..cohorts).flat_map(|g| (0..periods).map(move |t| (g, t)));
    let total: f64 = cells().map(|(g, t)| joint.sizes[g] * within(g, t).powi(2)).sum();
    if total <= 1e-12 * n {
        return None;
    }
    let mut found = joint.nothing();
    found.value = cells().map(|(g, t)| joint.sizes[g] * within(g, t) * outcome(g, t)).sum::<f64>() / total;
    for (g, t) in cells() {
        found.gradient[joint.at(g, t)] = joint.sizes[g] * within(g, t) / total;
    }
    let period_mean: Vec<f64> = (0..periods).map(|t| over_cohorts(&|g| outcome(g, t))).collect();
    for g in 0..cohorts {
        let residual = |t: usize| outcome(g, t) - period_mean[t] - found.value * within(g, t);
        let score: f64 = (0..periods).map(|t| within(g, t) * residual(t)).sum();
        found.gradient[joint.values.len() + g] = n * score / total;
    }
    Some(found)
}

/// The factor of the variance for few clusters and for what was estimated, as of regressions with clustered errors; unit effects lie
/// within clusters and are not counted, as pyfixest and fixest have it.
pub(crate) fn small_sample(joint: &Joint, clusters: f64) -> f64 {
    let rows = joint.n() * joint.periods as f64;
    clusters / (clusters - 1.0) * (rows - 1.0) / (rows - joint.periods as f64 - 1.0)
}

fn is_treated(first: u32, period: usize) -> bool {
    period >= first as usize
}

/// Whom a two-by-two comparison compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparand {
    /// A cohort with units that are never treated.
    Never,
    /// A cohort with one that is treated later, before that is.
    Later,
    /// A cohort with one that is treated already: not to be trusted where effects grow.
    Earlier,
}

/// A two-by-two comparison that two-way fixed effects average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoByTwo {
    /// First treated period of the cohort whose effect it is.
    pub treated: u32,
    /// Of those that it is compared with.
    pub control: u32,
    /// Which kind of comparison.
    pub kind: Comparand,
    /// Its weight; weights add up to 1.
    pub weight: f64,
    /// Its effect.
    pub effect: f64,
}

/// The comparisons, heaviest first; none where there is one cohort.
pub(crate) fn bacon(joint: &Joint) -> Vec<TwoByTwo> {
    let mut found = Vec::new();
    for (g, &first) in joint.first.iter().enumerate().filter(|(_, first)| **first != NEVER) {
        for (other, &control) in joint.first.iter().enumerate().filter(|(other, _)| *other != g) {
            let kind = match control {
                NEVER => Comparand::Never,
                later if later > first => Comparand::Later,
                _ => Comparand::Earlier,
            };
            let (effect, weight) = two_by_two(joint, (g, first), (other, control));
            found.push(TwoByTwo { treated: first, control, kind, weight, effect });
        }
    }
    let total: f64 = found.iter().map(|pair| pair.weight).sum();
    found.iter_mut().for_each(|pair| pair.weight /= total);
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    found
}

/// The effect of a comparison, and its weight but for a factor (Goodman-Bacon 2021, equations 10b to 10g).
fn two_by_two(joint: &Joint, (g, first): (usize, u32), (other, control): (usize, u32)) -> (f64, f64) {
    let periods = joint.periods;
    // The stretch in which the control's treatment does not change.
    let stretch = if control > first { 0..periods.min(control as usize) } else { control as usize..periods };
    let split = first as usize;
    let mean = |cohort: usize, range: std::ops::Range<usize>| {
        let length = range.len() as f64;
        range.map(|t| joint.values[joint.at(cohort, t)]).sum::<f64>() / length
    };
    let change = |cohort: usize| mean(cohort, split..stretch.end) - mean(cohort, stretch.start..split);
    let after = (stretch.end - split) as f64 / stretch.len() as f64;
    let (own, others) = (joint.share(g), joint.share(other));
    let length = stretch.len() as f64 / periods as f64;
    (change(g) - change(other), own * others * length * length * after * (1.0 - after))
}
