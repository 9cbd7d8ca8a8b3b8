"""Logit and price sensitivity meter on Parquet files.

One function a peer; each reads the file, computes, and returns what is checked. The logit keeps time itself: reading is the same for all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from benches.peers.willingness_files import ALTERNATIVES, TERMS, terms

Check = dict[str, float]
Peer = Callable[[str], dict[str, Any]]


def _timed(read: Callable[[], Any], run: Callable[[Any], Check]) -> dict[str, Any]:
    data = read()
    start = time.perf_counter()
    checks = run(data)
    return {"wall": time.perf_counter() - start, "checks": checks}


def logit_leverkit(path: str) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    def run(data: pl.DataFrame) -> Check:
        found = lk.survey.conjoint(
            data, situation="task", alternative="option", chosen="chosen", attributes=terms()[1:], price="price"
        )
        return {"log-likelihood": round(found.log_likelihood, 6)}

    return _timed(lambda: pl.read_parquet(path), run)


def logit_xlogit(path: str) -> dict[str, Any]:
    import pandas as pd
    from xlogit import MultinomialLogit

    def run(data: pd.DataFrame) -> Check:
        model = MultinomialLogit()
        model.fit(
            X=data[terms()],
            y=data["chosen"].astype(int),
            varnames=terms(),
            ids=data["task"],
            alts=data["option"],
            verbose=0,
        )
        return {"log-likelihood": round(float(model.loglikelihood), 6)}

    return _timed(lambda: pd.read_parquet(path), run)


def logit_numpy(path: str) -> dict[str, Any]:
    """Newton's steps with numpy, on choices that are known to be complete and in order."""
    import numpy as np
    import polars as pl

    def run(data: pl.DataFrame) -> Check:
        x = data.select(terms()).to_numpy().reshape(-1, ALTERNATIVES, TERMS)
        chosen = data["chosen"].to_numpy().reshape(-1, ALTERNATIVES).argmax(1)
        beta, rows = np.zeros(TERMS), np.arange(len(x))
        for _ in range(30):
            utility = x @ beta
            utility -= utility.max(1, keepdims=True)
            p = np.exp(utility)
            p /= p.sum(1, keepdims=True)
            mean = np.einsum("nj,njk->nk", p, x)
            gradient = (x[rows, chosen] - mean).sum(0)
            information = np.einsum("nj,njk,njl->kl", p, x, x, optimize=True) - mean.T @ mean
            step = np.linalg.solve(information, gradient)
            if gradient @ step < 2e-10:
                break
            beta = beta + step
        return {"log-likelihood": round(float(np.log(p[rows, chosen]).sum()), 6)}

    return _timed(lambda: pl.read_parquet(path), run)


def meter_leverkit(path: str) -> Check:
    return _meter(path, None)


def meter_points(path: str) -> Check:
    """Without bootstrap but for the one replicate that there must be."""
    return _meter(path, 1)


def _meter(path: str, replicates: int | None) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.survey.van_westendorp(
        pl.read_parquet(path),
        too_cheap="too_cheap",
        cheap="cheap",
        expensive="expensive",
        too_expensive="too_expensive",
        buy_cheap="buy_cheap",
        buy_expensive="buy_expensive",
        replicates=replicates,
    )
    return {"answers": float(found.n), "optimal": found.points["optimal"] or math.nan}


LOGIT: dict[str, Peer] = {"leverkit": logit_leverkit, "xlogit": logit_xlogit, "numpy, Newton": logit_numpy}
METER: dict[str, Peer] = {"leverkit": meter_leverkit, "leverkit, one bootstrap sample": meter_points}
