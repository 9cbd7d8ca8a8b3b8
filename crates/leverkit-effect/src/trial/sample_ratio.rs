//! Whether the arms of a test are as large as they were to be: the sample-ratio check.

use leverkit_core::check;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::Error;

/// Pearson's χ² of the arms' sizes against their shares, and its p-value. A small one says that units were lost or assigned unevenly: then no effect of
/// the test can be trusted (Fabijan et al. 2019).
///
/// # Errors
/// [`Error::Core`] for fewer than two arms, or shares that are none.
///
/// ```
/// let (chi2, p) = leverkit_effect::trial::sample_ratio(&[10_000, 9_700], &[0.5, 0.5])?;
/// assert!((chi2 - 4.568528).abs() < 1e-6 && (p - 0.032565).abs() < 1e-6);
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn sample_ratio(counts: &[u64], shares: &[f64]) -> Result<(f64, f64), Error> {
    let total = counts.iter().sum::<u64>() as f64;
    check::that(counts.len() > 1 && total > 0.0, "counts", &counts, "the sizes of two or more arms")?;
    let are_shares = shares.len() == counts.len() && shares.iter().all(|share| *share > 0.0 && share.is_finite());
    check::that(are_shares, "shares", &shares, "a share above 0 for each arm")?;
    let whole: f64 = shares.iter().sum();
    let part = |(count, share): (&u64, &f64)| {
        let expected = total * share / whole;
        (*count as f64 - expected).powi(2) / expected
    };
    let chi2: f64 = counts.iter().zip(shares).map(part).sum();
    let p_value = ChiSquared::new(counts.len() as f64 - 1.0).map_or(f64::NAN, |law| law.sf(chi2));
    Ok((chi2, p_value))
}
