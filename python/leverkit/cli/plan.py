"""The command of the plan: `leverkit plan DATA …`."""

from __future__ import annotations

import typer

import leverkit as lk
from leverkit._lib import numbers
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
from leverkit.cli.run import Data, one_message, read_ledger, steps

_COLUMNS: Columns = {
    "rank": ("", text),
    "what": ("Lever", str),
    "part": ("Profit a year", numbers.money),
    "lower": ("from", numbers.money),
    "upper": ("to", numbers.money),
    "effort": ("Effort", numbers.money),
}


@with_groups
def plan(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    limit: LimitOptions,
    funnel: FunnelOptions,
    profit: ProfitOptions,
    outputs: OutputOptions,
) -> None:
    """Which lever first: the levers that all engines found, in money per year, none counted twice."""
    with one_message():
        outputs.check()
        given = ledger.by_section() | reading.by_section() | limit.by_section() | funnel.by_section()
        chosen = settings(ledger.config, given | profit.by_section())
        books = books_of(chosen) | {"scenario": scenario(chosen.profit.get("scenario"))}
        with steps(2) as step:
            built = read_ledger(data, chosen, step)
            step("Joining the levers")
            found = lk.plan(
                built, limit_day=chosen.limit_day, product=chosen.funnel.get("product"), profit=books, **chosen.levers
            )
        present(found, outputs, _COLUMNS, prefix="plan_")


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("plan")(plan)
