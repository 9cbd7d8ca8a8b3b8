"""The section on best–worst choices: what matters most to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.survey import MaxDiff


def maxdiff_section(found: MaxDiff) -> Section:
    """Items by preference, with limits."""
    return Section(
        id="maxdiff",
        title=t("What matters most"),
        lead=_lead(found._tables["table"]),
        figures=[Figure(found.plot(), t("Items whose limits overlap may well be in another order."))],
        tables=[_table(found._tables["table"])],
        notes=[told(note) for note in found.notes],
        findings=[_first(found._tables["table"].row(0, named=True))],
        params={t("Best–worst survey, respondents and tasks"): [found.n, found.tasks]},
        frames={f"maxdiff_{name}": found._tables[name] for name in ("table", "population", "respondents")},
    )


def _first(row: dict[str, Any]) -> str:
    if row["share"] is None:
        return t("{item} is chosen as best most often.", item=row["item"])
    limits = numbers.limits(row["share_lower"], row["share_upper"], numbers.percent)
    return t(
        "{item} matters most: {share} of all preference ({limits}).",
        item=row["item"],
        share=numbers.percent(row["share"]),
        limits=limits,
    )


def _lead(table: pl.DataFrame) -> str:
    first, last = table.row(0, named=True), table.row(-1, named=True)
    return f"{_first(first)} " + t("{item} matters least.", item=last["item"])


def _table(table: pl.DataFrame) -> Table:
    limits = [
        numbers.limits(low, high, numbers.percent)
        for low, high in table.select("share_lower", "share_upper").iter_rows()
    ]
    columns = {
        "item": Column(t("Item"), is_text=True),
        "share": Column(t("Share of preference"), numbers.percent, is_bar=True),
        "limits": Column(t("Limits"), is_text=True),
        "best": Column(t("Best"), numbers.count),
        "worst": Column(t("Worst"), numbers.count),
        "shown": Column(t("Shown"), numbers.count),
    }
    return Table(t("Items by preference"), table.with_columns(pl.Series("limits", limits, dtype=pl.String)), columns)
