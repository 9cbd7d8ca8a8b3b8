"""What is odd in the rows is said where the user looks: in the ledger, in the notes of results and on standard error."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

ROLES = {"customer": "c", "time": "t", "amount": "a"}


def _lines(**columns: list) -> pl.DataFrame:
    rows = len(next(iter(columns.values())))
    days = [f"2024-01-{1 + row % 28:02}" for row in range(rows)]
    return pl.DataFrame({"c": ["ann"] * rows, "t": days, "a": [10.0] * rows, **columns})


def _half() -> pl.DataFrame:
    """Forty rows, half of them without a customer."""
    return _lines(c=[None if row % 2 else f"c{row % 8}" for row in range(40)])


def test_what_was_set_aside_stands_in_the_ledger_s_line() -> None:
    ledger = lk.Ledger(_half(), **ROLES)
    assert ledger.set_aside == "20 of 40 rows (50 %, 200.00) were set aside: no customer"
    assert ledger.set_aside in repr(ledger)
    assert lk.Ledger(_lines(c=["ann", "bob"]), **ROLES).set_aside is None


@pytest.mark.parametrize(
    "run", [lk.rfm.score, lk.rfm.cohorts, lk.funnel.ladder, lk.clv.summary], ids=lambda run: run.__name__
)
def test_results_of_a_frame_say_what_was_set_aside(run, recwarn: pytest.WarningsRecorder) -> None:
    found = run(_half(), **ROLES)
    said = found.notes if hasattr(found, "notes") else [str(warning.message) for warning in recwarn]
    assert any("20 of 40 rows (50 %, 200.00) were set aside: no customer" in note for note in said), said


@pytest.mark.parametrize("command", ["rfm", "funnel", "clv", "profit"])
def test_every_command_says_what_was_set_aside(command: str, tmp_path: Path) -> None:
    rows = "".join(
        f"{'' if row % 2 else f'c{row % 8}'},2024-{1 + row % 6:02}-{1 + row % 28:02},10\n" for row in range(40)
    )
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,date,amount\n" + rows)
    outcome = CliRunner().invoke(app, [command, str(path)])
    assert "20 of 40 rows (50 %, 200.00) were set aside: no customer" in outcome.stderr


def test_blank_ids_are_no_customers_and_texts_that_mean_none_are_noted() -> None:
    ledger = lk.Ledger(_lines(c=["", "  ", "ann"]), **ROLES)
    assert (ledger.n_customers, ledger.rejected.height) == (1, 2)
    noted = lk.Ledger(_lines(c=["NULL", "ann", "bob"]), **ROLES)
    assert any('the customer "NULL"' in note for note in noted.notes), noted.notes
    mended = lk.Ledger(_lines(c=["NULL", "ann", "bob"]), **ROLES, clean={"missing": {"customer": ["NULL"]}})
    assert (mended.n_customers, mended.rejected.height) == (2, 1)


def test_ids_that_are_one_are_noted_and_become_one_where_asked() -> None:
    lines = _lines(c=["Ann@X.com", "ann@x.com ", "ann@x.com"])
    ledger = lk.Ledger(lines, **ROLES)
    assert ledger.n_customers == 3
    assert any("3 ids are one after trimming and case-folding" in note for note in ledger.notes), ledger.notes
    assert lk.Ledger(lines, **ROLES, clean={"customer": ["trim", "casefold"]}).n_customers == 1


def test_a_status_and_several_currencies_in_columns_without_a_role_are_noted() -> None:
    status = ["paid", "paid", "cancelled", "paid"]
    ledger = lk.Ledger(
        _lines(a=[1.0, 2.0, 500.0, 3.0], order_status=status, currency=["USD", "KRW", "EUR", "USD"]), **ROLES
    )
    notes = " ".join(ledger.notes)
    assert 'order_status = "cancelled"' in notes and "500.00" in notes, notes
    assert "one of 3 currencies" in notes, notes


def test_a_status_and_currencies_of_a_file_are_noted_by_both_doors(tmp_path: Path) -> None:
    """Columns without a role were looked at in frames alone."""
    path = tmp_path / "orders.csv"
    path.write_text(
        "customer,date,amount,Currency,order status\nann,2024-01-05,10,USD,paid\nbob,2024-01-06,500,EUR,cancelled\n"
    )
    said = [
        '1 row (10.00) with Currency = "USD", one of 2 currencies',
        '1 row (500.00) with order status = "cancelled"',
    ]
    notes = " ".join(lk.Ledger(path, customer="customer", time="date", amount="amount").notes)
    errors = CliRunner().invoke(app, ["rfm", str(path)], env={"COLUMNS": "200"}).stderr
    assert all(text in notes and text in errors for text in said)


def test_copies_are_noted_and_dropped_where_asked() -> None:
    lines = _lines(c=["ann", "bob"]).with_columns(o=pl.lit("1"))
    twice = pl.concat([lines, lines])
    ledger = lk.Ledger(twice, **ROLES, order="o")
    assert any("2 lines (20.00) equal to another" in note for note in ledger.notes), ledger.notes
    assert lk.Ledger(twice, **ROLES, order="o", clean={"duplicates": "drop"}).revenue == 20.0


def test_a_return_by_its_quantity_lowers_revenue() -> None:
    lines = pl.DataFrame(
        {
            "c": ["a", "a", "b"],
            "t": ["2024-01-01"] * 3,
            "a": [100.0, 40.0, 50.0],
            "q": [2, -1, 1],
            "o": ["1", "R1", "2"],
        }
    )
    ledger = lk.Ledger(lines, **ROLES, quantity="q", order="o")
    assert ledger.revenue == 110.0
    assert any("treated as returns" in note for note in ledger.notes), ledger.notes


def test_cleaning_is_an_option_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,date,amount\nAnn@X.com,2024-01-05,10\nann@x.com,2024-01-06,10\nguest,2024-01-07,5\n")
    told = CliRunner().invoke(app, ["rfm", str(path), "-o", str(tmp_path / "out.csv")])
    assert "2 ids are one after trimming and case-folding" in told.stderr
    assert "if they are one, give --clean customer=trim+casefold." in told.stderr
    options = ["--clean", "customer=trim+casefold", "--clean", "missing=guest"]
    outcome = CliRunner().invoke(app, ["rfm", str(path), *options, "-o", str(tmp_path / "out.csv")])
    assert outcome.exit_code == 0, outcome.stderr
    assert pl.read_csv(tmp_path / "out.csv")["customer"].to_list() == ["ann@x.com"]
    assert "1 of 3 rows" in outcome.stderr


@pytest.mark.parametrize("value", ["guest", "no name"])
def test_the_advice_of_a_note_is_an_option_that_does_it(value: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = [f"c{at % 5},2024-01-{at + 1:02},10,o{at}" for at in range(20)]
    rows += [f"{value},2024-01-{at + 1:02},5,g{at}" for at in range(20)]
    path.write_text("\n".join(["customer_id,date,amount,order_id", *rows, rows[0]]))
    told = CliRunner().invoke(app, ["rfm", str(path), "-o", str(tmp_path / "out.csv")], env={"COLUMNS": "200"})
    options = [part for found in re.findall(r"give (--clean .*?)[:.]", told.stderr) for part in shlex.split(found)]
    assert f"missing={value}" in options and "duplicates=drop" in options, told.stderr
    mended = CliRunner().invoke(app, ["rfm", str(path), *options, "-o", str(tmp_path / "out.csv")])
    assert mended.exit_code == 0, mended.stderr
    assert pl.read_csv(tmp_path / "out.csv")["monetary"].sum() == 200
    assert not re.search("give --clean", mended.stderr)


def test_the_settings_file_says_what_to_clean_and_how_much_may_be_unreadable(tmp_path: Path) -> None:
    path, config, out = tmp_path / "orders.csv", tmp_path / "leverkit.toml", tmp_path / "out.csv"
    rows = ["Ann@X.com,2024-01-05,10", "ann@x.com,2024-01-06,10", "guest,2024-01-07,5", "ann@x.com,soon,7"]
    path.write_text("\n".join(["customer_id,date,amount", *rows]))
    config.write_text(
        '[ledger]\nmax_unreadable = 0.5\nclean = { customer = ["trim", "casefold"], missing = ["guest"] }\n'
    )
    done = CliRunner().invoke(app, ["rfm", str(path), "--config", str(config), "-o", str(out)])
    assert done.exit_code == 0, done.stderr
    assert "2 of 4 rows (50 %, 12.00) were set aside: no customer (1), unreadable time (1)" in done.stderr
    assert pl.read_csv(out).select("customer", "monetary").rows() == [("ann@x.com", 20.0)]
    kept = tmp_path / "kept.toml"
    CliRunner().invoke(app, ["rfm", str(path), "--config", str(config), "--save-config", str(kept), "-o", str(out)])
    again = CliRunner().invoke(app, ["rfm", str(path), "--config", str(kept), "-o", str(out)])
    assert "2 of 4 rows" in again.stderr


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
def test_times_that_cannot_be_read_are_set_aside_up_to_the_share_that_is_allowed(kind: str, tmp_path: Path) -> None:
    lines = _lines(c=["ann"] * 20).with_columns(t=pl.Series(["05.01.2024"] * 17 + ["25.01.2024", "soon", "00.00.0000"]))
    path = tmp_path / f"lines.{kind}"
    {"csv": lines.write_csv, "parquet": lines.write_parquet}.get(kind, lambda _: None)(path)  # type: ignore[operator]
    data, given = (lines, {"time_format": "%d.%m.%Y"}) if kind == "frame" else (path, {})
    ledger = lk.Ledger(data, **ROLES, **given, max_unreadable=0.1)
    assert (ledger.n_lines, ledger.rejected["value"].to_list()) == (18, ["soon", "00.00.0000"])
    with pytest.raises(lk.DataError, match="2 of 20 rows could not be read, first 'soon' in row 18"):
        lk.Ledger(data, **ROLES, **given, max_unreadable=0.05)


def test_what_to_clean_is_a_mapping() -> None:
    with pytest.raises(TypeError, match="clean: expected a mapping such as"):
        lk.Ledger(_lines(c=["ann"]), **ROLES, clean="trim")
    with pytest.raises(lk.ParameterError, match="clean"):
        lk.Ledger(_lines(c=["ann"]), **ROLES, clean={"customer": "shout"})


def test_the_russian_page_tells_what_is_odd_in_russian() -> None:
    days = [f"2023-{month:02}-{day:02}" for month in range(1, 13) for day in (5, 15, 25)]
    rows = [(f"o{at}", f"c{at % 12}", day, 50.5, 1.0, -1.0, "paid", "EUR") for at, day in enumerate(days)]
    rows += [
        ("x1", "Ann@X.com", "2023-12-20", 50.0, 1.0, -1.0, "paid", "EUR"),
        ("x2", "ann@x.com", "2023-12-21", 50.0, 1.0, -1.0, "cancelled", "USD"),
        ("x3", "guest", "2023-05-05", 60.0, 1.0, -1.0, "paid", "EUR"),
        ("x4", "guest", "2023-06-05", 60.0, 1.0, -1.0, "paid", "EUR"),
        ("x5", "none", "2023-06-05", 60.0, -1.0, -1.0, "paid", "EUR"),
        ("x6", "c7", "1970-01-01", 4e6, 5000.0, -1.0, "paid", "EUR"),
        ("x7", "c8", "2024-01-01", 44.0, 1.0, -1.0, "paid", "EUR"),
        ("x7", "c8", "2024-01-01", 44.0, 1.0, -1.0, "paid", "EUR"),
        ("x8", None, "2023-06-05", 60.0, 1.0, -1.0, "paid", "EUR"),
        ("x9", "c1", None, 60.0, 1.0, -1.0, "paid", "EUR"),
        ("x9", "c1", "2023-06-05", None, 1.0, -1.0, "paid", "EUR"),
    ]
    frame = pl.DataFrame(rows, schema=["o", "c", "t", "a", "q", "d", "order_status", "currency"], orient="row")
    dirty = lk.Ledger(frame, customer="c", time="t", amount="a", order="o", quantity="q", discounts={"promo": "d"})
    assert len(dirty.notes) > 10
    page = lk.report.build(dirty, language="ru")
    section = next(section for section in page.sections if section.id == "data")
    said = [re.sub(r"clean=.*?}+|between\(.*?\)", "", text) for text in [section.lead, *section.notes]]
    assert not [text for text in said if re.search(r"\b(the|of|if|with|rows?|lines?|leave|are)\b", text)]
    assert all(re.search("[а-я]", text) for text in said)
