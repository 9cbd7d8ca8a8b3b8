//! The ways of entities through their events: what follows what, and which channels conversions are owed to.

mod attribution;
mod journey;
mod params;
mod table;

pub use attribution::{Attribution, Credit, attribution};
pub use journey::{Journey, JourneyLoop, JourneyPath, JourneyTransition, journey};
pub use params::{AttributionMethod, AttributionParams, JourneyParams};
