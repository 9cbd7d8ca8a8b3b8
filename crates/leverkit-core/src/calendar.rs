//! Days, clocks and zones: what turns a time column into days since 1970-01-01 and, where there is a clock, microseconds.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::Error;
use crate::day::Day;

/// Days of a year, leap years counted in: what turns a rate by the day into one a year.
pub const DAYS_PER_YEAR: f64 = 365.25;

/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Marks a time that is null, unreadable or out of range.
pub const NO_MICROS: i64 = i64::MIN;

/// The first and last day that an order can plausibly have: 1900-01-01 and 2100-12-31.
/// Sentinels such as 9999-12-31 would move `as_of` by millennia.
pub(crate) const DAY_RANGE: (Day, Day) = (Day::since_epoch(-25_567), Day::since_epoch(47_846));

/// The day as ISO text; a plain number counts days since 1970-01-01.
///
/// ```
/// assert_eq!(leverkit_core::format_day(0), "1970-01-01");
/// ```
pub fn format_day(day: impl Into<Day>) -> String {
    day.into().to_string()
}

/// The day of an ISO date such as `2024-01-31`.
///
/// # Errors
/// [`Error::Parameter`] where the text is no ISO date.
///
/// ```
/// assert_eq!(leverkit_core::parse_day("as_of", "1970-01-02")?, 1.into());
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn parse_day(parameter: &str, text: &str) -> Result<Day, Error> {
    let date: Date = text
        .parse()
        .map_err(|_| Error::parameter(parameter, format!("{text:?}"), "an ISO date such as \"2024-01-31\""))?;
    Ok(Day::on(date))
}

/// Microseconds since 1970-01-01 as a date and a clock; those beyond the calendar's end are its end.
pub(crate) fn format_micros(micros: i64) -> String {
    let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    start.saturating_add(SignedDuration::from_micros(micros)).strftime("%F %T%.f").to_string()
}

/// An instant as the date and clock of its zone, with the offset; in UTC beyond the calendar's end, or where the zone is unknown.
pub(crate) fn format_instant(utc: i64, zone_name: &str) -> String {
    match (Timestamp::from_microsecond(utc), zone(zone_name)) {
        (Ok(instant), Ok(zone)) => instant.to_zoned_datetime(zone).strftime("%F %T%.f%:z").to_string(),
        _ => format!("{}Z", format_micros(utc)),
    }
}

/// The day of a local time.
pub(crate) fn day_of_micros(micros: i64) -> Day {
    Day::since_epoch(micros.div_euclid(MICROS_PER_DAY) as i32)
}

/// Whether a local time lies within [`DAY_RANGE`].
pub(crate) fn in_range(micros: i64) -> bool {
    let midnight = |day: Day| i64::from(day) * MICROS_PER_DAY;
    (midnight(DAY_RANGE.0)..midnight(DAY_RANGE.1 + 1)).contains(&micros)
}

/// Parses a zone's IANA name, or a fixed offset such as `+05:30`.
pub(crate) fn zone(name: &str) -> Result<TimeZone, Error> {
    fixed_offset(name).map_or_else(|| TimeZone::get(name), Ok).map_err(|_| {
        let expected = "an IANA zone such as \"Europe/Paris\" or an offset such as \"+05:30\"";
        Error::parameter("time_zone", format!("{name:?}"), expected)
    })
}

fn fixed_offset(text: &str) -> Option<TimeZone> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|&sign| sign != ':').collect();
    let number: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Offset::from_seconds(sign * (number / 100 * 3600 + number % 100 * 60)).ok().map(TimeZone::fixed)
}

/// Reads ISO 8601 text as local microseconds: a date, a datetime, or an instant, which is moved into `zone`.
/// The offset of an instant may stand apart, as in `2024-01-05 09:59:00 +0200`.
pub(crate) fn parse_micros(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(local_micros(instant, zone));
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return micros_since_epoch(local);
    }
    let (clock, offset) = text.rsplit_once(' ')?;
    let instant = offset.starts_with(['+', '-']).then(|| format!("{clock}{offset}").parse::<Timestamp>().ok())??;
    Some(local_micros(instant, zone))
}

/// Reads text as [`parse_micros`], or as `strptime` where a format is given.
pub(crate) fn parse_text(text: &str, zone: &TimeZone, format: Option<&str>) -> Option<i64> {
    let Some(format) = format else { return parse_micros(text, zone) };
    let parsed = jiff::fmt::strtime::parse(format, text.trim()).ok()?;
    match parsed.to_timestamp() {
        Ok(instant) => Some(local_micros(instant, zone)),
        Err(_) => micros_since_epoch(parsed.to_datetime().ok()?),
    }
}

fn local_micros(instant: Timestamp, zone: &TimeZone) -> i64 {
    instant.as_microsecond() + micros_of(zone, instant)
}

fn micros_since_epoch(local: DateTime) -> Option<i64> {
    let since_epoch = local.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    i64::try_from(since_epoch.as_micros()).ok()
}

/// A zone's offsets as steps over time, so that a column is moved into it by one search a row.
pub(crate) struct Offsets {
    starts: Vec<i64>,
    offsets: Vec<i64>,
}

impl Offsets {
    /// The steps of `zone` over the years that a ledger admits.
    pub(crate) fn of(zone: &TimeZone) -> Self {
        let first = i64::from(DAY_RANGE.0 - 2) * MICROS_PER_DAY;
        let last = i64::from(DAY_RANGE.1 + 2) * MICROS_PER_DAY;
        let start = Timestamp::from_microsecond(first).unwrap_or(Timestamp::MIN);
        let mut steps = Self { starts: vec![i64::MIN], offsets: vec![micros_of(zone, start)] };
        for transition in zone.following(start).take_while(|t| t.timestamp().as_microsecond() < last) {
            steps.starts.push(transition.timestamp().as_microsecond());
            steps.offsets.push(i64::from(transition.offset().seconds()) * 1_000_000);
        }
        steps
    }

    /// An instant in UTC as local time.
    pub(crate) fn to_local(&self, utc: i64) -> i64 {
        let step = self.starts.partition_point(|start| *start <= utc) - 1;
        utc.saturating_add(self.offsets[step])
    }
}

fn micros_of(zone: &TimeZone, instant: Timestamp) -> i64 {
    i64::from(zone.to_offset(instant).seconds()) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_what_its_comment_says() {
        assert_eq!(format_day(DAY_RANGE.0), "1900-01-01");
        assert_eq!(format_day(DAY_RANGE.1), "2100-12-31");
    }

    #[test]
    fn a_format_reads_what_is_no_iso_text() {
        let read = |text, format| parse_text(text, &TimeZone::UTC, Some(format));
        assert_eq!(read("02.01.1970", "%d.%m.%Y"), Some(MICROS_PER_DAY));
        assert_eq!(read(" 1/1/1970 00:01", "%m/%d/%Y %H:%M"), Some(60_000_000));
        assert_eq!(read("01.01.1970 02:00 +0200", "%d.%m.%Y %H:%M %z"), Some(0));
        assert_eq!(read("1970-01-02", "%d.%m.%Y"), None);
    }

    #[test]
    fn an_instant_reads_as_the_clock_of_its_zone() {
        let instant = parse_micros("2024-02-29T23:30:00Z", &TimeZone::UTC).unwrap();
        assert_eq!(format_instant(instant, "Europe/Paris"), "2024-03-01 00:30:00+01:00");
        assert_eq!(format_instant(instant, "Mars/Crater"), "2024-02-29 23:30:00Z");
    }

    #[test]
    fn steps_agree_with_the_zone_on_both_sides_of_a_transition() {
        let paris = zone("Europe/Paris").unwrap();
        let steps = Offsets::of(&paris);
        for text in [
            "2024-03-31T00:59:59Z",
            "2024-03-31T01:00:00Z",
            "2024-10-27T00:59:59Z",
            "2024-10-27T01:00:00Z",
            "1950-06-01T00:00:00Z",
        ] {
            let instant: Timestamp = text.parse().unwrap();
            assert_eq!(steps.to_local(instant.as_microsecond()), parse_micros(text, &paris).unwrap(), "{text}");
        }
    }

    #[test]
    fn iso_text_is_read_with_and_without_clock_and_zone() {
        let utc = TimeZone::UTC;
        assert_eq!(parse_micros("1970-01-02", &utc), Some(MICROS_PER_DAY));
        assert_eq!(parse_micros("1970-01-01 00:00:01", &utc), Some(1_000_000));
        assert_eq!(parse_micros("1970-01-01T02:00:00+02:00", &utc), Some(0));
        assert_eq!(parse_micros("2024-01-05 09:59:00 +0200", &utc), parse_micros("2024-01-05T07:59:00Z", &utc));
        assert_eq!(parse_micros("garbage-10", &utc), None);
        assert_eq!(parse_micros("", &utc), None);
    }
}
