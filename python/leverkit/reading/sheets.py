"""Workbooks: xlsx, xlsb, xls and ods, by fastexcel. Each cell comes as text, so that an id is not a number with a point."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leverkit.errors import DataError, ParameterError
from leverkit.reading import header
from leverkit.reading.asking import Option

#: Rows among which the header is looked for.
_HEAD = 1000


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
        names = [sheet] if sheet is not None else _filled(book)
        if sheet is not None and sheet not in book.sheet_names:
            raise ParameterError(
                f"sheet: got {sheet!r}; {label} has {', '.join(book.sheet_names)}", parameter="sheet", got=sheet
            )
        if len(names) != 1:
            raise DataError(_which(names, label, option))
        loaded = book.load_sheet(
            names[0], header_row=None, dtypes="string", skip_whitespace_tail_rows=True, whitespace_as_null=True
        )
    except fastexcel.FastExcelError as error:
        raise DataError(f"{label}: cannot be read as a workbook: {str(error).splitlines()[0]}") from None
    frame, notes = _named(pl.DataFrame(loaded))
    return frame, names[0], notes


def _named(cells: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows under the names of their columns, without those that hold nothing."""
    head = cells.head(_HEAD).fill_null("").rows()
    at = header.row_of(head)
    names, notes = header.names_of(head[at : at + 1])
    rows = cells.slice(at + 1).filter(~pl.all_horizontal(pl.all().is_null()))
    return rows.rename(dict(zip(cells.columns, names, strict=True))), [*header.passed_over(head[:at]), *notes]


def _filled(book: object) -> list[str]:
    """The sheets that hold rows."""
    return [name for name in book.sheet_names if book.load_sheet(name, n_rows=1, dtypes="string").height]  # type: ignore[attr-defined]


def _which(names: list[str], label: str, option: Option) -> str:
    if not names:
        return f"{label}: no sheet holds rows"
    return f'{label}: there are several sheets ({", ".join(names)}): give {option("sheet")}"{names[0]}" or another'
