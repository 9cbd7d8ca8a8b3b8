//! Funnels for Python.

pub(crate) mod journeys;
pub(crate) mod products;
pub(crate) mod quantities;
pub(crate) mod reverse;
pub(crate) mod stages;
