"""The command of the plan: `leverkit plan DATA …`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit._plan import Plan
from leverkit.cli import files
from leverkit.cli.config import scenario, settings
from leverkit.cli.measured import books_of
from leverkit.cli.options import (
    FunnelOptions,
    LedgerOptions,
    LimitOptions,
    OutputOptions,
    ProfitOptions,
    ReadOptions,
    with_groups,
)
from leverkit.cli.present import Columns, present, text
from leverkit.cli.run import Data, read_ledger, say, steps

_COLUMNS: Columns = {
    "rank": ("", text),
    "what": ("Lever", str),
    "sure": ("Sure", lambda sure: "yes" if sure else "no"),
    "grade": ("Evidence", text),
    "money": ("Profit a year", numbers.money),
    "from": ("from", numbers.money),
    "to": ("to", numbers.money),
    "effort": ("Effort", numbers.money),
}
#: Days of calls that are written.
_CALLS = 30


@with_groups
def plan(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    limit: LimitOptions,
    funnel: FunnelOptions,
    profit: ProfitOptions,
    outputs: OutputOptions,
    calls: Annotated[
        Path | None,
        typer.Option(
            "--calls",
            help=f"Write whom to call in the next {_CALLS} days here, what a call can save first: .csv, .parquet, .json or .arrow.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Which lever first: the sure ones in money per year, none of it counted twice, then what is not sure, and what to test first."""
    outputs.check()
    write_calls = files.writer(calls) if calls else None
    given = ledger.by_section() | reading.by_section() | limit.by_section() | funnel.by_section()
    chosen = settings(ledger.config, given | profit.by_section())
    books = books_of(chosen) | {"scenario": scenario(chosen.profit.get("scenario"))}
    with steps(2) as step:
        built = read_ledger(data, chosen, step)
        step("Joining the levers")
        found = lk.plan(
            built, limit_day=chosen.limit_day, product=chosen.funnel.get("product"), profit=books, **chosen.levers
        )
    present(found, outputs, _columns(found), rows=_rows(found), prefix="plan_")
    for lever, reason in found._tables["left_out"].select("lever", "reason").iter_rows():
        say(f"left out: {lever}, {reason}")
    if found.to_test:
        say(found.to_test)
    if write_calls:
        listed = _calls(built, found, chosen.limit_day)
        write_calls(listed._tables["table"])
        say(f"{listed._headline()}: wrote {calls}")


def _columns(found: Plan) -> Columns:
    """Without any cost profit is revenue, and is called so."""
    money = "Profit a year" if found.params["knows_costs"] else "Revenue a year"
    return {**_COLUMNS, "money": (money, numbers.money)}


def _rows(found: Plan) -> pl.DataFrame:
    """The levers with the money that is shown of each: its part where it is sure, else what it brings alone."""
    return found._tables["table"].with_columns(
        pl.col("part").fill_null(pl.col("alone")).alias("money"),
        pl.col("lower").fill_null(pl.col("alone_lower")).alias("from"),
        pl.col("upper").fill_null(pl.col("alone_upper")).alias("to"),
    )


def _calls(built: lk.Ledger, found: Plan, limit_day: dict[str, Any]) -> lk.rfm.Triggers:
    """Whom to call, by the shares that the plan takes."""
    table = found._tables["table"]
    of_calls = table.filter(pl.col("assumption").is_in(["kept", "won_back"]))
    shares = dict(of_calls.select("assumption", pl.col("assumed").clip(lower_bound=0)).iter_rows())
    return lk.rfm.triggers(built, end=built.as_of + dt.timedelta(days=_CALLS - 1), **shares, **limit_day)


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("plan")(plan)
