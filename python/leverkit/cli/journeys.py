"""The commands of journeys: `leverkit journey` and `leverkit attribution`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.config import UsageError, option
from leverkit.cli.options import Events, OutputOptions, ReadOptions, setting, with_groups
from leverkit.cli.present import Columns, analyse, text
from leverkit.cli.run import events_of
from leverkit.reading.source import Source

Entity = Annotated[str | None, setting("--entity", "Who.", "COLUMN")]
Time = Annotated[str | None, setting("--time", "When.", "COLUMN")]

_PATHS: Columns = {
    "path": ("Path", str),
    "entities": ("Entities", numbers.count),
    "share": ("of all", numbers.percent),
    "mean_days": ("Days", numbers.decimal),
}
_CHANNELS: Columns = {
    "channel": ("Channel", text),
    "touches": ("Touches", numbers.count),
    "conversions": ("Conversions", numbers.decimal),
    "share": ("Share", numbers.percent),
    "lower": ("from", numbers.percent),
    "upper": ("to", numbers.percent),
    "value": ("Value", numbers.money),
}


@with_groups
def journey(
    data: Events,
    reading: ReadOptions,
    outputs: OutputOptions,
    entity: Entity = None,
    time: Time = None,
    event: Annotated[str | None, setting("--event", "What.", "COLUMN")] = None,
    channel: Annotated[str | None, setting("--channel", "By what they came.", "COLUMN")] = None,
    n_steps: Annotated[int, setting("--steps", "Steps of the step matrix and of paths; 10 by default.", "N")] = 10,
    collapse: Annotated[
        bool, typer.Option("--collapse", help="Count an event that is repeated immediately once.")
    ] = False,
) -> None:
    """The journey map: what follows what, the most frequent paths, loops, and where people stop."""
    options: dict[str, Any] = {"channel": channel, "steps": n_steps, "collapse": collapse}

    def run(events: Source) -> lk.funnel.Journey:
        roles = _roles({"entity": entity, "time": time, "event": event}, events)
        return lk.funnel.journey(events, **roles, **options)

    analyse(data, reading, outputs, run, _PATHS, pick=lambda found: found._tables["paths"], prefix="journey_")


@with_groups
def attribution(
    data: Events,
    reading: ReadOptions,
    outputs: OutputOptions,
    channel: Annotated[str, setting("--channel", "The touch's channel.", "COLUMN")],
    conversion: Annotated[str, setting("--conversion", "A flag or number of conversions.", "COLUMN")],
    entity: Entity = None,
    time: Time = None,
    value: Annotated[str | None, setting("--value", "Money of the conversion.", "COLUMN")] = None,
    method: Annotated[
        str,
        setting("--method", "first, last, linear, position, time_decay, markov (default) or shapley.", "NAME"),
    ] = "markov",
) -> None:
    """Which channels get credit for conversions."""
    options: dict[str, Any] = {"channel": channel, "conversion": conversion, "value": value, "method": method}

    def run(events: Source) -> lk.funnel.Attribution:
        return lk.funnel.attribution(events, **_roles({"entity": entity, "time": time}, events), **options)

    analyse(data, reading, outputs, run, _CHANNELS, prefix="attribution_")


def _roles(asked: dict[str, str | None], events: Source) -> dict[str, Any]:
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


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("journey")(journey)
    group.command("attribution")(attribution)
