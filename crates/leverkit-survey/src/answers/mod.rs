//! The answer table that all surveys share: who answered what, how it is read, and how sure a number over respondents is.
//!
//! [`Answers::read`] lays answers out by question, item and respondent, whichever way they come: one row per respondent, per respondent and item, or per
//! answer. The respondent is the unit of all inference: [`Respondents::bootstrap`] draws people, within strata, with their weights.

mod doubts;
mod labels;
mod params;
mod people;
mod read;
mod reading;
mod respondents;
mod scale;
mod sheet;
mod table;

pub use doubts::{Check, Doubt};
pub use labels::{AGREEMENT, IMPORTANCE, KANO, KANO_OF_THREE, RATING, SATISFACTION, YES_NO};
pub(crate) use params::check_population;
pub use params::{AnswerParams, Layout};
pub(crate) use people::People;
pub use read::{Answers, Question};
pub(crate) use reading::{Reading, places};
pub use respondents::{FEW, Respondents};
pub use scale::{LabelSet, Scale};
pub use table::quality_batch;
