//! Channel attribution: which channels conversions are owed to, by seven rules.
//!
//! An entity's touches from its last conversion (or its beginning) to the next make a path; what follows the last conversion is a path that did not
//! convert. By the Markov rule a channel is owed what would be lost without it (Anderl et al. 2016), solved as an absorbing chain: with the visits
//! N = (I − Q)⁻¹, the chance to convert from channel c is x = N·r, and a path from the start comes to c with the chance f = e/N(c, c), where e are the visits
//! from the start. All that comes to c is lost when c is removed, so the removal effect is exactly f·x/P(conversion), which is never negative.

use faer::Mat;
use faer::linalg::solvers::DenseSolveCore;
use leverkit_core::columns::{find, numbers, numbers_or_flags};
use leverkit_core::{Column, MICROS_PER_DAY, NO_CODE, Params, Table};
use leverkit_stats::{Interval, normal_quantile};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::events::{EventColumns, EventLog};
use crate::journeys::params::{AttributionMethod, AttributionParams};

/// What a channel is owed by a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Credit {
    /// The rule.
    pub method: AttributionMethod,
    /// The channel; `None` for conversions without a touch.
    pub channel: Option<u32>,
    /// Conversions.
    pub conversions: f64,
    /// Share of those with a touch, with limits from the jackknife over groups of entities; NaN limits with one entity, `None` without a touch.
    pub share: Option<Interval>,
    /// Money; `None` without a value.
    pub value: Option<f64>,
}

/// Channel attribution by all rules.
#[derive(Debug, Clone)]
pub struct Attribution {
    /// What it was computed with.
    pub params: AttributionParams,
    /// Names of channels.
    pub channels: Vec<String>,
    /// Touches by channel.
    pub touches: Vec<u64>,
    /// Entities by channel.
    pub entities: Vec<u64>,
    /// Share of conversions that would be lost without the channel; `None` without a conversion.
    pub removal: Vec<Option<f64>>,
    /// By rule and channel.
    pub credits: Vec<Credit>,
    /// Conversions, and money of them.
    pub conversions: f64,
    /// Money of conversions; `None` without a value.
    pub value: Option<f64>,
    /// Paths that did not convert.
    pub unconverted: u64,
    /// What was left out or assumed.
    pub notes: Vec<String>,
}

/// More channels than this are not channels but campaigns or clicks.
const MOST_CHANNELS: usize = 200;
/// Groups of entities of the jackknife.
const GROUPS: usize = 100;
/// Shares of the first and last touch by position.
const ENDS: f64 = 0.4;
/// Rules that are sums over paths.
const SUMS: usize = 6;

/// Shares conversions out among channels.
///
/// # Errors
/// [`Error::Core`] for missing columns or wrong types; [`Error::Parameter`](leverkit_core::Error::Parameter) for conversions below 0, more
/// than 200 channels or numbers out of range;
/// [`Error::NoEvents`] without a row that can be used.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_funnel::{AttributionMethod, AttributionParams, attribution};
/// let touches = Table::from(batch!("who" => [1, 1, 2], "at" => ["2024-01-01", "2024-01-02", "2024-01-01"], "channel" => ["ads", "mail", "ads"], "bought" => [0, 1, 0])?);
/// let params = AttributionParams {
///     entity: "who".into(), time: "at".into(), channel: "channel".into(), conversion: "bought".into(), value: None,
///     method: AttributionMethod::Markov, half_life: 7.0, level: 0.95,
/// };
/// let found = attribution(&touches, &params)?;
/// let markov: f64 = found.credits.iter().filter(|credit| credit.method == AttributionMethod::Markov).map(|credit| credit.conversions).sum();
/// assert_eq!((markov, found.conversions), (1.0, 1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn attribution(table: &Table, params: &AttributionParams) -> Result<Attribution, Error> {
    params.check()?;
    let (log, flags, mut notes) = read(table, params)?;
    let touches = log.property("channel", &params.channel)?;
    let kinds = touches.names.len();
    if kinds > MOST_CHANNELS {
        let expected = format!("at most {MOST_CHANNELS}: name channels, not campaigns or clicks");
        return Err(Error::parameter("channel", format!("{kinds} channels"), expected));
    }
    let view = View { log: &log, channels: &touches.codes, flags: &flags, half_life: params.half_life };
    let sums = view.sums(kinds);
    let total = sums.iter().fold(Sums::new(kinds), |total, group| total.plus(group, 1.0));
    notes.extend(total.notes());
    notes.extend(log.left_out().notes());
    let effects = total.removal().0.into_iter();
    Ok(Attribution {
        params: params.clone(),
        channels: touches.names.clone(),
        touches: total.touches.clone(),
        entities: total.entities.clone(),
        removal: effects.map(|effect| Some(effect).filter(|_| total.paths[0] > 0.0)).collect(),
        credits: credits(&sums, &total, params),
        conversions: total.paths[0] + total.bare,
        value: params.value.as_ref().map(|_| total.money + total.bare_money),
        unconverted: total.paths[1] as u64,
        notes,
    })
}

/// The touches as an event log, whose events are numbers of conversions, with the number that each event stands for.
fn read(table: &Table, params: &AttributionParams) -> Result<(EventLog, Vec<f64>, Vec<String>), Error> {
    /// A name that no column has.
    const CONVERSIONS: &str = "\u{1}conversions";
    drop(find(table, "channel", &params.channel)?);
    let mut counts = numbers_or_flags(&find(table, "conversion", &params.conversion)?, "conversion")?;
    if let Some(row) = counts.iter().position(|count| *count < 0.0) {
        return Err(Error::parameter(
            "conversion",
            format!("{} in row {row}", counts[row]),
            "flags, or numbers not below 0",
        ));
    }
    let mut notes = Vec::new();
    let unknown = counts.iter().filter(|count| count.is_nan()).count();
    if unknown > 0 {
        notes.push(format!("{unknown} rows say nothing of a conversion; they count as none."));
        counts.iter_mut().filter(|count| count.is_nan()).for_each(|count| *count = 0.0);
    }
    if let Some(value) = &params.value {
        let money = numbers(&find(table, "value", value)?, "value")?;
        let is_unknown = |money: f64| money.is_nan() || money < 0.0;
        let unknown = money.iter().zip(&counts).filter(|(money, count)| **count > 0.0 && is_unknown(**money)).count();
        if unknown > 0 {
            notes.push(format!("{unknown} conversions have a value that is unknown or below 0; it counts as 0."));
        }
    }
    let log = EventLog::from_table(
        &table.clone().with(Column::new(CONVERSIONS, counts))?,
        &EventColumns {
            value: params.value.clone(),
            properties: vec![params.channel.clone()],
            ..EventColumns::new(&params.entity, &params.time, CONVERSIONS)
        },
    )?;
    let flags = log.names.iter().map(|name| name.parse().unwrap_or(0.0)).collect();
    Ok((log, flags, notes))
}

struct View<'a> {
    log: &'a EventLog,
    channels: &'a [u32],
    /// Conversions that an event stands for.
    flags: &'a [f64],
    half_life: f64,
}

impl View<'_> {
    /// Sums of the jackknife's groups of entities.
    fn sums(&self, kinds: usize) -> Vec<Sums> {
        let n = self.log.n_entities();
        let groups = GROUPS.min(n);
        let of_group = |group: usize| {
            let mut sums = Sums::new(kinds);
            (group..n).step_by(groups).for_each(|entity| sums.add_entity(self, entity));
            sums
        };
        (0..groups).into_par_iter().map(of_group).collect()
    }
}

/// Sums of paths.
#[derive(Clone)]
struct Sums {
    kinds: usize,
    touches: Vec<u64>,
    entities: Vec<u64>,
    /// Conversions and money by rule and channel, of the rules that are sums: all but Markov's.
    credit: Vec<f64>,
    credit_money: Vec<f64>,
    /// By state (channels, then the start) and next (channels, then conversion, then none).
    steps: Vec<f64>,
    /// Money of conversions by last channel.
    last_money: Vec<f64>,
    /// Converted paths and others.
    paths: [f64; 2],
    money: f64,
    /// Conversions without a touch, and their money.
    bare: f64,
    bare_money: f64,
}

impl Sums {
    fn new(kinds: usize) -> Self {
        Self {
            kinds,
            touches: vec![0; kinds],
            entities: vec![0; kinds],
            credit: vec![0.0; SUMS * kinds],
            credit_money: vec![0.0; SUMS * kinds],
            steps: vec![0.0; (kinds + 1) * (kinds + 2)],
            last_money: vec![0.0; kinds],
            paths: [0.0; 2],
            money: 0.0,
            bare: 0.0,
            bare_money: 0.0,
        }
    }

    /// What to know of conversions without a touch.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.paths[0] == 0.0 {
            notes.push("No conversion has a touch before it, so no channel gets credit.".into());
        }
        if self.bare > 0.0 {
            let n = self.bare;
            notes.push(format!("{n} conversions have no touch before them; they stand in a row without a channel."));
        }
        notes
    }

    fn add_entity(&mut self, view: &View<'_>, entity: usize) {
        let mut path: Vec<(usize, i64)> = Vec::new();
        let mut met = Vec::new();
        for row in view.log.offsets[entity] as usize..view.log.offsets[entity + 1] as usize {
            let (channel, micros) = (view.channels[row], view.log.micros[row]);
            if channel != NO_CODE {
                path.push((channel as usize, micros));
                self.touches[channel as usize] += 1;
                met.push(channel as usize);
            }
            let conversions = view.flags[view.log.events[row] as usize];
            if conversions > 0.0 {
                let money = view.log.values.as_ref().map_or(0.0, |values| values[row].max(0.0));
                self.convert(&path, micros, conversions, money, view.half_life);
                path.clear();
            }
        }
        if !path.is_empty() {
            self.paths[1] += 1.0;
            self.walk(&path, self.kinds + 1, 1.0);
        }
        met.sort_unstable();
        met.dedup();
        met.into_iter().for_each(|channel| self.entities[channel] += 1);
    }

    fn convert(&mut self, path: &[(usize, i64)], micros: i64, conversions: f64, money: f64, half_life: f64) {
        let Some(&(last, _)) = path.last() else {
            self.bare += conversions;
            self.bare_money += money;
            return;
        };
        self.paths[0] += conversions;
        self.money += money;
        self.last_money[last] += money;
        self.walk(path, self.kinds, conversions);
        let n = path.len();
        let mut give = |rule: usize, channel: usize, part: f64| {
            self.credit[rule * self.kinds + channel] += part * conversions;
            self.credit_money[rule * self.kinds + channel] += part * money;
        };
        give(0, path[0].0, 1.0);
        give(1, last, 1.0);
        let weight = |at: &i64| (-((micros - at) as f64 / MICROS_PER_DAY as f64) / half_life).exp2();
        let newest = weight(&path[n - 1].1).max(f64::MIN_POSITIVE);
        let weights: Vec<f64> = path.iter().map(|(_, at)| weight(at) / newest).collect();
        let all: f64 = weights.iter().sum();
        for (at, (channel, _)) in path.iter().enumerate() {
            give(2, *channel, 1.0 / n as f64);
            give(3, *channel, by_position(at, n));
            // Where all touches are too old to tell apart, the last one is as good as any.
            give(4, *channel, if all > 0.0 { weights[at] / all } else { f64::from(u8::from(at + 1 == n)) });
        }
        let mut channels: Vec<usize> = path.iter().map(|(channel, _)| *channel).collect();
        channels.sort_unstable();
        channels.dedup();
        channels.iter().for_each(|channel| give(5, *channel, 1.0 / channels.len() as f64));
    }

    /// Adds a path's steps; `end` is conversion or none.
    fn walk(&mut self, path: &[(usize, i64)], end: usize, weight: f64) {
        let width = self.kinds + 2;
        let mut state = self.kinds;
        for next in path.iter().map(|(channel, _)| *channel).chain([end]) {
            self.steps[state * width + next] += weight;
            state = next;
        }
    }

    fn plus(mut self, other: &Self, sign: f64) -> Self {
        let add =
            |into: &mut [f64], more: &[f64]| into.iter_mut().zip(more).for_each(|(sum, more)| *sum += sign * more);
        add(&mut self.credit, &other.credit);
        add(&mut self.credit_money, &other.credit_money);
        add(&mut self.steps, &other.steps);
        add(&mut self.last_money, &other.last_money);
        add(&mut self.paths, &other.paths);
        self.money += sign * other.money;
        self.bare += sign * other.bare;
        self.bare_money += sign * other.bare_money;
        if sign > 0.0 {
            self.touches.iter_mut().zip(&other.touches).for_each(|(sum, more)| *sum += more);
            self.entities.iter_mut().zip(&other.entities).for_each(|(sum, more)| *sum += more);
        }
        self
    }

    /// The removal effect of each channel on conversions and on money, as shares of all.
    fn removal(&self) -> (Vec<f64>, Vec<f64>) {
        let (kinds, width) = (self.kinds, self.kinds + 2);
        let row = |state: usize| &self.steps[state * width..(state + 1) * width];
        let out: Vec<f64> = (0..=kinds).map(|state| row(state).iter().sum::<f64>()).collect();
        let chance = |state: usize, next: usize| if out[state] > 0.0 { row(state)[next] / out[state] } else { 0.0 };
        let rest = Mat::from_fn(kinds, kinds, |from, to| f64::from(u8::from(from == to)) - chance(from, to));
        let visits = rest.partial_piv_lu().inverse();
        let per_visit = |amount: f64, state: usize| if out[state] > 0.0 { amount / out[state] } else { 0.0 };
        let from = |reward: &dyn Fn(usize) -> f64, state: usize| {
            (0..kinds).map(|at| visits[(state, at)] * reward(at)).sum::<f64>()
        };
        let conversion = |state: usize| chance(state, kinds);
        let money = |state: usize| per_visit(self.last_money[state], state);
        let come: Vec<f64> = (0..kinds)
            .map(|channel| {
                let visited: f64 = (0..kinds).map(|first| chance(kinds, first) * visits[(first, channel)]).sum();
                (visited / visits[(channel, channel)]).clamp(0.0, 1.0)
            })
            .collect();
        let effects = |reward: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let values: Vec<f64> = (0..kinds).map(|state| from(reward, state).max(0.0)).collect();
            let all: f64 = (0..kinds).map(|first| chance(kinds, first) * values[first]).sum();
            (0..kinds).map(|channel| if all > 0.0 { come[channel] * values[channel] / all } else { 0.0 }).collect()
        };
        (effects(&conversion), effects(&money))
    }

    /// Conversions and money of each channel by a rule.
    fn by(&self, method: AttributionMethod) -> (Vec<f64>, Vec<f64>) {
        let place = match method {
            AttributionMethod::First => 0,
            AttributionMethod::Last => 1,
            AttributionMethod::Linear => 2,
            AttributionMethod::Position => 3,
            AttributionMethod::TimeDecay => 4,
            AttributionMethod::Shapley => 5,
            AttributionMethod::Markov => {
                let (conversions, money) = self.removal();
                return (shared(&conversions, self.paths[0]), shared(&money, self.money));
            }
        };
        let range = place * self.kinds..(place + 1) * self.kinds;
        (self.credit[range.clone()].to_vec(), self.credit_money[range].to_vec())
    }
}

fn by_position(at: usize, n: usize) -> f64 {
    match n {
        1 => 1.0,
        2 => 0.5,
        _ if at == 0 || at + 1 == n => ENDS,
        _ => (1.0 - 2.0 * ENDS) / (n - 2) as f64,
    }
}

/// A total shared out in proportion to effects.
fn shared(effects: &[f64], total: f64) -> Vec<f64> {
    let all: f64 = effects.iter().sum();
    effects.iter().map(|effect| if all > 0.0 { total * effect / all } else { 0.0 }).collect()
}

/// What channels are owed by all rules. Limits are of the delete-a-group jackknife (Kott 2001): each group of entities is left out in turn.
fn credits(groups: &[Sums], total: &Sums, params: &AttributionParams) -> Vec<Credit> {
    let z = normal_quantile(0.5 + params.level / 2.0);
    let has_value = params.value.is_some();
    let mut found = Vec::new();
    for method in AttributionMethod::ALL {
        let (conversions, money) = total.by(method);
        let part = |conversions: &[f64], all: f64| -> Vec<f64> { conversions.iter().map(|part| part / all).collect() };
        let without: Vec<Vec<f64>> = groups
            .par_iter()
            .map(|group| {
                let rest = total.clone().plus(group, -1.0);
                part(&rest.by(method).0, rest.paths[0])
            })
            .collect();
        let shares = part(&conversions, total.paths[0]);
        for channel in 0..total.kinds {
            let estimate = shares[channel];
            let half = z * jackknife(&without, channel);
            let share = Interval { estimate, lower: (estimate - half).max(0.0), upper: (estimate + half).min(1.0) };
            // The comparison of NaN with a bound would give the bound.
            let share = if half.is_nan() { Interval { lower: f64::NAN, upper: f64::NAN, ..share } } else { share };
            found.push(Credit {
                method,
                channel: Some(channel as u32),
                conversions: conversions[channel],
                share: Some(share).filter(|share| share.estimate.is_finite()),
                value: has_value.then_some(money[channel]),
            });
        }
        if total.bare > 0.0 {
            let value = has_value.then_some(total.bare_money);
            found.push(Credit { method, channel: None, conversions: total.bare, share: None, value });
        }
    }
    found
}

/// The standard error of a share from its values without each group; NaN for fewer than two.
fn jackknife(without: &[Vec<f64>], channel: usize) -> f64 {
    let known: Vec<f64> = without.iter().map(|shares| shares[channel]).filter(|share| share.is_finite()).collect();
    let n = known.len() as f64;
    if known.len() < 2 {
        return f64::NAN;
    }
    let mean = known.iter().sum::<f64>() / n;
    ((n - 1.0) / n * known.iter().map(|share| (share - mean).powi(2)).sum::<f64>()).sqrt()
}
