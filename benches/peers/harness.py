"""Runs peers round by round, so that a busy moment hits all alike, each run in a process of its own, and lays out the medians.

Peers whose name ends in * ask for older packages and run in an environment of their own.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benches.peers import floor

OLD_PYTHON = Path(".venv/old-peers/bin/python")
PACKAGES = ("polars", "duckdb", "chdb", "pandas", "numpy", "pyfixest", "diff-diff", "panelkit", "stepmix", "kmodes")
Runs = dict[str, list[dict[str, Any]]]


def run_once(job: str, peer: str, size: str, warm_up: str) -> dict[str, Any]:
    """One run in a fresh process; a failure is kept as its last line."""
    python = str(OLD_PYTHON) if peer.endswith("*") else sys.executable
    command = [python, "-m", "benches.peers.worker", job, peer, size, warm_up]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"failed": (done.stderr.strip().splitlines() or ["killed"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def measure(job: str, peers: list[str], size: object, warm_up: object, rounds: int) -> Runs:
    """All peers of a job in each round; a peer that failed is not tried again. A job is a module and a dictionary in it, such as
    ``rfm.PEERS``; `size` is what the peers get: a file, whose reading alone is timed beside them, or a number of things."""
    floors = [floor.FLOOR] if Path(str(size)).is_file() else []
    runs: Runs = {peer: [] for peer in [*peers, *floors]}
    for number in range(rounds):
        for peer in runs:
            if any("failed" in run for run in runs[peer]):
                continue
            of = "floor.PEERS" if peer in floors else job
            runs[peer].append(run_once(of, peer, str(size), str(warm_up)))
            print(f"{job} {size} round {number + 1}: {peer}: {runs[peer][-1].get('wall', 'failed')}", file=sys.stderr)
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
    code = "from importlib.metadata import version as v; print(', '.join(f'{p} {v(p)}' for p in ('lifetimes', 'openretailscience', 'pymc-marketing', 'SALib', 'numpy', 'pandas')))"
    if not OLD_PYTHON.exists():
        return ", ".join(found)
    old = subprocess.run([str(OLD_PYTHON), "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    return ", ".join(found) + f"; in a separate environment {old or 'no old peers'}"


def intro(what: str, rounds: int) -> str:
    """What all pages say of how it was timed, and on what."""
    return f"""Written by `make bench`: {what} Every run is a separate process, peers take turns, and times are medians of {rounds} rounds.
Imports are not counted. Timings are meaningful only relative to each other.

Machine: {machine()}.
"""
