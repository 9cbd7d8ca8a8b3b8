"""Reading files: files as people have them become a lazy frame.

If the data leave a question open, the user is asked; what the data settle is reported (`.how`); nothing is guessed silently.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit.reading import asking
from leverkit.reading.columns import Kind, Options, check_columns, check_kinds, check_texts
from leverkit.reading.dates import Dates
from leverkit.reading.files import Paths
from leverkit.reading.numbers import Numbers, check_marks
from leverkit.reading.source import Plan, Source

__all__ = ["How", "read"]


@dataclass(frozen=True)
class How:
    """How files were read; `str` gives the line that is shown to the user.

    Attributes
    ----------
    label
        The file, or the number of files.
    file
        Kind, separator and encoding, or sheet.
    columns
        The format of numbers or dates by column, if it is worth mentioning.
    text
        Columns that look like numbers but stay text.
    roles
        Columns by role, if the file is an export of a known shape.
    notes
        What else a user should know about the file.
    """

    label: str
    file: str
    columns: dict[str, str] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    shape: str = ""
    roles: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kept = [f"{', '.join(self.text)} as text"] if self.text else []
        parts = [self.shape, *(f"{name} {how}" for name, how in self.columns.items()), *kept, *self.notes]
        return "; ".join([f"{self.label}: {self.file}", *(part for part in parts if part)])


if TYPE_CHECKING:

    class Lines(pl.LazyFrame):
        """A polars lazy frame that reports how it was read."""

        how: How
else:
    Lines = pl.LazyFrame


def read(
    paths: Paths,
    *,
    shape: str | Path | None = None,
    sheet: str | None = None,
    separator: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    dates: str | Mapping[str, str] | None = None,
    null: str | Iterable[str] | None = None,
    columns: Mapping[str, Kind] | None = None,
) -> Lines:
    """Reads files as people have them: CSV in any dialect, JSON lines, Parquet, Arrow, workbooks; also compressed, in folders, or by globs.

    Separator, encoding and the formats of numbers and dates are detected from a sample and verified on each value when the frame is collected.
    Columns whose sample is clearly numbers, dates or true and false are read as such; all others stay text. So do whole numbers that are really
    names: those with leading zeros, or with more than 15 digits. A `leverkit.Ledger` made from the frame reads each column again as its role needs:
    ids as text, money as numbers.

    Parameters
    ----------
    paths : str, path or list of them
        Files, folders and globs of one kind and one table: .csv, .tsv, .txt, .jsonl, .json, .parquet, .arrow, .feather, .xlsx, .xlsb, .xls, .ods; each also as .gz,
        .zst or .zip. What a file begins with counts before its name. Folders such as ``year=2024`` become columns. ``"-"`` is standard input.
    shape : str or path, optional
        A known export, such as "shopify", or a TOML file of your own; by default recognised by the headers; "none" for none.
    sheet : str, optional
        The sheet of a workbook; needed if several sheets have content.
    separator, encoding : str, optional
        Separator and encoding of text files, such as ";" and "cp1251".
    decimal, thousands : str, optional
        The decimal mark and the thousands separators of numbers.
    dates : str or dict, optional
        The format of all dates, or by column: "%d/%m/%Y". The time of day may be left out if its format is the usual one.
    null : str or list of str, optional
        Texts that mean missing, in addition to NULL, null, (null), NaN, nan, None, <NA>, N/A, n/a, \\N, -, formula errors such as #N/A, and
        blanks.
    columns : dict, optional
        What to read columns as: "text", "number", "time" or "found".

    Returns
    -------
    polars.LazyFrame
        The lines; the attribute ``how`` reports how they are read (`str` of it is one line).

    Raises
    ------
    FileNotFoundError
        There is no such file.
    leverkit.ParameterError
        An option is wrong, or the type of a file is unknown.
    leverkit.DataError
        The values can be read in two ways, such as 03/04/2024, or the letters, such as Ayşe and Ayþe; the message gives both and the option. A file has
        no column in common with the others. Or, when the frame is collected, a value does not fit what the sample showed; the message names column,
        row (from 0), and the option that helps.
    ImportError
        A workbook or a .zst file needs a package that is not installed; the message says which.

    Examples
    --------
    >>> import leverkit as lk, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "orders.csv"
    >>> _ = file.write_text("client;day;paid\\nann;31.12.2024;1 234,50\\nbob;01.02.2024;7,00\\n")
    >>> lines = lk.read(file)
    >>> print(lines.how)
    orders.csv: csv, ";", utf-8; day day first "%d.%m.%Y": 31.12.2024; paid decimal ","
    >>> lines.collect()["paid"].to_list()
    [1234.5, 7.0]
    """
    given: dict[str, Any] = {
        "sheet": sheet,
        "separator": separator,
        "encoding": encoding,
        "decimal": decimal,
        "thousands": thousands,
        "dates": dates,
        "null": null,
    }
    check_kinds(columns or {})
    source = open_source(paths, shape=shape, **given)
    check_columns("columns", [name for name in columns or {} if "+" not in name], source.schema)
    return _lines(source, columns or {}, "found")


def open_source(
    paths: Paths,
    *,
    shape: Any = None,
    null: Any = None,
    option: asking.Option = asking.python,
    tell: Callable[[str], None] | None = None,
    **given: Any,
) -> Source:
    """The files, of which columns can be read; `given` as for `read`, and what to tell how they are read."""
    check_texts({name: value for name, value in given.items() if name != "where_open"})
    check_marks(given.get("decimal"), given.get("thousands"))
    texts = (null,) if isinstance(null, str) else tuple(null or ())
    for text in texts:
        check_texts({"null": text})
    return Source(paths, Options(null=texts, **given), shape, option, tell)


def as_roles(source: Source, kinds: Mapping[str, Kind]) -> Lines:
    """The lines with the columns that have a role read as these need; the others stay as they are. How is told where the source says to."""
    lines = _lines(source, kinds, "text")
    source.told = str(lines.how)
    if source.tell:
        source.tell(source.told)
    return lines


def source_of(data: Any) -> Source | None:
    """The files behind a path or a frame of `read`; None of other frames."""
    if isinstance(data, Source):
        return data
    if isinstance(data, (str, os.PathLike)):
        return open_source(data)
    return getattr(data, "_leverkit_source", None)


def is_of_files(data: Any) -> bool:
    """Whether there are files behind it; they are not opened."""
    return isinstance(data, (Source, str, os.PathLike)) or getattr(data, "_leverkit_source", None) is not None


def _lines(source: Source, kinds: Mapping[str, Kind], rest: Kind) -> Lines:
    frame, plans = source.frame(kinds, rest)
    source.settled = _settled(plans)
    lines: Any = frame
    lines.how = _how(source, plans, kinds, rest)
    lines._leverkit_source = source
    return lines  # type: ignore[no-any-return]


def _settled(plans: list[Plan]) -> dict[str, Any]:
    """What was found of dates and numbers that another file of the kind may leave open, as options of `read`."""
    dates = {plan.name: plan.reader.day for plan in plans if isinstance(plan.reader, Dates) and plan.reader.why}
    marks = {plan.reader.decimal for plan in plans if isinstance(plan.reader, Numbers) and not plan.reader.plain}
    return ({"dates": dates} if dates else {}) | ({"decimal": ","} if marks - {None} == {","} else {})


def _how(source: Source, plans: list[Plan], kinds: Mapping[str, Kind], rest: Kind) -> How:
    told = {plan.name: plan.reader.how for plan in plans if plan.reader is not None and plan.reader.how}
    for plan in plans:
        if day := source.clock_of(plan.name):
            told[plan.name] = ", ".join([f"with the day of {day}", *([told[plan.name]] if plan.name in told else [])])
    asked = [plan.name for plan in plans if plan.dtype == pl.String and plan.name not in kinds and rest == "found"]
    text = [name for name in asked if source.looks_like_numbers(name)]
    notes = [*(note for part in source.parts for note in part.notes), *source.notes]
    notes += [
        f"{plan.name} holds numbers such as 1.23E+11, cut by a spreadsheet: ids that differ in their last digits are one; export them as text"
        for plan in plans
        if plan.dtype == pl.String and kinds.get(plan.name) in ("text", "id") and source.is_shortened(plan.name)
    ]
    shape = f"read as {source.shape}" if source.shape else ""
    roles = source.shape.roles if source.shape else {}
    file = " and ".join(dict.fromkeys(part.how for part in source.parts))
    return How(source.label, file, told, text, shape, roles, [*dict.fromkeys(notes), *source.shape_notes])


def __dir__() -> list[str]:
    return sorted(__all__)
