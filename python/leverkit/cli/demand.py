"""`leverkit pricing elasticity`: how sales answer prices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib.result import Result
from leverkit.cli.options import OutputOptions, ReadOptions, with_groups
from leverkit.cli.present import Columns, analyse, digits, grouped, text

_COLUMNS: Columns = {
    "model": ("Model", text),
    "estimate": ("Estimate", digits),
    "std_error": ("Std. error", digits),
    "lower": ("from", digits),
    "upper": ("to", digits),
    "status": ("Status", text),
}


@with_groups
def elasticity(
    data: Annotated[Path, typer.Argument(help="Sales: CSV, Excel, Parquet …", metavar="DATA", show_default=False)],
    reading: ReadOptions,
    outputs: OutputOptions,
    quantity: Annotated[str, typer.Option(help="Column with units sold.", metavar="COLUMN", show_default=False)],
    price: Annotated[str, typer.Option(help="Column with the price per unit.", metavar="COLUMN", show_default=False)],
    effects: Annotated[
        list[str],
        typer.Option(
            "--effect", help="Absorb the levels of a column; repeatable, a^b for combinations.", metavar="COLUMN"
        ),
    ] = [],  # noqa: B006
    cluster: Annotated[
        list[str],
        typer.Option("--cluster", help="Errors are correlated within a column; at most twice.", metavar="COLUMN"),
    ] = [],  # noqa: B006
    controls: Annotated[
        list[str], typer.Option("--control", help="A further column that affects sales.", metavar="COLUMN")
    ] = [],  # noqa: B006
    instruments: Annotated[
        list[str],
        typer.Option("--instrument", help="A column that affects sales only through the price.", metavar="COLUMN"),
    ] = [],  # noqa: B006
    by: Annotated[
        list[str], typer.Option("--by", help="An elasticity for each value of a column.", metavar="COLUMN")
    ] = [],  # noqa: B006
    category: Annotated[
        str | None, typer.Option(help="With --by: the column with the groups' category.", metavar="COLUMN")
    ] = None,
    period: Annotated[str | None, typer.Option(help="With --by: the column with the week.", metavar="COLUMN")] = None,
    zeros: Annotated[
        bool, typer.Option("--zeros", help="Keep rows without sales: Poisson instead of logarithms.")
    ] = False,
    logarithms: Annotated[bool, typer.Option("--log/--no-log", help="Take logarithms of quantity and price.")] = True,
) -> None:
    """How many per cent sales change when the price rises by one."""
    asked: dict[str, Any] = {
        "quantity": quantity,
        "price": price,
        "effects": effects,
        "cluster": cluster,
        "controls": controls,
        "instruments": instruments,
        "by": by,
        "category": category,
        "period": period,
        "model": "ppml" if zeros else "ols",
        "log": logarithms,
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.elasticity(frame, **asked),
        grouped(by, _COLUMNS),
        pick=lambda found: found._tables[_table_of(found, outputs)],
    )


def _table_of(found: Result, outputs: OutputOptions) -> str:
    """Terms or groups go to a file; on the terminal the models stand side by side where one elasticity was asked for."""
    return "compared" if isinstance(found, lk.pricing.Elasticity) and not outputs.output else "table"


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("elasticity")(elasticity)
