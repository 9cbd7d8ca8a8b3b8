//! Many tests at once.

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
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&i| !p_values[i].is_nan()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let tests = tests as f64;
    let mut q_values = vec![f64::NAN; p_values.len()];
    let mut least = 1.0f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        least = least.min(p_values[test] * tests / (rank + 1) as f64);
        q_values[test] = least;
    }
    q_values
}
