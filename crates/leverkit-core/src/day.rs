//! A day as a type: what is a date can't be taken for a number of days, which is a plain number.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A day of the calendar, held as days since 1970-01-01.
///
/// Two days differ by a number of days; a day and a number of days make another day.
///
/// ```
/// use leverkit_core::{Day, parse_day};
/// let day = parse_day("day", "2024-02-28")?;
/// assert_eq!((day + 2).to_string(), "2024-03-01");
/// assert_eq!(day - Day::from(0), 19_781);
/// assert_eq!(i32::from(day), 19_781);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Day(i32);

impl Day {
    /// Before every day of a ledger; among times that are read, it marks an invalid one.
    pub const MIN: Self = Self(i32::MIN);

    /// After every day of a ledger.
    pub const MAX: Self = Self(i32::MAX);

    /// The day so many days after 1970-01-01.
    ///
    /// ```
    /// use leverkit_core::{Day, parse_day};
    /// assert_eq!(Day::since_epoch(19_723), parse_day("day", "2024-01-01")?);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub const fn since_epoch(days: i32) -> Self {
        Self(days)
    }

    /// The day of a date.
    pub(crate) fn on(date: Date) -> Self {
        // Civil dates span 19,999 years: their days fit an i32 with room to spare.
        Self((date.duration_since(EPOCH).as_hours() / 24) as i32)
    }

    /// Its date; days beyond the calendar's end are its end.
    pub(crate) fn date(self) -> Date {
        EPOCH.saturating_add(SignedDuration::from_hours(i64::from(self.0) * 24))
    }

    /// The days from this one to `last`, both included.
    ///
    /// ```
    /// use leverkit_core::Day;
    /// assert_eq!(Day::from(5).up_to(Day::from(7)).count(), 3);
    /// ```
    pub fn up_to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }
}

impl From<i32> for Day {
    fn from(days: i32) -> Self {
        Self(days)
    }
}

impl From<Day> for i32 {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl From<Day> for i64 {
    fn from(day: Day) -> Self {
        day.0.into()
    }
}

impl Add<i32> for Day {
    type Output = Self;

    fn add(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}

impl AddAssign<i32> for Day {
    fn add_assign(&mut self, days: i32) {
        self.0 += days;
    }
}

impl Sub<i32> for Day {
    type Output = Self;

    fn sub(self, days: i32) -> Self {
        Self(self.0 - days)
    }
}

impl Sub for Day {
    type Output = i32;

    fn sub(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

/// The ISO date; days beyond the calendar's end are its end.
impl fmt::Display for Day {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(to)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}
