"""One door: every command reads its files by the rule of `leverkit.read`, says how, and gives what Python gives."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner, Result

import leverkit as lk
from leverkit.cli.app import app

ROLES = {"customer": "customer_id", "time": "date", "amount": "amount"}


def run(*arguments: object, **more: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"}, **more)  # type: ignore[arg-type]


def file(folder: Path, content: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def scores(folder: Path, *arguments: object) -> pl.DataFrame:
    done = run("rfm", *arguments, "-o", folder / "scores.parquet")
    assert done.exit_code == 0, done.stderr
    return pl.read_parquet(folder / "scores.parquet")


@pytest.mark.parametrize("mark", ["-", "/", "."])
def test_days_that_may_be_months_are_asked_for_with_both_readings(mark: str, tmp_path: Path) -> None:
    rows = "customer_id,date,amount\n100,12-05-2023,10\n100,12-11-2023,10\n200,01-03-2024,10\n"
    path = file(tmp_path, rows.replace("-", mark))
    done = run("rfm", path)
    assert done.exit_code == 1
    form = f'give --dates "%d{mark}%m{mark}%Y" or "%m{mark}%d{mark}%Y"'
    assert f"date: 12{mark}05{mark}2023 may be 12 May or 5 December: {form}" in done.stderr
    found = scores(tmp_path, path, "--dates", f"%m{mark}%d{mark}%Y", "--as-of", "2024-01-04")
    first = found.filter(pl.col("customer") == "100").row(0, named=True)
    assert (str(first["last_order"]), first["recency"], first["tenure"]) == ("2023-12-11", 24, 30)


@pytest.mark.parametrize(
    ("day", "order", "last"), [("12/25/2023", "month first", "2023-12-25"), ("13/05/2023", "day first", "2023-05-13")]
)
def test_a_value_above_12_settles_them_and_that_is_said(day: str, order: str, last: str, tmp_path: Path) -> None:
    path = file(tmp_path, f"customer_id,date,amount\n100,{day},10\n200,3/4/2023,10\n")
    done = run("rfm", path)
    assert done.exit_code == 0
    assert f'orders.csv: csv, ",", utf-8; date {order}' in done.stderr
    assert f": {day}" in done.stderr
    assert str(scores(tmp_path, path)["last_order"].max()) == last


def test_books_and_events_are_asked_for_too(tmp_path: Path) -> None:
    lines = "customer_id,date,amount\n" + "".join(
        f"{c},2024-0{m}-{d:02},10\n" for c in range(9) for m in (1, 2, 3) for d in (1, 28)
    )
    orders = file(tmp_path, lines)
    spend = file(
        tmp_path, "date,amount,contacts\n01/01/2024,5,1000\n02/01/2024,5,1000\n03/01/2024,5,1000\n", "spend.csv"
    )
    done = run("profit", orders, "--spend", spend, "--limit-day", 30)
    assert done.exit_code == 1
    assert "date: 02/01/2024 may be 2 January or 1 February: give --dates" in done.stderr
    done = run(
        "profit", orders, "--spend", spend, "--limit-day", 30, "--dates", "%m/%d/%Y", "-o", tmp_path / "values.csv"
    )
    assert done.exit_code == 0, done.stderr
    values = pl.read_csv(tmp_path / "values.csv")
    assert values.filter(pl.col("parameter") == "reach")["value"].to_list() == [1000, 1000, 1000]


def test_events_by_month_or_day(tmp_path: Path) -> None:
    path = file(tmp_path, "u,t,e\n1,03/04/2024,A\n1,04/05/2024,B\n2,03/04/2024,A\n2,03/05/2024,B\n")
    asked = [
        "stages",
        path,
        "--entity",
        "u",
        "--time",
        "t",
        "--event",
        "e",
        "--stage",
        "A",
        "--stage",
        "B",
        "--window",
        "20d",
    ]
    done = run(*asked)
    assert done.exit_code == 1
    assert "t: 03/04/2024 may be 3 April or 4 March" in done.stderr
    done = run(*asked, "--dates", "%m/%d/%Y", "--tables", tmp_path)
    assert pl.read_parquet(tmp_path / "stages.parquet")["reached"].to_list() == [2, 1]


def test_an_offset_after_a_blank_is_an_instant(tmp_path: Path) -> None:
    path = file(tmp_path, "customer_id,date,amount\na,2024-01-05 23:59:00 -0500,10\n")
    assert str(scores(tmp_path, path)["last_order"][0]) == "2024-01-06"
    assert str(scores(tmp_path, path, "--time-zone", "America/New_York")["last_order"][0]) == "2024-01-05"


def test_what_is_missing_is_no_customer(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        'customer_id,date,amount\n"",2024-01-01,1\n  ,2024-01-01,2\nNULL,2024-01-01,3\nnan,2024-01-01,4\nNone,2024-01-01,5\nann,2024-01-01,6\n',
    )
    assert scores(tmp_path, path).select("customer", "monetary").rows() == [("ann", 6.0)]


def test_ids_are_text_in_every_role_and_columns_without_one_are_left_alone(tmp_path: Path) -> None:
    rows = "customer_id,date,amount,order_id,product_id,store_id,note\n007,2024-01-01,1,536365,0042,01,1\n7,2024-01-02,2,C536379,42,1,x\n"
    path = file(tmp_path, rows)
    assert sorted(scores(tmp_path, path)["customer"]) == ["007", "7"]
    roles = ROLES | {"order": "order_id", "product": "product_id", "dimensions": ["store_id"]}
    ledger = lk.Ledger(path, **roles)
    assert (ledger.n_customers, ledger.n_orders, ledger.n_products) == (2, 2, 2)
    assert ledger.where(store_id="01").n_lines == 1


@pytest.mark.parametrize(
    ("rows", "monetary"),
    [
        ('a,2024-01-01,"1,234.50"\nb,2024-01-02,$20.00\nc,2024-01-03,(15.00)\n', [1234.5, 20.0, -15.0]),
        ('a,2024-01-01,"1234,50"\nb,2024-01-02,"1 000,00"\n', [1234.5, 1000.0]),
        ("a,2024-01-01,20.00 €\nb,2024-01-02,15.00- €\n", None),
    ],
)
def test_money_is_read_as_it_is_written(rows: str, monetary: list[float] | None, tmp_path: Path) -> None:
    path = file(tmp_path, "customer_id,date,amount\n" + rows)
    if monetary:
        assert scores(tmp_path, path).sort("customer")["monetary"].to_list() == monetary
    else:
        done = run("rfm", path, "--amount", "amount")
        assert 'amount: row 1 of orders.csv holds "15.00- €"' in done.stderr


def test_a_semicolon_file_of_excel_is_read(tmp_path: Path) -> None:
    rows = "Клиент;Дата;Сумма\nАнна;31.12.2023;1 234,50\nБорис;01.01.2024;7,00\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1251"):
        path = file(tmp_path, rows, encoding=encoding)
        found = scores(tmp_path, path, "--customer", "Клиент", "--time", "Дата", "--amount", "Сумма")
        assert dict(found.select("customer", "monetary").rows()) == {"Анна": 1234.5, "Борис": 7.0}


def test_every_kind_of_file_gives_the_same_scores(tmp_path: Path) -> None:
    rows = "customer_id,date,amount\n" + "".join(f"{c},2024-0{c % 3 + 1}-{c + 10},{c}.5\n" for c in range(1, 9))
    path = file(tmp_path, rows)
    frame = lk.read(path).collect()
    frame.write_parquet(tmp_path / "orders.parquet")
    frame.write_ndjson(tmp_path / "orders.jsonl")
    frame.write_excel(tmp_path / "orders.xlsx")
    frame.write_csv(tmp_path / "orders.tsv", separator="\t")
    expected = scores(tmp_path, path)
    for kind in ("parquet", "jsonl", "xlsx", "tsv"):
        assert_frame_equal(scores(tmp_path, tmp_path / f"orders.{kind}"), expected)
        assert_frame_equal(lk.rfm.score(lk.Ledger(tmp_path / f"orders.{kind}", **ROLES)).customers, expected)
    assert_frame_equal(lk.rfm.score(lk.Ledger(lk.read(path), **ROLES)).customers, expected)


def test_several_files_and_folders_are_read_as_one(tmp_path: Path) -> None:
    first = file(tmp_path, "customer_id,date,amount\na,2024-01-01,1\n", "a.csv")
    second = file(tmp_path, "customer_id,date,amount\na,2024-01-02,2\n", "b.csv")
    assert scores(tmp_path, first, second)["monetary"].to_list() == [3.0]
    assert scores(tmp_path, tmp_path / "*.csv")["monetary"].to_list() == [3.0]


def test_the_sheet_and_the_marks_can_be_given(tmp_path: Path) -> None:
    path = file(tmp_path, 'customer_id,date,amount\na,2024-01-01,"1,234"\n')
    done = run("rfm", path)
    assert (done.exit_code, 'give --decimal ","' in done.stderr) == (1, True)
    assert scores(tmp_path, path, "--decimal", ",")["monetary"].to_list() == [1.234]
    assert scores(tmp_path, path, "--thousands", ",")["monetary"].to_list() == [1234.0]
    path = file(tmp_path, "customer_id,date,amount\na,2024-01-01,1\nb,2024-01-01,tbd\n")
    done = run("rfm", path, "--amount", "amount")
    assert 'give --null "tbd" if that means missing' in done.stderr
    assert scores(tmp_path, path, "--amount", "amount", "--null", "tbd")["customer"].to_list() == ["a"]


@pytest.mark.parametrize(
    "command",
    [
        ["quantities", "{}", "--entity", "p", "--level", "rec", "--level", "agr"],
        ["pricing", "elasticity", "{}", "--quantity", "q", "--price", "price", "--effect", "sku"],
        ["pricing", "waterfall", "{}", "--list-price", "list", "--component", "rebate"],
        ["pricing", "position", "{}", "--product", "sku", "--seller", "shop", "--price", "price", "--own", "us"],
        ["pricing", "index", "{}", "--time", "week", "--product", "sku", "--price", "price", "--quantity", "q"],
        ["pricing", "gabor-granger", "{}", "--price", "price", "--buys", "buys"],
        ["attribution", "{}", "--entity", "p", "--time", "day", "--channel", "shop", "--conversion", "buys"],
        ["journey", "{}", "--entity", "p", "--time", "day", "--event", "shop"],
    ],
)
def test_every_command_reads_a_semicolon_file_with_decimal_commas(command: list[str], tmp_path: Path) -> None:
    rows = [
        f"{at};{at % 5 + 3};{at % 3 + 1};{5 + at * 7 % 11};{9 + at % 4},{at % 9}0;{12 + at % 3},50;1,{at % 7}0;{'ab'[at // 2 % 2]};"
        f"{'us' if at % 2 else 'them'};{at // 4};{at % 28 + 1:02}.03.2024;{at % 2}"
        for at in range(40)
    ]
    path = file(tmp_path, "p;rec;agr;q;price;list;rebate;sku;shop;week;day;buys\n" + "\n".join(rows) + "\n")
    done = run(*[path if part == "{}" else part for part in command])
    assert done.exit_code == 0, done.stderr
    assert 'orders.csv: csv, ";", utf-8' in done.stderr


@pytest.mark.parametrize("name", ["out.docx", "out.txt"])
def test_a_page_of_another_kind_is_refused_before_anything_is_read(name: str, tmp_path: Path) -> None:
    done = run("report", tmp_path / "missing.csv", "-o", tmp_path / name)
    assert (done.exit_code, not (tmp_path / name).exists()) == (2, True)
    assert f"cannot write {Path(name).suffix}; known are" in done.stderr


def test_a_slip_in_a_parameter_is_told_with_the_nearest(tmp_path: Path) -> None:
    ledger = lk.Ledger(file(tmp_path, "customer_id,date,amount\na,2024-01-01,1\n"), **ROLES)
    with pytest.raises(TypeError, match=r"unknown argument 'bin'; did you mean 'bins'"):
        lk.rfm.score(ledger, bin=4)
    with pytest.raises(TypeError, match=r"unknown argument 'horizn'; did you mean 'horizon'"):
        lk.rfm.limit_day(ledger, horizn=4)
    with pytest.raises(TypeError, match=r"unknown argument 'custmer'; parameters are title"):
        lk.report.build(ledger, custmer="a")


@pytest.mark.parametrize(
    ("content", "encoding", "name"),
    [
        ("customer_id;date;amount\nann;31.12.2024;1.234,50\nbob;01.02.2024;7,-\n", "utf-8", "o.csv"),
        ("customer_id;date;amount\nann;31/12/2024;1\u202f234,50\nbob;01/02/2024;7,00\n", "utf-8", "o.csv"),
        ("customer_id;date;amount\nann;31.12.2024;1\u00a0234,50 €\nbob;01.02.2024;7,00 €\n", "cp1252", "o.csv"),
        ("customer_id;date;amount\nann;2024-12-31;1\u00a0234,50 zł\nbob;2024-02-01;7,00 zł\n", "cp1250", "o.csv"),
        (
            "customer_id;date;amount;zboží\nann;31. 12. 2024;1\u00a0234,50 Kč;koň\nbob;1. 2. 2024;7,00 Kč;kůň\n",
            "cp1250",
            "o.csv",
        ),
        ("customer_id;date;amount\nann;2024. 12. 31.;1\u00a0234,50 Ft\nbob;2024. 02. 01.;7 Ft\n", "cp1250", "o.csv"),
        ("customer_id;date;amount\nann;31.12.2024;1'234.50\nbob;01.02.2024;7.00\n", "utf-8-sig", "o.csv"),
        ("customer_id;date;amount\nann;31.12.2024 10.30;1234,50\nbob;1.2.2024 9.05;7\n", "utf-8", "o.csv"),
        ("sep=;\ncustomer_id;date;amount;\nann;31.12.2024;1234,50;\nbob;01.02.2024;7,00;\n", "utf-8", "o.csv"),
        (
            'customer_id,date,amount\nann,12/31/2024,"$1,234.50"\nbob,2/1/2024,$7.00\nbob,2/1/2024, $ -   \n',
            "utf-8",
            "o.csv",
        ),
        (
            'customer_id,date,amount\nann,"12/31/2024, 9:05:00 AM",1234.5\nbob,"2/1/2024, 9:05:00 PM",7\n',
            "utf-8",
            "o.csv",
        ),
        ("customer_id\tdate\tamount\nann\t31.12.2024\t1234,50\nbob\t01.02.2024\t7,00\n", "utf-16", "o.txt"),
        ("customer_id\tdate\tamount\nann\t31.12.2024\t1234,50\nbob\t01.02.2024\t7,00\n", "utf-8", "o.xls"),
        (
            "Sales\nPeriod: 2024\n\ncustomer_id,date,amount\nann,45657,1234.5\nbob,45323,7\nTotal,,1241.5\n",
            "utf-8",
            "o.csv",
        ),
        (
            ",customer_id,date,amount,,\n0,ann,2024-12-31,1244.5,,\n1,ann,2024-12-31,(10),,\n2,bob,2024-02-01,7,,\n",
            "utf-8",
            "o.csv",
        ),
        (
            "customer_id,date,amount\nann,2024-12-30 24:00:00,1234.5\nbob,2024-02-01 10:00:00,7\nbob,0000-00-00 00:00:00,9\n",
            "utf-8",
            "o.csv",
        ),
        ('"customer_id";"date";"amount"\r"ann";"31.12.24";"1234,50"\r"bob";"01.02.24";"7,00"\r\n', "utf-8", "o.csv"),
    ],
)
def test_a_file_as_a_spreadsheet_writes_it_gives_the_same_by_both_doors(
    content: str, encoding: str, name: str, tmp_path: Path
) -> None:
    path = file(tmp_path, content, name, encoding)
    lines = lk.Ledger(path, **ROLES).to_frame()
    by_python = (
        lines.group_by("customer_id").agg(pl.col("amount").sum(), pl.col("date").dt.date().max()).sort("customer_id")
    )
    options = [part for role, column in ROLES.items() for part in (f"--{role}", column)]
    by_command = scores(tmp_path, path, *options).select("customer", "monetary", "last_order").sort("customer")
    right = [("ann", 1234.5, dt.date(2024, 12, 31)), ("bob", 7.0, dt.date(2024, 2, 1))]
    assert by_python.rows() == by_command.rows() == right


def test_settings_may_begin_with_the_mark_of_windows(tmp_path: Path) -> None:
    path = file(tmp_path, "who,day,paid\nann,2024-01-05,10\nbob,2024-01-06,20\n")
    settings = tmp_path / "leverkit.toml"
    settings.write_text('[roles]\ncustomer = "who"\ntime = "day"\namount = "paid"\n', encoding="utf-8-sig")
    assert run("rfm", path, "--config", settings).exit_code == 0
