//! Pricing for Python.

pub(crate) mod competitors;
pub(crate) mod deal;
pub(crate) mod demand;
pub(crate) mod indices;
