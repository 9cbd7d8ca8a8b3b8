"""What the commands of pricing share: the columns of deals, and how a result is written or shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from leverkit._lib import numbers
from leverkit._lib.result import Result
from leverkit.cli import files
from leverkit.cli.config import UsageError
from leverkit.cli.options import ReadOptions
from leverkit.cli.run import one_message, say, steps

_COLUMNS = "Columns"

Deals = Annotated[
    Path, typer.Argument(help="Deals, a row each: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
]
Prices = Annotated[
    Path, typer.Argument(help="Prices, a row each: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Write the table here: .parquet, .csv, .json or .arrow.", metavar="FILE"),
]
By = Annotated[list[str] | None, typer.Option("--by", help="A column to group by; repeatable.", metavar="COLUMN")]


def column(name: str, help: str, metavar: str = "COLUMN") -> Any:
    """An option that names a column."""
    return typer.Option(name, help=help, rich_help_panel=_COLUMNS, metavar=metavar, show_default=False)


@dataclasses.dataclass
class DealOptions:
    """Which column of the deals is what."""

    list_price: Annotated[str, column("--list-price", "The price before anything comes off.")]
    component: Annotated[
        list[str] | None, column("--component", "What comes off; repeatable, in order.", "[NAME=]COLUMN")
    ] = None
    pocket_price: Annotated[str | None, column("--pocket-price", "The price after all discounts.")] = None
    quantity: Annotated[str | None, column("--quantity", "Units of the deal; money is then per unit.")] = None
    basis: Annotated[str | None, column("--basis", "unit or line: whether money is per unit or of the row.", "HOW")] = (
        None
    )

    def roles(self) -> dict[str, Any]:
        """The keywords of the functions of `leverkit.pricing`."""
        if self.basis not in (None, "unit", "line"):
            raise UsageError(f'--basis: got "{self.basis}"; expected unit or line')
        components = dict(_component(text) for text in self.component or [])
        return {name: value for name, value in dataclasses.asdict(self).items() if name != "component"} | {
            "components": components or None
        }


def _component(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not name or (equals and not column):
        raise UsageError(f'got "{text}"; expected --component COLUMN or --component NAME=COLUMN')
    return name, column or name


Write = Callable[[Any], str]


def analyse(
    data: Path,
    output: Path | None,
    reading: ReadOptions,
    run: Callable[[Any], Result],
    columns: Mapping[str, tuple[str, Write]],
    *,
    pick: Callable[[Any], pl.DataFrame] = lambda found: found._tables["table"],
    most: int = 30,
) -> None:
    """Runs an analysis of a file; writes its table, or shows the first rows of it under the headings of `columns`."""
    with one_message(), steps(1) as step:
        write = files.writer(output) if output else None
        frame = files.opened(data, reading.given(), say)
        step(f"Reading {data.name}")
        found = run(frame)
        rows = pick(found)
        if write:
            write(rows)
    for note in [*found.notes, found._headline()]:
        say(note)
    if not output:
        show(rows, columns, most)


def show(rows: pl.DataFrame, columns: Mapping[str, tuple[str, Write]], most: int) -> None:
    """The first rows of a table on standard output, under the headings of `columns`."""
    known = {name: columns[name] for name in columns if name in rows.columns}
    shown = Table(
        *(
            Column(label, no_wrap=write is text, justify="left" if write is text else "right")
            for label, write in known.values()
        ),
        box=SIMPLE,
    )
    for row in rows.head(most).iter_rows(named=True):
        shown.add_row(*(write(row[name]) for name, (_, write) in known.items()))
    Console().print(shown)
    if rows.height > most:
        say(f"{numbers.count(rows.height - most)} more rows; -o FILE writes all")


def grouped(by: list[str] | None, columns: Mapping[str, tuple[str, Write]]) -> dict[str, tuple[str, Write]]:
    """The columns of a table that is grouped: first what it is grouped by."""
    keys: dict[str, tuple[str, Write]] = {name: (name, text) for name in by or []}
    return keys | dict(columns)


def text(value: Any) -> str:
    """A value as it is; a dash where unknown."""
    return "–" if value is None else str(value)


def number(value: Any) -> str:
    """A number with two digits; a dash where unknown."""
    return "–" if value is None else f"{value:,.2f}"
