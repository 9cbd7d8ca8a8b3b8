"""Pricing in the deal on a Parquet file: the waterfall by three dimensions, and the price–volume–mix bridge at two grains.

One function a peer; each reads the file, computes, and returns what is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benches.peers.generate import DISCOUNTS

Check = dict[str, float]
_BY = ["region", "segment", "channel"]


def waterfall_leverkit(path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.pricing.waterfall(
        pl.scan_parquet(path),
        list_price="list_price",
        components=DISCOUNTS,
        unit_cost="unit_cost",
        quantity="units",
        by=_BY,
    )
    table = found._tables["table"]
    sums = {
        step: float(table.filter(pl.col("step") == step)["amount"].sum()) for step in ("list price", "rebate", "cost")
    }
    return {"groups": table.height / 10, "list": sums["list price"], "rebate": -sums["rebate"], "cost": -sums["cost"]}


def waterfall_duckdb(path: str) -> Check:
    import duckdb

    sums = ", ".join(f"sum({name} * units) as {name}" for name in ("list_price", *DISCOUNTS, "unit_cost"))
    rows = (
        duckdb.connect().execute(f"select {sums}, count(*) n, {', '.join(_BY)} from '{path}' group by all").fetchall()
    )
    total = {name: sum(row[at] for row in rows) for name, at in (("list", 0), ("rebate", 4), ("cost", 7))}
    return {"groups": float(len(rows)), **total}


def waterfall_polars(path: str) -> Check:
    import polars as pl

    sums = [(pl.col(name) * pl.col("units")).sum() for name in ("list_price", *DISCOUNTS, "unit_cost")]
    rows = pl.scan_parquet(path).group_by(_BY).agg(*sums, n=pl.len()).collect(engine="streaming")
    return {
        "groups": float(rows.height),
        "list": rows["list_price"].sum(),
        "rebate": rows["rebate"].sum(),
        "cost": rows["unit_cost"].sum(),
    }


def bridge_leverkit(keys: list[str], path: str) -> Check:
    import polars as pl

    import leverkit as lk

    found = lk.pricing.price_volume_mix(
        pl.scan_parquet(path), period="year", base=0, against=1, keys=keys, quantity="units", revenue="paid"
    )
    steps = dict(found._tables["bridge"].select("effect", "amount").iter_rows())
    return {name: steps[name] for name in ("price", "volume", "mix", "new", "lost")}


def bridge_duckdb(keys: list[str], path: str) -> Check:
    import duckdb

    row = (
        duckdb.connect()
        .execute(f"""
        with a as (select {", ".join(keys)},
            sum(case when year = 0 then units else 0 end)::double q0, sum(case when year = 1 then units else 0 end)::double q1,
            sum(case when year = 0 then paid else 0 end) r0, sum(case when year = 1 then paid else 0 end) r1 from '{path}' group by all),
        t as (select sum(r0) / sum(q0) v from a)
        select sum(case when q0 > 0 and q1 > 0 then r1 - q1 * r0 / q0 else 0 end), sum(case when q0 > 0 and q1 > 0 then (q1 - q0) * v else 0 end),
            sum(case when q0 > 0 and q1 > 0 then (q1 - q0) * (r0 / q0 - v) else 0 end), sum(case when q0 = 0 then r1 else 0 end),
            -sum(case when q1 = 0 then r0 else 0 end) from a, t""")
        .fetchall()[0]
    )
    return dict(zip(("price", "volume", "mix", "new", "lost"), map(float, row), strict=True))


def bridge_polars(keys: list[str], path: str) -> Check:
    import polars as pl

    base, against = pl.col("year") == 0, pl.col("year") == 1
    sums = {
        "q0": pl.col("units").filter(base).sum().cast(pl.Float64),
        "q1": pl.col("units").filter(against).sum().cast(pl.Float64),
        "r0": pl.col("paid").filter(base).sum(),
        "r1": pl.col("paid").filter(against).sum(),
    }
    items = pl.scan_parquet(path).group_by(keys).agg(**sums).collect(engine="streaming")
    average = items["r0"].sum() / items["q0"].sum()
    q0, q1, r0, r1 = (pl.col(name) for name in sums)
    both = (
        items.lazy()
        .filter((q0 > 0) & (q1 > 0))
        .select(
            price=(r1 - q1 * r0 / q0).sum(),
            volume=((q1 - q0) * average).sum(),
            mix=((q1 - q0) * (r0 / q0 - average)).sum(),
        )
        .collect()
    )
    one_side = items.select(new=r1.filter(q0 == 0).sum(), lost=-r0.filter(q1 == 0).sum())
    return {**both.row(0, named=True), **one_side.row(0, named=True)}


def _bridges(keys: list[str]) -> dict[str, Callable[[str], Check]]:
    peers = {"leverkit": bridge_leverkit, "DuckDB": bridge_duckdb, "polars streaming": bridge_polars}
    return {name: partial(peer, keys) for name, peer in peers.items()}


WATERFALL: dict[str, Callable[[str], Check]] = {
    "leverkit": waterfall_leverkit,
    "DuckDB": waterfall_duckdb,
    "polars streaming": waterfall_polars,
}
BY_SEGMENT = _bridges(["product", "segment"])
BY_CUSTOMER = _bridges(["customer", "product"])
