"""Text in tables that come from Python: dates and numbers of a column, judged by the rule that files are read by."""

from __future__ import annotations

from functools import partial

import polars as pl

from leverkit.errors import DataError
from leverkit.reading import asking, dates, missing
from leverkit.reading.columns import Column, Kind, Options, Reader

_SAMPLE = 1000
_TEXTS = missing.texts()


def is_iso(frame: pl.LazyFrame, name: str) -> bool:
    """Whether a column of text begins with ISO 8601, which the engine reads as it is, or with nothing."""
    return dates.is_iso(_sample(frame, name))


def none_is_iso(frame: pl.LazyFrame, name: str) -> tuple[int, int, str] | None:
    """How many of how many rows are text that is no ISO 8601, and the first, where no row is; None where some are."""
    text = _present(name)
    counts = frame.select(
        rows=pl.len(), held=text.count(), iso=text.str.contains(dates.ISO).sum(), first=text.drop_nulls().first()
    ).collect(engine="streaming")
    rows, held, iso, first = counts.row(0)
    return (held, rows, first) if held and not iso else None


def reader(frame: pl.LazyFrame, name: str, kind: Kind, time_format: str | None) -> Reader | None:
    """How a column of text is read; None where it is to stay as it is.

    Raises
    ------
    DataError
        Its values fit two readings; the message has both and the keyword.
    """
    sample = _sample(frame, name).to_list()
    options = Options(dates=time_format)
    column = Column(name, sample, options, asking.frame, lambda _: sample, partial(_misfits, frame, name))
    try:
        return column.reader(kind) if sample else None
    except DataError as error:
        raise _at_its_row(error, frame, name) from None


def _at_its_row(error: DataError, frame: pl.LazyFrame, name: str) -> DataError:
    """The same error with the row of its value."""
    if error.got is None:
        return error
    row = (
        frame.select(name)
        .with_row_index("row")
        .filter(pl.col(name).str.strip_chars() == error.got)
        .head(1)
        .collect()["row"]
    )
    if not row.len():
        return error
    text = str(error).replace(f"{name}: ", f"{name}: row {row[0]}: ", 1)
    return DataError(text, column=name, row=int(row[0]), got=error.got, expected=error.expected)


def read(frame: pl.LazyFrame, name: str, reader: Reader) -> pl.LazyFrame:
    """The frame with the column read, each value verified.

    Raises
    ------
    DataError
        The first value that does not fit; the message names the row, from 0.
    """
    text = _present(name)
    bad = (
        frame.select(text=text, read=reader.expr(text))
        .with_row_index("row")
        .filter((pl.col("text").str.strip_chars() != "") & pl.col("read").is_null() & ~_no_day(reader))
    )
    first = bad.select("row", "text").head(1).collect(engine="streaming")
    if first.height:
        row, got = first.row(0)
        raise DataError(
            f'{name}: row {row} holds "{got}"; expected {reader.expected}',
            column=name,
            row=row,
            got=got,
            expected=reader.expected,
        )
    return frame.with_columns(reader.expr(text).alias(name))


def _no_day(reader: Reader) -> pl.Expr:
    is_dates = isinstance(reader, dates.Dates)
    return pl.col("text").map_batches(dates.no_day, return_dtype=pl.Boolean()) if is_dates else pl.lit(False)


def to_iso(frame: pl.LazyFrame, name: str, reader: dates.Dates) -> pl.LazyFrame:
    """The frame with the column's dates as ISO 8601; what does not fit stays as it is, for the engine to count."""
    text = _present(name)
    return frame.with_columns(pl.coalesce(dates.to_iso(reader.expr(text)), pl.col(name)).alias(name))


def _present(name: str) -> pl.Expr:
    return missing.present(pl.col(name), _TEXTS)


def _sample(frame: pl.LazyFrame, name: str) -> pl.Series:
    """Distinct values of the first rows that hold one."""
    rows = frame.select(_present(name)).drop_nulls().head(_SAMPLE).collect(engine="streaming")
    return rows.to_series().unique(maintain_order=True)


def _misfits(frame: pl.LazyFrame, name: str, formats: list[dates.Dates]) -> list[int]:
    text = _present(name)
    counts = [(form.expr(text).is_null() & text.is_not_null()).sum().alias(str(at)) for at, form in enumerate(formats)]
    return list(frame.select(counts).collect(engine="streaming").row(0))
