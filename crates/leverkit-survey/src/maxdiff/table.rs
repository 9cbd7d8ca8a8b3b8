//! Results of best–worst choices, and designs, as record batches.

use leverkit_core::estimates::estimates_batch;
use leverkit_core::frames::{beside, each};
use leverkit_core::{Error, LeftOut, RecordBatch, Table, Tables, batch};

use super::individual::Person;
use super::{MaxDiff, MaxDiffDesign};

impl Tables for MaxDiff {
    const TABLES: &'static [&'static str] = &["table", "population", "respondents", "individuals"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "population" => self.population_batch(),
            "respondents" => self.respondents_batch(),
            "individuals" => self.individuals_batch(),
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

impl MaxDiff {
    /// One row per item, the highest score first: `item`, `shown`, `best`, `worst` (weighted counts), `score` with limits, the utility as `estimate`, `std_error`
    /// (clustered by respondent), `lower`, `upper`, `t`, `p_value` (of being that of the last item), `plain_std_error` (as if all tasks were of different
    /// people), `share` with limits, `matters` (with a threshold, whether the utility surely lies above or below it), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.items;
        let counts = batch!(
            "item" => each(rows, |row| row.item.as_str()),
            "shown" => each(rows, |row| row.shown),
            "best" => each(rows, |row| row.best),
            "worst" => each(rows, |row| row.worst),
            "score" => each(rows, |row| row.score.estimate),
            "score_lower" => each(rows, |row| row.score.lower),
            "score_upper" => each(rows, |row| row.score.upper),
        )?;
        let utilities = estimates_batch(&each(rows, |row| row.utility))?;
        let shares = batch!(
            "plain_std_error" => each(rows, |row| row.std_error),
            "share" => each(rows, |row| row.share.map(|share| share.estimate)),
            "share_lower" => each(rows, |row| row.share.map(|share| share.lower)),
            "share_upper" => each(rows, |row| row.share.map(|share| share.upper)),
            "matters" => each(rows, |row| row.matters),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )?;
        beside(&[counts, utilities, shares])
    }

    /// One row per item: `item`, `mean` (utility of people, around a mean of 0, or from the threshold), `sd` (how much people differ).
    fn population_batch(&self) -> Result<RecordBatch, Error> {
        let of = |values: fn(&super::Individuals) -> &Vec<f64>| {
            self.individuals.as_ref().map(values).cloned().unwrap_or_default()
        };
        let names = if self.individuals.is_some() { self.names.clone() } else { Vec::new() };
        batch!("item" => names, "mean" => of(|of| &of.means), "sd" => of(|of| &of.sds))
    }

    fn people(&self) -> &[Person] {
        self.individuals.as_ref().map_or(&[], |individuals| &individuals.people)
    }

    /// One row per respondent: `respondent`, `tasks`, `rlh` (root likelihood), `chance` (that of equally likely choices), `random` (whether choices are no more
    /// consistent than those of 95 % of people who choose at random), `shrinkage`.
    fn respondents_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.people();
        let places: Vec<u32> = (0..rows.len() as u32).collect();
        let ids = Table::new(vec![self.respondents.take(&places)?.renamed("respondent")])?.to_batch()?;
        let limit = self.individuals.as_ref().map_or(f64::NAN, |individuals| individuals.random);
        let known = batch!(
            "tasks" => each(rows, |row| row.tasks),
            "rlh" => each(rows, |row| row.rlh),
            "chance" => each(rows, |row| row.chance),
            "random" => each(rows, |row| row.rlh < limit),
            "shrinkage" => each(rows, |row| row.shrinkage),
        )?;
        beside(&[ids, known])
    }

    /// One row per respondent and item: `respondent`, `item`, `utility` (around a mean of 0, or from the threshold), `std_error`.
    fn individuals_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.people();
        let places: Vec<u32> = (0..rows.len() as u32).flat_map(|who| self.names.iter().map(move |_| who)).collect();
        let ids = Table::new(vec![self.respondents.take(&places)?.renamed("respondent")])?.to_batch()?;
        let names = rows.iter().flat_map(|_| self.names.iter().map(String::as_str)).collect::<Vec<_>>();
        let known = batch!(
            "item" => names,
            "utility" => rows.iter().flat_map(|row| row.utilities.iter().copied()).collect::<Vec<_>>(),
            "std_error" => rows.iter().flat_map(|row| row.std_errors.iter().copied()).collect::<Vec<_>>(),
        )?;
        beside(&[ids, known])
    }
}

impl Tables for MaxDiffDesign {
    const TABLES: &'static [&'static str] = &["table", "balance"];

    /// `table`: one row per version, task and place: `version`, `task`, `place`, `item`. `balance`: one row per count: `count` (frequency of items, of pairs, of an item in
    /// a place), `least`, `most`.
    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "balance" {
            let ranges = [("frequency", self.frequency), ("pairs", self.pairs), ("places", self.places)];
            return batch!(
                "count" => each(&ranges, |row| row.0),
                "least" => each(&ranges, |row| row.1.0),
                "most" => each(&ranges, |row| row.1.1),
            );
        }
        let rows: Vec<(u64, u64, u64, &str)> = self
            .tasks
            .iter()
            .flat_map(|(version, task, items)| {
                let places = items.iter().zip(1..);
                places.map(move |(&item, place)| (*version, *task, place, self.params.items[item].as_str()))
            })
            .collect();
        batch!(
            "version" => each(&rows, |row| row.0),
            "task" => each(&rows, |row| row.1),
            "place" => each(&rows, |row| row.2),
            "item" => each(&rows, |row| row.3),
        )
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}
