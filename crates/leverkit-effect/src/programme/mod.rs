//! A programme judged: several designs side by side, their placebos, the verdict, and the money.

mod adjusted;
mod balancing;
mod beside;
mod designs;
mod groups;
mod judge;
mod matched;
mod money;
mod params;
mod relabelling;
mod split;
mod table;
mod verdict;

use leverkit_core::{Day, Ledger, LeftOut, Params, Table, format_day};
use leverkit_stats::{Estimate, Interval};

pub use adjusted::Balance;
pub use beside::Beside;
pub use groups::GroupVerdict;
pub use money::Money;
pub use params::ProgrammeParams;
pub use relabelling::Relabelled;
pub use split::Factor;
pub use verdict::Verdict;

use self::beside::Compared;
use crate::Error;
pub use crate::did::{AxisEffect, Wald};
use crate::panel::{Capped, Histories, Joined, MemberColumns, NEVER, NotCompared, Timeline, said};

/// What a design says of an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignEffect {
    /// `naive`, `before_after`, `did`, `adjusted`, `balanced` or `matched`.
    pub design: &'static str,
    /// `active`, `orders`, `spend` or `margin`, per member and period.
    pub outcome: &'static str,
    /// The effect; `None` where the design cannot be estimated.
    pub effect: Option<Estimate>,
    /// The effect as a share of what would have been.
    pub percent: Option<f64>,
    /// The p-value, corrected for the outcomes that the design looks at (Benjamini & Hochberg 1995).
    pub q_value: Option<f64>,
    /// The same design as if members had joined earlier.
    pub placebo: Option<Estimate>,
    /// `not to be believed` where it compares what cannot be compared; `placebo fails`, `placebo passes`, `no placebo possible`; or why there is no effect.
    pub status: String,
}

/// Members, customers and periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counts {
    /// Members that are compared.
    pub members: u64,
    /// Customers who have not joined by the end.
    pub controls: u64,
    /// Members times their periods since joining.
    pub member_periods: u64,
    /// Customers who are in no comparison.
    pub not_compared: NotCompared,
    /// Equally weighted controls that those of the adjusted design are worth; NaN without it.
    pub effective_controls: f64,
}

/// A programme judged.
#[derive(Debug, Clone)]
pub struct Programme {
    /// What was found.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The effect on money per member and period; `None` where it is not identified.
    pub effect: Option<Interval>,
    /// Between the limits of the two designs: it holds the effect if members were chosen for their level, or for what they did lately.
    pub bracket: Option<Interval>,
    /// The smallest effect that difference-in-differences would have seen with a power of 80 %.
    pub detectable: Option<f64>,
    /// All designs on all outcomes.
    pub effects: Vec<DesignEffect>,
    /// The effect on money by periods since joining.
    pub event_study: Vec<AxisEffect>,
    /// The joint test of the periods before joining.
    pub pre_trend: Option<Wald>,
    /// Of the members who would not have ordered in a period, the share who did; `None` where the effect is not identified.
    pub kept: Option<Interval>,
    /// Return, frequency and check; empty where the effect is not identified.
    pub split: Vec<Factor>,
    /// What the programme earned.
    pub money: Vec<Money>,
    /// Members judged apart; empty where they are not told apart.
    pub groups: Vec<GroupVerdict>,
    /// How alike members and controls were.
    pub balance: Vec<Balance>,
    /// Joining dealt out at random.
    pub relabelled: Option<Relabelled>,
    /// The outcome that is money: `spend`, or `margin` where costs are known.
    pub outcome: &'static str,
    /// First days of the periods that are compared, and the last day.
    pub periods: (Vec<Day>, Day),
    /// Members, customers and periods.
    pub counts: Counts,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// Rows that were left out.
    pub left_out: Vec<LeftOut>,
}

/// Judges a programme, a campaign or anything else that customers join: who is compared is settled before anybody joined, every period counts,
/// and no number is told that a placebo contradicts.
///
/// # Errors
/// Parameters or columns that do not fit; [`Error::NotIdentified`] where nobody of the ledger joined, or nothing is known of before or after.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch};
/// use leverkit_effect::programme::{ProgrammeParams, Verdict, programme};
///
/// let (mut ids, mut days) = (Vec::new(), Vec::new());
/// for customer in 0..40 {
///     for month in 1..=6 {
///         ids.push(customer);
///         days.push(format!("2024-{month:02}-{:02}", 1 + customer % 28));
///     }
/// }
/// let amounts: Vec<f64> = ids.iter().zip(&days).map(|(id, day)| f64::from((id * 7 + day.len() as i32 * 3) % 11)).collect();
/// let lines = batch!("c" => ids, "t" => days, "a" => amounts)?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let members = batch!("customer" => (0..10).collect::<Vec<i32>>(), "joined" => ["2024-04-01"; 10])?;
/// let found = programme(&ledger, &Table::from(members), &ProgrammeParams::default())?;
/// assert_eq!(found.verdict, Verdict::NotIdentified); // ten members are too few
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn programme(ledger: &Ledger, members: &Table, params: &ProgrammeParams) -> Result<Programme, Error> {
    programme_with(ledger, members, Beside::default(), params)
}

/// The same, with what is known of customers beside their lines: rewards that were redeemed, and covariates.
///
/// # Errors
/// As [`programme`]; [`Error::Value`] for negative points, for two rows of covariates of a customer, and for covariates that are no older than joining.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch};
/// use leverkit_effect::programme::{Beside, ProgrammeParams, programme_with};
///
/// let (mut ids, mut days) = (Vec::new(), Vec::new());
/// for customer in 0..40 {
///     for month in 1..=6 {
///         ids.push(customer);
///         days.push(format!("2024-{month:02}-{:02}", 1 + customer % 28));
///     }
/// }
/// let lines = batch!("c" => ids.clone(), "t" => days, "a" => vec![10.0; ids.len()])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let members = batch!("customer" => (0..10).collect::<Vec<i32>>(), "joined" => ["2024-04-01"; 10])?;
/// let rewards = Table::from(batch!("customer" => [1, 30], "date" => ["2024-05-02"; 2], "redeemed" => [50.0, 20.0])?);
/// let beside = Beside { rewards: Some(&rewards), ..Beside::default() };
/// let found = programme_with(&ledger, &Table::from(members), beside, &ProgrammeParams { point_cost: 0.1, ..ProgrammeParams::default() })?;
/// let cost = found.money.iter().find(|row| row.item == "reward_cost").and_then(|row| row.value);
/// assert_eq!(cost.map(|cost| cost.estimate), Some(5.0)); // customer 30 is no member
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn programme_with(
    ledger: &Ledger,
    members: &Table,
    beside: Beside<'_>,
    params: &ProgrammeParams,
) -> Result<Programme, Error> {
    params.check()?;
    if beside.rewards.is_some() && params.reward_cost > 0.0 {
        return Err(Error::parameter(
            "reward_cost",
            params.reward_cost.to_string(),
            "0 where rewards are listed: their points and point_cost tell it",
        ));
    }
    let (Some(start), Some(end)) = (ledger.start(), ledger.end()) else {
        return Err(Error::not_identified("programme", "the ledger has no line"));
    };
    let end = end.max(ledger.seen_until(ledger.as_of()));
    let dimension = (params.unit != params::CUSTOMERS).then(|| ledger.dimension(&params.unit)).transpose()?;
    let columns = MemberColumns {
        unit: &params.customer,
        joined: &params.joined,
        left: params.left.as_deref(),
        by: params.by.as_deref(),
    };
    let units = dimension.map_or(ledger.customers(), |codes| &codes.dictionary);
    let joined = Joined::read(units, members, &columns)?;
    let base = joined.start().unwrap_or(end);
    let timeline = match params.days {
        Some(days) => Timeline::around(base, days, start, end),
        None => Timeline::calendar(params.period, start, end),
    };
    let first = timeline.first_of(base) as usize;
    if first == 0 || first >= timeline.periods() {
        let reason = format!(
            "the first member joined on {}, the lines are of {} to {}, with {} whole periods; at least one before joining and one from it on is needed: take shorter periods, or more data",
            format_day(base),
            format_day(start),
            format_day(end),
            timeline.periods()
        );
        return Err(Error::not_identified("programme", reason));
    }
    let start_of_first = timeline.start(first);
    let (mut histories, not_compared) = match dimension {
        Some(units) => Histories::of_units(ledger, units, &joined, &timeline, start_of_first),
        None => Histories::read(ledger, &joined, &timeline, start_of_first),
    };
    let mut notes = Vec::new();
    notes.extend(said(&timeline, (start, end)));
    notes.extend(notes_on_members(&joined, &not_compared));
    if !histories.first.iter().any(|&first| first != NEVER) {
        return Err(Error::not_identified(
            "programme",
            "no member ordered before the first joining: there is nothing to compare with",
        ));
    }
    let capped = params.winsorise.map(|share| histories.capped(share, first)).unwrap_or_default();
    notes.extend(capped.iter().map(noted_cap));
    let unknown = params.outcomes.iter().find(|name| !histories.outcomes.contains(&name.as_str()));
    if let Some(name) = unknown {
        return Err(Error::parameter("outcomes", format!("{name:?}"), histories.outcomes.join(", ")));
    }
    let mut params = params.clone();
    let mut left_out = Vec::new();
    let compared = Compared::of(units.values(), &histories, &timeline);
    if let Some(rewards) = beside.rewards {
        let mut found = compared.rewards(rewards, &params)?;
        params.reward_cost = found.cost;
        notes.append(&mut found.notes);
        left_out = found.left_out;
    }
    if let Some(table) = beside.covariates {
        let (values, said) = compared.covariates(table, &joined, &params)?;
        notes.extend(said);
        histories.covariates = params.covariates.iter().cloned().zip(values).collect();
    }
    let params = &params;
    let mut found = judge::judged(&histories, params);
    found.left_out = left_out;
    if dimension.is_some() {
        // A shop's customers, orders and check are no return of a customer.
        (found.kept, found.split) = (None, Vec::new());
    }
    found.groups = groups::judged_apart(&histories, &joined, params);
    found.counts.not_compared = not_compared;
    found.periods = (
        (0..timeline.periods()).map(|period| timeline.start(period)).collect(),
        timeline.span().map_or(end, |span| span.1),
    );
    notes.append(&mut found.notes);
    found.notes = notes;
    Ok(found)
}

fn noted_cap(capped: &Capped) -> String {
    format!(
        "{} above {:.2} in a period counts as {:.2}: so did {} periods.",
        capped.outcome, capped.cap, capped.cap, capped.periods
    )
}

fn notes_on_members(joined: &Joined, out: &NotCompared) -> Vec<String> {
    let mut notes = Vec::new();
    if let (true, Some(example)) = (joined.unknown > 0, &joined.example) {
        notes.push(format!("{} members are no customers of the ledger, such as {example}.", joined.unknown));
    }
    if joined.again > 0 {
        notes.push(format!("{} members joined again; their first joining counts.", joined.again));
    }
    if joined.left > 0 {
        notes.push(format!(
            "{} members left again; the effect is that of having joined, whatever came after.",
            joined.left
        ));
    }
    if out.customers_later > 0 {
        notes.push(format!(
            "{} customers first ordered after the first joining, {} of them members: whether they came through the programme is another question.",
            out.customers_later, out.members_later
        ));
    }
    if out.joined_from_the_first > 0 {
        notes.push(format!("{} members joined before there is a period to compare with.", out.joined_from_the_first));
    }
    notes
}
