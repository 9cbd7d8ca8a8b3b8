//! Gamma-Gamma of Fader & Hardie (2013), "The Gamma-Gamma model of monetary value": each order of a customer is Gamma(p, ν), ν ~ Gamma(q, v).

use leverkit_core::stats::budget::Watched;
use rayon::prelude::*;
use statrs::function::gamma::ln_gamma;

use super::special::{rise, rise_slope};

const PART: usize = 4096;

/// A customer's repeat orders and their mean spend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spender {
    pub(crate) x: f64,
    pub(crate) mean: f64,
    pub(crate) ln_mean: f64,
}

/// A spender, and how many customers it represents.
pub(crate) type Weighted = (Spender, f64);

/// Log-likelihood (formula 1a) and its gradient by ln p, ln q and ln v.
pub(crate) fn log_likelihood(rows: &[Weighted], p: f64, q: f64, v: f64) -> [f64; 4] {
    let parts: Vec<[f64; 4]> = rows.par_chunks(PART).watched().map(|rows| part(rows, p, q, v)).collect();
    parts.iter().fold([0.0; 4], |sum, part| std::array::from_fn(|i| sum[i] + part[i]))
}

fn part(rows: &[Weighted], p: f64, q: f64, v: f64) -> [f64; 4] {
    let fixed = q * v.ln() - ln_gamma(q);
    let mut sums = [0.0; 4];
    for same in rows.chunk_by(|a, b| a.0.x == b.0.x) {
        let x = same[0].0.x;
        let shape = p * x;
        let shared = fixed + rise(shape, q) + shape * x.ln();
        let (by_shape, by_q) = (rise_slope(shape, q), rise_slope(q, shape) + v.ln());
        for (row, weight) in same {
            let whole = x * row.mean + v;
            let ln_whole = whole.ln();
            sums[0] += weight * (shared + (shape - 1.0) * row.ln_mean - (shape + q) * ln_whole);
            sums[1] += weight * shape * (by_shape + row.ln_mean + x.ln() - ln_whole);
            sums[2] += weight * q * (by_q - ln_whole);
            sums[3] += weight * (q - v * (shape + q) / whole);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_gradient_is_that_of_the_likelihood(p in -2.0..4.0_f64, q in -1.0..3.0_f64, v in -3.0..5.0_f64, x in 1_u32..2000, mean in -3.0..6.0_f64) {
            let mean = mean.exp();
            let rows = [(Spender { x: f64::from(x), mean, ln_mean: mean.ln() }, 2.0)];
            let at = |p: f64, q: f64, v: f64| log_likelihood(&rows, p.exp(), q.exp(), v.exp());
            let found = at(p, q, v);
            let h = 1e-5;
            for (i, (up, down)) in [(at(p + h, q, v), at(p - h, q, v)), (at(p, q + h, v), at(p, q - h, v)), (at(p, q, v + h), at(p, q, v - h))].into_iter().enumerate() {
                let slope = (up[0] - down[0]) / (2.0 * h);
                prop_assert!((slope - found[i + 1]).abs() < 1e-5 * (1.0 + slope.abs() + found[0].abs()), "{i}: {slope} {}", found[i + 1]);
            }
        }
    }
}
