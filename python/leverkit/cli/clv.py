"""The command `leverkit clv`: what each customer is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit.cli import files
from leverkit.cli.config import settings
from leverkit.cli.options import LedgerOptions, ReadOptions, with_groups
from leverkit.cli.run import Data, read_ledger, say, steps


def _orders(summary: Any) -> tuple[lk.clv.ParetoNBDModel | lk.clv.ModifiedBetaGeoModel, list[str]]:
    """Of the models that can tell who has left the first that finds its maximum, with what to say where that is the second."""
    try:
        return lk.clv.ParetoNBDModel().fit(summary), []
    except lk.ConvergenceError as failure:
        try:
            second = lk.clv.ModifiedBetaGeoModel().fit(summary)
        except lk.ConvergenceError:
            raise failure from None
        return second, ["Pareto/NBD finds no maximum of its likelihood on these customers: MBG/NBD is used instead."]


@with_groups
def clv(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    ahead: Annotated[
        str,
        typer.Option("--horizon", help='How far to look ahead, such as "12 months" or "52 weeks".', metavar="LENGTH"),
    ] = "12 months",
    discount_rate: Annotated[
        float, typer.Option("--discount-rate", help="Annual discount rate: 0.1 is 10 %.", metavar="SHARE")
    ] = 0.0,
    margin: Annotated[
        float, typer.Option("--margin", help="Profit per unit of money that customers spend.", metavar="SHARE")
    ] = 1.0,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the customers here: .parquet, .csv, .json or .arrow.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """Lifetime value of each customer: P(alive), expected orders, and their value; by Pareto/NBD, or by MBG/NBD if that finds no maximum."""
    with steps(2) as step:
        chosen = settings(ledger.config, ledger.by_section() | reading.by_section())
        write = files.writer(output) if output else None
        built = read_ledger(data, chosen, step)
        step("Fitting the models")
        summary = lk.clv.summary(built)
        orders, notes = _orders(summary)
        spend = lk.clv.GammaGammaModel().fit(summary)
        found = lk.clv.lifetime_value(
            purchases=orders, spend=spend, summary=summary, horizon=ahead, discount_rate=discount_rate, margin=margin
        )
        if write:
            write(found._tables["customers"])
    for note in dict.fromkeys([*notes, *orders.notes, *spend.notes, *found.notes]):
        say(note)
    say(repr(orders))
    say(repr(spend))
    say(found._headline())


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("clv")(clv)
