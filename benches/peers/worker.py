"""Runs one peer once in a process of its own and prints wall time, peak memory and the checks as JSON."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path


def main(job: str, peer: str, size: str, warm_up: str) -> None:
    """Imports and first-call costs are paid on the small `warm_up`, outside the clock. A peer that keeps time itself says so by a dictionary
    with `wall`."""
    module, peers = job.split(".")
    run = getattr(import_module(f"benches.peers.{module}"), peers)[peer]
    run(warm_up)
    start = time.perf_counter()
    result = run(size)
    wall = time.perf_counter() - start
    timed = result if "wall" in result else {"wall": wall, "checks": result}
    print(json.dumps({**timed, "memory": _peak()}))


def _peak() -> float:
    """Peak resident memory in MiB, of this program alone: getrusage would count that of the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
