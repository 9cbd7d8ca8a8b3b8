//! Stages in any order: the greatest number of different stages within one window.

use crate::stages::entries::{EXCLUSION, Entry};
use crate::stages::params::MOST_STAGES;
use crate::stages::reach::{Reach, Step};
use crate::stages::rules::Rules;

/// Notes stage `k` when `k + 1` different stages first lie within one window. With the first touch the window begins at the first stage
/// of all.
pub(crate) fn search(rules: &Rules, entries: &[Entry], reach: &mut Reach) {
    let mut latest: [Option<i64>; MOST_STAGES] = [None; MOST_STAGES];
    let mut begin = None;
    let mut found = 0;
    for entry in entries.iter().filter(|entry| (0..EXCLUSION).contains(&entry.stage)) {
        let begin = *begin.get_or_insert(entry.time);
        if rules.first_touch && entry.time > begin.saturating_add(rules.window) {
            return;
        }
        let before = latest;
        latest[entry.stage as usize] = Some(entry.time);
        let oldest = if rules.first_touch { begin } else { entry.time.saturating_sub(rules.window) };
        let within = || latest.iter().flatten().filter(|time| **time >= oldest);
        if within().count() <= found {
            continue;
        }
        let previous = before.iter().flatten().filter(|time| **time >= oldest).max().copied().unwrap_or(entry.time);
        let first = within().min().copied().unwrap_or(entry.time);
        reach.note(found, Step { time: entry.time, first, previous, row: entry.row });
        found += 1;
        if found == rules.n {
            return;
        }
    }
}
