"""Workbooks: a sheet for each table, with formats, widths, frozen heads and filters; texts stay texts."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from leverkit._lib.result import plain

#: Rows of a sheet below its head, and letters of its name: Excel's limits.
_ROWS, _NAME = 1_048_575, 31
#: A column is as wide as its longest cell among the first rows, within these.
_NARROW, _WIDE, _LOOKED_AT = 8, 44, 200
_MONEY = re.compile(
    r"revenue|profit|money|amount|value$|value_|price|cost|check|spend|saving|loss|stake|part$|alone|claimed|effort|net$|monetary|lower|upper"
)
_SHARE = re.compile(r"share|rate|probability|chance|lift$|confidence|support")
_MISSING = 'a workbook needs XlsxWriter: pip install "leverkit[report]"'


def check() -> None:
    """Raises ImportError where nothing can write a workbook."""
    try:
        import xlsxwriter  # noqa: F401
    except ImportError as error:
        raise ImportError(_MISSING) from error


def write_tables(tables: Mapping[str, pl.DataFrame], path: Path) -> None:
    """Tables, a sheet each."""
    book = Book(path)
    for name, frame in tables.items():
        book.add(name, frame)
    book.close()


class Book:
    """A workbook that is being written; `close` writes it."""

    def __init__(self, path: Path) -> None:
        check()
        import xlsxwriter

        options = {"nan_inf_to_errors": False, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.names: set[str] = set()
        looks: dict[str, dict[str, Any]] = {
            "head": {"bold": True, "bg_color": "#D3E7EE", "bottom": 1, "text_wrap": True, "valign": "top"},
            "text": {},
            "formula_like": {"quote_prefix": True},
            "wrapped": {"text_wrap": True, "valign": "top"},
            "title": {"bold": True, "font_size": 16},
            "section": {"bold": True, "font_size": 12},
            "count": {"num_format": "#,##0"},
            "number": {"num_format": "#,##0.00##"},
            "money": {"num_format": "#,##0.00"},
            "share": {"num_format": "0.0%"},
            "day": {"num_format": "yyyy-mm-dd"},
            "moment": {"num_format": "yyyy-mm-dd hh:mm"},
        }
        self.formats = {name: self.book.add_format(look) for name, look in looks.items()}

    def close(self) -> None:
        """Writes the file."""
        self.book.close()

    def sheet(self, name: str) -> Any:
        """A sheet under a name that Excel takes, and that no other has."""
        clean = re.sub(r"[\[\]:*?/\\']", " ", name)[:_NAME] or "table"
        free = (clean if n == 1 else f"{clean[: _NAME - len(str(n)) - 1]} {n}" for n in range(1, 10_000))
        chosen = next(one for one in free if one.lower() not in self.names)
        self.names.add(chosen.lower())
        return self.book.add_worksheet(chosen)

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """A table; one longer than a sheet goes on in the next."""
        for start in range(0, max(frame.height, 1), _ROWS):
            part = frame.slice(start, _ROWS)
            sheet = self.sheet(name)
            self.table(sheet, part)
            sheet.freeze_panes(1, 1)
            if part.width:
                sheet.autofilter(0, 0, max(part.height, 1), part.width - 1)

    def table(self, sheet: Any, frame: pl.DataFrame) -> None:
        """A table from the first cell of a sheet on, each column in the format that fits it."""
        for place, name in enumerate(frame.columns):
            column = frame[name]
            look = self.formats[_look(name, column)]
            sheet.write_string(0, place, name.replace("_", " "), self.formats["head"])
            sheet.set_column(place, place, _width(name, column), look)
            for row, value in enumerate(column.to_list(), 1):
                self.cell(sheet, row, place, value, look)

    def cell(self, sheet: Any, row: int, column: int, value: Any, look: Any) -> None:
        """A value in the format `look`, as what it is."""
        if value is None:
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, float, Decimal)) and math.isfinite(value) and abs(float(value)) < 1e15:
            sheet.write_number(row, column, value, look)
        elif isinstance(value, (dt.date, dt.datetime)):
            sheet.write_datetime(
                row, column, value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value, look
            )
        else:
            self.text(sheet, row, column, value if isinstance(value, str) else str(plain(value)))

    def text(self, sheet: Any, row: int, column: int, text: str, look: str = "text") -> None:
        """A text that stays one, also when its cell is edited."""
        formula_like = text[:1] in ("=", "+", "-", "@", "\t", "\r")
        sheet.write_string(row, column, text[:32_767], self.formats["formula_like" if formula_like else look])


def _look(name: str, column: pl.Series) -> str:
    if column.dtype == pl.Date:
        return "day"
    if column.dtype.is_temporal():
        return "moment"
    if column.dtype.is_integer():
        return "count"
    if not column.dtype.is_numeric():
        return "text"
    if _SHARE.search(name) and _is_part(column):
        return "share"
    return "money" if _MONEY.search(name) else "number"


def _is_part(column: pl.Series) -> bool:
    """Whether all values are parts of a whole."""
    largest = column.cast(pl.Float64).abs().max()
    return isinstance(largest, float) and largest <= 1


def _width(name: str, column: pl.Series) -> int:
    longest = max((len(str(value)) for value in column.head(_LOOKED_AT).to_list() if value is not None), default=0)
    longest = min(longest, 14) if column.dtype.is_float() else longest
    return min(max(longest + 2, len(name) + 3, _NARROW), _WIDE)
