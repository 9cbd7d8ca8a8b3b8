"""The command of the product funnel: `leverkit funnel DATA …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import UsageError, settings
from leverkit.cli.options import (
    FunnelOptions,
    LedgerOptions,
    ReadOptions,
    with_groups,
)
from leverkit.cli.present import Columns, show, text
from leverkit.cli.run import Data, read_ledger, say, steps

_LADDER: Columns = {
    "order": ("After order", text),
    "customers": ("Customers", numbers.count),
    "conversion": ("order again", numbers.percent),
    "lower": ("from", numbers.percent),
    "upper": ("to", numbers.percent),
    "median_days": ("Median days", numbers.count),
    "average_check": ("Average check", numbers.money),
    "revenue_lost": ("Lost here", numbers.money),
}


@with_groups
def funnel(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    level: FunnelOptions,
    horizon: Annotated[
        int, typer.Option("--within", help="Days within which the next order counts.", metavar="DAYS")
    ] = 90,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            help="Write every table here: a folder (Parquet), a workbook (.xlsx), or files such as tables/{name}.csv.",
            metavar="WHERE",
        ),
    ] = None,
    due: Annotated[
        Path | None,
        typer.Option(
            "--due",
            help="Write to whom to offer what in the next seven days here, for a CRM: .csv, .parquet, .json or .arrow.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """The product funnel: who orders again, what brings them back, what comes next and what goes together."""
    with steps(2) as step:
        chosen = settings(ledger.config, ledger.by_section() | reading.by_section() | level.by_section())
        write = files.writer(due) if due else None
        write_tables = files.tables_writer(tables) if tables else None
        built = read_ledger(data, chosen, step)
        product = chosen.funnel.get("product")
        built = built.with_product(product) if product else built
        step("Following customers")
        ladder = lk.funnel.ladder(built, horizon=horizon)
        found: dict[str, Any] = {"ladder": ladder}
        if "product" in built.roles:
            found |= {
                "entry_products": lk.funnel.entry_products(built, horizons=sorted({max(horizon // 3, 1), horizon})),
                "next_products": lk.funnel.next_products(built, horizon=horizon),
                "basket_rules": lk.funnel.basket_rules(built),
            }
        if write and "next_products" not in found:
            raise UsageError("--due needs products: set --product")
        if write:
            write(found["next_products"].due(built.as_of))
        if write_tables:
            write_tables({f"funnel_{name}": result._tables["table"] for name, result in found.items()})
    for result in found.values():
        say(result._headline())
    show(ladder._tables["table"], _LADDER)


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("funnel")(funnel)
