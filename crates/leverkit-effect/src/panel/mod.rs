//! Outcomes per unit and period, from a ledger or from a frame, and what the designs need of them: moments by cohort.

mod histories;
mod joint;
mod moments;
mod read;

pub use histories::NotCompared;
pub(crate) use histories::{Histories, Joined, Timeline, said};
pub(crate) use joint::{Contrast, Joint};
pub use moments::{CohortMoments, Moments, NEVER};
pub use read::{Panel, PanelColumns};
