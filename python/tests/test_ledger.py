"""The Ledger through Python: rows set aside, roles that do not fit, slices, and calls that are interrupted or forked."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leverkit as lk

ROLES = {"customer": "client", "time": "day", "amount": "paid"}


def _lines(**columns: object) -> pl.DataFrame:
    base = {
        "client": ["ann", "bob", "ann"],
        "day": ["2024-01-05", "2024-01-06", "2024-02-01"],
        "paid": [20.0, 15.0, 30.0],
    }
    return pl.DataFrame({**base, **columns})


row = st.tuples(
    st.one_of(st.none(), st.integers(0, 9)),
    st.one_of(st.none(), st.dates(dt.date(2020, 1, 1), dt.date(2020, 3, 1))),
    st.one_of(st.none(), st.floats(width=32), st.integers(-5, 50).map(float)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(row, min_size=1, max_size=80))
def test_the_ledger_is_a_group_by_of_the_usable_rows(rows: list[tuple[object, ...]]) -> None:
    schema = {"client": pl.Int64, "day": pl.Date, "paid": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    usable = frame.filter(pl.all_horizontal(pl.all().is_not_null()) & pl.col("paid").is_finite())
    if usable.is_empty():
        with pytest.raises(lk.DataError, match="no order lines"):
            lk.Ledger(frame, **ROLES)
        return
    ledger = lk.Ledger(frame, **ROLES)
    assert ledger.to_frame().equals(usable.sort("client", "day", maintain_order=True))
    assert ledger.rejected.height + ledger.n_lines == len(rows)
    counted = ledger.quality.filter(pl.col("status") != "note")
    assert counted["rows"].sum() == len(rows)
    orders = usable.filter(pl.col("paid") >= 0).select("client", "day").unique().height
    assert ledger.n_orders == orders


@pytest.mark.parametrize(
    ("roles", "error", "says"),
    [
        ({"customer": "clint"}, lk.SchemaError, 'no column "clint".*did you mean "client"'),
        ({"time": "paid"}, lk.SchemaError, 'column "paid" has type f64; expected Date'),
        ({"amount": "client"}, lk.SchemaError, 'column "client" has type str; expected a number'),
        ({"amount": None}, lk.SchemaError, "no column given; give amount"),
        ({"returns": "refund"}, lk.ParameterError, 'got "refund"; expected "net", "drop" or "keep"'),
        ({"on_invalid": "ignore"}, lk.ParameterError, 'got "ignore"'),
        ({"time_zone": "Mars/Crater"}, lk.ParameterError, "IANA zone"),
        ({"as_of": "tomorrow"}, lk.ParameterError, "ISO date"),
    ],
)
def test_roles_that_do_not_fit_are_named(roles: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        lk.Ledger(_lines(), **{**ROLES, **roles})


def test_errors_carry_their_parts_and_are_value_errors_where_a_value_is_wrong() -> None:
    lines = _lines(paid=[1.0, float("inf"), 2.0])
    with pytest.raises(ValueError, match="infinite amount") as caught:
        lk.Ledger(lines, **ROLES, on_invalid="raise")
    assert isinstance(caught.value, lk.LeverkitError)
    assert (caught.value.role, caught.value.column, caught.value.row) == ("amount", "paid", 1)


def test_bad_rows_are_set_aside_with_number_reason_value_and_money() -> None:
    days = ["2024-01-01", "garbage-10", "9999-12-31", "2024-01-01", "2024-01-02"]
    lines = pl.DataFrame({"client": [1, 1, 1, None, 2], "day": days, "paid": [1.0, 2.0, 4.0, 8.0, float("-inf")]})
    rejected = lk.Ledger(lines, **ROLES).rejected
    assert rejected["row"].to_list() == [1, 2, 3, 4]
    assert rejected["reason"].to_list() == ["unreadable time", "time out of range", "null customer", "infinite amount"]
    assert rejected["value"].to_list() == ["garbage-10", "9999-12-31", None, "-inf"]
    assert rejected["amount"].to_list() == [2.0, 4.0, 8.0, None]


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(lk.DataError, match="the frame is empty"):
        lk.Ledger(_lines().head(0), **ROLES)


def test_slices_and_parts() -> None:
    ledger = lk.Ledger(_lines(shop=["east", "west", "west"]), **ROLES, dimensions=["shop"])
    january = ledger.between(end="2024-01-31")
    assert (january.n_lines, january.as_of) == (2, dt.date(2024, 2, 1))
    assert ledger.between("2025-01-01").n_lines == 0
    assert ledger.where(shop="west").n_customers == 2
    assert lk.Ledger.concat(ledger.partition(2)).to_frame().equals(ledger.to_frame())
    assert ledger.with_product("shop").roles["product"] == "shop"
    with pytest.raises(lk.ParameterError, match='got "north"'):
        ledger.where(shop=["north"])
    with pytest.raises(lk.ParameterError, match="start"):
        ledger.between("2024-02-01", "2024-01-01")


def test_as_of_is_never_today() -> None:
    assert lk.Ledger(_lines(), **ROLES).as_of == dt.date(2024, 2, 2)
    assert lk.Ledger(_lines(), **ROLES, as_of=dt.date(2024, 3, 1)).as_of == dt.date(2024, 3, 1)


def _run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "import leverkit as lk, polars as pl, os\n" + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


SCORE = """
lines = pl.DataFrame({"client": [i * 7919 % 5000 for i in range(200_000)], "day": ["2024-01-%02d" % (i % 28 + 1) for i in range(200_000)],
                      "paid": [float(i % 97) / 10 for i in range(200_000)]})
def scores():
    return lk.rfm.score(lines, customer="client", time="day", amount="paid").customers
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_does_not_hang() -> None:
    code = (
        SCORE
        + "parent = scores().height\nchild = os.fork()\nif child == 0:\n    os._exit(0 if scores().height == parent else 3)\n"
    )
    done = _run(code + "assert os.waitpid(child, 0)[1] == 0\nprint(scores().height)")
    assert done.stdout.strip() == "5000", done.stderr


def test_results_are_the_same_to_the_last_bit_with_any_number_of_threads() -> None:
    hashes = {_run(SCORE + "print(scores().hash_rows(seed=1).sum())", LEVERKIT_MAX_THREADS=n).stdout for n in "124"}
    assert len(hashes) == 1 and hashes.pop().strip()


def test_ctrl_c_answers_during_long_work() -> None:
    code = """
    import signal, threading, time
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    lines = pl.DataFrame({"client": pl.arange(0, 3_000_000, eager=True), "day": pl.repeat("2024-01-01T10:00:00", 3_000_000, eager=True), "paid": 1.0})
    threading.Timer(0.15, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    start = time.perf_counter()
    try:
        for _ in range(50):
            lk.Ledger(lines, customer="client", time="day", amount="paid")
        print("finished")
    except KeyboardInterrupt:
        print("interrupted", time.perf_counter() - start < 2)
    os._exit(0)
    """
    assert signal.SIGINT and _run(code).stdout.strip() == "interrupted True"


def test_it_looks_well_in_jupyter() -> None:
    ledger = lk.Ledger(_lines(), **ROLES)
    assert "2 customers, 3 orders" in repr(ledger)
    assert "<table" in ledger._repr_html_()


def test_one_dimension_may_be_given_by_its_name_alone() -> None:
    ledger = lk.Ledger(_lines(channel=["web", "shop", "web"]), **ROLES, dimensions="channel")
    assert ledger.where(channel="web").n_lines == 2


def test_a_slice_by_what_is_no_dimension_says_that_there_is_none() -> None:
    with pytest.raises(lk.SchemaError, match='dimensions: there is no column "store"; there is none at all'):
        lk.Ledger(_lines(), **ROLES).where(store=3)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_path_is_read_and_the_ledger_says_how(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"orders.{kind}"
    {"parquet": _lines().write_parquet, "csv": _lines().write_csv}[kind](path)
    ledger = lk.Ledger(path, **ROLES)
    assert ledger.n_lines == lk.Ledger(_lines(), **ROLES).n_lines
    assert f"read by leverkit.read: orders.{kind}: {kind}" in repr(ledger)


def test_a_path_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"orders\.csv: there is no such file"):
        lk.Ledger("orders.csv", **ROLES)


def test_a_column_alone_is_no_table() -> None:
    with pytest.raises(lk.SchemaError, match="expected a table, got a stream of"):
        lk.Ledger(_lines()["client"], **ROLES)


def test_discounts_without_names_are_refused() -> None:
    with pytest.raises(TypeError, match="discounts: expected names and columns"):
        lk.Ledger(_lines(), **ROLES, discounts=["paid"])


def test_a_ledger_says_that_it_does_not_travel_and_what_does() -> None:
    with pytest.raises(TypeError, match=r"stays in its process: send the rows \(ledger.to_frame\(\)\)"):
        pickle.dumps(lk.Ledger(_lines(), **ROLES))


def test_only_ledgers_are_put_together() -> None:
    with pytest.raises(TypeError, match="expected each to be a Ledger, got DataFrame"):
        lk.Ledger.concat([lk.Ledger(_lines(), **ROLES), _lines()])


def test_a_ledger_has_no_more_parts_than_customers_and_no_negative_number_of_them() -> None:
    ledger = lk.Ledger(_lines(), **ROLES)
    assert [part.n_customers for part in ledger.partition(2**62)] == [1, 1]
    with pytest.raises(lk.ParameterError, match="parts: got -1; expected at least 1"):
        ledger.partition(-1)


def test_values_of_dimensions_are_given_as_they_are_in_the_frame() -> None:
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 2), dt.date(2024, 1, 1)]
    frame = pl.DataFrame(
        {
            "who": [1, 2, 3],
            "day": days,
            "paid": [1.0, 2.0, 3.0],
            "flag": [True, False, True],
            "whole": [1, 2, 1],
            "half": [1.0, 2.5, 1.0],
            "date": days,
            "time": [dt.datetime(2024, 1, day.day, 10, 30) for day in days],
        }
    )
    dimensions = ["flag", "whole", "half", "date", "time"]
    ledger = lk.Ledger(frame, customer="who", time="day", amount="paid", dimensions=dimensions)
    asked: list[dict[str, object]] = [
        {"flag": True},
        {"flag": np.True_},
        {"whole": 1},
        {"whole": 1.0},
        {"whole": np.int64(1)},
        {"half": 1.0},
        {"half": 1},
        {"half": np.float64(1)},
        {"date": days[0]},
        {"time": dt.datetime(2024, 1, 1, 10, 30)},
        {"flag": (True,), "whole": np.array([1])},
        {"whole": {1, 3.0 - 2}},
    ]
    for values in asked:
        assert ledger.where(**values).n_lines == 2, values
    assert ledger.where(half=2.5).n_lines == 1
