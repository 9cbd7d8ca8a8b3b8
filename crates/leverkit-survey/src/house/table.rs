//! Comparisons and houses of quality as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::ahp::Ahp;
use super::choice::HouseChoice;
use super::house_of_quality::HouseOfQuality;

impl Tables for Ahp {
    const TABLES: &'static [&'static str] = &["table", "judgements", "judges"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "judgements" => self.judgements_batch(),
            "judges" => self.judges_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Ahp {
    /// One row per item: `item`, `weight` with `lower` and `upper`, `geometric` (weight by geometric means), `rank` with `rank_lower` and `rank_upper`, `first`
    /// (the chance of the first place).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.items;
        batch!(
            "item" => each(rows, |row| row.item.as_str()),
            "weight" => each(rows, |row| row.weight.estimate),
            "lower" => each(rows, |row| row.weight.lower),
            "upper" => each(rows, |row| row.weight.upper),
            "geometric" => each(rows, |row| row.geometric),
            "rank" => each(rows, |row| row.rank.estimate),
            "rank_lower" => each(rows, |row| row.rank.lower),
            "rank_upper" => each(rows, |row| row.rank.upper),
            "first" => each(rows, |row| row.first),
        )
    }

    /// One row per comparison: `first`, `second`, `value`, `fitted` (ratio of the weights), `best` (what the others imply), `consistency_ratio` (if it were that).
    fn judgements_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.judgements;
        batch!(
            "first" => each(rows, |row| row.first.as_str()),
            "second" => each(rows, |row| row.second.as_str()),
            "value" => each(rows, |row| row.value),
            "fitted" => each(rows, |row| row.fitted),
            "best" => each(rows, |row| row.best),
            "consistency_ratio" => each(rows, |row| row.ratio),
        )
    }

    /// One row per judge: `judge`, `comparisons`, `consistency_ratio`, `geometric_index`, `agreement` (Spearman's correlation with the group).
    fn judges_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.judges;
        batch!(
            "judge" => each(rows, |row| row.judge.as_str()),
            "comparisons" => each(rows, |row| row.comparisons),
            "consistency_ratio" => each(rows, |row| row.ratio),
            "geometric_index" => each(rows, |row| row.geometric_index),
            "agreement" => each(rows, |row| row.agreement),
        )
    }
}

impl Tables for HouseOfQuality {
    const TABLES: &'static [&'static str] = &["table", "needs", "pairs", "scales", "relations"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "needs" => self.needs_batch(),
            "pairs" => self.pairs_batch(),
            "scales" => self.scales_batch(),
            "relations" => self.relations_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.input.left_out
    }
}

impl HouseOfQuality {
    /// One row per characteristic: `characteristic`, `raw`, `relative`, `lyman`, `wasserman`, `rank` with `rank_lower` and `rank_upper`, `first` and `top`
    /// (chances of the first place, and of one at the top), `verdict`, `target`, `difficulty`, `cost`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let (rows, parts) = (&self.rows, &self.input.characteristics);
        batch!(
            "characteristic" => each(rows, |row| row.characteristic.as_str()),
            "raw" => each(rows, |row| row.raw),
            "relative" => each(rows, |row| row.relative),
            "lyman" => each(rows, |row| row.lyman),
            "wasserman" => each(rows, |row| row.wasserman),
            "rank" => each(rows, |row| row.rank.estimate),
            "rank_lower" => each(rows, |row| row.rank.lower),
            "rank_upper" => each(rows, |row| row.rank.upper),
            "first" => each(rows, |row| row.first),
            "top" => each(rows, |row| row.top),
            "verdict" => each(rows, |row| row.verdict),
            "target" => each(parts, |part| part.target.as_deref()),
            "difficulty" => each(parts, |part| part.difficulty),
            "cost" => each(parts, |part| part.cost),
        )
    }

    /// One row per need: `need`, `weight` with `lower` and `upper`, `current`, `planned`, `improvement`, `sales_point`, `importance` (share of all), `best_competitor`
    /// with its `best_rating`.
    fn needs_batch(&self) -> Result<RecordBatch, Error> {
        let (rows, needs) = (&self.needs, &self.input.needs);
        batch!(
            "need" => each(needs, |need| need.name.as_str()),
            "weight" => each(rows, |row| row.weight.estimate),
            "lower" => each(rows, |row| row.weight.lower),
            "upper" => each(rows, |row| row.weight.upper),
            "current" => each(needs, |need| need.current),
            "planned" => each(needs, |need| need.target),
            "improvement" => each(rows, |row| row.improvement),
            "sales_point" => each(rows, |row| row.sales_point),
            "importance" => each(rows, |row| row.importance),
            "best_competitor" => each(rows, |row| row.best.as_ref().map(|best| best.0.as_str())),
            "best_rating" => each(rows, |row| row.best.as_ref().map(|best| best.1)),
        )
    }

    /// One row per pair: `first`, `second`, `difference` (share of all importance) with `lower` and `upper`, `probability` (that the first is more important),
    /// `verdict`.
    fn pairs_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.pairs;
        batch!(
            "first" => each(rows, |row| row.first.as_str()),
            "second" => each(rows, |row| row.second.as_str()),
            "difference" => each(rows, |row| row.difference.estimate),
            "lower" => each(rows, |row| row.difference.lower),
            "upper" => each(rows, |row| row.difference.upper),
            "probability" => each(rows, |row| row.probability),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per scale and characteristic: `scale`, `characteristic`, `importance` (share of all), `rank`, `is_tied`.
    fn scales_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.scales;
        batch!(
            "scale" => each(rows, |row| row.scale.as_str()),
            "characteristic" => each(rows, |row| row.characteristic.as_str()),
            "importance" => each(rows, |row| row.importance),
            "rank" => each(rows, |row| row.rank),
            "is_tied" => each(rows, |row| row.is_tied),
        )
    }

    /// One row per need and characteristic: `need`, `characteristic`, `strength` (mean over judges).
    fn relations_batch(&self) -> Result<RecordBatch, Error> {
        let (needs, parts) = (&self.input.needs, &self.input.characteristics);
        let places: Vec<usize> = (0..self.strengths.len()).collect();
        batch!(
            "need" => each(&places, |at| needs[at / parts.len()].name.as_str()),
            "characteristic" => each(&places, |at| parts[at % parts.len()].name.as_str()),
            "strength" => self.strengths.clone(),
        )
    }
}

impl Tables for HouseChoice {
    const TABLES: &'static [&'static str] = &["table"];

    /// One row per characteristic: `characteristic`, `importance` (share of all), `cost`, `is_chosen`, `probability` (share of the houses drawn that would
    /// choose it), `conflict` (a chosen one in whose way it stands).
    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        let rows = &self.rows;
        batch!(
            "characteristic" => each(rows, |row| row.characteristic.as_str()),
            "importance" => each(rows, |row| row.importance),
            "cost" => each(rows, |row| row.cost),
            "is_chosen" => each(rows, |row| row.is_chosen),
            "probability" => each(rows, |row| row.probability),
            "conflict" => each(rows, |row| row.conflict.as_deref()),
        )
    }
}
