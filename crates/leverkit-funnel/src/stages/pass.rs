//! One pass over the log that counts everything: who reached what, how long it took, what it was worth, and who stopped where.

use leverkit_core::{MICROS_PER_DAY, NO_CODE, par_parts};

use crate::error::Error;
use crate::events::{EventLog, Property};
use crate::stages::chain::Chain;
use crate::stages::params::{StageParams, Ties};
use crate::stages::reach::Reach;
use crate::stages::walk::{Found, Scratch, Walk};

/// How far one entity came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) entity: u32,
    pub(crate) group: u32,
    /// The furthest stage.
    pub(crate) stage: u8,
    /// The event that came there.
    pub(crate) row: u32,
}

/// What one stage of one group adds up to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub(crate) reached: u64,
    /// Entities that came to this stage and no further.
    pub(crate) stopped: u64,
    pub(crate) value: f64,
    /// Events whose money is not known.
    pub(crate) unknown: u64,
    /// Days from the first stage and from the one before.
    pub(crate) from_first: Vec<f64>,
    pub(crate) from_previous: Vec<f64>,
    /// How many more would have reached it under each rule for ties: input, lenient, strict.
    pub(crate) more: [i64; 3],
}

impl Sums {
    fn merge(&mut self, mut other: Self) {
        self.reached += other.reached;
        self.stopped += other.stopped;
        self.value += other.value;
        self.unknown += other.unknown;
        self.from_first.append(&mut other.from_first);
        self.from_previous.append(&mut other.from_previous);
        self.more.iter_mut().zip(other.more).for_each(|(more, other)| *more += other);
    }
}

/// All groups' stages, and all entities that reached one.
pub(crate) struct Counted {
    /// Group `g`'s stages are `sums[g * n..(g + 1) * n]`.
    pub(crate) sums: Vec<Sums>,
    pub(crate) outcomes: Vec<Outcome>,
    /// Entities of whom two events share a moment.
    pub(crate) tied: u64,
    /// Entities whose window is over, and those of them who reached the last stage.
    pub(crate) over: u64,
    pub(crate) over_reached: u64,
}

/// Groups that entities fall into: by a property's code, with one more for those without.
pub(crate) struct ByGroup<'a>(pub(crate) Option<&'a Property>);

impl ByGroup<'_> {
    pub(crate) fn len(&self) -> usize {
        self.0.map_or(1, |property| property.names.len() + 1)
    }

    fn of(&self, row: u32) -> usize {
        let Some(property) = self.0 else { return 0 };
        let code = property.codes[row as usize];
        if code == NO_CODE { property.names.len() } else { code as usize }
    }
}

/// Runs the funnel over the log.
pub(crate) fn count(log: &EventLog, params: &StageParams, groups: &ByGroup<'_>) -> Result<Counted, Error> {
    let walk = Walk::new(log, params)?;
    let chain = Chain::new(params)?;
    let parts = par_parts(&log.offsets, |entities| {
        let mut part = Part::new(&walk, &chain, groups);
        entities.for_each(|entity| part.add(entity));
        part.counted
    });
    let fresh = || Part::new(&walk, &chain, groups).counted;
    Ok(parts.into_iter().reduce(merge).unwrap_or_else(fresh))
}

fn merge(mut a: Counted, mut b: Counted) -> Counted {
    a.sums.iter_mut().zip(b.sums).for_each(|(sums, more)| sums.merge(more));
    a.outcomes.append(&mut b.outcomes);
    a.tied += b.tied;
    a.over += b.over;
    a.over_reached += b.over_reached;
    a
}

struct Part<'a> {
    walk: &'a Walk<'a>,
    chain: &'a Chain,
    /// The same search under the three rules for ties.
    rules: [Chain; 3],
    groups: &'a ByGroup<'a>,
    scratch: Scratch,
    reach: Reach,
    other: Reach,
    counted: Counted,
}

impl<'a> Part<'a> {
    fn new(walk: &'a Walk<'a>, chain: &'a Chain, groups: &'a ByGroup<'a>) -> Self {
        let sums = vec![Sums::default(); groups.len() * chain.rules.n];
        Self {
            walk,
            chain,
            rules: [Ties::Input, Ties::Lenient, Ties::Strict].map(|ties| chain.with_ties(ties)),
            groups,
            scratch: Scratch::default(),
            reach: Reach::default(),
            other: Reach::default(),
            counted: Counted { sums, outcomes: Vec::new(), tied: 0, over: 0, over_reached: 0 },
        }
    }

    fn add(&mut self, entity: usize) {
        let found = self.walk.read(entity, &mut self.scratch);
        if found == Found::Nothing {
            return;
        }
        self.walk.search(self.chain, found, &mut self.scratch, &mut self.reach);
        let Some(last) = self.reach.last() else { return };
        let group = self.groups.of(self.reach.step(0).row);
        let first = group * self.chain.rules.n;
        let values = self.walk.log.values.as_ref();
        let sums = &mut self.counted.sums[first..first + self.chain.rules.n];
        let mut rest = self.reach.stages;
        while rest != 0 {
            let stage = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let (sums, step) = (&mut sums[stage], self.reach.step(stage));
            sums.reached += 1;
            if stage > 0 {
                sums.from_first.push(days(step.time - step.first));
                sums.from_previous.push(days(step.time - step.previous));
            }
            let value = values.map_or(0.0, |values| values[step.row as usize]);
            if value.is_nan() {
                sums.unknown += 1;
            } else {
                sums.value += value;
            }
        }
        sums[last].stopped += 1;
        let row = self.reach.step(last).row;
        self.counted.outcomes.push(Outcome { entity: entity as u32, group: group as u32, stage: last as u8, row });
        if self.reach.step(0).time.saturating_add(self.chain.rules.whole_window()) <= self.walk.log.seen_until {
            self.counted.over += 1;
            self.counted.over_reached += u64::from(last + 1 == self.chain.rules.n);
        }
        if found == Found::Tied {
            self.counted.tied += 1;
            self.add_ties(first);
        }
    }

    /// What the other rules for ties would have made of the entity.
    fn add_ties(&mut self, first: usize) {
        for (rule, chain) in self.rules.iter().enumerate() {
            self.walk.search(chain, Found::Tied, &mut self.scratch, &mut self.other);
            for stage in 0..self.chain.rules.n {
                let has = |reach: &Reach| i64::from(reach.stages >> stage & 1);
                self.counted.sums[first + stage].more[rule] += has(&self.other) - has(&self.reach);
            }
        }
    }
}

fn days(micros: i64) -> f64 {
    micros as f64 / MICROS_PER_DAY as f64
}
