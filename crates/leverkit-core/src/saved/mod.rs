//! A ledger that stays: a folder of Arrow IPC files, uncompressed and mapped into memory, with a manifest.
//!
//! `shop.ledger/manifest.json` says what the ledger is and names its edition; `shop.ledger/edition-…/day.arrow` and its neighbours hold a column
//! each, which any reader of Arrow can read. An edition is never changed: a save writes another one beside it, and the manifest turns from one to
//! the other in one step. So a reader has the old ledger or the new one, and writers don't meet.

mod build;
mod columns;
mod file;
mod folder;
mod manifest;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Ledger};
pub use build::SavedBuilder;
use columns::{Writer, read, write};
pub(crate) use columns::{rejected_as_batch, rejected_of};
use folder::{Draft, Home};
use manifest::{Contents, Manifest};

/// What is known of a ledger beside its lines: it is kept for those who show it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The currency of all money.
    pub currency: Option<String>,
    /// How its file was read.
    pub how: String,
    /// The kind of frame that its results become.
    pub frames: String,
}

/// A saved ledger, opened.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch, saved::{About, Saved}};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("shop.ledger");
/// let lines = batch!("client" => ["ann", "bob"], "date" => ["2024-01-05", "2024-01-06"], "paid" => [20.0, 15.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("client", "date").amount("paid"))?;
/// let edition = ledger.save_with(&path, &About { currency: Some("EUR".into()), ..About::default() })?;
/// let saved = Saved::open(&path)?;
/// assert_eq!((saved.edition, saved.about.currency.as_deref()), (edition, Some("EUR")));
/// // Opening checks sizes alone; this reads every byte.
/// Saved::verify(&path)?;
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Saved {
    /// The ledger; its columns are read from the files as they are used.
    pub ledger: Ledger,
    /// What is known of it beside its lines.
    pub about: About,
    /// Which edition it is: another save has another one.
    pub edition: String,
}

impl Saved {
    /// Opens a saved ledger: sizes and frames of its files are checked, its columns stay in the files until they are used.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let home = Home::at(path.as_ref())?;
        let (manifest, ledger) = home.with_edition(|manifest| read(&home, manifest))?;
        let Contents { about, edition, .. } = manifest.contents;
        Ok(Self { ledger, about, edition })
    }

    /// Reads every byte of a saved ledger and compares it with the check sums of the manifest.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn verify(path: impl AsRef<Path>) -> Result<(), Error> {
        let home = Home::at(path.as_ref())?;
        home.with_edition(|manifest| home.files(manifest).try_for_each(|(file, entry)| file::verify(&file, entry)))?;
        Ok(())
    }
}

impl Ledger {
    /// Saves the ledger as a folder, which [`Ledger::open`] opens in an instant. A ledger that is there is replaced as a whole: until the last
    /// step it stays as it is, and who has it open keeps it.
    ///
    /// # Errors
    /// - [`Error::Saved`] where there is a folder that is no ledger, or no folder to put it in;
    /// - [`Error::File`] where the system refuses, such as on a full disk.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("shop.ledger");
    /// let lines = batch!("client" => ["ann", "bob"], "date" => ["2024-01-05", "2024-01-06"], "paid" => [20.0, 15.0])?;
    /// Ledger::from_batches(&[lines], &Roles::new("client", "date").amount("paid"))?.save(&path)?;
    /// assert_eq!(Ledger::open(&path)?.amounts(), [20.0, 15.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.save_with(path, &About::default()).map(drop)
    }

    /// As [`Ledger::save`], with what is known beside the lines. Returns the edition.
    ///
    /// # Errors
    /// As [`Ledger::save`].
    pub fn save_with(&self, path: impl AsRef<Path>, about: &About) -> Result<String, Error> {
        let draft = Draft::begin(path.as_ref())?;
        self.save_as(draft, about)
    }

    fn save_as(&self, draft: Draft, about: &About) -> Result<String, Error> {
        let mut writer = Writer::new(draft.folder());
        write(self, &mut writer)?;
        writer.rejected(self.rejected())?;
        let contents = Contents::of(self, draft.edition(), about, writer.files);
        draft.settle(&Manifest::of(contents)?)
    }

    /// Opens a saved ledger. Its columns are mapped into memory: processes share them, and they are read as they are used.
    ///
    /// # Errors
    /// - [`Error::Saved`] where there is no ledger, where it is damaged, or where a newer leverkit wrote it;
    /// - [`Error::File`] where the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Saved::open(path).map(|saved| saved.ledger)
    }
}
