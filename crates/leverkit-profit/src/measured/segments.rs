//! The formula measured for each value of a dimension.

use leverkit_core::Ledger;
use serde::Serialize;

use super::books::BookEntry;
use super::measure;
use super::params::MeasureParams;
use super::result::Measurement;
use crate::Error;

/// The parameters of the full formula by segment and period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredSegments {
    /// The dimension.
    pub by: String,
    /// Its values, in order, each measured on its own.
    pub segments: Vec<(String, Measurement)>,
}

/// Measures each value of a dimension on its own lines. Books count for the segment that they name; those that name none are left out, and
/// their parameters are among the missing.
///
/// # Errors
/// As [`measure`]; [`Error::Core`] where the ledger has no such dimension, or no line has a value of it.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_profit::{MeasureParams, measure_by};
/// let lines = batch!("who" => [1, 1, 2], "day" => ["2024-01-05", "2024-02-09", "2024-01-20"], "paid" => [10.0, 12.0, 20.0], "shop" => ["b", "b", "a"])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles { dimensions: vec!["shop".into()], ..Roles::new("who", "day").amount("paid") })?;
/// let found = measure_by(&ledger, "shop", &MeasureParams { limit_day: 30, ..MeasureParams::default() }, &[])?;
/// let revenue = found.segments.iter().map(|(shop, found)| (shop.as_str(), found.periods[0].revenue));
/// assert_eq!(revenue.collect::<Vec<_>>(), [("a", 20.0), ("b", 10.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn measure_by(
    ledger: &Ledger,
    by: &str,
    params: &MeasureParams,
    books: &[BookEntry],
) -> Result<MeasuredSegments, Error> {
    let values = ledger.dimension_values(by)?;
    if values.is_empty() {
        return Err(Error::parameter("by", format!("{by:?}, which no line has"), "a dimension with values"));
    }
    let one = |value: String| {
        let lines = ledger.where_in(by, std::slice::from_ref(&value))?;
        let own = books.iter().filter(|entry| entry.segment.as_ref() == Some(&value));
        let found = measure(&lines, params, &own.cloned().collect::<Vec<_>>())?;
        Ok((value, found))
    };
    let segments = values.into_iter().map(one).collect::<Result<_, Error>>()?;
    Ok(MeasuredSegments { by: by.into(), segments })
}
