"""The command of the reverse funnel: `leverkit reverse …`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.config import UsageError
from leverkit.cli.options import OutputOptions, with_groups
from leverkit.cli.present import Columns, present, text
from leverkit.cli.run import say

_TARGET, _MONEY, _TIME = "Target", "Money", "Time"
_COLUMNS: Columns = {
    "stage": ("Stage", text),
    "seen": ("Seen", numbers.count),
    "conversion": ("Reached", numbers.percent),
    "needed": ("Needed", numbers.count),
    "needed_lower": ("from", numbers.count),
    "needed_upper": ("to", numbers.count),
    "confident": ("To be sure", numbers.count),
}


def _option(name: str, help: str, metavar: str, panel: str) -> Any:
    return typer.Option(name, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


@dataclasses.dataclass
class TargetOptions:
    """What to reach, and by which way."""

    target: Annotated[float, _option("--target", "What to reach.", "NUMBER", _TARGET)]
    stage: Annotated[
        list[str], _option("--stage", "A stage and how many were seen there, in order; repeat.", "NAME=N", _TARGET)
    ]
    unit: Annotated[str, _option("--unit", "orders (default), revenue or profit.", "NAME", _TARGET)] = "orders"
    confidence: Annotated[
        float, _option("--confidence", "The chance with which to reach it; 0.9 by default.", "SHARE", _TARGET)
    ] = 0.9

    def given(self) -> dict[str, Any]:
        """The keywords of `leverkit.funnel.reverse`."""
        stages = list(_pairs(self.stage, "--stage NAME=N").items())
        return {"target": self.target, "stages": stages, "unit": self.unit, "confidence": self.confidence}


@dataclasses.dataclass
class MoneyOptions:
    """What the stages cost and bring."""

    cost_per_first: Annotated[
        float | None, _option("--cost-per-first", "Money that one of the first stage costs.", "MONEY", _MONEY)
    ] = None
    average_check: Annotated[
        float | None, _option("--average-check", "Money of one of the last stage.", "MONEY", _MONEY)
    ] = None
    margin: Annotated[float, _option("--margin", "Share of it that is left; all by default.", "SHARE", _MONEY)] = 1.0
    fixed_costs: Annotated[float, _option("--fixed-costs", "Money to be earned besides.", "MONEY", _MONEY)] = 0.0
    available: Annotated[
        float | None, _option("--available", "How many there will be at the first stage.", "N", _MONEY)
    ] = None
    improve: Annotated[
        list[str] | None,
        _option("--improve", "Money for a point of a stage's conversion; repeatable.", "STAGE=MONEY", _MONEY),
    ] = None

    def given(self) -> dict[str, Any]:
        """The keywords of `leverkit.funnel.reverse`."""
        values = dataclasses.asdict(self)
        return {"improvements": _pairs(values.pop("improve"), "--improve STAGE=MONEY"), **values}


@dataclasses.dataclass
class TimeOptions:
    """How long it takes, and how much a week can take."""

    lag: Annotated[
        list[float] | None, _option("--lag", "Days from a stage to the next, in order; repeat.", "DAYS", _TIME)
    ] = None
    start: Annotated[str | None, _option("--start", "The first day.", "DATE", _TIME)] = None
    due: Annotated[str | None, _option("--due", "By when.", "DATE", _TIME)] = None
    capacity: Annotated[
        list[str] | None, _option("--capacity", "The most a stage takes a week; repeatable.", "STAGE=N", _TIME)
    ] = None

    def given(self) -> dict[str, Any]:
        """The keywords of `leverkit.funnel.reverse`."""
        capacity = _pairs(self.capacity, "--capacity STAGE=N")
        return {"lags": self.lag or [], "start": self.start, "due": self.due, "capacity": capacity}


@with_groups
def reverse(target: TargetOptions, money: MoneyOptions, time: TimeOptions, outputs: OutputOptions) -> None:
    """The reverse funnel: what each stage must deliver to reach a target, and when."""
    outputs.check()
    found = lk.funnel.reverse(**target.given(), **money.given(), **time.given())
    present(found, outputs, _COLUMNS)
    if found.confident_spend is not None:
        say(f"Spend: {numbers.money(found.spend)} expected, {numbers.money(found.confident_spend)} to be sure.")
    for lever in found._tables["mix"].filter(found._tables["mix"]["cost"] > 0).iter_rows(named=True):
        say(f"{lever['stage']}: {lever['from']:.4g} → {lever['to']:.4g} for {numbers.money(lever['cost'])}")


def _pairs(texts: list[str] | None, form: str) -> dict[str, float]:
    pairs = {}
    for pair in texts or []:
        name, _, number = pair.rpartition("=")
        try:
            pairs[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            raise UsageError(f'got "{pair}"; expected {form}')
    return pairs


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("reverse")(reverse)
