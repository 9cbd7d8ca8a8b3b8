//! Shares compared with shares. In floating point 0.28 · 25 is 7.000000000000001 and a product of shares that should be ½ lies a bit above it, so
//! that the last bit would decide. Where there are counts they are compared; elsewhere these say which numbers are the same.

/// Numbers that differ by this part of themselves are the same: far more than rounding leaves after ten thousand factors, far less than one
/// customer among a billion makes.
const SAME: f64 = 1e-10;

/// Whether a number is at most a limit, or differs from it by rounding alone.
///
/// ```
/// assert!(leverkit_stats::at_most(0.1 + 0.2, 0.3) && !leverkit_stats::at_most(0.300_001, 0.3));
/// ```
#[inline]
pub fn at_most(value: f64, limit: f64) -> bool {
    value <= limit + SAME * limit.abs()
}

/// Whether a number is at least a limit, or differs from it by rounding alone.
///
/// ```
/// assert!(leverkit_stats::at_least(1.0 - 0.9, 0.1) && !leverkit_stats::at_least(0.099_999, 0.1));
/// ```
#[inline]
pub fn at_least(value: f64, limit: f64) -> bool {
    value >= limit - SAME * limit.abs()
}

/// The least whole number that is at least a share of `n`.
///
/// ```
/// assert_eq!(leverkit_stats::least_count(0.28, 25), 7);
/// assert_eq!(leverkit_stats::least_count(0.281, 25), 8);
/// ```
pub fn least_count(share: f64, n: u64) -> u64 {
    (share * n as f64 * (1.0 - SAME)).ceil() as u64
}
