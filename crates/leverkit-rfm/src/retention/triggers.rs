//! Triggers: whom to call in a range of days, before their limit day or after it, in order of the money that a call can save.

use leverkit_core::{Column, CustomerLines, DAYS_PER_YEAR, Day, Ledger, Params, format_day};
use serde::{Deserialize, Serialize};

use super::limit_day::{CustomerLimit, GroupLimit, LimitDays, limit_day};
use super::params::{LimitDayBy, LimitDayParams, TriggerParams};
use crate::scores::segments_by_customer;
use crate::{Error, ScoreParams};

/// A year of business is at stake with each customer.
const YEAR: i32 = DAYS_PER_YEAR as i32;

/// Why to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The customer crosses their limit day in the range: the last day to call.
    LimitDay,
    /// The limit day is past: a cold lead that may be won back.
    WinBack,
}

impl Trigger {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::LimitDay => "limit_day",
            Self::WinBack => "win_back",
        }
    }
}

impl TriggerParams {
    /// The share that a call saves at most, by the reason for it.
    pub fn share(&self, trigger: Trigger) -> f64 {
        match trigger {
            Trigger::LimitDay => self.kept,
            Trigger::WinBack => self.won_back,
        }
    }
}

/// Triggers of a range of days: those before their limit day first, then by the money that a call can save.
#[derive(Debug, Clone)]
pub struct Triggers {
    /// What they were computed with.
    pub params: TriggerParams,
    /// The first day of the range; what is known on its eve is used.
    pub start: Day,
    /// The last day of the range.
    pub end: Day,
    /// The horizon in days within which a return counts.
    pub horizon: u32,
    /// The rows, those before their limit day first, then by the money that a call can save.
    pub rows: Vec<TriggerRow>,
    /// The names of segments.
    pub(crate) segments: Vec<String>,
    /// The customers' ids by code.
    pub(crate) ids: Column,
    /// What was left out, and what was changed.
    pub notes: Vec<String>,
}

/// A customer to call.
///
/// ```
/// use leverkit_rfm::{Trigger, TriggerParams, TriggerRow};
/// let params = TriggerParams { kept: 0.3, ..TriggerParams::default() };
/// let row = TriggerRow {
///     customer: 0,
///     date: 19_800.into(),
///     trigger: Trigger::LimitDay,
///     segment: 0,
///     last_order: 19_770.into(),
///     limit_date: 19_800.into(),
///     value_at_risk: 1000.0,
///     probability: 0.6,
///     saved: params.share(Trigger::LimitDay),
/// };
/// assert_eq!((row.expected_loss(), row.expected_value(), row.expected_saving()), (600.0, 400.0, 180.0));
/// assert_eq!(row.trigger.name(), "limit_day");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TriggerRow {
    /// The customer's code in the ledger.
    pub customer: u32,
    /// The day to act: the limit date, or the first day of the range for those who are past it.
    pub date: Day,
    /// Why.
    pub trigger: Trigger,
    /// Position of the RFM segment on the eve of the range.
    pub segment: u8,
    /// The day of the last order.
    pub last_order: Day,
    /// The day on which the customer crosses, or crossed, their limit.
    pub limit_date: Day,
    /// Money of the customer's lines in the year up to their last order.
    pub value_at_risk: f64,
    /// Chance that the customer does not return within the horizon.
    pub probability: f64,
    /// Chance that a call saves the customer who would be lost.
    pub saved: f64,
}

impl TriggerRow {
    /// Money a year that is lost if nothing is done, times its chance.
    pub fn expected_loss(&self) -> f64 {
        self.value_at_risk * self.probability
    }

    /// Money a year that a call can save: what is at stake, times the chances that it is lost and that it is saved.
    pub fn expected_saving(&self) -> f64 {
        self.expected_loss() * self.saved
    }

    /// Money a year that comes back by itself, times its chance.
    pub fn expected_value(&self) -> f64 {
        self.value_at_risk * (1.0 - self.probability)
    }
}

/// Lists who crosses their limit day from `start` to `end`, and who is past it, as it is known on the eve of `start`, or on the last day of the data where
/// that is earlier: whoever orders in between is on the list still, and a note says so.
///
/// What a call saves nobody knows before it is tried: `kept` and `won_back` of `params` are taken, less for customers whose chance of return has
/// fallen under `p`, in proportion, and none for those who never return.
///
/// # Errors
/// [`Error::Core`] where `end` lies before `start`, or as [`limit_day`].
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch};
/// use leverkit_rfm::{TriggerParams, triggers};
/// let lines = batch!(
///     "c" => [1, 1, 1, 2, 3, 4],
///     "t" => ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-03", "2024-03-01"],
///     "a" => [1.0; 6],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = triggers(&ledger, &TriggerParams { horizon: 20, ..TriggerParams::default() })?;
/// // Those before their limit day come first.
/// assert_eq!(Table::from(found.to_batch()?).column("trigger").and_then(|column| column.text(0)), Some("limit_day".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn triggers(ledger: &Ledger, params: &TriggerParams) -> Result<Triggers, Error> {
    params.check()?;
    let start = params.start.unwrap_or(ledger.as_of());
    let end = params.end.unwrap_or(start + 6);
    if end < start {
        return Err(Error::parameter("end", format_day(end), format!("a day from start = {} on", format_day(start))));
    }
    // Days after the ledger's are not known to be silent.
    let eve = (start - 1).min(ledger.as_of());
    let limit_params = LimitDayParams {
        p: params.p,
        horizon: params.horizon,
        by: LimitDayBy::All,
        as_of: Some(eve),
        ..LimitDayParams::default()
    };
    let limits = limit_day(ledger, &limit_params)?;
    let score_params = ScoreParams::default();
    let segments = segments_by_customer(ledger, eve, &score_params)?;
    let row = |limit: &CustomerLimit| {
        let segment = segments[limit.customer as usize].unwrap_or_default();
        row(limit, params, (start, end), segment, &ledger.customer(limit.customer))
    };
    let mut rows: Vec<TriggerRow> = limits.customers.iter().filter_map(row).collect();
    rows.sort_unstable_by(|a, b| {
        let saving = b.expected_saving().total_cmp(&a.expected_saving());
        a.trigger.cmp(&b.trigger).then(saving).then(a.customer.cmp(&b.customer))
    });
    let names = score_params.segments.names();
    let unseen = unseen(eve, start);
    let notes = unseen.into_iter().chain(notes(&limits, params, &rows)).collect();
    Ok(Triggers {
        params: params.clone(),
        start,
        end,
        horizon: limits.horizon,
        rows,
        segments: names,
        ids: limits.ids,
        notes,
    })
}

fn row(
    limit: &CustomerLimit,
    params: &TriggerParams,
    range: (Day, Day),
    segment: u8,
    lines: &CustomerLines<'_>,
) -> Option<TriggerRow> {
    let limit_date = limit.limit_date().filter(|&date| date <= range.1)?;
    let (trigger, date) =
        if limit_date >= range.0 { (Trigger::LimitDay, limit_date) } else { (Trigger::WinBack, range.0) };
    let chance = limit.return_chance?;
    let at = |day: Day| lines.days.partition_point(|&other| other <= day);
    let year = at(limit.last_order - YEAR)..at(limit.last_order);
    Some(TriggerRow {
        customer: limit.customer,
        date,
        trigger,
        segment,
        last_order: limit.last_order,
        limit_date,
        value_at_risk: lines.amounts[year].iter().sum::<f64>().max(0.0),
        probability: 1.0 - chance,
        saved: params.share(trigger) * (chance / params.p).min(1.0),
    })
}

/// That nothing is known of the days before the list.
fn unseen(until: Day, start: Day) -> Option<String> {
    let days = start - 1 - until;
    (days > 0).then(|| {
        format!(
            "The data end on {}, {days} days before the list begins: whoever orders in between is on it still. Take the orders of those days in first.",
            format_day(until)
        )
    })
}

fn notes(limits: &LimitDays, params: &TriggerParams, rows: &[TriggerRow]) -> Vec<String> {
    let reasons = limits.groups.iter().filter_map(|group: &GroupLimit| group.reason.as_ref());
    let assumed = (!rows.is_empty()).then(|| {
        format!(
            "What a call saves is assumed until it is tried: {} % of those who would be lost where it comes before their limit day, {} % after it, \
             falling to 0 with the chance that they return. Set kept and won_back to what your own test found.",
            percent(params.kept),
            percent(params.won_back)
        )
    });
    limits
        .notes
        .iter()
        .cloned()
        .chain(reasons.map(|reason| format!("No limit day: {reason}.")))
        .chain(assumed)
        .collect()
}

fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}
