"""The page on the service: latency under a steady load, at rest and while it reloads."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import polars as pl
from benches.peers import service
from benches.peers.generate import shop_files
from benches.peers.harness import machine

PER_SECOND, SECONDS = 200, 20.0
MOST_LINES = 2_000_000


def page(rounds: int, lines: int) -> str:
    """Builds the service and two ledgers, of which the second has a tenth more lines; loads it once; writes the page."""
    import leverkit as lk

    lines = min(lines, MOST_LINES)
    subprocess.run(["cargo", "build", "--release", "--quiet", "--workspace", "--bins"], check=True)
    roles = dict(customer="customer_id", time="day", amount="amount")
    files = sorted(shop_files(lines, lines // 10).glob("*.parquet"))
    with tempfile.TemporaryDirectory(dir=files[0].parents[1]) as folder:
        older, newer = Path(folder) / "older.ledger", Path(folder) / "newer.ledger"
        lk.Ledger.build(pl.scan_parquet(files[:90]), to=older, **roles)
        ledger = lk.Ledger.build(pl.scan_parquet(files), to=newer, **roles)
        customers, read = ledger.n_customers, ledger.n_lines
        load = service.run((older, newer), lines // 10, PER_SECOND, SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
    if load.failed:
        raise SystemExit(f"{len(load.failed)} requests failed: {load.failed[0]}")
    reloading = [end - begin for begin, end in load.reloads]
    share = sum(reloading) / SECONDS
    return f"""# Benchmarks: the service

Written by `make bench`: the [service](../how-to/rust-service.md) of `examples/service` answers `GET /customers/{{id}}` on loopback at {PER_SECOND} requests per second for
{SECONDS:.0f} s, over {service.CONNECTIONS} connections. It has opened a saved ledger of {read:,} lines of {customers:,} customers. Three times in between
a newer ledger is moved into place and `POST /reload` has it opened and all customers scored anew, which takes {min(reloading):.2f} to {max(reloading):.2f} s, {share:.0%} of the time
in all. Each request counts from the moment when it was due, whatever became of those before it, and none failed. The client runs on the same cores.

Machine: {machine()}.

| | requests | median, ms | 95 %, ms | 99 %, ms | longest, ms |
|---|---:|---:|---:|---:|---:|
{_row("all", load.latency)}
{_row("during a reload", load.during_reloads())}
"""


def _row(name: str, latencies: list[float]) -> str:
    ordered = sorted(latencies)
    at = [ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95, 0.99)]
    return f"| {name} | {len(ordered):,} | " + " | ".join(f"{each:.2f}" for each in [*at, ordered[-1]]) + " |"
