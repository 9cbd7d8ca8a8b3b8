"""Ledgers built beyond memory: what comes of many files, of lines that wait on the disk, and what is said where it fails."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import leverkit as lk

ROLES: dict[str, Any] = dict(
    customer="client", time="at", amount="paid", order="receipt", product="sku", dimensions=["store"]
)
#: Enough lines for several runs with the least memory.
LINES = 600_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four files of a shop: text ids, clocks, returns, statuses, rows without a customer, and a line that comes twice."""
    folder, random = tmp_path_factory.mktemp("orders"), np.random.default_rng(7)
    for number in range(4):
        n = LINES // 4
        orders = np.arange(n) // 3 + number * n
        lines = pl.DataFrame(
            {
                "client": ("client " + pl.Series((orders * 7919) % 40_000).cast(pl.String)).set(
                    pl.Series(random.random(n) < 0.001), None
                ),
                "at": pl.Series((1_704_067_200 + number * 5_000_000 + np.arange(n) * 30) * 1_000_000).cast(
                    pl.Datetime("us")
                ),
                "paid": np.round(random.normal(40, 30, n), 2),
                "receipt": "r" + pl.Series(orders).cast(pl.String),
                "sku": "sku-" + pl.Series(random.integers(0, 900, n)).cast(pl.String),
                "store": random.integers(0, 5, n),
                "status": pl.Series(random.choice(["paid", "refunded"], n)),
            }
        )
        pl.concat([lines, lines.tail(1)]).write_parquet(folder / f"{number}.parquet", row_group_size=50_000)
    return folder


def assert_same(one: lk.Ledger, other: lk.Ledger) -> None:
    assert_frame_equal(one.to_frame(), other.to_frame(), check_exact=True)
    assert_frame_equal(one.quality, other.quality, check_exact=True)
    assert_frame_equal(one.rejected, other.rejected, check_exact=True)
    assert (one.notes, one.roles, one.as_of, one.currency) == (other.notes, other.roles, other.as_of, other.currency)
    assert (one.n_customers, one.n_orders, one.how) == (other.n_customers, other.n_orders, other.how)


def test_lines_that_wait_on_the_disk_give_the_ledger_that_memory_gives(files: Path, tmp_path: Path) -> None:
    source, options = f"{files}/*.parquet", dict(currency="EUR", as_of="2025-06-01", clean={"duplicates": "drop"})
    built = lk.Ledger.build(source, to=tmp_path / "shop.ledger", memory="16MiB", **ROLES, **options)
    whole = lk.Ledger(source, **ROLES, **options)
    assert_same(built, whole)
    assert built.notes and built.rejected["reason"].n_unique() > 1
    assert_same(lk.Ledger.open(tmp_path / "shop.ledger", verify=True), whole)
    assert_frame_equal(lk.rfm.score(built).customers, lk.rfm.score(whole).customers, check_exact=True)
    assert [path.name for path in tmp_path.iterdir()] == ["shop.ledger"]
    assert len(list((tmp_path / "shop.ledger").iterdir())) == 3


def test_frames_of_any_kind_and_a_function_that_watches(files: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    lines = pl.scan_parquet(f"{files}/*.parquet")
    built = lk.Ledger.build(
        lines, to=tmp_path / "a.ledger", memory="16 mib", progress=lambda *steps: seen.append(steps), **ROLES
    )
    pandas = lines.head(1000).collect().to_pandas()
    small = lk.Ledger.build(pandas, to=tmp_path / "b.ledger", **ROLES)
    assert type(small.rejected) is type(pandas)
    assert_same(built, lk.Ledger(lines, **ROLES))
    # While rows are read nobody knows how many there are; then parts of the customers are put together.
    read = [done for done, expected in seen if not expected]
    assert read and max(read) > 0


@pytest.mark.parametrize("memory", ["plenty", "4", "1MiB", "-4GiB", ""])
def test_memory_is_a_size_with_a_unit(memory: str, tmp_path: Path) -> None:
    with pytest.raises(
        lk.ParameterError,
        match=r'memory: got .*; expected a number with a unit such as "4GiB" or "512MB", at least 16MiB',
    ):
        lk.Ledger.build(
            {"client": [1], "at": ["2024-01-01"], "paid": [1.0]},
            to=tmp_path / "a.ledger",
            memory=memory,
            customer="client",
            time="at",
            amount="paid",
        )
    assert not list(tmp_path.iterdir())


def test_what_is_missing_or_misspelt_is_told(tmp_path: Path) -> None:
    lines, to = {"client": [1], "at": ["2024-01-01"], "paid": [1.0]}, tmp_path / "a.ledger"
    with pytest.raises(TypeError, match="memory: expected text such as"):
        lk.Ledger.build(lines, to=to, memory=4, customer="client", time="at", amount="paid")  # type: ignore[arg-type]
    with pytest.raises(lk.SchemaError, match="the lines need their roles"):
        lk.Ledger.build(lines, to=to, customer="client", amount="paid")
    with pytest.raises(TypeError, match="unknown argument 'custmer'; did you mean 'customer'"):
        lk.Ledger.build(lines, to=to, custmer="client", time="at", amount="paid")  # type: ignore[call-arg]
    with pytest.raises(lk.SchemaError, match='there is no column "clint"'):
        lk.Ledger.build(lines, to=to, customer="clint", time="at", amount="paid")
    with pytest.raises(lk.DataError, match="there is no folder to put it in"):
        lk.Ledger.build(lines, to=tmp_path / "none" / "a.ledger", customer="client", time="at", amount="paid")
    assert not list(tmp_path.iterdir())


FULL = """
import resource, sys
import leverkit as lk
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    lk.Ledger.build(sys.argv[1], to=sys.argv[2], memory="16MiB", customer="client", time="at", amount="paid")
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process")
def test_a_full_disk_is_told_and_leaves_nothing(files: Path, tmp_path: Path) -> None:
    to = tmp_path / "shop.ledger"
    ran = subprocess.run([sys.executable, "-c", FULL, f"{files}/*.parquet", to], capture_output=True, text=True)
    assert "File too large" in ran.stdout, ran
    assert not list(tmp_path.iterdir())


def test_the_command_takes_memory(files: Path, tmp_path: Path) -> None:
    from leverkit.cli.app import app

    roles = [part for role in ("customer", "time", "amount", "order", "product") for part in (f"--{role}", ROLES[role])]
    arguments = ["ledger", "build", str(files), "-o", str(tmp_path / "a.ledger"), *roles, "--memory", "16MiB"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert lk.Ledger.open(tmp_path / "a.ledger").n_customers == 40_000
    again = CliRunner().invoke(app, ["ledger", "build", str(tmp_path / "a.ledger"), "-o", str(tmp_path / "b.ledger")])
    assert again.exit_code == 0, again.output
    assert_same(lk.Ledger.open(tmp_path / "a.ledger"), lk.Ledger.open(tmp_path / "b.ledger"))
    wrong = CliRunner().invoke(app, [*arguments[:-1], "some"])
    assert wrong.exit_code != 0 and 'memory: got "some"' in wrong.output


def test_whole_numbers_of_files_are_the_texts_that_they_are_written_as(tmp_path: Path) -> None:
    draw = random.Random(3)
    ids = [draw.choice([9, 10, -1, 123456789012345678, 7]) for _ in range(500)]
    lines = pl.DataFrame(
        {
            "client": [None if at % 50 == 0 else customer for at, customer in enumerate(ids)],
            "date": [dt.date(2024, 1, 1) + dt.timedelta(days=at % 90) for at in range(500)],
            "paid": [1.0 + at % 7 for at in range(500)],
            "item": [at % 13 for at in range(500)],
        }
    )
    lines.write_parquet(tmp_path / "lines.parquet")
    roles = {"customer": "client", "time": "date", "amount": "paid", "product": "item", "dimensions": ["item"]}
    texts = lk.Ledger(lines.with_columns(pl.col("client", "item").cast(pl.String)), **roles)
    read = lk.Ledger(tmp_path / "lines.parquet", **roles)
    built = lk.Ledger.build(tmp_path / "lines.parquet", to=tmp_path / "shop.ledger", memory="64MiB", **roles)
    for ledger in (read, built):
        assert ledger.to_frame().equals(texts.to_frame())
        assert lk.rfm.score(ledger).customers.equals(lk.rfm.score(texts).customers)
        assert ledger.roles == texts.roles
        assert ledger.rejected.equals(texts.rejected)
    assert lk.Ledger.concat([read, texts]).n_lines == 2 * texts.n_lines
    later = lines.with_columns(date=pl.col("date") + pl.duration(days=365))
    later.write_parquet(tmp_path / "later.parquet")
    assert set(read.append(tmp_path / "later.parquet").to_frame()["client"]) == set(texts.to_frame()["client"])


def test_whole_numbers_without_a_gap_come_in_the_order_of_their_texts(tmp_path: Path) -> None:
    draw = random.Random(5)
    ids = [draw.choice([at for at in range(-30, 1200) if at != 7]) for _ in range(9000)]
    lines = pl.DataFrame({"client": ids, "date": dt.date(2024, 1, 5), "paid": 1.0})
    lines.write_parquet(tmp_path / "lines.parquet")
    customers = lk.rfm.score(tmp_path / "lines.parquet", customer="client", time="date", amount="paid").customers
    assert customers["customer"].to_list() == sorted(map(str, set(ids)))
    assert customers["monetary"].to_list() == [float(ids.count(int(customer))) for customer in customers["customer"]]
