"""The section on the data themselves: what was read, what was set aside and why, and the page's key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit.plots import theme
from leverkit.plots.quality import quality_bar
from leverkit.report.page import Tile
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_EXAMPLES = 5


def tiles(ledger: Ledger) -> list[Tile]:
    """The ledger's key figures: customers, orders, revenue, average check, period."""
    revenue = ledger.revenue
    days = (ledger.end - ledger.start).days + 1 if ledger.start and ledger.end else 0
    return [
        Tile("Customers", theme.count(ledger.n_customers)),
        Tile("Orders", theme.count(ledger.n_orders), f"{ledger.n_orders / max(ledger.n_customers, 1):,.1f} a customer"),
        Tile("Revenue", theme.short_money(revenue), "net of returns"),
        Tile("Average check", theme.money(revenue / ledger.n_orders if ledger.n_orders else None), "revenue an order"),
        Tile("Period", f"{theme.count(days)} days", f"{ledger.start} to {ledger.end}"),
    ]


def quality_section(ledger: Ledger) -> Section:
    """What became of the input rows, and which column played which role."""
    quality, rejected = ledger._quality(), ledger._rejected()
    tables = [_outcomes(quality), _roles(ledger.roles)]
    if rejected.height:
        tables.append(_examples(rejected))
    return Section(
        id="data",
        title="The data",
        lead=_lead(quality),
        figures=[Figure(quality_bar(ledger))] if rejected.height else [],
        tables=tables,
        notes=_notes(quality),
        params={
            "Returns": ledger.roles["returns"],
            "Invalid rows": ledger.roles["on_invalid"],
            "Lines": [ledger.start, ledger.end],
        },
        frames={"quality": quality, "rejected": rejected},
    )


def _lead(quality: pl.DataFrame) -> str:
    came_in = quality.filter(pl.col("status") != "note")
    aside = came_in.filter(pl.col("status") != "kept")
    rows, left = theme.count(came_in["rows"].sum()), theme.count(aside["rows"].sum())
    if aside.is_empty():
        return f"All {rows} rows are in the analysis; none had to be set aside."
    return (
        f"Of {rows} rows, {left} ({theme.percent(aside['share'].sum())}) were set aside, for the reasons below. "
        f"As far as their amounts could be read, they carry {theme.short_money(aside['amount'].sum())}."
    )


def _notes(quality: pl.DataFrame) -> list[str]:
    return [_note(row) for row in quality.filter(pl.col("status") == "note").iter_rows(named=True)]


def _note(row: dict[str, Any]) -> str:
    money = "" if row["amount"] is None else f", together {theme.short_money(row['amount'])}"
    what = f"{row['reason']}" if row["amount"] is not None else f"{row['reason']}: {row['role']}"
    return f"{theme.count(row['rows'])} rows: {what}{money}."


def _outcomes(quality: pl.DataFrame) -> Table:
    columns = {
        "reason": Column("What became of the rows", is_text=True),
        "column": Column("Column", is_text=True),
        "rows": Column("Rows", theme.count),
        "share": Column("Share", theme.percent),
        "amount": Column("Money they carry", theme.money),
    }
    return Table("Rows in and out", quality.filter(pl.col("status") != "note"), columns)


def _roles(roles: dict[str, Any]) -> Table:
    rules = ("returns", "on_invalid", "time_zone", "days_only")
    pairs = [(role.replace("_", " "), _columns(played)) for role, played in roles.items() if role not in rules]
    frame = pl.DataFrame(pairs, schema={"role": pl.String, "column": pl.String}, orient="row")
    return Table(
        "Which column is what", frame, {"role": Column("Role", is_text=True), "column": Column("Column", is_text=True)}
    )


def _columns(played: Any) -> str:
    """A role's column, or the columns of its several parts."""
    if isinstance(played, dict):
        return ", ".join(f"{column} ({name})" for name, column in played.items())
    return ", ".join(played) if isinstance(played, list) else str(played)


def _examples(rejected: pl.DataFrame) -> Table:
    columns = {
        "row": Column("Row (from 0)", theme.count),
        "column": Column("Column", is_text=True),
        "value": Column("Value", lambda value: "empty" if value is None else str(value), is_text=True),
        "reason": Column("Reason", is_text=True),
        "amount": Column("Amount", theme.money),
    }
    more = f"The first {_EXAMPLES} of {theme.count(rejected.height)} rows." if rejected.height > _EXAMPLES else ""
    return Table("Rows set aside", rejected.head(_EXAMPLES), columns, more)
