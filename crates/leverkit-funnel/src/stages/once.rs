//! Chains in which an event counts for one stage alone, though it stands for several (`strict_once`).
//!
//! `ClickHouse` keeps every chain that there is (`getEventLevelStrictOnce`), which grows without bound. Here chains are told apart only
//! by what can matter later: when they began, and which events of the present moment they have used; of events that stand for the same
//! stages it only matters how many. What lies before the moment cannot be used again, so that one chain is left of it for each stage.

use crate::stages::entries::{Entry, OTHER};
use crate::stages::params::Ties;
use crate::stages::reach::{Reach, Step};
use crate::stages::rules::Rules;

/// A chain that stands at a stage.
#[derive(Clone)]
struct Open {
    first: i64,
    last: i64,
    /// The kinds of events of the present moment that it has used; a kind is the stages that an event stands for.
    used: Vec<u32>,
}

pub(crate) fn search(rules: &Rules, entries: &[Entry], reach: &mut Reach) {
    let mut open: Vec<Vec<Open>> = vec![Vec::new(); rules.n];
    let mut began = false;
    // As events come in, a chain that has used one meets it again only in the event's own entries.
    let is_same = |a: &Entry, b: &Entry| if rules.ties == Ties::Lenient { a.time == b.time } else { a.row == b.row };
    for moment in entries.chunk_by(is_same) {
        open.iter_mut().for_each(|chains| settle(chains, moment[0].time));
        let kinds = kinds(moment);
        for entry in moment {
            if entry.stage == OTHER {
                if rules.strict_order && began {
                    return;
                }
                continue;
            }
            let stage = entry.stage as usize;
            if stage == 0 {
                if !(rules.first_touch && began) {
                    add(&mut open[0], Open { first: entry.time, last: entry.time, used: vec![entry.stages] });
                    reach.note(0, Step { time: entry.time, first: entry.time, previous: entry.time, row: entry.row });
                }
                began = true;
                continue;
            }
            if rules.ends(!open[stage].is_empty(), !open[stage - 1].is_empty(), began) {
                return;
            }
            let there = kinds.iter().find(|(kind, _)| *kind == entry.stages).map_or(0, |(_, count)| *count);
            let (before, after) = open.split_at_mut(stage);
            for known in &before[stage - 1] {
                let used = known.used.iter().filter(|kind| **kind == entry.stages).count();
                if used < there && rules.follows(known.first, known.last, entry.time) {
                    let step = Step { time: entry.time, first: known.first, previous: known.last, row: entry.row };
                    reach.note(stage, step);
                    let mut used = known.used.clone();
                    used.push(entry.stages);
                    used.sort_unstable();
                    add(&mut after[0], Open { first: known.first, last: entry.time, used });
                }
            }
            if reach.last() == Some(rules.n - 1) {
                return;
            }
        }
    }
}

/// How many events of each kind there are in a moment; each is counted by the first of its stages.
fn kinds(moment: &[Entry]) -> Vec<(u32, usize)> {
    let mut kinds: Vec<(u32, usize)> = Vec::new();
    let first =
        |entry: &&Entry| entry.stage >= 0 && entry.stages.trailing_zeros() == u32::from(entry.stage.unsigned_abs());
    for entry in moment.iter().filter(first) {
        match kinds.iter_mut().find(|(kind, _)| *kind == entry.stages) {
            Some((_, count)) => *count += 1,
            None => kinds.push((entry.stages, 1)),
        }
    }
    kinds
}

/// Adds a chain, or lets it take the place of one that has used the same and began earlier.
fn add(chains: &mut Vec<Open>, fresh: Open) {
    let same = chains.iter_mut().find(|known| known.last == fresh.last && known.used == fresh.used);
    match same {
        Some(known) => known.first = known.first.max(fresh.first),
        None => chains.push(fresh),
    }
}

/// A new moment: what was used before it cannot be used again. Chains of the same time are told apart from earlier ones, as strict
/// increase asks.
fn settle(chains: &mut Vec<Open>, now: i64) {
    if chains.len() > 1 || chains.first().is_some_and(|known| !known.used.is_empty()) {
        let best = |is_now: bool| {
            let of_time = chains.iter().filter(|known| (known.last == now) == is_now);
            of_time
                .max_by_key(|known| (known.first, known.last))
                .map(|known| Open { used: Vec::new(), ..known.clone() })
        };
        *chains = [best(false), best(true)].into_iter().flatten().collect();
    }
}
