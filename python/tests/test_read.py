"""Files as people have them: any kind, packing, separator and encoding is read, or the error names what would help."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import zstandard
from polars.testing import assert_frame_equal

import leverkit as lk
from leverkit._lib.frames import polars_of

LINES = pl.DataFrame(
    {
        "client": ["ann", "bob", "ann"],
        "day": [dt.date(2024, 1, 5), dt.date(2024, 1, 6), dt.date(2024, 2, 1)],
        "paid": [20.0, 15.5, 30.25],
    }
)
TEXT = "client,day,paid\nann,2024-01-05,20.0\nbob,2024-01-06,15.5\nann,2024-02-01,30.25\n"
ROLES = {"customer": "client", "time": "day", "amount": "paid"}


def file(folder: Path, content: str | bytes, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


# -- Kinds of files ---------------------------------------------------------------------------------------------------


def packed(content: bytes, kind: str) -> bytes:
    if kind == "zip":
        packet = io.BytesIO()
        with zipfile.ZipFile(packet, "w") as archive:
            archive.writestr("inside/orders.csv", content)
            archive.writestr("__MACOSX/._orders.csv", b"no table")
        return packet.getvalue()
    return {"gz": gzip.compress, "zst": zstandard.compress}[kind](content)


@pytest.mark.parametrize("kind", ["gz", "zst", "zip"])
def test_what_is_packed_is_read(kind: str, tmp_path: Path) -> None:
    path = file(tmp_path, packed(TEXT.encode(), kind), f"orders.csv.{kind}")
    assert_frame_equal(lk.read(path).collect(), LINES)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "feather", "jsonl", "ndjson", "json"])
def test_files_with_types_are_read_as_they_are(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"orders.{kind}"
    write = {"parquet": LINES.write_parquet, "json": LINES.write_json}
    write.get(kind, LINES.write_ndjson if kind.endswith(("jsonl", "ndjson")) else LINES.write_ipc)(path)
    assert_frame_equal(lk.read(path).collect(), LINES)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_packed_parquet_file_outlives_the_call(kind: str, tmp_path: Path) -> None:
    LINES.write_parquet(tmp_path / "orders.parquet")
    path = file(tmp_path, packed((tmp_path / "orders.parquet").read_bytes(), kind), f"orders.parquet.{kind}")
    lines = lk.read(path).filter(pl.col("paid") > 16)
    assert lines.collect()["client"].to_list() == ["ann", "ann"]


def test_a_workbook_gives_ids_as_text_money_as_numbers_and_days(tmp_path: Path) -> None:
    rows = [["client", "day", "paid"], [100, dt.date(2024, 1, 5), 20], ["C7", dt.date(2024, 1, 6), 15.5]]
    path = workbook(tmp_path / "orders.xlsx", {"Orders": rows})
    lines = lk.read(path)
    assert 'orders.xlsx: xlsx, sheet "Orders"' in str(lines.how)
    found = lines.collect()
    assert found["client"].to_list() == ["100", "C7"]
    assert found["day"].dt.date().to_list() == [dt.date(2024, 1, 5), dt.date(2024, 1, 6)]
    assert lk.Ledger(path, **ROLES).revenue == 35.5


def test_of_several_sheets_one_is_asked_for_and_empty_ones_do_not_count(tmp_path: Path) -> None:
    rows: list[list[object]] = [["client", "paid"], ["ann", 1]]
    path = workbook(tmp_path / "orders.xlsx", {"Orders": rows, "Returns": rows, "Notes": []})
    with pytest.raises(lk.DataError, match=r'several sheets \(Orders, Returns\): give sheet="Orders" or another'):
        lk.read(path)
    assert lk.read(path, sheet="Returns").collect().height == 1
    with pytest.raises(lk.ParameterError, match=r"sheet: got 'orders'; orders.xlsx has Orders, Returns, Notes"):
        lk.read(path, sheet="orders")


def test_folders_globs_and_lists_are_one_table(tmp_path: Path) -> None:
    file(tmp_path, TEXT, "export/a.csv")
    file(tmp_path, "paid;client;day\n1,5;cat;03.02.2024\n2,5;dan;13.02.2024\n", "export/b.csv")
    file(tmp_path, "no table", "export/.hidden.csv")
    file(tmp_path, "no table", "export/readme.md")
    for paths in (tmp_path / "export", str(tmp_path / "export" / "*.csv")):
        with pytest.raises(lk.DataError, match=r"one column has one"):
            lk.read(paths).collect()
    file(tmp_path, "paid,client,day\n1.5,cat,2024-02-03\n", "export/b.csv")
    for paths in (
        tmp_path / "export",
        str(tmp_path / "export" / "*.csv"),
        [tmp_path / "export/a.csv", tmp_path / "export/b.csv"],
    ):
        found = lk.read(paths).collect()
        assert found["paid"].sum() == 67.25
        assert found.row(3) == ("cat", dt.date(2024, 2, 3), 1.5)


def test_no_folder_is_made_for_copies_where_nothing_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(rooms))
    read = lk.read(file(tmp_path, TEXT.encode(), "orders.csv"))
    assert len(read.collect()) and not any(rooms.iterdir())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_folders_named_by_a_value_are_columns(kind: str, tmp_path: Path) -> None:
    for year in (2023, 2024):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        {"csv": LINES.write_csv, "parquet": LINES.write_parquet}[kind](folder / f"part.{kind}")
    found = lk.read(tmp_path).collect()
    assert found.height == 6
    assert found["year"].cast(pl.String).to_list() == ["2023"] * 3 + ["2024"] * 3


def test_a_file_that_lacks_a_column_has_nulls_there(tmp_path: Path) -> None:
    file(tmp_path, TEXT, "a.csv")
    file(tmp_path, "client,day\ncat,2024-02-03\n", "b.csv")
    assert lk.read(tmp_path / "*.csv").collect()["paid"].to_list() == [20.0, 15.5, 30.25, None]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_read(pack: object, tmp_path: Path) -> None:
    code = "import leverkit as lk; print(lk.read('-').collect()['paid'].sum())"
    done = subprocess.run([sys.executable, "-c", code], input=pack(TEXT.encode()), capture_output=True, check=True)  # type: ignore[operator]
    assert done.stdout.decode().strip() == "65.75"


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing.csv: there is no such file"):
        lk.read("missing.csv")
    with pytest.raises(lk.ParameterError, match=r"orders.pdf: cannot read .pdf; known are .csv"):
        lk.read(file(tmp_path, "x", "orders.pdf"))
    with pytest.raises(lk.ParameterError, match=r"different kinds"):
        LINES.write_parquet(tmp_path / "a.parquet")
        lk.read([tmp_path / "a.parquet", file(tmp_path, TEXT)])
    with pytest.raises(lk.DataError, match=r"orders.csv: the file is empty"):
        lk.read(file(tmp_path, ""))
    with pytest.raises(lk.DataError, match=r"orders.xlsx: cannot be read as a workbook"):
        lk.read(file(tmp_path, "no workbook", "orders.xlsx"))
    with pytest.raises(lk.DataError, match=r"cannot be unpacked"):
        lk.read(file(tmp_path, "no packet", "orders.csv.gz"))
    with pytest.raises(lk.DataError, match=r"orders.parquet: cannot be read"):
        lk.read(file(tmp_path, "no parquet", "orders.parquet"))


@pytest.mark.parametrize(("module", "name"), [("fastexcel", "orders.xlsx"), ("zstandard", "orders.csv.zst")])
def test_without_its_package_the_error_says_what_to_install(
    module: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r'pip install "leverkit\[read\]"'):
        lk.read(file(tmp_path, "x", name))


# -- Text files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separator_and_encoding_are_found(separator: str, encoding: str, tmp_path: Path) -> None:
    content = TEXT.replace(",", separator).replace("ann", "Ænne")
    found = lk.read(file(tmp_path, content, encoding=encoding)).collect()
    assert_frame_equal(found, LINES.with_columns(pl.col("client").replace("ann", "Ænne")))


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["René", "Zoë", "Jürgen"], "cp1252"),
        (["Anna", "Bob", "José"], "latin-1"),
        (["Анна", "Борис", "Щукин"], "cp1251"),
        (["ООО «Ромашка»", "ИП Ёлкин", "Bob"], "cp1251"),
        (["Anna", "Bob", "5 €"], "cp1252"),
        (["Søren", "Ångström", "McDonald’s"], "cp1252"),
        (["Żółć", "Łukasz", "5 zł"], "cp1250"),
        (["Příliš", "žluťoučký", "kůň"], "cp1250"),
        (["Jiří", "Dvořák", "Černý"], "cp1250"),
        (["Erdős", "Fűrész", "Nagy"], "cp1250"),
        (["Şeyma", "Işıl", "Gönül"], "cp1254"),
        (["Genève", "Zürich", "Besançon"], "cp1252"),
        (["São João", "Conceição", "Ávila"], "cp1252"),
        (["Þórður", "Jökull", "Ísafjörður"], "cp1252"),
        (["анна", "борис", "зайцева"], "koi8_r"),
        (["Контрагент", "Итого", "Зайцева"], "cp866"),
        (["Γιώργος", "Ελένη", "Bob"], "cp1253"),
        (["佐藤さん", "鈴木さん", "Bob"], "shift_jis"),
    ],
)
def test_encodings_of_one_byte_are_told_apart_and_said(names: list[str], encoding: str, tmp_path: Path) -> None:
    content = "Client;Paid\n" + "".join(f"{name};1\n" for name in names)
    lines = lk.read(file(tmp_path, content, encoding=encoding))
    assert lines.collect()["Client"].to_list() == names
    assert lines.how.file in {f'csv, ";", {encoding}', 'csv, ";", cp1252'}


def test_an_encoding_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    path = file(tmp_path, "client,paid\n张伟,1\n李娜,2\n", encoding="gbk")
    with pytest.raises(lk.DataError, match=r"the encoding is not clear; give encoding=a name such as"):
        lk.read(path)
    assert lk.read(path, encoding="gbk").collect()["client"].to_list() == ["张伟", "李娜"]


def test_a_letter_late_in_a_file_is_seen(tmp_path: Path) -> None:
    content = "client,paid\n" + "bob,1\n" * 100_000 + "René,2\n"
    assert lk.read(file(tmp_path, content, encoding="cp1252")).collect()["client"][-1] == "René"


def test_an_encoding_asked_for_is_taken_or_the_line_named(tmp_path: Path) -> None:
    path = file(tmp_path, "client\nŁódź\n", encoding="cp1250")
    assert lk.read(path, encoding="cp1250").collect()["client"].to_list() == ["Łódź"]
    with pytest.raises(lk.DataError, match=r"line \d is not ascii; give encoding=another"):
        lk.read(path, encoding="ascii")
    with pytest.raises(lk.ParameterError, match=r"encoding: got 'klingon'"):
        lk.read(path, encoding="klingon")


def test_quotes_hold_separators_lines_and_quotes(tmp_path: Path) -> None:
    content = 'client,note,paid\nann,"tea, green",1\nbob,"two\nlines",2\ncat,"so ""called""",3\n'
    found = lk.read(file(tmp_path, content)).collect()
    assert found["note"].to_list() == ["tea, green", "two\nlines", 'so "called"']
    assert found["paid"].to_list() == [1, 2, 3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_end_as_on_any_system(end: str, tmp_path: Path) -> None:
    assert_frame_equal(lk.read(file(tmp_path, TEXT.replace("\n", end))).collect(), LINES)
    assert_frame_equal(lk.read(file(tmp_path, TEXT.replace("\n", end) + "\n")).collect(), LINES)


def test_a_line_that_names_the_separator_is_no_header(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, "sep=;\nclient;paid\nann;1,5\n")).collect().to_dicts() == [
        {"client": "ann", "paid": 1.5}
    ]


@pytest.mark.parametrize(
    ("titles", "says"),
    [
        (["Sales report", "Period: 2024", ""], "2 lines above the header passed over: Sales report, Period: 2024"),
        (["# made by the shop"], "1 line above the header passed over: # made by the shop"),
        (['"Sales, by day";;', ";;", ";Year;"], "2 lines above the header passed over: Sales, by day, Year"),
        (["Firm;Flowers Ltd", "Year;2024"], "2 lines above the header passed over: Firm Flowers Ltd, Year 2024"),
    ],
)
def test_titles_above_a_table_are_passed_over_and_said(titles: list[str], says: str, tmp_path: Path) -> None:
    lines = lk.read(file(tmp_path, "\n".join([*titles, TEXT.replace(",", ";")])))
    assert_frame_equal(lines.collect(), LINES)
    assert says in lines.how.notes


def test_titles_above_a_table_of_a_workbook_are_passed_over_and_said(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Sales"],
        [],
        ["", "Year"],
        LINES.columns,
        *map(list, LINES.rows()),
        [],
        ["Total", "", 1],
    ]
    lines = lk.read(workbook(tmp_path / "orders.xlsx", {"A": rows}))
    assert_frame_equal(lines.collect().head(3).with_columns(pl.col("day").cast(pl.Date)), LINES)
    assert lines.how.notes == ["2 lines above the header passed over: Sales, Year"]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (",paid\n0,1\n1,2\n", ["column_1", "paid"]),
        ("client,day\nann,1,2\n", ["client", "day"]),
        ("client,,,\nann,2,3,4\n", ["client", "column_2", "column_3", "column_4"]),
        ("client,day,paid\nann,,\nbob,,\n", ["client", "day", "paid"]),
        ("client\nann\n", ["client"]),
    ],
)
def test_a_first_line_that_may_be_the_header_is_it(content: str, columns: list[str], tmp_path: Path) -> None:
    lines = lk.read(file(tmp_path, content))
    assert lines.collect_schema().names() == columns
    assert not any("passed over" in note for note in lines.how.notes)


@pytest.mark.parametrize("header", ["client;day;paid", '"client";"day\nof sale";"paid"'])
def test_separators_that_end_the_rows_alone_are_no_values(header: str, tmp_path: Path) -> None:
    path = file(tmp_path, f"Title\n{header}\nann;2024-01-05;20,5;\nbob;2024-01-06;15,5;\n")
    found = lk.read(path).collect()
    assert found["paid"].to_list() == [20.5, 15.5]
    assert found.columns[3:] == ["column_4"]
    late = "ann;2024-01-05;20,5;\n" * 2000 + "bob;2024-01-06;1,5;what;is it\n"
    with pytest.raises(lk.DataError, match=r"line 200\d has 5 fields, the header has 4"):
        lk.read(file(tmp_path, path.read_text() + late)).collect()


def test_a_text_written_as_a_formula_is_that_text(tmp_path: Path) -> None:
    found = lk.read(file(tmp_path, 'client;plu;paid\n="007";"=""12""";="1,5"\n="";;2\n')).collect()
    assert found.rows() == [("007", 12, 1.5), (None, None, 2.0)]


def test_ids_that_a_spreadsheet_has_cut_are_said(tmp_path: Path) -> None:
    path = file(tmp_path, "client,day,paid\n1.23E+11,2024-01-05,20\n1.24E+11,2024-01-06,15\n")
    assert "client holds numbers such as 1.23E+11, cut by a spreadsheet" in lk.Ledger(path, **ROLES).how
    assert "spreadsheet" not in lk.Ledger(file(tmp_path, TEXT), **ROLES).how


def test_a_header_that_stands_there_again_is_named(tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=r'row 3 of .* holds "day"; .*; the header stands there again: take it out'):
        lk.Ledger(file(tmp_path, TEXT + TEXT), **ROLES)


def test_text_named_as_a_workbook_is_read_and_a_page_refused(tmp_path: Path) -> None:
    tabs = TEXT.replace(",", "\t")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert_frame_equal(lk.read(file(tmp_path, tabs, "orders.xls", encoding=encoding)).collect(), LINES)
    with pytest.raises(lk.DataError, match=r"orders.xls: is a web page named .xls; open it in a spreadsheet and save"):
        lk.read(file(tmp_path, "<html><table><tr><td>client</td></tr></table></html>", "orders.xls"))


def test_json_of_columns_is_refused_with_what_would_be_read(tmp_path: Path) -> None:
    path = file(tmp_path, '{"client": {"0": "ann"}, "paid": {"0": 1.5}}', "orders.json")
    with pytest.raises(lk.DataError, match=r"is one record that holds client, paid; expected a record per line"):
        lk.read(path)


def test_errors_of_a_workbook_s_formulas_are_missing_in_it_and_in_text(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "orders.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["client", "paid"])
        sheet.write_row(1, 0, ["ann", 1.5])
        sheet.write(2, 0, "bob")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    expected = pl.DataFrame({"client": ["ann", "bob"], "paid": [1.5, None]})
    assert_frame_equal(lk.read(tmp_path / "orders.xlsx").collect(), expected)
    assert_frame_equal(lk.read(file(tmp_path, "client,paid\nann,1.5\nbob,#DIV/0!\n")).collect(), expected)


def test_a_hidden_sheet_does_not_count_beside_others(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, row in (("Orders", ["ann", 10]), ("Lists", ["x", 1])):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["client", "paid"])
            sheet.write_row(1, 0, row)
        sheet.hide()
    lines = lk.read(path)
    assert lines.collect().rows() == [("ann", 10)]
    assert lines.how.notes == ["the hidden sheet Lists is passed over"]
    assert lk.read(path, sheet="Lists").collect().rows() == [("x", 1)]


def test_the_thousandths_of_a_workbook_s_numbers_are_no_thousands(tmp_path: Path) -> None:
    """As text 1.125 may be either; a cell that holds a number is that number."""
    rows: list[list[object]] = [
        [],
        ["Report"],
        [],
        ["client", "store", "paid"],
        ["ann", "Bonn", 1.125],
        ["cid", "Bonn", 3.125],
    ]
    assert lk.read(workbook(tmp_path / "a.xlsx", {"S": rows})).collect()["paid"].to_list() == [1.125, 3.125]
    as_text: list[list[object]] = [["client", "paid"], ["ann", "1.125"], ["bob", "3.125"]]
    with pytest.raises(lk.DataError, match=r"1\.125 may be 1125 or 1\.125"):
        lk.read(workbook(tmp_path / "b.xlsx", {"S": as_text}))


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert_frame_equal(lk.read(file(tmp_path, "\n" + TEXT.replace("bob", "\nbob") + "\n\n")).collect(), LINES)


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, "client,day,paid\n")).collect().shape == (0, 3)


def test_one_column_needs_no_separator(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, "client\nann\nbob\n")).collect()["client"].to_list() == ["ann", "bob"]


def test_a_column_named_twice_is_read_twice_and_said(tmp_path: Path) -> None:
    lines = lk.read(file(tmp_path, "id,paid,id,\na,1,b,c\n"))
    assert lines.collect().columns == ["id", "paid", "id_2", "column_4"]
    assert 'a further column "id" is read as "id_2"' in str(lines.how)


def test_a_line_with_too_many_fields_is_named(tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=r"orders.csv: line 3 has 3 fields, the header has 2; put quotes around"):
        lk.read(file(tmp_path, "client,paid\nann,1\nbob,2,5\n")).collect()


def test_wide_files_are_read(tmp_path: Path) -> None:
    names = [f"c{at}" for at in range(3000)]
    content = ",".join(names) + "\n" + ",".join(map(str, range(3000))) + "\n"
    assert lk.read(file(tmp_path, content)).select(pl.sum_horizontal(pl.all())).collect().item() == sum(range(3000))


def test_headers_lose_their_blanks_and_marks(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, "\ufeff\ufeff client , paid\nann,1\n")).collect().columns == ["client", "paid"]


# -- What is missing, what is text ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "missing", ["", '""', "   ", "NULL", "null", "nan", "NaN", "None", "<NA>", "N/A", "\\N", "-", "#N/A"]
)
def test_what_means_missing_is_null_in_text_numbers_and_dates(missing: str, tmp_path: Path) -> None:
    found = lk.read(file(tmp_path, f"c,a,t\nx,1.5,2024-01-01\n{missing},{missing},{missing}\n")).collect()
    assert found.row(-1) == (None, None, None)
    assert found.schema == {"c": pl.String, "a": pl.Float64, "t": pl.Date}


def test_a_text_that_the_user_names_is_missing(tmp_path: Path) -> None:
    path = file(tmp_path, "c,a\nx,1\ny,unknown\n")
    assert lk.read(path).collect()["a"].to_list() == ["1", "unknown"]
    assert lk.read(path, null="unknown").collect()["a"].to_list() == [1, None]


def test_what_is_missing_late_is_missing_too(tmp_path: Path) -> None:
    content = "c,a\n" + "x,1\n" * 200_000 + "y,NULL\nz,2\n"
    found = lk.read(file(tmp_path, content)).collect()
    assert found["a"].sum() == 200_002
    assert found["c"].to_list()[-2:] == ["y", "z"]


def test_numbers_that_are_names_stay_text_and_that_is_said(tmp_path: Path) -> None:
    content = "card,phone,code,n\n4276123412341234,+79161234567,007,1\n4276123412341235,+79161234568,7,2\n"
    lines = lk.read(file(tmp_path, content))
    assert lines.collect().schema == {"card": pl.String, "phone": pl.String, "code": pl.String, "n": pl.Int64}
    assert "card, phone, code as text" in str(lines.how)
    assert lk.read(tmp_path / "orders.csv", columns={"n": "text"}).collect()["n"].to_list() == ["1", "2"]


def test_true_and_false_are_flags(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, "c,f\nx,true\ny,FALSE\nz,\n")).collect()["f"].to_list() == [True, False, None]


def test_a_ledger_of_the_frame_reads_ids_as_text_however_they_look(tmp_path: Path) -> None:
    path = file(tmp_path, "client,day,paid\n007,2024-01-05,1\n7,2024-01-06,2\n536365,2024-01-07,3\n")
    by_frame = lk.rfm.score(lk.Ledger(lk.read(path), **ROLES))
    by_path = lk.rfm.score(path, **ROLES)
    assert sorted(by_frame.customers["customer"]) == ["007", "536365", "7"]
    assert_frame_equal(by_frame.customers, by_path.customers)


# -- Verified while reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        (
            "1",
            "abc",
            'paid: row 5000 of orders.csv holds "abc"; expected a whole number; give null="abc" if that means missing',
        ),
        ("1", "2.5", 'holds "2.5"; expected a whole number; say that the column holds numbers'),
        ("1.5", "x", 'row 5000 of orders.csv holds "x"; expected a number with the decimal mark "."'),
        ('"1,5"', "2.5", 'holds "2.5"; expected a number with the decimal mark ","'),
        ("$1.50", "€2.50", r'holds "€2.50"; expected a number with the decimal mark "." and \$'),
        ("2024-01-05", "05/01/2024", r'holds "05/01/2024"; expected a date as the rows before it \(%Y-%m-%d\)'),
        (
            "25.12.2024",
            "12.25.2024",
            r'holds "12.25.2024"; expected a date as the rows before it \(%d.%m.%Y, settled by 25.12.2024\)',
        ),
        ("true", "maybe", 'holds "maybe"; expected true or false'),
        ("2024-01-05 10:00:00", "2024-01-05 10:00:00 +0200", "local times and instants"),
    ],
)
def test_the_first_row_that_does_not_fit_is_named_with_what_would_help(
    good: str, bad: str, says: str, tmp_path: Path
) -> None:
    content = "client,paid\n" + f"ann,{good}\n" * 5000 + f"bob,{bad}\n" + f"ann,{good}\n" * 3000
    with pytest.raises(lk.DataError, match=says) as caught:
        lk.read(file(tmp_path, content)).collect()
    assert (caught.value.column, caught.value.row) == ("paid", 5000)


def test_only_columns_that_are_needed_are_verified(tmp_path: Path) -> None:
    content = "client,paid\n" + "ann,1\n" * 5000 + "bob,abc\n"
    assert lk.read(file(tmp_path, content)).select(pl.col("client").n_unique()).collect().item() == 2


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_the_frame_is_as_lazy_as_any(engine: str, tmp_path: Path) -> None:
    content = "client,day,paid\n" + "".join(f"c{at % 7},2024-01-{at % 28 + 1:02},{at}\n" for at in range(50_000))
    lines = lk.read(file(tmp_path, content))
    found = lines.filter(pl.col("day") < dt.date(2024, 1, 3)).group_by("client").agg(pl.col("paid").sum())
    expected = sum(at for at in range(50_000) if at % 28 < 2)
    assert found.collect(engine=engine)["paid"].sum() == expected  # type: ignore[call-overload]
    assert lines.head(3).collect(engine=engine)["paid"].to_list() == [0, 1, 2]  # type: ignore[call-overload]
    assert lines.select("paid").slice(49_999).collect(engine=engine).item() == 49_999  # type: ignore[call-overload]


def test_words_of_the_reader_beneath_never_reach_the_user(tmp_path: Path) -> None:
    path = file(tmp_path, "client,day,paid\n" + "ann,2024-01-05,1\n" * 20_000 + "bob,2024-01-05,abc\n")
    for make in (
        lambda: lk.Ledger(path, **ROLES),
        lambda: lk.Ledger(pl.scan_csv(path, infer_schema_length=10), **ROLES),
    ):
        with pytest.raises(lk.DataError) as caught:
            make()
        assert not any(word in str(caught.value) for word in ("schema", "infer", "null_values", "external"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"decimal": "x"}, "decimal: got 'x'; expected one mark"),
        ({"decimal": ",", "thousands": ","}, "thousands: got ',', which is the decimal mark"),
        ({"separator": ";;"}, "separator: got ';;'"),
        ({"dates": "day first"}, "dates: got 'day first'; expected a format such as"),
        ({"columns": {"paid": "money"}}, "columns: paid: got 'money'; expected text, number, time, found"),
    ],
)
def test_a_wrong_option_is_told(given: dict[str, object], says: str, tmp_path: Path) -> None:
    with pytest.raises(lk.ParameterError, match=says):
        lk.read(file(tmp_path, TEXT), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('client,paid\nann,1\n"bob,2\ncat,3\n', "orders.csv: line 3: a quote is opened and not closed"),
        ('client,paid\nann,1\n5" pipe,2\n', "orders.csv: line 3: a quote stands inside a value"),
    ],
)
def test_quotes_that_do_not_close_are_named(content: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=says):
        lk.read(file(tmp_path, content)).collect()


def test_lines_that_end_early_lack_their_last_values(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, "a,b,c\nx,y\nu,v,w\n")).collect().rows() == [("x", "y", None), ("u", "v", "w")]


def test_a_first_line_of_values_is_said_to_be_taken_for_names(tmp_path: Path) -> None:
    how = str(lk.read(file(tmp_path, "ann,2024-01-05,1.5\nbob,2024-01-06,2.5\n")).how)
    assert "the first line is taken for the names of columns: ann, 2024-01-05, 1.5" in how


def test_a_number_that_means_missing_is_missing_wherever_it_stands(tmp_path: Path) -> None:
    content = "c,a,t\n" + "x,1,2024-01-01\n" * 5000 + "y,999,1900-01-01\n"
    found = lk.read(file(tmp_path, content), null=["999", "1900-01-01"]).collect()
    assert found.row(-1) == ("y", None, None)


@pytest.mark.parametrize("given", [{"dates": {"dya": "%d.%m.%Y"}}, {"columns": {"dya": "text"}}])
def test_a_column_that_is_not_there_is_told_with_the_nearest(given: dict[str, object], tmp_path: Path) -> None:
    path = file(tmp_path, "client,day\nann,2024-01-05\n")
    with pytest.raises(lk.ParameterError, match=r'there is no column "dya"; did you mean "day"\?'):
        lk.read(path, **given)  # type: ignore[arg-type]


def test_an_option_for_another_kind_of_file_is_said(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, TEXT), sheet="S").how.notes == ["sheet has no meaning for csv"]


def test_a_file_that_turns_out_to_be_damaged_is_named(tmp_path):
    path = tmp_path / "orders.parquet"
    lines = pl.DataFrame({"client": range(50_000), "date": dt.date(2024, 1, 5), "paid": 1.0})
    lines.with_columns(frequency="client", monetary_value="paid").write_parquet(path, row_group_size=5000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 9000] = bytes(9000)
    path.write_bytes(content)
    roles = {"customer": "client", "time": "date", "amount": "paid"}
    for door in (
        lambda: lk.Ledger(path, **roles),
        lambda: lk.profit.measure(lk.read(path), **roles),
        lambda: polars_of(lk.read(path)),
        lambda: lk.clv.GammaGammaModel().fit(lk.read(path)),
    ):
        with pytest.raises(lk.DataError, match=r"orders\.parquet: cannot be read: "):
            door()
