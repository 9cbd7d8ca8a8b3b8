//! Days of parameters that arrive from outside: ISO text, or days since 1970-01-01 as they are written.
//!
//! ```
//! use leverkit_core::{Day, iso};
//! #[derive(serde::Deserialize)]
//! struct Asked {
//!     #[serde(deserialize_with = "iso::option")]
//!     as_of: Option<Day>,
//! }
//! let asked: Asked = serde_json::from_str(r#"{"as_of": "1970-01-02"}"#)?;
//! assert_eq!(asked.as_of, Some(1.into()));
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{Day, parse_day};

/// Reads a day; with `deserialize_with` of serde, so with all here.
///
/// # Errors
/// Where text is no ISO date.
///
/// ```
/// use leverkit_core::iso;
/// #[derive(serde::Deserialize)]
/// struct Asked {
///     #[serde(deserialize_with = "iso::day")]
///     start: leverkit_core::Day,
/// }
/// let asked: Asked = serde_json::from_str(r#"{"start": "1970-01-02"}"#)?;
/// assert_eq!(asked.start, 1.into());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn day<'de, D: Deserializer<'de>>(source: D) -> Result<Day, D::Error> {
    Iso::deserialize(source).map(|Iso(day)| day)
}

/// Reads a day that may be missing.
///
/// ```
/// use leverkit_core::iso;
/// #[derive(serde::Deserialize)]
/// struct Asked {
///     #[serde(deserialize_with = "iso::option")]
///     as_of: Option<leverkit_core::Day>,
/// }
/// let asked: Asked = serde_json::from_str(r#"{"as_of": null}"#)?;
/// assert_eq!(asked.as_of, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[allow(clippy::missing_errors_doc)] // As of `day`.
pub fn option<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Day>, D::Error> {
    Ok(Option::<Iso>::deserialize(source)?.map(|Iso(day)| day))
}

/// Reads a list of days that may be missing.
///
/// ```
/// use leverkit_core::iso;
/// #[derive(serde::Deserialize)]
/// struct Asked {
///     #[serde(deserialize_with = "iso::list")]
///     dates: Option<Vec<leverkit_core::Day>>,
/// }
/// let asked: Asked = serde_json::from_str(r#"{"dates": ["1970-01-01", 1]}"#)?;
/// assert_eq!(asked.dates, Some(vec![0.into(), 1.into()]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[allow(clippy::missing_errors_doc)] // As of `day`.
pub fn list<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Vec<Day>>, D::Error> {
    let days = Option::<Vec<Iso>>::deserialize(source)?;
    Ok(days.map(|days| days.into_iter().map(|Iso(day)| day).collect()))
}

struct Iso(Day);

impl<'de> Deserialize<'de> for Iso {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(IsoVisitor).map(Self)
    }
}

struct IsoVisitor;

impl Visitor<'_> for IsoVisitor {
    type Value = Day;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an ISO date such as \"2024-01-31\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Day, E> {
        parse_day("day", text).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, days: i64) -> Result<Day, E> {
        i32::try_from(days).map(Day::from).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, days: u64) -> Result<Day, E> {
        i32::try_from(days).map(Day::from).map_err(E::custom)
    }
}
