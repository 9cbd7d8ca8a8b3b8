"""The command of the stage funnel: `leverkit stages EVENTS …`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError, settings
from leverkit.cli.options import Events, ReadOptions, setting, with_groups
from leverkit.cli.present import Columns, show, text
from leverkit.cli.run import events_of, say, steps
from leverkit.plots.stages import days

_COLUMNS: Columns = {
    "group": ("Group", text),
    "stage": ("Stage", text),
    "reached": ("Reached", numbers.count),
    "from_previous": ("of the stage before", numbers.percent),
    "lower": ("from", numbers.percent),
    "upper": ("to", numbers.percent),
    "from_first": ("of the first", numbers.percent),
    "dropped": ("Stopped here", numbers.count),
    "median_time": ("Median days", days),
    "value": ("Money", numbers.money),
}
_AUDIT: Columns = {
    **{name: (name, str) for name in ("mode", "start", "window", "window_from", "ties")},
    "last": ("Last stage", numbers.count),
    "conversion": ("of the first", numbers.percent),
}


@dataclasses.dataclass
class StageOptions:
    """Which columns hold the events, and by which rules stages are reached."""

    entity: Annotated[str | None, setting("--entity", "Who did it.", "COLUMN")] = None
    time: Annotated[str | None, setting("--time", "When.", "COLUMN")] = None
    event: Annotated[str | None, setting("--event", "What was done.", "COLUMN")] = None
    stage: Annotated[
        list[str] | None,
        setting("--stage", "A stage: an event, or several with | between them; in order.", "EVENT"),
    ] = None
    window: Annotated[str | None, setting("--window", "30d (default), 12h, 90m … or none.", "LENGTH")] = None
    mode: Annotated[
        list[str] | None, setting("--mode", "strict_order, strict_once … or unordered; repeatable.", "NAME")
    ] = None
    ties: Annotated[str | None, setting("--ties", "input (default), lenient or strict.", "NAME")] = None
    start: Annotated[str | None, setting("--start", "any (default) or first.", "NAME")] = None
    by: Annotated[str | None, setting("--by", "A column to group by.", "COLUMN")] = None
    value: Annotated[str | None, setting("--value", "Money of the event.", "COLUMN")] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        values = dataclasses.asdict(self)
        stages = [name.split("|") for name in values.pop("stage") or []]
        return {"stages": {**values, "stage": values.pop("event"), "stages": stages}}


@with_groups
def stages(
    events: Events,
    reading: ReadOptions,
    rules: StageOptions,
    config: Annotated[Path | None, setting("--config", "Settings as TOML: sections stages and read.", "FILE")] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Also show results under other rules.")] = False,
    dropped: Annotated[
        Path | None, setting("--dropped", "Write who stopped at which stage here, for a CRM.", "FILE")
    ] = None,
    tables: Annotated[
        Path | None,
        setting(
            "--tables",
            "Write every table here: a folder (Parquet), a workbook (.xlsx), or files such as tables/{name}.csv.",
            "WHERE",
        ),
    ] = None,
) -> None:
    """The stage funnel: how many go from stage to stage of an event log, how fast, and where they stop."""
    with steps(2) as step:
        chosen = settings(config, rules.by_section() | reading.by_section())
        write = files.writer(dropped) if dropped else None
        write_tables = files.tables_writer(tables) if tables else None
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
        if write_tables:
            write_tables(named)
    for note in found.notes:
        say(note)
    show(named["stages"], _COLUMNS)
    if audit:
        show(named["stages_audit"], _AUDIT)


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


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("stages")(stages)
