//! Tests before they start: how many customers and weeks they need, what they can show, and who is treated.

mod design;
pub(crate) mod moments;
mod outcomes;
mod params;
mod randomise;
mod relabel;
mod sample_ratio;
mod size;
mod table;

pub use design::{LengthPower, PlaceboTest, TestDesign, TestLength, design};
pub use outcomes::Metric;
pub use params::{DesignParams, RandomiseParams};
pub use randomise::{ArmBalance, Assignment, randomise};
pub use sample_ratio::sample_ratio;
pub use size::{SizeFormula, SizeParams, sample_size};
