"""Ledgers that stay: saved, opened, sent by their path, and added to."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import leverkit as lk

ROLES = dict(customer="client", time="date", amount="paid", order="receipt", product="sku", dimensions=["store"])


def lines(days: range = range(60)) -> pl.DataFrame:
    """Four orders a day, with what a ledger has to tell: no customer, a return, several spellings."""
    rows = [(day, order) for day in days for order in range(4)]
    return pl.DataFrame(
        {
            "client": [
                None if day == 7 else f"{'Ann' if (day * order) % 3 else 'ann'}-{(day * order) % 11}"
                for day, order in rows
            ],
            "date": [dt.date(2024, 1, 1) + dt.timedelta(days=day) for day, _ in rows],
            "paid": [-3.5 if (day, order) == (9, 2) else 0.1 * (1 + (day * 7 + order) % 90) for day, order in rows],
            "receipt": [f"r{day}-{order}" for day, order in rows],
            "sku": [f"p{(day + order) % 5}" for day, order in rows],
            "store": [(day + order) % 3 for day, order in rows],
        }
    )


@pytest.fixture
def built() -> lk.Ledger:
    return lk.Ledger(lines(), **ROLES, currency="EUR")


@pytest.fixture
def path(built: lk.Ledger, tmp_path: Path) -> Path:
    built.save(tmp_path / "shop.ledger")
    return tmp_path / "shop.ledger"


def assert_same(a: lk.Ledger, b: lk.Ledger) -> None:
    """Lines, what is said of them, and the results of an analysis of each engine are the same to the last bit."""
    for table in ("to_frame", "quality", "rejected"):
        one, other = (getattr(ledger, table) for ledger in (a, b))
        assert_frame_equal(
            *(pl.DataFrame(part() if callable(part) else part) for part in (one, other)), check_exact=True
        )
    for said in ("roles", "notes", "set_aside", "currency", "how", "start", "end", "as_of", "n_products", "revenue"):
        assert getattr(a, said) == getattr(b, said), said
    for analysis in (lk.rfm.score, lk.rfm.cohorts, lk.clv.summary, lk.funnel.ladder):
        assert_same_results(analysis(a), analysis(b))


def assert_same_results(a: Any, b: Any) -> None:
    """All tables of two results are the same to the last bit."""
    tables, others = (getattr(found, "_tables", {"table": found}) for found in (a, b))
    assert tables.keys() == others.keys()
    for name, table in tables.items():
        assert_frame_equal(table, others[name], check_exact=True)


def test_what_is_opened_is_what_was_built(built: lk.Ledger, path: Path) -> None:
    opened = lk.Ledger.open(path, verify=True)
    assert_same(built, opened)
    assert_same(built.where(store=[1, 2]), opened.where(store=[1, 2]))
    assert str(path) in repr(opened)


def test_how_a_file_was_read_and_the_kind_of_frames_come_back(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    lines().write_csv(tmp_path / "lines.csv")
    of_file = lk.Ledger(tmp_path / "lines.csv", **ROLES)
    of_file.save(tmp_path / "file.ledger")
    assert lk.Ledger.open(tmp_path / "file.ledger").how == of_file.how != ""
    lk.Ledger(lines().to_pandas(), **ROLES, currency="EUR").save(tmp_path / "pandas.ledger")
    opened = lk.Ledger.open(str(tmp_path / "pandas.ledger"))
    assert isinstance(opened.quality, pd.DataFrame)
    assert opened.currency == "EUR"


def test_a_day_to_look_back_from_can_be_set_when_opening(path: Path) -> None:
    assert lk.Ledger.open(path, as_of="2024-06-01").as_of == dt.date(2024, 6, 1)


def test_an_opened_ledger_is_sent_by_its_path(built: lk.Ledger, path: Path) -> None:
    opened = lk.Ledger.open(path, as_of="2024-06-01")
    sent = pickle.dumps(opened)
    assert len(sent) < 500
    assert_same(opened, pickle.loads(sent))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert_same_results(pool.apply(lk.rfm.score, (opened,)), lk.rfm.score(opened))
    built.save(path)
    with pytest.raises(lk.DataError, match="another ledger was saved there since this one was sent"):
        pickle.loads(sent)


def test_ledgers_in_memory_say_how_they_can_be_sent(built: lk.Ledger, path: Path) -> None:
    for ledger in (built, lk.Ledger.open(path).between("2024-01-01", "2024-01-31")):
        with pytest.raises(TypeError, match=r"or save it, and send the one that Ledger\.open gives"):
            pickle.dumps(ledger)


def test_what_is_no_ledger_is_refused(built: lk.Ledger, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        lk.Ledger.open(tmp_path / "none.ledger")
    (tmp_path / "thesis.doc").write_text("")
    with pytest.raises(lk.DataError, match="it is no saved ledger"):
        lk.Ledger.open(tmp_path)
    with pytest.raises(lk.DataError, match="holds other files and is no ledger"):
        built.save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.doc"]


def test_damage_is_an_error_of_the_data(path: Path) -> None:
    file = next(path.glob("*/amount.arrow"))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(
        lk.DataError,
        match=r"amount\.arrow: the file is damaged: it has \d+ bytes of \d+; take the ledger from a backup",
    ):
        lk.Ledger.open(path)


FULL = """
import resource, signal, sys
import leverkit as lk, polars as pl
ledger = lk.Ledger.open(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for path in sys.argv[1:]:
    try:
        ledger.save(path)
    except OSError as error:
        print(error)
"""


def test_a_full_disk_leaves_what_was_there(built: lk.Ledger, path: Path, tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", FULL, path, tmp_path / "new.ledger"], capture_output=True, text=True)
    assert ran.stdout.count("File too large") == 2, ran
    assert_same(built, lk.Ledger.open(path, verify=True))
    assert [file.name for file in tmp_path.iterdir()] == ["shop.ledger"]
    assert len(list(path.glob("edition-*"))) == 1


def test_what_is_appended_is_what_would_be_built_of_all(built: lk.Ledger, path: Path) -> None:
    early, late = lines(range(40)), lines(range(40, 60))
    lk.Ledger(early, **ROLES, currency="EUR").save(path)
    lk.Ledger.open(path).append(late).save(path)
    assert_same(built, lk.Ledger.open(path, verify=True))
    assert_same(built, lk.Ledger(early, **ROLES, currency="EUR").append(late.to_arrow()))


def test_orders_that_come_again_are_refused_or_replaced(built: lk.Ledger) -> None:
    again = lines(range(58, 62))
    with pytest.raises(
        lk.DataError, match=r'orders of these lines are in the ledger already, such as "r58-\d".*duplicates="replace"'
    ):
        built.append(again)
    assert_frame_equal(
        built.append(again, duplicates="replace").to_frame(), lk.Ledger(lines(range(62)), **ROLES).to_frame()
    )
    with pytest.raises(lk.ParameterError, match='duplicates: got "keep"; expected "refuse" or "replace"'):
        built.append(lines(range(60, 61)), duplicates="keep")


def test_prices_formats_of_times_and_what_was_fixed_count_for_later_lines_too() -> None:
    def of(days: range) -> pl.DataFrame:
        table = lines(days).with_columns(pl.col("date").dt.strftime("%d.%m.%Y"), (pl.col("paid") / 2).alias("price"))
        return table.with_columns(pl.lit(2.0).alias("units")).drop("paid")

    roles = dict(
        customer="client", time="date", price="price", quantity="units", order="receipt", time_format="%d.%m.%Y"
    )
    roles |= {"clean": {"customer": "casefold", "missing": ["ann-0"]}, "dimensions": "store"}
    both = lk.Ledger(of(range(30)), **roles).append(of(range(30, 50)), time_format="%d.%m.%Y")
    whole = lk.Ledger(of(range(50)), **roles)
    assert_frame_equal(both.to_frame(), whole.to_frame(), check_exact=True)
    assert_frame_equal(both.quality, whole.quality)


def test_saved_ledgers_are_put_together(tmp_path: Path) -> None:
    parts = [lk.Ledger(lines(days), **ROLES) for days in (range(30), range(30, 60))]
    for number, part in enumerate(parts):
        part.save(tmp_path / f"{number}.ledger")
    opened = [lk.Ledger.open(tmp_path / f"{number}.ledger") for number in range(2)]
    assert_same(lk.Ledger.concat(opened), lk.Ledger.concat(parts))


def run(*arguments: object) -> str:
    from leverkit.cli.app import app

    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_commands_build_add_to_and_take_saved_ledgers(tmp_path: Path) -> None:
    home, early, late = tmp_path / "shop.ledger", tmp_path / "early.parquet", tmp_path / "late.parquet"
    lines(range(40)).write_parquet(early)
    lines(range(40, 60)).write_parquet(late)
    roles = [part for role in ("customer", "time", "amount", "order", "product") for part in (f"--{role}", ROLES[role])]
    assert f"saved in {home}" in run("ledger", "build", early, "-o", home, *roles, "--currency", "EUR").replace(
        "\n", ""
    )
    run("ledger", "append", home, late)
    assert lk.Ledger.open(home).n_lines == 240 - 4
    assert "in the ledger" in run("ledger", "info", home, "--verify")
    run("rfm", home, "-o", tmp_path / "saved.parquet")
    both = tmp_path / "both.parquet"
    lines().write_parquet(both)
    run("rfm", both, *roles, "--currency", "EUR", "-o", tmp_path / "built.parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "saved.parquet"), pl.read_parquet(tmp_path / "built.parquet"))
    assert "has its roles: --customer left out" in run("rfm", home, "--customer", "client")


def test_ids_that_are_categories_stay_so(tmp_path: Path) -> None:
    table = lines().with_columns(pl.col("client", "sku").cast(pl.Categorical), pl.col("receipt").cast(pl.Categorical))
    built = lk.Ledger(table, **ROLES)
    built.save(tmp_path / "shop.ledger")
    opened = lk.Ledger.open(tmp_path / "shop.ledger", verify=True)
    assert_same(built, opened)
    assert opened.to_frame().schema["client"] == pl.Categorical
