//! Channel attribution: which channels conversions are owed to, by seven rules.
//!
//! An entity's touches from its last conversion (or its beginning) to the next make a path; what follows the last conversion is a path that did not
//! convert. By the Markov rule a channel is owed what would be lost without it (Anderl et al. 2016), solved as an absorbing chain: with the visits
//! N = (I − Q)⁻¹, the chance to convert from channel c is x = N·r, and a path from the start comes to c with the chance f = e/N(c, c), where e are the visits
//! from the start. All that comes to c is lost when c is removed, so the removal effect is exactly f·x/P(conversion), which is never negative.

use std::ops::Range;

use faer::Mat;
use faer::linalg::solvers::DenseSolveCore;
use leverkit_core::columns::{find, numbers, numbers_or_flags};
use leverkit_core::stats::budget::Watched;
use leverkit_core::{Column, MICROS_PER_DAY, NO_CODE, Params, Table};
use leverkit_stats::{Interval, normal_quantile};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::events::{EventColumns, EventLog};
use crate::journeys::params::{AttributionMethod, AttributionParams};
use crate::stages::Ties;

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
    /// Least and most conversions under the three rules for rows of one moment.
    pub ties: (f64, f64),
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
/// [`Error::Core`] for missing columns or wrong types; [`Error::Value`] for conversions that are no flags;
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for more than 200 channels or numbers out of range;
/// [`Error::NoEvents`] without a row that can be used.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_funnel::{AttributionMethod, AttributionParams, attribution};
/// let touches = Table::from(batch!("who" => [1, 1, 2], "at" => ["2024-01-01", "2024-01-02", "2024-01-01"], "channel" => ["ads", "mail", "ads"], "bought" => [0, 1, 0])?);
/// let params = AttributionParams {
///     entity: "who".into(), time: "at".into(), channel: "channel".into(), conversion: "bought".into(), value: None,
///     ..AttributionParams::default()
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
    let view = View { log: &log, channels: &touches.codes, flags: &flags, params };
    let sums = view.sums(kinds, params.ties);
    let total = total(&sums, kinds);
    let mut credits = credits(&sums, &total, params);
    let tied = view.tied();
    if tied > 0 {
        for ties in [Ties::Input, Ties::Lenient, Ties::Strict].into_iter().filter(|ties| *ties != params.ties) {
            widen(&mut credits, &self::total(&view.sums(kinds, ties), kinds));
        }
        notes.extend(matter(&credits, &touches.names, params.method, tied));
    }
    notes.extend(total.notes());
    notes.extend(log.left_out().notes());
    let effects = total.removal().0.into_iter();
    Ok(Attribution {
        params: params.clone(),
        channels: touches.names.clone(),
        touches: total.touches.clone(),
        entities: total.entities.clone(),
        removal: effects.map(|effect| Some(effect).filter(|_| total.paths[0] > 0.0)).collect(),
        credits,
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
    if let Some(row) = counts.iter().position(|count| !(count.is_nan() || [0.0, 1.0].contains(count))) {
        return Err(Error::Value {
            role: "conversion".into(),
            column: params.conversion.clone(),
            row,
            got: counts[row].to_string(),
            expected: "a flag: 1 or true for a conversion, 0 or false for none; two conversions are two rows".into(),
        });
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
    params: &'a AttributionParams,
}

impl View<'_> {
    /// Sums of the jackknife's groups of entities, by a rule for rows of one moment.
    fn sums(&self, kinds: usize, ties: Ties) -> Vec<Sums> {
        let n = self.log.n_entities();
        let groups = GROUPS.min(n);
        let of_group = |group: usize| {
            let mut sums = Sums::new(kinds);
            (group..n).step_by(groups).for_each(|entity| sums.add_entity(self, entity, ties));
            sums
        };
        (0..groups).into_par_iter().watched().map(of_group).collect()
    }

    fn rows(&self, entity: usize) -> Range<usize> {
        self.log.offsets[entity] as usize..self.log.offsets[entity + 1] as usize
    }

    fn is_conversion(&self, row: usize) -> bool {
        self.flags[self.log.events[row] as usize] > 0.0
    }

    fn money(&self, row: usize) -> f64 {
        self.log.values.as_ref().map_or(0.0, |values| values[row].max(0.0))
    }

    /// Entities with two touches of one moment, or a touch and a conversion on two rows of it.
    fn tied(&self) -> usize {
        let is_touch = |row: &usize| self.channels[*row] != NO_CODE;
        let is_tied = |moment: Vec<usize>| {
            let touches = moment.iter().filter(|row| is_touch(row)).count();
            touches > 1 || (touches == 1 && moment.iter().any(|row| !is_touch(row) && self.is_conversion(*row)))
        };
        (0..self.log.n_entities()).filter(|entity| self.moments(*entity, Ties::Lenient).any(is_tied)).count()
    }

    /// An entity's rows, moment by moment; row by row as they came in.
    fn moments(&self, entity: usize, ties: Ties) -> impl Iterator<Item = Vec<usize>> {
        let (mut rows, micros) = (self.rows(entity).peekable(), &self.log.micros);
        std::iter::from_fn(move || {
            let first = rows.next()?;
            let mut moment = vec![first];
            while let Some(row) = rows.next_if(|row| ties != Ties::Input && micros[*row] == micros[first]) {
                moment.push(row);
            }
            Some(moment)
        })
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
    /// Touches that lay too long before the conversion after them.
    stale: u64,
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
            stale: 0,
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
        if self.stale > 0 {
            let n = self.stale;
            notes.push(format!(
                "{n} touches lay longer before their conversion than the window; they are owed nothing."
            ));
        }
        notes
    }

    fn add_entity(&mut self, view: &View<'_>, entity: usize, ties: Ties) {
        let mut path: Vec<Touch> = Vec::new();
        let mut met = Vec::new();
        for (moment, rows) in view.moments(entity, ties).enumerate() {
            let micros = view.log.micros[rows[0]];
            let touch = |row: &usize| {
                let channel = view.channels[*row];
                (channel != NO_CODE).then_some(Touch { channel: channel as usize, micros, moment })
            };
            let (own, other): (Vec<usize>, Vec<usize>) =
                rows.iter().copied().partition(|row| ties != Ties::Strict || view.is_conversion(*row));
            path.extend(own.iter().filter_map(touch));
            let conversions: Vec<usize> = rows.iter().copied().filter(|row| view.is_conversion(*row)).collect();
            if !conversions.is_empty() {
                let money = conversions.iter().map(|row| view.money(*row)).sum();
                self.stale += drop_stale(&mut path, micros, view.params.window);
                self.convert(&path, micros, conversions.len() as f64, money, view.params.half_life);
                path.clear();
            }
            path.extend(other.iter().filter_map(touch));
            met.extend(rows.iter().filter_map(touch).map(|touch| touch.channel));
        }
        met.iter().for_each(|channel| self.touches[*channel] += 1);
        if !path.is_empty() {
            self.paths[1] += 1.0;
            self.walk(&path, self.kinds + 1, 1.0);
        }
        met.sort_unstable();
        met.dedup();
        met.into_iter().for_each(|channel| self.entities[channel] += 1);
    }

    /// Touches of one moment count as in all their orders alike: each has the mean weight of their places.
    fn convert(&mut self, path: &[Touch], micros: i64, conversions: f64, money: f64, half_life: f64) {
        let Some(last) = path.chunk_by(Touch::is_tied).next_back() else {
            self.bare += conversions;
            self.bare_money += money;
            return;
        };
        self.paths[0] += conversions;
        self.money += money;
        last.iter().for_each(|touch| self.last_money[touch.channel] += money / last.len() as f64);
        self.walk(path, self.kinds, conversions);
        let n = path.len();
        let mut give = |rule: usize, channel: usize, part: f64| {
            self.credit[rule * self.kinds + channel] += part * conversions;
            self.credit_money[rule * self.kinds + channel] += part * money;
        };
        let weight = |touch: &Touch| (-((micros - touch.micros) as f64 / MICROS_PER_DAY as f64) / half_life).exp2();
        let newest = weight(&path[n - 1]).max(f64::MIN_POSITIVE);
        let all: f64 = path.iter().map(|touch| weight(touch) / newest).sum();
        let mut passed = 0;
        for moment in path.chunk_by(Touch::is_tied) {
            let (places, size) = (passed..passed + moment.len(), moment.len() as f64);
            passed = places.end;
            let mean = |of: &dyn Fn(usize) -> f64| places.clone().map(of).sum::<f64>() / size;
            let (first, last) =
                (f64::from(u8::from(places.start == 0)) / size, f64::from(u8::from(passed == n)) / size);
            let position = mean(&|at| by_position(at, n));
            for touch in moment {
                give(0, touch.channel, first);
                give(1, touch.channel, last);
                give(2, touch.channel, 1.0 / n as f64);
                give(3, touch.channel, position);
                // Where all touches are too old to tell apart, the last one is as good as any.
                give(4, touch.channel, if all > 0.0 { weight(touch) / newest / all } else { last });
            }
        }
        let mut channels: Vec<usize> = path.iter().map(|touch| touch.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        channels.iter().for_each(|channel| give(5, *channel, 1.0 / channels.len() as f64));
    }

    /// Adds a path's steps; `end` is conversion or none. Of k touches of one moment each pair stands side by side, in this order, in one of k of
    /// their orders, and each touch is the first, or the last, in as many.
    fn walk(&mut self, path: &[Touch], end: usize, weight: f64) {
        let mut states = vec![self.kinds];
        for moment in path.chunk_by(Touch::is_tied) {
            let next: Vec<usize> = moment.iter().map(|touch| touch.channel).collect();
            self.step(&states, &next, weight);
            let part = weight / next.len() as f64;
            for (at, from) in next.iter().enumerate() {
                next.iter()
                    .enumerate()
                    .filter(|(to, _)| *to != at)
                    .for_each(|(_, to)| self.step(&[*from], &[*to], part));
            }
            states = next;
        }
        self.step(&states, &[end], weight);
    }

    /// A step from one of these states to one of those, all alike.
    fn step(&mut self, from: &[usize], to: &[usize], weight: f64) {
        let part = weight / (from.len() * to.len()) as f64;
        for state in from {
            to.iter().for_each(|next| self.steps[state * (self.kinds + 2) + next] += part);
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
            self.stale += other.stale;
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

/// A touch of a channel; of those of one moment nobody knows which came first.
#[derive(Clone, Copy)]
struct Touch {
    channel: usize,
    micros: i64,
    moment: usize,
}

impl Touch {
    fn is_tied(&self, other: &Self) -> bool {
        self.moment == other.moment
    }
}

/// Takes touches from a path that lie longer before the conversion than the window; returns how many.
fn drop_stale(path: &mut Vec<Touch>, micros: i64, window: Option<i64>) -> u64 {
    let before = path.len();
    path.retain(|touch| window.is_none_or(|window| micros - touch.micros <= window));
    (before - path.len()) as u64
}

fn total(groups: &[Sums], kinds: usize) -> Sums {
    groups.iter().fold(Sums::new(kinds), |total, group| total.plus(group, 1.0))
}

/// Lets the limits of ties hold what another rule gives.
fn widen(credits: &mut [Credit], total: &Sums) {
    for method in AttributionMethod::ALL {
        let conversions = total.by(method).0;
        for credit in credits.iter_mut().filter(|credit| credit.method == method) {
            let other = credit.channel.map_or(total.bare, |channel| conversions[channel as usize]);
            credit.ties = (credit.ties.0.min(other), credit.ties.1.max(other));
        }
    }
}

/// What to know where the rule for rows of one moment decides.
fn matter(credits: &[Credit], names: &[String], method: AttributionMethod, tied: usize) -> Option<String> {
    let width = |credit: &Credit| credit.ties.1 - credit.ties.0;
    let of_method = credits.iter().filter(|credit| credit.method == method && width(credit) > 1e-9);
    let widest = of_method.max_by(|a, b| width(a).total_cmp(&width(b)))?;
    let whom = widest.channel.map_or("no channel".to_owned(), |channel| format!("{:?}", names[channel as usize]));
    Some(format!(
        "Ties matter: {tied} entities have touches and conversions, or two touches, of one moment, and {:.1} to {:.1} conversions are owed to {whom} by the \
         rule for them; {:.1} by the rule that was used.",
        widest.ties.0, widest.ties.1, widest.conversions
    ))
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
            .watched()
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
                ties: (conversions[channel], conversions[channel]),
            });
        }
        if total.bare > 0.0 {
            let value = has_value.then_some(total.bare_money);
            let ties = (total.bare, total.bare);
            found.push(Credit { method, channel: None, conversions: total.bare, share: None, value, ties });
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
