//! The effect of a programme, a campaign, a test, for Python: one file per topic.

pub(crate) mod did;
pub(crate) mod holdout;
pub(crate) mod liability;
pub(crate) mod monitor;
pub(crate) mod programme;
pub(crate) mod synthetic;
pub(crate) mod trial;
