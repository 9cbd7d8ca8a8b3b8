//! The crossing of tables: the Arrow C stream in, and out.
//!
//! A column that nobody wants is never imported, whatever it is or is called: it stands as nulls, so that errors can name it. A wanted
//! column of a type that Arrow does not know stands as nulls, too, with what it is in its metadata; its role says so.

use std::collections::HashMap;
use std::ffi::{CStr, c_void};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{
    ArrowTimestampType, Decimal128Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{
    ArrayRef, NullArray, RecordBatch, RecordBatchIterator, RecordBatchOptions, StringViewArray, make_array,
    new_empty_array,
};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use leverkit::core::columns::UNREADABLE;
use leverkit::core::{Error, Table};
use leverkit::stats::budget::Steps;
use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::call::run;
use crate::error::Failure;
use crate::text::Text;

const STREAM: &CStr = c"arrow_array_stream";

/// A table that is about to be read.
pub(crate) type Stream = FFI_ArrowArrayStream;

/// Takes the stream of any object with `__arrow_c_stream__`. Reading it is work for [`read`], off the interpreter.
pub(crate) fn stream_of(data: &Bound<'_, PyAny>) -> PyResult<Stream> {
    let py = data.py();
    let Ok(method) = data.getattr("__arrow_c_stream__") else {
        let kind = data.get_type().name()?;
        let message =
            format!("expected a table with __arrow_c_stream__ (polars, pandas, pyarrow, DuckDB …); got {kind}");
        return Err(Failure::schema(&message).into_py(py));
    };
    let capsule = method.call0().map_err(|error| of_producer(py, error))?.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<Stream>();
    // SAFETY: a capsule of this name holds a stream; taking it leaves an empty, released one behind.
    Ok(unsafe { pointer.replace(Stream::empty()) })
}

/// What a library says, or how it fails, where it cannot give its table: an error of the table. Ctrl-C and leverkit's own errors go on.
fn of_producer(py: Python<'_>, error: PyErr) -> PyErr {
    let own = py.import("leverkit.errors").and_then(|errors| errors.getattr("LeverkitError"));
    let is_own = own.is_ok_and(|own| error.matches(py, own).unwrap_or(false));
    if is_own || error.is_instance_of::<PyKeyboardInterrupt>(py) || error.is_instance_of::<PySystemExit>(py) {
        return error;
    }
    Failure::schema(&format!("its library cannot hand over the table: {}", error.value(py))).into_py(py)
}

/// Reads a stream batch by batch; one without a batch is read as one without rows.
pub(crate) fn read<E: From<Error>>(
    stream: Stream,
    wanted: &[String],
    mut take: impl FnMut(&RecordBatch) -> Result<(), E>,
) -> Result<(), E> {
    let mut source = Source::open(stream, wanted)?;
    let (steps, mut is_empty) = (Steps::unknown(), true);
    while let Some(batch) = source.next()? {
        take(&batch)?;
        steps.done_more(batch.num_rows());
        is_empty = false;
    }
    if is_empty {
        take(&source.without_rows()?)?;
    }
    Ok(())
}

/// Reads a stream into one table, whose columns keep the batches' chunks.
pub(crate) fn whole<E: From<Error>>(stream: Stream, wanted: &[String]) -> Result<Table, E> {
    let mut all = Table::default();
    read(stream, wanted, |batch| all.append(&Table::from(batch)).map_err(E::from))?;
    Ok(all)
}

/// A stream whose columns are known.
struct Source {
    stream: Stream,
    schema: SchemaRef,
    /// How each column is imported; `None` where it is not.
    types: Vec<Option<DataType>>,
}

impl Source {
    fn open(mut stream: Stream, wanted: &[String]) -> Result<Self, Error> {
        let mut schema = FFI_ArrowSchema::empty();
        let get_schema = stream.get_schema().ok_or_else(|| Error::Source("the stream was read before".into()))?;
        // SAFETY: the stream came from a producer that promises the C stream interface.
        let status = unsafe { get_schema(&raw mut stream, &raw mut schema) };
        check(&mut stream, status)?;
        if schema.format() != "+s" {
            return Err(Error::NoTable(schema.format().into()));
        }
        let columns: Vec<(FieldRef, Option<DataType>)> =
            schema.children().map(|column| imported(column, wanted)).collect();
        let (fields, types): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        Ok(Self { stream, schema: Arc::new(Schema::new(fields)), types })
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        let mut batch = FFI_ArrowArray::empty();
        let Some(get_next) = self.stream.get_next() else { return Ok(None) };
        // SAFETY: as in `open`.
        let status = unsafe { get_next(&raw mut self.stream, &raw mut batch) };
        check(&mut self.stream, status)?;
        if batch.is_released() { Ok(None) } else { self.import(batch).map(Some) }
    }

    /// The wanted columns are moved out of a batch; what is left of it is released here.
    fn import(&self, mut batch: FFI_ArrowArray) -> Result<RecordBatch, Error> {
        let (offset, rows) = (batch.offset(), batch.len());
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.types.len());
        for (index, of) in self.types.iter().enumerate() {
            columns.push(match of {
                None => Arc::new(NullArray::new(rows)),
                Some(data_type) => {
                    // SAFETY: the producer promises a child for each field of its schema, of that field's type.
                    let column = unsafe { move_child(&mut batch, index) };
                    let data = unsafe { from_ffi_and_data_type(column, data_type.clone()) }?;
                    read_as(self.schema.field(index).data_type(), make_array(data).slice(offset, rows))
                }
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }

    fn without_rows(&self) -> Result<RecordBatch, Error> {
        let columns = self.schema.fields().iter().map(|field| new_empty_array(field.data_type())).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

/// How a column is imported: its field, and its type where it is wanted and known.
fn imported(column: &FFI_ArrowSchema, wanted: &[String]) -> (FieldRef, Option<DataType>) {
    let name = column.name().unwrap_or_default();
    let absent = || Field::new(name, DataType::Null, true);
    if !wanted.iter().any(|wanted| wanted == name) {
        return (Arc::new(absent()), None);
    }
    let known = match column.format() {
        // Integers of 128 bits of polars are laid out as decimals without a scale.
        "_pli128" => Ok(Field::new(name, WIDE, true)),
        // Those without a sign reach farther than decimals do: they are read as texts.
        "_plu128" => return (Arc::new(Field::new(name, DataType::Utf8View, true)), Some(WIDE)),
        _ => Field::try_from(column),
    };
    if let Ok(field) = known {
        // Nulls alone are made here: some producers hand over a buffer with them, and others none.
        let data_type = Some(field.data_type().clone()).filter(|known| *known != DataType::Null);
        return (Arc::new(field.with_nullable(true)), data_type);
    }
    let got = (UNREADABLE.to_owned(), format!("{:?}", column.format()));
    (Arc::new(absent().with_metadata(HashMap::from([got]))), None)
}

/// The type of integers of 128 bits.
const WIDE: DataType = DataType::Decimal128(38, 0);

/// An imported column as its field says: integers of 128 bits without a sign as texts.
fn read_as(data_type: &DataType, column: ArrayRef) -> ArrayRef {
    match (data_type, column.as_primitive_opt::<Decimal128Type>()) {
        (DataType::Utf8View, Some(wide)) => {
            let texts = wide.iter().map(|value| value.map(|value| value.cast_unsigned().to_string()));
            Arc::new(texts.collect::<StringViewArray>())
        }
        _ => column,
    }
}

fn check(stream: &mut Stream, status: i32) -> Result<(), Error> {
    if status == 0 {
        return Ok(());
    }
    let words = stream.get_last_error().and_then(|get_last_error| {
        // SAFETY: as in `open`; the text lives until the stream's next call.
        let text = unsafe { get_last_error(&raw mut *stream) };
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    });
    Err(Error::Source(words.unwrap_or_else(|| format!("its source failed with error {status}"))))
}

/// The layout of `ArrowArray` in the C data interface, which lets a child be moved out of its parent.
#[repr(C)]
struct Layout {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut FFI_ArrowArray,
}

/// Moves a child out of an array. The interface allows it as long as the parent is released afterwards.
///
/// # Safety
/// The array has a child of this index.
unsafe fn move_child(parent: &mut FFI_ArrowArray, index: usize) -> FFI_ArrowArray {
    let parent = (&raw mut *parent).cast::<Layout>();
    // SAFETY: `FFI_ArrowArray` has this layout, says the C data interface; the caller vouches for the index.
    unsafe { FFI_ArrowArray::from_raw(*(*parent).children.add(index)) }
}

/// The first row of a table whose value in a column is written so; none if there is no such row.
#[pyfunction]
pub(crate) fn row_of(py: Python<'_>, data: &Bound<'_, PyAny>, column: Text, text: Text) -> PyResult<Option<usize>> {
    let (stream, column) = (stream_of(data)?, String::from(column));
    run(py, move || {
        let table = whole::<Error>(stream, std::slice::from_ref(&column))?;
        Ok::<_, Error>(table.column(&column).and_then(|ids| ids.row_of(&text)))
    })
}

/// A table on its way to Python; any library that reads the Arrow C stream takes it without a copy.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Frame(RecordBatch);

impl From<RecordBatch> for Frame {
    fn from(batch: RecordBatch) -> Self {
        Self(batch)
    }
}

#[pymethods]
impl Frame {
    /// The table as an Arrow C stream.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema; // A request may be ignored, says the protocol.
        let batch = in_named_zones(&self.0).map_err(|error| Failure::from(Error::from(error)).into_py(py))?;
        let schema = batch.schema();
        let batches = RecordBatchIterator::new([Ok(batch)], schema);
        PyCapsule::new_with_value(py, Stream::new(Box::new(batches)), STREAM)
    }

    /// Number of rows.
    fn __len__(&self) -> usize {
        self.0.num_rows()
    }
}

/// Times of a fixed offset from UTC as the same instants in UTC: polars knows zones by name alone.
fn in_named_zones(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, array)| {
        let utc = match field.data_type() {
            DataType::Timestamp(unit, Some(zone)) if zone.starts_with(['+', '-']) => in_utc(*unit, array),
            _ => return (field.clone(), array.clone()),
        };
        (Arc::new(field.as_ref().clone().with_data_type(utc.data_type().clone())), utc)
    });
    let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = columns.unzip();
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Schema::new_with_metadata(fields, batch.schema_ref().metadata().clone());
    RecordBatch::try_new_with_options(Arc::new(schema), arrays, &rows)
}

fn in_utc(unit: TimeUnit, array: &ArrayRef) -> ArrayRef {
    fn of<T: ArrowTimestampType>(array: &ArrayRef) -> ArrayRef {
        Arc::new(array.as_primitive::<T>().clone().with_timezone("UTC"))
    }
    match unit {
        TimeUnit::Second => of::<TimestampSecondType>(array),
        TimeUnit::Millisecond => of::<TimestampMillisecondType>(array),
        TimeUnit::Microsecond => of::<TimestampMicrosecondType>(array),
        TimeUnit::Nanosecond => of::<TimestampNanosecondType>(array),
    }
}
