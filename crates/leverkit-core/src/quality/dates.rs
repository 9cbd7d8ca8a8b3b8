//! Notes on days: those far from all others, and a first or last stretch that is plainly not whole.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::{NoteKind, QualityNote, Tally, lines_where};
use crate::calendar::{DAY_RANGE, format_day};
use crate::day::Day;
use crate::ledger::Ledger;
use crate::period::Period;

/// More than ten years.
const FAR: i32 = 3_653;

pub(super) fn notes(ledger: &Ledger) -> Vec<QualityNote> {
    let days = Days::of(ledger);
    let stretches = days.stretches();
    let Some(main) = stretches.iter().max_by_key(|stretch| days.lines(stretch)) else { return Vec::new() };
    let far = stretches.iter().filter(|stretch| *stretch != main).map(|stretch| days.far(stretch));
    let mut notes: Vec<QualityNote> = far.collect();
    notes.extend(days.placeholder(main));
    notes.extend(days.first_month(main));
    notes.extend(days.last_month(main));
    notes.extend(days.last_day(main));
    notes
}

/// How many lines each day has.
struct Days<'a> {
    ledger: &'a Ledger,
    start: Day,
    lines: Vec<u64>,
}

impl<'a> Days<'a> {
    fn of(ledger: &'a Ledger) -> Self {
        let (start, end) = ledger.span.unwrap_or((Day::from(0), Day::from(-1)));
        let fresh = || vec![0; (end - start + 1) as usize];
        let count = |mut lines: Vec<u64>, &day: &Day| {
            lines[(day - start) as usize] += 1;
            lines
        };
        let merge = |mut lines: Vec<u64>, more: Vec<u64>| {
            lines.iter_mut().zip(more).for_each(|(lines, more)| *lines += more);
            lines
        };
        // Few pieces: each has a counter for every day of what may be decades.
        let piece = ledger.n_lines().div_ceil(8).max(1 << 16);
        let lines = ledger.days.par_chunks(piece).map(|days| days.iter().fold(fresh(), count)).reduce(fresh, merge);
        Self { ledger, start, lines }
    }

    fn on(&self, day: Day) -> u64 {
        usize::try_from(day - self.start).ok().and_then(|place| self.lines.get(place)).copied().unwrap_or_default()
    }

    fn lines(&self, stretch: &RangeInclusive<Day>) -> u64 {
        stretch.start().up_to(*stretch.end()).map(|day| self.on(day)).sum()
    }

    fn known(&self) -> impl Iterator<Item = Day> {
        (0..).zip(&self.lines).filter(|(_, lines)| **lines > 0).map(|(days, _)| self.start + days)
    }

    /// Stretches of days with lines between which more than ten years have none.
    fn stretches(&self) -> Vec<RangeInclusive<Day>> {
        let known: Vec<Day> = self.known().collect();
        known.chunk_by(|a, b| *b - *a <= FAR).map(|days| days[0]..=days[days.len() - 1]).collect()
    }

    /// A note of the lines of some days.
    fn note(&self, kind: NoteKind, days: &RangeInclusive<Day>, value: String) -> QualityNote {
        let lines = lines_where(self.ledger.n_lines(), |line| days.contains(&self.ledger.days[line]));
        let tally = Tally::of(&lines, &self.ledger.amounts);
        let role = ("time", self.ledger.roles.time.as_str());
        QualityNote::new(kind, role, tally.rows, Some(tally.amount)).with_value(value)
    }

    fn far(&self, stretch: &RangeInclusive<Day>) -> QualityNote {
        let (first, last) = (format_day(*stretch.start()), format_day(*stretch.end()));
        let value = if first == last { first } else { format!("{first} to {last}") };
        self.note(NoteKind::FarDay, stretch, value)
    }

    /// 1900-01-01, from which spreadsheets and databases count.
    fn placeholder(&self, main: &RangeInclusive<Day>) -> Option<QualityNote> {
        let day = DAY_RANGE.0;
        let is_odd = main.contains(&day) && self.on(day) > 0;
        is_odd.then(|| self.note(NoteKind::PlaceholderDay, &(day..=day), format_day(day)))
    }

    /// The longest time without a line between two days that have some.
    fn longest_gap(&self, main: &RangeInclusive<Day>) -> i32 {
        let known: Vec<Day> = self.known().filter(|day| main.contains(day)).collect();
        known.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(i32::MAX / 4)
    }

    /// The last month is plainly partial where it has lines in its first third alone, what is left of it is more than twice as long as
    /// any gap between days with lines, and the month before lies wholly in the data.
    fn last_month(&self, main: &RangeInclusive<Day>) -> Option<QualityNote> {
        let (month, first, end) = month_of(*main.end());
        let (covered, length) = (*main.end() - first + 1, end - first + 1);
        let is_partial = covered * 3 < length
            && end - *main.end() > 2 * self.longest_gap(main)
            && *main.start() <= Period::Month.start(month - 1);
        let note = || self.note(NoteKind::PartialLastMonth, &(first..=*main.end()), name_of_month(first));
        is_partial.then(|| note().with_counts(covered as u64, length as u64))
    }

    /// The first month, by the same rule from the other side.
    fn first_month(&self, main: &RangeInclusive<Day>) -> Option<QualityNote> {
        let (month, first, end) = month_of(*main.start());
        let (covered, length) = (end - *main.start() + 1, end - first + 1);
        let is_partial = covered * 3 < length
            && *main.start() - first > 2 * self.longest_gap(main)
            && *main.end() >= Period::Month.start(month + 2) - 1;
        let note = || self.note(NoteKind::PartialFirstMonth, &(*main.start()..=end), name_of_month(first));
        is_partial.then(|| note().with_counts(covered as u64, length as u64))
    }

    /// The last day is plainly partial where it has less than a third of the lines of each of the same weekdays in the four weeks before,
    /// and these have enough of them.
    fn last_day(&self, main: &RangeInclusive<Day>) -> Option<QualityNote> {
        const ENOUGH: u64 = 20;
        let last = *main.end();
        let fewest = (1..=4).map(|weeks| self.on(last - 7 * weeks)).min()?;
        let is_partial = fewest >= ENOUGH && self.on(last) * 3 < fewest;
        let note = || self.note(NoteKind::PartialLastDay, &(last..=last), format_day(last));
        is_partial.then(|| note().with_counts(fewest, 0))
    }
}

/// A day's month: its number, first and last day.
fn month_of(day: Day) -> (i32, Day, Day) {
    let month = Period::Month.index(day);
    (month, Period::Month.start(month), Period::Month.start(month + 1) - 1)
}

fn name_of_month(first: Day) -> String {
    format_day(first)[..7].to_owned()
}
