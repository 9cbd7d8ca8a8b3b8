//! One entity's events as the searches for chains read them: a time, a row and a stage each, in the order that the rule for ties asks.

use crate::stages::params::Ties;

/// An event that is no stage; it matters to strict order alone.
pub(crate) const OTHER: i8 = -1;

/// Exclusion `i` is entry `EXCLUSION + i`.
pub(crate) const EXCLUSION: i8 = 64;

/// One stage that one event stands for; an event of several stages makes several entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) time: i64,
    pub(crate) row: u32,
    /// All stages of the event, as bits.
    pub(crate) stages: u32,
    pub(crate) stage: i8,
}

/// Appends the entries of one event, stages in their order.
#[inline]
pub(crate) fn push(entries: &mut Vec<Entry>, time: i64, row: u32, bits: u64) {
    let mut rest = bits;
    while rest != 0 {
        let bit = rest.trailing_zeros() as i8;
        rest &= rest - 1;
        let stage = if bit < 32 { bit } else { bit - 32 + EXCLUSION };
        entries.push(Entry { time, row, stages: bits as u32, stage });
    }
}

/// Brings entries in input order into the order that the rule asks.
///
/// In strict order, what can end a chain (an exclusion, an event that is no stage) stands before the stages of its moment and after them.
pub(crate) fn arrange(entries: &[Entry], ties: Ties, into: &mut Vec<Entry>) {
    into.clear();
    into.extend_from_slice(entries);
    match ties {
        Ties::Input => {}
        Ties::Lenient => into.sort_by_key(|entry| (entry.time, entry.stage, entry.row)),
        Ties::Strict => {
            let is_end = |entry: &Entry| !(0..EXCLUSION).contains(&entry.stage);
            let key = |entry: &Entry| (entry.time, -i16::from(entry.stage), entry.row);
            // Of events that are no stage those after the stages are there already: their key is the greatest.
            into.sort_by_key(key);
            double_ends(into, is_end);
        }
    }
}

/// Within each moment, puts all ends both first and last.
fn double_ends(entries: &mut Vec<Entry>, is_end: impl Fn(&Entry) -> bool) {
    if !entries.iter().any(&is_end) {
        return;
    }
    let sorted = std::mem::take(entries);
    for moment in sorted.chunk_by(|a, b| a.time == b.time) {
        let ends: Vec<Entry> = moment.iter().copied().filter(&is_end).collect();
        entries.extend(&ends);
        entries.extend(moment.iter().filter(|entry| !is_end(entry)));
        entries.extend(&ends);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(ties: Ties, given: &[(i64, i8)]) -> Vec<i8> {
        let entries: Vec<Entry> = given
            .iter()
            .zip(0..)
            .map(|((time, stage), row)| Entry { time: *time, row, stages: 0, stage: *stage })
            .collect();
        let mut arranged = Vec::new();
        arrange(&entries, ties, &mut arranged);
        arranged.iter().map(|entry| entry.stage).collect()
    }

    #[test]
    fn events_of_one_moment_stand_as_the_rule_says() {
        let given = [(1, 1), (1, 0), (1, OTHER), (2, 0), (2, EXCLUSION)];
        assert_eq!(stages(Ties::Input, &given), [1, 0, OTHER, 0, EXCLUSION]);
        assert_eq!(stages(Ties::Lenient, &given), [OTHER, 0, 1, 0, EXCLUSION]);
        assert_eq!(stages(Ties::Strict, &given), [OTHER, 1, 0, OTHER, EXCLUSION, 0, EXCLUSION]);
    }
}
