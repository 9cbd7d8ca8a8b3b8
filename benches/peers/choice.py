"""Logit, price sensitivity meter and price indices on Parquet files.

One function a peer; each reads the file, computes, and returns what is checked. The logit keeps time itself: reading is the same for all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from benches.peers.choice_files import ALTERNATIVES, TERMS, terms

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
        found = lk.pricing.conjoint(
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

    found = lk.pricing.van_westendorp(
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


def index_leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.pricing.price_index(
        pl.read_parquet(path), time="week", product="product", price="price", quantity="units", formula="geks-fisher"
    )
    return {"index": found._tables["table"]["index"][-1]}


def index_numpy(path: str) -> Check:
    """GEKS of Fisher with numpy on dense tables of weeks by products, without limits."""
    import numpy as np
    import polars as pl

    data = pl.read_parquet(path)
    weeks, products = data["week"].max() + 1, data["product"].max() + 1
    price, units = np.zeros((weeks, products)), np.zeros((weeks, products))
    place = data["week"].to_numpy(), data["product"].to_numpy()
    price[place], units[place] = data["price"].to_numpy(), data["units"].to_numpy()
    logs = np.zeros((weeks, weeks))
    for a in range(weeks):
        for b in range(a + 1, weeks):
            both = (units[a] > 0) & (units[b] > 0)
            p0, q0, p1, q1 = price[a][both], units[a][both], price[b][both], units[b][both]
            logs[a, b] = 0.5 * math.log((p1 @ q0) / (p0 @ q0) * (p1 @ q1) / (p0 @ q1))
            logs[b, a] = -logs[a, b]
    return {"index": math.exp((logs[0] + logs[:, -1]).mean())}


LOGIT: dict[str, Peer] = {"leverkit": logit_leverkit, "xlogit": logit_xlogit, "numpy, Newton": logit_numpy}
METER: dict[str, Peer] = {"leverkit": meter_leverkit, "leverkit, one bootstrap sample": meter_points}
INDEX: dict[str, Peer] = {"leverkit, with limits": index_leverkit, "numpy, dense, without limits": index_numpy}
