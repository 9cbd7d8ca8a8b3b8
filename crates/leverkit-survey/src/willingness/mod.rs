//! What people would pay: prices that they name, prices at which they would buy, and choices and ratings of products that have a price.

mod answers;
mod choices;
mod conjoint;
mod curves;
mod gabor_granger;
mod outside;
mod params;
mod part_worths;
mod rating;
mod table;
mod van_westendorp;

pub use conjoint::{ChoiceElasticity, Conjoint, SimulatedProduct, conjoint};
pub use gabor_granger::{BestPrice, GaborGranger, PriceDemand, gabor_granger};
pub use params::{ConjointParams, GaborGrangerParams, Intersection, RangeRule, RatingParams, WestendorpParams};
pub use part_worths::{Importance, LevelWorth, PartWorths, Willingness};
pub use rating::{RatingConjoint, rating_conjoint};
pub use table::simulated_batch;
pub use van_westendorp::{PricePoint, Westendorp, van_westendorp};
