"""Workbooks: xlsx, xlsb, xls and ods, by fastexcel. Each cell comes as text, so that an id is not a number with a point."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, ParameterError
from leverkit.reading import header
from leverkit.reading.asking import Option

#: Rows among which the header is looked for.
_HEAD = 1000
#: Numbers that may be parted in thousands by a point, or be whole.
_UNCLEAR = r"^-?[0-9]{1,3}(\.[0-9]{3})?$"


def read(path: Path, sheet: str | None, label: str, option: Option) -> tuple[pl.DataFrame, str, list[str]]:
    """The rows of a sheet as text, dates in ISO 8601; the sheet's name; and what is to be said of its header.

    Raises
    ------
    ImportError
        fastexcel is not installed.
    ParameterError
        There is no such sheet.
    DataError
        Several sheets hold something and none was asked for; none does; or the file is no workbook.
    """
    try:
        import fastexcel
    except ImportError:
        raise ImportError('workbooks need the package fastexcel: pip install "leverkit[read]"') from None
    try:
        book = fastexcel.read_excel(path)
        names, hidden = ([sheet], []) if sheet is not None else _filled(book)
        if sheet is not None and sheet not in book.sheet_names:
            raise ParameterError(
                f"sheet: got {repr_of(sheet)}; {label} has {', '.join(book.sheet_names)}", parameter="sheet", got=sheet
            )
        if len(names) != 1:
            raise DataError(_which(names, label, option))
        loaded = book.load_sheet(
            names[0],
            header_row=None,
            skip_rows=0,
            dtypes="string",
            skip_whitespace_tail_rows=True,
            whitespace_as_null=True,
        )
        frame, at, notes = _named(pl.DataFrame(loaded))
        frame = _with_numbers(frame, partial(book.load_sheet, names[0], header_row=None, skip_rows=at + 1))
    except fastexcel.FastExcelError as error:
        raise DataError(f"{label}: cannot be read as a workbook: {str(error).splitlines()[0]}") from None
    return frame, names[0], [*notes, *(f"the hidden sheet {name} is passed over" for name in hidden)]


def _named(cells: pl.DataFrame) -> tuple[pl.DataFrame, int, list[str]]:
    """The rows under the names of their columns, the row of these, and what is to be said of them."""
    head = cells.head(_HEAD).fill_null("").rows()
    at = header.row_of(head)
    names, notes = header.names_of(head[at : at + 1])
    rows = cells.slice(at + 1).rename(dict(zip(cells.columns, names, strict=True)))
    return rows, at, [*header.passed_over(head[:at]), *notes]


def _with_numbers(rows: pl.DataFrame, load: Callable[..., Any]) -> pl.DataFrame:
    """The rows that hold something. Where 1.234 may be either as text, and the cells are numbers, it is no thousand."""
    text = pl.all().drop_nulls()
    unclear = rows.select(text.str.contains(_UNCLEAR).all() & text.str.contains(r"\.").any()).row(0)
    for at in [at for at, holds in enumerate(unclear) if holds]:
        cells = pl.DataFrame(load(use_columns=[at])).to_series().head(rows.height)
        plain = rows.to_series(at).cast(pl.Float64)
        # The cells of a column that is numbers alone; those of texts come as text.
        if cells.dtype.is_numeric() and cells.cast(pl.Float64).equals(plain, check_names=False):
            rows = rows.with_columns(plain)
    return rows.filter(~pl.all_horizontal(pl.all().is_null()))


def _filled(book: Any) -> tuple[list[str], list[str]]:
    """The sheets that hold rows, and those of them that are hidden, which do not count beside others."""
    loaded = {name: book.load_sheet(name, n_rows=1, dtypes="string") for name in book.sheet_names}
    filled = [name for name, sheet in loaded.items() if sheet.height]
    seen = [name for name in filled if loaded[name].visible == "visible"]
    return (seen, [name for name in filled if name not in seen]) if seen else (filled, [])


def _which(names: list[str], label: str, option: Option) -> str:
    if not names:
        return f"{label}: no sheet holds rows"
    return f'{label}: there are several sheets ({", ".join(names)}): give {option("sheet")}"{names[0]}" or another'
