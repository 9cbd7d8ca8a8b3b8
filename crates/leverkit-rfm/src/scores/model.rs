//! Parameters and cut points, to be kept and to score other customers the same way.

use leverkit_core::{Day, Params};
use serde::{Deserialize, Serialize};

use super::cuts::Cut;
use super::measures::Measure;
use super::params::ScoreParams;
use crate::Error;

/// Parameters and cut points: all that is needed to score other customers the same way.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{ScoreModel, ScoreParams, score};
/// let lines = batch!("c" => ["ann", "bob", "eve"], "t" => ["2024-01-05", "2024-01-20", "2024-01-31"], "a" => [20.0, 30.0, 15.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let model = score(&ledger, &ScoreParams::default())?.model;
/// assert_eq!(ScoreModel::from_json(&model.to_json()?)?, model);
/// assert!(ScoreModel::from_json("{}").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreModel {
    /// The parameters.
    pub params: ScoreParams,
    /// `as_of` of the customers whose values made the cut points.
    pub fitted_as_of: Day,
    /// The cut points of each measure.
    pub cuts: Vec<Cut>,
}

impl ScoreModel {
    pub(super) fn cuts_of(&self, measure: Measure) -> Vec<&Cut> {
        self.cuts.iter().filter(|cut| cut.measure == measure).collect()
    }

    /// The model as JSON.
    ///
    /// # Errors
    /// [`Error::Format`] where it cannot be written.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|error| Error::format("score model", &error))
    }

    /// Reads a model from JSON.
    ///
    /// # Errors
    /// [`Error::Format`] where the text is no model, [`Error::Core`] where its parameters are wrong.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let model: Self = serde_json::from_str(text).map_err(|error| Error::format("score model", &error))?;
        model.params.check()?;
        for measure in Measure::ALL {
            if model.cuts_of(measure).is_empty() {
                return Err(Error::format("score model", &format!("no cut points for {}", measure.name())));
            }
        }
        Ok(model)
    }
}

/// The cut of a customer with these scores; where no customer had them when the cuts were made, the nearest scores'.
pub(super) fn within<'a>(cuts: &[&'a Cut], scores: &[u8]) -> &'a Cut {
    let distance = |cut: &Cut| -> u32 { cut.within.iter().zip(scores).map(|(a, b)| u32::from(a.abs_diff(*b))).sum() };
    let mut nearest = cuts[0];
    for cut in cuts {
        if distance(cut) < distance(nearest) {
            nearest = cut;
        }
    }
    nearest
}
