"""`leverkit effect did | programme`: whether a programme, a campaign or a test worked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit.cli import files
from leverkit.cli.config import settings
from leverkit.cli.options import LedgerOptions, OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import Columns, analyse, digits, present, text
from leverkit.cli.run import Data, read_ledger, say, steps

Panel = Annotated[Path, typer.Argument(help="A panel: CSV, Excel, Parquet …", metavar="DATA", show_default=False)]

_EFFECTS: Columns = {
    "estimator": ("Estimator", text),
    "estimate": ("Effect", digits),
    "std_error": ("Std. error", digits),
    "lower": ("from", digits),
    "upper": ("to", digits),
    "p_value": ("p", digits),
}
_DESIGNS: Columns = {
    "design": ("Design", text),
    "estimate": ("Effect", digits),
    "lower": ("from", digits),
    "upper": ("to", digits),
    "placebo": ("Placebo", digits),
    "placebo_p": ("p", digits),
    "status": ("Status", text),
}


@with_groups
def did(
    data: Panel,
    reading: ReadOptions,
    outputs: OutputOptions,
    unit: Annotated[str, column("--unit", "The unit: a customer, a shop.")],
    period: Annotated[str, column("--period", "The period.")],
    outcome: Annotated[str, column("--outcome", "What is measured.")],
    first_treated: Annotated[str, column("--first-treated", "The unit's first treated period, empty if never.")],
    covariate: Annotated[list[str] | None, column("--covariate", "What was known of a unit; repeatable.")] = None,
    cluster: Annotated[str | None, column("--cluster", "Units of one value vary together.")] = None,
    control: Annotated[str, setting("--control", "never (default) or not_yet.", "NAME")] = "never",
) -> None:
    """Difference-in-differences with staggered treatment."""
    asked: dict[str, Any] = {
        "unit": unit,
        "period": period,
        "outcome": outcome,
        "first_treated": first_treated,
        "covariates": covariate or [],
        "cluster": cluster,
        "control": control,
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.effect.did(frame, **asked),
        _EFFECTS,
        pick=lambda found: found._tables["effects"],
    )


@with_groups
def programme(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    outputs: OutputOptions,
    members: Annotated[Path, setting("--members", "Members: one row each, with customer and joining.", "FILE")],
    member: Annotated[
        str, setting("--member", "The members' column with the customer: customer (default).", "COLUMN")
    ] = "customer",
    joined: Annotated[
        str, setting("--joined", "The members' column with the day of joining: joined (default).", "COLUMN")
    ] = "joined",
    period: Annotated[str, setting("--period", "day, week, month (default), quarter or year.", "NAME")] = "month",
    days: Annotated[
        int | None, setting("--days", "Periods of so many days from the first joining instead.", "DAYS")
    ] = None,
    running_cost: Annotated[float, setting("--running-cost", "What a member costs per period.", "MONEY")] = 0.0,
    reward_cost: Annotated[float, setting("--reward-cost", "Rewards that were redeemed, in all.", "MONEY")] = 0.0,
    rewards: Annotated[
        Path | None, setting("--rewards", "Instead: what was redeemed, with customer, date and redeemed.", "FILE")
    ] = None,
    point_cost: Annotated[float, setting("--point-cost", "What a redeemed point costs: 1 (default).", "MONEY")] = 1.0,
    covariates: Annotated[
        Path | None, setting("--covariates", "What was known before joining: customer, date and numbers.", "FILE")
    ] = None,
) -> None:
    """A programme or campaign judged: did it work, in money, and would it have come anyway?"""
    with steps(2) as step:
        outputs.check()
        chosen = settings(ledger.config, ledger.by_section() | reading.by_section())
        built = read_ledger(data, chosen, step)
        listed = files.beside(members, reading.given(), say)
        redeemed, known = (path and files.beside(path, reading.given(), say) for path in (rewards, covariates))
        step("Comparing members")
        found = lk.effect.programme(
            built,
            listed,
            customer=member,
            joined=joined,
            period=period,  # type: ignore[arg-type]
            days=days,
            rewards=redeemed,
            point_cost=point_cost,
            covariates=known,
            running_cost=running_cost,
            reward_cost=reward_cost,
        )
    # The terminal has room for money alone; files have all outcomes.
    effects = found._tables["effects"]
    present(found, outputs, _DESIGNS, rows=effects if outputs.output else effects.filter(outcome=found.outcome))


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("did")(did)
    group.command("programme")(programme)
