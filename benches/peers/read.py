"""Reading a CSV file of order lines: `leverkit.read` finds what polars' own scan is told here. A row of its own has the sniffing alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import polars as pl

import leverkit as lk
from leverkit.reading.missing import TEXTS

SCHEMA = {
    "order_id": pl.Int64(),
    "customer_id": pl.Int64(),
    "day": pl.Date(),
    "at": pl.String(),
    "sku": pl.String(),
    "quantity": pl.Int64(),
    "amount": pl.Float64(),
    "channel": pl.String(),
}


def leverkit(path: str) -> dict[str, float]:
    """All columns, judged and verified."""
    return _checks(lk.read(path))


def polars(path: str) -> dict[str, float]:
    """With the types given, and nothing else: texts that mean missing would stay."""
    return _checks(pl.scan_csv(path, schema=SCHEMA))


def polars_nulls(path: str) -> dict[str, float]:
    """With the types and the texts that mean missing, as the other row has them."""
    return _checks(pl.scan_csv(path, schema=SCHEMA, null_values=["", *TEXTS]))


def sniffing(path: str) -> dict[str, Any]:
    """The judgement alone: the middle of nine."""
    return {"wall": sorted(_timed(path) for _ in range(9))[4], "checks": {}}


def _timed(path: str) -> float:
    start = time.perf_counter()
    lk.read(path)
    return time.perf_counter() - start


def _checks(lines: pl.LazyFrame) -> dict[str, float]:
    frame = lines.collect(engine="streaming")
    return {"rows": frame.height, "amount": frame["amount"].sum(), "days": float(frame["day"].n_unique())}


PEERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "leverkit": leverkit,
    "leverkit, sniffing alone": sniffing,
    "polars, types given": polars,
    "polars, types and missing texts given": polars_nulls,
}
