"""What becomes of a column: its kind, found from a sample or told by its role, and the expression that reads it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import polars as pl

from leverkit._lib.inputs import pairs, repr_of
from leverkit.errors import DataError, ParameterError
from leverkit.reading import dates, numbers
from leverkit.reading.asking import Option
from leverkit.reading.dates import Dates
from leverkit.reading.numbers import Numbers

#: What a column is read as: "found" is what its values are, "level" numbers or times and nothing else, "loose" times as text in ISO 8601
#: beside what is none.
Kind = Literal["text", "id", "number", "time", "level", "found", "loose"]
KINDS: tuple[str, ...] = ("text", "number", "time", "found")
#: A clock with CET, PST or the like behind it, which do not say which of several zones, and which change within a year.
_ZONE_BY_NAME = re.compile(r":\d{2}(\s?[AaPp][Mm])?\s[A-Z]{3,4}$")


@dataclass(frozen=True)
class Flags:
    """A column of true and false."""

    dtype: ClassVar[pl.DataType] = pl.Boolean()
    expected = "true or false"
    how = ""

    def expr(self, text: pl.Expr) -> pl.Expr:
        """The flags of a column of text; null where a value is neither."""
        return text.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )

    def helps(self, option: Option, text: str) -> str:
        """The option that would help with a value that does not fit."""
        return f'give {option("null")}"{text}" if that means missing'


Reader = Numbers | Dates | Flags


@dataclass(frozen=True)
class Options:
    """What the user said of a file.

    Attributes
    ----------
    dates
        A format for all columns of times, or one for each.
    null
        Texts that mean missing, besides those that always do.
    where_open
        Whether dates and decimal count only where the values leave two readings: they were said of another file.
    """

    sheet: str | None = None
    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    dates: str | Mapping[str, str] | None = None
    null: tuple[str, ...] = ()
    where_open: bool = False

    def format_of(self, column: str) -> str | None:
        """The format of a column's dates, where it was given."""
        return self.dates if self.dates is None or isinstance(self.dates, str) else self.dates.get(column)


#: Values of a column that is there whole: those that an expression on its text picks, some thousands at most.
Whole = Callable[[Callable[[pl.Expr], pl.Expr]], list[str]]


@dataclass(frozen=True)
class Column:
    """A column of text that is to be judged.

    Attributes
    ----------
    sample
        Values that are not missing.
    whole
        Looks further values up, where the sample does not settle what they are.
    misfits
        Counts what formats of dates do not read.
    """

    name: str
    sample: list[str]
    options: Options
    option: Option
    whole: Whole
    misfits: dates.Misfits

    def reader(self, kind: Kind) -> Reader | None:
        """How the column is read; None where it stays text.

        Raises
        ------
        DataError
            Its values fit two readings, or none is what its role needs.
        """
        if kind == "text":
            return None
        if kind == "number":
            return self._must(self.numbers(whole=False), "numbers")
        if kind == "time":
            return self._must(self._dates(numbers=True), "dates")
        found = self._found() if self.sample else None
        return found or self._must(self._dates(numbers=False), "numbers or dates") if kind == "level" else found

    def numbers(self, *, whole: bool) -> Numbers | None:
        """How its numbers are written; the whole column is asked where the sample is not clear."""
        given: dict[str, Any] = {"decimal": self.options.decimal, "thousands": self.options.thousands}
        first: dict[str, Any] = {} if self.options.where_open else given
        judge = partial(numbers.judge, self.name, option=self.option, whole=whole)
        try:
            return judge(self.sample, **first)
        except numbers.Unclear:
            return judge(self.whole(numbers.telling), **given)

    def _dates(self, *, numbers: bool) -> Dates | None:
        """How its dates are written. A format that was given for all columns is that of the columns which are written so."""
        given = self.options.format_of(self.name)
        judge = partial(dates.judge, self.name, self.sample, numbers=numbers, misfits=self.misfits, option=self.option)
        if given is None:
            return judge()
        if self.options.where_open:
            try:
                return judge()
            except DataError:
                return judge(given=given)
        reader = judge(given=given)
        if isinstance(self.options.dates, Mapping) or self._read_by(reader):
            return reader
        return judge() or reader

    def _read_by(self, reader: Reader | None) -> int:
        """How many values of the sample a reader reads."""
        texts = pl.DataFrame({"text": self.sample}, schema={"text": pl.String})
        return 0 if reader is None else int(texts.select(reader.expr(pl.col("text")).count()).item())

    def _must(self, reader: Reader | None, what: str) -> Reader | None:
        if reader is None and self.sample:
            text = self.sample[0]
            if dates.only_clocks(self.sample):
                hint = "name the column of the day too, as DAY+CLOCK"
            elif what != "numbers" and _ZONE_BY_NAME.search(text):
                hint = "the name of a zone is no offset from UTC; write +01:00 or the like, or take it off where all times are local"
            elif what == "numbers":
                hint = f'name another column, or give {self.option("null")}"{text}" if that means missing'
            else:
                hint = f'give {self.option("dates")}"…" with its format, or name another column'
            raise DataError(
                f'{self.name}: holds text such as "{text}"; expected {what}; {hint}',
                column=self.name,
                got=text,
                expected=what,
            )
        return reader

    def _found(self) -> Reader | None:
        """What all values of the sample are; text where they are not of one kind."""
        plain = [text.strip() for text in self.sample]
        if {text.lower() for text in plain} <= {"true", "false"}:
            return Flags()
        given = self.options.format_of(self.name)
        if (
            given is not None
            and not self.options.where_open
            and (isinstance(self.options.dates, Mapping) or self._is_given(given))
        ):
            return self._dates(numbers=False)
        if all(numbers.may_be(text) for text in plain) and not numbers.looks_like_names(plain):
            return self.numbers(whole=True)
        return self._dates(numbers=False) if all(dates.may_be(text) for text in plain) else None

    def _is_given(self, given: str) -> bool:
        """Whether the format that was given for all dates is that of this column."""
        return self._read_by(dates.judge(self.name, self.sample, given=given)) == len(self.sample)


def check_columns(parameter: str, names: Iterable[str], known: Iterable[str]) -> None:
    """The columns that a user names are there.

    Raises
    ------
    ParameterError
        One is not; the message has the nearest.
    """
    known = list(dict.fromkeys(known))
    for name in [name for name in names if name not in known]:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"the columns are {', '.join(known)}"
        raise ParameterError(f'{parameter}: there is no column "{name}"; {hint}', parameter=parameter, got=name)


def check_texts(given: Mapping[str, Any]) -> None:
    """Options that are text, or, for the dates, a format by column."""
    for name, value in given.items():
        if not (value is None or isinstance(value, str) or (name == "dates" and isinstance(value, Mapping))):
            raise ParameterError(f"{name}: got {repr_of(value)}; expected text", parameter=name)
        # An encoding that there is not is refused with the names of some that there are.
        if name != "encoding" and isinstance(value, str) and not _is_whole(value):
            raise ParameterError(
                f"{name}: got {repr_of(value)}; expected text without halves of surrogate pairs", parameter=name
            )


def _is_whole(text: str) -> bool:
    """Whether no half of a surrogate pair is among the characters: no file holds one."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def check_kinds(columns: Mapping[str, str]) -> None:
    """The kinds that a user may give."""
    for name, kind in pairs("columns", columns):
        if kind not in KINDS:
            raise ParameterError(
                f"columns: {name}: got {repr_of(kind)}; expected {', '.join(KINDS)}", parameter="columns"
            )
