//! Rules about names and columns, made into bits: which stages and exclusions a row of the log stands for.

use crate::error::Error;
use crate::events::{EventLog, Property, unknown_event};
use crate::stages::params::{MOST_STAGES, Mode, StageParams, StageRule};

/// What a row stands for: bit `i` is stage `i`, bit `32 + i` exclusion `i`.
pub(crate) struct Plan<'a> {
    by_event: Vec<u64>,
    conditions: Vec<Condition<'a>>,
    events: &'a [u32],
    /// Rows that are no stage matter: to strict order, an intervening event ends a chain.
    pub(crate) needs_others: bool,
}

/// A bit that holds only where a property has one of some values.
struct Condition<'a> {
    bit: u64,
    codes: &'a [u32],
    allowed: Vec<bool>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(log: &'a EventLog, params: &StageParams) -> Result<Self, Error> {
        let rules = params.stages.iter().zip(0..);
        let exclusions = params.exclusions.iter().map(|exclusion| &exclusion.rule).zip(MOST_STAGES..);
        let mut plan = Self {
            by_event: vec![0; log.names.len()],
            conditions: Vec::new(),
            events: &log.events,
            needs_others: params.has(Mode::StrictOrder),
        };
        for (rule, bit) in rules.chain(exclusions) {
            plan.add(log, rule, 1 << bit)?;
        }
        Ok(plan)
    }

    fn add(&mut self, log: &'a EventLog, rule: &StageRule, bit: u64) -> Result<(), Error> {
        if rule.events.is_empty() {
            self.by_event.iter_mut().for_each(|mask| *mask |= bit);
        }
        for name in &rule.events {
            let code = log.names.iter().position(|known| known == name);
            let code = code.ok_or_else(|| unknown_event(name, &log.names))?;
            self.by_event[code] |= bit;
        }
        for (column, values) in &rule.conditions {
            let Property { codes, names } = log.property("stages", column)?;
            if let Some(value) = values.iter().find(|value| !names.contains(value)) {
                let near = leverkit_core::nearest(value, names.iter().map(String::as_str));
                let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
                let expected = format!("one of the {} values of {column:?}{hint}", names.len());
                return Err(Error::parameter("stages", format!("{value:?}"), expected));
            }
            let allowed = names.iter().map(|name| values.contains(name)).collect();
            self.conditions.push(Condition { bit, codes, allowed });
        }
        Ok(())
    }

    /// The bits of a row.
    #[inline]
    pub(crate) fn bits(&self, row: usize) -> u64 {
        // A row without an event (a return of a Ledger) has no place in the table.
        let mut bits = self.by_event.get(self.events[row] as usize).copied().unwrap_or_default();
        for condition in &self.conditions {
            if bits & condition.bit != 0 {
                let is_allowed = condition.allowed.get(condition.codes[row] as usize).copied().unwrap_or_default();
                bits &= if is_allowed { u64::MAX } else { !condition.bit };
            }
        }
        bits
    }
}
