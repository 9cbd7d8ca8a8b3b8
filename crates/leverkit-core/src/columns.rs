//! Reading a table's columns into plain vectors: the one file, with `encode`, that knows Arrow's types on the way in.
//!
//! A role accepts the types that it can use and names the others in an error; a column without a role is never read.

use std::mem::MaybeUninit;
use std::ops::{Deref, Range};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{AnyDictionaryArray, Array, ArrayRef, PrimitiveArray, UInt64Array};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use arrow_select::take::take;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::calendar::{MICROS_PER_DAY, NO_MICROS, Offsets, day_of_micros, in_range, parse_text, zone};
use crate::day::Day;
use crate::error::nearest;
use crate::gather::fill_chunks;
use crate::texts::{Texts, physical, ticks_per_second, type_name};
use crate::{Column, Error, Table};

/// The key under which a producer's type that cannot be read stands in a field's metadata; such a column holds nulls alone.
pub const UNREADABLE: &str = "leverkit.unreadable";

/// The column of a role (the same column may play two roles); runs of equal values are laid out.
///
/// # Errors
/// [`Error::UnknownColumn`], which says what columns there are; [`Error::WrongType`] for a column that cannot be read at all, and
/// [`Error::TwoColumns`] where the name is not clear.
///
/// ```
/// use leverkit_core::{Table, batch, columns::find};
/// let table = Table::from(batch!("price" => [3.0])?);
/// assert_eq!(find(&table, "price", "price")?.len(), 1);
/// assert!(find(&table, "price", "prise").unwrap_err().to_string().contains("did you mean \"price\"?"));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn find(table: &Table, role: &str, name: &str) -> Result<Column, Error> {
    let mut named = table.columns().iter().filter(|column| column.name() == name);
    let column = named.next().ok_or_else(|| Error::UnknownColumn {
        role: role.into(),
        column: name.into(),
        available: table.columns().iter().map(|column| column.name().to_owned()).collect(),
        nearest: nearest(name, table.columns().iter().map(Column::name)),
    })?;
    if named.next().is_some() {
        return Err(Error::TwoColumns { role: role.into(), column: name.into() });
    }
    if let Some(got) = column.field().metadata().get(UNREADABLE) {
        let expected = "a type that Arrow knows; cast the column first".into();
        return Err(Error::WrongType { role: role.into(), column: name.into(), got: got.clone(), expected });
    }
    laid_out(column)
}

/// Runs of equal values, laid out row by row.
fn laid_out(column: &Column) -> Result<Column, Error> {
    let DataType::RunEndEncoded(ends, values) = column.data_type() else { return Ok(column.clone()) };
    let field = Arc::new(values.as_ref().clone().with_name(column.name()));
    let lay_out = |chunk: &ArrayRef| match ends.data_type() {
        DataType::Int16 => rows_of_runs::<Int16Type>(chunk),
        DataType::Int32 => rows_of_runs::<Int32Type>(chunk),
        _ => rows_of_runs::<Int64Type>(chunk),
    };
    Ok(Column::of_chunks(field, column.chunks().iter().map(lay_out).collect::<Result<_, _>>()?))
}

fn rows_of_runs<R: RunEndIndexType>(chunk: &ArrayRef) -> Result<ArrayRef, Error> {
    let runs = chunk.as_run::<R>();
    let places: UInt64Array = (0..runs.len()).map(|row| Some(runs.get_physical_index(row) as u64)).collect();
    Ok(take(runs.values(), &places, None)?)
}

/// The values of a dictionary's entries, row by row; other columns as they are.
pub(crate) fn decoded(column: &Column) -> Result<Column, Error> {
    let DataType::Dictionary(_, values) = column.data_type() else { return Ok(column.clone()) };
    let decode = |chunk: &ArrayRef| {
        let dictionary = chunk.as_any_dictionary();
        take(dictionary.values(), dictionary.keys(), None).map_err(Error::from)
    };
    let field = Arc::new(column.field().as_ref().clone().with_data_type(values.as_ref().clone()));
    Ok(Column::of_chunks(field, column.chunks().iter().map(decode).collect::<Result<_, _>>()?))
}

/// Reads numbers as f64; null, NaN and infinities all become NaN.
///
/// # Errors
/// [`Error::WrongType`] for a column that holds no numbers.
///
/// ```
/// use leverkit_core::{Column, columns::numbers};
/// let prices = Column::new("price", [Some(3), None]);
/// assert_eq!(numbers(&prices, "price")?[0], 3.0);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn numbers(column: &Column, role: &str) -> Result<Vec<f64>, Error> {
    let column = &decoded(column)?;
    match column.data_type() {
        DataType::Float64 => Ok(floats::<Float64Type>(column, |value| value)),
        DataType::Float32 => Ok(floats::<Float32Type>(column, f64::from)),
        DataType::Float16 => Ok(floats::<Float16Type>(column, f64::from)),
        DataType::Int64 => Ok(floats::<Int64Type>(column, |value| value as f64)),
        DataType::Int32 => Ok(floats::<Int32Type>(column, f64::from)),
        DataType::Int16 => Ok(floats::<Int16Type>(column, f64::from)),
        DataType::Int8 => Ok(floats::<Int8Type>(column, f64::from)),
        DataType::UInt64 => Ok(floats::<UInt64Type>(column, |value| value as f64)),
        DataType::UInt32 => Ok(floats::<UInt32Type>(column, f64::from)),
        DataType::UInt16 => Ok(floats::<UInt16Type>(column, f64::from)),
        DataType::UInt8 => Ok(floats::<UInt8Type>(column, f64::from)),
        DataType::Decimal32(_, scale) => Ok(decimals::<Decimal32Type>(column, *scale)),
        DataType::Decimal64(_, scale) => Ok(decimals::<Decimal64Type>(column, *scale)),
        DataType::Decimal128(_, scale) => Ok(decimals::<Decimal128Type>(column, *scale)),
        DataType::Decimal256(_, scale) => Ok(decimals::<Decimal256Type>(column, *scale)),
        DataType::Null => Ok(vec![f64::NAN; column.len()]),
        _ => Err(wrong_type(column, role, "a number; cast the column first")),
    }
}

/// Numbers, or truth values as 1 and 0.
///
/// # Errors
/// As [`numbers`].
///
/// ```
/// use leverkit_core::{Column, columns::numbers_or_flags};
/// assert_eq!(numbers_or_flags(&Column::new("promoted", [true, false]), "controls")?, [1.0, 0.0]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn numbers_or_flags(column: &Column, role: &str) -> Result<Vec<f64>, Error> {
    if column.data_type() != &DataType::Boolean {
        return numbers(column, role);
    }
    let flag = |value: Option<bool>| value.map_or(f64::NAN, |flag| f64::from(u8::from(flag)));
    Ok(column.chunks().iter().flat_map(|chunk| chunk.as_boolean().iter().map(flag)).collect())
}

/// Flags as 1 and 0: true and false, or 1 and 0; null is NaN.
///
/// # Errors
/// As [`numbers`]; [`Error::UnknownValue`] for another number: of 1 and 2 nobody knows which means yes.
///
/// ```
/// use leverkit_core::{Column, columns::flags};
/// assert_eq!(flags(&Column::new("buys", [1, 0]), "buys")?, [1.0, 0.0]);
/// let error = flags(&Column::new("buys", [1, 2]), "buys").unwrap_err();
/// assert_eq!(error.to_string(), "buys: column \"buys\" holds 2 in row 1; expected true and false, or 1 for yes and 0 for no: recode the column");
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn flags(column: &Column, role: &str) -> Result<Vec<f64>, Error> {
    let values = numbers_or_flags(column, role)?;
    match values.iter().position(|value| !(value.is_nan() || *value == 0.0 || *value == 1.0)) {
        None => Ok(values),
        Some(row) => Err(Error::UnknownValue {
            role: role.into(),
            column: column.name().into(),
            row,
            got: values[row].to_string(),
            expected: "true and false, or 1 for yes and 0 for no: recode the column".into(),
        }),
    }
}

/// Whether a column holds texts, or categories of texts.
///
/// ```
/// use leverkit_core::{Column, columns::is_text};
/// assert!(is_text(&Column::new("name", ["tea"])) && !is_text(&Column::new("units", [3, 4])));
/// ```
pub fn is_text(column: &Column) -> bool {
    let of = |data_type: &DataType| matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match column.data_type() {
        DataType::Dictionary(_, values) => of(values),
        own => of(own),
    }
}

/// Whether a column's type is one of numbers: those that [`numbers`] reads.
///
/// ```
/// use leverkit_core::{Column, columns::is_number};
/// assert!(is_number(&Column::new("units", [3, 4])) && !is_number(&Column::new("name", ["tea"])));
/// ```
pub fn is_number(column: &Column) -> bool {
    match column.data_type() {
        DataType::Dictionary(_, values) => values.is_numeric(),
        own => own.is_numeric(),
    }
}

fn floats<T: ArrowPrimitiveType>(column: &Column, to_float: impl Fn(T::Native) -> f64 + Sync) -> Vec<f64> {
    map_values::<T, _>(column, |value| value.map(&to_float).filter(|value| value.is_finite()).unwrap_or(f64::NAN))
}

/// Decimals as the nearest f64: a quotient of two exact floats is rounded once, and so is a text that is parsed.
fn decimals<T: DecimalType>(column: &Column, scale: i8) -> Vec<f64> {
    let unit = 10_f64.powi(i32::from(scale));
    let is_exact = (0..=22).contains(&scale);
    floats::<T>(column, |value| {
        let digits = T::format_decimal(value, T::MAX_PRECISION, 0);
        match digits.parse::<f64>() {
            Ok(whole) if is_exact && whole.abs() < 9_007_199_254_740_992.0 => whole / unit,
            _ => T::format_decimal(value, T::MAX_PRECISION, scale).parse().unwrap_or(f64::NAN),
        }
    })
}

/// Some rows of a numeric column: shared with it where it holds plain f64, else read. Unknown values are NaN; infinities may remain.
///
/// ```
/// use leverkit_core::{Column, columns::Values};
/// let plain = Values::of(&Column::new("paid", [1.5, 2.0, 4.0]), 1..3, "amount")?;
/// assert!(matches!(plain, Values::Shared(_)) && *plain == [2.0, 4.0]);
/// assert!(matches!(Values::of(&Column::new("paid", [1, 2]), 0..2, "amount")?, Values::Read(_)));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub enum Values {
    /// The column's own memory.
    Shared(ScalarBuffer<f64>),
    /// Numbers that were read.
    Read(Vec<f64>),
}

impl Values {
    /// The rows of a column.
    ///
    /// # Errors
    /// [`Error::WrongType`] for a column that holds no numbers.
    pub fn of(column: &Column, rows: Range<usize>, role: &str) -> Result<Self, Error> {
        let part = column.slice(rows.start, rows.len());
        if let [chunk] = part.chunks()
            && let Some(plain) = chunk.as_primitive_opt::<Float64Type>()
            && plain.null_count() == 0
        {
            return Ok(Self::Shared(plain.values().clone()));
        }
        numbers(&part, role).map(Self::Read)
    }

    /// A column of which what is not finite is NaN.
    pub(crate) fn finite(column: &Column, role: &str) -> Result<Self, Error> {
        match Self::of(column, 0..column.len(), role)? {
            Self::Shared(values) if !are_finite(&values) => numbers(column, role).map(Self::Read),
            found => Ok(found),
        }
    }

    /// The values, to be changed.
    pub(crate) fn into_vec(self) -> Vec<f64> {
        match self {
            Self::Shared(values) => values.to_vec(),
            Self::Read(values) => values,
        }
    }
}

fn are_finite(values: &[f64]) -> bool {
    const PIECE: usize = 1 << 16;
    // Without a way out in between, which is faster.
    values.par_chunks(PIECE).all(|piece| piece.iter().fold(true, |all, value| all & value.is_finite()))
}

impl Deref for Values {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        match self {
            Self::Shared(values) => values,
            Self::Read(values) => values,
        }
    }
}

impl AsRef<[f64]> for Values {
    fn as_ref(&self) -> &[f64] {
        self
    }
}

/// Reads dates, datetimes or ISO 8601 texts as days; `None` where there is none or it cannot be read.
///
/// # Errors
/// [`Error::WrongType`] for a column that holds no times.
///
/// ```
/// use leverkit_core::{Column, columns::days};
/// let found = days(&Column::new("on", [Some("1970-01-02"), None]), "on")?;
/// assert_eq!(found, [Some(1.into()), None]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn days(column: &Column, role: &str) -> Result<Vec<Option<Day>>, Error> {
    match times(column, None, true) {
        Ok(Times::Days(days)) => Ok(days.into_iter().map(|day| Some(day).filter(|&day| day != Day::MIN)).collect()),
        Ok(Times::Micros(_)) => unreachable!("only days were asked for"),
        Err(Error::WrongType { column, got, expected, .. }) => {
            Err(Error::WrongType { role: role.into(), column, got, expected })
        }
        Err(error) => Err(error),
    }
}

/// Which ids are missing: null, a number that is not finite, or text that is empty or white space; `None` where all are there.
///
/// ```
/// use leverkit_core::{Column, columns::missing};
/// assert_eq!(missing(&Column::new("id", [Some("ann"), Some("  "), None])), Some(vec![false, true, true]));
/// assert_eq!(missing(&Column::new("id", [1, 2])), None);
/// ```
pub fn missing(ids: &Column) -> Option<Vec<bool>> {
    let chunks: Vec<MissingIds<'_>> = ids.chunks().iter().map(MissingIds::of).collect();
    if chunks.iter().all(|chunk| matches!(chunk, MissingIds::Nulls(None))) {
        return None;
    }
    let missing = fill_chunks(&lengths(ids), |chunk, rows, out| {
        out.iter_mut().zip(rows).for_each(|(slot, row)| {
            slot.write(chunks[chunk].contains(row));
        });
    });
    missing.contains(&true).then_some(missing)
}

/// What makes an id of a chunk missing.
enum MissingIds<'a> {
    Nulls(Option<NullBuffer>),
    Texts(Texts<'a>),
    Floats(&'a PrimitiveArray<Float64Type>),
    Singles(&'a PrimitiveArray<Float32Type>),
    /// Found already, for each row.
    Rows(Vec<bool>),
}

impl<'a> MissingIds<'a> {
    fn of(chunk: &'a ArrayRef) -> Self {
        match chunk.data_type() {
            DataType::Float64 => Self::Floats(chunk.as_primitive()),
            DataType::Float32 => Self::Singles(chunk.as_primitive()),
            DataType::Dictionary(..) => Self::of_categories(chunk.as_any_dictionary()),
            _ => Texts::of(chunk).map_or_else(|| Self::Nulls(chunk.logical_nulls()), Self::Texts),
        }
    }

    fn of_categories(chunk: &'a dyn AnyDictionaryArray) -> Self {
        let values = Self::of(chunk.values());
        let missing: Vec<bool> = (0..chunk.values().len()).map(|entry| values.contains(entry)).collect();
        let nulls = chunk.keys().nulls();
        if missing.is_empty() {
            return Self::Rows(vec![true; chunk.len()]);
        }
        if !missing.contains(&true) {
            return Self::Nulls(nulls.cloned());
        }
        let is_null = |row| nulls.is_some_and(|nulls| nulls.is_null(row));
        let of_row = |(row, entry): (usize, usize)| is_null(row) || missing[entry];
        Self::Rows(chunk.normalized_keys().into_iter().enumerate().map(of_row).collect())
    }

    fn contains(&self, row: usize) -> bool {
        match self {
            Self::Nulls(nulls) => nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)),
            Self::Texts(texts) => texts.id(row).is_none(),
            Self::Floats(values) => values.is_null(row) || !values.value(row).is_finite(),
            Self::Singles(values) => values.is_null(row) || !values.value(row).is_finite(),
            Self::Rows(missing) => missing[row],
        }
    }
}

/// The times of lines: days alone, or local microseconds where the column has a clock.
///
/// ```
/// use leverkit_core::{Column, columns::times};
/// let days = times(&Column::new("at", ["1970-01-02"]), None, false)?;
/// assert_eq!(days.into_micros(), [86_400_000_000]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub enum Times {
    /// Days since 1970-01-01; `Day::MIN` marks an invalid time.
    Days(Vec<Day>),
    /// Local microseconds since 1970-01-01; [`NO_MICROS`] marks an invalid time.
    Micros(Vec<i64>),
}

impl Times {
    /// Whether the row holds a time that a ledger admits.
    pub(crate) fn is_valid(&self, row: usize) -> bool {
        match self {
            Self::Days(days) => days[row] != Day::MIN,
            Self::Micros(micros) => micros[row] != NO_MICROS,
        }
    }

    /// Microseconds since 1970-01-01; days begin at midnight.
    pub fn into_micros(self) -> Vec<i64> {
        match self {
            Self::Micros(micros) => micros,
            Self::Days(days) => days
                .into_iter()
                .map(|day| if day == Day::MIN { NO_MICROS } else { i64::from(day) * MICROS_PER_DAY })
                .collect(),
        }
    }

    /// Drops the clock.
    fn into_days(self) -> Self {
        match self {
            Self::Days(days) => Self::Days(days),
            Self::Micros(micros) => Self::Days(micros.into_iter().map(day_or_none).collect()),
        }
    }
}

fn day_or_none(micros: i64) -> Day {
    if micros == NO_MICROS { Day::MIN } else { day_of_micros(micros) }
}

/// Reads the time column. Instants are moved into `time_zone` (by default the column's own zone) before their day is taken.
///
/// # Errors
/// [`Error::WrongType`] for a column that holds no times, [`Error::Parameter`] for an unknown zone.
///
/// ```
/// use leverkit_core::{Column, columns::{Times, times}};
/// let found = times(&Column::new("at", ["1970-01-02 10:00:00"]), None, true)?;
/// assert!(matches!(found, Times::Days(days) if days == [1.into()]));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn times(column: &Column, time_zone: Option<&str>, days_only: bool) -> Result<Times, Error> {
    times_as(column, time_zone, days_only, None)
}

/// As [`times`]; texts are read by a format of `strptime`, where one is given.
pub(crate) fn times_as(
    column: &Column,
    time_zone: Option<&str>,
    days_only: bool,
    format: Option<&str>,
) -> Result<Times, Error> {
    let asked = time_zone.map(zone).transpose()?;
    let column = &decoded(column)?;
    match column.data_type() {
        DataType::Date32 => Ok(Times::Days(map_values::<Date32Type, _>(column, |day| {
            day.filter(|&d| in_range(i64::from(d) * MICROS_PER_DAY)).map_or(Day::MIN, Day::from)
        }))),
        DataType::Date64 => Ok(datetimes(column, 1_000, None, true)),
        DataType::Timestamp(unit, own) => {
            let zone = own.as_deref().map(|own| asked.map_or_else(|| zone(own), Ok)).transpose()?;
            Ok(datetimes(column, ticks_per_second(*unit), zone.as_ref(), days_only))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let times = texts(column, &asked.unwrap_or(TimeZone::UTC), format);
            let has_clock = times.iter().any(|&t| t != NO_MICROS && t.rem_euclid(MICROS_PER_DAY) != 0);
            let times = Times::Micros(times);
            Ok(if days_only || !has_clock { times.into_days() } else { times })
        }
        DataType::Null => Ok(Times::Days(vec![Day::MIN; column.len()])),
        _ => Err(wrong_type(column, "time", "Date, Datetime or ISO 8601 text; parse the column first")),
    }
}

/// Ticks since 1970-01-01 as local times; instants are those with a zone.
fn datetimes(column: &Column, ticks_per_second: i64, zone: Option<&TimeZone>, days_only: bool) -> Times {
    let offsets = zone.map(Offsets::of);
    let (multiply, divide) = ((1_000_000 / ticks_per_second).max(1), (ticks_per_second / 1_000_000).max(1));
    let local = move |value: Option<i64>| {
        let utc = value.and_then(|v| v.checked_mul(multiply));
        // A division takes longer than all else.
        let utc = if divide == 1 { utc } else { utc.map(|v| v.div_euclid(divide)) };
        utc.map(|utc| offsets.as_ref().map_or(utc, |steps| steps.to_local(utc)))
            .filter(|&t| in_range(t))
            .unwrap_or(NO_MICROS)
    };
    let ticks = &physical_column::<Int64Type>(column);
    if days_only {
        Times::Days(map_values::<Int64Type, _>(ticks, |value| day_or_none(local(value))))
    } else {
        Times::Micros(map_values::<Int64Type, _>(ticks, local))
    }
}

/// A column's temporal values as the integers that they are made of, without a copy.
pub(crate) fn physical_column<T: ArrowPrimitiveType>(column: &Column) -> Column {
    let field = column.field().as_ref().clone().with_data_type(T::DATA_TYPE);
    let chunks = column.chunks().iter().map(|chunk| Arc::new(physical::<T>(chunk)) as ArrayRef).collect();
    Column::of_chunks(Arc::new(field), chunks)
}

fn texts(column: &Column, zone: &TimeZone, format: Option<&str>) -> Vec<i64> {
    let chunks: Vec<Texts<'_>> = column.chunks().iter().filter_map(Texts::of).collect();
    fill_chunks(&lengths(column), |chunk, rows, out| {
        for (slot, row) in out.iter_mut().zip(rows) {
            let text = chunks[chunk].get(row);
            let micros = text.and_then(|text| parse_text(text, zone, format));
            slot.write(micros.filter(|&t| in_range(t)).unwrap_or(NO_MICROS));
        }
    })
}

pub(crate) fn lengths(column: &Column) -> Vec<usize> {
    column.chunks().iter().map(Array::len).collect()
}

/// Maps a column of one primitive type, whatever its chunks, into one vector.
pub(crate) fn map_values<T: ArrowPrimitiveType, O: Send>(
    column: &Column,
    f: impl Fn(Option<T::Native>) -> O + Sync,
) -> Vec<O> {
    let chunks: Vec<&PrimitiveArray<T>> = column.chunks().iter().map(AsArray::as_primitive::<T>).collect();
    fill_chunks(&lengths(column), |chunk, rows, out| {
        let values = &chunks[chunk].values()[rows.clone()];
        match chunks[chunk].nulls() {
            None => map_all(values, &f, out),
            Some(nulls) => map_valid(values, |i| nulls.is_valid(rows.start + i), &f, out),
        }
    })
}

fn map_all<V: Copy, O>(values: &[V], f: impl Fn(Option<V>) -> O, out: &mut [MaybeUninit<O>]) {
    for (slot, &value) in out.iter_mut().zip(values) {
        slot.write(f(Some(value)));
    }
}

fn map_valid<V: Copy, O>(
    values: &[V],
    is_valid: impl Fn(usize) -> bool,
    f: impl Fn(Option<V>) -> O,
    out: &mut [MaybeUninit<O>],
) {
    for (i, (slot, &value)) in out.iter_mut().zip(values).enumerate() {
        slot.write(f(is_valid(i).then_some(value)));
    }
}

pub(crate) fn wrong_type(column: &Column, role: &str, expected: &str) -> Error {
    Error::WrongType {
        role: role.into(),
        column: column.name().into(),
        got: type_name(column.data_type()),
        expected: expected.into(),
    }
}
