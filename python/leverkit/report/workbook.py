"""The report as a workbook: the first sheet is what a director reads, with a chart that Excel draws; then a sheet for each table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib.text import t
from leverkit._lib.workbook import Book

if TYPE_CHECKING:
    from leverkit._plan import Plan
    from leverkit.report.page import (
        Report,  # Its type alone: a report names its writers, and they name what they write.
    )

#: The row on which the levers begin, and the column beside which their chart stands.
_LEVERS, _BESIDE = 5, 6


def write(report: Report, path: Path) -> None:
    """Writes the report."""
    with report.voice():
        book = Book(path)
        _front(book, report)
        for name, frame in report.tables.items():
            book.add(name, frame)
        book.close()


def _front(book: Book, report: Report) -> None:
    """Title, headline, levers with a chart of them, what changed and how good the data are."""
    front, sheet = report.front, book.sheet(t("Levers"))
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, 4, 18)
    sheet.hide_gridlines(2)
    book.text(sheet, 0, 0, report.title, "title")
    for row, text in enumerate([" · ".join(front.head), front.headline, front.lead], 1):
        book.text(sheet, row, 0, text)
    row = _levers(book, sheet, report.plan) if report.plan is not None and report.plan.has_levers else _LEVERS
    texts = [
        front.changes.sentence if front.changes else front.unchanged,
        front.called,
        front.to_test,
        front.quality,
        *front.details,
    ]
    for text in filter(None, texts):
        book.text(sheet, row, 0, text)
        row += 1


def _levers(book: Book, sheet: Any, plan: Plan) -> int:
    """The levers with their money as numbers, and bars of it; the row below them."""
    table, row = plan._tables["table"], _LEVERS
    sure = pl.col("sure")
    frame = table.select(
        pl.col("what").alias(t("Lever")),
        pl.when(sure).then("part").otherwise("alone").alias(t("Money")),
        pl.when(sure).then("lower").otherwise("alone_lower").alias(t("from")),
        pl.when(sure).then("upper").otherwise("alone_upper").alias(t("to")),
        pl.when(sure).then(pl.lit(t("yes"))).otherwise(pl.lit(t("no"))).alias(t("Sure")),
    )
    for place, name in enumerate(frame.columns):
        sheet.write_string(row, place, name, book.formats["head"])
        look = book.formats["wrapped" if place == 0 else "money" if frame[name].dtype.is_numeric() else "text"]
        for below, value in enumerate(frame[name].to_list(), row + 1):
            book.cell(sheet, below, place, value, look)
    _chart(book, sheet, row + 1, row + frame.height, plan)
    return row + frame.height + 2


def _chart(book: Book, sheet: Any, first: int, last: int, plan: Plan) -> None:
    """Bars of the levers' money, which stand in these rows."""
    chart, name = book.book.add_chart({"type": "bar"}), sheet.get_name()
    chart.add_series(
        {
            "categories": [name, first, 0, last, 0],
            "values": [name, first, 1, last, 1],
            "fill": {"color": "#0B6E8F"},
            "gap": 60,
        }
    )
    title = t("Profit a year") if plan.params["knows_costs"] else t("Revenue a year")
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DFE4E8"}}})
    chart.set_size({"width": 760, "height": 120 + 36 * (last - first + 1)})
    sheet.insert_chart(1, _BESIDE, chart)
