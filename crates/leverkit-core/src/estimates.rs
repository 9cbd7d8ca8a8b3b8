//! Estimates as tables, so that those of all engines have the same columns.

use leverkit_stats::{Estimate, Term};

use crate::frames::{beside, each, number};
use crate::{Error, RecordBatch, batch};

/// One row per term: `term`, `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`, `reason`.
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_core::{estimates::terms_batch, stats::Term};
/// let term = Term { term: "price".into(), estimate: None, reason: Some("it does not vary".into()) };
/// assert_eq!(terms_batch(&[term])?.num_columns(), 8);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn terms_batch(rows: &[Term]) -> Result<RecordBatch, Error> {
    let names = batch!("term" => each(rows, |row| row.term.as_str()))?;
    let reasons = batch!("reason" => each(rows, |row| row.reason.as_deref()))?;
    beside(&[names, estimates_batch(&each(rows, |row| row.estimate))?, reasons])
}

/// The columns of estimates: `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`; what is no number is null.
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// let empty = leverkit_core::estimates::estimates_batch(&[None])?;
/// assert_eq!((empty.num_rows(), empty.num_columns()), (1, 6));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn estimates_batch(rows: &[Option<Estimate>]) -> Result<RecordBatch, Error> {
    let of = |part: fn(&Estimate) -> f64| each(rows, |found| found.as_ref().and_then(|found| number(part(found))));
    batch!(
        "estimate" => of(|found| found.interval.estimate),
        "std_error" => of(|found| found.std_error),
        "lower" => of(|found| found.interval.lower),
        "upper" => of(|found| found.interval.upper),
        "t" => of(|found| found.t),
        "p_value" => of(|found| found.p_value),
    )
}
