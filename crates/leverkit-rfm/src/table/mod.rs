//! Results as record batches; the one room of this crate that builds them.

mod clv;
mod retention;
mod scores;

pub use clv::{column, next_orders_batch};
pub use scores::SegmentRow;

use leverkit_core::Column;

use crate::Error;

/// The ids of customers given by code.
fn ids(all: &Column, codes: impl Iterator<Item = u32>) -> Result<Column, Error> {
    Ok(all.take(&codes.collect::<Vec<_>>())?)
}

/// Names by position, where there is one.
fn names(all: &[String], positions: impl Iterator<Item = Option<u8>>) -> Vec<Option<&str>> {
    positions.map(|position| position.map(|position| all[usize::from(position)].as_str())).collect()
}
