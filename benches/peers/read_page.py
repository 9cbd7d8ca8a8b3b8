"""The page on reading files."""

from __future__ import annotations

from benches.peers import read
from benches.peers.generate import csv_lines
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page: twice as many lines as elsewhere make a file of about a gigabyte."""
    path, warm_up = csv_lines(2 * lines), csv_lines(20_000)
    runs = measure("read.PEERS", list(read.PEERS), path, warm_up, rounds)
    size = path.stat().st_size / 1e9
    return f"""# Benchmarks: reading a file

{intro(f"{2 * lines:,} order lines of eight columns as CSV, {size:.1f} GB.", rounds)}
## All columns of the file

leverkit detects separator, types and dates and verifies each value; polars is told them.

{table(runs, "leverkit")}
"""
