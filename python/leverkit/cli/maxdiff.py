"""`leverkit survey maxdiff | maxdiff-design`: what matters most, from choices of the best and the worst."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit.cli.options import Answers, OutputOptions, ReadOptions, Strata, Weight, column, setting, with_groups
from leverkit.cli.present import analyse, digits, present, text


@with_groups
def maxdiff(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    respondent: Annotated[str, column("--respondent", "Who chose.")],
    shown: Annotated[list[str], column("--shown", "An item shown; repeat for each place.")],
    best: Annotated[str, column("--best", "The best of them.")],
    worst: Annotated[str, column("--worst", "The worst of them.")],
    anchor: Annotated[str | None, column("--anchor", "Which of the items matter: all, some or none.")] = None,
    weight: Weight = None,
    strata: Strata = None,
    model: Annotated[str, setting("--model", "pairs (default) or sequential.", "NAME")] = "pairs",
) -> None:
    """Shares of preference, scores and each person's own utilities from best-worst choices."""
    asked: dict[str, Any] = {
        "respondent": respondent,
        "shown": shown,
        "best": best,
        "worst": worst,
        "anchor": anchor,
        "weight": weight,
        "strata": strata,
        "model": model,
    }
    columns = {
        "item": ("Item", text),
        "best": ("Best", digits),
        "worst": ("Worst", digits),
        "score": ("Score", digits),
        "share": ("Share", digits),
        "share_lower": ("from", digits),
        "share_upper": ("to", digits),
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.maxdiff(frame, **asked), columns)


@with_groups
def maxdiff_design(
    items: Annotated[list[str], typer.Argument(help="What is to be compared.", metavar="ITEM", show_default=False)],
    outputs: OutputOptions,
    per_task: Annotated[int, setting("--per-task", "Items of a task.", "N")] = 4,
    tasks: Annotated[int, setting("--tasks", "Tasks of a respondent.", "N")] = 10,
    versions: Annotated[int, setting("--versions", "Versions of the questionnaire.", "N")] = 1,
    seed: Annotated[int, setting("--seed", "Seed of the search.", "N")] = 1,
) -> None:
    """Tasks of a best-worst survey, balanced as far as possible."""
    outputs.check()
    found = lk.survey.maxdiff_design(items, per_task=per_task, tasks=tasks, versions=versions, seed=seed)
    columns = {name: (name.capitalize(), text) for name in ("version", "task", "place", "item")}
    present(found, outputs, columns)


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("maxdiff")(maxdiff)
    group.command("maxdiff-design")(maxdiff_design)
