"""`leverkit survey sample-size`: how many answers a survey needs."""

from __future__ import annotations

from typing import Annotated

import typer

import leverkit as lk
from leverkit.cli.options import OutputOptions, setting, with_groups
from leverkit.cli.present import digits, present, text


@with_groups
def sample_size(
    outputs: OutputOptions,
    half_width: Annotated[
        float | None, setting("--half-width", "Half of the width of a share's interval, such as 0.05.", "SHARE")
    ] = None,
    share: Annotated[float, setting("--share", "The share that is expected.", "SHARE")] = 0.5,
    category: Annotated[
        list[float] | None,
        setting("--category", "Expected share of a category, instead of a half-width; repeatable.", "SHARE"),
    ] = None,
    population: Annotated[float | None, setting("--population", "People there are to be asked.", "N")] = None,
    response: Annotated[float, setting("--response", "The share of people asked who answer.", "SHARE")] = 1.0,
) -> None:
    """How many answers a survey needs."""
    outputs.check()
    found = lk.survey.sample_size(
        half_width=half_width, share=share, categories=category or (), population=population, response=response
    )
    columns = {
        "answers": ("Answers", text),
        "asked": ("People to ask", text),
        "half_width": ("Half-width", digits),
        "right": ("Right category", digits),
    }
    present(found, outputs, columns)


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("sample-size")(sample_size)
