//! Calendar periods: the weeks, months and quarters by which results are laid out.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::calendar::DAYS_PER_YEAR;
use crate::day::Day;

/// A calendar period. Weeks begin on Monday (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// January to March, April to June …
    Quarter,
    /// A calendar year.
    Year,
}

impl Period {
    /// The number of the period in which a day lies; neighbours differ by one.
    ///
    /// ```
    /// use leverkit_core::{Period, parse_day};
    /// let (june, july) = (parse_day("day", "2024-06-30")?, parse_day("day", "2024-07-01")?);
    /// assert_eq!(Period::Quarter.index(july) - Period::Quarter.index(june), 1);
    /// assert_eq!(Period::Quarter.start(Period::Quarter.index(july)), july);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn index(self, day: Day) -> i32 {
        let months = |each: i32| {
            let date = day.date();
            (i32::from(date.year()) * 12 + i32::from(date.month()) - 1).div_euclid(each)
        };
        match self {
            Self::Day => day.into(),
            // 1970-01-01 was a Thursday.
            Self::Week => (i32::from(day) + 3).div_euclid(7),
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::Year => months(12),
        }
    }

    /// How many of them a year has.
    ///
    /// ```
    /// assert_eq!(leverkit_core::Period::Week.a_year(), 365.25 / 7.0);
    /// ```
    pub fn a_year(self) -> f64 {
        match self {
            Self::Day => DAYS_PER_YEAR,
            Self::Week => DAYS_PER_YEAR / 7.0,
            Self::Month => 12.0,
            Self::Quarter => 4.0,
            Self::Year => 1.0,
        }
    }

    /// The first day of the period with this number.
    ///
    /// ```
    /// use leverkit_core::{Period, format_day, parse_day};
    /// let day = parse_day("day", "2024-05-20")?;
    /// let quarter = Period::Quarter.index(day);
    /// assert_eq!(format_day(Period::Quarter.start(quarter)), "2024-04-01");
    /// // The day before the next one begins is its last.
    /// assert_eq!(format_day(Period::Quarter.start(quarter + 1) - 1), "2024-06-30");
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn start(self, index: i32) -> Day {
        let months = |each: i32| {
            let month = index * each;
            let year = i16::try_from(month.div_euclid(12)).unwrap_or(i16::MAX);
            Date::new(year, (month.rem_euclid(12) + 1) as i8, 1).map_or(Day::MAX, Day::on)
        };
        match self {
            Self::Day => index.into(),
            Self::Week => Day::from(index * 7 - 3),
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::Year => months(12),
        }
    }
}

/// The periods of a stretch of days, numbered from 0: a table from day to period, as dividing days by months costs more than most analyses.
#[derive(Debug, Clone)]
pub struct Calendar {
    period: Period,
    start: Day,
    until: Day,
    first: i32,
    of_day: Vec<u32>,
}

impl Calendar {
    /// The periods from that of `start` to that of `until`.
    ///
    /// ```
    /// use leverkit_core::{Calendar, Period, parse_day};
    /// let calendar = Calendar::new(Period::Month, parse_day("start", "2024-01-15")?, parse_day("until", "2024-03-31")?);
    /// assert_eq!((calendar.periods(), calendar.of(parse_day("day", "2024-02-29")?), calendar.is_over(2)), (3, 1, true));
    /// assert_eq!(calendar.start_of(1), parse_day("day", "2024-02-01")?);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn new(period: Period, start: Day, until: Day) -> Self {
        let first = period.index(start);
        let of_day = start.up_to(until).map(|day| (period.index(day) - first) as u32).collect();
        Self { period, start, until, first, of_day }
    }

    /// How many periods there are.
    pub fn periods(&self) -> usize {
        self.of_day.last().map_or(0, |last| *last as usize + 1)
    }

    /// The period of a day of the stretch.
    pub fn of(&self, day: Day) -> usize {
        self.of_day[(day - self.start) as usize] as usize
    }

    /// The last day of the stretch.
    pub fn until(&self) -> Day {
        self.until
    }

    /// The first day of a period, which may lie before the stretch.
    pub fn start_of(&self, period: usize) -> Day {
        self.period.start(self.first + period as i32)
    }

    /// Whether the stretch holds the period to its end.
    pub fn is_over(&self, period: usize) -> bool {
        self.start_of(period + 1) <= self.until + 1
    }
}

/// A step of time, such as `1mo`, by which dates are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Step {
    count: i32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Months,
}

impl TryFrom<String> for Step {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse("step", &text)
    }
}

impl From<Step> for String {
    fn from(Step { count, unit }: Step) -> Self {
        match unit {
            Unit::Days => format!("{count}d"),
            Unit::Months => format!("{count}mo"),
        }
    }
}

impl Step {
    /// A month.
    pub const MONTH: Self = Self { count: 1, unit: Unit::Months };

    /// Reads a number and a unit as polars writes them: `d` days, `w` weeks, `mo` months, `q` quarters, `y` years.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the text is no such step.
    ///
    /// ```
    /// use leverkit_core::{Step, format_day, parse_day};
    /// let dates = Step::parse("every", "1mo")?.back_from(parse_day("end", "2024-03-31")?, parse_day("start", "2024-01-15")?);
    /// assert_eq!(dates.into_iter().map(format_day).collect::<Vec<_>>(), ["2024-01-31", "2024-02-29", "2024-03-31"]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn parse(parameter: &str, text: &str) -> Result<Self, Error> {
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let unit = match unit {
            "d" => Some((Unit::Days, 1)),
            "w" => Some((Unit::Days, 7)),
            "mo" => Some((Unit::Months, 1)),
            "q" => Some((Unit::Months, 3)),
            "y" => Some((Unit::Months, 12)),
            _ => None,
        };
        match (count.parse::<i32>(), unit) {
            (Ok(count @ 1..=1000), Some((unit, size))) => Ok(Self { count: count * size, unit }),
            _ => Err(Error::parameter(
                parameter,
                format!("{text:?}"),
                "a number from 1 to 1000 and d, w, mo, q or y, such as \"1mo\"",
            )),
        }
    }

    /// Dates that lie whole steps before `end`, back to `start`, ascending and with `end`.
    /// Each is counted from `end`, so that ends of months stay ends of months.
    pub fn back_from(self, end: Day, start: Day) -> Vec<Day> {
        let mut dates: Vec<Day> =
            (0..).map_while(|steps| self.before(end, steps)).take_while(|&date| date >= start).collect();
        dates.reverse();
        dates
    }

    fn before(self, end: Day, steps: i32) -> Option<Day> {
        let count = self.count.checked_mul(steps)?;
        match self.unit {
            Unit::Days => i32::from(end).checked_sub(count).map(Day::from),
            Unit::Months => end.date().checked_sub(count.months()).ok().map(Day::on),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_day_lies_between_its_period_s_start_and_the_next(day in -25_000..47_000_i32) {
            let day = Day::from(day);
            for period in [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
                let index = period.index(day);
                prop_assert!(period.start(index) <= day && day < period.start(index + 1), "{period:?}");
            }
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        let monday = crate::parse_day("day", "2024-01-01").unwrap();
        assert_eq!(Period::Week.start(Period::Week.index(monday)), monday);
        assert_eq!(Period::Week.index(monday - 1), Period::Week.index(monday) - 1);
    }

    #[test]
    fn a_step_without_unit_says_what_was_expected() {
        let error = Step::parse("every", "month").unwrap_err();
        insta::assert_snapshot!(error, @r#"every: got "month"; expected a number from 1 to 1000 and d, w, mo, q or y, such as "1mo""#);
    }
}
