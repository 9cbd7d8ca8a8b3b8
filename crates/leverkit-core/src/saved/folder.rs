//! The folder of a saved ledger: editions beside each other, one of which the manifest names.
//!
//! Whoever writes holds `ledger.lock` while an edition is begun or settled, and the edition's own `writing.lock` while it grows. An edition that the
//! manifest does not name and that nobody writes is what a crash left: the next writer removes it.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use xxhash_rust::xxh3::xxh3_64;

use super::manifest::{Entry, Manifest};
use crate::Error;

const MANIFEST: &str = "manifest.json";
const LOCK: &str = "ledger.lock";
const WRITING: &str = "writing.lock";
const EDITION: &str = "edition-";

/// What a person finds who looks into the lock.
const WHAT_THIS_IS: &str =
    "This folder is a ledger of leverkit; leave its files as they are. manifest.json says what it holds.\n";

/// A folder that holds a ledger.
#[derive(Debug)]
pub(super) struct Home(PathBuf);

impl Home {
    pub(super) fn at(path: &Path) -> Result<Self, Error> {
        let problem = if path.join(MANIFEST).exists() {
            return Ok(Self(path.into()));
        } else if !path.exists() {
            "there is no such folder"
        } else if path.join(LOCK).exists() {
            "the first save of this ledger has not ended"
        } else {
            "it is no saved ledger"
        };
        Err(refused(path, problem, "give the folder to which a ledger was saved"))
    }

    /// Reads an edition, again where another one has taken its place meanwhile.
    pub(super) fn with_edition<T>(&self, read: impl Fn(&Manifest) -> Result<T, Error>) -> Result<(Manifest, T), Error> {
        loop {
            let manifest = self.manifest()?;
            match read(&manifest) {
                Ok(found) => return Ok((manifest, found)),
                Err(error) if self.manifest()?.contents.edition == manifest.contents.edition => {
                    return Err(self.missing(error));
                }
                Err(_) => {}
            }
        }
    }

    /// A file that the manifest names and that is not there is damage.
    fn missing(&self, error: Error) -> Error {
        match error {
            Error::File { path, source } if source.kind() == ErrorKind::NotFound => {
                let problem = format!("the file {path} is missing");
                refused(&self.0, &problem, "take the ledger from a backup, or build it again")
            }
            error => error,
        }
    }

    /// The folder of an edition.
    pub(super) fn folder(&self, edition: &str) -> PathBuf {
        self.0.join(edition)
    }

    pub(super) fn manifest(&self) -> Result<Manifest, Error> {
        let path = self.0.join(MANIFEST);
        let text = fs::read(&path).map_err(|error| Error::file(&path, error))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Manifest::read(text).map_err(|(problem, advice)| refused(&self.0, &problem, advice))
    }

    /// Each file of the edition.
    pub(super) fn files<'a>(&self, manifest: &'a Manifest) -> impl Iterator<Item = (PathBuf, &'a Entry)> {
        let folder = self.0.join(&manifest.contents.edition);
        manifest.contents.files.iter().map(move |(name, entry)| (folder.join(format!("{name}.arrow")), entry))
    }

    /// A file of the edition by its name.
    pub(super) fn file<'a>(&self, manifest: &'a Manifest, name: &str) -> Result<(PathBuf, &'a Entry), Error> {
        let entry = manifest.contents.files.get(name);
        let entry = entry.ok_or_else(|| {
            let problem = format!("the manifest names no file of {name}");
            refused(&self.0, &problem, "take the ledger from a backup, or build it again")
        })?;
        Ok((self.0.join(&manifest.contents.edition).join(format!("{name}.arrow")), entry))
    }
}

/// An edition on its way. Dropped before it is settled, it leaves nothing.
pub(super) struct Draft {
    home: PathBuf,
    folder: PathBuf,
    edition: String,
    /// Held while the edition grows.
    writing: Option<File>,
    is_first: bool,
}

impl Draft {
    pub(super) fn begin(path: &Path) -> Result<Self, Error> {
        let failed = |error| Error::file(path, error);
        let is_first = make_home(path)?;
        let lock = lock(path).map_err(failed)?;
        sweep(path, None);
        let edition = token();
        let folder = path.join(&edition);
        fs::create_dir(&folder).map_err(failed)?;
        let writing = File::create_new(folder.join(WRITING)).map_err(failed)?;
        writing.lock().map_err(failed)?;
        drop(lock);
        Ok(Self { home: path.into(), folder, edition, writing: Some(writing), is_first })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn edition(&self) -> &str {
        &self.edition
    }

    /// The ledger's folder, in which this edition is one.
    pub(super) fn home(&self) -> Home {
        Home(self.home.clone())
    }

    /// The manifest turns to this edition, and the one before is removed.
    pub(super) fn settle(mut self, manifest: &Manifest) -> Result<String, Error> {
        self.turn(manifest).map_err(|error| Error::file(&self.home, error))?;
        Ok(std::mem::take(&mut self.edition))
    }

    fn turn(&mut self, manifest: &Manifest) -> io::Result<()> {
        for file in fs::read_dir(&self.folder)? {
            // Not all systems flush what is open to be read.
            File::options().append(true).open(file?.path())?.sync_all()?;
        }
        let draft = self.folder.join(MANIFEST);
        let mut file = File::create_new(&draft)?;
        file.write_all(manifest.text.as_bytes())?;
        file.sync_all()?;
        to_disk(&self.folder)?;
        let _lock = lock(&self.home)?;
        fs::rename(&draft, self.home.join(MANIFEST))?;
        self.writing = None;
        to_disk(&self.home)?;
        // What cannot be removed now, since somebody has it open where that matters, the next writer removes.
        let _ = fs::remove_file(self.folder.join(WRITING));
        sweep(&self.home, Some(&self.edition));
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.writing.take().is_none() {
            return;
        }
        let _ = fs::remove_dir_all(&self.folder);
        if self.is_first && !self.home.join(MANIFEST).exists() {
            let _lock = lock(&self.home);
            if editions(&self.home).is_empty() {
                let _ = fs::remove_file(self.home.join(LOCK));
                let _ = fs::remove_dir(&self.home);
            }
        }
    }
}

/// Makes the folder, unless there is one that is a ledger's, or empty. Says whether it was made.
fn make_home(path: &Path) -> Result<bool, Error> {
    match fs::create_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(refused(path, "there is no folder to put it in", "make the folder above it first"))
        }
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Error::file(path, error)),
        Err(_) if !path.is_dir() => Err(refused(path, "it is a file", "give another path, or remove the file")),
        Err(_) => {
            let mut inside = fs::read_dir(path).map_err(|error| Error::file(path, error))?;
            if path.join(LOCK).exists() || inside.next().is_none() {
                return Ok(false);
            }
            Err(refused(
                path,
                "the folder holds other files and is no ledger",
                "give another path: nothing was changed",
            ))
        }
    }
}

/// Waits until no other writer begins or settles an edition. The lock falls with its file.
fn lock(home: &Path) -> io::Result<File> {
    let path = home.join(LOCK);
    let mut lock = File::options().create(true).append(true).open(&path)?;
    lock.lock()?;
    if lock.metadata()?.len() == 0 {
        lock.write_all(WHAT_THIS_IS.as_bytes())?;
    }
    Ok(lock)
}

/// Removes editions that nobody writes, all but the one that the manifest names, which a writer may already know.
fn sweep(home: &Path, known: Option<&str>) {
    let read = || Home(home.into()).manifest().ok().map(|manifest| manifest.contents.edition);
    // Of a manifest that cannot be read nobody knows which edition it names: none is removed.
    let Some(current) = known.map(str::to_owned).or_else(read) else { return };
    let stumps = editions(home).into_iter().filter(|folder| !folder.ends_with(&current) && !is_written(folder));
    stumps.for_each(|folder| drop(fs::remove_dir_all(folder)));
}

fn editions(home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(home).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(EDITION)).map(|entry| entry.path()).collect()
}

fn is_written(edition: &Path) -> bool {
    let lock = File::options().append(true).open(edition.join(WRITING));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// A name that no other edition has.
fn token() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{now} {} {count}", std::process::id());
    format!("{EDITION}{:016x}", xxh3_64(name.as_bytes()))
}

/// Names of files are on the disk once their folder is; where a system has no such thing, it has it by itself.
fn to_disk(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn refused(path: &Path, problem: &str, advice: &str) -> Error {
    Error::saved(&path.display().to_string(), problem, advice)
}
