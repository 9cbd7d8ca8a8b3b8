//! The stage funnel: how many entities of an event log go from stage to stage, how long it takes, and where they stop.
//!
//! The rules are those of `ClickHouse`'s `windowFunnel`, with more beside them; what was asked stands on every result, and [`StageFunnel::audit`]
//! shows what other rules would have said.

mod audit;
mod chain;
mod compare;
mod entries;
mod once;
mod ordered;
mod params;
mod pass;
mod plan;
mod reach;
mod rules;
mod spans;
mod table;
mod unordered;
mod walk;

use leverkit_core::{Params, counted};
use leverkit_stats::{Interval, normal_quantile, par_quantiles, wilson_share};
use serde::Serialize;

pub use audit::{Audit, AuditRow};
pub use compare::{MixRow, StageComparison, StageDifference, compare_stages};
pub use params::{Exclusion, Mode, StageParams, StageRule, Ties, Touch, WindowFrom};
pub use spans::parse_span;

use crate::error::Error;
use crate::events::EventLog;
use pass::{ByGroup, Counted, Outcome, Sums, count};

/// A funnel over an event log.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_funnel::{EventColumns, EventLog, StageParams, StageRule, stages};
/// let days = ["2024-01-01", "2024-01-04", "2024-01-02", "2024-01-03"];
/// let events = batch!("who" => [1, 1, 2, 2], "at" => days, "what" => ["see", "buy", "see", "leave"])?;
/// let log = EventLog::from_batches(&[events], &EventColumns::new("who", "at", "what"))?;
/// let asked = StageParams { stages: vec![StageRule::event("see"), StageRule::event("buy")], ..StageParams::default() };
/// let funnel = stages(&log, &asked)?;
/// // Who stopped at a stage, and what they did next.
/// let dropped = Table::from(funnel.dropped_batch("see")?);
/// assert_eq!(dropped.column("who").unwrap().texts(), [Some("2".into())]);
/// let exits = Table::from(funnel.exits_batch()?);
/// assert_eq!(exits.column("event").unwrap().texts(), [Some("leave".into())]);
/// // The same funnel under other rules.
/// assert!(funnel.audit()?.rows.iter().any(|row| row.is_used));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct StageFunnel {
    /// The parameters; repeated stages are distinguished by a number after their names.
    pub params: StageParams,
    /// One row per group and stage.
    pub rows: Vec<StageRow>,
    /// What was left out, and what to know before using the numbers.
    pub notes: Vec<String>,
    pub(crate) log: EventLog,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) groups: Vec<Option<String>>,
}

/// One stage of one group.
#[derive(Debug, Clone, Serialize)]
pub struct StageRow {
    /// The group; "all" without groups, `None` for entities whose group is unknown.
    pub group: Option<String>,
    /// The stage.
    pub stage: String,
    /// Entities that a chain brought to it.
    pub reached: u64,
    /// Their share of those at the stage before, ignoring optional stages; none at the first stage.
    pub from_previous: Option<Interval>,
    /// Their share of those at the first stage.
    pub from_first: Option<Interval>,
    /// Entities that came to this stage and no further.
    pub dropped: u64,
    /// Median days from the stage before.
    pub median_time: Option<f64>,
    /// Money of the events that first reached the stage, if the log has any.
    pub value: Option<f64>,
    /// Smallest and largest number of entities under the three rules for events at the same moment.
    pub ties: (u64, u64),
    /// Days from the first stage, of each entity.
    #[serde(skip)]
    pub from_first_days: Vec<f64>,
    /// Days from the stage before, of each entity.
    #[serde(skip)]
    pub from_previous_days: Vec<f64>,
}

/// More groups than this are a mistake: each needs entities enough to follow.
const MOST_GROUPS: usize = 1000;

/// Runs a funnel over an event log.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for events, values or groups that the log does not have, or more than 1,000 groups;
/// [`Error::Core`] for properties
/// that it does not have.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_funnel::{EventColumns, EventLog, StageParams, StageRule, stages};
/// let events = batch!("who" => [1, 1, 2], "at" => ["2024-01-01", "2024-01-04", "2024-01-02"], "what" => ["see", "buy", "see"])?;
/// let log = EventLog::from_batches(&[events], &EventColumns::new("who", "at", "what"))?;
/// let asked = StageParams { stages: vec![StageRule::event("see"), StageRule::event("buy")], ..StageParams::default() };
/// let funnel = stages(&log, &asked)?;
/// assert_eq!((funnel.rows[0].reached, funnel.rows[1].reached, funnel.rows[1].median_time), (2, 1, Some(3.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stages(log: &EventLog, params: &StageParams) -> Result<StageFunnel, Error> {
    params.check()?;
    let params = params.numbered();
    let asked = &params;
    let by = ByGroup(asked.by.as_ref().map(|name| log.property("by", name)).transpose()?);
    if by.len() > MOST_GROUPS + 1 {
        let expected = format!("at most {MOST_GROUPS}: take a coarser property");
        return Err(Error::parameter("by", format!("{} groups", by.len() - 1), expected));
    }
    let counted = count(log, asked, &by)?;
    let mut notes = vec![asked.policy()];
    notes.extend(log.left_out().notes());
    notes.extend(still_open(asked, &counted));
    let Counted { sums, outcomes, tied, .. } = counted;
    let unknown = sums.iter().map(|sums| sums.unknown).sum();
    let groups: Vec<Option<String>> = match by.0 {
        None => vec![Some("all".into())],
        Some(property) => property.names.iter().cloned().map(Some).chain([None]).collect(),
    };
    let mut by_group: Vec<(usize, Vec<Sums>)> = Vec::new();
    let mut sums = sums.into_iter();
    for group in 0..groups.len() {
        by_group.push((group, sums.by_ref().take(asked.stages.len()).collect()));
    }
    // Without groups the row stands even where nobody came.
    by_group.retain(|(_, sums)| by.0.is_none() || sums.iter().any(|sums| sums.reached > 0));
    by_group.sort_by_key(|(group, _)| (groups[*group].is_none(), groups[*group].clone()));
    let rows: Vec<StageRow> =
        by_group.into_iter().flat_map(|(group, sums)| rows(asked, log, groups[group].as_deref(), sums)).collect();
    notes.extend(remarks(asked, &rows, tied, unknown));
    Ok(StageFunnel { params, rows, notes, log: log.clone(), outcomes, groups })
}

/// A share with Wilson's limits; none of nobody.
pub(crate) fn share(part: u64, of: u64, level: f64) -> Option<Interval> {
    let z = normal_quantile(0.5 + level / 2.0);
    (of > 0).then(|| wilson_share(part as f64 / of as f64, of as f64, z))
}

fn rows(asked: &StageParams, log: &EventLog, group: Option<&str>, sums: Vec<Sums>) -> Vec<StageRow> {
    let share = |part: u64, of: u64| share(part, of, asked.level);
    let reached: Vec<u64> = sums.iter().map(|sums| sums.reached).collect();
    let last = sums.len() - 1;
    let labels = asked.labels();
    let row = |(stage, sums): (usize, Sums)| {
        let under = sums.more.map(|more| sums.reached.saturating_add_signed(more));
        StageRow {
            group: group.map(str::to_owned),
            stage: labels[stage].clone(),
            reached: sums.reached,
            from_previous: asked.before(stage).and_then(|before| share(sums.reached, reached[before])),
            from_first: share(sums.reached, reached[0]),
            dropped: if stage == last { 0 } else { sums.stopped },
            median_time: par_quantiles(&sums.from_previous, &[0.5]).first().copied(),
            value: log.values.is_some().then_some(sums.value),
            ties: (under.into_iter().min().unwrap_or_default(), under.into_iter().max().unwrap_or_default()),
            from_first_days: sums.from_first,
            from_previous_days: sums.from_previous,
        }
    };
    sums.into_iter().enumerate().map(row).collect()
}

/// What to know where windows were not over when the log ended.
fn still_open(asked: &StageParams, counted: &Counted) -> Option<String> {
    let window = asked.window?;
    let (began, over) = (counted.outcomes.len() as u64, counted.over);
    let reached =
        counted.outcomes.iter().filter(|outcome| usize::from(outcome.stage) + 1 == asked.stages.len()).count();
    let share = |part: u64, of: u64| format!("{:.1} %", 100.0 * part as f64 / of as f64);
    let known = if over == 0 {
        "no window is over yet, so shares can only rise".to_owned()
    } else {
        let (those, all) = (share(counted.over_reached, over), share(reached as u64, began));
        format!("of the {over} whose window is over {those} reached the last stage, of all {all}")
    };
    (over < began).then(|| {
        format!(
            "{} of {began} entities began too late to be followed for {} when the log ended: {known}.",
            began - over,
            spans::span(window)
        )
    })
}

fn remarks(asked: &StageParams, rows: &[StageRow], tied: u64, unknown: u64) -> Vec<String> {
    let mut notes = Vec::new();
    let end = asked.stages.len() - 1;
    let of_last = || rows.iter().skip(end).step_by(end + 1);
    let (fewest, largest) = of_last().fold((0, 0), |sum, row| (sum.0 + row.ties.0, sum.1 + row.ties.1));
    let reached: u64 = of_last().map(|row| row.reached).sum();
    if let Some(stage) = asked.shared().filter(|_| !asked.has(Mode::StrictOnce)) {
        notes.push(format!(
            "An event of {stage:?} stands for an earlier stage too, and one event counts for both; with mode strict_once it counts for one."
        ));
    }
    if rows.iter().any(|row| row.ties.0 != row.ties.1) {
        notes.push(format!(
            "Ties matter: {tied} entities have events at the same moment, and {fewest} to {largest} reach the last stage, depending on the rule for them; \
             {reached} under the rule that was used."
        ));
    }
    if unknown > 0 {
        let events = counted(unknown, "event", "events");
        notes.push(format!("{events} that reached a stage without a known value: counted as 0."));
    }
    if let Some(hold) = &asked.hold {
        notes.push(format!("Events without a value of {hold:?} are no stages."));
    }
    notes
}
