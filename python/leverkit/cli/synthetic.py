"""`leverkit effect synthetic`: a few treated units against a weighted mean of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.options import OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import Columns, analyse, digits, text

_EFFECTS: Columns = {
    "method": ("Method", text),
    "effect": ("Effect", digits),
    "lower": ("from", digits),
    "upper": ("to", digits),
    "lift": ("Lift", numbers.signed_percent),
    "p_value": ("p", digits),
    "rmspe": ("Error before", digits),
}


@with_groups
def synthetic(
    data: Annotated[
        Path,
        typer.Argument(help="Outcomes by unit and period: CSV, Excel, Parquet …", metavar="PANEL", show_default=False),
    ],
    reading: ReadOptions,
    outputs: OutputOptions,
    unit: Annotated[str, column("--unit", "A shop, a city.")],
    time: Annotated[str, column("--time", "The period.")],
    outcome: Annotated[str, column("--outcome", "What is compared.")],
    treated: Annotated[list[str], setting("--treated", "A treated unit; repeatable.", "UNIT")],
    start: Annotated[str, setting("--start", "The first treated period.", "PERIOD")],
) -> None:
    """A few treated units, such as shops or cities, against a weighted mean of the others, with placebos."""
    analyse(
        data,
        reading,
        outputs,
        lambda panel: lk.effect.synthetic(panel, unit=unit, time=time, outcome=outcome, treated=treated, start=start),
        _EFFECTS,
        pick=lambda found: found._tables["effects"],
        prefix="synthetic_",
    )


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("synthetic")(synthetic)
