//! The search for ordered chains of stages: one pass over an entity's events that keeps, for each stage, the chain that began latest.
//!
//! It is the search of `ClickHouse`'s `windowFunnel` (`getEventLevelNonStrictOnce` in `AggregateFunctionWindowFunnel.cpp`), to which
//! optional stages, exclusions, the first touch and windows between neighbours are added. Keeping the latest beginning is enough: of two
//! chains that stand at the same stage, the one that began later can be finished whenever the other can.

use crate::stages::entries::{EXCLUSION, Entry, OTHER};
use crate::stages::params::MOST_STAGES;
use crate::stages::{once, unordered};
use crate::{Error, Mode, StageParams, Ties, Touch, WindowFrom};

/// The rules of one search.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // Each is a rule of its own, and all go together.
pub(crate) struct Chain {
    pub(crate) n: usize,
    pub(crate) window: i64,
    pub(crate) from_previous: bool,
    pub(crate) first_touch: bool,
    pub(crate) ties: Ties,
    pub(crate) strict_deduplication: bool,
    pub(crate) strict_order: bool,
    pub(crate) strict_increase: bool,
    pub(crate) allow_reentry: bool,
    kind: Kind,
    /// For each stage, how many stages before it may be its predecessor: one, and one more for each optional stage in between.
    reach_back: Vec<usize>,
    /// For each exclusion, the stages at which it ends chains, as bits.
    exclusions: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ordered,
    Once,
    Unordered,
}

/// How far an entity came.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// Stages that a chain came to, as bits.
    pub(crate) stages: u32,
    steps: [Step; MOST_STAGES],
}

/// The event at which a chain first came to a stage.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Step {
    pub(crate) time: i64,
    /// When the chain began.
    pub(crate) first: i64,
    /// When it came to the stage before.
    pub(crate) previous: i64,
    pub(crate) row: u32,
}

impl Default for Reach {
    fn default() -> Self {
        Self { stages: 0, steps: [Step::default(); MOST_STAGES] }
    }
}

impl Reach {
    /// Notes a stage; the first time counts.
    #[inline]
    pub(crate) fn note(&mut self, stage: usize, step: Step) {
        if self.stages & (1 << stage) == 0 {
            self.stages |= 1 << stage;
            self.steps[stage] = step;
        }
    }

    pub(crate) fn step(&self, stage: usize) -> &Step {
        &self.steps[stage]
    }

    /// The furthest stage.
    pub(crate) fn last(&self) -> Option<usize> {
        self.stages.checked_ilog2().map(|stage| stage as usize)
    }
}

impl Chain {
    pub(crate) fn new(params: &StageParams) -> Result<Self, Error> {
        let n = params.stages.len();
        let mut is_optional = vec![false; n];
        for name in &params.optional {
            is_optional[params.stage(name)?] = true;
        }
        let back = |stage: usize| 1 + (1..stage).rev().take_while(|before| is_optional[*before]).count();
        let exclusions = params.exclusions.iter().map(|exclusion| {
            let (after, before) = params.span(exclusion)?;
            Ok((after..before).fold(0, |bits, stage| bits | 1 << stage))
        });
        Ok(Self {
            n,
            window: params.window.unwrap_or(i64::MAX),
            from_previous: params.window_from == WindowFrom::Previous,
            first_touch: params.touch == Touch::First,
            ties: params.ties,
            strict_deduplication: params.has(Mode::StrictDeduplication),
            strict_order: params.has(Mode::StrictOrder),
            strict_increase: params.has(Mode::StrictIncrease),
            allow_reentry: params.has(Mode::AllowReentry),
            kind: if params.has(Mode::Unordered) {
                Kind::Unordered
            } else if params.has(Mode::StrictOnce) {
                Kind::Once
            } else {
                Kind::Ordered
            },
            reach_back: (0..n).map(back).collect(),
            exclusions: exclusions.collect::<Result<_, Error>>()?,
        })
    }

    /// The same search under another rule for ties.
    pub(crate) fn with_ties(&self, ties: Ties) -> Self {
        Self { ties, ..self.clone() }
    }

    /// Searches an entity's entries, which stand in the order that `ties` asks.
    pub(crate) fn search(&self, entries: &[Entry], reach: &mut Reach) {
        reach.stages = 0;
        match self.kind {
            Kind::Ordered => self.ordered(entries, reach),
            Kind::Once => once::search(self, entries, reach),
            Kind::Unordered => unordered::search(self, entries, reach),
        }
    }

    fn ordered(&self, entries: &[Entry], reach: &mut Reach) {
        let all = u32::MAX >> (MOST_STAGES - self.n);
        let mut open = Open { stages: 0, first: [0; MOST_STAGES], last: [0; MOST_STAGES] };
        let mut began = false;
        for entry in entries {
            if entry.stage == OTHER {
                if self.strict_order && began {
                    return;
                }
            } else if entry.stage >= EXCLUSION {
                self.exclude(&mut open, entry);
            } else if entry.stage == 0 {
                if !(self.first_touch && began) {
                    open.set(0, entry.time, entry.time);
                    reach.note(0, Step { time: entry.time, first: entry.time, previous: entry.time, row: entry.row });
                }
                began = true;
            } else {
                let stage = entry.stage as usize;
                if self.ends(open.has(stage), open.has(stage - 1), began) {
                    return;
                }
                if let Some(step) = self.advance(&mut open, stage, entry) {
                    reach.note(stage, step);
                    if reach.stages == all {
                        return;
                    }
                }
            }
        }
    }

    /// Whether a stage ends the search: it is there already, or comes before its turn.
    #[inline]
    pub(crate) fn ends(&self, has_stage: bool, has_previous: bool, began: bool) -> bool {
        (self.strict_deduplication && has_stage) || (self.strict_order && began && !has_previous && !self.allow_reentry)
    }

    /// Takes the best chain one stage further; `None` where none is open and within the window.
    #[inline]
    fn advance(&self, open: &mut Open, stage: usize, entry: &Entry) -> Option<Step> {
        let mut best: Option<usize> = None;
        for before in (stage - self.reach_back[stage]..stage).rev() {
            let is_later = best.is_none_or(|best| open.first[before] > open.first[best]);
            if open.has(before) && is_later && self.follows(open.first[before], open.last[before], entry.time) {
                best = Some(before);
            }
        }
        let before = best?;
        let (first, previous) = (open.first[before], open.last[before]);
        open.set(stage, first, entry.time);
        Some(Step { time: entry.time, first, previous, row: entry.row })
    }

    /// Whether a time may follow on a chain with this beginning and end.
    #[inline]
    pub(crate) fn follows(&self, first: i64, last: i64, time: i64) -> bool {
        let start = if self.from_previous { last } else { first };
        time <= start.saturating_add(self.window) && (!self.strict_increase || last < time)
    }

    /// Ends the chains that an exclusion finds between its stages. To the lenient rule a chain of the same moment is not between.
    fn exclude(&self, open: &mut Open, entry: &Entry) {
        let mut hit = self.exclusions[(entry.stage - EXCLUSION) as usize] & open.stages;
        while hit != 0 {
            let stage = hit.trailing_zeros() as usize;
            hit &= hit - 1;
            if self.ties != Ties::Lenient || open.last[stage] < entry.time {
                open.stages &= !(1 << stage);
            }
        }
    }
}

/// For each stage the chain that stands there: when it began, and when it came there.
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
