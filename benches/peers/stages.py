"""A funnel of five stages within 30 days of 20 million events, as leverkit does it and as people do it elsewhere: in chDB by windowFunnel, in
DuckDB and polars by carrying the latest beginning of a chain from stage to stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

STAGES = ["visit", "view_product", "add_to_cart", "checkout", "purchase"]
DAYS = 30
_WINDOW = DAYS * 86_400_000

Check = dict[str, float]


def _reached(counts: list[int]) -> Check:
    return {f"stage {place}": float(count) for place, count in enumerate(counts, 1)}


def _up_to(levels: dict[int, int]) -> Check:
    return _reached([sum(n for level, n in levels.items() if level >= place) for place in range(1, len(STAGES) + 1)])


def _asked(**more: Any) -> dict[str, Any]:
    return {"stages": STAGES, "window": f"{DAYS}d", **more}


def leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.funnel.stages(pl.scan_parquet(path), entity="user_id", time="ts", stage="event", **_asked())
    return _reached(found.table["reached"].to_list())


def _from_log(path: str, work: Callable[[Any], Check]) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    log = lk.funnel.EventLog(pl.scan_parquet(path), entity="user_id", time="ts", event="event")
    start = time.perf_counter()
    checks = work(log)
    return {"wall": time.perf_counter() - start, "checks": checks}


def leverkit_from_log(path: str) -> dict[str, Any]:
    import leverkit as lk

    return _from_log(path, lambda log: _reached(lk.funnel.stages(log, **_asked()).table["reached"].to_list()))


def leverkit_audit(path: str) -> dict[str, Any]:
    import leverkit as lk

    def audit(log: Any) -> Check:
        table = lk.funnel.stages(log, **_asked()).audit().table
        return {"stage 1": float(table["first"][0]), "stage 5": float(table["last"][0])}

    return _from_log(path, audit)


def chdb(path: str, modes: str = "") -> Check:
    import chdb as engine

    conditions = ", ".join(f"event = '{stage}'" for stage in STAGES)
    rows = engine.query(
        f"""select level, count() from (select windowFunnel({_WINDOW}{modes})(toUInt64(toUnixTimestamp64Milli(ts)), {conditions}) level
        from file('{path}', Parquet) group by user_id) group by level settings max_threads = 2""",
        "CSV",
    )
    return _up_to({int(level): int(n) for level, n in (line.split(",") for line in str(rows).strip().splitlines())})


def duckdb(path: str) -> Check:
    """The latest beginning of a chain at each stage is the latest event of the first stage, then carried on by running maxima."""
    import duckdb as engine

    stages = tuple(STAGES)
    query = f"with e0 as (select user_id, ts, event, epoch_ms(ts) t from '{path}' where event in {stages})"
    for place in range(1, len(STAGES) + 1):
        carried = "t" if place == 1 else f"case when t - s{place - 1} <= {_WINDOW} then s{place - 1} end"
        query += f""", e{place} as (select *, max(case when event = '{stages[place - 1]}' then {carried} end) over w s{place} from e{place - 1}
            window w as (partition by user_id order by ts rows unbounded preceding))"""
    level = " ".join(f"when max(s{place}) is not null then {place}" for place in range(len(STAGES), 0, -1))
    rows = engine.connect().execute(
        f"{query} select level, count(*) from (select case {level} else 0 end level from e{len(STAGES)} group by user_id) group by level"
    )
    return _up_to(dict(rows.fetchall()))


def polars(path: str) -> Check:
    """Sorted once; the latest beginning is filled forward from stage to stage within a user."""
    import polars as pl

    place = {stage: number for number, stage in enumerate(STAGES)}
    events = (
        pl.scan_parquet(path)
        .filter(pl.col("event").is_in(STAGES))
        .select("user_id", t=pl.col("ts").cast(pl.Int64), e=pl.col("event").replace_strict(place, return_dtype=pl.Int8))
        .sort("user_id", "t")
    )
    mine = pl.col("user_id")
    events = events.with_columns(s0=pl.when(e=0).then(pl.struct(t="t", u=mine)).forward_fill())
    for k in range(1, len(STAGES)):
        before = pl.col(f"s{k - 1}").struct
        goes_on = (pl.col("e") == k) & (before.field("u") == mine) & (pl.col("t") - before.field("t") <= _WINDOW)
        events = events.with_columns(
            pl.when(goes_on).then(pl.col(f"s{k - 1}")).forward_fill().alias(f"s{k}"), goes_on.alias(f"ok{k}")
        )
    users = events.group_by("user_id").agg(
        (pl.col("e") == 0).any().alias("ok0"), *(pl.col(f"ok{k}").any() for k in range(1, len(STAGES)))
    )
    return _reached(
        list(users.select(pl.col(f"ok{k}").sum() for k in range(len(STAGES))).collect(engine="streaming").row(0))
    )


PEERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "leverkit": leverkit,
    "leverkit, from an EventLog": leverkit_from_log,
    "leverkit, audit of 48 sets of rules, from an EventLog": leverkit_audit,
    "chDB": chdb,
    "DuckDB": duckdb,
    "polars streaming": polars,
}
