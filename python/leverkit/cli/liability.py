"""`leverkit effect liability`: what points that were earned will cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.options import OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import Columns, analyse, text

_COHORTS: Columns = {
    "cohort": ("Earned in", text),
    "earned": ("Earned", numbers.count),
    "redeemed": ("Redeemed", numbers.count),
    "expired": ("Expired", numbers.count),
    "outstanding": ("Open", numbers.count),
    "expected": ("Will be redeemed", numbers.count),
    "liability": ("Liability", numbers.money),
}


@with_groups
def liability(
    data: Annotated[
        Path, typer.Argument(help="Movements of points: CSV, Excel, Parquet …", metavar="POINTS", show_default=False)
    ],
    reading: ReadOptions,
    outputs: OutputOptions,
    customer: Annotated[str, column("--customer", "Whose points; customer by default.")] = "customer",
    date: Annotated[str, column("--date", "The day; date by default.")] = "date",
    earned: Annotated[str, column("--earned", "Points earned; earned by default.")] = "earned",
    redeemed: Annotated[str, column("--redeemed", "Points redeemed; redeemed by default.")] = "redeemed",
    expired: Annotated[str | None, column("--expired", "Points that lapsed.")] = None,
    period: Annotated[str, setting("--period", "day, week, month (default), quarter or year.", "NAME")] = "month",
    point_cost: Annotated[float, setting("--point-cost", "What a point costs; 1 by default.", "MONEY")] = 1.0,
    expires_after: Annotated[int | None, setting("--expires-after", "Periods after which points lapse.", "N")] = None,
    as_of: Annotated[str | None, setting("--as-of", "The day of valuation.", "DATE")] = None,
) -> None:
    """What points that were earned will cost: redemption rate, breakage and liability by period of earning."""
    asked: dict[str, Any] = {
        "customer": customer,
        "date": date,
        "earned": earned,
        "redeemed": redeemed,
        "expired": expired,
        "period": period,
        "point_cost": point_cost,
        "expires_after": expires_after,
        "as_of": as_of,
    }
    analyse(
        data,
        reading,
        outputs,
        lambda points: lk.effect.liability(points, **asked),
        _COHORTS,
        pick=lambda found: found._tables["cohorts"],
        prefix="liability_",
    )


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("liability")(liability)
