//! The manifest of a saved ledger: what it is, how it came to be, and the size and check sums of each file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

use super::About;
use crate::day::Day;
use crate::{Error, Ledger, Quality, Roles};

const FORMAT: &str = "leverkit ledger";

/// Raised with each change after which an older leverkit would misread a ledger.
const VERSION: u32 = 1;

/// A manifest as it is written: the check sum is that of the contents' text.
#[derive(Serialize, Deserialize)]
struct Envelope {
    format: String,
    version: u32,
    check: String,
    contents: Box<RawValue>,
}

/// Of a newer manifest no more than this is sure.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// What is said of a ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Contents {
    /// The version of leverkit that wrote it.
    pub(super) written_by: String,
    /// The folder that holds the files.
    pub(super) edition: String,
    pub(super) lines: usize,
    pub(super) customers: usize,
    pub(super) orders: usize,
    pub(super) about: About,
    pub(super) roles: Roles,
    /// The roles that were asked for when it was built.
    pub(super) built_with: Roles,
    pub(super) span: Option<(Day, Day)>,
    pub(super) as_of: Day,
    pub(super) quality: Quality,
    pub(super) files: Files,
}

pub(super) type Files = BTreeMap<String, Entry>;

/// A file of the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) bytes: u64,
    pub(super) rows: usize,
    /// The check sum of the whole file.
    pub(super) check: String,
    /// The check sum of what stands around the values: it is compared at each opening.
    pub(super) frame: String,
}

impl Contents {
    pub(super) fn of(ledger: &Ledger, edition: &str, about: &About, files: Files) -> Self {
        Self {
            written_by: env!("CARGO_PKG_VERSION").into(),
            edition: edition.into(),
            lines: ledger.n_lines(),
            customers: ledger.n_customers(),
            orders: ledger.n_orders(),
            about: about.clone(),
            roles: ledger.roles.clone(),
            built_with: ledger.built_with().clone(),
            span: ledger.span,
            as_of: ledger.as_of,
            quality: ledger.quality().clone(),
            files,
        }
    }
}

/// A manifest, with the text that it is in the file.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) contents: Contents,
    pub(super) text: String,
}

impl Manifest {
    pub(super) fn of(contents: Contents) -> Result<Self, Error> {
        let write = || {
            let text = serde_json::to_string_pretty(&contents)?;
            let check = check_sum(text.as_bytes());
            let contents = RawValue::from_string(text)?;
            serde_json::to_string_pretty(&Envelope { format: FORMAT.into(), version: VERSION, check, contents })
        };
        let text =
            write().map_err(|error| Error::saved("manifest", &error, "report it: this is an error in leverkit"))?;
        Ok(Self { contents, text })
    }

    /// Reads a manifest; the problem and what to do about it, where it is none.
    pub(super) fn read(text: String) -> Result<Self, (String, &'static str)> {
        const MEND: &str = "take it from a backup, or build the ledger again";
        let damaged = |problem: &dyn std::fmt::Display| (format!("the manifest is damaged ({problem})"), MEND);
        let head: Head = serde_json::from_str(&text).map_err(|error| damaged(&error))?;
        if head.format != FORMAT {
            return Err((
                format!("the manifest is of another format, {:?}", head.format),
                "give the folder of a saved ledger",
            ));
        }
        if head.version > VERSION {
            let version = head.version;
            let problem =
                format!("a newer leverkit wrote this ledger (format {version}; this one reads up to {VERSION})");
            return Err((problem, "upgrade leverkit, or build the ledger again with this version"));
        }
        let envelope: Envelope = serde_json::from_str(&text).map_err(|error| damaged(&error))?;
        if check_sum(envelope.contents.get().as_bytes()) != envelope.check {
            return Err(damaged(&"its check sum is another"));
        }
        let contents = serde_json::from_str(envelope.contents.get()).map_err(|error| damaged(&error))?;
        Ok(Self { contents, text })
    }
}

/// A check sum as it is written.
pub(super) fn check_sum(bytes: &[u8]) -> String {
    written(xxh3_64(bytes))
}

pub(super) fn written(hash: u64) -> String {
    format!("xxh3:{hash:016x}")
}
