"""Dates as people write them: which format a column has, and the column read by it.

One format a column. A value above 12 settles day or month for all of it; where both readings fit it is asked. `judge` and `Dates.read`
take a column of text, wherever it comes from.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import polars as pl

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, ParameterError
from leverkit.reading import missing
from leverkit.reading.asking import Option, python

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Text = TypeVar("Text", pl.Series, pl.Expr)
#: Lets a whole column say which of several formats fit, where a sample does not: for each the number of values that do not.
Misfits = Callable[[list["Dates"]], list[int]]

_NAMES = tomllib.loads(Path(__file__).with_name("months.toml").read_text(encoding="utf-8"))
#: Months by name, in the languages of months.toml.
MONTHS = {word: int(month) for month, words in _NAMES["months"].items() for word in words}
#: Words beside a date that say nothing: `5 января 2024 г. в 10:15`, `5th January`, `1er janvier`, `5 de enero de 2024`.
_FILLERS = [
    "г",
    "года",
    "в",
    "at",
    "st",
    "nd",
    "rd",
    "th",
    "of",
    "de",
    "del",
    "den",
    "der",
    "er",
    "um",
    "à",
    "р",
    "року",
]
_WORDS = {
    **{word: f" {month} " for word, month in MONTHS.items()},
    **dict.fromkeys([*_NAMES["weekdays"]["names"], *_FILLERS], " "),
}
_ENGLISH = [
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

_CLOCK = r"(?P<gap>T|,?\s+)(?P<hour>\d{1,2})(?P<mark>[:.])\d{2}(?P<second>(?P=mark)\d{2}(?P<fraction>[.,]\d+)?)?(?P<half>\s?[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?P<zone>\s?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))"
_REST = rf"(?:{_CLOCK}{_ZONE}?)?"
#: How days are written, and the formats that each may be; {s} is the mark between.
_DAYS = [
    (re.compile(rf"\d{{4}}(?P<s>[-/.])\d{{1,2}}(?P=s)\d{{1,2}}{_REST}"), ["%Y{s}%m{s}%d"]),
    (re.compile(rf"\d{{4}}(?P<s>\. ?)\d{{1,2}}(?P=s)\d{{1,2}}\.{_REST}"), ["%Y{s}%m{s}%d."]),
    (re.compile(rf"\d{{1,2}}(?P<s>[-/]|\. ?)\d{{1,2}}(?P=s)\d{{4}}{_REST}"), ["%d{s}%m{s}%Y", "%m{s}%d{s}%Y"]),
    (re.compile(rf"\d{{1,2}}(?P<s>\. ?)\d{{1,2}}(?P=s)\d{{2}}{_REST}"), ["%d{s}%m{s}%y", "%m{s}%d{s}%y"]),
    (
        re.compile(rf"\d{{1,2}}(?P<s>[-/])\d{{1,2}}(?P=s)\d{{2}}{_REST}"),
        ["%d{s}%m{s}%y", "%m{s}%d{s}%y", "%y{s}%m{s}%d"],
    ),
    (re.compile(r"\d{4}(?P<s>[-/.])\d{1,2}"), ["%Y{s}%m"]),
    (re.compile(r"\d{1,2}(?P<s>[-/.])\d{4}"), ["%m{s}%Y"]),
]
_NAMED = [
    (re.compile(rf"\d{{1,2}} <\d+> \d{{4}}{_REST}"), "%d <%m> %Y"),
    (re.compile(rf"<\d+> \d{{1,2}} \d{{4}}{_REST}"), "<%m> %d %Y"),
    (re.compile(rf"\d{{4}} <\d+> \d{{1,2}}{_REST}"), "%Y <%m> %d"),
    (re.compile(rf"\d{{1,2}} <\d+> \d{{2}}{_REST}"), "%d <%m> %y"),
]
ISO = r"^\s*\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?\s*$"
#: Digits of other scripts, which no format reads.
_OTHER_DIGITS = re.compile(r"(?![0-9])\d")
_CLOCK_ALONE = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[AaPp]\.?[Mm]\.?)?")
#: Numbers that are times: what their digits look like, the least and the most of them, and what they count.
_COUNTS = [
    (r"(?:19|20|21)\d{6}", 19000101, 21001231, "%Y%m%d"),
    (r"(?:19|20|21)\d{12}", 19000101e6, 21001232e6, "%Y%m%d%H%M%S"),
    (r"\d{5}(?:\.\d+)?", 20000, 80000, "Excel serial dates"),
    (r"\d{9,10}(?:\.\d+)?", 1e8, 5e9, "epoch seconds"),
    (r"\d{12,13}", 1e11, 5e12, "epoch milliseconds"),
    (r"\d{15,16}", 1e14, 5e15, "epoch microseconds"),
]
#: A day that is none, which databases and 1C write where there is no date.
_NO_DAY = (
    r"^\s*(?:0000-00-00|00\.00\.0000|00/00/0000|0001-01-01|01\.01\.0001|01/01/0001)(?:[ T]0?0:00(?::00(?:\.0+)?)?)?\s*$"
)
#: The end of a day, which is the beginning of the next.
_MIDNIGHT = r"\b24([:.]00(?:[:.]00)?(?:\.0+)?)$"
_UNITS = {"epoch seconds": 1_000_000, "epoch milliseconds": 1_000, "epoch microseconds": 1}
_OTHERS = ["", " %H:%M:%S", " %H:%M:%S%.f", " %H:%M", "T%H:%M:%S", "T%H:%M:%S%.f", "T%H:%M"]


@dataclass(frozen=True)
class Dates:
    """The format of a column.

    Attributes
    ----------
    day
        As strptime has it; or what numbers count, such as "epoch seconds".
    clocks
        What follows it, seen so far; "" where the day stands alone.
    zoned
        Whether the values are instants: they tell their offset from UTC.
    named
        Whether months have names.
    given
        Whether the user gave the format, which then stands as it is.
    why
        What settled the order of day and month; "" where nothing had to.
    """

    day: str
    clocks: tuple[str, ...] = ("",)
    zoned: bool = False
    named: bool = False
    given: bool = False
    why: str = ""

    @property
    def format(self) -> str:
        """The format with its clock, as the option takes it."""
        clock = max(self.clocks, key=len)
        day = self.day.replace("<%m>", "%b")
        return day + clock + ("%z" if self.zoned and "z" not in clock else "")

    @property
    def is_iso(self) -> bool:
        """Whether this is ISO 8601, which needs no word."""
        return self.day == "%Y-%m-%d" and not self.given

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column that is read: days, local times, or instants in UTC."""
        if self.zoned or self.day in _UNITS:
            return pl.Datetime("us", "UTC")
        has_clock = self.day == "Excel serial dates" or self.clocks != ("",)
        return pl.Datetime("us") if has_clock else pl.Date()

    @property
    def expected(self) -> str:
        """What each value should be, for an error."""
        what = "an instant" if self.zoned else "a date"
        return f"{what} as the rows before it ({self.format}{f', settled by {self.why}' if self.why else ''})"

    def helps(self, option: Option, text: str) -> str:
        """The option that would help with a value that does not fit."""
        shape = _shape(text)
        if shape and shape.zoned != self.zoned and not self.given:
            return "local times and instants (with an offset) do not mix in one column; write all of them one way"
        if shape and self.day in shape.days:
            others = [replace(self, day=day) for day in shape.days if day != self.day]
            if any(other.read(pl.Series([text])).item() is not None for other in others):
                return "day and month are the other way round there; write all of the dates one way"
            return f'there is no such day; give {option("null")}"{text}" if that means missing'
        if shape:
            other = (
                f"give {option('dates')}another, or none to have it found"
                if self.given
                else "write all of its dates one way"
            )
            return f"one column has one format; {other}"
        return f'give {option("null")}"{text}" if that means missing'

    @property
    def how(self) -> str:
        """What is said of it; nothing of ISO 8601."""
        if self.is_iso:
            return ""
        order = {"%d": "day first", "%m": "month first"}.get(self.day[:2], "")
        if self.named:
            return "months by name"
        words = [order if self.day.count("%") == 3 else "", f'"{self.format}"' if "%" in self.day else self.day]
        because = f": {self.why}" if self.why else ""
        return " ".join(word for word in words if word) + because

    def expr(self, text: pl.Expr) -> pl.Expr:
        """The times of a column of text; null where a value is not written so."""
        return text.map_batches(self.read, return_dtype=self.dtype, is_elementwise=True)

    def first(self, text: pl.Expr) -> pl.Expr:
        """As `expr`, and faster, but for values with another clock than most: `read` has to see those that are null."""
        return self.expr(text) if self.named else self._parse(text, self.clocks[0])

    def is_done(self, text: pl.Series, read: pl.Series) -> bool:
        """Whether `first` has read all there is, and no year of two digits as one of antiquity."""
        earliest = read.min()
        return read.null_count() == text.null_count() and not (isinstance(earliest, dt.date) and earliest.year < 1000)

    def read(self, text: pl.Series) -> pl.Series:
        """The times of a column of text; null where a value is not written so.

        Values with more or less of a clock than others are read too: a fraction of a second, or midnight.
        """
        text = text.str.strip_chars()
        text = _plain_words(text) if self.named else text
        found = _of_our_time(self._parse(text, self.clocks[0]))
        for clock in [*self.clocks[1:], *(_OTHERS if "%" in self.day else [])]:
            left = found.is_null() & text.is_not_null()
            if not left.any():
                break
            # Nothing of a clock is lost where the column is one of days, and a day alone is no instant.
            if clock if self.dtype == pl.Date() else self.zoned and not clock:
                continue
            found = found.zip_with(~left, _of_our_time(self._parse(text.set(~left, None), clock)))
        return self._with_midnights(text, found).rename(text.name)

    def _with_midnights(self, text: pl.Series, found: pl.Series) -> pl.Series:
        """The times with those that are written as 24:00 of the day before."""
        late = found.is_null() & text.str.contains(_MIDNIGHT) if "%H" in self.format else found.is_null() & False
        if not late.any():
            return found
        begun = replace(self, given=True).read(text.set(~late.fill_null(False), None).str.replace(_MIDNIGHT, "00$1"))
        return found.zip_with(~late.fill_null(False), begun.dt.offset_by("1d"))

    def _parse(self, text: Text, clock: str) -> Text:
        if self.day in _UNITS or self.day.startswith("Excel"):
            text = text.str.strip_chars()
        if clock.endswith("%.f"):
            text = text.str.replace(r"([:.]\d{2}),(\d)", "$1.$2")
        if self.day in _UNITS:
            ticks = text.cast(pl.Float64, strict=False) * _UNITS[self.day]
            return ticks.round().cast(pl.Int64, strict=False).cast(self.dtype)
        if self.day.startswith("Excel"):
            return _from_excel(text.cast(pl.Float64, strict=False))
        if self.zoned:
            text = text.str.replace(r"\s?(?:UTC|GMT)$", "Z")
            form = self.day + clock + ("" if "z" in clock else "%#z")
            return text.str.to_datetime(form, strict=False, cache=False, time_unit="us", time_zone="UTC").cast(
                self.dtype
            )
        if not clock:
            return text.str.to_date(self.day, strict=False, cache=False).cast(self.dtype)
        return text.str.to_datetime(self.day + clock, strict=False, cache=False, time_unit="us")


@dataclass(frozen=True)
class _Shape:
    """How one value is written."""

    days: tuple[str, ...]
    clock: str
    zoned: bool
    named: bool = False


def judge(
    column: str,
    texts: Iterable[str],
    *,
    given: str | None = None,
    numbers: bool = True,
    misfits: Misfits | None = None,
    option: Option = python,
) -> Dates | None:
    """The format of a column of text; None where its values are no dates.

    Parameters
    ----------
    column
        Its name, for errors.
    texts
        Values that are not missing, or a sample of them.
    given
        A format that the user gave, as strptime has it.
    numbers
        Whether numbers may be times: 20240131, Excel's serial dates, seconds and milliseconds since 1970.
    misfits
        Asks the whole column where the sample leaves two readings.

    Raises
    ------
    DataError
        Two readings fit all values; local times stand beside instants; or there are only clocks.
    ParameterError
        The format given is none.
    """
    texts = [text.strip() for text in texts]
    if given is not None:
        return _given(given, texts, option)
    if not texts:
        return None
    if numbers and (counted := _counted(texts)):
        return counted
    shapes = [(text, shape) for text in texts if (shape := _shape(text))]
    if not shapes:
        return None
    _check_one_kind(column, shapes)
    return _settled(column, shapes, misfits, option)


def may_be(text: str) -> bool:
    """Whether a value is written as some dates are."""
    return _shape(text) is not None


def to_iso(times: Text) -> Text:
    """Times as the engine reads them: a day as it is, a time with its T, an instant with its offset."""
    return times.dt.to_string("iso:strict")


def no_day(text: pl.Series) -> pl.Series:
    """Which texts are dates that mean that there is none: 0000-00-00, 01.01.0001."""
    return text.str.contains(_NO_DAY)


def only_clocks(texts: Iterable[str]) -> bool:
    """Whether all values are times of a day without the day."""
    texts = list(texts)
    return bool(texts) and all(_CLOCK_ALONE.fullmatch(text.strip()) for text in texts)


def only_days(texts: Iterable[str]) -> bool:
    """Whether all values are days without a clock."""
    shapes = [_shape(text.strip()) for text in texts]
    return bool(shapes) and all(shape is not None and not shape.clock for shape in shapes)


def begins_iso(values: Iterable[object]) -> bool:
    """Whether the texts among some values are ISO 8601 or missing."""
    texts = (value.strip() for value in values if isinstance(value, str))
    return all(not text or text in missing.TEXTS or re.match(ISO, text) for text in texts)


def is_iso(texts: pl.Series) -> bool:
    """Whether all values begin as ISO 8601 does, so that the engine reads them as they are."""
    return bool(texts.drop_nulls().str.contains(ISO).all())


def _given(form: str, texts: Sequence[str], option: Option) -> Dates:
    """A format of the user's; where it is one of days, the clocks are those of the values."""
    if not re.search("%[YyGFDcsx]", form):
        name = option("dates").strip("-= ")
        raise ParameterError(
            f'{name}: got {repr_of(form)}; expected a format such as "%d.%m.%Y" or "%m/%d/%Y %H:%M"', parameter=name
        )
    named = re.search("%[bBh]", form) is not None
    if named:
        form = _spaced(re.sub(r"[\s,.\-/]*%[bBh][\s,.\-/]*", " <%m> ", re.sub("%[aA]", "", form)))
    day, clock = re.fullmatch(r"(.*?)([\s,T]*%[HIMTR].*)?", form, flags=re.DOTALL).groups()  # type: ignore[union-attr]
    if clock:
        return Dates(day, (clock,), zoned=re.search("%[#:]?z", clock) is not None, named=named, given=True)
    shapes = [
        shape for text in texts if (shape := _shape(text)) and (day in shape.days or shape.named == named is True)
    ]
    return Dates(day, _clocks(shapes), any(shape.zoned for shape in shapes), named, given=True)


def _counted(texts: Sequence[str]) -> Dates | None:
    """Numbers that count days or seconds, where all of them may."""
    for digits, least, most, day in _COUNTS:
        if all(re.fullmatch(digits, text) and least <= float(text) <= most for text in texts):
            return Dates(day[:6], (day[6:],)) if day[0] == "%" else Dates(day)
    return None


def _shape(text: str) -> _Shape | None:
    if _OTHER_DIGITS.search(text):
        return None
    for pattern, days in _DAYS:
        if found := pattern.fullmatch(text):
            mark = found["s"]
            return _rest(found, tuple(day.format(s=mark) for day in days))
    plain = _words_marked(text)
    for pattern, day in _NAMED:
        if plain is not None and (found := pattern.fullmatch(plain)):
            return replace(_rest(found, (day,)), named=True)
    return None


def _rest(found: re.Match[str], days: tuple[str, ...]) -> _Shape:
    parts = found.groupdict()
    if not parts.get("gap"):
        return _Shape(days, "", zoned=False)
    gap = {"T": "T", ",": ", "}.get(parts["gap"][0], " ")
    mark = parts["mark"]
    seconds = "" if not parts["second"] else f"{mark}%S%.f" if parts["fraction"] else f"{mark}%S"
    hours = f"%I{mark}%M{seconds} %p" if parts["half"] else f"%H{mark}%M{seconds}"
    zone = parts["zone"] or ""
    return _Shape(days, f"{gap}{hours}" + (" " if zone.startswith(" ") else ""), zoned=bool(zone))


def _marked(word: re.Match[str]) -> str:
    """A month as its number in angle brackets; nothing for a word that says nothing."""
    if word[0] in MONTHS:
        return f" <{MONTHS[word[0]]}> "
    return " " if word[0] in _WORDS else word[0]


def _words_marked(text: str) -> str | None:
    """The text with months as numbers in angle brackets, in their place; None where it names no month."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not any(word in MONTHS for word in words):
        return None
    marked = re.sub(r"[^\W\d_]+", _marked, text.lower())
    return _spaced(re.sub(r"[\s,.\-/]*(<\d+>)[\s,.\-/]*", r" \1 ", marked)).upper()


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r",\s|\.(?=\s|$)", " ", text)).strip()


def _plain_words(text: pl.Series) -> pl.Series:
    """A column with months as numbers, as `_words_marked` has it; few values are distinct."""
    distinct = text.unique().drop_nulls().to_list()
    plain = {value: _words_marked(value) or value for value in distinct}
    return text.replace_strict(plain, return_dtype=pl.String, default=None) if plain else text


def _check_one_kind(column: str, shapes: Sequence[tuple[str, _Shape]]) -> None:
    local = next((text for text, shape in shapes if not shape.zoned and shape.clock), None)
    instant = next((text for text, shape in shapes if shape.zoned), None)
    if local and instant:
        raise DataError(
            f"{column}: local times ({local}) and instants with an offset ({instant}) do not mix in one column; write all of them one way",
            column=column,
        )


def _settled(column: str, shapes: Sequence[tuple[str, _Shape]], misfits: Misfits | None, option: Option) -> Dates:
    """The one format that fits: of those of the first value, the one that the fewest values contradict."""
    first = shapes[0][1]
    clocks = _clocks([shape for _, shape in shapes if shape.named == first.named])
    zoned = any(shape.zoned for _, shape in shapes)
    candidates = [Dates(day, clocks, zoned, first.named) for day in first.days]
    if len(candidates) == 1:
        return candidates[0]
    texts = [text for text, _ in shapes]
    fitting = _least(candidates, _misfits_of(texts)(candidates))
    if len(fitting) > 1 and misfits is not None:
        fitting = _least(fitting, misfits(fitting))
    if len(fitting) == 1:
        return replace(fitting[0], why=_why(texts, fitting[0]))
    _check_one_order(column, texts, fitting, option)
    differing = _first_that_differs(texts, fitting)
    if differing is None:
        return fitting[0]
    years = {value.year for value in differing[1]}
    readings = [_told(value, with_year=len(years) > 1) for value in differing[1]]
    forms = [f'"{candidate.format}"' for candidate in fitting]
    raise DataError(
        f"{column}: {differing[0]} may be {' or '.join(readings)}: give {option('dates')}{' or '.join(forms)}",
        column=column,
        got=differing[0],
    )


def _check_one_order(column: str, texts: Sequence[str], formats: Sequence[Dates], option: Option) -> None:
    """Of two orders of day and month each has a value that the other does not read: neither is the column's."""
    series = pl.Series(texts, dtype=pl.String)
    read = [form.read(series).is_not_null() for form in formats]
    by_one = sum(one.cast(pl.UInt8) for one in read) == 1
    alone = [series.filter(one & by_one) for one in read]
    if all(len(values) for values in alone):
        told = ", ".join(f"{values[0]} is {form.format}" for values, form in zip(alone, formats, strict=True))
        give = " or ".join(f'"{form.format}"' for form in formats)
        raise DataError(
            f"{column}: {told}; one column has one format: give {option('dates')}{give} to be told which rows do not fit",
            column=column,
        )


def _clocks(shapes: Sequence[_Shape]) -> tuple[str, ...]:
    """What follows the days, those with a clock first."""
    seen = dict.fromkeys(shape.clock for shape in shapes) or {"": None}
    return tuple(sorted(seen, key=lambda clock: clock == ""))


def _misfits_of(texts: Sequence[str]) -> Misfits:
    column = pl.Series(texts, dtype=pl.String)
    return lambda candidates: [candidate.read(column).null_count() for candidate in candidates]


def _least(candidates: Sequence[Dates], misfits: Sequence[int]) -> list[Dates]:
    return [candidate for candidate, count in zip(candidates, misfits, strict=True) if count == min(misfits)]


def _why(texts: Sequence[str], format: Dates) -> str:
    """The first value of the sample that has one reading only."""
    return (
        next((text for text in texts if re.search(r"\b(1[3-9]|2\d|3[01])\b", text[:5])), "")
        if "%" in format.day
        else ""
    )


def _first_that_differs(texts: Sequence[str], candidates: Sequence[Dates]) -> tuple[str, list[dt.date]] | None:
    column = pl.Series(texts, dtype=pl.String)
    read = [candidate.read(column).dt.date().to_list() for candidate in candidates]
    for text, *values in zip(texts, *read, strict=True):
        if len(set(values)) > 1 and None not in values:
            return text, values
    return None


def _told(day: dt.date, *, with_year: bool) -> str:
    return f"{day.day} {_ENGLISH[day.month]}" + (f" {day.year}" if with_year else "")


def _of_our_time(times: pl.Series) -> pl.Series:
    """Without years of less than four digits: 24 is no year where the others are as 2024."""
    first = times.min()
    ancient = isinstance(first, dt.date) and first.year < 1000
    return times.set(times.dt.year() < 1000, None) if ancient else times


def _from_excel(days: Text) -> Text:
    """Excel counts days from 30 December 1899, the clock as their fraction; its seconds are exact to the microsecond at best."""
    millis = (days * 86_400_000).round().cast(pl.Int64, strict=False) - 25569 * 86_400_000
    return (millis * 1000).cast(pl.Datetime("us"))
