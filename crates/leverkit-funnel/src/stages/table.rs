//! Tables of the stage funnel as record batches.

use leverkit_core::arrow_array::TimestampMicrosecondArray;
use leverkit_core::frames::each;
use leverkit_core::{Error, MICROS_PER_DAY, NO_CODE, RecordBatch, Tables, batch};
use leverkit_stats::par_quantiles;

use crate::columns::{estimate, lower, upper, with_names};
use crate::error;
use crate::stages::audit::{Audit, AuditRow};
use crate::stages::compare::StageComparison;
use crate::stages::params::{Mode, Ties, Touch, WindowFrom};
use crate::stages::spans::span;
use crate::stages::{StageFunnel, StageRow};

impl Tables for StageFunnel {
    const TABLES: &'static [&'static str] = &["table", "times", "curves"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "times" => self.times_batch(),
            "curves" => self.curves_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl StageFunnel {
    /// One row per group and stage: `group`, `stage`, `reached`, `from_previous` with `lower` and `upper`, `from_first` with `first_lower` and
    /// `first_upper`, `dropped` (reached this stage and went no further), `median_time` (days from the stage before), `value` (money of the events
    /// that first reached it), `ties_lower`, `ties_upper` (entities under the three rules for ties).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rows;
        batch!(
            "group" => each(rows, |row| row.group.as_deref()),
            "stage" => each(rows, |row| row.stage.as_str()),
            "reached" => each(rows, |row| row.reached),
            "from_previous" => each(rows, |row| estimate(row.from_previous)),
            "from_first" => each(rows, |row| estimate(row.from_first)),
            "lower" => each(rows, |row| lower(row.from_previous)),
            "upper" => each(rows, |row| upper(row.from_previous)),
            "first_lower" => each(rows, |row| lower(row.from_first)),
            "first_upper" => each(rows, |row| upper(row.from_first)),
            "dropped" => each(rows, |row| row.dropped),
            "median_time" => each(rows, |row| row.median_time),
            "value" => each(rows, |row| row.value),
            "ties_lower" => each(rows, |row| row.ties.0),
            "ties_upper" => each(rows, |row| row.ties.1),
        )
    }

    /// How long it took, one row per group, stage and beginning: `group`, `stage`, `since` ("first" stage or the "previous" one), `n`, `mean`, and the
    /// quantiles `p10`, `p25`, `p50`, `p75`, `p90`, `p95`, all in days.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn times_batch(&self) -> Result<RecordBatch, Error> {
        const QUANTILES: [f64; 6] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
        let rows: Vec<Times<'_>> = self
            .rows
            .iter()
            .flat_map(|row| [(row, "previous", &row.from_previous_days), (row, "first", &row.from_first_days)])
            .filter(|(.., days)| !days.is_empty())
            .map(|(row, since, days)| Times { row, since, days, quantiles: par_quantiles(days, &QUANTILES) })
            .collect();
        let quantile = |place: usize| each(&rows, move |times: &Times<'_>| times.quantiles.get(place).copied());
        batch!(
            "group" => each(&rows, |times| times.row.group.as_deref()),
            "stage" => each(&rows, |times| times.row.stage.as_str()),
            "since" => each(&rows, |times| times.since),
            "n" => each(&rows, |times| times.days.len() as u64),
            "mean" => each(&rows, |times| leverkit_stats::sum(times.days) / times.days.len() as f64),
            "p10" => quantile(0),
            "p25" => quantile(1),
            "p50" => quantile(2),
            "p75" => quantile(3),
            "p90" => quantile(4),
            "p95" => quantile(5),
        )
    }

    /// The curve of conversion over time, one row per group, stage and percentile: `group`, `stage`, `days` (since the first stage), `share` (of those at
    /// the first stage who have reached it by then).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn curves_batch(&self) -> Result<RecordBatch, Error> {
        const POINTS: usize = 50;
        let levels: Vec<f64> = (0..=POINTS).map(|point| point as f64 / POINTS as f64).collect();
        let rows = self.rows.iter().filter(|row| !row.from_first_days.is_empty());
        let points: Vec<(&StageRow, f64, Option<f64>)> = rows
            .flat_map(|row| {
                let days = par_quantiles(&row.from_first_days, &levels);
                let share = |level: f64| row.from_first.map(|share| share.estimate * level);
                days.into_iter().zip(&levels).map(|(days, level)| (row, days, share(*level))).collect::<Vec<_>>()
            })
            .collect();
        batch!(
            "group" => each(&points, |point| point.0.group.as_deref()),
            "stage" => each(&points, |point| point.0.stage.as_str()),
            "days" => each(&points, |point| point.1),
            "share" => each(&points, |point| point.2),
        )
    }

    /// The entities that reached a stage and went no further: `entity` (under the log's name for it), `group`, `stage`, `time` (of the event that
    /// first reached it),
    /// `value` (its money). In the order of the entities' ids.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a stage that there is not; [`Error::TwoColumns`] for an entity with the name of another of these columns.
    pub fn dropped_batch(&self, stage: &str) -> Result<RecordBatch, Error> {
        let place = self.params.stage(stage)?;
        let found: Vec<_> = self.outcomes.iter().filter(|outcome| usize::from(outcome.stage) == place).collect();
        let times = each(&found, |outcome| self.log.micros[outcome.row as usize]);
        let values = self.log.values.as_ref();
        let dropped = batch!(
            &self.log.columns.entity => self.log.entities.values().take(&each(&found, |outcome| outcome.entity))?,
            "group" => each(&found, |outcome| self.groups[outcome.group as usize].as_deref()),
            "stage" => each(&found, |_| stage),
            "time" => TimestampMicrosecondArray::from(times),
            "value" => each(&found, |outcome| {
                values.map(|values| values[outcome.row as usize]).filter(|value| !value.is_nan())
            }),
        )?;
        with_names("entity", dropped)
    }

    /// What those who stopped did next, one row per group, stage and event, the most frequent first: `group`, `stage`, `event` (the first after the
    /// one that reached the stage; null if there is none), `entities`, `share` (of those who stopped).
    ///
    /// # Errors
    /// [`error::Error::NoEvents`] if the events that are not stages were not kept.
    pub fn exits_batch(&self) -> Result<RecordBatch, error::Error> {
        if !self.log.is_whole() {
            return Err(error::Error::no_events(
                "what came next is not known, since events that are no stage were not kept; ask for exits, or build an EventLog first".into(),
            ));
        }
        let n = self.params.stages.len();
        let labels = self.params.labels();
        let mut counts = std::collections::BTreeMap::new();
        for outcome in self.outcomes.iter().filter(|outcome| usize::from(outcome.stage) + 1 < n) {
            let end = self.log.offsets[outcome.entity as usize + 1];
            let event = (outcome.row + 1..end).map(|row| self.log.events[row as usize]).find(|event| *event != NO_CODE);
            *counts.entry((outcome.group, outcome.stage, event)).or_insert(0_u64) += 1;
        }
        let mut stopped = std::collections::BTreeMap::new();
        for ((group, stage, _), n) in &counts {
            *stopped.entry((*group, *stage)).or_insert(0) += n;
        }
        let name = |event: Option<u32>| event.map(|event| self.log.names[event as usize].as_str());
        let group = |group: u32| self.groups[group as usize].as_deref();
        let mut rows: Vec<_> = counts.into_iter().collect();
        rows.sort_by_key(|((g, stage, event), n)| {
            (group(*g).is_none(), group(*g), *stage, std::cmp::Reverse(*n), name(*event))
        });
        Ok(batch!(
            "group" => each(&rows, |row| group(row.0.0)),
            "stage" => each(&rows, |row| labels[usize::from(row.0.1)].as_str()),
            "event" => each(&rows, |row| name(row.0.2)),
            "entities" => each(&rows, |row| row.1),
            "share" => each(&rows, |row| row.1 as f64 / stopped[&(row.0.0, row.0.1)] as f64),
        )?)
    }
}

struct Times<'a> {
    row: &'a StageRow,
    since: &'static str,
    days: &'a [f64],
    quantiles: Vec<f64>,
}

impl Tables for Audit {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Audit {
    /// One row per set of rules: `mode`, `start` ("any" or "first"), `window` (in words), `window_days`, `window_from`, `ties`, `first` and `last` (entities at the
    /// first and the last stage), `conversion`, `ratio` (of `last` to that of the rules used), `used`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rows;
        let last = |row: &AuditRow| row.reached.last().copied().unwrap_or_default();
        let first = |row: &AuditRow| row.reached.first().copied().unwrap_or_default();
        let used = rows.iter().find(|row| row.is_used).map(last).unwrap_or_default();
        let over = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        batch!(
            "mode" => each(rows, |row| modes(&row.modes)),
            "start" => each(rows, |row| match row.touch { Touch::Any => "any", Touch::First => "first" }),
            "window" => each(rows, |row| row.window.map_or_else(|| "none".to_owned(), span)),
            "window_days" => each(rows, |row| row.window.map(|window| window as f64 / MICROS_PER_DAY as f64)),
            "window_from" => each(rows, |row| match row.window_from { WindowFrom::First => "first", WindowFrom::Previous => "previous" }),
            "ties" => each(rows, |row| match row.ties { Ties::Input => "input", Ties::Lenient => "lenient", Ties::Strict => "strict" }),
            "first" => each(rows, first),
            "last" => each(rows, last),
            "conversion" => each(rows, |row| over(last(row), first(row))),
            "ratio" => each(rows, |row| over(last(row), used)),
            "used" => each(rows, |row| row.is_used),
        )
    }
}

fn modes(modes: &[Mode]) -> String {
    let names: Vec<&str> = modes.iter().map(|mode| mode.name()).collect();
    if names.is_empty() { "default".into() } else { names.join(", ") }
}

impl Tables for StageComparison {
    const TABLES: &'static [&'static str] = &["table", "mix"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "mix" { self.mix_batch() } else { self.to_batch() }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl StageComparison {
    /// One row per stage: `stage`, `base_reached`, `against_reached`, `base_from_previous`, `against_from_previous`, `difference` with `lower` and `upper`,
    /// `base_from_first`, `against_from_first`, `first_difference` with `first_lower` and `first_upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.stages;
        batch!(
            "stage" => each(rows, |row| row.stage.as_str()),
            "base_reached" => each(rows, |row| row.reached.0),
            "against_reached" => each(rows, |row| row.reached.1),
            "base_from_previous" => each(rows, |row| row.from_previous.0),
            "against_from_previous" => each(rows, |row| row.from_previous.1),
            "difference" => each(rows, |row| estimate(row.previous_difference)),
            "lower" => each(rows, |row| lower(row.previous_difference)),
            "upper" => each(rows, |row| upper(row.previous_difference)),
            "base_from_first" => each(rows, |row| row.from_first.0),
            "against_from_first" => each(rows, |row| row.from_first.1),
            "first_difference" => each(rows, |row| estimate(row.first_difference)),
            "first_lower" => each(rows, |row| lower(row.first_difference)),
            "first_upper" => each(rows, |row| upper(row.first_difference)),
        )
    }

    /// What each group adds to the difference between conversions from the first to the last stage: `group`, `base_share`, `against_share` (of entities at the first stage),
    /// `base_conversion`, `against_conversion`, `mix`, `rate` (shares; all together are the difference).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn mix_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.mix;
        batch!(
            "group" => each(rows, |row| row.group.as_deref()),
            "base_share" => each(rows, |row| row.share.0),
            "against_share" => each(rows, |row| row.share.1),
            "base_conversion" => each(rows, |row| row.conversion.0),
            "against_conversion" => each(rows, |row| row.conversion.1),
            "mix" => each(rows, |row| row.mix),
            "rate" => each(rows, |row| row.rate),
        )
    }
}
