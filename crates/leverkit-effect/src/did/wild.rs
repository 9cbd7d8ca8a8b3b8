//! Tests with few clusters, where the normal distribution promises too much: signs of what whole clusters add are drawn anew (the score bootstrap of Kline & Santos 2012, with the six
//! points of Webb 2023), and the statistic is held against those of the draws.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::panel::{Contrast, Joint};

/// From so many clusters on the normal distribution is near enough.
const ENOUGH: usize = 50;
/// ±√½, ±1, ±√1½.
const POINTS: [f64; 6] = [
    -1.224_744_871_391_589,
    -1.0,
    -std::f64::consts::FRAC_1_SQRT_2,
    std::f64::consts::FRAC_1_SQRT_2,
    1.0,
    1.224_744_871_391_589,
];

/// The p-value of no effect by redrawn clusters; `None` where there are enough of them, or none.
pub(super) fn wild_p_value(joint: &Joint, contrast: &Contrast, draws: usize, seed: u64) -> Option<f64> {
    let scores = joint.scores.as_ref().filter(|scores| scores.nrows() < ENOUGH)?;
    let added: Vec<f64> = (0..scores.nrows())
        .map(|cluster| contrast.gradient.iter().enumerate().map(|(at, slope)| slope * scores[(cluster, at)]).sum())
        .collect();
    let own = contrast.value.abs() / added.iter().map(|one| one * one).sum::<f64>().sqrt();
    let mut random = Pcg64::seed_from_u64(seed);
    let mut as_far = 1;
    for _ in 0..draws {
        let drawn: Vec<f64> = added.iter().map(|one| one * POINTS[random.random_range(0..POINTS.len())]).collect();
        let spread = drawn.iter().map(|one| one * one).sum::<f64>().sqrt();
        as_far += usize::from((drawn.iter().sum::<f64>() / spread).abs() >= own);
    }
    own.is_finite().then(|| as_far as f64 / (draws + 1) as f64)
}
