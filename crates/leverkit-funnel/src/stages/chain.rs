//! The search for chains of stages, by the kind of funnel that was asked: ordered, each event once, or in any order.

use leverkit_core::Error;

use crate::stages::entries::Entry;
use crate::stages::params::{Mode, StageParams, Ties};
use crate::stages::reach::Reach;
use crate::stages::rules::Rules;
use crate::stages::{once, ordered, unordered};

/// A search.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) rules: Rules,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ordered,
    Once,
    Unordered,
}

impl Chain {
    pub(crate) fn new(params: &StageParams) -> Result<Self, Error> {
        let kind = if params.has(Mode::Unordered) {
            Kind::Unordered
        } else if params.has(Mode::StrictOnce) {
            Kind::Once
        } else {
            Kind::Ordered
        };
        Ok(Self { rules: Rules::new(params)?, kind })
    }

    /// The same search under another rule for ties.
    pub(crate) fn with_ties(&self, ties: Ties) -> Self {
        Self { rules: Rules { ties, ..self.rules.clone() }, kind: self.kind }
    }

    /// Searches an entity's entries, which stand in the order that `ties` asks.
    pub(crate) fn search(&self, entries: &[Entry], reach: &mut Reach) {
        reach.stages = 0;
        match self.kind {
            Kind::Ordered => ordered::search(&self.rules, entries, reach),
            Kind::Once => once::search(&self.rules, entries, reach),
            Kind::Unordered => unordered::search(&self.rules, entries, reach),
        }
    }
}
