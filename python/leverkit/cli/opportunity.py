"""`leverkit survey opportunity`: what is important to people and badly served."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit.cli.kano import items
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
from leverkit.cli.present import analyse, digits, text


@with_groups
def opportunity(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    need: Annotated[str | None, column("--need", "The need.")] = None,
    importance: Annotated[str | None, column("--importance", "How important it is, 1 to 5.")] = None,
    satisfaction: Annotated[str | None, column("--satisfaction", "How satisfied people are, 1 to 5.")] = None,
    pair: Annotated[
        list[str] | None,
        setting(
            "--pair", "A need with its columns, one row per respondent; repeatable.", "NEED=IMPORTANCE,SATISFACTION"
        ),
    ] = None,
    respondent: MaybeRespondent = None,
    by: Annotated[str | None, column("--by", "The segment of the respondent.")] = None,
    weight: Weight = None,
    strata: Strata = None,
    measure: Annotated[str, setting("--measure", "top2 (default) or mean.", "NAME")] = "top2",
) -> None:
    """Opportunity scores of needs, raw and with their noise taken off."""
    asked: dict[str, Any] = {
        **items("need", need, pair, {"importance": importance, "satisfaction": satisfaction}),
        "respondent": respondent,
        "by": by,
        "weight": weight,
        "strata": strata,
        "measure": measure,
    }
    columns = {
        "need": ("Need", text),
        "n": ("n", text),
        "importance": ("Importance", digits),
        "satisfaction": ("Satisfaction", digits),
        "score": ("Raw score", digits),
        "shrunk": ("Score", digits),
        "shrunk_lower": ("from", digits),
        "shrunk_upper": ("to", digits),
        "status": ("Status", text),
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.opportunity(frame, **asked), columns)


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("opportunity")(opportunity)
