"""RFM with quintiles from a Parquet file of order lines: one function a peer. Each reads, computes, and returns what is checked.

Imports stand in the functions: the harness calls them once before the clock starts, on a small file.
An order is a customer's day in leverkit; the shortest SQL counts lines. Peers marked "days" count distinct days too, so they do
the same work; those marked "lines" do less.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Check = dict[str, float]


def leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    scores = lk.rfm.score(pl.scan_parquet(path), customer="customer_id", time="order_ts", amount="amount")
    return _check(scores._tables["customers"])


def leverkit_path(path: str) -> Check:
    import leverkit as lk

    scores = lk.rfm.score(path, customer="customer_id", time="order_ts", amount="amount")
    return _check(scores._tables["customers"])


def leverkit_rank(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    scores = lk.rfm.score(
        pl.scan_parquet(path), customer="customer_id", time="order_ts", amount="amount", method="rank"
    )
    return _check(scores._tables["customers"])


def _polars(path: str, engine: Any, *, days: bool) -> Check:
    import polars as pl

    orders = pl.col("order_ts").dt.date().n_unique() if days else pl.len()

    def rank(column: str, *, descending: bool = False) -> pl.Expr:
        return (pl.col(column).rank("ordinal", descending=descending) - 1) * 5 // pl.len() + 1

    frame = (
        pl.scan_parquet(path)
        .group_by("customer_id")
        .agg(last=pl.col("order_ts").max().dt.date(), frequency=orders, monetary=pl.col("amount").sum())
        .with_columns(recency=(pl.date(2026, 1, 1) - pl.col("last")).dt.total_days())
        .with_columns(r=rank("recency", descending=True), f=rank("frequency"), m=rank("monetary"))
        .collect(engine=engine)
    )
    return _check(frame)


def polars_streaming_days(path: str) -> Check:
    return _polars(path, "streaming", days=True)


def polars_streaming_lines(path: str) -> Check:
    return _polars(path, "streaming", days=False)


def polars_in_memory_lines(path: str) -> Check:
    return _polars(path, "in-memory", days=False)


def _duckdb(path: str, orders: str) -> Check:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"""
        create table scored as
        with measures as (
            select customer_id, date_diff('day', max(order_ts), timestamp '2026-01-01') as recency, {orders} as frequency,
                   sum(amount) as monetary
            from '{path}' group by customer_id)
        select *, ntile(5) over (order by recency desc) as r, ntile(5) over (order by frequency) as f,
               ntile(5) over (order by monetary) as m
        from measures""")
    row = connection.execute("""
        select count(*), sum(monetary), sum(recency), sum(frequency), sum(monetary) filter (m = 5) from scored""").fetchall()[
        0
    ]
    return dict(zip(("customers", "monetary", "recency", "frequency", "top_fifth"), map(float, row), strict=True))


def duckdb_days(path: str) -> Check:
    return _duckdb(path, "count(distinct order_ts::date)")


def duckdb_lines(path: str) -> Check:
    return _duckdb(path, "count(*)")


def pandas_lines(path: str) -> Check:
    import pandas as pd
    import polars as pl

    lines = pd.read_parquet(path)
    frame = lines.groupby("customer_id").agg(
        last=("order_ts", "max"), frequency=("order_ts", "size"), monetary=("amount", "sum")
    )
    frame["recency"] = (pd.Timestamp("2026-01-01") - frame["last"].dt.normalize()).dt.days
    for measure, ascending in (("recency", False), ("frequency", True), ("monetary", True)):
        frame[measure[0]] = pd.qcut(frame[measure].rank(method="first", ascending=ascending), 5, labels=False) + 1
    return _check(pl.from_pandas(frame.drop(columns="last")))


def lifetimes_summary(path: str) -> Check:
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    lines = pd.read_parquet(path)
    summary = summary_data_from_transaction_data(
        lines, "customer_id", "order_ts", "amount", observation_period_end="2025-12-31"
    )
    return {"customers": float(len(summary))}


def openretailscience_segments(path: str) -> Check:
    import pandas as pd
    from openretailscience.segmentation.rfm import RFMSegmentation

    lines = pd.read_parquet(path)
    lines = lines.rename(columns={"order_ts": "transaction_date", "amount": "unit_spend"})
    lines["transaction_id"] = range(len(lines))
    return {"customers": float(len(RFMSegmentation(lines, current_date="2026-01-01").df))}


def _check(frame: Any) -> Check:
    import polars as pl

    row = frame.select(
        customers=pl.len(),
        monetary=pl.col("monetary").sum(),
        recency=pl.col("recency").sum(),
        frequency=pl.col("frequency").sum(),
        top_fifth=pl.col("monetary").filter(pl.col("m") == 5).sum(),
    ).row(0, named=True)
    return {name: float(value) for name, value in row.items()}


def _from_ledger(path: str) -> dict[str, object]:
    import polars as pl

    import leverkit as lk

    start = time.perf_counter()
    ledger = lk.Ledger(pl.scan_parquet(path), customer="customer_id", time="order_ts", amount="amount")
    build = time.perf_counter() - start
    walls = []
    for _ in range(3):
        start = time.perf_counter()
        customers = lk.rfm.score(ledger)._tables["customers"]
        walls.append(time.perf_counter() - start)
    checks = {"customers": float(customers.height), "monetary": customers["monetary"].sum()}
    wall = sorted(walls)[1]
    others = {name: _seconds(run) / wall for name, run in _retention(ledger).items()}
    return {"wall": wall, "build": build, "checks": checks, "of_one_scoring": others}


def _retention(ledger: Any) -> dict[str, Callable[[], Any]]:
    """What keeps customers, each with its tables; the defaults of two years of data."""
    import leverkit as lk

    dates = [f"2025-{month:02}-01" for month in range(1, 13)] + ["2026-01-01"]
    return {
        "limit day": lambda: dict(lk.rfm.limit_day(ledger)._tables),
        "norms": lambda: dict(lk.rfm.norms(ledger)._tables),
        "triggers": lambda: dict(lk.rfm.triggers(ledger)._tables),
        "migration over 12 months": lambda: dict(lk.rfm.migration(ledger, dates=dates)._tables),
        "cohorts by month": lambda: dict(lk.rfm.cohorts(ledger)._tables),
    }


def _seconds(run: Callable[[], Any]) -> float:
    """The median of three runs."""
    walls = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        walls.append(time.perf_counter() - start)
    return sorted(walls)[1]


PEERS: dict[str, Callable[[str], Check]] = {
    "leverkit": leverkit,
    "leverkit, of a path": leverkit_path,
    "leverkit, method=rank": leverkit_rank,
    "polars streaming, days": polars_streaming_days,
    "polars streaming, lines": polars_streaming_lines,
    "polars in memory, lines": polars_in_memory_lines,
    "DuckDB, days": duckdb_days,
    "DuckDB, lines": duckdb_lines,
    "pandas, lines": pandas_lines,
    "lifetimes summary, no scores *": lifetimes_summary,
    "openretailscience, lines *": openretailscience_segments,
}

FROM_LEDGER: dict[str, Callable[[str], dict[str, Any]]] = {"leverkit, from a Ledger": _from_ledger}
