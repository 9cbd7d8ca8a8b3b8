//! One file of an edition: an Arrow IPC file of one batch, written without a copy and read by mapping it into memory.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
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

/// Writes a batch as a file.
pub(super) fn write(path: &Path, batch: &RecordBatch) -> Result<Entry, Error> {
    let file = File::create_new(path).map_err(|error| Error::file(path, error))?;
    write_around(path, file, batch, 0..0)
}

/// Writes a batch as a file in which some bytes stand already as they will be.
pub(super) fn write_around(path: &Path, file: File, batch: &RecordBatch, there: Range<u64>) -> Result<Entry, Error> {
    let failed = |error: io::Error| Error::file(path, error);
    let summed = Summed { file, hash: Xxh3::new(), at: 0, there };
    let summed = written_by(summed, batch).map_err(|error| match error {
        ArrowError::IoError(_, source) => failed(source),
        error => error.into(),
    })?;
    let (bytes, check) = (summed.file.metadata().map_err(failed)?.len(), written(summed.hash.digest()));
    let file = Mapped::map(path)?;
    Ok(Entry { bytes, rows: batch.num_rows(), check, frame: file.frame(&file.body()?) })
}

/// How many bytes come before the values in the file of a batch with some rows.
pub(super) fn bytes_before(batch: &RecordBatch) -> Result<usize, Error> {
    let bytes = Buffer::from_vec(written_by(Vec::new(), batch)?);
    Ok(Mapped { path: PathBuf::new(), bytes }.body()?.start)
}

fn written_by<W: Write>(to: W, batch: &RecordBatch) -> Result<W, ArrowError> {
    let mut writer = FileWriter::try_new(to, batch.schema_ref())?;
    writer.write(batch)?;
    writer.into_inner()
}

/// A file whose check sum is made on the way. What is long is written in pieces, between which the work can be stopped.
struct Summed {
    file: File,
    hash: Xxh3,
    at: u64,
    /// Bytes that stand there already: they are only summed.
    there: Range<u64>,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const PIECE: usize = 1 << 22;
        budget::check();
        let bounds = [self.there.start, self.there.end].into_iter().filter(|&bound| bound > self.at);
        let until = bounds.min().map_or(PIECE, |bound| PIECE.min((bound - self.at) as usize));
        let bytes = &bytes[..bytes.len().min(until)];
        let done = if self.there.contains(&self.at) {
            self.file.seek(SeekFrom::Current(bytes.len() as i64))?;
            bytes.len()
        } else {
            self.file.write(bytes)?
        };
        self.hash.update(&bytes[..done]);
        self.at += done as u64;
        Ok(done)
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

    pub(super) fn map(path: &Path) -> Result<Self, Error> {
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
        let schema = footer.schema().ok_or_else(|| self.damaged("it has no schema"))?;
        let mut decoder = FileDecoder::new(Arc::new(try_fb_to_schema(schema)?), footer.version());
        let damaged = |error: ArrowError| self.damaged(&error.to_string());
        for block in footer.dictionaries().into_iter().flatten() {
            decoder.read_dictionary(block, &self.bytes_of(block)?).map_err(damaged)?;
        }
        let batch = decoder.read_record_batch(&block, &self.bytes_of(&block)?);
        batch.map_err(damaged)?.ok_or_else(|| self.damaged("it holds no values"))
    }

    fn bytes_of(&self, block: &Block) -> Result<Buffer, Error> {
        let body = self.body_of(block)?;
        let start = block.offset() as usize;
        Ok(self.bytes.slice_with_length(start, body.end - start))
    }

    /// Some of its bytes.
    pub(super) fn slice(&self, start: usize, length: usize) -> Buffer {
        self.bytes.slice_with_length(start, length)
    }

    /// The check sum of what stands around the values.
    fn frame(&self, body: &Range<usize>) -> String {
        check_sum(&[&self.bytes[..body.start], &self.bytes[body.end..]].concat())
    }

    /// Where the values stand.
    pub(super) fn body(&self) -> Result<Range<usize>, Error> {
        self.body_of(&self.block()?)
    }

    fn body_of(&self, block: &Block) -> Result<Range<usize>, Error> {
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
