"""The command of the measured formula: `leverkit profit DATA …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import BOOKS, Settings, scenario, settings
from leverkit.cli.options import (
    LedgerOptions,
    LimitOptions,
    ProfitOptions,
    ReadOptions,
    with_groups,
)
from leverkit.cli.present import Columns, show
from leverkit.cli.run import Data, read_ledger, say, steps


def _name(parameter: str) -> str:
    return parameter.replace("_", " ")


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if value < 1000 else numbers.count(value)


_LIFT: Columns = {
    "parameter": ("Parameter", _name),
    "value": ("Value", _value),
    "new_value": ("+20 %", _value),
    "revenue_change": ("Revenue", numbers.money),
    "profit_change": ("Profit", numbers.money),
    "profit_lift": ("of profit", numbers.percent),
}


@with_groups
def profit(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    measuring: ProfitOptions,
    limit: LimitOptions,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the parameters here: .parquet, .csv, .json or .arrow.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """The profit formula: its parameters by period, and what 20 % of each would bring."""
    with steps(2) as step:
        chosen = settings(
            ledger.config, ledger.by_section() | reading.by_section() | measuring.by_section() | limit.by_section()
        )
        write = files.writer(output) if output else None
        books, given = books_of(chosen), scenario(chosen.profit.get("scenario"))
        built = read_ledger(data, chosen, step)
        step("Measuring")
        if "limit_day" not in books and chosen.limit_day:
            books["limit_day"] = lk.rfm.limit_day(built, **chosen.limit_day)._tables["limits"]["limit_day"][0]
        found = lk.profit.measure(built, **books)
        if write:
            write(found._tables["values"])
        formula = lk.profit.Formula.full()
        table = formula.lift_table(found.at() | given)._tables["table"]
    for note in [*found.notes, found._headline()]:
        say(note)
    moving = (pl.col("profit_change") != 0) | pl.col("rank").is_null()
    show(table.filter(moving), _LIFT)


def books_of(chosen: Settings) -> dict[str, Any]:
    """Parameters of `leverkit.profit.measure`, with the books read."""
    given = {name: value for name, value in chosen.profit.items() if name != "scenario"}
    return given | {name: files.beside(Path(given[name]), chosen.read, say) for name in BOOKS if name in given}


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("profit")(profit)
