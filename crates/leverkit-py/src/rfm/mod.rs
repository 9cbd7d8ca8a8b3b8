//! RFM for Python.

pub(crate) mod retention;
pub(crate) mod scores;
