//! The quality of answers as a record batch.

use leverkit_core::frames::each;
use leverkit_core::{Error, RecordBatch, batch};

use super::Check;

/// One row per check: `check` (respondents, `dont_know`, unanswered, `straight_lining`, speeding, contradictory), `respondents` that show it (null where it could
/// not be looked for), `answers` that show it, `share` of respondents, `dropped` (whether they were left out).
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_survey::answers::quality_batch;
/// assert_eq!(quality_batch(&[])?.num_columns(), 5);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn quality_batch(rows: &[Check]) -> Result<RecordBatch, Error> {
    batch!(
        "check" => each(rows, |row| row.check),
        "respondents" => each(rows, |row| row.respondents),
        "answers" => each(rows, |row| row.answers),
        "share" => each(rows, |row| row.share),
        "dropped" => each(rows, |row| row.dropped),
    )
}
