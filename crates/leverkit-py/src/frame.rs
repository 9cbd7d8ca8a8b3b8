//! The crossing of tables: the Arrow C stream in, and out.

use std::ffi::CStr;
use std::sync::Arc;

use leverkit::polars::prelude::*;
use polars_arrow::array::{Array, StructArray};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::ffi::{ArrowArrayStream, ArrowArrayStreamReader, export_iterator};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::call::run;
use crate::error::Failure;

const STREAM: &CStr = c"arrow_array_stream";

/// Takes the stream of any object with `__arrow_c_stream__`. Reading it is work for [`read`], off the interpreter.
pub(crate) fn stream_of(data: &Bound<'_, PyAny>) -> PyResult<ArrowArrayStream> {
    let py = data.py();
    let Ok(method) = data.getattr("__arrow_c_stream__") else {
        let kind = data.get_type().name()?;
        let message =
            format!("expected a table with __arrow_c_stream__ (polars, pandas, pyarrow, DuckDB …); got {kind}");
        return Err(Failure::schema(&message).into_py(py));
    };
    let capsule = method.call0()?.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<ArrowArrayStream>();
    // SAFETY: a capsule of this name holds an ArrowArrayStream; taking it leaves an empty, released one behind.
    Ok(unsafe { pointer.replace(ArrowArrayStream::empty()) })
}

/// Reads a stream batch by batch. Columns that nobody wants are not read: they stand as nulls, so that errors can name them.
/// A stream without a batch is read as one without rows.
pub(crate) fn read<E: From<PolarsError>>(
    stream: ArrowArrayStream,
    wanted: &[String],
    mut take: impl FnMut(DataFrame) -> Result<(), E>,
) -> Result<(), E> {
    // SAFETY: the stream came from a producer that promises the C stream interface.
    let mut reader = unsafe { ArrowArrayStreamReader::try_new(Box::new(stream)) }?;
    let ArrowDataType::Struct(fields) = reader.field().dtype().clone() else {
        return Err(
            polars_err!(SchemaMismatch: "expected a table, got a stream of {:?}", reader.field().dtype()).into()
        );
    };
    let mut is_empty = true;
    // SAFETY: as above.
    while let Some(batch) = unsafe { reader.next() } {
        let batch = batch?;
        let columns = batch
            .as_any()
            .downcast_ref::<StructArray>()
            .ok_or_else(|| polars_err!(SchemaMismatch: "expected batches of columns"))?;
        let (height, columns) = (columns.len(), columns.values().to_vec());
        drop(batch);
        take(frame(&fields, columns.into_iter().map(|column| vec![column]), height, wanted)?)?;
        is_empty = false;
    }
    if is_empty {
        take(frame(&fields, fields.iter().map(|_| Vec::new()), 0, wanted)?)?;
    }
    Ok(())
}

/// Reads a stream into one frame, whose columns keep the batches' chunks.
pub(crate) fn whole<E: From<PolarsError>>(stream: ArrowArrayStream, wanted: &[String]) -> Result<DataFrame, E> {
    let mut all: Option<DataFrame> = None;
    read(stream, wanted, |batch| {
        match &mut all {
            None => all = Some(batch),
            Some(known) => drop(known.vstack_mut(&batch)?),
        }
        Ok::<_, E>(())
    })?;
    Ok(all.unwrap_or_default())
}

fn frame(
    fields: &[Field],
    chunks: impl Iterator<Item = Vec<ArrayRef>>,
    height: usize,
    wanted: &[String],
) -> PolarsResult<DataFrame> {
    let columns: PolarsResult<Vec<Column>> =
        fields.iter().zip(chunks).map(|(field, chunks)| column(field, chunks, height, wanted)).collect();
    DataFrame::new(height, columns?)
}

fn column(field: &Field, chunks: Vec<ArrayRef>, height: usize, wanted: &[String]) -> PolarsResult<Column> {
    if !wanted.iter().any(|name| *name == field.name.as_str()) {
        return Ok(Series::full_null(field.name.clone(), height, &DataType::Null).into_column());
    }
    if chunks.is_empty() {
        return Ok(Series::new_empty(field.name.clone(), &DataType::from_arrow_field(field)).into_column());
    }
    // SAFETY: the chunks come from a stream of this field.
    let series = unsafe {
        Series::_try_from_arrow_unchecked_with_md(field.name.clone(), chunks, field.dtype(), field.metadata.as_deref())
    }?;
    Ok(series.into_column())
}

/// A table on its way to Python; any library that reads the Arrow C stream takes it without a copy.
#[pyclass(frozen, module = "leverkit._engine")]
pub(crate) struct Frame(DataFrame);

impl From<DataFrame> for Frame {
    fn from(frame: DataFrame) -> Self {
        Self(frame)
    }
}

/// Makes a table of a shared result off the interpreter.
pub(crate) fn table<T, E>(
    py: Python<'_>,
    result: &Arc<T>,
    make: impl FnOnce(&T) -> Result<DataFrame, E> + Send + 'static,
) -> PyResult<Frame>
where
    T: Send + Sync + 'static,
    E: Into<Failure> + Send + 'static,
{
    let result = Arc::clone(result);
    run(py, move || make(&result).map(Frame::from))
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
        PyCapsule::new_with_value(py, export(self.0.clone()), STREAM)
    }

    /// Number of rows.
    fn __len__(&self) -> usize {
        self.0.height()
    }
}

fn export(mut frame: DataFrame) -> ArrowArrayStream {
    frame.rechunk_mut();
    let level = CompatLevel::newest();
    let fields: Vec<Field> = frame.columns().iter().map(|column| column.field().to_arrow(level)).collect();
    let dtype = ArrowDataType::Struct(fields);
    let height = frame.height();
    let batch = StructArray::new(dtype.clone(), height, frame.rechunk_into_arrow(level), None);
    let batches = std::iter::once(Ok(Box::new(batch) as Box<dyn Array>));
    export_iterator(Box::new(batches), Field::new("".into(), dtype, false))
}
