//! Weights that follow from comparisons, how consistent these are, and what random ones would be.

use faer::prelude::*;
use faer::{Mat, Side};
use leverkit_core::stats::budget::Watched;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::comparisons::Judgements;
use super::params::RandomIndex;

/// The mean consistency index of random matrices of 3, 4 … 15 items (Saaty 1980).
const SAATY: [f64; 13] = [0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// What a judge can say: 1/9 to 9.
const SAYABLE: [f64; 17] = [
    1.0 / 9.0,
    1.0 / 8.0,
    1.0 / 7.0,
    1.0 / 6.0,
    1.0 / 5.0,
    1.0 / 4.0,
    1.0 / 3.0,
    1.0 / 2.0,
    1.0,
    2.0,
    3.0,
    4.0,
    5.0,
    6.0,
    7.0,
    8.0,
    9.0,
];

const RANDOM_MATRICES: u64 = 20_000;
const MOST_STEPS: usize = 100_000;

/// Weights that add up to one, with the greatest eigenvalue of the comparisons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Eigen {
    pub(crate) weights: Vec<f64>,
    pub(crate) lambda: f64,
}

impl Eigen {
    /// Consistency index (λ − n) / (n − 1).
    pub(crate) fn index(&self) -> f64 {
        let n = self.weights.len() as f64;
        ((self.lambda - n) / (n - 1.0)).max(0.0)
    }
}

/// The principal eigenvector by power iteration (Saaty 1977). A comparison that was not made counts 0, and 1 more on the diagonal of both items
/// (Harker 1987).
pub(crate) fn eigenvector(judged: &Judgements) -> Eigen {
    let n = judged.items;
    let mut matrix = vec![0.0; n * n];
    for row in 0..n {
        matrix[row * n + row] = 1.0;
        for column in (0..n).filter(|column| *column != row) {
            match judged.get(row, column) {
                Some(log) => matrix[row * n + column] = log.exp(),
                None => matrix[row * n + row] += 1.0,
            }
        }
    }
    let mut weights = vec![1.0 / n as f64; n];
    let mut lambda = 0.0;
    for _ in 0..MOST_STEPS {
        let next: Vec<f64> =
            matrix.chunks_exact(n).map(|row| row.iter().zip(&weights).map(|(a, w)| a * w).sum()).collect();
        lambda = next.iter().sum();
        let moved = next.iter().zip(&weights).map(|(next, old)| (next / lambda - old).abs()).fold(0.0, f64::max);
        weights = next.into_iter().map(|next| next / lambda).collect();
        if moved < 1e-15 {
            break;
        }
    }
    Eigen { weights, lambda }
}

/// Logarithmic least squares (Crawford & Williams 1985): the geometric means of the rows where all pairs were compared, and their
/// generalisation where some were not (Bozóki, Fülöp & Rónyai 2010). Logarithms of weights, adding up to 0; the items must hang together.
pub(crate) fn log_weights(judged: &Judgements) -> Vec<f64> {
    let n = judged.items;
    // The Laplacian has the constant in its null space; a rank of ones takes it out.
    let mut laplacian = Mat::from_fn(n, n, |_, _| 1.0 / n as f64);
    let mut right = Mat::zeros(n, 1);
    for (row, column, log) in judged.pairs() {
        laplacian[(row, row)] += 1.0;
        laplacian[(column, column)] += 1.0;
        laplacian[(row, column)] -= 1.0;
        laplacian[(column, row)] -= 1.0;
        right[(row, 0)] += log;
        right[(column, 0)] -= log;
    }
    let solved = laplacian.llt(Side::Lower).map_or_else(|_| Mat::zeros(n, 1), |factor| factor.solve(&right));
    (0..n).map(|row| solved[(row, 0)]).collect()
}

/// Weights that add up to one.
pub(crate) fn normalised(logs: &[f64]) -> Vec<f64> {
    let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised: Vec<f64> = logs.iter().map(|log| (log - greatest).exp()).collect();
    let total: f64 = raised.iter().sum();
    raised.into_iter().map(|weight| weight / total).collect()
}

/// The geometric consistency index of Aguarón & Moreno-Jiménez (2003): the mean squared logarithm of comparison over ratio of weights, by degrees of
/// freedom. `None` where no comparison is spare.
pub(crate) fn geometric_index(judged: &Judgements, logs: &[f64]) -> Option<f64> {
    let squares: f64 = judged.pairs().iter().map(|(row, column, log)| (log - logs[*row] + logs[*column]).powi(2)).sum();
    let spare = judged.spare();
    (spare > 0).then(|| squares / spare as f64)
}

/// The index that random comparisons of the same pairs have; `None` where nothing can be inconsistent, or the table has no entry.
pub(crate) fn random_index(judged: &Judgements, kind: RandomIndex, seed: u64) -> Option<f64> {
    if judged.spare() == 0 {
        return None;
    }
    match kind {
        RandomIndex::Saaty if judged.is_complete() => SAATY.get(judged.items.checked_sub(3)?).copied(),
        _ => Some(simulated_index(judged, seed)),
    }
}

fn simulated_index(judged: &Judgements, seed: u64) -> f64 {
    let pairs = judged.pairs();
    let one = |draw: u64| {
        let mut random = Pcg64::seed_from_u64(seed ^ draw.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut drawn = Judgements::none(judged.items);
        for (row, column, _) in &pairs {
            drawn.set(*row, *column, SAYABLE[random.random_range(0..SAYABLE.len())].ln());
        }
        eigenvector(&drawn).index()
    };
    let drawn: Vec<f64> = (0..RANDOM_MATRICES).into_par_iter().watched().map(one).collect();
    leverkit_stats::sum(&drawn) / drawn.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Means of 20,000 random matrices by numpy, ± 0.005.
    #[test]
    fn random_matrices_are_as_inconsistent_as_known() {
        for (items, expected) in (3..=10).zip([0.518, 0.886, 1.107, 1.252, 1.339, 1.407, 1.451, 1.486]) {
            let mut all = Judgements::none(items);
            (0..items).for_each(|row| (row + 1..items).for_each(|column| all.set(row, column, 0.0)));
            let found = simulated_index(&all, 1);
            assert!((found - expected).abs() < 0.015, "{items} items: {found} is not {expected}");
        }
    }

    #[test]
    fn a_chain_of_comparisons_gives_its_products() {
        let mut chain = Judgements::none(3);
        chain.set(0, 1, 2_f64.ln());
        chain.set(1, 2, 3_f64.ln());
        let (eigen, geometric) = (eigenvector(&chain), normalised(&log_weights(&chain)));
        for (at, expected) in [0.6, 0.3, 0.1].into_iter().enumerate() {
            assert!((eigen.weights[at] - expected).abs() < 1e-12 && (geometric[at] - expected).abs() < 1e-12);
        }
        assert!((eigen.lambda - 3.0).abs() < 1e-12 && geometric_index(&chain, &log_weights(&chain)).is_none());
    }
}
