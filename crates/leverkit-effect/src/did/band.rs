//! Bands that hold a whole curve: the critical value is that of the greatest of all t statistics, drawn from their joint normal distribution.

use faer::Mat;
use leverkit_stats::{budget, normal_quantile, quantiles};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

use crate::panel::{Contrast, Joint};

/// Draws that are made at a time: memory does not grow with their number.
const PIECE: usize = 4096;

/// The number of standard errors by which a band lies off each estimate.
pub(crate) fn critical_value(joint: &Joint, contrasts: &[&Contrast], level: f64, draws: usize, seed: u64) -> f64 {
    let alone = normal_quantile(0.5 + level / 2.0);
    let covariance = joint.covariance_of(contrasts);
    let errors: Vec<f64> = (0..contrasts.len()).map(|at| covariance[(at, at)].max(0.0).sqrt()).collect();
    let known: Vec<usize> = (0..errors.len()).filter(|&at| errors[at] > 0.0).collect();
    if known.len() < 2 {
        return alone;
    }
    let correlation = Mat::from_fn(known.len(), known.len(), |i, j| {
        covariance[(known[i], known[j])] / (errors[known[i]] * errors[known[j]])
    });
    let Ok(parts) = correlation.self_adjoint_eigen(faer::Side::Lower) else { return f64::NAN };
    let root = Mat::from_fn(known.len(), known.len(), |i, j| parts.U()[(i, j)] * parts.S()[j].max(0.0).sqrt());
    let mut random = Pcg64::seed_from_u64(seed);
    let mut most = Vec::with_capacity(draws);
    for start in (0..draws).step_by(PIECE) {
        budget::check();
        let width = PIECE.min(draws - start);
        let noise = Mat::<f64>::from_fn(known.len(), width, |_, _| StandardNormal.sample(&mut random));
        let samples = &root * &noise;
        let greatest = |draw: usize| (0..known.len()).map(|at| samples[(at, draw)].abs()).fold(0.0, f64::max);
        most.extend((0..width).map(greatest));
    }
    quantiles(&mut most, &[level])[0].max(alone)
}
