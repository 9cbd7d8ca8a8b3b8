//! What people say beside what they do: respondents who are customers of a ledger.

mod answered;
mod compared;
mod measures;
mod met;
mod params;
mod table;
mod worth;

pub use met::{MetNeed, MetNeeds, met_needs};
pub use params::{MetNeedsParams, WorthParams};
pub use worth::{SegmentWorth, WorthCell, WorthSegment, worth};
