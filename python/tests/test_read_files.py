"""Files that are not what their name says, and files that only together are a table."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

import leverkit as lk

ROLES = {"customer": "client", "time": "day", "amount": "paid"}
ROWS = "client,day,paid\nann,2024-01-05,10\n"
MORE = "client,day,paid\nbob,2024-01-06,20\n"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def archive(members: dict[str, str | bytes]) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return to.getvalue()


def packed(content: bytes) -> bytes:
    """The same bytes at any time of day: tests are named by them."""
    return gzip.compress(content, mtime=0)


def parquet() -> bytes:
    to = io.BytesIO()
    pl.DataFrame({"client": ["ann"], "day": ["2024-01-05"], "paid": [10.0]}).write_parquet(to)
    return to.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.csv", packed(ROWS.encode())),
        ("orders.csv", archive({"a.csv": ROWS})),
        ("orders.csv", parquet()),
        ("orders.csv", '{"client": "ann", "day": "2024-01-05", "paid": 10}\n'),
        ("orders.xls", ROWS),
        ("orders", packed(packed(parquet()))),
        ("orders.zip", archive({"deep/a.csv.gz": packed(ROWS.encode())})),
        ("orders.csv.gz", packed(ROWS[:20].encode()) + packed(ROWS[20:].encode())),
    ],
)
def test_what_a_file_begins_with_tells_what_it_is(name: str, content: str | bytes, tmp_path: Path) -> None:
    lines = lk.read(put(tmp_path, name, content))
    assert lines.select("client", pl.col("paid").cast(pl.Float64)).collect().rows() == [("ann", 10.0)]
    assert lk.Ledger(lines, **ROLES).n_customers == 1


def test_a_page_of_an_error_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=r"^orders\.csv: is a web page named \.csv; open it in a spreadsheet"):
        lk.read(put(tmp_path, "orders.csv", "<!DOCTYPE html><html><body>Session expired</body></html>"))


def test_a_byte_of_zero_is_shown_and_ends_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "orders.csv", b"client,day,paid\nann,2024-01-05,10\0\nbob,2024-01-06,7\n")
    with pytest.raises(lk.DataError, match=r'paid: row 0 of orders\.csv holds "10\\0"; expected a number'):
        lk.Ledger(path, **ROLES)
    frame = pl.DataFrame({"client\0": ["ann"], "day": ["2024-01-05"], "paid": [1.0]})
    with pytest.raises(lk.SchemaError, match=r"a column is named 'client\\x00', with a byte of zero in it"):
        lk.Ledger(frame, customer="client\0", time="day", amount="paid")
    with pytest.raises(lk.SchemaError, match=r'there is no column "client"'):
        lk.Ledger(frame.lazy(), **ROLES)


def test_names_that_differ_by_case_and_blanks_are_one_column_and_that_is_said(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", ROWS)
    put(tmp_path, "b.csv", "Client, PAID,day\nbob,20,2024-01-06\n")
    ledger = lk.Ledger(tmp_path, **ROLES)
    assert (ledger.n_customers, ledger.revenue) == (2, 30.0)
    assert 'in b.csv "Client" as "client", "PAID" as "paid"' in ledger.how


def test_a_file_of_another_table_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", ROWS)
    other = put(tmp_path, "b.csv", "bob,2024-01-06,20\nbob,2024-01-07,20\n")
    says = r"b\.csv: has no column in common with a\.csv \(bob, 2024-01-06, 20; there client, day, paid\)"
    with pytest.raises(lk.DataError, match=says):
        lk.read(tmp_path)
    other.unlink()
    put(tmp_path, "readme.txt", "These are exports.\nSee the manual.\n")
    with pytest.raises(lk.DataError, match=r"readme\.txt: has no column in common with a\.csv"):
        lk.read(tmp_path)


def test_a_column_that_a_file_lacks_is_said(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", ROWS)
    put(tmp_path, "b.csv", "client,day,paid,store\nbob,2024-01-06,20,Bonn\n")
    lines = lk.read(tmp_path)
    assert '"store" is not in a.csv: null there' in str(lines.how)
    assert lines.collect()["store"].to_list() == [None, "Bonn"]


def test_an_export_that_lies_there_twice_is_said(tmp_path: Path) -> None:
    put(tmp_path, "orders.csv", ROWS)
    put(tmp_path, "orders (1).csv", ROWS)
    put(tmp_path, "later.csv", MORE)
    said = "orders (1).csv and orders.csv are the same, byte for byte: their rows count twice"
    assert said in lk.read(tmp_path).how.notes


def test_all_ways_in_which_the_files_are_written_are_said(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", ROWS)
    put(tmp_path, "b.csv", "client;day;paid\nJürgen;2024-01-06;20\n".encode("cp1252"))
    assert lk.read(tmp_path).how.file == 'csv, ",", utf-8 and csv, ";", cp1252'


def test_a_column_that_each_file_writes_its_own_way_is_refused_by_file(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "client,day,paid\nann,2024-01-05,10.5\n")
    put(tmp_path, "b.csv", "client;day;paid\nbob;2024-01-06;7,25\n")
    says = r"paid: one column has one format, the files have several \(a\.csv 10\.5, b\.csv 7,25\); read each by itself"
    with pytest.raises(lk.DataError, match=says):
        lk.Ledger(tmp_path, **ROLES)


def test_folders_name_values_as_hive_writes_them(tmp_path: Path) -> None:
    put(tmp_path, "store=M%C3%BCnchen/a.csv", ROWS)
    put(tmp_path, "store=__HIVE_DEFAULT_PARTITION__/a.csv", MORE)
    assert sorted(lk.read(tmp_path).collect().select("client", "store").rows()) == [("ann", "München"), ("bob", None)]


@pytest.mark.parametrize("rule", ["------|---|----", ":---|---:|:---:", "-------+-----+-----"])
def test_a_line_drawn_below_the_header_is_no_row(rule: str, tmp_path: Path) -> None:
    path = put(tmp_path, "orders.txt", f"client|day|paid\n{rule}\nann|2024-01-05|10\nbob|2024-01-06|20\n")
    assert lk.Ledger(path, **ROLES).revenue == 30.0
    assert lk.read(path).collect().height == 2


def test_names_lose_what_is_not_seen_and_look_alikes_are_said(tmp_path: Path) -> None:
    lines = lk.read(put(tmp_path, "orders.csv", "\u200bclient,day\u00a0,pa\u00adid,сity\nann,2024-01-05,10,Bonn\n"))
    assert lines.collect_schema().names() == ["client", "day", "paid", "сity"]
    assert lines.how.notes == ['the name "сity" mixes letters of two alphabets that look alike']


@pytest.mark.parametrize("mark", ["~", ":", "   "])
def test_one_column_that_looks_like_several_is_said(mark: str, tmp_path: Path) -> None:
    path = put(tmp_path, "orders.txt", "".join(mark.join(row) + "\n" for row in (["client", "paid"], ["ann", "10"])))
    assert lk.read(path).how.notes == ["there is one column; give separator=another if it holds several"]


@pytest.mark.parametrize(
    "other",
    [
        pl.DataFrame({"Client": ["bob"], "day": ["2024-01-06"], "paid": [2.0]}),
        pl.DataFrame({"client": ["bob"], "day": ["2024-01-06"], "paid": [2]}),
        pl.DataFrame({"client": ["bob"], "day": ["2024-01-06"], "paid": [2.0], "store": ["Bonn"]}),
    ],
    ids=["another name", "another type", "a column more"],
)
def test_files_with_types_of_several_schemas_are_one_table(other: pl.DataFrame, tmp_path: Path) -> None:
    put(tmp_path, "a.parquet", parquet())
    other.write_parquet(tmp_path / "b.parquet")
    ledger = lk.Ledger(tmp_path, **ROLES)
    assert (ledger.n_customers, ledger.revenue) == (2, 12.0)
