//! Needs: segments of respondents who want the same, and missions of orders.

mod answers;
mod covariates;
mod data;
mod em;
mod fits;
mod lost;
mod missions;
mod model;
mod params;
mod segments;
mod selection;
mod table;
mod typing;

pub use covariates::{CovariateTerm, Covariates, Outcome};
pub use lost::LostMission;
pub use missions::{Mission, MissionCategory, MissionCustomer, MissionFit, Missions, needs_from_baskets};
pub use params::{ItemKind, MissionParams, NeedsItem, NeedsParams};
pub use segments::{Needs, NeedsAssignment, NeedsProfile, NeedsSegment, needs};
pub use selection::NeedsFit;
pub use typing::TypingStep;
