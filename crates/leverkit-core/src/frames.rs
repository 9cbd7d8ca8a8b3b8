//! Tables over Arrow: a [`Table`] of named columns, whole or in chunks, goes in; record batches come out.
//!
//! [`batch!`](crate::batch) makes a record batch of named values; what a column's values mean is read by [`columns`](crate::columns).

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, LargeListArray, PrimitiveArray, RecordBatch, StringViewArray, UInt32Array,
    new_empty_array, new_null_array,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema};
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use leverkit_stats::room;

use crate::texts::{is_blank, text_of};
use crate::{Day, Error, NO_CODE};

/// A named column: one Arrow type, in one chunk or several.
///
/// ```
/// use leverkit_core::Column;
/// let mut units = Column::new("units", [Some(2), None, Some(5)]);
/// units.append(&Column::new("units", [7]))?;
/// assert_eq!((units.name(), units.len(), units.chunks().len()), ("units", 4, 2));
/// assert!(!units.is_valid(1) && units.text(3) == Some("7".into()));
/// assert_eq!(units.slice(2, 2).texts(), [Some("5".into()), Some("7".into())]);
/// assert_eq!(units.take(&[3, 0])?.texts(), [Some("7".into()), Some("2".into())]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Column {
    field: FieldRef,
    chunks: Vec<ArrayRef>,
    len: usize,
}

impl Column {
    /// A column of values in memory.
    ///
    /// ```
    /// let column = leverkit_core::Column::new("units", vec![Some(2), None]);
    /// assert_eq!((column.len(), column.null_count()), (2, 1));
    /// ```
    pub fn new(name: &str, values: impl IntoColumn) -> Self {
        values.into_column(name)
    }

    /// A column of a field whose chunks are given; without chunks it is empty.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use leverkit_core::arrow_schema::{DataType, Field};
    /// use leverkit_core::{Column, IntoArray};
    /// let field = Arc::new(Field::new("units", DataType::Int32, true));
    /// let units = Column::of_chunks(field, vec![[1, 2].into_array(), [3].into_array()]);
    /// assert_eq!((units.len(), units.data_type(), units.field().is_nullable()), (3, &DataType::Int32, true));
    /// assert_eq!((units.array()?.len(), units.renamed("pieces").name()), (3, "pieces"));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn of_chunks(field: FieldRef, chunks: Vec<ArrayRef>) -> Self {
        let len = chunks.iter().map(Array::len).sum();
        Self { field, chunks, len }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.field.name()
    }

    /// Name, type and what the producer says of it beside.
    pub fn field(&self) -> &FieldRef {
        &self.field
    }

    /// The type of its values.
    pub fn data_type(&self) -> &DataType {
        self.field.data_type()
    }

    /// The chunks, in order.
    pub fn chunks(&self) -> &[ArrayRef] {
        &self.chunks
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many values are null; NaN is a value.
    pub fn null_count(&self) -> usize {
        self.chunks.iter().map(Array::logical_null_count).sum()
    }

    /// Whether the row holds a value.
    pub fn is_valid(&self, row: usize) -> bool {
        let (chunk, row) = self.place(row);
        self.chunks[chunk].logical_nulls().is_none_or(|nulls| nulls.is_valid(row))
    }

    /// The value of a row as text; `None` where null.
    pub fn text(&self, row: usize) -> Option<String> {
        let (chunk, row) = self.place(row);
        text_of(&self.chunks[chunk], row)
    }

    /// Every value as text; `None` where null.
    ///
    /// ```
    /// assert_eq!(leverkit_core::Column::new("day", vec![1.5, 2.0]).texts(), [Some("1.5".into()), Some("2.0".into())]);
    /// ```
    pub fn texts(&self) -> Vec<Option<String>> {
        self.chunks.iter().flat_map(|chunk| (0..chunk.len()).map(|row| text_of(chunk, row))).collect()
    }

    /// The same values under another name.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        Self { field: Arc::new(self.field.as_ref().clone().with_name(name)), ..self.clone() }
    }

    /// All values in one array.
    ///
    /// # Errors
    /// [`Error::Arrow`] where the chunks do not fit into one array.
    pub fn array(&self) -> Result<ArrayRef, Error> {
        Ok(match self.chunks.as_slice() {
            [] => new_empty_array(self.data_type()),
            [one] => Arc::clone(one),
            chunks => concat(&chunks.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?,
        })
    }

    /// Appends the chunks of a column of the same type.
    ///
    /// # Errors
    /// [`Error::WrongType`] where the types differ.
    pub fn append(&mut self, other: &Self) -> Result<(), Error> {
        if self.data_type() != other.data_type() {
            return Err(Error::WrongType {
                role: "table".into(),
                column: self.name().into(),
                got: crate::texts::type_name(other.data_type()),
                expected: format!("{}, as in the rows before", crate::texts::type_name(self.data_type())),
            });
        }
        self.chunks.extend(other.chunks.iter().cloned());
        self.len += other.len;
        Ok(())
    }

    /// `length` rows from `start` on, without a copy.
    #[must_use]
    pub fn slice(&self, start: usize, length: usize) -> Self {
        let (mut skip, mut left) = (start, length);
        let mut chunks = Vec::new();
        for chunk in &self.chunks {
            let from = skip.min(chunk.len());
            let rows = left.min(chunk.len() - from);
            skip -= from;
            left -= rows;
            if rows > 0 {
                chunks.push(chunk.slice(from, rows));
            }
        }
        Self::of_chunks(Arc::clone(&self.field), chunks)
    }

    /// The values of these rows, in their order; null where the row is [`NO_CODE`].
    ///
    /// # Errors
    /// [`Error::Arrow`] where a type cannot be picked from.
    pub fn take(&self, rows: &[u32]) -> Result<Self, Error> {
        let array = if self.chunks.len() > 1 && !rows.contains(&NO_CODE) {
            let starts = self.starts();
            let places: Vec<(usize, usize)> = rows.iter().map(|&row| place(&starts, row as usize)).collect();
            interleave(&self.chunks.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>(), &places)?
        } else if self.is_empty() {
            new_null_array(self.data_type(), rows.len())
        } else {
            let rows: UInt32Array = rows.iter().map(|&row| (row != NO_CODE).then_some(row)).collect();
            take(&self.array()?, &rows, None)?
        };
        // A row without a code is null, whatever the source said of nulls.
        let field = self.field.as_ref().clone().with_nullable(true);
        Ok(Self::of_chunks(Arc::new(field), vec![array]))
    }

    /// The same values without what else their memory holds: texts that were picked hold on to all that they were picked from.
    #[must_use]
    pub(crate) fn apart(&self) -> Self {
        let apart = |chunk: &ArrayRef| -> ArrayRef {
            match chunk.data_type() {
                DataType::Utf8View => Arc::new(chunk.as_string_view().gc()),
                DataType::BinaryView => Arc::new(chunk.as_binary_view().gc()),
                _ => Arc::clone(chunk),
            }
        };
        Self { chunks: self.chunks.iter().map(apart).collect(), ..self.clone() }
    }

    /// How much memory the values take, without what else lies around them.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = |chunk: &ArrayRef| match chunk.data_type() {
            DataType::Utf8View => chunk.len() * size_of::<u128>() + chunk.as_string_view().total_buffer_bytes_used(),
            DataType::BinaryView => chunk.len() * size_of::<u128>() + chunk.as_binary_view().total_buffer_bytes_used(),
            _ => chunk.to_data().get_slice_memory_size().unwrap_or_else(|_| chunk.get_array_memory_size()),
        };
        self.chunks.iter().map(bytes).sum()
    }

    /// Lists of values: one for each list of rows, in their order.
    ///
    /// # Errors
    /// As [`Column::take`].
    ///
    /// ```
    /// let products = leverkit_core::Column::new("product", ["bread", "milk"]);
    /// assert_eq!(products.take_lists(&[&[1], &[0, 1]])?.len(), 2);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn take_lists(&self, lists: &[&[u32]]) -> Result<Self, Error> {
        let values = self.take(&lists.concat())?;
        let item = values.field().as_ref().clone().with_name("item");
        let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.len()));
        let array: ArrayRef = Arc::new(LargeListArray::try_new(Arc::new(item), offsets, values.array()?, None)?);
        Ok(Self::new(self.name(), array))
    }

    /// Values as ids of two tables are compared: floats that are whole as the integers they were before a gap made floats of them; blanks and NaN as none.
    ///
    /// ```
    /// let ids = leverkit_core::Column::new("id", [Some(7.0), None, Some(f64::NAN), Some(7.5)]).ids();
    /// assert_eq!(ids, [Some("7".to_owned()), None, None, Some("7.5".to_owned())]);
    /// ```
    pub fn ids(&self) -> Vec<Option<String>> {
        let is_float = self.data_type().is_floating();
        let id = |text: String| match text.strip_suffix(".0") {
            Some(whole) if is_float => Some(whole.to_owned()),
            _ => Some(text).filter(|text| !(is_blank(text) || is_float && text == "NaN")),
        };
        self.texts().into_iter().map(|text| text.and_then(id)).collect()
    }

    /// The first row whose value is written so.
    ///
    /// ```
    /// assert_eq!(leverkit_core::Column::new("id", [10, 30]).row_of("30"), Some(1));
    /// ```
    pub fn row_of(&self, text: &str) -> Option<usize> {
        let mut texts = self.chunks.iter().flat_map(|chunk| (0..chunk.len()).map(move |row| text_of(chunk, row)));
        texts.position(|value| value.as_deref() == Some(text))
    }

    /// The same values, but nulls for numbers that are not finite.
    fn only_finite(self) -> Self {
        let floats = |chunk: &ArrayRef| chunk.as_primitive_opt::<Float64Type>().cloned();
        let is_finite = |chunk| floats(chunk).is_none_or(|values| values.iter().flatten().all(f64::is_finite));
        if self.chunks.iter().all(is_finite) {
            return self;
        }
        let known = |values: PrimitiveArray<Float64Type>| finite(values.iter().map(|value| value.unwrap_or(f64::NAN)));
        let chunks = self.chunks.iter().filter_map(floats).map(known).collect();
        Self::of_chunks(Arc::new(self.field.as_ref().clone().with_nullable(true)), chunks)
    }

    /// The number of the first row of each chunk.
    fn starts(&self) -> Vec<usize> {
        let ends = self.chunks.iter().scan(0, |rows, chunk| {
            *rows += chunk.len();
            Some(*rows - chunk.len())
        });
        ends.collect()
    }

    fn place(&self, row: usize) -> (usize, usize) {
        place(&self.starts(), row)
    }
}

/// The chunk that holds a row, and the row's place in it.
fn place(starts: &[usize], row: usize) -> (usize, usize) {
    let chunk = starts.partition_point(|&start| start <= row) - 1;
    (chunk, row - starts[chunk])
}

/// A table that goes into an analysis: columns of equal length. Cheap to clone.
///
/// ```
/// use leverkit_core::{Column, Table};
/// let table = Table::new(vec![Column::new("product", ["tea", "milk"]), Column::new("units", [2, 5])])?;
/// let table = table.with(Column::new("paid", [8.0, 4.5]))?;
/// assert_eq!((table.rows(), table.columns().len()), (2, 3));
/// assert_eq!(table.column("paid").and_then(|paid| paid.text(1)), Some("4.5".into()));
/// assert_eq!(table.slice(1, 1).to_batch()?.num_rows(), 1);
/// assert!(Table::new(vec![Column::new("a", [1]), Column::new("b", [1, 2])]).is_err());
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table of columns.
    ///
    /// # Errors
    /// [`Error::Arrow`] where their lengths differ.
    pub fn new(columns: Vec<Column>) -> Result<Self, Error> {
        let rows = columns.first().map_or(0, Column::len);
        match columns.iter().find(|column| column.len() != rows) {
            None => Ok(Self { columns, rows }),
            Some(odd) => Err(Error::Arrow(ArrowError::InvalidArgumentError(format!(
                "column {:?} has {} rows, the first has {rows}",
                odd.name(),
                odd.len()
            )))),
        }
    }

    /// The rows of batches of one schema, one after the other, without a copy.
    ///
    /// # Errors
    /// [`Error::WrongType`] where the batches' columns differ.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// let table = Table::of_batches(&[batch!("units" => [1, 2])?, batch!("units" => [3])?])?;
    /// assert_eq!(table.rows(), 3);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn of_batches(batches: &[RecordBatch]) -> Result<Self, Error> {
        let mut table = Self::default();
        for batch in batches {
            table.append(&Self::from(batch))?;
        }
        Ok(table)
    }

    /// Appends the rows of a table with the same columns; an empty table without columns takes them over.
    ///
    /// # Errors
    /// [`Error::WrongType`] where the columns differ.
    pub fn append(&mut self, more: &Self) -> Result<(), Error> {
        if self.columns.is_empty() {
            *self = more.clone();
            return Ok(());
        }
        if self.columns.len() != more.columns.len() {
            let counts = format!("{} columns after {}", more.columns.len(), self.columns.len());
            return Err(Error::Arrow(ArrowError::SchemaError(counts)));
        }
        for (column, more) in self.columns.iter_mut().zip(&more.columns) {
            if column.name() != more.name() {
                let names = format!("column {:?} after rows with {:?} in its place", more.name(), column.name());
                return Err(Error::Arrow(ArrowError::SchemaError(names)));
            }
            column.append(more)?;
        }
        self.rows += more.rows;
        Ok(())
    }

    /// `length` rows from `start` on, without a copy.
    #[must_use]
    pub fn slice(&self, start: usize, length: usize) -> Self {
        let rows = length.min(self.rows.saturating_sub(start));
        Self { columns: self.columns.iter().map(|column| column.slice(start, length)).collect(), rows }
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The first column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name() == name)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The table with a column put in the place of that of the same name, or last.
    ///
    /// # Errors
    /// [`Error::Arrow`] where its length is another.
    pub fn with(mut self, column: Column) -> Result<Self, Error> {
        match self.columns.iter_mut().find(|known| known.name() == column.name()) {
            Some(known) => *known = column,
            None => self.columns.push(column),
        }
        Self::new(self.columns)
    }

    /// The table as one batch.
    ///
    /// # Errors
    /// [`Error::Arrow`] where a column's chunks do not fit into one array.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let fields: Vec<FieldRef> = self.columns.iter().map(|column| Arc::clone(column.field())).collect();
        let arrays: Vec<ArrayRef> = self.columns.iter().map(Column::array).collect::<Result<_, _>>()?;
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(self.rows));
        Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)?)
    }
}

impl From<&RecordBatch> for Table {
    fn from(batch: &RecordBatch) -> Self {
        let fields = batch.schema_ref().fields().iter().map(Arc::clone);
        let columns = fields.zip(batch.columns()).map(|(field, array)| Column::of_chunks(field, vec![array.clone()]));
        Self { columns: columns.collect(), rows: batch.num_rows() }
    }
}

impl From<RecordBatch> for Table {
    fn from(batch: RecordBatch) -> Self {
        Self::from(&batch)
    }
}

/// Makes a record batch of named columns; each is made of what is [`IntoColumn`].
///
/// ```
/// let lines = leverkit_core::batch!("client" => ["ann", "bob"], "paid" => [Some(20.0), None])?;
/// assert_eq!(lines.num_rows(), 2);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[macro_export]
macro_rules! batch {
    ($($name:expr => $values:expr),* $(,)?) => {
        $crate::Table::new(vec![$($crate::Column::new($name, $values)),*]).and_then(|table| table.to_batch())
    };
}

/// What a column can be made of: all that is [`IntoArray`], and another column under another name.
pub trait IntoColumn {
    /// The values as a column of this name.
    fn into_column(self, name: &str) -> Column;
}

impl<A: IntoArray> IntoColumn for A {
    fn into_column(self, name: &str) -> Column {
        let array = self.into_array();
        Column::of_chunks(Arc::new(Field::new(name, array.data_type().clone(), true)), vec![array])
    }
}

impl IntoColumn for Column {
    fn into_column(self, name: &str) -> Column {
        self.renamed(name)
    }
}

/// What an array can be made of: vectors, slices and arrays of [`Cell`]s, and Arrow's own arrays.
pub trait IntoArray {
    /// The values as an Arrow array.
    fn into_array(self) -> ArrayRef;
}

/// A value of a column: a number, a truth value, a text, or an option of one, whose `None` is null.
pub trait Cell: Sized {
    /// An array of these values.
    fn array(cells: impl Iterator<Item = Self>) -> ArrayRef;
}

macro_rules! primitive_cells {
    ($($native:ty => $arrow:ident),*) => {$(
        impl Cell for $native {
            fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
                numbers_of::<arrow_array::types::$arrow>(cells.map(Some))
            }
        }
        impl Cell for Option<$native> {
            fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
                numbers_of::<arrow_array::types::$arrow>(cells)
            }
        }
    )*};
}

primitive_cells!(
    i8 => Int8Type, i16 => Int16Type, i32 => Int32Type, i64 => Int64Type,
    u8 => UInt8Type, u16 => UInt16Type, u32 => UInt32Type, u64 => UInt64Type,
    f32 => Float32Type, f64 => Float64Type
);

/// Numbers, in huge pages where they are many; which are null is kept from the first null on.
fn numbers_of<T: ArrowPrimitiveType>(cells: impl Iterator<Item = Option<T::Native>>) -> ArrayRef {
    let mut values = room(cells.size_hint().0);
    let mut valid: Option<BooleanBufferBuilder> = None;
    for cell in cells {
        if cell.is_none() && valid.is_none() {
            let mut before = BooleanBufferBuilder::new(values.capacity());
            before.append_n(values.len(), true);
            valid = Some(before);
        }
        if let Some(valid) = &mut valid {
            valid.append(cell.is_some());
        }
        values.push(cell.unwrap_or_default());
    }
    let valid = valid.map(|mut valid| NullBuffer::new(valid.finish()));
    Arc::new(PrimitiveArray::<T>::new(values.into(), valid))
}

/// Days are dates.
impl Cell for Day {
    fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
        numbers_of::<Date32Type>(cells.map(|day| Some(i32::from(day))))
    }
}

impl Cell for Option<Day> {
    fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
        numbers_of::<Date32Type>(cells.map(|day| day.map(i32::from)))
    }
}

impl Cell for bool {
    fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
        Arc::new(cells.map(Some).collect::<BooleanArray>())
    }
}

impl Cell for Option<bool> {
    fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
        Arc::new(cells.collect::<BooleanArray>())
    }
}

macro_rules! text_cells {
    ($($text:ty),*) => {$(
        impl Cell for $text {
            fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
                Arc::new(StringViewArray::from_iter_values(cells))
            }
        }
        impl Cell for Option<$text> {
            fn array(cells: impl Iterator<Item = Self>) -> ArrayRef {
                Arc::new(cells.collect::<StringViewArray>())
            }
        }
    )*};
}

text_cells!(&str, String);

impl<C: Cell> IntoArray for Vec<C> {
    fn into_array(self) -> ArrayRef {
        C::array(self.into_iter())
    }
}

impl<C: Cell, const N: usize> IntoArray for [C; N] {
    fn into_array(self) -> ArrayRef {
        C::array(self.into_iter())
    }
}

impl<C: Cell + Clone> IntoArray for &[C] {
    fn into_array(self) -> ArrayRef {
        C::array(self.iter().cloned())
    }
}

impl<C: Cell + Clone> IntoArray for &Vec<C> {
    fn into_array(self) -> ArrayRef {
        self.as_slice().into_array()
    }
}

impl IntoArray for ArrayRef {
    fn into_array(self) -> ArrayRef {
        self
    }
}

impl<T: ArrowPrimitiveType> IntoArray for PrimitiveArray<T> {
    fn into_array(self) -> ArrayRef {
        Arc::new(self)
    }
}

/// Numbers as a column's array; what is no finite number is null.
///
/// ```
/// assert_eq!(leverkit_core::frames::finite([1.0, f64::NAN]).null_count(), 1);
/// ```
pub fn finite(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    let known = values.into_iter().map(|value| Some(value).filter(|value| value.is_finite()));
    Arc::new(known.collect::<PrimitiveArray<Float64Type>>())
}

/// A table whose numbers that are not finite are null.
pub(crate) fn only_finite(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let columns = Table::from(batch).columns.into_iter().map(Column::only_finite).collect();
    Table::new(columns)?.to_batch()
}

/// One value per row.
///
/// ```
/// assert_eq!(leverkit_core::frames::each(&[1, 2], |n| n * 10), [10, 20]);
/// ```
pub fn each<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// A number; `None` where it is not finite.
///
/// ```
/// assert_eq!(leverkit_core::frames::number(f64::INFINITY), None);
/// ```
pub fn number(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

/// The columns of tables of equal height side by side. A column of the user's that is called as one of ours is refused.
///
/// # Errors
/// [`Error::TwoColumns`] names it.
///
/// ```
/// use leverkit_core::{batch, frames::beside};
/// let found = beside(&[batch!("group" => ["a"])?, batch!("n" => [1])?])?;
/// assert_eq!(found.num_columns(), 2);
/// assert!(beside(&[batch!("n" => ["a"])?, batch!("n" => [1])?]).is_err());
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn beside(parts: &[RecordBatch]) -> Result<RecordBatch, Error> {
    let columns: Vec<Column> = parts.iter().flat_map(|part| Table::from(part).columns).collect();
    let is_repeated = |at: &usize| columns[..*at].iter().any(|known| known.name() == columns[*at].name());
    if let Some(at) = (0..columns.len()).find(is_repeated) {
        return Err(Error::TwoColumns { role: "result".into(), column: columns[at].name().into() });
    }
    Table::new(columns)?.to_batch()
}

/// Puts the values of key columns before a table's, picked for each row.
///
/// # Errors
/// As [`beside`].
///
/// ```
/// use leverkit_core::{Column, batch, frames::with_keys};
/// let found = with_keys(batch!("n" => [5, 7])?, &[Column::new("store", ["a", "b"])], &[1, 0])?;
/// assert_eq!((found.num_columns(), found.num_rows()), (2, 2));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn with_keys(batch: RecordBatch, keys: &[Column], rows: &[u32]) -> Result<RecordBatch, Error> {
    let keys: Vec<Column> = keys.iter().map(|key| key.take(rows)).collect::<Result<_, _>>()?;
    beside(&[Table::new(keys)?.to_batch()?, batch])
}
