"""The commands of journeys: `leverkit journey` and `leverkit attribution`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError, option
from leverkit.cli.options import ReadOptions, with_groups
from leverkit.cli.run import events_of, one_message, say, steps
from leverkit.reading.source import Source

Events = Annotated[Path, typer.Argument(help="Events: CSV, Excel, Parquet …", metavar="EVENTS", show_default=False)]
Entity = Annotated[str | None, typer.Option("--entity", help="Who.", metavar="COLUMN", show_default=False)]
Time = Annotated[str | None, typer.Option("--time", help="When.", metavar="COLUMN", show_default=False)]
Tables = Annotated[
    Path | None, typer.Option("--tables", help="Write every table here, as Parquet.", metavar="DIR", show_default=False)
]


@with_groups
def journey(
    data: Events,
    reading: ReadOptions,
    entity: Entity = None,
    time: Time = None,
    event: Annotated[str | None, typer.Option("--event", help="What.", metavar="COLUMN", show_default=False)] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", help="By what they came.", metavar="COLUMN", show_default=False)
    ] = None,
    n_steps: Annotated[int, typer.Option("--steps", help="Steps of the step matrix and of paths.", metavar="N")] = 10,
    collapse: Annotated[bool, typer.Option("--collapse", help="Count an event that is repeated at once once.")] = False,
    tables: Tables = None,
) -> None:
    """The journey map: what follows what, the usual paths, loops, and where they stop."""
    with one_message(), steps(2) as step:
        step(f"Reading {data.name}")
        events = files.opened(data, reading.given(), say)
        roles = _roles({"entity": entity, "time": time, "event": event}, events)
        step("Following entities")
        found = lk.funnel.journey(
            events,
            entity=roles["entity"],
            time=roles["time"],
            event=roles["event"],
            channel=channel,
            steps=n_steps,
            collapse=collapse,
        )
        if tables:
            files.write_tables({f"journey_{name}": table for name, table in found._tables.items()}, tables)
    for note in [*found.notes, found._headline()]:
        say(note)
    rows = found._tables["paths"].head(10).iter_rows(named=True)
    _show(
        ("Path", "Entities", "of all", "Days"),
        [
            (row["path"], numbers.count(row["entities"]), numbers.percent(row["share"]), f"{row['mean_days']:.1f}")
            for row in rows
        ],
    )


@with_groups
def attribution(
    data: Events,
    reading: ReadOptions,
    channel: Annotated[
        str, typer.Option("--channel", help="The touch's channel.", metavar="COLUMN", show_default=False)
    ],
    conversion: Annotated[
        str, typer.Option("--conversion", help="A flag or number of conversions.", metavar="COLUMN", show_default=False)
    ],
    entity: Entity = None,
    time: Time = None,
    value: Annotated[
        str | None, typer.Option("--value", help="Money of the conversion.", metavar="COLUMN", show_default=False)
    ] = None,
    method: Annotated[
        str,
        typer.Option("--method", help="first, last, linear, position, time_decay, markov or shapley.", metavar="NAME"),
    ] = "markov",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the channels here: .parquet, .csv, .json or .arrow.", metavar="FILE"
        ),
    ] = None,
    tables: Tables = None,
) -> None:
    """Which channels conversions are owed to."""
    with one_message(), steps(2) as step:
        write = files.writer(output) if output else None
        step(f"Reading {data.name}")
        events = files.opened(data, reading.given(), say)
        roles = _roles({"entity": entity, "time": time}, events)
        step("Sharing conversions out")
        found = lk.funnel.attribution(
            events,
            entity=roles["entity"],
            time=roles["time"],
            channel=channel,
            conversion=conversion,
            value=value,
            method=method,  # type: ignore[arg-type]
        )
        if write:
            write(found._tables["table"])
        if tables:
            files.write_tables({f"attribution_{name}": table for name, table in found._tables.items()}, tables)
    for note in [*found.notes, found._headline()]:
        say(note)
    _show(("Channel", "Touches", "Conversions", "Share", "from", "to", "Value"), _channels(found._tables["table"]))


def _roles(asked: dict[str, str | None], events: Source) -> dict[str, str]:
    """The columns that were set, or that the file's shape knows.

    Raises
    ------
    UsageError
        One is neither.
    """
    roles = events_of(asked, events)
    missing = [option(role) for role, column in roles.items() if not column]
    if missing:
        raise UsageError(f"set {' and '.join(missing)}; the columns are {', '.join(events.schema)}")
    return roles


def _channels(table: pl.DataFrame) -> list[tuple[str, ...]]:
    return [
        (
            "–" if row["channel"] is None else row["channel"],
            numbers.count(row["touches"]),
            f"{row['conversions']:,.1f}",
            numbers.percent(row["share"]),
            numbers.percent(row["lower"]),
            numbers.percent(row["upper"]),
            numbers.money(row["value"]),
        )
        for row in table.iter_rows(named=True)
    ]


def _show(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    shown = Table(Column(headings[0]), *(Column(name, justify="right") for name in headings[1:]), box=SIMPLE)
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)
