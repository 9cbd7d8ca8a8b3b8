#![doc = include_str!("../README.md")]

use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type, to_ffi};
use arrow_array::{Array, ArrayRef, RecordBatch, make_array};
use arrow_schema::{ArrowError, Field};
use leverkit_core::{Error, Ledger, Roles, Table};
use polars_arrow::ffi;
use polars_core::prelude::{CompatLevel, DataFrame, IntoColumn, PolarsResult, Series};

pub use polars_core;

/// polars' own prelude and the conversions.
pub mod prelude {
    pub use polars_core::df;
    pub use polars_core::prelude::*;

    pub use crate::{FromFrame, ToFrame, ToTable};
}

/// What is built from a frame of order lines.
pub trait FromFrame: Sized {
    /// Builds it from a frame and the roles of its columns.
    ///
    /// # Errors
    /// As [`Ledger::from_batches`].
    fn from_frame(frame: &DataFrame, roles: &Roles) -> Result<Self, Error>;
}

impl FromFrame for Ledger {
    fn from_frame(frame: &DataFrame, roles: &Roles) -> Result<Self, Error> {
        Self::from_table(&frame.to_table()?, roles)
    }
}

/// A frame as the table that analyses take.
pub trait ToTable {
    /// The table; its columns share the frame's memory.
    ///
    /// # Errors
    /// [`Error::Arrow`] for a column whose type Arrow does not know.
    fn to_table(&self) -> Result<Table, Error>;
}

impl ToTable for DataFrame {
    fn to_table(&self) -> Result<Table, Error> {
        let columns = self.columns().iter().map(|column| column_of(column.as_materialized_series()));
        Table::new(columns.collect::<Result<_, _>>()?)
    }
}

/// A result's table as a frame.
pub trait ToFrame {
    /// The frame; its columns share the table's memory where polars has the same layout.
    ///
    /// # Errors
    /// Where polars refuses a column's type.
    fn to_frame(&self) -> PolarsResult<DataFrame>;
}

impl ToFrame for RecordBatch {
    fn to_frame(&self) -> PolarsResult<DataFrame> {
        let series =
            self.schema_ref().fields().iter().zip(self.columns()).map(|(field, array)| series_of(field, array));
        let columns: Vec<_> = series.map(|series| series.map(Series::into_column)).collect::<PolarsResult<_>>()?;
        DataFrame::new(self.num_rows(), columns)
    }
}

fn column_of(series: &Series) -> Result<leverkit_core::Column, Error> {
    let level = CompatLevel::newest();
    let schema = arrow_schema_of(ffi::export_field_to_c(&series.field().to_arrow(level)));
    let field = Field::try_from(&schema)?;
    let chunk = |index: usize| {
        let array = arrow_array_of(ffi::export_array_to_c(series.to_arrow(index, level)));
        // SAFETY: polars exports an array of the field that it exports.
        let data = unsafe { from_ffi_and_data_type(array, field.data_type().clone()) }?;
        Ok::<ArrayRef, ArrowError>(make_array(data))
    };
    let chunks = (0..series.chunks().len()).map(chunk).collect::<Result<_, _>>()?;
    Ok(leverkit_core::Column::of_chunks(Arc::new(field), chunks))
}

fn series_of(field: &Field, array: &ArrayRef) -> PolarsResult<Series> {
    let refused = |error: ArrowError| polars_core::prelude::polars_err!(SchemaMismatch: "{error}");
    let (exported, _) = to_ffi(&array.to_data()).map_err(refused)?;
    let schema = FFI_ArrowSchema::try_from(field).map_err(refused)?;
    // SAFETY: both structs have the layout of the C data interface, and what arrow-rs exports is valid.
    unsafe {
        let field = ffi::import_field_from_c(&std::mem::transmute::<FFI_ArrowSchema, ffi::ArrowSchema>(schema))?;
        let exported = std::mem::transmute::<FFI_ArrowArray, ffi::ArrowArray>(exported);
        let array = ffi::import_array_from_c(exported, field.dtype().clone())?;
        Series::_try_from_arrow_unchecked_with_md(
            field.name.clone(),
            vec![array],
            field.dtype(),
            field.metadata.as_deref(),
        )
    }
}

fn arrow_schema_of(schema: ffi::ArrowSchema) -> FFI_ArrowSchema {
    // SAFETY: both structs have the layout of the C data interface; ownership goes over with the bytes.
    unsafe { std::mem::transmute(schema) }
}

fn arrow_array_of(array: ffi::ArrowArray) -> FFI_ArrowArray {
    // SAFETY: as above.
    unsafe { std::mem::transmute(array) }
}
