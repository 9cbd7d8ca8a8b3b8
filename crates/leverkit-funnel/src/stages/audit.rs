//! The same funnel under other rules: what the numbers owe to the data, and what to the rules.

use leverkit_core::{Params, par_parts};
use serde::Serialize;

use crate::error::Error;
use crate::stages::StageFunnel;
use crate::stages::chain::Chain;
use crate::stages::params::{Mode, StageParams, Ties, Touch, WindowFrom};
use crate::stages::reach::Reach;
use crate::stages::walk::{Found, Scratch, Walk};

/// The funnel under every entry, window and tie rule, and in every mode.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// One row per set of rules; the one that was used comes first.
    pub rows: Vec<AuditRow>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// The funnel under one set of rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditRow {
    /// Rules that are added to the plain funnel; none is "default".
    pub modes: Vec<Mode>,
    /// Which events may begin a chain.
    pub touch: Touch,
    /// Microseconds; none is no limit.
    pub window: Option<i64>,
    /// From when the window runs.
    pub window_from: WindowFrom,
    /// What comes first among events of one moment.
    pub ties: Ties,
    /// Entities at each stage.
    pub reached: Vec<u64>,
    /// Whether these are the rules that were used.
    pub is_used: bool,
}

impl StageFunnel {
    /// Recomputes the funnel under both entries, four windows (as given, half, double, none) of both kinds, all three rules for ties,
    /// and with these as given in every mode. All groups together.
    ///
    /// # Errors
    /// As [`crate::stages`].
    pub fn audit(&self) -> Result<Audit, Error> {
        let asked = &self.params;
        let mut variants = vec![asked.clone()];
        for variant in rules(asked).into_iter().chain(modes(asked)) {
            if variant.check().is_ok() && !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        let mut notes = Vec::new();
        if !self.log.is_whole() && !asked.has(Mode::StrictOrder) {
            variants.retain(|variant| !variant.has(Mode::StrictOrder));
            notes.push("Strict order needs all events, but those that are not stages were not kept: build an EventLog first to audit it.".into());
        }
        let counts = self.count(&variants)?;
        let rows = variants.into_iter().zip(counts).enumerate().map(|(place, (variant, reached))| AuditRow {
            modes: variant.modes,
            touch: variant.touch,
            window: variant.window,
            window_from: variant.window_from,
            ties: variant.ties,
            reached,
            is_used: place == 0,
        });
        Ok(Audit { rows: rows.collect(), notes })
    }

    /// Entities at each stage under each set of rules, in one pass over the log.
    fn count(&self, variants: &[StageParams]) -> Result<Vec<Vec<u64>>, Error> {
        let needs_others = variants.iter().find(|variant| variant.has(Mode::StrictOrder));
        let walk = Walk::new(&self.log, needs_others.unwrap_or(&self.params))?;
        let chains: Vec<Chain> = variants.iter().map(Chain::new).collect::<Result<_, _>>()?;
        let n = self.params.stages.len();
        let parts = par_parts(&self.log.offsets, |entities| {
            let mut counts = vec![vec![0_u64; n]; chains.len()];
            let (mut scratch, mut reach) = (Scratch::default(), Reach::default());
            for entity in entities {
                let found = walk.read(entity, &mut scratch);
                if found == Found::Nothing {
                    continue;
                }
                for (chain, counts) in chains.iter().zip(&mut counts) {
                    walk.search(chain, found, &mut scratch, &mut reach);
                    counts.iter_mut().enumerate().for_each(|(stage, n)| *n += u64::from(reach.stages >> stage & 1));
                }
            }
            counts
        });
        Ok(parts.into_iter().reduce(add).unwrap_or_else(|| vec![vec![0; n]; chains.len()]))
    }
}

fn add(mut sums: Vec<Vec<u64>>, part: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    let pairs = sums.iter_mut().flatten().zip(part.into_iter().flatten());
    pairs.for_each(|(sum, n)| *sum += n);
    sums
}

fn rules(asked: &StageParams) -> Vec<StageParams> {
    let windows: Vec<Option<i64>> = match asked.window {
        None => vec![None],
        Some(window) => vec![Some(window), Some((window / 2).max(1)), Some(window.saturating_mul(2)), None],
    };
    let mut variants = Vec::new();
    for touch in [Touch::Any, Touch::First] {
        for (window_from, windows) in [(WindowFrom::First, &windows[..]), (WindowFrom::Previous, &windows[..])] {
            // Without a limit both kinds of window are the same.
            for window in windows.iter().filter(|window| window.is_some() || window_from == WindowFrom::First) {
                for ties in [Ties::Input, Ties::Lenient, Ties::Strict] {
                    variants.push(StageParams { touch, window_from, window: *window, ties, ..asked.clone() });
                }
            }
        }
    }
    variants
}

fn modes(asked: &StageParams) -> Vec<StageParams> {
    let modes: [&[Mode]; 7] = [
        &[],
        &[Mode::StrictDeduplication],
        &[Mode::StrictOrder],
        &[Mode::StrictIncrease],
        &[Mode::StrictOnce],
        &[Mode::StrictOrder, Mode::AllowReentry],
        &[Mode::Unordered],
    ];
    modes.into_iter().map(|modes| StageParams { modes: modes.to_vec(), ..asked.clone() }).collect()
}
