"""The page on Spark: how time goes down from one executor to two, and what is sent."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benches.peers.generate import shop_files
from benches.peers.harness import intro, measure
from benches.peers.spark import LEDGER, NO_WARM_UP, PARTITIONS, PEERS

#: Spark is asked for more elsewhere; here it is to be seen what is sent, and by how much two are faster.
MOST_LINES = 2_000_000


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page."""
    from pyspark import __version__ as version

    lines, rounds = min(lines, MOST_LINES), min(rounds, 3)
    files = shop_files(lines, lines // 10)
    runs = measure("spark.PEERS", list(PEERS), files, NO_WARM_UP, rounds)
    failed = next((each[-1]["failed"] for each in runs.values() if "failed" in each[-1]), None)
    if failed:
        raise SystemExit(f"Spark did not run: {failed}")
    one, two = (runs[peer] for peer in PEERS)
    differ = [name for name, value in one[0]["checks"].items() if two[0]["checks"][name] != value]
    if differ:
        raise SystemExit(f"one executor and two differ in {', '.join(differ)}")
    shuffled = one[0]["sent"][LEDGER]["shuffled"]
    what = (
        f"{lines:,} order lines in 100 Parquet files, columns for customer, day, amount and product, {_size(files) / 1e6:.0f} MB; Spark {version}, whose executors\n"
        f"are processes with a core and 2 GB each on one machine, and {PARTITIONS} partitions."
    )
    rows = "\n".join(_row(name, one, two) for name in one[0]["seconds"])
    return f"""# Benchmarks: with Spark

{intro(what, rounds)}
The start of Spark and of its Python processes is not counted. The driver is a process of its own on the same two cores, so that two executors
cannot take half the time where much is left to it: what it merges and concludes takes as long with any number of executors. Spark's own threads
and one executor already keep two cores busy, so that a second one there brings nothing.

| | 1 executor, s | 2 executors, s | 1 ÷ 2 | to the driver, bytes | bytes per line |
|---|---:|---:|---:|---:|---:|
{rows}

The ledger's row is the one shuffle by customer, with all checks, codes and the sort; it shuffles {shuffled:,} bytes, {shuffled / lines:.1f} per line, and what stays
on the executors serves all analyses. Cohorts and the ladder have [counts of their own](../how-to/parts.md#what-travels), limit days take the days of orders; for the others the lines
that they read go to the driver. [What counts weigh](counts.md) has all analyses.
"""


def _row(name: str, one: list[dict[str, Any]], two: list[dict[str, Any]]) -> str:
    slow, fast = (statistics.median(run["seconds"][name] for run in runs) for runs in (one, two))
    sent = one[0]["sent"].get(name, {}).get("to the driver", 0)
    return (
        f"| {name} | {slow:.2f} | {fast:.2f} | {slow / fast:.2f} | {sent:,} | {sent / one[0]['checks']['lines']:.2f} |"
    )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.parquet"))
