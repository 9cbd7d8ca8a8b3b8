//! Notes on ids that are one but for how they are written: white space and case, zeros around numbers, letters that look alike.

use std::hash::BuildHasher;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::id_columns::Ids;
use super::id_texts::IdTexts;
use super::{NoteKind, QualityNote};
use crate::ledger::Ledger;
use crate::spelling::{as_number, in_latin, trimmed};

pub(super) fn notes(ledger: &Ledger, ids: &Ids<'_>, texts: &IdTexts) -> Vec<QualityNote> {
    let folded: fn(&str) -> String = |text| trimmed(text).to_lowercase();
    let number: fn(&str) -> String = |text| as_number(text).to_owned();
    let latin: fn(&str) -> String = in_latin;
    let steps = [
        (NoteKind::SameIds, texts.traits.may_fold(), folded),
        (NoteKind::SameNumbers, texts.traits.may_be_numbers(), number),
        (NoteKind::LookAlikes, texts.traits.is_beyond_ascii(), latin),
    ];
    steps
        .into_iter()
        .filter(|step| step.1)
        .filter_map(|(kind, _, spelled)| same(ledger, ids, texts, kind, spelled))
        .collect()
}

/// Ids that are one once they are spelled in one way.
fn same(
    ledger: &Ledger,
    ids: &Ids<'_>,
    texts: &IdTexts,
    kind: NoteKind,
    spelled: impl Fn(&str) -> String + Sync,
) -> Option<QualityNote> {
    let hash = |text: &str| if kind == NoteKind::SameIds { folded_hash(text) } else { hash_of(&spelled(text)) };
    let twice = hashes_seen_twice(texts, hash);
    if twice.is_empty() {
        return None;
    }
    let mut groups: HashMap<String, Vec<u32>> = HashMap::new();
    for code in texts.codes_where(|text| twice.contains(&hash(text))) {
        groups.entry(spelled(&texts.text(code))).or_default().push(code);
    }
    groups.retain(|_, codes| codes.len() > 1);
    let first = groups.values().min()?;
    let shown: Vec<String> = first.iter().take(3).map(|&code| format!("{:?}", texts.text(code))).collect();
    let mut all: Vec<u32> = groups.values().flatten().copied().collect();
    all.sort_unstable();
    let note = ids.note(kind, ids.tally(ledger, &all)).with_value(shown.join(", "));
    Some(note.with_counts(all.len() as u64, groups.len() as u64)).filter(|note| note.rows > 0)
}

/// Hashes that come twice, with a few that only share a bit with another: a bit for each hash costs far less than to sort them.
fn hashes_seen_twice(texts: &IdTexts, hash: impl Fn(&str) -> u64 + Sync) -> HashSet<u64> {
    const BITS_PER_TEXT: usize = 32;
    let bits = (BITS_PER_TEXT * texts.len()).next_power_of_two().max(64);
    let seen: Vec<AtomicU64> = (0..bits / 64).map(|_| AtomicU64::new(0)).collect();
    let add = |twice: &mut Vec<u64>, _: u32, text: &str| {
        let hash = hash(text);
        let (at, bit) = (hash as usize % bits, 1 << (hash % 64));
        if seen[at / 64].fetch_or(bit, Relaxed) & bit != 0 {
            twice.push(hash);
        }
    };
    texts.folded(add).into_iter().flatten().collect()
}

/// A hash that texts share which are one after trimming and case-folding. ASCII, nearly all of them, is folded on the way.
fn folded_hash(text: &str) -> u64 {
    let plain = text.trim_ascii();
    if !plain.is_ascii() || plain.bytes().any(|byte| byte < b' ') || plain.contains("  ") {
        return hash_of(&trimmed(text).to_lowercase());
    }
    let mut lower = [0; 64];
    match lower.get_mut(..plain.len()) {
        Some(lower) => {
            lower.copy_from_slice(plain.as_bytes());
            lower.make_ascii_lowercase();
            FixedState::default().hash_one(&*lower)
        }
        None => hash_of(&plain.to_ascii_lowercase()),
    }
}

fn hash_of(text: &str) -> u64 {
    FixedState::default().hash_one(text.as_bytes())
}
