//! The rules of one search for chains, and what they say of an event.

use leverkit_core::Error;

use crate::stages::params::{Mode, StageParams, Ties, Touch, WindowFrom};

/// The rules of one search.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // Each is a rule of its own, and all go together.
pub(crate) struct Rules {
    pub(crate) n: usize,
    pub(crate) window: i64,
    pub(crate) from_previous: bool,
    pub(crate) first_touch: bool,
    pub(crate) ties: Ties,
    pub(crate) strict_deduplication: bool,
    pub(crate) strict_order: bool,
    pub(crate) strict_increase: bool,
    /// Chains go on from the moments before alone.
    pub(crate) by_moment: bool,
    pub(crate) allow_reentry: bool,
    /// For each stage, how many stages before it may be its predecessor: one, and one more for each optional stage in between.
    pub(crate) reach_back: Vec<usize>,
    /// For each exclusion, the stages at which it ends chains, as bits.
    pub(crate) exclusions: Vec<u32>,
}

impl Rules {
    pub(crate) fn new(params: &StageParams) -> Result<Self, Error> {
        let n = params.stages.len();
        let mut is_optional = vec![false; n];
        for name in &params.optional {
            is_optional[params.stage(name)?] = true;
        }
        let back = |stage: usize| 1 + (1..stage).rev().take_while(|before| is_optional[*before]).count();
        let exclusions = params.exclusions.iter().map(|exclusion| {
            let (after, before) = params.between(exclusion)?;
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
            strict_increase: params.has(Mode::StrictIncrease) || params.has(Mode::StrictIncreaseLatest),
            by_moment: params.has(Mode::StrictIncrease),
            allow_reentry: params.has(Mode::AllowReentry),
            reach_back: (0..n).map(back).collect(),
            exclusions: exclusions.collect::<Result<_, Error>>()?,
        })
    }

    /// How long an entity may take from its first stage to its last.
    pub(crate) fn whole_window(&self) -> i64 {
        if self.from_previous { self.window.saturating_mul(self.n as i64 - 1) } else { self.window }
    }

    /// Whether a stage ends the search: it is there already, or comes before its turn.
    #[inline]
    pub(crate) fn ends(&self, has_stage: bool, has_previous: bool, began: bool) -> bool {
        (self.strict_deduplication && has_stage) || (self.strict_order && began && !has_previous && !self.allow_reentry)
    }

    /// Whether a time may follow on a chain with this beginning and end.
    #[inline]
    pub(crate) fn follows(&self, first: i64, last: i64, time: i64) -> bool {
        let start = if self.from_previous { last } else { first };
        time <= start.saturating_add(self.window) && (!self.strict_increase || last < time)
    }
}
