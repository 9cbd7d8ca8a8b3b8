//! The plan as polars frames.

use leverkit_core::polars::prelude::*;

use super::{Lever, Plan, PlannedLever};

impl Plan {
    /// One row a lever, the greatest part after effort first: `rank`, `lever`, `engine`, `parameter`, `subject`, `value`, `new_value`, `capped`, `claimed`,
    /// `claimed_lower`, `claimed_upper` (money a year by its engine), `alone`, `alone_lower`, `alone_upper` (profit a year of the lever alone), `part`, `lower`,
    /// `upper` (profit a year in the plan; parts add up to the joint effect), `effort` (money a year), `net` (part less effort), `n`, `assumption`, `assumed`,
    /// `assumed_lower`, `assumed_upper` (share).
    ///
    /// # Errors
    /// Where the frame library refuses.
    pub fn to_frame(&self) -> PolarsResult<DataFrame> {
        let of = |value: &dyn Fn(&PlannedLever) -> f64| self.levers.iter().map(value).collect::<Vec<f64>>();
        let share = |value: fn(&leverkit_core::stats::Interval) -> f64| {
            self.levers.iter().map(|row| row.lever.assumed.map(|assumed| value(&assumed.share))).collect::<Vec<_>>()
        };
        let text = |value: fn(&Lever) -> Option<&str>| {
            self.levers.iter().map(|row| value(&row.lever)).collect::<Vec<Option<&str>>>()
        };
        df!(
            "rank" => (1..=self.levers.len() as u32).collect::<Vec<_>>(),
            "lever" => text(|lever| Some(&lever.name)),
            "engine" => text(|lever| Some(lever.engine.name())),
            "parameter" => text(|lever| Some(&lever.parameter)),
            "subject" => text(|lever| lever.subject.as_deref()),
            "value" => of(&|row| row.value),
            "new_value" => of(&|row| row.new_value),
            "capped" => self.levers.iter().map(|row| row.capped).collect::<Vec<_>>(),
            "claimed" => of(&|row| row.lever.money.estimate),
            "claimed_lower" => of(&|row| row.lever.money.lower),
            "claimed_upper" => of(&|row| row.lever.money.upper),
            "alone" => of(&|row| row.alone.estimate),
            "alone_lower" => of(&|row| row.alone.lower),
            "alone_upper" => of(&|row| row.alone.upper),
            "part" => of(&|row| row.part.estimate),
            "lower" => of(&|row| row.part.lower),
            "upper" => of(&|row| row.part.upper),
            "effort" => self.levers.iter().map(|row| row.lever.effort).collect::<Vec<_>>(),
            "net" => of(&PlannedLever::net),
            "n" => self.levers.iter().map(|row| row.lever.n).collect::<Vec<_>>(),
            "assumption" => text(|lever| lever.assumed.map(|assumed| assumed.name)),
            "assumed" => share(|share| share.estimate),
            "assumed_lower" => share(|share| share.lower),
            "assumed_upper" => share(|share| share.upper),
        )
    }

    /// One row a lever and fact: `lever`, `fact`, `value`.
    ///
    /// # Errors
    /// Where the frame library refuses.
    pub fn facts_frame(&self) -> PolarsResult<DataFrame> {
        let rows: Vec<(&str, &str, f64)> = self
            .levers
            .iter()
            .flat_map(|row| row.lever.facts.iter().map(|(fact, value)| (row.lever.name.as_str(), *fact, *value)))
            .collect();
        df!(
            "lever" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "fact" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "value" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        )
    }

    /// One row a pair of levers: `first`, `second`, `overlap` (profit a year that both claim; below 0 where they help each other).
    ///
    /// # Errors
    /// Where the frame library refuses.
    pub fn overlaps_frame(&self) -> PolarsResult<DataFrame> {
        let name = |at: usize| self.levers[at].lever.name.as_str();
        df!(
            "first" => self.overlaps.iter().map(|row| name(row.first)).collect::<Vec<_>>(),
            "second" => self.overlaps.iter().map(|row| name(row.second)).collect::<Vec<_>>(),
            "overlap" => self.overlaps.iter().map(|row| row.money).collect::<Vec<_>>(),
        )
    }

    /// One row a lever that is not in the plan: `lever`, `reason`.
    ///
    /// # Errors
    /// Where the frame library refuses.
    pub fn left_out_frame(&self) -> PolarsResult<DataFrame> {
        df!(
            "lever" => self.left_out.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
            "reason" => self.left_out.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(),
        )
    }
}
