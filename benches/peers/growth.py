"""How time and memory grow: one job each of the engines at three sizes, ten times as large each; only leverkit, as the peers' pages compare.

Each function reads its data before the clock starts where the job begins with a Ledger or an EventLog, and keeps time itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benches.peers import stages

Timed = dict[str, Any]


def _ledger(folder: str) -> Any:
    import polars as pl

    import leverkit as lk

    lines = pl.scan_parquet(f"{folder}/*.parquet")
    return lk.Ledger(lines, customer="customer_id", time="day", amount="amount", product="product_id")


def _timed(work: Callable[[], float]) -> Timed:
    start = time.perf_counter()
    count = work()
    return {"wall": time.perf_counter() - start, "checks": {"count": count}}


def ledger(folder: str) -> Timed:
    return _timed(lambda: float(_ledger(folder).n_customers))


def scores(folder: str) -> Timed:
    import leverkit as lk

    built = _ledger(folder)
    return _timed(lambda: float(lk.rfm.score(built)._tables["customers"].height))


def ladder(folder: str) -> Timed:
    import leverkit as lk

    built = _ledger(folder)
    return _timed(lambda: float(lk.funnel.ladder(built, rungs=10)._tables["table"].height))


def rules(folder: str) -> Timed:
    import leverkit as lk

    built = _ledger(folder)
    return _timed(lambda: float(lk.funnel.basket_rules(built)._tables["table"].height))


def funnel(path: str) -> Timed:
    import polars as pl

    import leverkit as lk

    log = lk.funnel.EventLog(pl.scan_parquet(path), entity="user_id", time="ts", event="event")
    asked = {"stages": stages.STAGES, "window": f"{stages.DAYS}d"}
    return _timed(lambda: float(lk.funnel.stages(log, **asked).table["reached"][-1]))


def elasticity(path: str) -> Timed:
    import polars as pl

    import leverkit as lk

    frame = pl.read_parquet(path, columns=["product", "store", "ln_q", "ln_p"])

    def work() -> float:
        found = lk.pricing.elasticity(
            frame, quantity="ln_q", price="ln_p", by="product", effects=["store"], errors="robust", log=False
        )
        return float(found.table.height)

    return _timed(work)


JOBS: dict[str, Callable[[str], Timed]] = {
    "ledger": ledger,
    "scores": scores,
    "ladder": ladder,
    "rules": rules,
    "funnel": funnel,
    "elasticity": elasticity,
}
