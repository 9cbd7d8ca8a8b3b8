"""The page on judging a programme."""

from __future__ import annotations

from benches.peers import programme
from benches.peers.effect_files import PERIODS, orders
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a customer for each 25 of `lines`."""
    customers = max(lines // 25, 1000)
    runs = measure("programme.PEERS", list(programme.PEERS), orders(customers), orders(1000), rounds)
    what = f"{customers:,} customers with about {PERIODS} orders each, a third of whom join in one of six months."
    return f"""# Benchmarks: judging a programme

{intro(what, rounds)}
No peer goes from order lines to a verdict. leverkit builds the outcomes and runs six designs with their placebos; beside it stands one design alone on months made with polars. Times exclude reading the file and building the ledger.

## From order lines to a verdict

{table(runs, "leverkit")}
"""
