"""The page on ledgers beyond memory: the build from many files, and analyses of the opened ledger."""

from __future__ import annotations

import shutil
import statistics
from typing import Any

from benches.peers.generate import shop_files
from benches.peers.harness import Runs, agreement, intro, measure
from benches.peers.scale import ALONE, ANALYSES, BUILD, MEMORY, ledger_of


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page. Many lines are not read many times."""
    rounds = min(rounds, 3 if lines <= 10_000_000 else 1)
    files, warm_up = shop_files(lines, lines // 10), shop_files(20_000, 2_000)
    build = measure("scale.BUILD", list(BUILD), files, warm_up, rounds)
    ours = measure("scale.LEVERKIT", [*ANALYSES, *ALONE], files, warm_up, rounds)
    theirs = measure("scale.DUCKDB", list(ANALYSES), files, warm_up, rounds)
    size = sum(file.stat().st_size for file in ledger_of(str(files)).rglob("*") if file.is_file()) / 1e9
    read = sum(file.stat().st_size for file in files.iterdir()) / 1e9
    shutil.rmtree(ledger_of(str(files)))
    customers = next((run["checks"]["customers"] for runs in build.values() for run in runs if "checks" in run), 0)
    what = (
        f"{lines:,} order lines of {customers:,.0f} customers over two years in 100 Parquet files by time, {read:.1f} GB; the ledger has\n"
        f"{size:.1f} GB on the disk. The build and DuckDB may use {MEMORY} each."
    )
    return f"""# Benchmarks: beyond memory

{intro(what, rounds)}
Memory is the peak of what is not of a file: pages of a mapped ledger, as those of Parquet files that were read, are given back when others need
them. "Same answer" names the numbers that both agree on to nine digits.

## A ledger built and saved

`Ledger.build` reads the files once, sorts the lines by customer and time, numbers orders, checks what is odd, and writes the ledger. DuckDB answers one query: customers with
their distinct days and money.

{table(build)}

## From the opened ledger

leverkit opens the ledger and computes the analysis with its intervals, and the table asked for; DuckDB reads the files and computes the counts of the same question
alone. The time to open is included.

| | leverkit, s | peak MiB | DuckDB, s | peak MiB | DuckDB ÷ leverkit | same answer |
|---|---:|---:|---:|---:|---:|---|
{chr(10).join(_row(name, ours[name], theirs[name]) for name in ANALYSES)}

Others, beside one scoring:

| | s | × scores | peak MiB |
|---|---:|---:|---:|
{chr(10).join(_alone(name, ours) for name in ALONE)}
"""


def table(runs: Runs) -> str:
    """A Markdown table of the build and the query beside it."""
    ours = next(iter(runs.values()))
    lines = ["| | median s | × leverkit | peak MiB | same answer |", "|---|---:|---:|---:|---|"]
    for name, results in runs.items():
        if "failed" in results[-1]:
            lines.append(f"| {name} | – | – | – | did not run: {results[-1]['failed'][:100]} |")
            continue
        wall = _median(results, "wall")
        lines.append(
            f"| {name} | {wall:.2f} | {wall / _median(ours, 'wall'):.2f} | {_median(results, 'anonymous'):.0f} | {agreement(ours[0], results[0])} |"
        )
    return "\n".join(lines)


def _row(name: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> str:
    if "failed" in ours[-1] or "failed" in theirs[-1]:
        failed = ours[-1].get("failed") or theirs[-1].get("failed", "")
        return f"| {name} | – | – | – | – | – | did not run: {failed[:100]} |"
    own, other = _median(ours, "wall"), _median(theirs, "wall")
    memory = [_median(runs, "anonymous") for runs in (ours, theirs)]
    return f"| {name} | {own:.3f} | {memory[0]:.0f} | {other:.3f} | {memory[1]:.0f} | {other / own:.1f} | {agreement(ours[0], theirs[0])} |"


def _alone(name: str, ours: Runs) -> str:
    if failed := ours[name][-1].get("failed"):
        return f"| {name} | – | – | did not run: {failed[:100]} |"
    own, scores = (_median(ours[of], "wall") for of in (name, "scores"))
    return f"| {name} | {own:.3f} | {own / scores:.1f} | {_median(ours[name], 'anonymous'):.0f} |"


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return statistics.median(run[key] for run in runs)
