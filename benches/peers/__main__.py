"""Runs all peers round by round, so that a busy moment hits all alike, and writes docs/benchmarks.md from the medians."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benches.peers.generate import order_lines
from benches.peers.rfm import OLD_PEERS, PEERS

OLD_PYTHON = Path(".venv/old-peers/bin/python")
PACKAGES = ("polars", "duckdb", "pandas")
Runs = dict[str, list[dict[str, Any]]]


def run_once(peer: str, path: Path, warm_up: Path) -> dict[str, Any]:
    """One run in a fresh process; a failure is kept as its last line."""
    python = str(OLD_PYTHON) if peer in OLD_PEERS else sys.executable
    command = [python, "-m", "benches.peers.worker", peer, str(path), str(warm_up)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"failed": (done.stderr.strip().splitlines() or ["killed"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def measure(peers: list[str], path: Path, warm_up: Path, rounds: int) -> Runs:
    """All peers in each round; a peer that failed is not tried again."""
    runs: Runs = {peer: [] for peer in peers}
    for number in range(rounds):
        for peer in peers:
            if any("failed" in run for run in runs[peer]):
                continue
            runs[peer].append(run_once(peer, path, warm_up))
            print(f"{path.stem} round {number + 1}: {peer}: {runs[peer][-1].get('wall', 'failed')}", file=sys.stderr)
    return runs


def table(runs: Runs, reference: str) -> str:
    """A Markdown table of medians, ratios to the reference, memory, and whether the answers agree."""
    base = statistics.median(run["wall"] for run in runs[reference])
    lines = ["| | median s | × leverkit | peak MiB | same answer |", "|---|---:|---:|---:|---|"]
    for peer, results in runs.items():
        if "failed" in results[-1]:
            lines.append(f"| {peer} | – | – | – | did not run: {results[-1]['failed'][:100]} |")
            continue
        wall, memory = (statistics.median(run[key] for run in results) for key in ("wall", "memory"))
        lines.append(
            f"| {peer} | {wall:.3f} | {wall / base:.2f} | {memory:.0f} | {agreement(runs[reference][0], results[0])} |"
        )
    return "\n".join(lines)


def multiples(runs: list[dict[str, Any]]) -> str:
    """A Markdown table of what else is computed from the Ledger, in multiples of one scoring with its table of customers."""
    lines = ["| | × one scoring |", "|---|---:|"]
    for name in runs[0]["of_one_scoring"]:
        lines.append(f"| {name} | {statistics.median(run['of_one_scoring'][name] for run in runs):.1f} |")
    return "\n".join(lines)


def agreement(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """The checks on which both agree to nine digits."""
    shared = [name for name in theirs["checks"] if name in ours["checks"]]
    agreed = [
        n for n in shared if abs(theirs["checks"][n] - ours["checks"][n]) <= 1e-9 * max(1, abs(ours["checks"][n]))
    ]
    return ", ".join(agreed)


def machine() -> str:
    """What it ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, {versions()}"


def versions() -> str:
    """Versions of the packages that are installed."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    code = "from importlib.metadata import version as v; print(', '.join(f'{p} {v(p)}' for p in ('lifetimes', 'openretailscience', 'pandas')))"
    old = subprocess.run([str(OLD_PYTHON), "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    return ", ".join(found) + f"; in an environment of their own {old or 'no old peers'}"


def main() -> None:
    """Reads the options, runs, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks.md"))
    options = parser.parse_args()
    customers = options.lines // 10
    warm_up = order_lines(20_000, 2_000)
    whole = measure(list(PEERS), order_lines(options.lines, customers), warm_up, options.rounds)
    ledger = measure(["leverkit, from a Ledger"], order_lines(options.lines, customers), warm_up, options.rounds)
    text_peers = ["leverkit", "polars streaming, days", "polars streaming, lines", "DuckDB, days", "DuckDB, lines"]
    text_warm_up = order_lines(20_000, 2_000, text_ids=True)
    texts = measure(text_peers, order_lines(options.lines, customers, text_ids=True), text_warm_up, options.rounds)
    build = statistics.median(run["build"] for run in ledger["leverkit, from a Ledger"])
    options.output.write_text(
        f"""# Benchmarks

Written by `make bench`: {options.lines:,} order lines of {customers:,} customers over two years in a Parquet file, in random order;
recency, frequency, monetary value and quintile scores of every customer. Every run is a process of its own, peers take turns, medians
of {options.rounds} rounds. Imports are not counted; reading the file is. Timings mean something only beside each other.

Machine: {machine()}.

leverkit counts orders, which without an order id are a customer's days. Peers marked "days" count distinct days as well and so do the
same work; those marked "lines" count lines, which is less.

## From the file, integer ids

{table(whole, "leverkit")}

## From the file, text ids

{table(texts, "leverkit")}

## From a built Ledger

Building the Ledger, with the clock and read included, takes {build:.3f} s; scores from it:

{table({**ledger, **{peer: whole[peer] for peer in ("polars streaming, lines", "DuckDB, lines")}}, "leverkit, from a Ledger")}

What keeps customers, from the same Ledger, tables included, against one scoring from it with its table; scoring from the file takes
{statistics.median(run["wall"] for run in whole["leverkit"]) / statistics.median(run["wall"] for run in ledger["leverkit, from a Ledger"]):.1f}:

{multiples(ledger["leverkit, from a Ledger"])}
""",
        encoding="utf-8",
    )
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
