"""Queries for warehouses give the engine's scores, limit days and due products, to the customer, on DuckDB, SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import postgres
import pytest
from polars.testing import assert_frame_equal

import leverkit as lk

pytest.importorskip("sqlglot")

COLUMNS = {"customer": "client", "time": "when", "amount": "paid"}
FULL = {**COLUMNS, "order": "order", "quantity": "quantity"}
WANTED = ["customer", "recency", "frequency", "monetary", "r", "f", "m", "segment"]
MAP = {
    "scale": 3,
    "segment": [{"name": "d'accord", "rules": [{"r": [2, 3]}]}, {"name": "away", "rules": [{"r": [1, 1]}]}],
}
NORMS = {"recency": [30, 90], "frequency": [2, 5], "monetary": [100.0, 400.0]}
CASES: dict[str, dict[str, Any]] = {
    "by default": {},
    "of few bins": {"bins": (3, 4, 7)},
    "nested": {"method": "nested"},
    "by k-means": {"method": "kmeans"},
    "by norms": {"method": "thresholds", "thresholds": NORMS},
    "by average check": {"monetary": "average_check", "method": "equal_width"},
    "with segments of one's own": {"segments": MAP},
    "of another day": {"as_of": "2022-10-01"},
}


def shop() -> pl.DataFrame:
    """A part of the shop, with clocks, and with all that a table of order lines holds besides sales."""
    minutes = pl.duration(minutes=pl.int_range(pl.len()) % 1400)
    sales = lk.datasets.shop().head(3000).with_columns(when=pl.col("ordered_at").cast(pl.Datetime("us")) + minutes)
    money, units = pl.col("paid"), pl.col("quantity")
    return pl.concat(
        [
            sales,
            sales.gather_every(17).with_columns(-money, -units, when=pl.col("when") + pl.duration(days=9)),  # returns
            sales.gather_every(41).with_columns(-units),  # returns whose money has the wrong sign
            sales.head(3).with_columns(-money, client=pl.lit("returns alone")),
            sales.slice(100, 60).with_columns(order=pl.lit(None, pl.String)),  # an order is then a day
            sales.head(2).with_columns(paid=pl.lit(None, pl.Float64)),
            sales.head(2).with_columns(client=pl.lit(None, pl.String)),
            sales.head(2).with_columns(when=pl.lit(None, pl.Datetime("us"))),
        ]
    ).select("client", "when", "order", "quantity", "paid", "category")


LINES = shop()
Run = Callable[[str], pl.DataFrame]


@pytest.fixture(scope="module")
def in_duckdb() -> Iterator[Run]:
    with duckdb.connect() as base:
        base.register("lines", LINES.to_arrow())
        yield lambda query: pl.from_arrow(base.sql(query).arrow())  # type: ignore[return-value]


@pytest.fixture(scope="module")
def in_sqlite() -> Iterator[Run]:
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute('CREATE TABLE lines ("client", "when", "order", "quantity", "paid", "category")')
        texts = LINES.with_columns(pl.col("when").dt.strftime("%Y-%m-%d %H:%M:%S"))
        base.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)", texts.iter_rows())

        def run(query: str) -> pl.DataFrame:
            found = base.execute(query)
            return pl.DataFrame(found.fetchall(), schema=[name for name, *_ in found.description], orient="row")

        yield run


@pytest.fixture(scope="module")
def in_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    driver = pytest.importorskip("adbc_driver_postgresql.dbapi")
    with postgres.server(tmp_path_factory.mktemp("postgres")) as url:
        with driver.connect(url) as base, base.cursor() as cursor:
            cursor.adbc_ingest("lines", LINES.to_arrow())
            base.commit()
        with driver.connect(url) as base:
            with base.cursor() as cursor:
                # No query of a shop this small takes longer, planning included.
                cursor.execute("SET statement_timeout = '20s'")
            base.commit()
            yield lambda query: pl.read_database(query, base)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres"])
@pytest.mark.parametrize("columns", [COLUMNS, FULL], ids=["orders are days", "orders have ids"])
@pytest.mark.parametrize("params", CASES.values(), ids=CASES)
def test_the_query_gives_the_engine_s_scores(
    params: dict[str, Any], columns: dict[str, str], dialect: Any, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(f"in_{dialect}")
    scores = lk.rfm.score(lk.Ledger(LINES, **columns), **params)
    query = scores.to_sql("lines", **columns, dialect=dialect, as_of=params.get("as_of"))
    wanted = scores.customers.select(WANTED)
    found = run(query).select(WANTED).cast(dict(wanted.schema)).sort("customer")
    assert_frame_equal(found, wanted.sort("customer"), rel_tol=1e-9)


def typed(found: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """The wanted columns in the engine's types; SQLite writes days as text."""
    return found.select(
        pl.col(name).str.to_date() if found[name].dtype == pl.String and kind == pl.Date else pl.col(name).cast(kind)
        for name, kind in wanted.schema.items()
    )


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres"])
@pytest.mark.parametrize("columns", [COLUMNS, FULL], ids=["orders are days", "orders have ids"])
@pytest.mark.parametrize("as_of", [None, "2022-10-01"])
def test_the_query_gives_the_engine_s_limit_days(
    as_of: str | None, columns: dict[str, str], dialect: Any, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(f"in_{dialect}")
    found = lk.rfm.limit_day(lk.Ledger(LINES, **columns), horizon=60, as_of=as_of)
    assert found.limits["limit_day"][0] is not None and found.limits["gaps_for_half"][0] is not None
    wanted = found.customers.drop("group", "return_chance").sort("customer")
    query = found.to_sql("lines", **columns, dialect=dialect, as_of=as_of)
    assert_frame_equal(typed(run(query), wanted).sort("customer"), wanted, rel_tol=1e-9)


DUE: dict[str, dict[str, Any]] = {
    "of a month": {"date": "2022-12-20", "days": 31},
    "of a day": {"date": "2023-01-03", "days": 1},
    "of what is new to them": {"date": "2022-12-20", "days": 60, "exclude_owned": True},
}


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres"])
@pytest.mark.parametrize("columns", [COLUMNS, FULL], ids=["orders are days", "orders have ids"])
@pytest.mark.parametrize("last", [1, 2], ids=["after the last order", "after the last two"])
@pytest.mark.parametrize("params", DUE.values(), ids=DUE)
def test_the_query_gives_the_engine_s_due_products(
    params: dict[str, Any], last: int, columns: dict[str, str], dialect: Any, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(f"in_{dialect}")
    found = lk.funnel.next_products(lk.Ledger(LINES, **columns, product="category"), order=last)
    wanted = found.due(**params).drop("rank")
    assert wanted.height > (3 if params["days"] > 1 else 0)
    query = found.to_sql("lines", **params, **columns, product="category", dialect=dialect)
    assert_frame_equal(
        typed(run(query), wanted).sort("customer"), wanted.sort("customer"), rel_tol=1e-9, check_column_order=False
    )


def test_many_transitions_fit_into_a_query(in_sqlite: Run) -> None:
    many = LINES.with_columns(category=pl.col("category") + (pl.int_range(pl.len()) % 40).cast(pl.String))
    found = lk.funnel.next_products(lk.Ledger(many, **COLUMNS, product="category"))
    assert found.table.height > 1000
    in_sqlite(found.to_sql("lines", date="2023-01-01", **COLUMNS, product="category", dialect="sqlite"))


def test_returns_may_be_lines_like_any_other(in_duckdb: Run) -> None:
    scores = lk.rfm.score(lk.Ledger(LINES, **COLUMNS, returns="keep"))
    found = in_duckdb(scores.to_sql("lines", **COLUMNS, returns="keep"))
    assert found["frequency"].sum() == scores.customers["frequency"].sum() > 0


def test_kept_cut_points_score_lines_that_came_later(in_duckdb: Run, tmp_path: Any) -> None:
    before = lk.rfm.score(lk.Ledger(LINES.filter(pl.col("when") < pl.datetime(2022, 9, 1)), **COLUMNS))
    before.save(tmp_path / "norms.json")
    kept = lk.rfm.load(tmp_path / "norms.json")
    wanted = kept.apply(lk.Ledger(LINES, **COLUMNS)).customers
    found = in_duckdb(kept.to_sql("lines", **COLUMNS)).sort("customer")
    assert found["segment"].to_list() == wanted.sort("customer")["segment"].to_list()


@pytest.mark.parametrize("dialect", ["bigquery", "databricks", "mysql", "redshift", "snowflake", "spark", "trino"])
def test_other_dialects_are_sql_that_sqlglot_reads_again(dialect: Any) -> None:
    import sqlglot

    ledger = lk.Ledger(LINES, **COLUMNS, product="category")
    queries = [
        lk.rfm.score(ledger).to_sql("sales.lines", **COLUMNS, dialect=dialect),
        lk.rfm.limit_day(ledger, horizon=60).to_sql("sales.lines", **COLUMNS, dialect=dialect),
        lk.funnel.next_products(ledger).to_sql(
            "sales.lines", date="2023-01-01", **COLUMNS, product="category", dialect=dialect
        ),
    ]
    for query in queries:
        again = sqlglot.transpile(query, read=dialect, write=dialect, pretty=True)[0]
        assert sqlglot.parse_one(again, read=dialect) == sqlglot.parse_one(query, read=dialect)


def test_names_are_quoted_so_that_none_is_taken_for_sql() -> None:
    odd = {**COLUMNS, "customer": 'client" FROM secrets --'}
    query = lk.rfm.score(LINES, **COLUMNS).to_sql("lines", **odd)
    assert '"client"" FROM secrets --"' in query


def test_what_has_no_query_is_refused() -> None:
    with pytest.raises(lk.ParameterError, match=r"method: .* ranks have no meaning for other customers"):
        lk.rfm.score(LINES, **COLUMNS, method="rank").to_sql("lines", **COLUMNS)
    with pytest.raises(lk.ParameterError, match="dialect: got 'dbase'; expected one of bigquery"):
        lk.rfm.score(LINES, **COLUMNS).to_sql("lines", **COLUMNS, dialect="dbase")  # type: ignore[arg-type]
    ledger = lk.Ledger(LINES, **COLUMNS, product="category")
    with pytest.raises(lk.ParameterError, match="by: got 'segment'; expected limit days of all customers"):
        lk.rfm.limit_day(ledger, horizon=60, by="segment").to_sql("lines", **COLUMNS)
    due = {**COLUMNS, "date": "2023-01-01", "product": "category"}
    with pytest.raises(lk.ParameterError, match="days: got 0; expected 1 or more"):
        lk.funnel.next_products(ledger).to_sql("lines", **due, days=0)
    with pytest.raises(lk.ParameterError, match="ids: got date; expected text or numbers"):
        lk.funnel.next_products(
            lk.Ledger(LINES.with_columns(pl.col("when").dt.date().alias("category")), **COLUMNS, product="category")
        ).to_sql("lines", **due)
