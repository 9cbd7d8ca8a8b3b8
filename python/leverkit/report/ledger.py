"""The section on the data themselves: what was read, what was set aside and why, and the page's key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.frames import from_engine
from leverkit._lib.text import in_words, t, told
from leverkit.plots.ledger import quality_bar
from leverkit.report import recipe
from leverkit.report.section import Column, Figure, Section, Table, Tile

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_EXAMPLES = 5


def tiles(ledger: Ledger) -> list[Tile]:
    """The ledger's key figures: customers, orders, revenue, average check, period."""
    revenue = ledger.revenue
    days = (ledger.end - ledger.start).days + 1 if ledger.start and ledger.end else 0
    span = t("{start} to {end}", start=ledger.start, end=ledger.end)
    each = numbers.decimal(ledger.n_orders / max(ledger.n_customers, 1))
    average = numbers.money(revenue / ledger.n_orders if ledger.n_orders else None)
    return [
        Tile(t("Customers"), numbers.count(ledger.n_customers)),
        Tile(t("Orders"), numbers.count(ledger.n_orders), t("{orders} per customer", orders=each)),
        Tile(t("Revenue"), numbers.short_money(revenue), t("net of returns")),
        Tile(t("Average check"), average, t("revenue per order")),
        Tile(t("Period"), t("{days} {days:day|days}", days=numbers.count(days)), span),
    ]


def quality_line(ledger: Ledger) -> tuple[str, list[str]]:
    """How good the data are: a line, and what stands behind it."""
    quality = ledger._quality()
    came_in = quality.filter(pl.col("status") != "note")
    kept = came_in.filter(pl.col("status") == "kept")["share"].sum()
    line = t(
        "The data: {share} of {rows} {rows:row is|rows are} used.",
        share=numbers.percent(kept),
        rows=numbers.count(came_in["rows"].sum()),
    )
    noted = quality.height - came_in.height
    remarks = t("{noted} {noted:remark|remarks} on the data in the last section.", noted=numbers.count(noted))
    return line, [_lead(quality), *([remarks] if noted else [])]


def ledger_section(ledger: Ledger) -> Section:
    """What became of the input rows, and which column played which role."""
    quality, rejected = ledger._quality(), ledger._rejected()
    tables = [_outcomes(quality), _roles(ledger.roles)]
    if rejected.height:
        tables.append(_examples(rejected))
    return Section(
        id="data",
        title=t("The data"),
        lead=_lead(quality),
        figures=[Figure(quality_bar(ledger))] if rejected.height else [],
        tables=tables,
        notes=_notes(quality, from_engine(ledger._inner.notes())),
        params={
            t("Returns"): ledger.roles["returns"],
            t("Invalid rows"): ledger.roles["on_invalid"],
            t("Lines"): [ledger.start, ledger.end],
        },
        frames={"quality": quality, "rejected": rejected},
        python=["ledger.quality", "ledger.rejected", "ledger.notes"],
        command=recipe.REPORT,
    )


def _lead(quality: pl.DataFrame) -> str:
    came_in = quality.filter(pl.col("status") != "note")
    aside = came_in.filter(pl.col("status") != "kept")
    rows = numbers.count(came_in["rows"].sum())
    if aside.is_empty():
        return t("All {rows} rows are in the analysis; none had to be rejected.", rows=rows)
    return t(
        "Of {rows} rows, {left} ({share}) were rejected, for the reasons below. As far as their amounts could be read, they carry {money}.",
        rows=rows,
        left=numbers.count(aside["rows"].sum()),
        share=numbers.percent(aside["share"].sum()),
        money=numbers.short_money(aside["amount"].sum()),
    )


def _notes(quality: pl.DataFrame, odd: pl.DataFrame) -> list[str]:
    """What is noted of the rows kept; of what is odd in them, the last of the notes, in a sentence with what to do about it."""
    noted = quality.filter(pl.col("status") == "note")
    plain = [_note(row) for row in noted.head(noted.height - odd.height).iter_rows(named=True)]
    return plain + [
        f"{_begun(told(text))}; {told(advice)}." for text, advice in odd.select("text", "advice").iter_rows()
    ]


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _note(row: dict[str, Any]) -> str:
    rows, reason = numbers.count(row["rows"]), told(row["reason"])
    if row["amount"] is None:
        return t("{rows} {rows:row|rows}: {reason}: {role}.", rows=rows, reason=reason, role=row["role"])
    money = numbers.short_money(row["amount"])
    return t("{rows} {rows:row|rows}: {reason}, together {money}.", rows=rows, reason=reason, money=money)


def _outcomes(quality: pl.DataFrame) -> Table:
    columns = {
        "reason": Column(t("What happened to the rows"), told, is_text=True),
        "column": Column(t("Column"), is_text=True),
        "rows": Column(t("Rows"), numbers.count),
        "share": Column(t("Share"), numbers.percent),
        "amount": Column(t("Money they carry"), numbers.money),
    }
    return Table(t("Rows in and out"), quality.filter(pl.col("status") != "note"), columns)


def _roles(roles: dict[str, Any]) -> Table:
    rules = ("returns", "on_invalid", "time_zone", "days_only")
    pairs = [(in_words(role), _columns(played)) for role, played in roles.items() if role not in rules]
    frame = pl.DataFrame(pairs, schema={"role": pl.String, "column": pl.String}, orient="row")
    columns = {"role": Column(t("Role"), is_text=True), "column": Column(t("Column"), is_text=True)}
    return Table(t("Which column is what"), frame, columns)


def _columns(played: Any) -> str:
    """A role's column, or the columns of its several parts."""
    if isinstance(played, dict):
        return ", ".join(f"{column} ({name})" for name, column in played.items())
    return ", ".join(played) if isinstance(played, list) else str(played)


def _examples(rejected: pl.DataFrame) -> Table:
    columns = {
        "row": Column(t("Row (from 0)"), numbers.count),
        "column": Column(t("Column"), is_text=True),
        "value": Column(t("Value"), lambda value: t("empty") if value is None else str(value), is_text=True),
        "reason": Column(t("Reason"), told, is_text=True),
        "amount": Column(t("Amount"), numbers.money),
    }
    return Table(t("Rejected rows"), rejected, columns, first=_EXAMPLES)
