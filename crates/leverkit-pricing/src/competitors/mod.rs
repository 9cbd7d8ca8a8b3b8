//! Against competitors: where own prices stand, what products ask for what they offer, what an attribute is worth, and who follows whom.

mod hedonic;
mod leadership;
mod params;
mod position;
mod table;
mod value_map;

pub use hedonic::{Hedonic, Worth, hedonic};
pub use leadership::{Leadership, Reaction, leadership};
pub use params::{HedonicParams, LeadershipParams, PositionParams, ValueMapParams};
pub use position::{Position, PositionIndex, ProductPosition, position};
pub use value_map::{MappedProduct, ValueMap, value_map};
