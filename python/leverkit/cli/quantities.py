"""The command of the quantity funnel: `leverkit quantities DATA …`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError
from leverkit.cli.options import OutputOptions, ReadOptions, setting, with_groups
from leverkit.cli.present import Columns, analyse, text
from leverkit.cli.run import say

_COLUMNS: Columns = {
    "level": ("Level", text),
    "quantity": ("Units", numbers.count),
    "conversion": ("Reached", numbers.percent),
    "lower": ("from", numbers.percent),
    "upper": ("to", numbers.percent),
    "value": ("Value", numbers.money),
    "value_lost": ("Lost", numbers.money),
    "held_back": ("Held back", numbers.money),
    "point_value": ("Value of one point", numbers.money),
}


@with_groups
def quantities(
    data: Annotated[
        Path, typer.Argument(help="Counts or items: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
    ],
    reading: ReadOptions,
    outputs: OutputOptions,
    entity: Annotated[str, setting("--entity", "Patients, customers or deals.", "COLUMN")],
    level: Annotated[
        list[str],
        setting("--level", "A level, in order; repeat for each: numbers, dates, or values of --status.", "NAME"),
    ],
    value: Annotated[str | None, setting("--value", "Money of a unit: a column or a number.", "COLUMN")] = None,
    by: Annotated[list[str] | None, setting("--by", "A column to compare by; repeatable.", "COLUMN")] = None,
    status: Annotated[str | None, setting("--status", "The level that an item has come to.", "COLUMN")] = None,
    days: Annotated[float | None, setting("--days", "Days that the data cover.", "DAYS")] = None,
) -> None:
    """The quantity funnel: how much of what was recommended was agreed and performed, and what the losses cost."""
    asked: dict[str, Any] = {
        "entity": entity,
        "levels": level,
        "value": _money(value),
        "by": by,
        "status": status,
        "days": days,
    }
    analyse(data, reading, outputs, lambda rows: lk.funnel.quantities(rows, **asked), _COLUMNS, prefix="quantities_")


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


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("quantities")(quantities)
