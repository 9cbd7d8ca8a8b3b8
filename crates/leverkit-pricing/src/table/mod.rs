//! Results as polars frames; the one room of this crate that builds frames.

mod competitors;
mod deals;
mod indices;
mod market;
mod surveys;

pub use deals::comparison_frame;
pub use market::outcomes_frame;
pub use surveys::simulated_frame;

use leverkit_core::Day;
use leverkit_core::polars::prelude::*;

use crate::{Error, Estimate, LeftOut, Term};

/// One row a reason: `reason`, `rows`, `first_row` (from 0), `money` (of those rows, as far as it is known).
///
/// # Errors
/// [`Error::Core`] where the frame library refuses.
pub fn left_out_frame(rows: &[LeftOut]) -> Result<DataFrame, Error> {
    Ok(df!(
        "reason" => each(rows, |row| row.reason),
        "rows" => each(rows, |row| row.rows),
        "first_row" => each(rows, |row| row.first_row),
        "money" => each(rows, |row| row.money),
    )?)
}

/// One row a term: `term`, `estimate`, `std_error`, `lower`, `upper`, `t`, `p_value`, `reason`.
///
/// # Errors
/// [`Error::Core`] where the frame library refuses.
pub fn terms_frame(rows: &[Term]) -> Result<DataFrame, Error> {
    let names = df!("term" => each(rows, |row| row.term.as_str()))?;
    let reasons = df!("reason" => each(rows, |row| row.reason.as_deref()))?;
    let found = estimates(&each(rows, |row| row.estimate))?;
    Ok(names.hstack(found.columns())?.hstack(reasons.columns())?)
}

/// The columns of estimates; what is no number is null.
fn estimates(terms: &[Option<Estimate>]) -> Result<DataFrame, Error> {
    let of = |part: fn(&Estimate) -> f64| each(terms, |found| found.as_ref().and_then(|found| number(part(found))));
    Ok(df!(
        "estimate" => of(|found| found.value),
        "std_error" => of(|found| found.std_error),
        "lower" => of(|found| found.lower),
        "upper" => of(|found| found.upper),
        "t" => of(|found| found.t),
        "p_value" => of(|found| found.p_value),
    )?)
}

/// Puts the values of key columns before a frame's, picked for each row.
fn with_keys(frame: DataFrame, keys: &[Series], rows: Vec<IdxSize>) -> Result<DataFrame, Error> {
    let places = IdxCa::from_vec("".into(), rows);
    let mut columns =
        keys.iter().map(|key| Ok(key.take(&places)?.into_column())).collect::<PolarsResult<Vec<Column>>>()?;
    let height = frame.height();
    columns.extend(frame.into_columns());
    Ok(DataFrame::new(height, columns)?)
}

fn dates(name: &str, days: Vec<Option<Day>>) -> PolarsResult<Column> {
    Ok(Series::new(name.into(), days).cast(&DataType::Date)?.into_column())
}

/// A number; null where there is none.
fn number(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

fn each<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
