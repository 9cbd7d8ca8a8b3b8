//! The ways of entities through their events: what follows what, and which channels conversions are owed to.

mod attribution;
mod journey;
mod table;

pub use attribution::{Attribution, AttributionMethod, AttributionParams, Credit, attribution};
pub use journey::{Journey, JourneyLoop, JourneyParams, JourneyPath, JourneyTransition, journey};
