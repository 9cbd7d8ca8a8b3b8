//! Counts in sentences.

use std::fmt::Display;

/// A count with the noun's form, and what else depends on it.
///
/// ```
/// use leverkit_core::counted;
/// assert_eq!(counted(1, "customer has", "customers have"), "1 customer has");
/// assert_eq!(counted(2, "customer has", "customers have"), "2 customers have");
/// ```
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let form = if count == N::from(1) { one } else { many };
    format!("{count} {form}")
}
