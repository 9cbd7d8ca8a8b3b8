//! What the tables of several topics share.

use std::collections::HashSet;

use leverkit_core::{Error, RecordBatch};
use leverkit_stats::Interval;

/// A table of which the caller names columns: no two may have the same name.
pub(crate) fn with_names(role: &str, batch: RecordBatch) -> Result<RecordBatch, Error> {
    let mut names = HashSet::new();
    match batch.schema_ref().fields().iter().find(|field| !names.insert(field.name())) {
        None => Ok(batch),
        Some(twin) => Err(Error::TwoColumns { role: role.into(), column: twin.name().clone() }),
    }
}

pub(crate) fn estimate(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.estimate)
}

pub(crate) fn lower(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.lower)
}

pub(crate) fn upper(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.upper)
}
