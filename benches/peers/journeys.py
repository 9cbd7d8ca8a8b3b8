"""Transitions between the events of an event log, as leverkit counts them and as people do it elsewhere: sorted, shifted and grouped."""

from __future__ import annotations

from typing import Any

Check = dict[str, float]


def _checks(pairs: int, transitions: int) -> Check:
    return {"transitions": float(transitions), "pairs": float(pairs)}


def leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.funnel.journey(pl.scan_parquet(path), entity="user_id", time="ts", event="event")
    table = found._tables["transitions"].filter((pl.col("from") != "(start)") & (pl.col("to") != "(end)"))
    return _checks(table.height, table["count"].sum())


def polars(path: str) -> Check:
    import polars as pl

    events = pl.scan_parquet(path).select("user_id", "ts", "event").sort("user_id", "ts", maintain_order=True)
    following = events.with_columns(
        next=pl.col("event").shift(-1),
        days=pl.col("ts").shift(-1) - pl.col("ts"),
        same=pl.col("user_id").shift(-1) == pl.col("user_id"),
    )
    table = following.filter("same").group_by("event", "next").agg(pl.len(), pl.col("days").median()).collect()
    return _checks(table.height, table["len"].sum())


def duckdb(path: str) -> Check:
    import duckdb

    table = duckdb.sql(f"""
        with following as (
            select event, ts, lead(event) over w as next, lead(ts) over w as until from '{path}' window w as (partition by user_id order by ts)
        )
        select event, next, count(*) as n, median(epoch_ms(until) - epoch_ms(ts)) as days from following where next is not null group by all
    """).fetchall()
    return _checks(len(table), sum(row[2] for row in table))


def pandas(path: str) -> Check:
    import pandas as pd

    events = pd.read_parquet(path, columns=["user_id", "ts", "event"]).sort_values(["user_id", "ts"], kind="stable")
    same = events["user_id"].eq(events["user_id"].shift(-1))
    following = events.assign(next=events["event"].shift(-1), days=events["ts"].shift(-1) - events["ts"])[same]
    table: Any = following.groupby(["event", "next"])["days"].agg(["size", "median"])
    return _checks(len(table), int(table["size"].sum()))


PEERS = {"leverkit": leverkit, "polars": polars, "DuckDB": duckdb, "pandas": pandas}
