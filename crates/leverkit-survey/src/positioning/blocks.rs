//! What respondents say of brands, block by block of statements.

use std::collections::BTreeSet;

use leverkit_core::columns::find;
use leverkit_core::left_out::Tallies;
use leverkit_core::{Groups, LeftOut, NO_CODE, Reason, Table};

use super::params::{PositionMeasure, PositionParams};
use crate::Error;
use crate::answers::{People, RATING, Reading, Respondents};

/// Why a row is left out.
const REASONS: [Reason; 3] = [Reason::UnknownTick, Reason::NullRespondent, Reason::AnswerWithoutWeight];

/// What a respondent says of a brand: the mean answer by block, NaN where there is none, and whether they chose it.
pub(super) struct BlockRow {
    pub(super) person: u32,
    pub(super) brand: u32,
    pub(super) means: Vec<f64>,
    pub(super) choice: Option<f64>,
}

/// Answers by block.
pub(super) struct BlockAnswers<'a> {
    pub(super) params: &'a PositionParams,
    pub(super) brands: Vec<String>,
    pub(super) respondents: Respondents,
    pub(super) rows: Vec<BlockRow>,
    /// Statements of no block.
    pub(super) others: Vec<String>,
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> BlockAnswers<'a> {
    pub(super) fn of(table: &Table, params: &'a PositionParams) -> Result<Self, Error> {
        let mut tallies = Tallies::default();
        let people = People::read(table, &params.people(), &mut tallies)?;
        let respondent = find(table, "respondent", &params.respondent)?;
        let brands = find(table, "brand", &params.brand)?;
        let statements = find(table, "statement", &params.statement)?.texts();
        let reading = Reading { table, own: &params.scale, respondent: Some(respondent.clone()) };
        let values = reading.numbers("value", &[&params.value], &RATING)?.concat();
        let reading = Reading { own: &[], ..reading };
        let choice = params.choice.as_ref().map(|name| reading.flags("choice", name)).transpose()?;
        let block =
            |text: &str| params.blocks.iter().position(|block| block.statements.iter().any(|known| known == text));
        for known in params.blocks.iter().flat_map(|block| &block.statements) {
            if !statements.iter().flatten().any(|text| text == known) {
                return Err(Error::parameter("blocks", format!("{known:?}"), "statements that the answers have"));
            }
        }
        let named = Groups::of(table.rows(), std::slice::from_ref(&brands))?;
        let pairs = Groups::of(table.rows(), &[respondent, brands.clone()])?;
        let width = params.blocks.len();
        let mut sums = vec![(0.0, 0.0); pairs.len() * width];
        let mut keys = vec![None; pairs.len()];
        let mut others = BTreeSet::new();
        for (row, &owner) in people.owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
            let known = brands.is_valid(row) && !values[row].is_nan();
            let (Some(text), true) = (&statements[row], known) else {
                tallies.note(Reason::UnknownTick, row, f64::NAN);
                continue;
            };
            let Some(block) = block(text) else {
                others.insert(text.clone());
                continue;
            };
            let pair = pairs.codes()[row] as usize;
            let cell = &mut sums[pair * width + block];
            *cell = (cell.0 + values[row], cell.1 + 1.0);
            let chosen = choice.as_ref().map(|choice| choice[row]).filter(|chosen| !chosen.is_nan());
            keys[pair] = Some((owner, named.codes()[row], chosen));
        }
        let left_out = tallies.left_out(&REASONS);
        let means = |pair: usize| sums[pair * width..][..width].iter().map(|(sum, n)| sum / n).collect();
        let rows: Vec<BlockRow> = (0..keys.len())
            .filter_map(|pair| {
                let (person, brand, choice) = keys[pair]?;
                Some(BlockRow { person, brand, means: means(pair), choice })
            })
            .collect();
        if rows.is_empty() {
            return Err(Error::empty("position", table.rows(), &left_out));
        }
        let used: Vec<u32> = {
            let mut used: Vec<u32> = rows.iter().map(|row| row.brand).collect();
            used.sort_unstable();
            used.dedup();
            used
        };
        if used.len() < 2 {
            return Err(Error::not_identified("position", "one brand; at least two are needed to stand somewhere"));
        }
        let texts = named.keys()[0].texts();
        let brands = used.iter().map(|brand| texts[*brand as usize].clone().unwrap_or_default()).collect();
        let place = |brand: u32| used.binary_search(&brand).unwrap_or_default() as u32;
        let rows = rows.into_iter().map(|row| BlockRow { brand: place(row.brand), ..row }).collect();
        let others = others.into_iter().collect();
        Ok(Self { params, brands, respondents: people.respondents, rows, others, left_out })
    }

    pub(super) fn blocks(&self) -> usize {
        self.params.blocks.len()
    }

    /// A respondent's mean answer, or whether it reaches the top.
    pub(super) fn score(&self, mean: f64) -> f64 {
        match self.params.measure {
            PositionMeasure::Mean => mean,
            PositionMeasure::Top if mean.is_nan() => f64::NAN,
            PositionMeasure::Top => f64::from(u8::from(mean >= self.params.top)),
        }
    }

    /// Scores, brand by brand, by the weights of respondents.
    pub(super) fn scores(&self, weights: &[f64]) -> Vec<f64> {
        self.scores_of(weights, |row, block| self.rows[row].means[block])
    }

    /// The same of other answers: the mean of a row and a block, NaN where there is none.
    pub(super) fn scores_of(&self, weights: &[f64], mean: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.brands.len() * self.blocks()];
        for (at, row) in self.rows.iter().enumerate() {
            let weight = weights[row.person as usize];
            let means = (0..self.blocks()).map(|block| (block, mean(at, block)));
            for (block, mean) in means.filter(|(_, mean)| !mean.is_nan()) {
                let cell = &mut sums[row.brand as usize * self.blocks() + block];
                *cell = (cell.0 + weight * self.score(mean), cell.1 + weight);
            }
        }
        sums.into_iter().map(|(sum, n)| sum / n).collect()
    }
}
