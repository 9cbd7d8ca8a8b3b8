"""Any Arrow-compatible table goes in, the same kind comes out, and every kind gives the same numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import leverkit as lk

ROLES = {"customer": "client", "time": "day", "amount": "paid"}
LINES = pl.DataFrame(
    {
        "client": ["ann", "bob", "ann", None, "eve"],
        "day": [dt.date(2024, 1, 5), dt.date(2024, 1, 6), dt.date(2024, 2, 1), dt.date(2024, 1, 1), None],
        "paid": [20.0, 15.0, 30.0, 1.0, 2.0],
    }
)


def _relation() -> duckdb.DuckDBPyRelation:
    return duckdb.from_arrow(LINES.to_arrow())


KINDS = {
    "polars": (lambda: LINES, pl.DataFrame),
    "lazy": (LINES.lazy, pl.DataFrame),
    "pandas": (LINES.to_pandas, pd.DataFrame),
    "pyarrow": (LINES.to_arrow, pa.Table),
    "duckdb": (_relation, duckdb.DuckDBPyRelation),
    "narwhals": (lambda: nw.from_native(LINES), nw.DataFrame),
    "narwhals lazy": (lambda: nw.from_native(LINES.lazy()), nw.DataFrame),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_goes_in_comes_out(kind: str) -> None:
    make, expected = KINDS[kind]
    scores = lk.rfm.score(make(), **ROLES, bins=2)
    assert isinstance(scores.customers, expected)
    assert scores._tables["customers"]["rfm"].to_list() == ["222", "111"]
    assert isinstance(lk.Ledger(make(), **ROLES).rejected, expected)


@pytest.mark.parametrize(
    "dtype", [pl.Int8, pl.Int32, pl.UInt16, pl.UInt64, pl.Float32, pl.String, pl.Categorical, pl.Enum(["1", "2"])]
)
def test_customers_of_any_type_keep_their_type(dtype: pl.DataType) -> None:
    ids = (
        pl.Series([1, 2, 1]).cast(pl.String).cast(dtype)
        if dtype in (pl.String, pl.Categorical, pl.Enum)
        else pl.Series([1, 2, 1], dtype=dtype)
    )
    lines = pl.DataFrame({"client": ids, "day": ["2024-01-01"] * 3, "paid": [1, 2, 3]})
    customers = lk.rfm.score(lines, **ROLES, bins=2).customers
    assert customers["monetary"].to_list() == [4.0, 2.0]
    assert customers["customer"].cast(pl.String).str.strip_suffix(".0").to_list() == ["1", "2"]
    if dtype != pl.Categorical:
        assert customers["customer"].dtype == dtype


@pytest.mark.parametrize(
    "amounts",
    [
        [Decimal("1.50"), Decimal("2.25"), Decimal("3.00")],
        [1.5, 2.25, 3.0],
        pl.Series([1.5, 2.25, 3.0], dtype=pl.Float32),
    ],
)
def test_amounts_of_any_number_type(amounts: object) -> None:
    lines = pl.DataFrame({"client": [1, 2, 1], "day": ["2024-01-01"] * 3, "paid": amounts})
    assert lk.rfm.score(lines, **ROLES, bins=2).customers["monetary"].to_list() == [4.5, 2.25]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_datetimes_of_any_unit_and_zone_are_local_days(unit: str, zone: str | None) -> None:
    times = (
        pl.Series([dt.datetime(2024, 1, 1, 23, 30), dt.datetime(2024, 7, 1, 23, 30)])
        .cast(pl.Datetime(unit))
        .dt.replace_time_zone(zone)
    )
    ledger = lk.Ledger(pl.DataFrame({"client": [1, 1], "day": times, "paid": [1, 1]}), **ROLES)
    assert (ledger.start, ledger.end) == (dt.date(2024, 1, 1), dt.date(2024, 7, 1))


def test_a_zone_asked_for_moves_instants_but_not_local_times() -> None:
    late = pl.Series([dt.datetime(2024, 1, 1, 23, 30)])
    for zone, day in (("UTC", dt.date(2024, 1, 2)), (None, dt.date(2024, 1, 1))):
        lines = pl.DataFrame({"client": [1], "day": late.dt.replace_time_zone(zone), "paid": [1]})
        assert lk.Ledger(lines, **ROLES, time_zone="Europe/Paris").start == day


def test_nulls_and_nans_are_treated_alike_on_every_path() -> None:
    frame = pl.DataFrame({"client": [1.0, None, 3.0], "day": ["2024-01-01"] * 3, "paid": [1.0, 2.0, None]})
    nans = frame.with_columns(pl.col("client", "paid").fill_null(float("nan")))
    for lines in (frame, nans, frame.to_pandas(), nans.to_pandas(), frame.to_arrow()):
        ledger = lk.Ledger(lines, **ROLES)
        assert (ledger.n_lines, ledger._rejected()["reason"].to_list()) == (1, ["null customer", "null amount"])


def test_columns_without_a_role_may_be_of_any_type() -> None:
    lines = LINES.with_columns(lists=pl.lit([1, 2]), took=pl.lit(dt.timedelta(1)), structs=pl.struct("paid"))
    assert lk.Ledger(lines, **ROLES).n_lines == 3


@pytest.mark.parametrize("further", [{}, {"thing": pl.Series([object()] * 70_000, dtype=pl.Object)}])
def test_large_pieces_give_what_the_whole_gives(further: dict[str, pl.Series]) -> None:
    days = pl.date_range(dt.date(2024, 1, 1), dt.date(2024, 12, 31), eager=True)
    rows = pl.int_range(70_000, eager=True)
    piece = pl.DataFrame({"client": rows % 977, "day": days.gather(rows * 7 % 366), "paid": rows * 0.25, **further})
    pieces = pl.concat([piece, piece.with_columns(pl.col("paid") + 1)], rechunk=False)
    found = lk.rfm.score(pieces, **ROLES).customers
    assert further or pieces.n_chunks() == 2, "nobody has put them together"
    assert found.equals(lk.rfm.score(pieces.rechunk(), **ROLES).customers)


def test_the_ledger_goes_back_to_a_frame() -> None:
    frame = lk.Ledger(LINES, **ROLES).to_frame()
    assert frame.columns == ["client", "day", "paid"]
    assert frame["client"].to_list() == ["ann", "ann", "bob"]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(lk.SchemaError, match=r"__arrow_c_stream__.*got list"):
        lk.Ledger([1, 2, 3], **ROLES)


def test_two_columns_of_one_name_are_refused() -> None:
    lines = pd.DataFrame([["ann", "2024-01-05", 1, 2]], columns=["client", "day", "paid", "paid"])
    with pytest.raises(lk.SchemaError, match=r'two columns are called "paid"; rename one of them'):
        lk.Ledger(lines, customer="client", time="day", amount="paid")
