"""Runs one peer once in a process of its own and prints wall time, peak memory and the checks as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time


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
    return {"wall": sorted(walls)[1], "build": build, "memory": _peak(), "checks": checks}


def _peak() -> float:
    """Peak resident memory in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
