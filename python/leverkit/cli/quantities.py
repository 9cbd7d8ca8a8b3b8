"""The commands of the quantity and the reverse funnel: `leverkit quantities` and `leverkit reverse`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError
from leverkit.cli.options import ReadOptions, with_groups
from leverkit.cli.run import one_message, say, steps


def _option(name: str, help: str, metavar: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, help=help, metavar=metavar, show_default=False)
    return option


Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Write the table here: .parquet, .csv, .json or .arrow.", metavar="FILE"),
]


@with_groups
def quantities(
    data: Annotated[
        Path, typer.Argument(help="Counts or items: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
    ],
    reading: ReadOptions,
    entity: Annotated[str, _option("--entity", "Patients, customers or deals.", "COLUMN")],
    level: Annotated[
        list[str],
        _option("--level", "A level, in order; repeat for each: numbers, dates, or values of --status.", "NAME"),
    ],
    value: Annotated[str | None, _option("--value", "Money of a unit: a column or a number.", "COLUMN")] = None,
    by: Annotated[list[str] | None, _option("--by", "A column to compare by; repeatable.", "COLUMN")] = None,
    status: Annotated[str | None, _option("--status", "The level that an item has come to.", "COLUMN")] = None,
    days: Annotated[float | None, _option("--days", "Days that the data cover.", "DAYS")] = None,
    tables: Annotated[Path | None, _option("--tables", "Write every table here, as Parquet.", "DIR")] = None,
    output: Output = None,
) -> None:
    """The quantity funnel: of what was recommended, how much was agreed and performed, and what that costs."""
    with one_message(), steps(2) as step:
        write = files.writer(output) if output else None
        step(f"Reading {data.name}")
        rows = files.opened(data, reading.given(), say)
        step("Adding levels up")
        found = lk.funnel.quantities(
            rows, entity=entity, levels=level, value=_money(value), by=by, status=status, days=days
        )
        if write:
            write(found._tables["table"])
        if tables:
            files.write_tables({f"quantities_{name}": table for name, table in found._tables.items()}, tables)
    for note in [*found.notes, found._headline()]:
        say(note)
    headings = ("Units", "Come here", "from", "to", "Value", "Lost", "Held back", "A point is worth")
    shown = Table(Column("Level", no_wrap=True), *(Column(label, justify="right") for label in headings), box=SIMPLE)
    for row in found._tables["table"].iter_rows(named=True):
        shown.add_row(
            row["level"],
            numbers.count(row["quantity"]),
            *(numbers.percent(row[name]) for name in ("conversion", "lower", "upper")),
            *(numbers.money(row[name]) for name in ("value", "value_lost", "held_back", "point_value")),
        )
    Console().print(shown)


def reverse(
    target: Annotated[float, _option("--target", "What to reach.", "NUMBER")],
    stage: Annotated[
        list[str], _option("--stage", "A stage and how many were seen there, in order; repeat.", "NAME=N")
    ],
    confidence: Annotated[
        float, typer.Option("--confidence", help="The chance with which to reach it.", metavar="SHARE")
    ] = 0.9,
    unit: Annotated[str, typer.Option("--unit", help="orders, revenue or profit.", metavar="NAME")] = "orders",
    cost: Annotated[
        float | None, _option("--cost-per-first", "Money that one of the first stage costs.", "MONEY")
    ] = None,
    check: Annotated[float | None, _option("--average-check", "Money of one of the last stage.", "MONEY")] = None,
    margin: Annotated[float, typer.Option("--margin", help="Share of it that is left.", metavar="SHARE")] = 1.0,
    fixed: Annotated[float, typer.Option("--fixed-costs", help="Money to be earned besides.", metavar="MONEY")] = 0.0,
    lag: Annotated[
        list[float] | None, _option("--lag", "Days from a stage to the next, in order; repeat.", "DAYS")
    ] = None,
    start: Annotated[str | None, _option("--start", "The first day.", "DATE")] = None,
    due: Annotated[str | None, _option("--due", "By when.", "DATE")] = None,
    capacity: Annotated[
        list[str] | None, _option("--capacity", "The most a stage takes a week; repeatable.", "STAGE=N")
    ] = None,
    available: Annotated[
        float | None, _option("--available", "How many there will be at the first stage.", "N")
    ] = None,
    improve: Annotated[
        list[str] | None, _option("--improve", "Money for a point of a stage's conversion; repeatable.", "STAGE=MONEY")
    ] = None,
    output: Output = None,
) -> None:
    """The reverse funnel: what each stage must bring to reach a target, and when."""
    with one_message():
        write = files.writer(output) if output else None
        found = lk.funnel.reverse(
            target=target,
            stages=list(_pairs(stage, "--stage NAME=N").items()),
            confidence=confidence,
            unit=unit,  # type: ignore[arg-type]
            cost_per_first=cost,
            average_check=check,
            margin=margin,
            fixed_costs=fixed,
            lags=lag or [],
            start=start,
            due=due,
            capacity=_pairs(capacity, "--capacity STAGE=N"),
            available=available,
            improvements=_pairs(improve, "--improve STAGE=MONEY"),
        )
        if write:
            write(found._tables["table"])
    for note in [*found.notes, found._headline()]:
        say(note)
    headings = ("Seen", "Come here", "Needed", "from", "to", "To be sure")
    shown = Table(Column("Stage", no_wrap=True), *(Column(label, justify="right") for label in headings), box=SIMPLE)
    for row in found._tables["table"].iter_rows(named=True):
        shown.add_row(
            row["stage"],
            numbers.count(row["seen"]),
            numbers.percent(row["conversion"]),
            *(numbers.count(row[name]) for name in ("needed", "needed_lower", "needed_upper", "confident")),
        )
    Console().print(shown)
    if found.confident_spend is not None:
        say(f"Spend: {numbers.money(found.spend)} expected, {numbers.money(found.confident_spend)} to be sure.")
    for lever in found._tables["mix"].filter(found._tables["mix"]["cost"] > 0).iter_rows(named=True):
        say(f"{lever['stage']}: {lever['from']:.4g} → {lever['to']:.4g} for {numbers.money(lever['cost'])}")


def asked_quantities(given: Path | None, section: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any] | None:
    """The table and keywords of the report's quantity funnel, from the option or the configuration; None where neither has a file."""
    file = given or section.get("file")
    if not file:
        return None
    missing = [name for name in ("entity", "levels") if not section.get(name)]
    if missing:
        raise UsageError(f"--quantities needs {' and '.join(missing)} in section [quantities] of --config")
    keywords = {name: value for name, value in section.items() if name != "file"}
    return {"frame": files.beside(Path(file), read, say), **keywords}


def _money(text: str | None) -> str | float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _pairs(texts: list[str] | None, form: str) -> dict[str, float]:
    pairs = {}
    for text in texts or []:
        name, _, number = text.rpartition("=")
        try:
            pairs[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            raise UsageError(f'got "{text}"; expected {form}')
    return pairs
