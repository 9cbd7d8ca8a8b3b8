//! The files of an edition, growing by one part of the customers after the other; each ends as the file that a save of all would write.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_buffer::{Buffer, ScalarBuffer};
use leverkit_stats::budget;

use crate::ledger::Dictionary;
use crate::order_ids::Filed;
use crate::saved::columns::{Columns, Writer};
use crate::saved::file::{self, Mapped};
use crate::saved::manifest::Entry;
use crate::{Column, Error, Plain, Shared, Table, batch};

/// Columns on their way. Values go to their place in their file at once; ids wait in files of their own, because how they are laid out in one
/// file is known when all are there.
pub(super) struct Growth<'a> {
    pub(super) written: Writer<'a>,
    folder: &'a Path,
    waiting: &'a Path,
    growing: BTreeMap<String, Growing>,
    ids: BTreeMap<String, Column>,
    parts: usize,
}

impl<'a> Growth<'a> {
    /// Files in a folder; what waits is in another one.
    pub(super) fn new(folder: &'a Path, waiting: &'a Path) -> Self {
        let (growing, ids) = (BTreeMap::new(), BTreeMap::new());
        Self { written: Writer::new(folder), folder, waiting, growing, ids, parts: 0 }
    }

    /// All parts are there: the files get what stands around their values.
    pub(super) fn finish(mut self) -> Result<Writer<'a>, Error> {
        for (name, growing) in self.growing {
            let entry = growing.finish(&name)?;
            self.written.files.insert(name, entry);
        }
        for (name, ids) in self.ids {
            self.written.batch(&name, &Table::new(vec![ids])?.to_batch()?)?;
        }
        Ok(self.written)
    }

    fn append<T: Plain>(&mut self, name: &str, values: &[T]) -> Result<(), Error> {
        if !self.growing.contains_key(name) {
            let growing = Growing::begin::<T>(name, self.folder.join(format!("{name}.arrow")))?;
            self.growing.insert(name.into(), growing);
        }
        self.growing.get_mut(name).map_or(Ok(()), |growing| growing.append(values))
    }
}

impl Columns for Growth<'_> {
    fn values<T: Plain>(&mut self, name: &str, values: &Shared<T>) -> Result<(), Error> {
        self.append(name, values)
    }

    /// Each part begins where the one before ended.
    fn starts(&mut self, name: &str, starts: &Shared<u32>) -> Result<(), Error> {
        let is_first = !self.growing.contains_key(name);
        self.append(name, if is_first { starts } else { &starts[1..] })
    }

    fn ids(&mut self, name: &str, ids: &Column) -> Result<(), Error> {
        self.parts += 1;
        let path = self.waiting.join(format!("{name}-{}.arrow", self.parts));
        file::write(&path, &Table::new(vec![ids.apart()])?.to_batch()?)?;
        let filed = Mapped::map(&path)?.column()?;
        match self.ids.get_mut(name) {
            None => drop(self.ids.insert(name.into(), filed)),
            Some(known) => known.append(&filed)?,
        }
        Ok(())
    }

    fn dictionary(&mut self, name: &str, dictionary: &Dictionary) -> Result<(), Error> {
        if self.written.files.contains_key(name) { Ok(()) } else { self.written.dictionary(name, dictionary) }
    }
}

/// A file whose values are written first: what stands before them has a length that does not depend on their number.
struct Growing {
    path: PathBuf,
    file: File,
    /// Where the values begin.
    start: usize,
    bytes: usize,
    array: fn(Buffer) -> ArrayRef,
}

impl Growing {
    fn begin<T: Plain>(name: &str, path: PathBuf) -> Result<Self, Error> {
        let array: fn(Buffer) -> ArrayRef = |bytes| {
            let rows = bytes.len() / size_of::<T>();
            std::sync::Arc::new(PrimitiveArray::<T::Arrow>::new(ScalarBuffer::new(bytes, 0, rows), None))
        };
        let one = array(Buffer::from_vec(vec![0_u64])).slice(0, 1);
        let start = file::bytes_before(&batch!(name => one)?)?;
        let failed = |error| Error::file(&path, error);
        let mut file = File::options().read(true).write(true).create_new(true).open(&path).map_err(failed)?;
        file.seek(SeekFrom::Start(start as u64)).map_err(failed)?;
        Ok(Self { path, file, start, bytes: 0, array })
    }

    fn append<T: Plain>(&mut self, values: &[T]) -> Result<(), Error> {
        const PIECE: usize = 1 << 22;
        // SAFETY: values of these types are plain bytes, without any between them that were never written.
        let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
        for piece in bytes.chunks(PIECE) {
            budget::check();
            self.file.write_all(piece).map_err(|error| Error::file(&self.path, error))?;
        }
        self.bytes += bytes.len();
        Ok(())
    }

    fn finish(mut self, name: &str) -> Result<Entry, Error> {
        if self.bytes == 0 {
            std::fs::remove_file(&self.path).map_err(|error| Error::file(&self.path, error))?;
            return file::write(&self.path, &batch!(name => (self.array)(Buffer::from_vec(Vec::<u64>::new())))?);
        }
        let values = Mapped::map(&self.path)?.slice(self.start, self.bytes);
        self.file.rewind().map_err(|error| Error::file(&self.path, error))?;
        let there = self.start as u64..(self.start + self.bytes) as u64;
        let entry = file::write_around(&self.path, self.file, &batch!(name => (self.array)(values))?, there)?;
        let file = Mapped::map(&self.path)?;
        if file.body()?.start == self.start { Ok(entry) } else { Err(file.damaged("its values begin elsewhere")) }
    }
}
