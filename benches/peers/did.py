"""Difference-in-differences with staggered treatment. One function a peer; each keeps time itself, on what it takes best: frames, or a ready array."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benches.peers.effect_files import PERIODS


def _timed(run: Callable[[], float], name: str) -> dict[str, Any]:
    start = time.perf_counter()
    found = run()
    return {"wall": time.perf_counter() - start, "checks": {name: round(float(found), 9)}}


def leverkit(path: str) -> dict[str, Any]:
    """All estimators, bands, bounds and pre-trends at once."""
    import polars as pl

    import leverkit as lk

    data = pl.read_parquet(path).with_columns(first=pl.when(pl.col("first") > 0).then("first"))
    start = time.perf_counter()
    found = lk.effect.did(data, unit="unit", period="period", outcome="outcome", first_treated="first")
    wall = time.perf_counter() - start
    estimate = {row["estimator"]: row["estimate"] for row in found.effects.iter_rows(named=True)}
    return {"wall": wall, "checks": {name: round(estimate[name], 9) for name in ("simple", "two_way", "imputation")}}


def diff_diff(path: str) -> dict[str, Any]:
    import pandas as pd
    from diff_diff import CallawaySantAnna

    data = pd.read_parquet(path)
    asked = {"outcome": "outcome", "unit": "unit", "time": "period", "first_treat": "first"}
    return _timed(lambda: CallawaySantAnna().fit(data, **asked).overall_att, "simple")


def diff_diff_imputation(path: str) -> dict[str, Any]:
    import pandas as pd
    from diff_diff import ImputationDiD

    data = pd.read_parquet(path)
    asked = {"outcome": "outcome", "unit": "unit", "time": "period", "first_treat": "first"}
    return _timed(lambda: ImputationDiD().fit(data, **asked).overall_att, "imputation")


def panelkit(path: str) -> dict[str, Any]:
    """On a ready, balanced array, which it asks for."""
    import numpy as np
    import panelkit as pk
    import polars as pl

    data = pl.read_parquet(path)
    outcome = np.ascontiguousarray(data["outcome"].to_numpy().reshape(-1, PERIODS))
    first = data["first"].to_numpy()[::PERIODS].astype(int)
    start = np.where(first == 0, -1, first - 1).tolist()
    return _timed(lambda: pk.CallawaySantAnna().fit(outcome, treat_start=start).att, "simple")


def pyfixest(path: str) -> dict[str, Any]:
    """Two-way fixed effects alone, clustered by unit."""
    import pandas as pd
    import pyfixest as pf

    data = pd.read_parquet(path)
    data["treated"] = ((data["first"] > 0) & (data["period"] >= data["first"])).astype(int)
    return _timed(
        lambda: pf.feols("outcome ~ treated | unit + period", data, vcov={"CRV1": "unit"}).coef().iloc[0], "two_way"
    )


PEERS = {
    "leverkit, all estimators": leverkit,
    "diff-diff, Callaway–Sant'Anna": diff_diff,
    "diff-diff, imputation": diff_diff_imputation,
    "panelkit, Callaway–Sant'Anna on a ready array": panelkit,
    "pyfixest, two-way fixed effects": pyfixest,
}
