//! The search for ordered chains of stages: one pass over an entity's events that keeps, for each stage, the chain that began latest.
//!
//! It is the search of `ClickHouse`'s `windowFunnel` (`getEventLevelNonStrictOnce` in `AggregateFunctionWindowFunnel.cpp`), to which
//! optional stages, exclusions, the first touch and windows between neighbours are added. Strict increase follows its newest version, in which an
//! event of the stage before does not put an earlier one of another moment out of reach. Keeping the latest beginning is enough: of two
//! chains that stand at the same stage, the one that began later can be finished whenever the other can.

use crate::stages::entries::{EXCLUSION, Entry, OTHER};
use crate::stages::params::{MOST_STAGES, Ties};
use crate::stages::reach::{Reach, Step};
use crate::stages::rules::Rules;

pub(crate) fn search(rules: &Rules, entries: &[Entry], reach: &mut Reach) {
    let all = u32::MAX >> (MOST_STAGES - rules.n);
    let mut open = Open { stages: 0, first: [0; MOST_STAGES], last: [0; MOST_STAGES] };
    // What stood before the present moment, on which strict increase goes on.
    let mut before = open;
    let (mut began, mut now) = (false, i64::MIN);
    for entry in entries {
        if rules.by_moment && entry.time > now {
            (before, now) = (open, entry.time);
        }
        if entry.stage == OTHER {
            if rules.strict_order && began {
                return;
            }
        } else if entry.stage >= EXCLUSION {
            exclude(rules, &mut open, entry);
            exclude(rules, &mut before, entry);
        } else if entry.stage == 0 {
            if !(rules.first_touch && began) {
                open.set(0, entry.time, entry.time);
                reach.note(0, Step { time: entry.time, first: entry.time, previous: entry.time, row: entry.row });
            }
            began = true;
        } else {
            let stage = entry.stage as usize;
            if rules.ends(open.has(stage), open.has(stage - 1), began) {
                return;
            }
            let standing = if rules.by_moment { &before } else { &open };
            if let Some(step) = advance(rules, standing, stage, entry) {
                open.set(stage, step.first, entry.time);
                reach.note(stage, step);
                if reach.stages == all {
                    return;
                }
            }
        }
    }
}

/// The best chain taken one stage further; `None` where none is open and within the window.
#[inline]
fn advance(rules: &Rules, open: &Open, stage: usize, entry: &Entry) -> Option<Step> {
    let mut best: Option<usize> = None;
    for before in (stage - rules.reach_back[stage]..stage).rev() {
        let is_later = best.is_none_or(|best| open.first[before] > open.first[best]);
        if open.has(before) && is_later && rules.follows(open.first[before], open.last[before], entry.time) {
            best = Some(before);
        }
    }
    let before = best?;
    let (first, previous) = (open.first[before], open.last[before]);
    Some(Step { time: entry.time, first, previous, row: entry.row })
}

/// Ends the chains that an exclusion finds between its stages. To the lenient rule a chain of the same moment is not between.
fn exclude(rules: &Rules, open: &mut Open, entry: &Entry) {
    let mut hit = rules.exclusions[(entry.stage - EXCLUSION) as usize] & open.stages;
    while hit != 0 {
        let stage = hit.trailing_zeros() as usize;
        hit &= hit - 1;
        if rules.ties != Ties::Lenient || open.last[stage] < entry.time {
            open.stages &= !(1 << stage);
        }
    }
}

/// For each stage the chain that stands there: when it began, and when it came there.
#[derive(Clone, Copy)]
struct Open {
    stages: u32,
    first: [i64; MOST_STAGES],
    last: [i64; MOST_STAGES],
}

impl Open {
    #[inline]
    fn has(&self, stage: usize) -> bool {
        self.stages & (1 << stage) != 0
    }

    #[inline]
    fn set(&mut self, stage: usize, first: i64, last: i64) {
        self.stages |= 1 << stage;
        self.first[stage] = first;
        self.last[stage] = last;
    }
}
