//! Results as polars frames; the one room of this crate that builds frames.

mod clv;
mod retention;
mod scores;

pub use clv::{column, next_orders_frame};
pub use scores::SegmentRow;

use leverkit_core::Day;
use leverkit_core::polars::prelude::*;

use crate::Error;

/// Days as a Date column.
fn dates(days: impl Iterator<Item = Option<Day>>) -> Series {
    days.collect::<Int32Chunked>().into_date().into_series()
}

/// The ids of customers given by code.
fn ids(all: &Series, codes: impl Iterator<Item = u32>) -> Result<Series, Error> {
    let codes: IdxCa = codes.map(Some).collect();
    Ok(all.take(&codes)?)
}

/// Names by position, where there is one.
fn names(all: &[String], positions: impl Iterator<Item = Option<u8>>) -> Vec<Option<&str>> {
    positions.map(|position| position.map(|position| all[usize::from(position)].as_str())).collect()
}
