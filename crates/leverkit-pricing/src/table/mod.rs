//! Results as record batches; the one room of this crate that makes them.

mod competitors;
mod deals;
mod indices;
mod market;
mod surveys;

pub use deals::comparison_batch;
pub use market::outcomes_batch;
pub use surveys::simulated_batch;

use leverkit_core::frames::{each, number};
use leverkit_core::{Column, RecordBatch, Table, batch};

use crate::{Error, Estimate, LeftOut, Term};

/// One row a reason: `reason`, `rows`, `first_row` (from 0), `money` (of those rows, as far as it is known).
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn left_out_batch(rows: &[LeftOut]) -> Result<RecordBatch, Error> {
    Ok(batch!(
        "reason" => each(rows, |row| row.reason),
        "rows" => each(rows, |row| row.rows),
        "first_row" => each(rows, |row| row.first_row),
        "money" => each(rows, |row| row.money),
    )?)
}

/// One row a term: `term`, `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`, `reason`.
///
/// # Errors
/// [`Error::Core`] where Arrow refuses.
pub fn terms_batch(rows: &[Term]) -> Result<RecordBatch, Error> {
    let names = batch!("term" => each(rows, |row| row.term.as_str()))?;
    let reasons = batch!("reason" => each(rows, |row| row.reason.as_deref()))?;
    beside(&[names, estimates(&each(rows, |row| row.estimate))?, reasons])
}

/// The columns of estimates; what is no number is null.
fn estimates(terms: &[Option<Estimate>]) -> Result<RecordBatch, Error> {
    let of = |part: fn(&Estimate) -> f64| each(terms, |found| found.as_ref().and_then(|found| number(part(found))));
    Ok(batch!(
        "estimate" => of(|found| found.interval.estimate),
        "std_error" => of(|found| found.std_error),
        "lower" => of(|found| found.interval.lower),
        "upper" => of(|found| found.interval.upper),
        "t" => of(|found| found.t),
        "p_value" => of(|found| found.p_value),
    )?)
}

/// The columns of tables of equal height side by side. A column of the user's that is called as one of ours is refused.
fn beside(parts: &[RecordBatch]) -> Result<RecordBatch, Error> {
    let columns: Vec<Column> = parts.iter().flat_map(|part| Table::from(part).columns().to_vec()).collect();
    let is_repeated = |at: &usize| columns[..*at].iter().any(|known| known.name() == columns[*at].name());
    if let Some(at) = (0..columns.len()).find(is_repeated) {
        let column = columns[at].name().into();
        return Err(leverkit_core::Error::TwoColumns { role: "result".into(), column }.into());
    }
    Ok(Table::new(columns)?.to_batch()?)
}

/// Puts the values of key columns before a table's, picked for each row.
fn with_keys(batch: RecordBatch, keys: &[Column], rows: &[u32]) -> Result<RecordBatch, Error> {
    let keys: Vec<Column> = keys.iter().map(|key| key.take(rows)).collect::<Result<_, _>>()?;
    beside(&[Table::new(keys)?.to_batch()?, batch])
}
