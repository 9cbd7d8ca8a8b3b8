//! The texts of a dictionary of ids, looked at once: what they are like, and which are words that say what they stand for.

use leverkit_stats::budget::Watched;
use rayon::prelude::*;

use super::NoteKind;
use crate::columns::{decoded, is_text};
use crate::spelling::Traits;
use crate::texts::Texts;
use crate::{Column, Error};

/// What an id that is a word stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Missing,
    Guest,
    Total,
}

impl Word {
    /// The note that such an id is worth by itself.
    pub(super) fn kind(self) -> Option<NoteKind> {
        match self {
            Self::Missing => Some(NoteKind::MissingText),
            Self::Total => Some(NoteKind::Total),
            Self::Guest => None,
        }
    }
}

/// Texts that people and programs write for a missing value.
const MISSING: [&str; 9] = ["null", "nan", "none", "<na>", "n/a", "\\n", "-", "–", "—"];

/// Names under which tills and shops book customers whom they do not know.
const GUESTS: [&str; 23] = [
    "0",
    "guest",
    "guests",
    "unknown",
    "anonymous",
    "anonym",
    "anon",
    "cash",
    "cash customer",
    "walk-in",
    "walkin",
    "walk in",
    "no name",
    "noname",
    "not registered",
    "unregistered",
    "no customer",
    "default",
    "гость",
    "неизвестно",
    "аноним",
    "розничный покупатель",
    "частное лицо",
];

/// How rows of sums are called at the end of a report.
const TOTALS: [&str; 20] = [
    "total",
    "totals",
    "grand total",
    "grand totals",
    "subtotal",
    "sub total",
    "sub-total",
    "sum",
    "overall",
    "итого",
    "итог",
    "общий итог",
    "всего",
    "gesamt",
    "gesamtergebnis",
    "summe",
    "total general",
    "totale",
    "suma",
    "razem",
];

/// Bytes of the longest of the words, with a mark after it.
const LONGEST: usize = 44;

/// The texts of a dictionary in code order; none where it holds other values.
pub(super) struct IdTexts {
    values: Column,
    /// What all of them together are like.
    pub(super) traits: Traits,
    /// The codes of words, in order.
    pub(super) words: Vec<(u32, Word)>,
}

impl IdTexts {
    pub(super) fn of(values: &Column) -> Result<Self, Error> {
        let values = if is_text(values) { decoded(values)? } else { values.slice(0, 0) };
        let mut texts = Self { values, traits: Traits::default(), words: Vec::new() };
        (texts.traits, texts.words) = texts
            .folded(|(seen, words): &mut (Traits, Vec<(u32, Word)>), code, text| {
                let traits = Traits::of(text);
                *seen = seen.join(traits);
                words.extend(word(text, traits).map(|word| (code, word)));
            })
            .into_iter()
            .reduce(|(seen, mut words), (more, others)| {
                words.extend(others);
                (seen.join(more), words)
            })
            .unwrap_or_default();
        Ok(texts)
    }

    /// What a function adds up of the texts, in pieces in code order.
    pub(super) fn folded<T: Default + Send>(&self, add: impl Fn(&mut T, u32, &str) + Sync) -> Vec<T> {
        const PIECE: usize = 1 << 14;
        let mut start = 0;
        let mut pieces = Vec::new();
        for chunk in self.values.chunks() {
            let texts = Texts::of(chunk);
            pieces.extend(
                (0..chunk.len()).step_by(PIECE).map(|from| (start, from..chunk.len().min(from + PIECE), texts)),
            );
            start += chunk.len();
        }
        let of_piece = |(start, rows, texts): (usize, std::ops::Range<usize>, Option<Texts<'_>>)| {
            let mut sum = T::default();
            for row in rows {
                add(&mut sum, (start + row) as u32, texts.and_then(|texts| texts.get(row)).unwrap_or_default());
            }
            sum
        };
        pieces.into_par_iter().watched().map(of_piece).collect()
    }

    /// The codes of the texts for which something holds.
    pub(super) fn codes_where(&self, holds: impl Fn(&str) -> bool + Sync) -> Vec<u32> {
        self.folded(|codes: &mut Vec<u32>, code, text| codes.extend(holds(text).then_some(code))).concat()
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn text(&self, code: u32) -> String {
        self.values.text(code as usize).unwrap_or_default()
    }
}

/// The word that an id is; most ids have digits, and are none.
fn word(text: &str, traits: Traits) -> Option<Word> {
    if (traits.has_digits() && text != "0") || text.len() > LONGEST {
        return None;
    }
    let text = text.trim();
    let is_among = |words: &[&str], text: &str| {
        words.iter().any(|word| word.eq_ignore_ascii_case(text))
            || (!text.is_ascii() && words.contains(&text.to_lowercase().as_str()))
    };
    if is_among(&MISSING, text) {
        Some(Word::Missing)
    } else if is_among(&GUESTS, text) {
        Some(Word::Guest)
    } else {
        is_among(&TOTALS, text.trim_end_matches([':', '.', ' '])).then_some(Word::Total)
    }
}
