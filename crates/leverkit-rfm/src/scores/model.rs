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
        for (measure, bins) in Measure::ALL.into_iter().zip(model.params.bins) {
            let cuts = model.cuts_of(measure);
            if cuts.is_empty() {
                return Err(Error::format("score model", &format!("no cut points for {}", measure.name())));
            }
            if let Some(cut) = cuts.into_iter().find(|cut| !cut.fits(bins)) {
                let (points, name) = (cut.edges.len(), measure.name());
                let said = format!("{} bins of {bins} for {points} cut points of {name}", cut.bins);
                return Err(Error::format("score model", &said));
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

#[cfg(test)]
mod tests {
    use leverkit_core::{Ledger, Roles, batch};

    use super::*;

    #[test]
    fn cut_points_beyond_their_bins_are_refused() {
        let lines =
            batch!("c" => ["a", "b", "c"], "t" => ["2024-01-05", "2024-01-20", "2024-01-31"], "a" => [2.0, 3.0, 1.0]);
        let ledger = Ledger::from_batches(&[lines.unwrap()], &Roles::new("c", "t").amount("a")).unwrap();
        let model = crate::score(&ledger, &ScoreParams::default()).unwrap().model;
        for bins in [0, 1, 4, 6, 255] {
            let mut forged = model.clone();
            forged.cuts[0].bins = bins;
            let said = ScoreModel::from_json(&forged.to_json().unwrap()).unwrap_err().to_string();
            assert!(said.contains(&format!("{bins} bins of 5 for 4 cut points")), "{said}");
        }
    }
}
