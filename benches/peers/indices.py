"""Price indices on Parquet files.

One function a peer; each reads the file, computes, and returns what is checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Check = dict[str, float]
Peer = Callable[[str], dict[str, Any]]


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


INDEX: dict[str, Peer] = {"leverkit, with limits": index_leverkit, "numpy, dense, without limits": index_numpy}
