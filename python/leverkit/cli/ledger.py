"""`leverkit ledger build | append | info`: ledgers that stay on the disk."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError, settings
from leverkit.cli.options import LedgerOptions, ReadOptions, setting, with_groups
from leverkit.cli.present import Columns, show, text
from leverkit.cli.run import Data, one_message, read_ledger, say, say_of, steps
from leverkit.ledger import is_saved

Saved = Annotated[Path, typer.Argument(help="A saved ledger.", metavar="LEDGER", show_default=False)]

_QUALITY: Columns = {
    "status": ("Rows", text),
    "reason": ("Reason", text),
    "column": ("Column", text),
    "rows": ("Number", numbers.count),
    "share": ("of all", numbers.percent),
    "amount": ("Money", numbers.money),
}


@with_groups
def build(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The folder to save the ledger to.", metavar="LEDGER")
    ] = Path("shop.ledger"),
    memory: Annotated[
        str, setting("--memory", "How much memory to use; lines beyond it wait on the disk. 4GiB by default.", "SIZE")
    ] = "4GiB",
) -> None:
    """Builds a ledger of order lines and saves it: every other command takes it in the place of the lines. The lines may be more than memory holds."""
    with steps(2) as step:
        chosen = settings(ledger.config, ledger.by_section() | reading.by_section())
        built = read_ledger(data, chosen, step, partial(lk.Ledger.build, to=output, memory=memory))
        step(f"Saving {output}")
        if data and is_saved(data[0]):
            built.save(output)
    _say_saved(built, output)


@with_groups
def append(
    ledger: Saved,
    data: Annotated[
        list[Path],
        typer.Argument(help="Later lines, with the columns of the first.", metavar="DATA", show_default=False),
    ],
    reading: ReadOptions,
    duplicates: Annotated[
        str, typer.Option("--duplicates", help="Orders that are there already: refuse or replace.", metavar="HOW")
    ] = "refuse",
) -> None:
    """Adds later lines to a saved ledger."""
    with steps(3) as step:
        if duplicates not in ("refuse", "replace"):
            raise UsageError(f'--duplicates: got "{duplicates}"; expected refuse or replace')
        known = lk.Ledger.open(ledger)
        source = files.opened(data, reading.by_section()["read"], say)
        step(f"Reading {source.label}")
        both = known.append(source, duplicates=duplicates)  # type: ignore[arg-type]  # One of the two.
        say_of(both)
        step(f"Saving {ledger}")
        both.save(ledger)
    _say_saved(both, ledger)


def info(
    ledger: Saved,
    verify: Annotated[bool, setting("--verify", "Also compare all files with their check sums.", "")] = False,
) -> None:
    """What a saved ledger holds, and what happened to the rows that came in."""
    with one_message():
        opened = lk.Ledger.open(ledger, verify=verify)
    with numbers.currency(opened.currency):
        say(repr(opened))
        for role, column in opened.roles.items():
            say(f"{role} = {column}")
        show(opened._quality(), _QUALITY)


def _say_saved(built: lk.Ledger, path: Path) -> None:
    say(f"{numbers.count(built.n_lines)} lines of {numbers.count(built.n_customers)} customers: saved in {path}")


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("build")(build)
    group.command("append")(append)
    group.command("info")(info)
