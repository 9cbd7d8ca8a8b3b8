//! Kano's model (Kano et al. 1984): which features people take for granted, want more of, are delighted by, or do not care about.
//!
//! Each feature is asked about twice: how people would feel if it were there, and if it were not. The pair of answers gives a category; a survey gives
//! a distribution of categories, and a feature is called by one of them only where the others are surely fewer.

mod analysis;
mod categories;
mod continuous;
mod counts;
mod drift;
mod feature;
mod params;
mod priorities;
mod segments;
mod table;

pub use analysis::{Kano, kano};
pub use categories::{Category, Evaluation};
pub use continuous::{Continuous, Quadrant};
pub use drift::{Drift, Movement};
pub use feature::{Feature, Status};
pub use params::{KanoParams, Reverse};
pub use priorities::{Priorities, Priority, PriorityParams};
pub use segments::{Difference, SegmentFeature};
