"""`leverkit survey van-westendorp | gabor-granger | conjoint`: what people would pay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit.cli.options import Answers, MaybeRespondent, OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import analyse, digits


@with_groups
def van_westendorp(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    cheap: Annotated[str, column("--cheap", "The price that is a bargain.")],
    expensive: Annotated[str, column("--expensive", "The price that begins to be expensive.")],
    too_expensive: Annotated[str, column("--too-expensive", "The price too high to buy.")],
    too_cheap: Annotated[str | None, column("--too-cheap", "The price so low that quality is doubted.")] = None,
    buy_cheap: Annotated[str | None, column("--buy-cheap", "Intent to buy at the cheap price, 5 to 1.")] = None,
    buy_expensive: Annotated[
        str | None, column("--buy-expensive", "Intent to buy at the expensive price, 5 to 1.")
    ] = None,
    weights: Annotated[str | None, column("--weights", "Weight of the answer.")] = None,
    intersection: Annotated[
        str, setting("--intersection", "Where curves coincide: min, max, mean (default) or median.", "RULE")
    ] = "mean",
    range: Annotated[str, setting("--range", "accepted (default) or narrower.", "RULE")] = "accepted",
) -> None:
    """The price sensitivity meter: which prices people accept."""
    asked: dict[str, Any] = {
        "too_cheap": too_cheap,
        "cheap": cheap,
        "expensive": expensive,
        "too_expensive": too_expensive,
        "buy_cheap": buy_cheap,
        "buy_expensive": buy_expensive,
        "weights": weights,
        "intersection": intersection,
        "range": range,
    }
    columns = {"point": "Point", "price": "Price", "lower": "from", "upper": "to", "value": "Best"}
    _analyse(data, reading, outputs, lambda frame: lk.survey.van_westendorp(frame, **asked), columns)


@with_groups
def gabor_granger(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    price: Annotated[str, column("--price", "The price that was asked.")],
    buys: Annotated[str, column("--buys", "True or 1 where the answer was yes.")],
    respondent: MaybeRespondent = None,
    unit_cost: Annotated[float | None, setting("--unit-cost", "What a unit costs.", "MONEY")] = None,
) -> None:
    """Demand at stated prices, and the price with the most revenue or profit."""
    asked: dict[str, Any] = {"price": price, "buys": buys, "respondent": respondent, "unit_cost": unit_cost}
    columns = {
        "price": "Price",
        "asked": "Asked",
        "demand": "Demand",
        "demand_lower": "from",
        "demand_upper": "to",
        "revenue": "Revenue",
    }
    _analyse(data, reading, outputs, lambda frame: lk.survey.gabor_granger(frame, **asked), columns)


@with_groups
def conjoint(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    situation: Annotated[str, column("--situation", "The choice situation.")],
    alternative: Annotated[str, column("--alternative", "The alternative.")],
    chosen: Annotated[str, column("--chosen", "True or 1 for the one chosen.")],
    attribute: Annotated[list[str] | None, column("--attribute", "What alternatives offer; repeatable.")] = None,
    price: Annotated[str | None, column("--price", "The price.")] = None,
    respondent: Annotated[str | None, column("--respondent", "Who chose; errors are clustered by it.")] = None,
    coding: Annotated[str, setting("--coding", "dummy (default) or effects.", "NAME")] = "dummy",
) -> None:
    """Part-worths from choices, and what people would pay."""
    asked: dict[str, Any] = {
        "situation": situation,
        "alternative": alternative,
        "chosen": chosen,
        "attributes": attribute or [],
        "price": price,
        "respondent": respondent,
        "coding": coding,
    }
    columns = {
        "term": "Term",
        "estimate": "Utility",
        "std_error": "Std. error",
        "lower": "from",
        "upper": "to",
        "p_value": "p",
    }
    _analyse(data, reading, outputs, lambda frame: lk.survey.conjoint(frame, **asked), columns)


def _analyse(data: Path, reading: ReadOptions, outputs: OutputOptions, run: Any, columns: dict[str, str]) -> None:
    analyse(data, reading, outputs, run, {name: (label, digits) for name, label in columns.items()})


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("van-westendorp")(van_westendorp)
    group.command("gabor-granger")(gabor_granger)
    group.command("conjoint")(conjoint)
