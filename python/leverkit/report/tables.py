"""A section's table as the page holds it: the first rows are printed, the rest is data for sorting, searching, copying and saving."""

from __future__ import annotations

from typing import Any

import polars as pl

from leverkit._lib.result import plain
from leverkit._lib.text import t
from leverkit.report.section import Column, Table

#: Rows that a page holds of one table; all of them are in the exported tables.
MOST = 2000


def shown(column: Column, value: Any) -> str:
    """A value as the table writes it."""
    return "" if value is None and column.is_text and column.write is str else column.write(value)


def left_out(table: Table) -> str:
    """How many rows the page does not hold; nothing where it holds them all."""
    rows = table.frame.height
    if rows <= MOST:
        return ""
    return t("The page holds {most:,} of {rows:,} rows; the exported tables have them all.", most=MOST, rows=rows)


def data_of(table: Table, name: str) -> dict[str, Any]:
    """The table's columns, each with its values, and with texts where they are written otherwise."""
    frame = table.frame.head(MOST)
    columns = [_column(frame, column, shown_as) for column, shown_as in table.columns.items()]
    first = next(iter(table.columns.values()))
    colours = {shown(first, value): colour for value, colour in table.colours.items()}
    return {"name": name, "columns": columns, "colours": colours}


def _column(frame: pl.DataFrame, name: str, column: Column) -> dict[str, Any]:
    values = frame[name].to_list()
    texts = [shown(column, value) for value in values]
    # A text is saved as it is read; a day as every program reads it.
    kept = texts if column.is_text and not frame.schema[name].is_temporal() else plain(values)
    found = {"label": column.label, "values": kept, "text": column.is_text, "bar": column.is_bar}
    return found if kept == texts else found | {"texts": texts}
