//! The bytes of counts: a mark, a version, a header of JSON, sections of Arrow IPC, and the check sum of all before it.

use std::io::Cursor;
use std::panic::catch_unwind;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

use super::Question;
use crate::{Column, Error, Table};

const MARK: &[u8; 8] = b"lkcounts";

/// Raised with each change after which an older leverkit would misread counts.
const VERSION: u32 = 3;

/// Mark, version and length of the header.
const HEAD: usize = 16;

#[derive(Serialize, Deserialize)]
struct Header {
    written_by: String,
    question: Question,
    contents: Box<RawValue>,
    /// Names and lengths of the sections, in order.
    sections: Vec<(String, usize)>,
}

/// Counts that were read.
pub(super) struct Opened {
    pub(super) question: Question,
    pub(super) contents: Box<RawValue>,
    pub(super) sections: Sections,
}

/// Tables by their names.
#[derive(Default)]
pub(super) struct Sections(Vec<(String, Table)>);

/// What a body says of itself, and its sections by their names.
pub(super) type Sectioned = (Box<RawValue>, Vec<(String, RecordBatch)>);

/// The section of counts that are rows of a table.
pub(super) const ROWS: &str = "rows";

/// The section of the customers of counts that are a value of their own.
pub(super) const CUSTOMERS: &str = "customers_counted";

impl Sections {
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Table> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, table)| table)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.0.iter().map(|(name, table)| (name.as_str(), table))
    }

    pub(super) fn table(&self, name: &str) -> Result<&Table, Error> {
        self.get(name).ok_or_else(|| damaged(&format!("there is no section {name:?}")))
    }

    /// The only column of a section.
    pub(super) fn column(&self, name: &str) -> Result<Column, Error> {
        let column = self.table(name)?.columns().first();
        column.cloned().ok_or_else(|| damaged(&format!("the section {name:?} has no column")))
    }
}

/// What a body says of itself, in the header.
pub(super) fn raw(said: &impl Serialize) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(said).map_err(|error| unwritten(&error))
}

fn unwritten(error: &serde_json::Error) -> Error {
    Error::counts(&error.to_string(), "report it: this is an error in leverkit")
}

/// Bytes that cannot have been written so.
pub(super) fn damaged(problem: &str) -> Error {
    Error::counts(&format!("the counts are damaged ({problem})"), "count that part again")
}

pub(super) fn write(
    question: &Question,
    contents: Box<RawValue>,
    sections: &[(String, RecordBatch)],
) -> Result<Vec<u8>, Error> {
    let bodies = sections.iter().map(|(_, batch)| section(batch)).collect::<Result<Vec<_>, _>>()?;
    let lengths = sections.iter().zip(&bodies).map(|((name, _), body)| (name.clone(), body.len()));
    let (written_by, question, sections) = (env!("CARGO_PKG_VERSION").into(), question.clone(), lengths.collect());
    let header =
        serde_json::to_vec(&Header { written_by, question, contents, sections }).map_err(|error| unwritten(&error))?;
    let mut bytes = Vec::with_capacity(HEAD + header.len() + bodies.iter().map(Vec::len).sum::<usize>() + 8);
    bytes.extend(MARK);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header);
    bodies.iter().for_each(|body| bytes.extend(body));
    let check = xxh3_64(&bytes);
    bytes.extend(check.to_le_bytes());
    Ok(bytes)
}

fn section(batch: &RecordBatch) -> Result<Vec<u8>, Error> {
    let mut writer = StreamWriter::try_new(Vec::new(), batch.schema_ref())?;
    writer.write(batch)?;
    Ok(writer.into_inner()?)
}

pub(super) fn read(bytes: &[u8]) -> Result<Opened, Error> {
    let Some(rest) = bytes.strip_prefix(MARK) else {
        return Err(Error::counts("these bytes are no counts", "give what leverkit's counts or merge returned"));
    };
    let number = |at: usize| rest.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
    let (Some(version), Some(length)) = (number(0), number(4)) else { return Err(damaged("they are cut")) };
    if version > VERSION {
        let problem = format!("a newer leverkit wrote these counts (format {version}; this one reads up to {VERSION})");
        return Err(Error::counts(&problem, "use the same leverkit everywhere"));
    }
    let Some((all, check)) = bytes.split_last_chunk::<8>() else { return Err(damaged("they are cut")) };
    if xxh3_64(all) != u64::from_le_bytes(*check) {
        return Err(damaged("their check sum is another"));
    }
    let mut body = all.get(HEAD..).unwrap_or_default();
    let header = body.split_off(..length as usize).ok_or_else(|| damaged("they are cut"))?;
    let header: Header = serde_json::from_slice(header).map_err(|error| damaged(&error.to_string()))?;
    let mut sections = Sections::default();
    for (name, length) in header.sections {
        let section = body.split_off(..length).ok_or_else(|| damaged("a section is cut"))?;
        sections.0.push((name, table(section)?));
    }
    Ok(Opened { question: header.question, contents: header.contents, sections })
}

fn table(section: &[u8]) -> Result<Table, Error> {
    let read = || {
        let reader = StreamReader::try_new(Cursor::new(section), None)?;
        reader.collect::<Result<Vec<_>, _>>()
    };
    // Arrow's reader panics where bytes with a forged check sum place a buffer outside of them.
    let batches = catch_unwind(read).map_err(|_| damaged("a section is no table"))?;
    let table = Table::of_batches(&batches.map_err(|error| damaged(&error.to_string()))?)?;
    if table.columns().iter().any(|column| column.name().contains('\0')) {
        return Err(damaged("the name of a column holds a byte of zero"));
    }
    Ok(table)
}
