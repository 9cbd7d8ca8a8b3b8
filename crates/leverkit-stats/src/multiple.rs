//! Many tests at once.

use rayon::prelude::*;

/// q-values by Benjamini & Hochberg (1995): rejecting those at most `q` keeps the expected share of false discoveries at `q`.
/// NaN stays NaN and does not count as a test.
///
/// ```
/// let q = leverkit_stats::benjamini_hochberg(&[0.01, 0.04, 0.03, f64::NAN, 0.5]);
/// assert_eq!(q[..3], [0.04, 0.16 / 3.0, 0.16 / 3.0]);
/// assert!(q[3].is_nan() && q[4] == 0.5);
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    benjamini_hochberg_of(p_values, p_values.iter().filter(|p| !p.is_nan()).count() as u64)
}

/// The same where `tests` tests were made and those that are not listed have greater p-values than all that are.
///
/// ```
/// let q = leverkit_stats::benjamini_hochberg_of(&[0.001, 0.004], 100);
/// assert_eq!(q, [0.1, 0.2]);
/// ```
pub fn benjamini_hochberg_of(p_values: &[f64], tests: u64) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = p_values.iter().copied().zip(0..).filter(|(p, _)| !p.is_nan()).collect();
    // Equal values get equal results in whichever order.
    order.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let tests = tests as f64;
    let mut q_values = vec![f64::NAN; p_values.len()];
    let mut least = 1.0f64;
    for (rank, &(p, test)) in order.iter().enumerate().rev() {
        least = least.min(p * tests / (rank + 1) as f64);
        q_values[test] = least;
    }
    q_values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_get_equal_results_in_whichever_order() {
        let p_values: Vec<f64> = (0..5000_u32).map(|test| f64::from(test.wrapping_mul(40_503) % 977) / 976.0).collect();
        let backwards: Vec<f64> = p_values.iter().rev().copied().collect();
        let mut found = benjamini_hochberg(&backwards);
        found.reverse();
        assert_eq!(found, benjamini_hochberg(&p_values));
        let of = |p: f64| found.iter().zip(&p_values).filter(move |(_, own)| **own == p).map(|(q, _)| *q);
        assert!(of(0.5).count() > 4 && of(0.5).all(|q| of(0.5).next() == Some(q)));
    }
}
