//! Spans of time in words, read and written.

use leverkit_core::Error;

use crate::error::refused;

/// A span of time in words, as microseconds: `"30d"`, `"12h"`, `"90m"`, `"45s"`, `"2w"`, `"1d12h"`.
///
/// # Errors
/// [`Error::Parameter`] where it is none.
///
/// ```
/// assert_eq!(leverkit_funnel::parse_span("window", "1h30m")?, 5_400_000_000);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn parse_span(parameter: &str, text: &str) -> Result<i64, Error> {
    let refuse = || {
        refused(
            parameter,
            format!("{text:?}"),
            "a span such as \"30d\", \"12h\", \"90m\", \"45s\", \"2w\", \"1d12h\"; months and years differ in length",
        )
    };
    let (negative, mut rest) = text.trim().strip_prefix('-').map_or((false, text.trim()), |rest| (true, rest));
    if rest.is_empty() {
        return Err(refuse());
    }
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?;
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let micros = micros_of(unit.trim()).ok_or_else(refuse)?;
        let part = number.parse::<i64>().ok().and_then(|number| number.checked_mul(micros)).ok_or_else(refuse)?;
        sum = sum.checked_add(part).ok_or_else(refuse)?;
        rest = next;
    }
    Ok(if negative { -sum } else { sum })
}

fn micros_of(unit: &str) -> Option<i64> {
    const SECOND: i64 = 1_000_000;
    Some(match unit {
        "us" => 1,
        "ms" => 1000,
        "s" | "second" | "seconds" => SECOND,
        "m" | "min" | "minute" | "minutes" => 60 * SECOND,
        "h" | "hour" | "hours" => 3600 * SECOND,
        "d" | "day" | "days" => leverkit_core::MICROS_PER_DAY,
        "w" | "week" | "weeks" => 7 * leverkit_core::MICROS_PER_DAY,
        _ => return None,
    })
}

/// A span of time in its largest whole unit.
pub(crate) fn span(micros: i64) -> String {
    let units = [(leverkit_core::MICROS_PER_DAY, "days"), (3_600_000_000, "hours"), (60_000_000, "minutes")];
    let whole = units.into_iter().find(|(unit, _)| micros % unit == 0);
    whole.map_or_else(|| format!("{} seconds", micros as f64 / 1e6), |(unit, name)| format!("{} {name}", micros / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for text in ["", "d", "30", "30x", "1mo", "-", "99999999999999999999d", "9999999999999d"] {
            assert!(parse_span("window", text).is_err(), "{text}");
        }
        assert_eq!(parse_span("window", "1d12h").unwrap(), 36 * 3_600_000_000);
        assert_eq!(parse_span("window", "-1s").unwrap(), -1_000_000);
    }
}
