//! How far an entity came: the stages that a chain brought it to, and the events at which it first came there.

use crate::stages::params::MOST_STAGES;

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
