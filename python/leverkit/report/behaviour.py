"""The sections on what respondents do as customers: what segments are worth, and whether met needs go with return."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.survey import MetNeeds, SegmentWorth


def worth_section(found: SegmentWorth) -> Section:
    """What segments of respondents bring."""
    return Section(
        id="worth",
        title=t("What segments bring"),
        lead=" ".join([f"{found._headline()}.", *_answered(found._tables["answered"])]),
        figures=[
            Figure(found.plot("shares"), t("A segment right of its dot of respondents brings more than its part.")),
            Figure(found.plot("measures"), t("Grey differences may be chance.")),
        ],
        tables=[_money(found)],
        notes=[told(note) for note in found.notes],
        findings=[f"{found._headline()}."],
        params={t("Respondents who are customers"): found.n},
        frames={f"worth_{name}": found._tables[name] for name in ("table", "segments", "groups", "answered")},
    )


def _answered(answered: pl.DataFrame) -> list[str]:
    """Whether those who answer are like the others."""
    sure = answered.filter(pl.col("verdict") != "can't tell").filter(measure="revenue")
    if sure.is_empty():
        return []
    row = sure.row(0, named=True)
    money = {name: numbers.short_money(row[name]) for name in ("value", "others")}
    return [
        t(
            "Those who answered are not like the others: they bring {value} each, the others {others}; segments stand for those who answer.",
            **money,
        )
    ]


def _money(found: SegmentWorth) -> Table:
    revenue = found._tables["table"].filter(measure="revenue").select("segment", "value", "lower", "upper", "verdict")
    rows = found._tables["segments"].select("segment", "size", "revenue_share").join(revenue, on="segment", how="left")
    limits = [numbers.limits(low, high, numbers.money) for low, high in rows.select("lower", "upper").iter_rows()]
    columns = {
        "segment": Column(t("Segment"), is_text=True),
        "size": Column(t("Of respondents"), numbers.percent, is_bar=True),
        "revenue_share": Column(t("Of their revenue"), numbers.percent, is_bar=True),
        "value": Column(t("Revenue per customer"), numbers.money),
        "limits": Column(t("Limits"), is_text=True),
        "verdict": Column(t("Than the others"), told, is_text=True),
    }
    table = rows.with_columns(pl.Series("limits", limits, dtype=pl.String))
    days = numbers.count(found.params["days"])
    return Table(t("Segments and their money"), table, columns, t("Money of the last {days} days.", days=days))


def met_needs_section(found: MetNeeds) -> Section:
    """Whether customers whose needs are met return more often."""
    sentences = [f"{found._headline()}."]
    return Section(
        id="met_needs",
        title=t("Whether met needs bring people back"),
        lead=" ".join(
            [
                *sentences,
                t(
                    "Customers are compared with those who had ordered alike; a test would tell whether one causes the other."
                ),
            ]
        ),
        figures=[Figure(found.plot("effects"), t("Grey differences may be chance."))],
        tables=[_needs(found._tables["table"])],
        notes=[told(note) for note in found.notes],
        findings=sentences,
        params={t("Respondents who are compared"): found.n},
        frames={"met_needs": found._tables["table"]},
    )


def _needs(table: pl.DataFrame) -> Table:
    limits = [numbers.limits(low, high, numbers.percent) for low, high in table.select("lower", "upper").iter_rows()]
    columns = {
        "need": Column(t("Need"), is_text=True),
        "met": Column(t("Met for"), numbers.percent, is_bar=True),
        "returned_met": Column(t("Return where met"), numbers.percent),
        "returned_unmet": Column(t("Return where not"), numbers.percent),
        "effect": Column(t("Points beyond what orders explain"), numbers.percent),
        "limits": Column(t("Limits"), is_text=True),
        "verdict": Column(t("Verdict"), told, is_text=True),
    }
    return Table(t("Needs and return"), table.with_columns(pl.Series("limits", limits, dtype=pl.String)), columns)
