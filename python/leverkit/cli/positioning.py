"""`leverkit survey image | position | correspondence | similarity`: what is said of brands, where they stand, and maps of counts and of what is alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit._lib.inputs import repr_of
from leverkit.cli.config import UsageError
from leverkit.cli.options import (
    Answers,
    OutputOptions,
    ReadOptions,
    Respondent,
    Strata,
    Weight,
    column,
    setting,
    with_groups,
)
from leverkit.cli.present import Columns, analyse, digits, number, text

_IMAGE: Columns = {
    "brand": ("Brand", text),
    "attribute": ("Attribute", text),
    "share": ("Share", numbers.percent),
    "deviation": ("Points", number),
    "lower": ("from", number),
    "upper": ("to", number),
    "q_value": ("q", digits),
    "verdict": ("Verdict", text),
}

_POSITION: Columns = {
    "brand": ("Brand", text),
    "block": ("Dimension", text),
    "score": ("Score", number),
    "lower": ("from", number),
    "upper": ("to", number),
    "best": ("Best", numbers.percent),
    "verdict": ("Verdict", text),
}

_MAP: Columns = {
    "kind": ("Kind", text),
    "name": ("Name", text),
    "x": ("x", number),
    "y": ("y", number),
    "sd_x": ("± x", number),
    "sd_y": ("± y", number),
    "quality": ("Shown", numbers.percent),
}

_SIMILARITY: Columns = {
    "item": ("Item", text),
    "x": ("x", number),
    "y": ("y", number),
    "sd_x": ("± x", number),
    "sd_y": ("± y", number),
    "error": ("Share of what is off", numbers.percent),
}


@with_groups
def image(
    data: Annotated[Path, typer.Argument(help="Ticks: CSV, Excel, Parquet …", metavar="DATA", show_default=False)],
    reading: ReadOptions,
    outputs: OutputOptions,
    respondent: Respondent,
    brand: Annotated[str, column("--brand", "The brand.")],
    attribute: Annotated[str, column("--attribute", "What it was said to be.")],
    picked: Annotated[str | None, column("--picked", "True or 1 where the box was ticked.")] = None,
    weight: Weight = None,
    strata: Strata = None,
    wave: Annotated[str | None, column("--wave", "One of two waves.")] = None,
    supplementary: Annotated[
        list[str] | None, setting("--supplementary", "A brand that is shown on the map only; repeatable.", "NAME")
    ] = None,
) -> None:
    """What is said of brands beyond their size."""
    asked: dict[str, Any] = {
        "respondent": respondent,
        "brand": brand,
        "attribute": attribute,
        "picked": picked,
        "weight": weight,
        "strata": strata,
        "wave": wave,
        "supplementary": supplementary or [],
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.image(frame, **asked), _IMAGE)


@with_groups
def position(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    respondent: Respondent,
    brand: Annotated[str, column("--brand", "The brand.")],
    statement: Annotated[str, column("--statement", "The statement, or the dimension.")],
    value: Annotated[str, column("--value", "The answer: a rating, or 1 and 0.")],
    scheme: Annotated[str, setting("--scheme", "est (default) or rdb.", "NAME")] = "est",
    block: Annotated[
        list[str] | None, setting("--block", "Your own dimension and a statement of it; repeatable.", "NAME=STATEMENT")
    ] = None,
    weight: Weight = None,
    strata: Strata = None,
    top: Annotated[float, setting("--top", "From this answer on, a respondent counts; 4 by default.", "NUMBER")] = 4.0,
    choice: Annotated[str | None, column("--choice", "True or 1 where the respondent chose the brand.")] = None,
    fact: Annotated[
        list[str] | None,
        setting("--fact", "What was measured of a brand, more being better; repeatable.", "DIMENSION:BRAND=NUMBER"),
    ] = None,
) -> None:
    """Where brands stand: who is best at what, who at nothing, and what is nobody's."""
    asked: dict[str, Any] = {
        "respondent": respondent,
        "brand": brand,
        "statement": statement,
        "value": value,
        "weight": weight,
        "strata": strata,
        "scheme": _blocks(block) if block else scheme,
        "top": top,
        "choice": choice,
        "facts": _facts(fact or []),
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.position(frame, **asked), _POSITION)


def _blocks(given: list[str]) -> dict[str, list[str]]:
    """Dimensions with their statements, by NAME=STATEMENT."""
    blocks: dict[str, list[str]] = {}
    for pair in given:
        name, mark, statement = pair.partition("=")
        if not mark:
            raise UsageError(f"--block: got {repr_of(pair)}; expected NAME=STATEMENT")
        blocks.setdefault(name, []).append(statement)
    return blocks


def _facts(given: list[str]) -> dict[str, dict[str, float]]:
    """What was measured, by DIMENSION:BRAND=NUMBER."""
    facts: dict[str, dict[str, float]] = {}
    for measure in given:
        place, _, value = measure.rpartition("=")
        block, mark, brand = place.partition(":")
        try:
            measured = float(value)
        except ValueError:
            mark = ""
        if not mark:
            raise UsageError(f"--fact: got {measure!r}; expected DIMENSION:BRAND=NUMBER, such as quick:Acme=12.5")
        facts.setdefault(block, {})[brand] = measured
    return facts


@with_groups
def correspondence(
    data: Annotated[Path, typer.Argument(help="Counts: CSV, Excel, Parquet …", metavar="DATA", show_default=False)],
    reading: ReadOptions,
    outputs: OutputOptions,
    row: Annotated[str, column("--row", "The rows of the table.")],
    across: Annotated[str, column("--column", "The columns of the table.")],
    count: Annotated[str | None, column("--count", "How many; without it, every row counts one.")] = None,
    supplementary: Annotated[
        list[str] | None, column("--supplementary", "A row that is shown only; repeatable.", "NAME")
    ] = None,
) -> None:
    """A map of a table of counts, and whether it shows more than chance."""
    asked: dict[str, Any] = {"row": row, "column": across, "count": count, "supplementary": supplementary or []}
    analyse(data, reading, outputs, lambda frame: lk.survey.correspondence(frame, **asked), _MAP)


@with_groups
def similarity(
    data: Answers,
    reading: ReadOptions,
    outputs: OutputOptions,
    respondent: Respondent,
    one: Annotated[str, column("--one", "One item of the pair.")],
    other: Annotated[str, column("--other", "The other.")],
    value: Annotated[str, column("--value", "How alike, or unlike, they are.")],
    same: Annotated[float, setting("--same", 'The answer that means "the same".', "NUMBER")],
    weight: Weight = None,
    strata: Strata = None,
    method: Annotated[str, setting("--method", "smacof (default) or classical.", "NAME")] = "smacof",
) -> None:
    """A map of what people find alike, by pairs that they compared."""
    asked: dict[str, Any] = {
        "respondent": respondent,
        "one": one,
        "other": other,
        "value": value,
        "same": same,
        "weight": weight,
        "strata": strata,
        "method": method,
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.similarity(frame, **asked), _SIMILARITY)


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("image")(image)
    group.command("position")(position)
    group.command("correspondence")(correspondence)
    group.command("similarity")(similarity)
