//! One file of an edition: an Arrow IPC file of one batch, written without a copy and read by mapping it into memory.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_ipc::{Block, Footer, root_as_footer};
use arrow_schema::ArrowError;
use leverkit_stats::budget;
use memmap2::Mmap;
use xxhash_rust::xxh3::Xxh3;

use super::manifest::{Entry, check_sum, written};
use crate::order_ids::Filed;
use crate::{Column, Error};

/// Behind the footer: its length and the format's name.
const TRAILER: usize = 10;

/// Writes a batch as a file, which is on the disk when this returns.
pub(super) fn write(path: &Path, batch: &RecordBatch) -> Result<Entry, Error> {
    let failed = |error: io::Error| Error::file(path, error);
    let file = File::create_new(path).map_err(failed)?;
    let summed = summed(file, batch).map_err(|error| match error {
        ArrowError::IoError(_, source) => failed(source),
        error => error.into(),
    })?;
    summed.file.sync_all().map_err(failed)?;
    let (bytes, check) = (summed.file.metadata().map_err(failed)?.len(), written(summed.hash.digest()));
    let file = Mapped::map(path)?;
    Ok(Entry { bytes, rows: batch.num_rows(), check, frame: file.frame(&file.body()?) })
}

fn summed(file: File, batch: &RecordBatch) -> Result<Summed, ArrowError> {
    let mut writer = FileWriter::try_new(Summed { file, hash: Xxh3::new() }, batch.schema_ref())?;
    writer.write(batch)?;
    writer.into_inner()
}

/// A file whose check sum is made on the way. What is long is written in pieces, between which the work can be stopped.
struct Summed {
    file: File,
    hash: Xxh3,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const PIECE: usize = 1 << 22;
        budget::check();
        let written = self.file.write(&bytes[..bytes.len().min(PIECE)])?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Compares a file's bytes with its check sum.
pub(super) fn verify(path: &Path, entry: &Entry) -> Result<(), Error> {
    const PIECE: usize = 1 << 24;
    let file = Mapped::open(path, entry)?;
    let mut hash = Xxh3::new();
    for piece in file.bytes.chunks(PIECE) {
        budget::check();
        hash.update(piece);
    }
    if written(hash.digest()) == entry.check { Ok(()) } else { Err(file.damaged("its check sum is another")) }
}

/// A file that is mapped into memory.
#[derive(Debug, Clone)]
pub(crate) struct Mapped {
    path: PathBuf,
    bytes: Buffer,
}

impl Mapped {
    /// Opens a file that is as it was written: of the same size, and with the same frame around the values.
    pub(super) fn open(path: &Path, entry: &Entry) -> Result<Self, Error> {
        let file = Self::map(path)?;
        if file.bytes.len() as u64 != entry.bytes {
            return Err(file.damaged(&format!("it has {} bytes of {}", file.bytes.len(), entry.bytes)));
        }
        if file.frame(&file.body()?) != entry.frame {
            return Err(file.damaged("its frame was changed"));
        }
        Ok(file)
    }

    fn map(path: &Path) -> Result<Self, Error> {
        let map = File::open(path).and_then(|file| {
            // SAFETY: files of an edition are written once; a save makes new ones, and at most removes the names of these.
            unsafe { Mmap::map(&file) }
        });
        let map = map.map_err(|error| Error::file(path, error))?;
        let (start, length) = (NonNull::from(map.as_ref()).cast(), map.len());
        // SAFETY: the buffer owns the map.
        let bytes = unsafe { Buffer::from_custom_allocation(start, length, Arc::new(map)) };
        Ok(Self { path: path.into(), bytes })
    }

    /// The file's batch, whose values stay where they are.
    pub(super) fn batch(&self) -> Result<RecordBatch, Error> {
        let (footer, block) = (self.footer()?, self.block()?);
        let range = block.offset() as usize..self.body()?.end;
        let schema = footer.schema().ok_or_else(|| self.damaged("it has no schema"))?;
        let decoder = FileDecoder::new(Arc::new(try_fb_to_schema(schema)?), footer.version());
        let batch = decoder.read_record_batch(&block, &self.bytes.slice_with_length(range.start, range.len()));
        batch.map_err(|error| self.damaged(&error.to_string()))?.ok_or_else(|| self.damaged("it holds no values"))
    }

    /// The check sum of what stands around the values.
    fn frame(&self, body: &Range<usize>) -> String {
        check_sum(&[&self.bytes[..body.start], &self.bytes[body.end..]].concat())
    }

    /// Where the values stand.
    fn body(&self) -> Result<Range<usize>, Error> {
        let block = self.block()?;
        let sizes = [block.offset(), i64::from(block.metaDataLength()), block.bodyLength()];
        let [offset, head, body] = sizes.map(|size| usize::try_from(size).ok());
        let start = offset.zip(head).and_then(|(offset, head)| offset.checked_add(head));
        let end = start.zip(body).and_then(|(start, body)| start.checked_add(body));
        start
            .zip(end)
            .filter(|(_, end)| *end <= self.bytes.len())
            .map(|(start, end)| start..end)
            .ok_or_else(|| self.cut())
    }

    fn block(&self) -> Result<Block, Error> {
        let blocks = self.footer()?.recordBatches();
        blocks.filter(|blocks| blocks.len() == 1).map(|blocks| *blocks.get(0)).ok_or_else(|| self.cut())
    }

    fn footer(&self) -> Result<Footer<'_>, Error> {
        let (before, trailer) = self.bytes.split_last_chunk::<TRAILER>().ok_or_else(|| self.cut())?;
        let length = read_footer_length(*trailer).map_err(|_| self.cut())?;
        let start = before.len().checked_sub(length).ok_or_else(|| self.cut())?;
        root_as_footer(&before[start..]).map_err(|_| self.cut())
    }

    fn cut(&self) -> Error {
        self.damaged("it was cut or changed")
    }

    /// What the file holds cannot be used.
    pub(super) fn damaged(&self, problem: &str) -> Error {
        let advice = "take the ledger from a backup, or build it again";
        Error::saved(&self.path.display().to_string(), &format!("the file is damaged: {problem}"), advice)
    }
}

impl Filed for Mapped {
    /// The file's only column.
    fn column(&self) -> Result<Column, Error> {
        let batch = self.batch()?;
        let field = batch.schema_ref().fields().first().ok_or_else(|| self.damaged("it has no column"))?;
        Ok(Column::of_chunks(Arc::clone(field), vec![Arc::clone(batch.column(0))]))
    }
}
