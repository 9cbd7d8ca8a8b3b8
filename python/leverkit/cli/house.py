"""`leverkit survey ahp | house`: weights by comparisons, and the house of quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.options import OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import Columns, analyse, digits, text
from leverkit.cli.run import say

_WEIGHTS: Columns = {
    "item": ("Item", text),
    "weight": ("Weight", numbers.percent),
    "lower": ("from", numbers.percent),
    "upper": ("to", numbers.percent),
    "rank": ("Place", numbers.count),
    "first": ("First", numbers.percent),
}

_HOUSE: Columns = {
    "characteristic": ("Characteristic", text),
    "raw": ("Raw", digits),
    "relative": ("Share", numbers.percent),
    "rank": ("Place", numbers.count),
    "rank_lower": ("from", numbers.count),
    "rank_upper": ("to", numbers.count),
    "top": ("At the top", numbers.percent),
    "verdict": ("Verdict", text),
}


@with_groups
def ahp(
    data: Annotated[
        Path, typer.Argument(help="Comparisons: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
    ],
    reading: ReadOptions,
    outputs: OutputOptions,
    first: Annotated[str, column("--first", "The item that is compared; first by default.")] = "first",
    second: Annotated[str, column("--second", "The item it is compared with; second by default.")] = "second",
    value: Annotated[str, column("--value", "How many times more the first matters; value by default.")] = "value",
    judge: Annotated[str | None, column("--judge", "Who judged.")] = None,
    random_index: Annotated[str, setting("--random-index", "saaty (default) or simulated.", "NAME")] = "saaty",
) -> None:
    """Weights of items by pairwise comparisons, and how consistent these are."""
    asked: dict[str, Any] = {
        "first": first,
        "second": second,
        "value": value,
        "judge": judge,
        "random_index": random_index,
    }
    analyse(data, reading, outputs, lambda frame: lk.survey.ahp(frame, **asked), _WEIGHTS)


@with_groups
def house(
    data: Annotated[
        Path,
        typer.Argument(help="Relations: need, characteristic, strength[, judge].", metavar="DATA", show_default=False),
    ],
    reading: ReadOptions,
    outputs: OutputOptions,
    needs: Annotated[Path, setting("--needs", "Needs: need, weight[, current, planned, sales_point …].", "FILE")],
    characteristics: Annotated[
        Path, setting("--characteristics", "Characteristics: characteristic[, target, difficulty, cost].", "FILE")
    ],
    roof: Annotated[Path | None, setting("--roof", "The roof: first, second, correlation.", "FILE")] = None,
    method: Annotated[str, setting("--method", "raw (default), lyman or wasserman.", "NAME")] = "raw",
    top: Annotated[int, setting("--top", "Places that count as the top; 3 by default.", "NUMBER")] = 3,
    svg: Annotated[Path | None, setting("--svg", "Draws the house into this file.", "FILE")] = None,
) -> None:
    """The house of quality: which characteristics serve what customers need."""

    def run(relations: Any) -> lk.survey.HouseOfQuality:
        others = [path and files.beside(path, reading.given(), say) for path in (needs, characteristics, roof)]
        asked: dict[str, Any] = {"method": method, "top": top}
        found = lk.survey.house_of_quality(others[0], others[1], relations, others[2], **asked)
        if svg is not None:
            found.svg(svg)
        return found

    analyse(data, reading, outputs, run, _HOUSE)


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("ahp")(ahp)
    group.command("house")(house)
