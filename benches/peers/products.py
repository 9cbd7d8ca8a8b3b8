"""The product funnel on a Parquet file of orders: transitions from first to second orders, and pairs within orders.

One function a peer; each reads the file, computes, and returns what is checked. Those that begin with a Ledger keep time themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Check = dict[str, float]


def _ledger(path: str) -> Any:
    import polars as pl

    import leverkit as lk

    return lk.Ledger(
        pl.scan_parquet(path),
        customer="customer_id",
        time="order_ts",
        amount="amount",
        order="order_id",
        product="product_id",
    )


def _from_ledger(path: str, run: Callable[[Any], Check]) -> dict[str, Any]:
    """The median of three runs from a Ledger that is built before the clock starts."""
    ledger = _ledger(path)
    walls = []
    for _ in range(3):
        start = time.perf_counter()
        checks = run(ledger)
        walls.append(time.perf_counter() - start)
    return {"wall": sorted(walls)[1], "checks": checks}


def _transitions(ledger: Any) -> Check:
    import leverkit as lk

    found = lk.funnel.next_products(ledger, start="first", horizon=36_500)
    table, states = found._tables["table"], found._tables["states"]
    repeats = states["repeat_count"]
    return {
        "transitions": float(table["count"].sum() + repeats.sum()),
        "pairs": float(table.height + repeats.gt(0).sum()),
    }


def transitions_leverkit(path: str) -> Check:
    return _transitions(_ledger(path))


def transitions_from_ledger(path: str) -> dict[str, Any]:
    return _from_ledger(path, _transitions)


def transitions_duckdb(path: str) -> Check:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"""
        create table found as
        with orders as (select customer_id, order_id, min(order_ts) ts from '{path}' group by 1, 2),
        ranked as (select *, row_number() over (partition by customer_id order by ts, order_id) place from orders qualify place <= 2),
        items as (select distinct order_id, product_id from '{path}'),
        a as (select customer_id, ts, product_id p from ranked join items using (order_id) where place = 1),
        b as (select customer_id, ts, product_id q from ranked join items using (order_id) where place = 2),
        back as (select distinct customer_id, true is_back from b),
        entered as (select p, count(*) n_from, count(is_back) n_back from a left join back using (customer_id) group by 1),
        base as (select q, count(*) / (select count(*) from ranked where place = 2) share from b group by 1),
        pairs as (select p, q, count(*) n, median(date_diff('day', a.ts, b.ts)) as med from a join b using (customer_id) group by 1, 2)
        select p, q, n, n / n_from conversion, n / n_back / share lift, med from pairs join entered using (p) join base using (q)""")
    row = connection.execute("select sum(n), count(*) from found").fetchall()[0]
    return dict(zip(("transitions", "pairs"), map(float, row), strict=True))


def transitions_polars(path: str) -> Check:
    import polars as pl

    lines = pl.scan_parquet(path)
    orders = (
        lines.group_by("customer_id", "order_id").agg(ts=pl.col("order_ts").min()).sort("customer_id", "ts", "order_id")
    )
    orders = (
        orders.with_columns(place=pl.int_range(pl.len()).over("customer_id"))
        .filter(pl.col("place") < 2)
        .collect(engine="streaming")
    )
    items = (
        lines.select("order_id", "product_id")
        .join(orders.lazy().select("order_id"), on="order_id", how="semi")
        .unique()
    )
    both = orders.lazy().join(items, on="order_id").collect(engine="streaming")
    a = both.lazy().filter(pl.col("place") == 0).select("customer_id", p="product_id", ta="ts")
    b = both.lazy().filter(pl.col("place") == 1).select("customer_id", q="product_id", tb="ts")
    entered = a.join(b.select("customer_id").unique().with_columns(back=True), on="customer_id", how="left")
    entered = entered.group_by("p").agg(n_from=pl.len(), n_back=pl.col("back").count())
    base = b.group_by("q").agg(share=pl.len() / orders.filter(pl.col("place") == 1).height)
    days = (pl.col("tb").dt.date() - pl.col("ta").dt.date()).dt.total_days().median()
    pairs = a.join(b, on="customer_id").group_by("p", "q").agg(n=pl.len(), days=days)
    found = (
        pairs.join(entered, on="p")
        .join(base, on="q")
        .with_columns(conversion=pl.col("n") / pl.col("n_from"), lift=pl.col("n") / pl.col("n_back") / pl.col("share"))
        .collect(engine="streaming")
    )
    return {"transitions": float(found["n"].sum()), "pairs": float(found.height)}


def _rules(ledger: Any) -> Check:
    import leverkit as lk

    table = lk.funnel.basket_rules(ledger, fdr=1.0)._tables["table"]
    return {"pairs": table.height / 2, "together": float(table["count"].sum()) / 2}


def rules_leverkit(path: str) -> Check:
    return _rules(_ledger(path))


def rules_from_ledger(path: str) -> dict[str, Any]:
    return _from_ledger(path, _rules)


def significant_from_ledger(path: str) -> dict[str, Any]:
    import leverkit as lk

    return _from_ledger(
        path, lambda ledger: {"rules": float(lk.funnel.basket_rules(ledger, fdr=0.01)._tables["table"].height)}
    )


def pairs_duckdb(path: str) -> Check:
    import duckdb

    row = (
        duckdb.connect()
        .execute(f"""
        with items as (select distinct order_id, product_id from '{path}')
        select count(*), sum(n) from (select a.product_id p, b.product_id q, count(*) n from items a join items b
        on a.order_id = b.order_id and a.product_id < b.product_id group by 1, 2)""")
        .fetchall()[0]
    )
    return dict(zip(("pairs", "together"), map(float, row), strict=True))


def pairs_polars(path: str) -> Check:
    import polars as pl

    items = pl.scan_parquet(path).select("order_id", "product_id").unique().collect(engine="streaming").lazy()
    pairs = items.join(items, on="order_id").filter(pl.col("product_id") < pl.col("product_id_right"))
    found = pairs.group_by("product_id", "product_id_right").len().collect(engine="streaming")
    return {"pairs": float(found.height), "together": float(found["len"].sum())}


Peer = Callable[[str], dict[str, Any]]
TRANSITIONS: dict[str, Peer] = {
    "leverkit": transitions_leverkit,
    "leverkit, from a Ledger": transitions_from_ledger,
    "DuckDB": transitions_duckdb,
    "polars streaming": transitions_polars,
}
PAIRS: dict[str, Peer] = {
    "leverkit, all pairs tested": rules_leverkit,
    "leverkit, all pairs tested, from a Ledger": rules_from_ledger,
    "leverkit, rules at 1 % false, from a Ledger": significant_from_ledger,
    "DuckDB, counts alone": pairs_duckdb,
    "polars streaming, counts alone": pairs_polars,
}
