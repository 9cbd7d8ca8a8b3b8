//! What is found among lines while a customer's lines and their order ids are at hand, for the notes on all of them. What was found among the
//! customers of a part is put to what was found before.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::copies::duplicates;
use super::id_texts::IdTexts;
use super::{NoteKind, lines_where};
use crate::ledger::{Codes, Ledger};
use crate::spelling::is_shortened;
use crate::{Column, Error};

/// Lines that equal another, and order ids that mean something else.
#[derive(Default)]
pub(crate) struct Found {
    pub(super) copies: Vec<u32>,
    /// Order ids that are words, in order, with their lines.
    pub(super) words: BTreeMap<String, (NoteKind, Vec<u32>)>,
    /// Order ids that a spreadsheet has cut, also those of lines that were left out.
    pub(super) shortened: BTreeSet<String>,
    pub(super) shortened_lines: Vec<u32>,
}

impl Found {
    pub(crate) fn of(ledger: &Ledger, order_ids: Option<&Codes>) -> Result<Self, Error> {
        let mut found = Self { copies: duplicates(ledger, order_ids), ..Self::default() };
        if let Some(ids) = order_ids {
            found.look_at(ids)?;
        }
        Ok(found)
    }

    fn look_at(&mut self, ids: &Codes) -> Result<(), Error> {
        let texts = IdTexts::of(ids.dictionary.values())?;
        let lines_of = |codes: &[u32]| {
            let is_among = |line: usize| codes.binary_search(&ids.codes[line]).is_ok();
            if codes.is_empty() { Vec::new() } else { lines_where(ids.codes.len(), is_among) }
        };
        let words = texts.words.iter().filter_map(|&(code, word)| Some((code, word.kind()?)));
        self.words = words.map(|(code, kind)| (texts.text(code), (kind, lines_of(&[code])))).collect();
        let shortened = codes_of_shortened(&texts);
        self.shortened_lines = lines_of(&shortened);
        self.shortened = shortened.into_iter().map(|code| texts.text(code)).collect();
        Ok(())
    }

    /// Looks at the order ids of rows as they came in, of which some may be left out later.
    pub(crate) fn look_at_rows(&mut self, order_ids: &Column) -> Result<(), Error> {
        let texts = IdTexts::of(order_ids)?;
        self.shortened.extend(codes_of_shortened(&texts).into_iter().map(|code| texts.text(code)));
        Ok(())
    }

    /// Adds what was found among later lines, the first of which has this number.
    pub(crate) fn append(&mut self, later: Self, first: u32) {
        let placed = |lines: Vec<u32>| lines.into_iter().map(move |line| first + line);
        self.copies.extend(placed(later.copies));
        self.shortened.extend(later.shortened);
        self.shortened_lines.extend(placed(later.shortened_lines));
        for (text, (kind, lines)) in later.words {
            self.words.entry(text).or_insert((kind, Vec::new())).1.extend(placed(lines));
        }
    }
}

fn codes_of_shortened(texts: &IdTexts) -> Vec<u32> {
    if texts.traits.may_be_shortened() { texts.codes_where(is_shortened) } else { Vec::new() }
}
