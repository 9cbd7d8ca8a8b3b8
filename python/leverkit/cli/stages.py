"""The command of the stage funnel: `leverkit stages EVENTS …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError, settings
from leverkit.cli.options import ReadOptions, with_groups
from leverkit.cli.run import events_of, one_message, say, steps
from leverkit.plots.stages import days

Events = Annotated[Path, typer.Argument(help="Events: CSV, Excel, Parquet …", metavar="EVENTS", show_default=False)]


@with_groups
def stages(
    events: Events,
    reading: ReadOptions,
    entity: Annotated[str | None, typer.Option("--entity", help="Who did it.", metavar="COLUMN")] = None,
    time: Annotated[str | None, typer.Option("--time", help="When.", metavar="COLUMN")] = None,
    event: Annotated[str | None, typer.Option("--event", help="What was done.", metavar="COLUMN")] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option("--stage", help="A stage: an event, or several with | between them; in order.", metavar="EVENT"),
    ] = None,
    window: Annotated[str | None, typer.Option("--window", help="30d (default), 12h, 90m … or none.")] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", help="strict_order, strict_once … or unordered; repeatable.", metavar="NAME"),
    ] = None,
    ties: Annotated[str | None, typer.Option("--ties", help="input (default), lenient or strict.")] = None,
    start: Annotated[str | None, typer.Option("--start", help="any (default) or first.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="A column to group by.", metavar="COLUMN")] = None,
    value: Annotated[str | None, typer.Option("--value", help="Money of the event.", metavar="COLUMN")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings as TOML: sections stages and read.", metavar="FILE")
    ] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Also show what other rules would say.")] = False,
    dropped: Annotated[
        Path | None,
        typer.Option("--dropped", help="Write who stopped at which stage here, for a CRM.", metavar="FILE"),
    ] = None,
    tables: Annotated[
        Path | None, typer.Option("--tables", help="Write every table here, as Parquet.", metavar="DIR")
    ] = None,
) -> None:
    """The stage funnel: how many come from stage to stage of an event log, how fast, and where they stop."""
    given = {
        "entity": entity,
        "time": time,
        "stage": event,
        "window": window,
        "mode": mode,
        "ties": ties,
        "start": start,
        "by": by,
        "value": value,
        "stages": [name.split("|") for name in stage or []],
    }
    with one_message(), steps(2) as step:
        chosen = settings(config, {"stages": given, **reading.by_section()})
        write = files.writer(dropped) if dropped else None
        step(f"Reading {events.name}")
        source = files.opened(events, chosen.read, say)
        columns = {"entity": None, "time": None, "event": chosen.stages.get("stage")}
        asked = asked_of(events_of({**columns, **chosen.stages}, source))
        found = lk.funnel.stages(source, **asked)
        named = {"stages": found._tables["table"], "stages_times": found._tables["times"]}
        step("Counting")
        if audit:
            named["stages_audit"] = found.audit()._tables["table"]
        if write:
            names = found.params["stages"][:-1]
            write(pl.concat([pl.DataFrame(found._engine.dropped(name)) for name in names]))
        if tables:
            files.write_tables(named, tables)
    for note in found.notes:
        say(note)
    _show(named["stages"])
    if audit:
        _show_audit(named["stages_audit"])


def asked_of(given: dict[str, Any]) -> dict[str, Any]:
    """Keywords of `leverkit.funnel.stages` from the command line or a configuration file.

    Raises
    ------
    UsageError
        A column or the stages are missing.
    """
    asked = {name: setting for name, setting in given.items() if name != "file"}
    asked["stage"] = asked.pop("event", asked.get("stage"))
    missing = [option for key, option in _NEEDED.items() if not asked.get(key)]
    if missing:
        raise UsageError(f"set {' and '.join(missing)}, or their keys in [stages] of --config")
    if asked.get("window") == "none":
        asked["window"] = None
    return asked


_NEEDED = {"entity": "--entity", "time": "--time", "stage": "--event", "stages": "--stage (twice or more)"}


def _show(table: pl.DataFrame) -> None:
    headings = (
        "Came here",
        "of the stage before",
        "from",
        "to",
        "of the first",
        "Stopped here",
        "Median days",
        "Money",
    )
    shown = Table(
        Column("Group"),
        Column("Stage", no_wrap=True),
        *(Column(label, justify="right") for label in headings),
        box=SIMPLE,
        collapse_padding=True,
        pad_edge=False,
    )
    for row in table.iter_rows(named=True):
        shown.add_row(
            "–" if row["group"] is None else row["group"],
            row["stage"],
            numbers.count(row["reached"]),
            *(numbers.percent(row[name]) for name in ("from_previous", "lower", "upper", "from_first")),
            numbers.count(row["dropped"]),
            days(row["median_time"]),
            numbers.money(row["value"]),
        )
    Console().print(shown)


def _show_audit(table: pl.DataFrame) -> None:
    names = ("mode", "start", "window", "window_from", "ties")
    shown = Table(
        *(Column(name, overflow="fold") for name in names),
        Column("Last stage", justify="right"),
        Column("of the first", justify="right"),
        box=SIMPLE,
        collapse_padding=True,
        pad_edge=False,
    )
    for row in table.iter_rows(named=True):
        shown.add_row(
            *(str(row[name]) for name in names), numbers.count(row["last"]), numbers.percent(row["conversion"])
        )
    Console().print(shown)
