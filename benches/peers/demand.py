"""Elasticity on a Parquet panel of products, weeks and stores: two effects with clustered errors, and a slope for each product.

One function a peer; the first job reads the file before the clock starts and times the second of two runs, as pyfixest compiles or caches in its first; the
second job reads the file inside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

Check = dict[str, float]


def _second(run: Callable[[], Check]) -> dict[str, Any]:
    run()
    start = time.perf_counter()
    checks = run()
    return {"wall": time.perf_counter() - start, "checks": checks}


def effects_leverkit(effects: list[str], controls: list[str], path: str) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    frame = pl.read_parquet(path, columns=[*effects, "ln_q", "ln_p", *controls])

    def run() -> Check:
        found = lk.pricing.elasticity(
            frame,
            quantity="ln_q",
            price="ln_p",
            controls=controls,
            effects=effects,
            cluster=effects[:1],
            log=False,
        )
        price = found.table.row(0, named=True)
        return {"estimate": price["estimate"], "std_error": price["std_error"]}

    return _second(run)


def effects_pyfixest(effects: list[str], controls: list[str], demeaner: str, path: str) -> dict[str, Any]:
    import pandas as pd
    import pyfixest as pf

    frame = pd.read_parquet(path, columns=[*effects, "ln_q", "ln_p", *controls])

    def run() -> Check:
        found = pf.feols(
            f"ln_q ~ {' + '.join(['ln_p', *controls])} | {' + '.join(effects)}",
            data=frame,
            vcov={"CRV1": effects[0]},
            copy_data=False,
            store_data=False,
            demeaner=getattr(pf, demeaner)(),
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


def slopes_alone(path: str) -> Check:
    """What DuckDB computes, with standard errors and shrinkage, which leverkit never leaves out."""
    import polars as pl

    import leverkit as lk

    frame = pl.read_parquet(path, columns=["product", "ln_q", "ln_p"])
    found = lk.pricing.elasticity(frame, quantity="ln_q", price="ln_p", by="product", log=False)
    return {"products": float(found.table.height)}


def slopes_duckdb(path: str) -> Check:
    import duckdb

    found = duckdb.sql(f"select product, regr_slope(ln_q, ln_p) from '{path}' group by product").fetchall()
    return {"products": float(len(found))}


_WEEKS, _MOVERS = ["product", "week"], ["client", "rep", "month"]
EFFECTS = {
    "leverkit": partial(effects_leverkit, _WEEKS, ["ln_comp"]),
    "pyfixest": partial(effects_pyfixest, _WEEKS, ["ln_comp"], "MapDemeaner"),
}
#: Sparse least squares is the only way of pyfixest's that ends on such a panel.
HARD = {
    "leverkit": partial(effects_leverkit, _MOVERS, []),
    "pyfixest, LSMR": partial(effects_pyfixest, _MOVERS, [], "LsmrDemeaner"),
}
SLOPES = {
    "leverkit, with control, effects, clustered errors, shrunk": slopes_leverkit,
    "leverkit, the slope with its error, shrunk": slopes_alone,
    "DuckDB regr_slope": slopes_duckdb,
}
