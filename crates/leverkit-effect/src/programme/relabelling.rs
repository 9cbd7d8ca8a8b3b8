//! Who joined, relabelled at random: how often a design that should find nothing does, and how rare its effect is among such findings.

use leverkit_core::stats::budget::Watched;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::designs::did;
use crate::panel::{CohortMoments, Histories, Joint};

/// Effects of difference-in-differences on money among customers whose joining was dealt out at random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relabelled {
    /// How many times.
    pub times: usize,
    /// The share of them that a test at the level would call an effect.
    pub false_alarms: f64,
    /// The share of effects, in standard errors, as far from 0 as the one that was found: its p-value.
    pub p_value: f64,
}

/// Deals out joining `times` times; `found` is the t statistic of the real one, `critical` that of the level.
pub(super) fn relabelled(
    histories: &Histories,
    outcome: usize,
    (found, critical): (f64, f64),
    times: usize,
    seed: u64,
) -> Option<Relabelled> {
    let paths: Vec<f64> = (0..histories.n()).flat_map(|unit| histories.path(unit, outcome)).copied().collect();
    let one = |time: usize| {
        let mut random = Pcg64::seed_from_u64(seed ^ (time as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut first = histories.first.clone();
        first.shuffle(&mut random);
        let joint = Joint::of(&CohortMoments::of(histories.periods, &first, &paths));
        did(&joint).map(|contrast| (contrast.value / joint.std_error(&contrast)).abs())
    };
    let statistics: Vec<f64> = (0..times).into_par_iter().watched().filter_map(one).filter(|t| t.is_finite()).collect();
    let share = |least: f64| statistics.iter().filter(|t| **t >= least).count() as f64;
    let n = statistics.len() as f64;
    (n > 0.0).then(|| Relabelled {
        times: statistics.len(),
        false_alarms: share(critical) / n,
        p_value: (share(found.abs()) + 1.0) / (n + 1.0),
    })
}
