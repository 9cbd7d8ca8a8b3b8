"""Runs one peer once in a process of its own and prints wall time, peak memory and the checks as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(peer: str, path: str, warm_up: str) -> None:
    """Imports and first-call costs are paid on the small file `warm_up`, outside the clock."""
    from benches.peers.rfm import PEERS

    if peer == "leverkit, from a Ledger":
        print(json.dumps(_from_ledger(path)))
        return
    run = PEERS[peer]
    run(warm_up)
    start = time.perf_counter()
    checks = run(path)
    print(json.dumps({"wall": time.perf_counter() - start, "memory": _peak(), "checks": checks}))


def _from_ledger(path: str) -> dict[str, object]:
    import polars as pl

    import leverkit as lk

    start = time.perf_counter()
    ledger = lk.Ledger(pl.scan_parquet(path), customer="customer_id", time="order_ts", amount="amount")
    build = time.perf_counter() - start
    walls = []
    for _ in range(3):
        start = time.perf_counter()
        customers = lk.rfm.score(ledger)._tables["customers"]
        walls.append(time.perf_counter() - start)
    checks = {"customers": float(customers.height), "monetary": customers["monetary"].sum()}
    wall = sorted(walls)[1]
    others = {name: _seconds(run) / wall for name, run in _retention(ledger).items()}
    return {"wall": wall, "build": build, "memory": _peak(), "checks": checks, "of_one_scoring": others}


def _retention(ledger: Any) -> dict[str, Callable[[], Any]]:
    """What keeps customers, each with its tables; the defaults of two years of data."""
    import leverkit as lk

    dates = [f"2025-{month:02}-01" for month in range(1, 13)] + ["2026-01-01"]
    return {
        "limit day": lambda: dict(lk.rfm.limit_day(ledger)._tables),
        "norms": lambda: dict(lk.rfm.norms(ledger)._tables),
        "triggers": lambda: dict(lk.rfm.triggers(ledger)._tables),
        "migration over 12 months": lambda: dict(lk.rfm.migration(ledger, dates=dates)._tables),
        "cohorts by month": lambda: dict(lk.rfm.cohorts(ledger)._tables),
    }


def _seconds(run: Callable[[], Any]) -> float:
    """The median of three runs."""
    walls = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        walls.append(time.perf_counter() - start)
    return sorted(walls)[1]


def _peak() -> float:
    """Peak resident memory in MiB, of this program alone: getrusage would count that of the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
