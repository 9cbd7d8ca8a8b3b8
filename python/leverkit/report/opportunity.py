"""The section on opportunities: what is important to people and badly served, and what is served better than it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import listed, t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.survey import Opportunity

#: From this probability on, a need is surely served better than it matters.
_SURE = 0.95
#: A table has at most so many rows on the page; the exported one has them all.
_LISTED = 15


def opportunity_section(found: Opportunity) -> Section:
    """Needs by opportunity, with limits."""
    table = found._tables["table"]
    sentences = [_opportunities(table), *_overserved(table)]
    return Section(
        id="opportunity",
        title=t("What people need and do not get"),
        lead=" ".join(sentences),
        figures=[
            Figure(found.plot("map"), t("Above the dashed line: important and badly served.")),
            Figure(found.plot("scores"), t("Needs whose limits overlap may well be in another order.")),
        ],
        tables=[_table(table)],
        notes=[told(note) for note in found.notes],
        findings=sentences[:1],
        params={t("Survey of needs, respondents"): found.n},
        frames={f"opportunity_{name}": found._tables[name] for name in ("table", "segments", "quality")},
    )


def _opportunities(table: pl.DataFrame) -> str:
    sure = table.filter((pl.col("status") == "clear") & (pl.col("above_10").fill_null(0) > 0.5))["need"].to_list()
    if not sure:
        return t("No need is surely both important and badly served.")
    return t("Surely important and badly served: {needs}.", needs=listed(sure))


def _overserved(table: pl.DataFrame) -> list[str]:
    over = table.filter(pl.col("overserved") >= _SURE)["need"].to_list()
    return [t("Served better than it matters: {needs}.", needs=listed(over))] if over else []


def _table(table: pl.DataFrame) -> Table:
    is_shrunk = table["shrunk"].null_count() == 0
    name = "shrunk" if is_shrunk else "score"
    pairs = table.select(f"{name}_lower", f"{name}_upper").iter_rows()
    limits = pl.Series("limits", [numbers.limits(low, high, numbers.decimal) for low, high in pairs], dtype=pl.String)
    columns = {
        "need": Column(t("Need"), is_text=True),
        "importance": Column(t("Importance, 0 to 10"), numbers.decimal),
        "satisfaction": Column(t("Satisfaction, 0 to 10"), numbers.decimal),
        name: Column(t("Score"), numbers.decimal),
        "limits": Column(t("Limits"), is_text=True),
        "above_10": Column(t("Probability above 10"), numbers.percent, is_bar=True),
    }
    caption = t("The score is importance and what satisfaction lacks of it; above 10 it is an opportunity.")
    if is_shrunk:
        caption += " " + t("Its noise is taken off, so that the first place is not first by luck.")
    return Table(t("Needs by opportunity"), table.with_columns(limits), columns, caption, first=_LISTED)
