//! Best–worst choices, `MaxDiff` (Louviere, Flynn & Marley 2015): what matters most, from choices of the best and the worst of a few things at a time. Trade-offs leave
//! no room for using a rating scale in one's own way.
//!
//! Things may be anything: features, needs, or levels of attributes shown as a profile (case 2), named "attribute: level".

mod analysis;
mod anchor;
mod design;
mod individual;
mod likelihood;
mod params;
mod table;
mod tasks;

pub use analysis::{Item, MaxDiff, maxdiff};
pub use design::{MaxDiffDesign, maxdiff_design};
pub use individual::{Individuals, Person};
pub use params::{MaxDiffDesignParams, MaxDiffParams, Model};
