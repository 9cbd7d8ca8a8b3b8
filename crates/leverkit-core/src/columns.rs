//! Reading a frame's columns into plain vectors: the one file, with `encode`, that knows frame types on the way in.

use std::mem::MaybeUninit;
use std::ops::{Deref, Range};

use jiff::tz::TimeZone;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;

use crate::Error;
use crate::calendar::{Day, MICROS_PER_DAY, NO_MICROS, Offsets, in_range, parse_micros, zone};
use crate::error::nearest;
use crate::gather::{extend, fill_chunks};

/// Takes the column of a role out of the frame's columns (the same column may play two roles).
///
/// # Errors
/// [`Error::UnknownColumn`], which says what columns there are.
pub fn find(columns: &[Column], role: &str, name: &str) -> Result<Series, Error> {
    columns
        .iter()
        .find(|column| column.name() == name)
        .map(|column| column.as_materialized_series().clone())
        .ok_or_else(|| Error::UnknownColumn {
            role: role.into(),
            column: name.into(),
            available: columns.iter().map(|column| column.name().to_string()).collect(),
            nearest: nearest(name, columns.iter().map(|column| column.name().as_str())),
        })
}

/// Reads numbers as f64; null, NaN and infinities all become NaN.
///
/// # Errors
/// [`Error::WrongType`] for a column that holds no numbers.
///
/// ```
/// use leverkit_core::{columns::numbers, polars::prelude::*};
/// let prices = Series::new("price".into(), [Some(3), None]);
/// assert_eq!(numbers(&prices, "price")?[0], 3.0);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn numbers(series: &Series, role: &str) -> Result<Vec<f64>, Error> {
    match series.dtype() {
        DataType::Float64 => Ok(map_values(series.f64()?, |value| value.filter(|v| v.is_finite()).unwrap_or(f64::NAN))),
        DataType::Null => Ok(vec![f64::NAN; series.len()]),
        dtype if dtype.is_primitive_numeric() || dtype.is_decimal() => numbers(&series.cast(&DataType::Float64)?, role),
        dtype => Err(wrong_type(series, role, dtype, "a number; cast the column first")),
    }
}

/// Some rows of a numeric column: shared with it where it holds plain f64, else read. Unknown values are NaN; infinities may remain.
#[derive(Debug, Clone)]
pub enum Values {
    /// The column's own memory.
    Shared(PrimitiveArray<f64>),
    /// Numbers that were read.
    Read(Vec<f64>),
}

impl Values {
    /// The rows of a column.
    ///
    /// # Errors
    /// [`Error::WrongType`] for a column that holds no numbers.
    pub fn of(series: &Series, rows: Range<usize>, role: &str) -> Result<Self, Error> {
        let part = series.slice(rows.start as i64, rows.len());
        if let Ok(plain) = part.f64()
            && plain.null_count() == 0
            && plain.chunks().len() == 1
            && let Some(chunk) = plain.downcast_iter().next()
        {
            return Ok(Self::Shared(chunk.clone()));
        }
        numbers(&part, role).map(Self::Read)
    }
}

impl Deref for Values {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        match self {
            Self::Shared(array) => array.values(),
            Self::Read(values) => values,
        }
    }
}

/// Reads dates, datetimes or ISO 8601 texts as days; `None` where there is none or it cannot be read.
///
/// # Errors
/// [`Error::WrongType`] for a column that holds no times.
pub fn days(series: &Series, role: &str) -> Result<Vec<Option<Day>>, Error> {
    match times(series, None, true) {
        Ok(Times::Days(days)) => Ok(days.into_iter().map(|day| Some(day).filter(|&day| day != Day::MIN)).collect()),
        Ok(Times::Micros(_)) => unreachable!("only days were asked for"),
        Err(Error::WrongType { column, got, expected, .. }) => {
            Err(Error::WrongType { role: role.into(), column, got, expected })
        }
        Err(error) => Err(error),
    }
}

/// Which ids are null or NaN; `None` where all are there.
///
/// # Errors
/// [`Error::Frame`] where the frame library refuses.
pub fn missing(ids: &Series) -> Result<Option<Vec<bool>>, Error> {
    let mut missing = ids.is_null();
    if ids.dtype().is_float() {
        missing = missing | ids.is_nan()?;
    }
    Ok(missing.any().then(|| missing.iter().map(|missing| missing.unwrap_or(true)).collect()))
}

/// The times of lines: days alone, or local microseconds where the column has a clock.
#[derive(Debug, Clone)]
pub enum Times {
    /// Days since 1970-01-01; `Day::MIN` marks an invalid time.
    Days(Vec<i32>),
    /// Local microseconds since 1970-01-01; [`NO_MICROS`] marks an invalid time.
    Micros(Vec<i64>),
}

impl Times {
    /// Whether the row holds a time that a ledger admits.
    pub(crate) fn is_valid(&self, row: usize) -> bool {
        match self {
            Self::Days(days) => days[row] != i32::MIN,
            Self::Micros(micros) => micros[row] != NO_MICROS,
        }
    }

    /// Adds later rows. Days get a clock of midnight where the others have one.
    pub(crate) fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Days(days), Self::Days(more)) => extend(days, &more),
            (Self::Micros(micros), other) => extend(micros, &other.into_micros()),
            (Self::Days(days), other @ Self::Micros(_)) => {
                let mut micros = Self::Days(std::mem::take(days)).into_micros();
                extend(&mut micros, &other.into_micros());
                *self = Self::Micros(micros);
            }
        }
    }

    /// Microseconds since 1970-01-01; days begin at midnight.
    pub fn into_micros(self) -> Vec<i64> {
        match self {
            Self::Micros(micros) => micros,
            Self::Days(days) => days
                .into_iter()
                .map(|day| if day == i32::MIN { NO_MICROS } else { i64::from(day) * MICROS_PER_DAY })
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

fn day_or_none(micros: i64) -> i32 {
    if micros == NO_MICROS { i32::MIN } else { micros.div_euclid(MICROS_PER_DAY) as i32 }
}

/// Reads the time column. Instants are moved into `time_zone` (by default the column's own zone) before their day is taken.
///
/// # Errors
/// [`Error::WrongType`] for a column that holds no times, [`Error::Parameter`] for an unknown zone.
pub fn times(series: &Series, time_zone: Option<&str>, days_only: bool) -> Result<Times, Error> {
    match series.dtype() {
        DataType::Date => Ok(Times::Days(map_values(series.date()?.physical(), |day| {
            day.filter(|&d| in_range(i64::from(d) * MICROS_PER_DAY)).unwrap_or(i32::MIN)
        }))),
        DataType::Datetime(unit, column_zone) => {
            datetimes(series, *unit, column_zone.as_ref().map(|zone| zone.as_str()), time_zone, days_only)
        }
        DataType::String => {
            let times = texts(series, time_zone)?;
            let has_clock = times.iter().any(|&t| t != NO_MICROS && t.rem_euclid(MICROS_PER_DAY) != 0);
            let times = Times::Micros(times);
            Ok(if days_only || !has_clock { times.into_days() } else { times })
        }
        DataType::Null => Ok(Times::Days(vec![i32::MIN; series.len()])),
        dtype => Err(wrong_type(series, "time", dtype, "Date, Datetime or ISO 8601 text; parse the column first")),
    }
}

fn datetimes(
    series: &Series,
    unit: TimeUnit,
    column_zone: Option<&str>,
    time_zone: Option<&str>,
    days_only: bool,
) -> Result<Times, Error> {
    let offsets = match column_zone {
        Some(own) => Some(Offsets::of(&zone(time_zone.unwrap_or(own))?)),
        None => None,
    };
    let (multiply, divide) = match unit {
        TimeUnit::Milliseconds => (1000, 1),
        TimeUnit::Microseconds => (1, 1),
        TimeUnit::Nanoseconds => (1, 1000),
    };
    let local = move |value: Option<i64>| {
        let utc = value.and_then(|v| v.checked_mul(multiply)).map(|v| v.div_euclid(divide));
        utc.map(|utc| offsets.as_ref().map_or(utc, |steps| steps.to_local(utc)))
            .filter(|&t| in_range(t))
            .unwrap_or(NO_MICROS)
    };
    let physical = series.datetime()?.physical();
    Ok(if days_only {
        Times::Days(map_values(physical, |value| day_or_none(local(value))))
    } else {
        Times::Micros(map_values(physical, local))
    })
}

fn texts(series: &Series, time_zone: Option<&str>) -> Result<Vec<i64>, Error> {
    let zone = time_zone.map_or(Ok(TimeZone::UTC), zone)?;
    let chunks: Vec<_> = series.str()?.downcast_iter().collect();
    let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
    Ok(fill_chunks(&lengths, |chunk, rows, out| {
        for (slot, row) in out.iter_mut().zip(rows) {
            let text = chunks[chunk].get(row);
            slot.write(text.and_then(|text| parse_micros(text, &zone)).filter(|&t| in_range(t)).unwrap_or(NO_MICROS));
        }
    }))
}

/// Maps a numeric column, whatever its chunks, into one vector.
pub(crate) fn map_values<T, O>(column: &ChunkedArray<T>, f: impl Fn(Option<T::Native>) -> O + Sync) -> Vec<O>
where
    T: PolarsNumericType,
    O: Send,
{
    let chunks: Vec<_> = column.downcast_iter().collect();
    let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
    fill_chunks(&lengths, |chunk, rows, out| {
        let values = &chunks[chunk].values()[rows.clone()];
        match chunks[chunk].validity() {
            None => map_all(values, &f, out),
            Some(valid) => map_valid(values, |i| valid.get_bit(rows.start + i), &f, out),
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

pub(crate) fn wrong_type(series: &Series, role: &str, got: &DataType, expected: &str) -> Error {
    Error::WrongType {
        role: role.into(),
        column: series.name().to_string(),
        got: got.to_string(),
        expected: expected.into(),
    }
}
