"""`leverkit pricing index`: prices over time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit.cli.options import OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import analyse, digits


@with_groups
def index(
    data: Annotated[Path, typer.Argument(help="Sales: CSV, Excel, Parquet …", metavar="DATA", show_default=False)],
    reading: ReadOptions,
    outputs: OutputOptions,
    time: Annotated[str, column("--time", "The period: numbers, dates or texts, in their order.")],
    product: Annotated[str, column("--product", "What was sold.")],
    price: Annotated[str, column("--price", "The price of a unit.")],
    quantity: Annotated[str, column("--quantity", "Units.")],
    formula: Annotated[
        str, setting("--formula", "fisher (default), tornqvist, laspeyres … or geks-fisher …", "NAME")
    ] = "fisher",
    base: Annotated[str, setting("--base", "fixed (default), chained or period.", "NAME")] = "fixed",
    window: Annotated[int | None, setting("--window", "Periods of a window of GEKS; all by default.", "N")] = None,
    splice: Annotated[str, setting("--splice", "movement, window, half or mean (default).", "NAME")] = "mean",
) -> None:
    """A price index over time, with a check for chain drift."""
    asked: dict[str, Any] = {
        "time": time,
        "product": product,
        "price": price,
        "quantity": quantity,
        "formula": formula,
        "base": base,
        "window": window,
        "splice": splice,
    }
    columns = {
        time: "Period",
        "time": "Period",
        "index": "Index",
        "lower": "from",
        "upper": "to",
        "products": "Products",
        "matched": "Matched",
        "coverage": "of revenue",
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.price_index(frame, **asked),
        {name: (label, digits) for name, label in columns.items()},
    )


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("index")(index)
