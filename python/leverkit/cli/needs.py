"""`leverkit survey needs`: segments of respondents who want the same."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.options import (
    Answers,
    MaybeRespondent,
    OutputOptions,
    ReadOptions,
    Strata,
    Weight,
    column,
    setting,
    with_groups,
)
from leverkit.cli.present import Columns, analyse, text

_COLUMNS: Columns = {
    "segment": ("Segment", text),
    "size": ("Share", numbers.percent),
    "lower": ("from", numbers.percent),
    "upper": ("to", numbers.percent),
    "sureness": ("Sure", numbers.percent),
}


@with_groups
def needs(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    item: Annotated[list[str], column("--item", "A question; repeat for each.")],
    respondent: MaybeRespondent = None,
    weight: Weight = None,
    strata: Strata = None,
    covariate: Annotated[list[str] | None, column("--covariate", "What may tell the segment; repeatable.")] = None,
    outcome: Annotated[list[str] | None, column("--outcome", "A number compared between segments; repeatable.")] = None,
    most: Annotated[int, setting("--most", "The most segments that are tried; 6 by default.", "NUMBER")] = 6,
) -> None:
    """Segments of respondents who want the same; one if no more are shown."""
    asked: dict[str, Any] = {
        "items": item,
        "respondent": respondent,
        "weight": weight,
        "strata": strata,
        "covariates": covariate or [],
        "outcomes": outcome or [],
        "k": range(1, most + 1),
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.needs(frame, **asked), _COLUMNS)


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("needs")(needs)
