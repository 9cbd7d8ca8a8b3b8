"""How a result leaves a command: into files, as notes, and as a table on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from leverkit._lib import numbers
from leverkit._lib.result import Result
from leverkit._lib.writing import replacing
from leverkit.cli import files
from leverkit.cli.options import OutputOptions, ReadOptions
from leverkit.cli.run import as_text, say, steps

Write = Callable[[Any], str]
#: What is shown of a table: its columns, each with its heading and how it is written.
Columns = Mapping[str, tuple[str, Write]]

#: Most rows that are shown; the rest is left to the files.
_MOST = 60


def analyse(
    data: Path,
    reading: ReadOptions,
    outputs: OutputOptions,
    run: Callable[[Any], Result],
    columns: Columns,
    *,
    pick: Callable[[Any], pl.DataFrame] = lambda found: found._tables["table"],
    prefix: str = "",
) -> None:
    """Runs an analysis of a file, and presents the table that `pick` takes of it; files of tables have names that begin with `prefix`."""
    outputs.check()
    with steps(1) as step:
        frame = files.opened(data, reading.given(), say)
        step(f"Reading {data.name}")
        found = run(frame)
    present(found, outputs, columns, rows=pick(found), prefix=prefix)


def present(
    found: Result, outputs: OutputOptions, columns: Columns, *, rows: pl.DataFrame | None = None, prefix: str = ""
) -> None:
    """Writes what was asked for, says the notes, and shows the rows under the headings of `columns` where they went to no file."""
    rows = found._tables["table"] if rows is None else rows
    if outputs.output:
        files.writer(outputs.output)(rows)
    if outputs.tables:
        files.tables_writer(outputs.tables)({f"{prefix}{name}": table for name, table in found._tables.items()})
    if outputs.figure:
        with replacing(outputs.figure) as draft:
            found.plot().write_html(draft)
    for note in [*found.notes, found._headline()]:
        say(note)
    if not outputs.output:
        show(rows, columns)


def show(rows: pl.DataFrame, columns: Columns) -> None:
    """The first rows of a table on standard output, under the headings of `columns`."""
    known = {name: columns[name] for name in columns if name in rows.columns}
    headings = (
        Column(as_text(label), no_wrap=write is text, justify="left" if rows.schema[name] == pl.String else "right")
        for name, (label, write) in known.items()
    )
    shown = Table(*headings, box=SIMPLE, collapse_padding=True, pad_edge=False)
    for row in rows.head(_MOST).iter_rows(named=True):
        shown.add_row(*(as_text(write(row[name])) for name, (_, write) in known.items()))
    Console().print(shown)
    if rows.height > _MOST:
        say(f"{numbers.count(rows.height - _MOST)} more rows; -o FILE writes all")


def grouped(by: list[str] | None, columns: Columns) -> Columns:
    """The columns of a table that is grouped: first what it is grouped by."""
    keys: dict[str, tuple[str, Write]] = {name: (name, text) for name in by or []}
    return keys | dict(columns)


def text(value: Any) -> str:
    """A value as it is; a dash where unknown."""
    return "–" if value is None else str(value)


def number(value: Any) -> str:
    """A number with two digits; a dash where unknown."""
    return "–" if value is None else f"{value:,.2f}"


def digits(value: Any) -> str:
    """A number with four digits that tell, a text as it is; a dash where unknown."""
    return f"{value:,.4g}" if isinstance(value, float) else text(value)
