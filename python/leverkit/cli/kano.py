"""`leverkit survey kano`: which features people take for granted, want more of, or are delighted by."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import leverkit as lk
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
def kano(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    feature: Annotated[str | None, column("--feature", "The feature.")] = None,
    functional: Annotated[str | None, column("--functional", "The answer with the feature.")] = None,
    dysfunctional: Annotated[str | None, column("--dysfunctional", "The answer without it.")] = None,
    pair: Annotated[
        list[str] | None,
        setting("--pair", "A feature with its columns, one row per respondent; repeatable.", "FEATURE=WITH,WITHOUT"),
    ] = None,
    respondent: MaybeRespondent = None,
    by: Annotated[str | None, column("--by", "The segment of the respondent.")] = None,
    weight: Weight = None,
    strata: Strata = None,
    evaluation: Annotated[
        str, setting("--evaluation", "The evaluation table: berger (default), pouliot or three.", "NAME")
    ] = "berger",
    reverse: Annotated[
        str, setting("--reverse", "leave (default), or flip: judge the absence of unwanted features.", "RULE")
    ] = "leave",
) -> None:
    """Categories of features from pairs of answers, as far as they are sure."""
    asked: dict[str, Any] = {
        **items("feature", feature, pair, {"functional": functional, "dysfunctional": dysfunctional}),
        "respondent": respondent,
        "by": by,
        "weight": weight,
        "strata": strata,
        "evaluation": evaluation,
        "reverse": reverse,
    }
    columns = {
        "feature": ("Feature", text),
        "n": ("n", text),
        "category": ("Category", text),
        "probability": ("Probability", digits),
        "better": ("Better", digits),
        "worse": ("Worse", digits),
        "status": ("Status", text),
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.kano(frame, **asked), columns)


def items(role: str, column: str | None, pairs: list[str] | None, answers: dict[str, str | None]) -> dict[str, Any]:
    """What is asked about: a column with those of its answers, or pairs such as ``app=with,without``."""
    if not pairs:
        if column is None:
            raise typer.BadParameter(f"expected --{role}, or --pair NAME=COLUMN,COLUMN")
        return {role: column, **answers}
    found = {}
    for pair in pairs:
        name, sign, columns = pair.rpartition("=")
        if not sign or columns.count(",") != 1:
            raise typer.BadParameter(f'--pair: got "{pair}"; expected NAME=COLUMN,COLUMN')
        found[name] = columns.split(",")
    return {role: found}


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("kano")(kano)
