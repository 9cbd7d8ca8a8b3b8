"""A programme judged from order lines and members: what leverkit does in a call, and the estimate alone as one would get it with polars and a peer."""

from __future__ import annotations

import time
from typing import Any

from benches.peers.effect_files import PERIODS


def _members(lines: Any) -> Any:
    return lines.group_by("customer").agg(joined=_first("joined")).drop_nulls()


def _first(name: str) -> Any:
    import polars as pl

    return pl.col(name).first()


def leverkit(path: str) -> dict[str, Any]:
    """All designs, their placebos, the split and the money, from a ready ledger."""
    import polars as pl

    import leverkit as lk

    lines = pl.read_parquet(path)
    ledger = lk.Ledger(lines, customer="customer", time="day", amount="amount")
    members = _members(lines)
    start = time.perf_counter()
    found = lk.effect.programme(ledger, members, relabellings=0)
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": {"members": float(found.n_members)}}


def polars_and_diff_diff(path: str) -> dict[str, Any]:
    """Months of customers as rows, then one design: no placebo, no split, no money."""
    import polars as pl
    from diff_diff import CallawaySantAnna

    lines = pl.read_parquet(path)
    start = time.perf_counter()
    month = (pl.col("day").dt.year() - 2022) * 12 + pl.col("day").dt.month()
    spent = lines.group_by("customer", period=month.cast(pl.Int64)).agg(outcome=pl.col("amount").sum())
    grid = lines.select(pl.col("customer").unique()).join(pl.DataFrame({"period": range(1, PERIODS + 1)}), how="cross")
    joined = _members(lines).select(
        "customer", first=((pl.col("joined").dt.year() - 2022) * 12 + pl.col("joined").dt.month()).cast(pl.Int64)
    )
    panel = grid.join(spent, on=["customer", "period"], how="left").join(joined, on="customer", how="left")
    panel = panel.with_columns(pl.col("outcome", "first").fill_null(0)).to_pandas()
    CallawaySantAnna().fit(panel, outcome="outcome", unit="customer", time="period", first_treat="first")
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": {"members": float(joined.height)}}


PEERS = {"leverkit": leverkit, "polars and diff-diff, one design": polars_and_diff_diff}
