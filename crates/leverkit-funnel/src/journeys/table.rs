//! Tables of journeys and attribution as record batches.

use leverkit_core::frames::{each, number};
use leverkit_core::{Error, RecordBatch, Tables, batch};

use crate::journeys::attribution::{Attribution, Credit};
use crate::journeys::journey::{Journey, JourneyPath};
use crate::journeys::params::AttributionMethod;

/// How tables name what is before the first event and after the last.
const START: &str = "(start)";
const END: &str = "(end)";

impl Tables for Journey {
    const TABLES: &'static [&'static str] = &["transitions", "paths", "loops", "step_matrix", "flows", "stopped"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "paths" => self.paths_batch(),
            "loops" => self.loops_batch(),
            "step_matrix" => self.step_matrix_batch(),
            "flows" => self.flows_batch(),
            "stopped" => self.stopped_batch(),
            _ => self.transitions_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Journey {
    /// One row per event and next event: `from` ("(start)" before the first), `to` ("(end)" after the last), `count`, `probability` (of what follows the event)
    /// with `lower` and `upper`, `median_days`, `mean_days` between them.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn transitions_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.transitions;
        batch!(
            "from" => each(rows, |row| row.from.map_or(START, |event| &self.names[event as usize])),
            "to" => each(rows, |row| row.to.map_or(END, |event| &self.names[event as usize])),
            "count" => each(rows, |row| row.count),
            "probability" => each(rows, |row| row.probability.estimate),
            "lower" => each(rows, |row| row.probability.lower),
            "upper" => each(rows, |row| row.probability.upper),
            "median_days" => each(rows, |row| row.median_days),
            "mean_days" => each(rows, |row| row.mean_days),
        )
    }

    /// One row per path, most frequent first: `path` (events with arrows; "…" if it continues), `length` (events shown), `entities`, `share` (of all), `mean_days`
    /// (from its first to its last event).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn paths_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.paths;
        let text = |row: &JourneyPath| {
            let names = row.events.iter().map(|event| self.names[*event as usize].as_str());
            names.chain(row.goes_on.then_some("…")).collect::<Vec<_>>().join(" → ")
        };
        batch!(
            "path" => each(rows, text),
            "length" => each(rows, |row| row.events.len() as u32),
            "entities" => each(rows, |row| row.entities),
            "share" => each(rows, |row| row.entities as f64 / self.entities as f64),
            "mean_days" => each(rows, |row| row.mean_days),
        )
    }

    /// One row per loop, most frequent first: `event`, `via` (null if it is repeated immediately), `count`, `entities`, `share` (of all entities).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn loops_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.loops;
        batch!(
            "event" => each(rows, |row| self.names[row.event as usize].as_str()),
            "via" => each(rows, |row| row.via.map(|event| self.names[event as usize].as_str())),
            "count" => each(rows, |row| row.count),
            "entities" => each(rows, |row| row.entities),
            "share" => each(rows, |row| row.entities as f64 / self.entities as f64),
        )
    }

    /// One row per step (from 1) and event that there is: `step`, `event` ("(end)" for all who have reached it), `entities`, `share` (of all); shares of a step add up to 1.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn step_matrix_batch(&self) -> Result<RecordBatch, Error> {
        let cell = |step: usize| move |(event, count): (usize, &u64)| (step as u32 + 1, event, *count);
        let rows: Vec<(u32, usize, u64)> = self
            .steps
            .iter()
            .enumerate()
            .flat_map(|(step, counts)| counts.iter().enumerate().map(cell(step)).filter(|row| row.2 > 0))
            .collect();
        batch!(
            "step" => each(&rows, |row| row.0),
            "event" => each(&rows, |row| self.names.get(row.1).map_or(END, String::as_str)),
            "entities" => each(&rows, |row| row.2),
            "share" => each(&rows, |row| row.2 as f64 / self.entities as f64),
        )
    }

    /// One row per step (from 1), event and next: `step`, `from`, `to`, `entities`, as drawn in a Sankey.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn flows_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.flows;
        batch!(
            "step" => each(rows, |row| row.0 + 1),
            "from" => each(rows, |row| self.names[row.1 as usize].as_str()),
            "to" => each(rows, |row| self.names.get(row.2 as usize).map_or(END, String::as_str)),
            "entities" => each(rows, |row| row.3),
        )
    }

    /// One row per channel (null if unknown) and event or stage at which its entities stopped (null before the first stage): `channel`, `stopped_at`, `entities`,
    /// `share` (of the channel's).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn stopped_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.stopped;
        let all = |channel: Option<u32>| rows.iter().filter(|row| row.0 == channel).map(|row| row.2).sum::<u64>();
        let stops = if self.params.stages.is_empty() { &self.names } else { &self.params.stages };
        batch!(
            "channel" => each(rows, |row| row.0.map(|channel| self.channels[channel as usize].as_str())),
            "stopped_at" => each(rows, |row| row.1.map(|stop| stops[stop as usize].as_str())),
            "entities" => each(rows, |row| row.2),
            "share" => each(rows, |row| row.2 as f64 / all(row.0) as f64),
        )
    }
}

impl Tables for Attribution {
    const TABLES: &'static [&'static str] = &["table", "methods"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "methods" { self.methods_batch() } else { self.to_batch() }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Attribution {
    /// One row per channel, most credit first, by the requested method: `channel` (null: conversions without a touch), `touches`, `entities`, `conversions`,
    /// `share` with `lower` and `upper` (of conversions with a touch), `value` (money), `removal_effect` (share of conversions lost without it),
    /// `ties_lower` and `ties_upper` (conversions under the three rules for rows of one moment).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let mut rows: Vec<&Credit> = self.credits.iter().filter(|row| row.method == self.params.method).collect();
        rows.sort_by(|a, b| {
            a.channel.is_none().cmp(&b.channel.is_none()).then(b.conversions.total_cmp(&a.conversions))
        });
        let of = |row: &&Credit| row.channel.map(|channel| channel as usize);
        batch!(
            "channel" => each(&rows, |row| of(row).map(|channel| self.channels[channel].as_str())),
            "touches" => each(&rows, |row| of(row).map(|channel| self.touches[channel])),
            "entities" => each(&rows, |row| of(row).map(|channel| self.entities[channel])),
            "conversions" => each(&rows, |row| row.conversions),
            "share" => each(&rows, |row| row.share.map(|share| share.estimate)),
            "lower" => each(&rows, |row| row.share.and_then(|share| number(share.lower))),
            "upper" => each(&rows, |row| row.share.and_then(|share| number(share.upper))),
            "value" => each(&rows, |row| row.value),
            "removal_effect" => each(&rows, |row| of(row).and_then(|channel| self.removal[channel])),
            "ties_lower" => each(&rows, |row| row.ties.0),
            "ties_upper" => each(&rows, |row| row.ties.1),
        )
    }

    /// One row per method and channel: `method`, `channel`, `conversions`, `share`, `lower`, `upper`, `value`, `ties_lower`, `ties_upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn methods_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.credits;
        batch!(
            "method" => each(rows, |row| AttributionMethod::name(row.method)),
            "channel" => each(rows, |row| row.channel.map(|channel| self.channels[channel as usize].as_str())),
            "conversions" => each(rows, |row| row.conversions),
            "share" => each(rows, |row| row.share.map(|share| share.estimate)),
            "lower" => each(rows, |row| row.share.and_then(|share| number(share.lower))),
            "upper" => each(rows, |row| row.share.and_then(|share| number(share.upper))),
            "value" => each(rows, |row| row.value),
            "ties_lower" => each(rows, |row| row.ties.0),
            "ties_upper" => each(rows, |row| row.ties.1),
        )
    }
}
