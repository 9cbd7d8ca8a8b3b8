"""Elasticity on a Parquet panel of products, weeks and stores: two effects with clustered errors, and a slope for each product.

One function a peer; the first job reads the file before the clock starts and times the second of two runs, as pyfixest compiles or caches in its first; the
second job reads the file inside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Check = dict[str, float]
_COLUMNS = ["product", "week", "ln_q", "ln_p", "ln_comp"]


def _second(run: Callable[[], Check]) -> dict[str, Any]:
    run()
    start = time.perf_counter()
    checks = run()
    return {"wall": time.perf_counter() - start, "checks": checks}


def effects_leverkit(path: str) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    frame = pl.read_parquet(path, columns=_COLUMNS)

    def run() -> Check:
        found = lk.pricing.elasticity(
            frame,
            quantity="ln_q",
            price="ln_p",
            controls=["ln_comp"],
            effects=["product", "week"],
            cluster=["product"],
            log=False,
        )
        price = found.table.row(0, named=True)
        return {"estimate": price["estimate"], "std_error": price["std_error"]}

    return _second(run)


def effects_pyfixest(path: str) -> dict[str, Any]:
    import pandas as pd
    import pyfixest as pf

    frame = pd.read_parquet(path, columns=_COLUMNS)

    def run() -> Check:
        found = pf.feols(
            "ln_q ~ ln_p + ln_comp | product + week",
            data=frame,
            vcov={"CRV1": "product"},
            copy_data=False,
            store_data=False,
        )
        return {"estimate": float(found.coef()["ln_p"]), "std_error": float(found.se()["ln_p"])}

    return _second(run)


_MOVERS = ["client", "rep", "month", "ln_q", "ln_p"]


def hard_leverkit(path: str) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    frame = pl.read_parquet(path, columns=_MOVERS)

    def run() -> Check:
        found = lk.pricing.elasticity(
            frame, quantity="ln_q", price="ln_p", effects=["client", "rep", "month"], cluster=["client"], log=False
        )
        price = found.table.row(0, named=True)
        return {"estimate": price["estimate"], "std_error": price["std_error"]}

    return _second(run)


def hard_pyfixest(path: str) -> dict[str, Any]:
    """By sparse least squares, the only way of its that ends on such a panel."""
    import pandas as pd
    import pyfixest as pf

    frame = pd.read_parquet(path, columns=_MOVERS)

    def run() -> Check:
        found = pf.feols(
            "ln_q ~ ln_p | client + rep + month",
            data=frame,
            vcov={"CRV1": "client"},
            copy_data=False,
            store_data=False,
            demeaner=pf.LsmrDemeaner(),
        )
        return {"estimate": float(found.coef()["ln_p"]), "std_error": float(found.se()["ln_p"])}

    return _second(run)


def slopes_leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.pricing.elasticity(
        pl.read_parquet(path, columns=["product", "week", "store", "ln_q", "ln_p", "ln_comp"]),
        quantity="ln_q",
        price="ln_p",
        controls=["ln_comp"],
        by="product",
        effects=["store"],
        cluster=["week"],
        log=False,
    )
    return {"products": float(found.table.height)}


def slopes_duckdb(path: str) -> Check:
    import duckdb

    found = duckdb.sql(f"select product, regr_slope(ln_q, ln_p) from '{path}' group by product").fetchall()
    return {"products": float(len(found))}


EFFECTS = {"leverkit": effects_leverkit, "pyfixest": effects_pyfixest}
HARD = {"leverkit": hard_leverkit, "pyfixest, LSMR": hard_pyfixest}
SLOPES = {
    "leverkit, with control, effects, clustered errors, shrunk": slopes_leverkit,
    "DuckDB regr_slope": slopes_duckdb,
}
