//! A run: the rows that were at hand when the memory was used up, in customer and time order, in files.

use std::path::Path;

use crate::arrange::Sorted;
use crate::encode::by_first_use;
use crate::ledger::{Codes, Dictionary, Ledger};
use crate::saved::About;
use crate::saved::columns::{Columns, Reader, Writer, write_codes, write_lines};
use crate::saved::folder::Home;
use crate::saved::manifest::{Contents, Files, Manifest};
use crate::{Error, Shared};

/// Lines in files that are mapped into memory.
pub(super) struct Run {
    /// The lines; their orders are not settled.
    pub(super) ledger: Ledger,
    /// The orders' ids by line, numbered in the lines' order.
    pub(super) order_ids: Option<Codes>,
    /// The number of each line's row in the run, where lines may have to be dropped.
    pub(super) rows: Option<Shared<u32>>,
    /// The number of the run's first row in the input.
    pub(super) first_row: u32,
}

impl Run {
    /// Writes lines into a new folder and opens them there.
    pub(super) fn write(sorted: Sorted, first_row: u32, home: &Home, name: &str) -> Result<Self, Error> {
        let folder = home.folder(name);
        std::fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, error))?;
        let files = write(&sorted, &folder)?;
        let contents = Contents::of(&sorted.ledger, name, &About::default(), files);
        drop(sorted);
        let manifest = Manifest { contents, text: String::new() };
        let files = Reader { home, manifest: &manifest };
        Ok(Self {
            ledger: files.lines()?,
            order_ids: files.optional("line_order", |name| files.codes(name))?,
            rows: files.optional("row", |name| files.values(name, manifest.contents.lines))?,
            first_row,
        })
    }
}

fn write(sorted: &Sorted, folder: &Path) -> Result<Files, Error> {
    let mut writer = Writer::new(folder);
    write_lines(&sorted.ledger, &mut writer)?;
    if let Some(ids) = &sorted.order_ids {
        write_codes("line_order", &in_lines_order(ids)?, &mut writer)?;
    }
    if let Some(rows) = &sorted.rows {
        writer.values("row", &Shared::from(rows.clone()))?;
    }
    Ok(writer.files)
}

/// Codes in the order in which the lines come to them, so that neighbouring lines need neighbouring values; those that no line uses fall away.
fn in_lines_order(ids: &Codes) -> Result<Codes, Error> {
    let (codes, kept) = by_first_use(&ids.codes, ids.dictionary.len());
    Ok(Codes { codes: codes.into(), dictionary: Dictionary::new(ids.dictionary.values().take(&kept)?) })
}
