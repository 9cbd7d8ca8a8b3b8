//! The journey map: what follows what, the most usual paths, loops, the step matrix, and where those of each channel stopped.
//!
//! All numbers are of events in time order, ties in input order. Counts are whole numbers, so they do not depend on how entities are shared
//! out to threads.

use std::collections::HashMap;
use std::ops::Range;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{MICROS_PER_DAY, NO_CODE, Params, nearest};
use leverkit_stats::{Interval, median, normal_quantile, sum, wilson_share};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::events::EventLog;
use crate::journeys::params::JourneyParams;

/// From an event to the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JourneyTransition {
    /// The event; `None` is the start.
    pub from: Option<u32>,
    /// The next; `None` is the end.
    pub to: Option<u32>,
    /// How often.
    pub count: u64,
    /// Share among everything that follows the event, with Wilson's limits.
    pub probability: Interval,
    /// Median days between them; `None` at start and end.
    pub median_days: Option<f64>,
    /// Mean days.
    pub mean_days: Option<f64>,
}

/// A path that several took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JourneyPath {
    /// Its events.
    pub events: Vec<u32>,
    /// Whether it is the beginning of longer ones.
    pub goes_on: bool,
    /// Entities that took it.
    pub entities: u64,
    /// Mean days from the first event to the last of these.
    pub mean_days: f64,
}

/// An event that comes again, at once or after one other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JourneyLoop {
    /// The event.
    pub event: u32,
    /// The other; `None` where it is repeated at once.
    pub via: Option<u32>,
    /// How often.
    pub count: u64,
    /// Entities that did so.
    pub entities: u64,
}

/// The journey map.
#[derive(Debug, Clone)]
pub struct Journey {
    /// What it was computed with.
    pub params: JourneyParams,
    /// Entities.
    pub entities: u64,
    /// Events.
    pub events: u64,
    /// Names of events.
    pub names: Vec<String>,
    /// Transitions, by event and the most frequent first; the start comes first.
    pub transitions: Vec<JourneyTransition>,
    /// The most usual paths, the most usual first.
    pub paths: Vec<JourneyPath>,
    /// How many different paths there are.
    pub distinct_paths: u64,
    /// Loops, the most frequent first.
    pub loops: Vec<JourneyLoop>,
    /// Entities by step (from 0) and event; the last event is the end, at which all stay who came to it.
    pub steps: Vec<Vec<u64>>,
    /// Entities that go from one event to another by step: (step, from, to, entities); the event after the last is the end.
    pub flows: Vec<(u32, u32, u32, u64)>,
    /// Names of channels.
    pub channels: Vec<String>,
    /// Entities by channel (`None` where unknown) and where they stopped (`None` before the first stage).
    pub stopped: Vec<(Option<u32>, Option<u32>, u64)>,
    /// What was left out or assumed.
    pub notes: Vec<String>,
}

/// More kinds of events than this are no map.
const MOST_KINDS: usize = 500;

/// Draws the journey map of an event log.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for more than 500 kinds of events, a stage that is no event, or numbers out of
/// range; [`Error::Core`] where the log has no such channel.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_funnel::{EventColumns, EventLog, JourneyParams, journey};
/// let events = batch!("who" => [1, 1, 2], "at" => ["2024-01-01", "2024-01-03", "2024-01-01"], "what" => ["see", "buy", "see"])?;
/// let log = EventLog::from_batches(&[events], &EventColumns::new("who", "at", "what"))?;
/// let map = journey(&log, &JourneyParams::default())?;
/// let event = |name: &str| map.names.iter().position(|known| known == name).map(|at| at as u32);
/// let see_buy = map.transitions.iter().find(|step| step.from == event("see") && step.to == event("buy"));
/// assert_eq!(see_buy.map(|step| (step.count, step.probability.estimate, step.median_days)), Some((1, 0.5, Some(2.0))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn journey(log: &EventLog, params: &JourneyParams) -> Result<Journey, Error> {
    params.check()?;
    let view = View::new(log, params)?;
    let n = log.n_entities();
    let pieces = (4 * rayon::current_num_threads()).min(n).max(1);
    let counts = (0..pieces)
        .into_par_iter()
        .watched()
        .map(|piece| view.count(piece * n / pieces..(piece + 1) * n / pieces))
        .reduce_with(Counts::merge)
        .unwrap_or_else(|| Counts::new(&view));
    let (paths, distinct_paths) = view.paths(&counts);
    let mut loops: Vec<JourneyLoop> = counts
        .loops
        .iter()
        .map(|(&(event, via), &(count, entities))| JourneyLoop {
            event,
            via: (via != NO_CODE).then_some(via),
            count,
            entities,
        })
        .collect();
    loops.sort_by_key(|row| (std::cmp::Reverse(row.count), row.event, row.via));
    let mut notes = log.left_out().notes();
    notes.extend(tied(log));
    if params.collapse {
        notes.push("Events repeated immediately count once.".into());
    }
    Ok(Journey {
        params: params.clone(),
        entities: n as u64,
        events: log.n_events() as u64,
        transitions: view.transitions(&counts),
        paths,
        distinct_paths,
        loops,
        flows: view.flows(&counts),
        stopped: view.stopped(&counts),
        steps: counts.steps.chunks(view.kinds + 1).map(<[u64]>::to_vec).collect(),
        names: log.names.clone(),
        channels: view.channel.map_or(Vec::new(), |channel| channel.1.to_vec()),
        notes,
    })
}

/// What to know where different events are of one moment: nothing tells which came first.
fn tied(log: &EventLog) -> Option<String> {
    let is_tied = |bounds: &&[u32]| {
        let rows = bounds[0] as usize..bounds[1] as usize;
        let of = |row: usize| (log.micros[row], log.events[row]);
        rows.clone().zip(rows.skip(1)).any(|(a, b)| of(a).0 == of(b).0 && of(a).1 != of(b).1)
    };
    let entities = log.offsets.windows(2).filter(is_tied).count();
    (entities > 0).then(|| {
        format!(
            "{entities} of {} entities have different events at the same moment: these keep their input order, which paths and transitions depend on.",
            log.n_entities()
        )
    })
}

/// The log as the map looks at it.
struct View<'a> {
    log: &'a EventLog,
    params: &'a JourneyParams,
    kinds: usize,
    /// Codes and names of channels.
    channel: Option<(&'a [u32], &'a [String])>,
    /// The place of each event among the stages.
    stage_of: Vec<Option<usize>>,
}

/// A path: its events, the entities that went it, and their microseconds.
type Trodden<'a> = (&'a [u16], u64, i128);

/// Counts of some entities.
struct Counts {
    /// By event and next; the event after the last is the start, the next after the last the end.
    transitions: Vec<u64>,
    steps: Vec<u64>,
    /// By step, event and next.
    flows: Vec<u64>,
    /// Entities and microseconds.
    paths: HashMap<Box<[u16]>, (u64, i128)>,
    loops: HashMap<(u32, u32), (u64, u64)>,
    /// By channel and event or stage, unknown ones last.
    stopped: Vec<u64>,
}

impl<'a> View<'a> {
    fn new(log: &'a EventLog, params: &'a JourneyParams) -> Result<Self, Error> {
        let kinds = log.names.len();
        if kinds > MOST_KINDS {
            let expected = format!("at most {MOST_KINDS} kinds: put rare events together, or take a coarser column");
            return Err(Error::parameter("event", format!("{kinds} kinds of events"), expected));
        }
        let channel = match &params.channel {
            None => None,
            Some(name) => {
                let property = log.property("channel", name)?;
                Some((property.codes.as_slice(), property.names.as_slice()))
            }
        };
        let mut stage_of = vec![None; kinds];
        for (place, stage) in params.stages.iter().enumerate() {
            let Some(event) = log.names.iter().position(|name| name == stage) else {
                let hint = nearest(stage, log.names.iter().map(String::as_str))
                    .map_or(String::new(), |near| format!("; did you mean {near:?}?"));
                return Err(Error::parameter("stages", format!("{stage:?}"), format!("events of the log{hint}")));
            };
            if stage_of[event].replace(place).is_some() {
                return Err(Error::parameter("stages", format!("{stage:?} twice"), "each stage once"));
            }
        }
        Ok(Self { log, params, kinds, channel, stage_of })
    }

    /// Where an entity can stop: an event, or a stage.
    fn stops(&self) -> usize {
        if self.params.stages.is_empty() { self.kinds } else { self.params.stages.len() }
    }

    /// The rows of an entity that count.
    fn rows(&self, entity: usize) -> impl Iterator<Item = usize> + '_ {
        let rows = self.log.offsets[entity] as usize..self.log.offsets[entity + 1] as usize;
        let mut last = NO_CODE;
        rows.filter(move |row| {
            let event = self.log.events[*row];
            let counts = event != NO_CODE && !(self.params.collapse && event == last);
            if event != NO_CODE {
                last = event;
            }
            counts
        })
    }

    fn count(&self, entities: Range<usize>) -> Counts {
        let mut counts = Counts::new(self);
        let (mut events, mut seen) = (Vec::new(), Vec::new());
        for entity in entities {
            let rows: Vec<usize> = self.rows(entity).collect();
            let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { continue };
            events.clear();
            events.extend(rows.iter().map(|row| self.log.events[*row] as usize));
            counts.add(self, &events, i128::from(self.log.micros[last]) - i128::from(self.log.micros[first]));
            counts.add_loops(&events, &mut seen);
            let channel = self.channel.map_or(0, |(codes, names)| {
                let all = self.log.offsets[entity] as usize..self.log.offsets[entity + 1] as usize;
                codes[all].iter().find(|code| **code != NO_CODE).map_or(names.len(), |code| *code as usize)
            });
            let stop = if self.params.stages.is_empty() {
                events.last().copied()
            } else {
                events.iter().filter_map(|event| self.stage_of[*event]).max()
            };
            counts.stopped[channel * (self.stops() + 1) + stop.unwrap_or(self.stops())] += 1;
        }
        counts
    }

    fn transitions(&self, counts: &Counts) -> Vec<JourneyTransition> {
        let width = self.kinds + 1;
        let times = self.times(counts);
        let z = normal_quantile(0.5 + self.params.level / 2.0);
        let code = |at: usize| (at < self.kinds).then_some(at as u32);
        let mut found = Vec::new();
        for from in std::iter::once(self.kinds).chain(0..self.kinds) {
            let row = &counts.transitions[from * width..(from + 1) * width];
            let all: u64 = row.iter().sum();
            let mut order: Vec<usize> = (0..width).filter(|to| row[*to] > 0).collect();
            order.sort_by_key(|to| (std::cmp::Reverse(row[*to]), *to));
            found.extend(order.into_iter().map(|to| JourneyTransition {
                from: code(from),
                to: code(to),
                count: row[to],
                probability: wilson_share(row[to] as f64 / all as f64, all as f64, z),
                median_days: times[from * width + to].map(|times| times.0),
                mean_days: times[from * width + to].map(|times| times.1),
            }));
        }
        found
    }

    /// Median and mean days of each transition.
    fn times(&self, counts: &Counts) -> Vec<Option<(f64, f64)>> {
        let width = self.kinds + 1;
        let is_inner = |pair: usize| pair / width < self.kinds && pair % width < self.kinds;
        let mut ends = Vec::with_capacity(counts.transitions.len());
        let mut total = 0;
        for (pair, count) in counts.transitions.iter().enumerate() {
            ends.push(total);
            total += if is_inner(pair) { *count as usize } else { 0 };
        }
        let mut days = vec![0.0; total];
        for entity in 0..self.log.n_entities() {
            let mut before: Option<usize> = None;
            for row in self.rows(entity) {
                if let Some(before) = before {
                    let pair = self.log.events[before] as usize * width + self.log.events[row] as usize;
                    days[ends[pair]] = (self.log.micros[row] - self.log.micros[before]) as f64 / MICROS_PER_DAY as f64;
                    ends[pair] += 1;
                }
                before = Some(row);
            }
        }
        let mut parts = Vec::with_capacity(ends.len());
        let mut rest = days.as_mut_slice();
        for (pair, count) in counts.transitions.iter().enumerate() {
            let (part, after) = rest.split_at_mut(if is_inner(pair) { *count as usize } else { 0 });
            parts.push(part);
            rest = after;
        }
        parts
            .into_par_iter()
            .watched()
            .map(|part| {
                let mean = sum(part) / part.len() as f64;
                median(part).map(|median| (median, mean))
            })
            .collect()
    }

    fn paths(&self, counts: &Counts) -> (Vec<JourneyPath>, u64) {
        let mut order: Vec<Trodden<'_>> =
            counts.paths.iter().map(|(events, &(n, micros))| (&**events, n, micros)).collect();
        let by = |a: &Trodden<'_>, b: &Trodden<'_>| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
        let kept = self.params.paths.min(order.len());
        if kept > 0 && kept < order.len() {
            order.select_nth_unstable_by(kept - 1, by);
        }
        order.truncate(kept);
        order.sort_by(by);
        let path = |(events, entities, micros): Trodden<'_>| JourneyPath {
            events: events.iter().take(self.params.steps).map(|event| u32::from(*event)).collect(),
            goes_on: events.len() > self.params.steps,
            entities,
            mean_days: micros as f64 / entities as f64 / MICROS_PER_DAY as f64,
        };
        (order.into_iter().map(path).collect(), counts.paths.len() as u64)
    }

    fn flows(&self, counts: &Counts) -> Vec<(u32, u32, u32, u64)> {
        let width = self.kinds + 1;
        let all = counts.flows.iter().enumerate().filter(|(_, count)| **count > 0);
        all.map(|(at, count)| {
            ((at / width / self.kinds) as u32, (at / width % self.kinds) as u32, (at % width) as u32, *count)
        })
        .collect()
    }

    fn stopped(&self, counts: &Counts) -> Vec<(Option<u32>, Option<u32>, u64)> {
        let (width, channels) = (self.stops() + 1, self.channel.map_or(0, |channel| channel.1.len()));
        let code = |at: usize, n: usize| (at < n).then_some(at as u32);
        // Without channels all came by the one that is unknown.
        let all = counts.stopped.iter().enumerate().filter(|(_, count)| **count > 0);
        all.map(|(at, count)| (code(at / width, channels), code(at % width, self.stops()), *count)).collect()
    }
}

impl Counts {
    fn new(view: &View<'_>) -> Self {
        let (kinds, steps) = (view.kinds, view.params.steps);
        Self {
            transitions: vec![0; (kinds + 1) * (kinds + 1)],
            steps: vec![0; steps * (kinds + 1)],
            flows: vec![0; (steps - 1) * kinds * (kinds + 1)],
            paths: HashMap::new(),
            loops: HashMap::new(),
            stopped: vec![0; (view.channel.map_or(0, |channel| channel.1.len()) + 1) * (view.stops() + 1)],
        }
    }

    fn add(&mut self, view: &View<'_>, events: &[usize], micros: i128) {
        let (kinds, width, steps) = (view.kinds, view.kinds + 1, view.params.steps);
        self.transitions[kinds * width + events[0]] += 1;
        events.windows(2).for_each(|pair| self.transitions[pair[0] * width + pair[1]] += 1);
        self.transitions[events[events.len() - 1] * width + kinds] += 1;
        for step in 0..steps {
            let here = events.get(step).copied().unwrap_or(kinds);
            self.steps[step * width + here] += 1;
            if step + 1 < steps && here < kinds {
                let next = events.get(step + 1).copied().unwrap_or(kinds);
                self.flows[(step * kinds + here) * width + next] += 1;
            }
        }
        // One event more than is told says that a path goes on; which it is does not matter.
        let mut path: Vec<u16> = events.iter().take(steps).map(|event| *event as u16).collect();
        if events.len() > steps {
            path.push(u16::MAX);
        }
        let known = self.paths.entry(path.into_boxed_slice()).or_default();
        *known = (known.0 + 1, known.1 + micros);
    }

    fn add_loops(&mut self, events: &[usize], seen: &mut Vec<(u32, u32)>) {
        seen.clear();
        let at_once = events.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| (pair[0] as u32, NO_CODE));
        seen.extend(at_once);
        let after = events.windows(3).filter(|three| three[0] == three[2] && three[0] != three[1]);
        seen.extend(after.map(|three| (three[0] as u32, three[1] as u32)));
        seen.sort_unstable();
        for same in seen.chunk_by(|a, b| a == b) {
            let known = self.loops.entry(same[0]).or_default();
            *known = (known.0 + same.len() as u64, known.1 + 1);
        }
    }

    fn merge(mut self, other: Self) -> Self {
        let add = |into: &mut [u64], more: &[u64]| into.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        add(&mut self.transitions, &other.transitions);
        add(&mut self.steps, &other.steps);
        add(&mut self.flows, &other.flows);
        add(&mut self.stopped, &other.stopped);
        for (path, more) in other.paths {
            let known = self.paths.entry(path).or_default();
            *known = (known.0 + more.0, known.1 + more.1);
        }
        for (code, more) in other.loops {
            let known = self.loops.entry(code).or_default();
            *known = (known.0 + more.0, known.1 + more.1);
        }
        self
    }
}
