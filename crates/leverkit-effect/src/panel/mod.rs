//! Outcomes per unit and period, from a ledger or from a frame, and what the designs need of them: moments by cohort.

mod capped;
mod histories;
mod joint;
mod moments;
mod of_units;
mod read;

pub(crate) use capped::Capped;
pub use histories::NotCompared;
pub(crate) use histories::{Histories, Joined, MemberColumns, Timeline, said};
pub(crate) use joint::{Clusters, Contrast, Joint, Units};
pub use moments::{CohortMoments, Moments, NEVER};
pub(crate) use read::Sections;
pub use read::{Panel, PanelColumns};
