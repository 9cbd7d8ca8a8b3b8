//! The plan as record batches.

use leverkit_core::frames::each;
use leverkit_core::stats::Interval;
use leverkit_core::{Error, RecordBatch, Tables, batch};

use crate::assumptions::Share;
use crate::lever::Lever;
use crate::result::{Plan, PlannedLever};

impl Tables for Plan {
    const TABLES: &'static [&'static str] = &["table", "facts", "overlaps", "left_out"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "facts" => self.facts_batch(),
            "overlaps" => self.overlaps_batch(),
            "left_out" => self.left_out_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Plan {
    /// One row per lever, the sure ones first, each by what is left after effort: `rank`, `lever`, `engine`, `parameter`, `subject`, `sure`, `grade`, `value`,
    /// `new_value`, `capped`, `claimed`, `claimed_lower`, `claimed_upper` (money a year by its engine), `alone`, `alone_lower`, `alone_upper` (profit a year of the
    /// lever alone), `part`, `lower`, `upper` (profit a year in the plan, null where it is not sure; parts add up to the joint effect), `chance` (share of worlds
    /// in which it earns money), `first` (in which it is worth most), `value_of_knowing` (money a year), `test_size` (customers or orders in each group of a test
    /// of two shares, `test_control` and `test_treated`), `effort` (money a year), `net` (part, or alone where it is not sure, less effort), `n`, `assumption`,
    /// `assumed_grade`, `assumed`, `assumed_lower`, `assumed_upper` (share).
    ///
    /// # Errors
    /// Where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let of = |value: &dyn Fn(&PlannedLever) -> f64| self.levers.iter().map(value).collect::<Vec<f64>>();
        let share =
            |value: fn(&Share) -> f64| each(&self.levers, |row| row.lever.assumed.map(|assumed| value(&assumed.share)));
        let part = |value: fn(&Interval) -> f64| each(&self.levers, |row| row.part.as_ref().map(value));
        let text = |value: fn(&Lever) -> Option<&str>| {
            self.levers.iter().map(|row| value(&row.lever)).collect::<Vec<Option<&str>>>()
        };
        batch!(
            "rank" => (1..=self.levers.len() as u32).collect::<Vec<_>>(),
            "lever" => text(|lever| Some(&lever.name)),
            "engine" => text(|lever| Some(lever.engine.name())),
            "parameter" => text(|lever| Some(&lever.parameter)),
            "subject" => text(|lever| lever.subject.as_deref()),
            "sure" => each(&self.levers, PlannedLever::is_sure),
            "grade" => text(|lever| Some(lever.grade.name())),
            "value" => of(&|row| row.value),
            "new_value" => of(&|row| row.new_value),
            "capped" => each(&self.levers, |row| row.capped),
            "claimed" => of(&|row| row.claimed.estimate),
            "claimed_lower" => of(&|row| row.claimed.lower),
            "claimed_upper" => of(&|row| row.claimed.upper),
            "alone" => of(&|row| row.alone.estimate),
            "alone_lower" => of(&|row| row.alone.lower),
            "alone_upper" => of(&|row| row.alone.upper),
            "part" => part(|part| part.estimate),
            "lower" => part(|part| part.lower),
            "upper" => part(|part| part.upper),
            "chance" => of(&|row| row.chance),
            "first" => of(&|row| row.decision.first),
            "value_of_knowing" => of(&|row| row.decision.value_of_knowing),
            "test_size" => each(&self.levers, PlannedLever::test_size),
            "test_control" => each(&self.levers, |row| row.lever.trial.map(|trial| trial.control)),
            "test_treated" => each(&self.levers, |row| row.lever.trial.map(|trial| trial.treated)),
            "effort" => each(&self.levers, |row| row.lever.effort),
            "net" => of(&PlannedLever::net),
            "n" => each(&self.levers, |row| row.lever.n),
            "assumption" => text(|lever| lever.assumed.map(|assumed| assumed.name)),
            "assumed_grade" => text(|lever| lever.assumed.as_ref().map(|assumed| assumed.share.grade.name())),
            "assumed" => share(|share| share.estimate),
            "assumed_lower" => share(|share| share.lower),
            "assumed_upper" => share(|share| share.upper),
        )
    }

    /// One row per lever and fact: `lever`, `fact`, `value`.
    fn facts_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&str, &str, f64)> = self
            .levers
            .iter()
            .flat_map(|row| row.lever.facts.iter().map(|(fact, value)| (row.lever.name.as_str(), *fact, *value)))
            .collect();
        batch!(
            "lever" => each(&rows, |row| row.0),
            "fact" => each(&rows, |row| row.1),
            "value" => each(&rows, |row| row.2),
        )
    }

    /// One row per pair of levers: `first`, `second`, `overlap` (profit a year that both claim; below 0 where they help each other).
    fn overlaps_batch(&self) -> Result<RecordBatch, Error> {
        let name = |at: usize| self.levers[at].lever.name.as_str();
        batch!(
            "first" => each(&self.overlaps, |row| name(row.first)),
            "second" => each(&self.overlaps, |row| name(row.second)),
            "overlap" => each(&self.overlaps, |row| row.money),
        )
    }

    /// One row per lever that is not in the plan: `lever`, `reason`.
    fn left_out_batch(&self) -> Result<RecordBatch, Error> {
        batch!(
            "lever" => each(&self.left_out, |row| row.name.as_str()),
            "reason" => each(&self.left_out, |row| row.reason.as_str()),
        )
    }
}
