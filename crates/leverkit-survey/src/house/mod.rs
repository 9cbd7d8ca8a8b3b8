//! From needs to the product: weights by pairwise comparisons, and the house of quality.

mod agreement;
mod ahp;
mod answers;
mod choice;
mod comparisons;
mod house_of_quality;
mod input;
mod params;
mod table;
mod weights;

pub use agreement::{Concordance, Metric, krippendorff_alpha};
pub use ahp::{Ahp, AhpItem, AhpJudge, AhpJudgement, ahp};
pub use answers::HouseAnswerParams;
pub use choice::{HouseChoice, HouseChoiceRow};
pub use house_of_quality::{HouseNeed, HouseOfQuality, HousePair, HouseRow, HouseScale, house_of_quality};
pub use input::{Characteristic, HouseInput, Need, Relation, RoofCell};
pub use params::{AhpParams, HouseMethod, HouseParams, RandomIndex};
