//! Opportunities (Ulwick 2002): what is important and badly served, judged so that noise is not taken for one.

mod params;
mod posterior;
mod scores;
mod table;

pub use params::{Measure, OpportunityParams};
pub use scores::{Band, Need, Opportunity, SegmentNeed, opportunity};
