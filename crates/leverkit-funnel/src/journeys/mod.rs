//! The paths of entities through their events: what follows what, and which channels get credit for conversions.

mod attribution;
mod journey;
mod params;
mod table;

pub use attribution::{Attribution, Credit, attribution};
pub use journey::{Journey, JourneyLoop, JourneyPath, JourneyTransition, journey};
pub use params::{AttributionMethod, AttributionParams, JourneyParams};
