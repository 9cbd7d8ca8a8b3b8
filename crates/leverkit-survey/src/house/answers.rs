//! Weights of needs by what respondents say: the mean of each, and the means of respondents drawn anew.

use leverkit_core::columns::find;
use leverkit_core::left_out::Tallies;
use leverkit_core::{Error as CoreError, Params, Reason, Table};
use serde::{Deserialize, Serialize};

use super::input::HouseInput;
use super::params::HouseParams;
use crate::Error;
use crate::answers::{AnswerParams, IMPORTANCE, People, Reading, check_population};

/// Why a row of answers is left out.
const REASONS: [Reason; 3] = [Reason::NullRespondent, Reason::AnswerWithoutWeight, Reason::RepeatedAnswer];

/// Who answered how much needs matter, in a table with one row per respondent and one column per need.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HouseAnswerParams {
    /// Who answered; without it each row is a respondent.
    pub respondent: Option<String>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// How many people there are to be asked, where they are few.
    pub population: Option<f64>,
    /// How answers are written, in the place of the labels that are known: each with the label or number that it stands for.
    pub scale: Vec<(String, String)>,
}

impl HouseAnswerParams {
    /// The columns that are read beside those of the needs.
    pub fn columns(&self) -> Vec<String> {
        self.respondent.iter().chain(&self.weight).chain(&self.strata).cloned().collect()
    }
}

impl Params for HouseAnswerParams {
    fn check(&self) -> Result<(), CoreError> {
        check_population(self.population)
    }
}

impl HouseInput {
    /// The same house with weights by answers: each need is a column, whose values are numbers of 0 or more, or labels of importance. Respondents who left a
    /// need out do not count.
    ///
    /// # Errors
    /// [`Error::Core`] for an unknown column or label, or a number below 0; [`Error::Empty`] where nobody answered all needs.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_survey::{Characteristic, HouseAnswerParams, HouseInput, HouseParams, Need, Relation, house_of_quality};
    /// let need = |name: &str| Need { name: name.into(), weight: None, current: None, target: None, sales_point: None, competitors: vec![] };
    /// let part = |name: &str| Characteristic { name: name.into(), target: None, difficulty: None, cost: None };
    /// let cell = |need: &str, part: &str| Relation { need: need.into(), characteristic: part.into(), strength: 9.0, judge: None };
    /// let house = HouseInput {
    ///     needs: vec![need("fast"), need("cheap")],
    ///     characteristics: vec![part("engine"), part("paint")],
    ///     relations: vec![cell("fast", "engine"), cell("cheap", "paint")],
    ///     ..HouseInput::default()
    /// };
    /// let answers = Table::from(batch!("fast" => [5, 4, 5], "cheap" => [1, 2, 4])?);
    /// let params = HouseParams::default();
    /// let house = house.answered(&answers, &HouseAnswerParams::default(), &params)?;
    /// assert!((house_of_quality(&house, &params)?.rows[0].relative - 14.0 / 21.0).abs() < 1e-12);
    /// # Ok::<(), leverkit_survey::Error>(())
    /// ```
    pub fn answered(mut self, table: &Table, asked: &HouseAnswerParams, params: &HouseParams) -> Result<Self, Error> {
        asked.check()?;
        params.check()?;
        let mut tallies = Tallies::default();
        let who = AnswerParams::people(
            asked.respondent.as_ref(),
            asked.weight.as_ref(),
            asked.strata.as_ref(),
            asked.population,
        );
        let people = People::read(table, &who, &mut tallies)?;
        let respondent = asked.respondent.as_ref().map(|name| find(table, "respondent", name)).transpose()?;
        let reading = Reading { table, own: &asked.scale, respondent };
        let names: Vec<&String> = self.needs.iter().map(|need| &need.name).collect();
        let cells = reading.numbers("answers", &names, &IMPORTANCE)?;
        check_weights(&names, &cells)?;
        let firsts = people.firsts(&mut tallies);
        let is_whole = |&at: &u32| cells.iter().all(|cells| !cells[firsts[at as usize]].is_nan());
        let kept: Vec<u32> = (0..firsts.len() as u32).filter(is_whole).collect();
        self.left_out = tallies.left_out(&REASONS);
        if kept.is_empty() {
            return Err(Error::empty("house_of_quality", table.rows(), &self.left_out));
        }
        let (all, out) = (firsts.len(), firsts.len() - kept.len());
        if out > 0 {
            self.notes.push(format!("{out} of {all} respondents left out: no answer on one of the needs."));
        }
        let rows: Vec<usize> = kept.iter().map(|&at| firsts[at as usize]).collect();
        let sample = people.respondents.picked(&kept)?;
        let means = |weights: &[f64]| means(&cells, &rows, weights);
        self.weight_draws = sample.bootstrap(params.draws, params.seed, means)?;
        self.needs.iter_mut().zip(means(&sample.weights)).for_each(|(need, weight)| need.weight = Some(weight));
        Ok(self)
    }
}

fn check_weights(needs: &[&String], cells: &[Vec<f64>]) -> Result<(), Error> {
    for (need, values) in needs.iter().zip(cells) {
        if let Some(row) = values.iter().position(|value| *value < 0.0) {
            let got = format!("{} for {need:?} in row {row}", values[row]);
            return Err(Error::parameter("answers", got, "numbers of 0 or more"));
        }
    }
    Ok(())
}

/// The weighted mean of each need.
fn means(cells: &[Vec<f64>], rows: &[usize], weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    let mean =
        |cells: &Vec<f64>| rows.iter().zip(weights).map(|(&row, weight)| weight * cells[row]).sum::<f64>() / total;
    cells.iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::super::house_of_quality::tests::input;
    use super::*;
    use crate::house_of_quality;

    fn table() -> Table {
        batch!(
            "who" => ["a", "b", "c", "c", "d"],
            "x" => [Some("very important"), Some("важно"), Some("important"), Some("important"), None],
            "y" => ["not important", "не важно", "neutral", "neutral", "neutral"],
            "z" => ["unimportant", "не важно", "very unimportant", "neutral", "neutral"],
            "w" => [1.0, 1.0, 2.0, 2.0, 1.0]
        )
        .unwrap()
        .into()
    }

    /// x: (5 + 4 + 2·4) / 4, y: (2 + 2 + 2·3) / 4, z: (2 + 2 + 2·1) / 4, by the labels of both languages.
    #[test]
    fn weights_are_the_weighted_means_of_labels() {
        let asked = HouseAnswerParams {
            respondent: Some("who".into()),
            weight: Some("w".into()),
            ..HouseAnswerParams::default()
        };
        let found = input(&[]).answered(&table(), &asked, &HouseParams::default()).unwrap();
        let weights: Vec<f64> = found.needs.iter().filter_map(|need| need.weight).collect();
        assert_eq!(weights, [4.25, 2.5, 1.5]);
        assert_eq!(found.notes, ["1 of 4 respondents left out: no answer on one of the needs."]);
        assert_eq!((found.left_out[0].reason, found.left_out[0].rows), (Reason::RepeatedAnswer, 1));
        let house = house_of_quality(&found, &HouseParams::default()).unwrap();
        assert!(house.needs[0].weight.lower < house.needs[0].weight.upper);
        assert!(house.notes.contains(&found.notes[0]));
    }

    #[test]
    fn a_label_of_no_scale_is_refused() {
        let odd: Table = batch!("x" => ["important", "huge"], "y" => [1, 2], "z" => [1, 2]).unwrap().into();
        let said = input(&[]).answered(&odd, &HouseAnswerParams::default(), &HouseParams::default());
        assert!(said.unwrap_err().to_string().contains("\"huge\""));
    }
}
