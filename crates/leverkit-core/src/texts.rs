//! Values of any Arrow type as text, and types by the names that people know.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, LargeStringArray, PrimitiveArray, RunArray, StringArray, StringViewArray,
    downcast_dictionary_array,
};
use arrow_schema::{DataType, TimeUnit};

use crate::calendar::{MICROS_PER_DAY, format_day, format_instant, format_micros};

/// Texts in any of Arrow's three layouts.
#[derive(Clone, Copy)]
pub(crate) enum Texts<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Texts<'a> {
    /// The texts of a chunk; `None` where it holds none.
    pub(crate) fn of(array: &'a ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Utf8 => Some(Self::Small(array.as_string())),
            DataType::LargeUtf8 => Some(Self::Large(array.as_string())),
            DataType::Utf8View => Some(Self::View(array.as_string_view())),
            _ => None,
        }
    }

    /// How many rows there are.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
        }
    }

    /// The id of a row; `None` where null or blank.
    pub(crate) fn id(self, row: usize) -> Option<&'a str> {
        self.get(row).filter(|text| !is_blank(text))
    }

    /// The text of a row; `None` where null.
    pub(crate) fn get(self, row: usize) -> Option<&'a str> {
        match self {
            Self::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

/// Whether a text stands for nothing: it is empty or white space.
#[inline]
pub(crate) fn is_blank(text: &str) -> bool {
    // Nearly all texts begin with a letter or a digit, which settles it; white space beyond ASCII takes the long way.
    text.as_bytes().first().is_none_or(|&first| (first <= b' ' || first >= 0x80) && text.trim().is_empty())
}

/// The bytes of a row of a binary column; `None` where null or where it holds none.
pub(crate) fn bytes_of(array: &ArrayRef, row: usize) -> Option<&[u8]> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Binary => Some(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => Some(array.as_fixed_size_binary().value(row)),
        _ => None,
    }
}

/// The value of a row as text; `None` where null, and for types that have no text, such as lists.
pub(crate) fn text_of(array: &ArrayRef, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Texts::of(array).and_then(|texts| texts.get(row)).map(str::to_owned)
        }
        DataType::Boolean => Some(array.as_boolean().value(row).to_string()),
        DataType::Int8 => Some(plain::<Int8Type>(array, row)),
        DataType::Int16 => Some(plain::<Int16Type>(array, row)),
        DataType::Int32 => Some(plain::<Int32Type>(array, row)),
        DataType::Int64 => Some(plain::<Int64Type>(array, row)),
        DataType::UInt8 => Some(plain::<UInt8Type>(array, row)),
        DataType::UInt16 => Some(plain::<UInt16Type>(array, row)),
        DataType::UInt32 => Some(plain::<UInt32Type>(array, row)),
        DataType::UInt64 => Some(plain::<UInt64Type>(array, row)),
        DataType::Float16 => Some(format!("{:?}", value::<Float16Type>(array, row))),
        DataType::Float32 => Some(format!("{:?}", value::<Float32Type>(array, row))),
        DataType::Float64 => Some(format!("{:?}", value::<Float64Type>(array, row))),
        DataType::Decimal32(..) => Some(array.as_primitive::<Decimal32Type>().value_as_string(row)),
        DataType::Decimal64(..) => Some(array.as_primitive::<Decimal64Type>().value_as_string(row)),
        DataType::Decimal128(..) => Some(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Decimal256(..) => Some(array.as_primitive::<Decimal256Type>().value_as_string(row)),
        DataType::Date32 => Some(format_day(value::<Date32Type>(array, row))),
        DataType::Date64 => Some(format_day(value::<Date64Type>(array, row).div_euclid(MICROS_PER_DAY / 1000) as i32)),
        DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => {
            time_text(array, row)
        }
        DataType::Dictionary(..) => {
            downcast_dictionary_array!(array => entry(array, row), _ => None)
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => run::<Int16Type>(array, row),
            DataType::Int32 => run::<Int32Type>(array, row),
            _ => run::<Int64Type>(array, row),
        },
        DataType::FixedSizeBinary(16) => bytes_of(array, row).map(uuid_text),
        _ => bytes_of(array, row).map(|bytes| std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), str::to_owned)),
    }
}

fn value<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn plain<T: ArrowPrimitiveType<Native: ToString>>(array: &ArrayRef, row: usize) -> String {
    value::<T>(array, row).to_string()
}

fn entry<K: arrow_array::types::ArrowDictionaryKeyType>(array: &DictionaryArray<K>, row: usize) -> Option<String> {
    text_of(array.values(), array.key(row)?)
}

fn run<R: RunEndIndexType>(array: &ArrayRef, row: usize) -> Option<String> {
    let runs: &RunArray<R> = array.as_any().downcast_ref()?;
    text_of(runs.values(), runs.get_physical_index(row))
}

fn time_text(array: &ArrayRef, row: usize) -> Option<String> {
    let ticks = if matches!(array.data_type(), DataType::Time32(_)) {
        i64::from(*physical::<Int32Type>(array).values().get(row)?)
    } else {
        *physical::<Int64Type>(array).values().get(row)?
    };
    Some(match array.data_type() {
        DataType::Timestamp(unit, zone) => {
            let micros = i128::from(ticks) * i128::from(ticks_per_second(TimeUnit::Microsecond))
                / i128::from(ticks_per_second(*unit));
            match (i64::try_from(micros), zone) {
                (Err(_), _) => "a time beyond the calendar".into(),
                (Ok(micros), None) => format_micros(micros),
                (Ok(micros), Some(zone)) => format_instant(micros, zone),
            }
        }
        _ => ticks.to_string(),
    })
}

/// A temporal array as the integers that it is made of.
pub(crate) fn physical<T: ArrowPrimitiveType>(array: &ArrayRef) -> PrimitiveArray<T> {
    // Times of one width differ in their type alone, not in their memory.
    let data = array.to_data().into_builder().data_type(T::DATA_TYPE);
    // SAFETY: only called for types of the same width, whose memory is the same.
    PrimitiveArray::from(unsafe { data.build_unchecked() })
}

/// How many ticks of a unit make a second.
pub(crate) fn ticks_per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn uuid_text(bytes: &[u8]) -> String {
    [0..4, 4..6, 6..8, 8..10, 10..16].map(|part| hex(&bytes[part])).join("-")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // Writing to a string cannot fail.
        text
    })
}

/// A type by the name that polars and pandas have for it.
pub(crate) fn type_name(data_type: &DataType) -> String {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "μs",
        TimeUnit::Nanosecond => "ns",
    };
    match data_type {
        DataType::Null => "null".into(),
        DataType::Boolean => "bool".into(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "str".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "binary".into()
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            data_type.to_string().replace("Int", "i")
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            data_type.to_string().replace("UInt", "u")
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => data_type.to_string().replace("Float", "f"),
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Timestamp(of, None) => format!("datetime[{}]", unit(of)),
        DataType::Timestamp(of, Some(zone)) => format!("datetime[{}, {zone}]", unit(of)),
        DataType::Time32(_) | DataType::Time64(_) => "time".into(),
        DataType::Duration(of) => format!("duration[{}]", unit(of)),
        DataType::Dictionary(_, values) => format!("categories of {}", type_name(values)),
        DataType::RunEndEncoded(_, values) => type_name(values.data_type()),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => format!("decimal[{precision},{scale}]"),
        DataType::Struct(_) => "struct".into(),
        DataType::Map(..) => "map".into(),
        DataType::Union(..) => "union".into(),
        other if other.is_nested() => "list".into(),
        other => other.to_string(),
    }
}
