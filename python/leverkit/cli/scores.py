"""The commands of customers: their RFM scores, `leverkit rfm DATA …`, and what they do alike, `leverkit clusters DATA …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError, settings
from leverkit.cli.options import (
    LedgerOptions,
    LimitOptions,
    OutputOptions,
    ReadOptions,
    RfmOptions,
    setting,
    with_groups,
)
from leverkit.cli.present import Columns, number, present, show, text
from leverkit.cli.run import Data, read_ledger, say, steps

_SEGMENTS: Columns = {
    "segment": ("Segment", text),
    "customers": ("Customers", numbers.count),
    "share_customers": ("of all", numbers.percent),
    "revenue": ("Revenue", numbers.money),
    "share_revenue": ("of all", numbers.percent),
    "average_check": ("Average check", numbers.money),
    "median_recency": ("Days since last order", numbers.count),
}
_CLUSTERS: Columns = {
    "name": ("Cluster", text),
    "customers": ("Customers", numbers.count),
    "share_revenue": ("of revenue", numbers.percent),
    "recency": ("Silent days", numbers.count),
    "frequency": ("Orders", numbers.number),
    "average_check": ("Check", numbers.money),
    "stability": ("Found again", number),
}


@with_groups
def rfm(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    scoring: RfmOptions,
    limit: LimitOptions,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the customers here: .parquet, .csv, .json or .arrow.", metavar="FILE"
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Save the cut points and segments, as JSON.", metavar="FILE")
    ] = None,
    apply: Annotated[Path | None, typer.Option("--apply", help="Score with saved cut points.", metavar="FILE")] = None,
    triggers: Annotated[
        Path | None,
        typer.Option(
            "--triggers",
            help="Write whom to call in the next seven days here, for a CRM: .csv, .parquet, .json or .arrow.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """RFM scores of each customer; without -o, shows the segments."""
    with steps(2) as step:
        chosen = settings(
            ledger.config, ledger.by_section() | reading.by_section() | scoring.by_section() | limit.by_section()
        )
        if apply and any(scoring.by_section()["rfm"].values()):
            raise UsageError(
                "--apply scores as was done before: bins, method, monetary, thresholds and segments cannot be set with it"
            )
        write = files.writer(output) if output else None
        write_triggers = files.writer(triggers) if triggers else None
        built = read_ledger(data, chosen, step)
        step("Scoring customers")
        scores = lk.rfm.load(apply).apply(built) if apply else lk.rfm.score(built, **chosen.rfm)
        if save:
            scores.save(save)
        if write:
            write(scores._tables["customers"])
        notes = list(scores.notes)
        if write_triggers:
            calls = lk.rfm.triggers(built, **chosen.limit_day)
            write_triggers(calls._tables["table"])
            notes += [*calls.notes, f"{calls._headline()}: wrote {triggers}"]
    for note in notes:
        say(note)
    if not output:
        show(scores._tables["segments"], _SEGMENTS)


@with_groups
def clusters(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    outputs: OutputOptions,
    measure: Annotated[
        list[str] | None,
        setting(
            "--measure",
            "By which customers are alike, repeatable: recency, frequency and average_check by default; monetary, orders_per_year, tenure, products.",
            "NAME",
        ),
    ] = None,
    number: Annotated[
        int | None, setting("--number", "How many clusters, 1 to 20; judged by their stability by default.", "NUMBER")
    ] = None,
    most: Annotated[int, setting("--most", "The largest number that is judged; 8 by default.", "NUMBER")] = 8,
    seed: Annotated[int, setting("--seed", "Of samples and starts; 1 by default.", "NUMBER")] = 1,
) -> None:
    """Clusters of customers who do alike, without rules; one if chance would have more as well."""
    outputs.check()
    with steps(2) as step:
        chosen = settings(ledger.config, ledger.by_section() | reading.by_section())
        built = read_ledger(data, chosen, step)
        step("Finding clusters")
        measures: dict[str, Any] = {"measures": measure} if measure else {}
        found = lk.rfm.clusters(built, **measures, number=number, most=most, seed=seed)
    present(found, outputs, _CLUSTERS)


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("rfm")(rfm)
    group.command("clusters")(clusters)
