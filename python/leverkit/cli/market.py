"""The commands on the market: `leverkit pricing elasticity`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

import leverkit as lk
from leverkit.cli import files
from leverkit.cli.options import ReadOptions, with_groups
from leverkit.cli.pricing import pricing
from leverkit.cli.run import one_message, say, steps


@pricing.command()
@with_groups
def elasticity(
    data: Annotated[Path, typer.Argument(help="Sales: CSV, Excel, Parquet …", metavar="DATA", show_default=False)],
    reading: ReadOptions,
    quantity: Annotated[str, typer.Option(help="Column of units sold.", metavar="COLUMN", show_default=False)],
    price: Annotated[str, typer.Option(help="Column of the price of a unit.", metavar="COLUMN", show_default=False)],
    effects: Annotated[
        list[str],
        typer.Option(
            "--effect", help="Absorb the levels of a column; again for more, a^b for combinations.", metavar="COLUMN"
        ),
    ] = [],  # noqa: B006
    cluster: Annotated[
        list[str],
        typer.Option("--cluster", help="Errors depend on each other within a column; at most twice.", metavar="COLUMN"),
    ] = [],  # noqa: B006
    controls: Annotated[
        list[str], typer.Option("--control", help="A further column that moves sales.", metavar="COLUMN")
    ] = [],  # noqa: B006
    instruments: Annotated[
        list[str],
        typer.Option("--instrument", help="A column that moves sales through the price alone.", metavar="COLUMN"),
    ] = [],  # noqa: B006
    by: Annotated[
        list[str], typer.Option("--by", help="An elasticity for each value of a column.", metavar="COLUMN")
    ] = [],  # noqa: B006
    category: Annotated[str | None, typer.Option(help="With --by: what groups are kinds of.", metavar="COLUMN")] = None,
    period: Annotated[str | None, typer.Option(help="With --by: the column of the week.", metavar="COLUMN")] = None,
    zeros: Annotated[
        bool, typer.Option("--zeros", help="Keep rows without sales: Poisson instead of logarithms.")
    ] = False,
    logarithms: Annotated[bool, typer.Option("--log/--no-log", help="Take logarithms of quantity and price.")] = True,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write the table here: .parquet, .csv, .arrow or .json.", metavar="FILE"),
    ] = None,
) -> None:
    """How many per cent sales change when the price rises by one."""
    with one_message(), steps(1) as step:
        write = None if output is None else files.writer(output)
        step(f"Reading {data.name}")
        found = lk.pricing.elasticity(
            files.opened(data, reading.given(), say),
            quantity=quantity,
            price=price,
            effects=effects,
            cluster=cluster,
            controls=controls,
            instruments=instruments,
            by=by,
            category=category,
            period=period,
            model="ppml" if zeros else "ols",
            log=logarithms,
        )
        table = found._tables["table"]
        if write is not None:
            write(table)
    say(f"{found._headline()}.")
    for note in found.notes:
        say(f"- {note}")
    if write is None and isinstance(found, lk.pricing.Elasticity):
        _show(found)


def _show(found: lk.pricing.Elasticity) -> None:
    shown = Table("model", "estimate", "std. error", "lower", "upper", box=SIMPLE)
    for row in found._tables["compared"].iter_rows(named=True):
        cells = (row[name] for name in ("estimate", "std_error", "lower", "upper"))
        shown.add_row(row["model"], *("–" if cell is None else f"{cell:.4f}" for cell in cells))
    Console().print(shown)
