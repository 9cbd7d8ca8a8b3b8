"""Lifetime models on a Parquet file of a summary, and the summary itself from order lines.

One function a peer; each reads the file, fits, and returns the log-likelihood at its own maximum by one formula for all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = dict[str, float]


def _score(path: str, values: list[float], model: str) -> Check:
    """The log-likelihood of parameters by an independent formula, to eight digits."""
    import numpy as np
    import pandas as pd
    from scipy.special import betaln, gammaln, hyp2f1

    data = pd.read_parquet(path)
    counted = data.groupby(["frequency", "recency", "T"]).size().reset_index(name="n")
    x, recency, t = (counted[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
    r, alpha, a, b = values
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    if model == "bg":
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + t)
        left = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
        each = common + np.logaddexp(alive, np.where(x > 0, left, -np.inf))
    else:
        top, gap, k = max(alpha, b), abs(alpha - b), r + a + x
        power = a + 1 if alpha >= b else r + x

        def ln_part(time: Any) -> Any:
            return np.log(hyp2f1(k, power, k + 1, gap / (top + time))) - k * np.log(top + time)

        first, second = ln_part(recency), ln_part(t)
        left = np.log(a / k) + first + np.log1p(-np.exp(np.minimum(second - first, -1e-300)))
        each = common + a * np.log(b) + np.logaddexp(-(r + x) * np.log(alpha + t) - a * np.log(b + t), left)
    return {"log-likelihood to 8 digits": float(f"{np.sum(counted['n'] * each):.8g}")}


def _leverkit(path: str, model: str) -> dict[str, Any]:
    import time

    import polars as pl

    import leverkit as lk

    start = time.perf_counter()
    fitted = {"bg": lk.clv.BetaGeoModel, "pareto": lk.clv.ParetoNBDModel}[model]().fit(pl.read_parquet(path))
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": _score(path, list(fitted.parameters.values()), model)}


def _lifetimes(path: str, model: str) -> dict[str, Any]:
    import time
    import warnings

    import lifetimes
    import pandas as pd

    warnings.filterwarnings("ignore")
    start = time.perf_counter()
    data = pd.read_parquet(path)
    fitter = {"bg": lifetimes.BetaGeoFitter, "pareto": lifetimes.ParetoNBDFitter}[model]()
    fitter.fit(data["frequency"], data["recency"], data["T"])
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": _score(path, [float(value) for value in fitter.params_], model)}


def _pymc(path: str) -> dict[str, Any]:
    """The greatest density a posteriori under the package's own priors, so near the greatest likelihood and not at it."""
    import time
    import warnings

    warnings.filterwarnings("ignore")
    import pandas as pd
    from pymc_marketing import clv

    start = time.perf_counter()
    data = pd.read_parquet(path)
    data.insert(0, "customer_id", range(len(data)))
    model = clv.ParetoNBDModel(data=data)
    model.fit(method="map", progressbar=False)
    wall = time.perf_counter() - start
    values = [float(model.idata.posterior[name].mean()) for name in ("r", "alpha", "s", "beta")]
    return {"wall": wall, "checks": _score(path, values, "pareto")}


def summary_leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.clv.summary(pl.scan_parquet(path), customer="customer_id", time="order_ts", amount="amount", unit="day")
    return {"repeat orders": float(found["frequency"].sum()), "age": float(found["T"].sum())}


def summary_lifetimes(path: str) -> Check:
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    lines = pd.read_parquet(path, columns=["customer_id", "order_ts", "amount"])
    found = summary_data_from_transaction_data(lines, "customer_id", "order_ts", "amount")
    return {"repeat orders": float(found["frequency"].sum()), "age": float(found["T"].sum())}


Peer = Callable[[str], dict[str, Any]]
BG: dict[str, Peer] = {
    "leverkit": lambda path: _leverkit(path, "bg"),
    "lifetimes*": lambda path: _lifetimes(path, "bg"),
}
PARETO: dict[str, Peer] = {
    "leverkit": lambda path: _leverkit(path, "pareto"),
    "lifetimes*": lambda path: _lifetimes(path, "pareto"),
}
PARETO_MAP: dict[str, Peer] = {
    "leverkit": lambda path: _leverkit(path, "pareto"),
    "pymc-marketing, MAP*": _pymc,
}
SUMMARY: dict[str, Peer] = {"leverkit": summary_leverkit, "lifetimes*": summary_lifetimes}
