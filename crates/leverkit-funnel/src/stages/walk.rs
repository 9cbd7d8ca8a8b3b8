//! The way over the log: one entity after the other, its entries made once and searched under one rule or many.

use leverkit_core::NO_CODE;

use crate::error::Error;
use crate::events::{EventLog, Property};
use crate::stages::chain::Chain;
use crate::stages::entries::{Entry, OTHER, arrange, push};
use crate::stages::params::{StageParams, Ties};
use crate::stages::plan::Plan;
use crate::stages::reach::Reach;

/// What makes entries of an entity's rows.
pub(crate) struct Walk<'a> {
    pub(crate) log: &'a EventLog,
    plan: Plan<'a>,
    /// The property that must be the same in all stages of a chain.
    hold: Option<&'a Property>,
}

/// What a thread reuses between entities.
#[derive(Default)]
pub(crate) struct Scratch {
    entries: Vec<Entry>,
    arranged: Vec<Entry>,
    values: Vec<u32>,
    of_value: Vec<Entry>,
    best: Reach,
}

/// What became of an entity's rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No row is a stage.
    Nothing,
    /// Stages, no two events of one moment.
    Plain,
    /// The same, and an event that stands for several.
    Shared,
    /// Stages, and events of one moment: their order is the rule's.
    Tied,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(log: &'a EventLog, params: &StageParams) -> Result<Self, Error> {
        let hold = params.hold.as_ref().map(|name| log.property("hold", name)).transpose()?;
        Ok(Self { log, plan: Plan::new(log, params)?, hold })
    }

    /// Reads the entity's rows.
    #[inline]
    pub(crate) fn read(&self, entity: usize, scratch: &mut Scratch) -> Found {
        let entries = &mut scratch.entries;
        entries.clear();
        let rows = self.log.offsets[entity] as usize..self.log.offsets[entity + 1] as usize;
        let (mut is_tied, mut is_shared, mut has_stage, mut before) = (false, false, false, i64::MIN);
        for row in rows {
            let bits = self.plan.bits(row);
            let time = self.log.micros[row];
            if bits != 0 {
                push(entries, time, row as u32, bits);
                has_stage = true;
                is_tied |= time == before;
                is_shared |= !bits.is_power_of_two();
                before = time;
            } else if self.plan.needs_others {
                entries.push(Entry { time, row: row as u32, stages: 0, stage: OTHER });
                is_tied |= time == before;
                before = time;
            }
        }
        match (has_stage, is_tied, is_shared) {
            (false, ..) => Found::Nothing,
            (true, false, false) => Found::Plain,
            (true, false, true) => Found::Shared,
            (true, true, _) => Found::Tied,
        }
    }

    /// Searches the entries that were read. Where a property is held constant, the value with the furthest stage counts; of equal ones
    /// that which came there first, then that which the log names first.
    #[inline]
    pub(crate) fn search(&self, chain: &Chain, found: Found, scratch: &mut Scratch, reach: &mut Reach) {
        let Scratch { entries, arranged, values, of_value, best } = scratch;
        let arranged = if found != Found::Plain && chain.rules.ties != Ties::Input {
            arrange(entries, chain.rules.ties, arranged);
            arranged
        } else {
            entries
        };
        let Some(hold) = self.hold else { return chain.search(arranged, reach) };
        values.clear();
        values.extend(arranged.iter().map(|entry| hold.codes[entry.row as usize]).filter(|code| *code != NO_CODE));
        values.sort_unstable();
        values.dedup();
        reach.stages = 0;
        for value in &*values {
            of_value.clear();
            of_value.extend(arranged.iter().filter(|entry| hold.codes[entry.row as usize] == *value));
            chain.search(of_value, best);
            if is_further(best, reach) {
                std::mem::swap(best, reach);
            }
        }
    }
}

fn is_further(a: &Reach, b: &Reach) -> bool {
    let Some(last) = a.last() else { return false };
    match b.last() {
        Some(known) if known == last => a.step(last).time < b.step(last).time,
        known => Some(last) > known,
    }
}
