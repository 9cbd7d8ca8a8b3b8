"""Numbers as people write them: what settles the marks is found, what does not is asked."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import leverkit as lk


def read(folder: Path, values: list[str], **given: object) -> list[object]:
    return lines(folder, values, **given).collect()["a"].to_list()


def lines(folder: Path, values: list[str], **given: object) -> pl.LazyFrame:
    path = folder / "numbers.csv"
    path.write_text("c;a\n" + "".join(f"x;{value}\n" for value in values), encoding="utf-8")
    return lk.read(path, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1234.50", "7"], [1234.5, 7]),
        (["1234,50", "7"], [1234.5, 7]),
        (["1,234.50", "7.00"], [1234.5, 7]),
        (["1.234,50", "7,00"], [1234.5, 7]),
        (["1 234,50", "7,00"], [1234.5, 7]),
        (["1\u00a0234,50", "12\u202f345\u00a0678"], [1234.5, 12345678]),
        (["1'234.50", "1’234’567"], [1234.5, 1234567]),
        (["1,234,567", "12"], [1234567, 12]),
        (["1.234.567", "12"], [1234567, 12]),
        (["1,234", "0.5"], [1234, 0.5]),
        (["1.234", "0,5"], [1234, 0.5]),
        (["0,500", "1,250"], [0.5, 1.25]),
        (["1234,500", "1,250"], [1234.5, 1.25]),
        ([",5", "1,25"], [0.5, 1.25]),
        (["1e3", "2.5"], [1000, 2.5]),
        (["-5.5", "+5", "−5"], [-5.5, 5, -5]),
        (["(15.00)", "20.00"], [-15, 20]),
        (["15.00-", "20.00"], [-15, 20]),
        (["7,-", "1.234,50", "€ 5,--"], [7, 1234.5, 5]),
        (["$20.00", " $ -   ", "($5.00)"], [20, 0, -5]),
        (["- €", "20,00 €", "€-"], [0, 20, 0]),
        (["$20.00", "-$5.00", "$-5.50", "($1.25)"], [20, -5, -5.5, -1.25]),
        (["20,00 €", "1.000,00 €"], [20, 1000]),
        (["€ 20", "€ 5"], [20, 5]),
        (["USD 20.00", "USD 5.50"], [20, 5.5]),
        (["1 200,50 руб.", "5 руб."], [1200.5, 5]),
        (["1 200 ₽", "5 ₽"], [1200, 5]),
        (["20.00 zł", "5.50 zł"], [20, 5.5]),
        (["R$ 20,00", "R$ 1.000,00"], [20, 1000]),
        (["100 руб.", "1 050.50 ₽", "RUB 7"], [100, 1050.5, 7]),
        (["20 €", "EUR 5"], [20, 5]),
        (["1.25 руб.", ".5 руб.", "руб. 3.5", "RUB 4.50 руб."], [1.25, 0.5, 3.5, 4.5]),
        (["5 %", "7.5 %"], [0.05, 0.075]),
        (["5%", "7,5%"], [0.05, 0.075]),
    ],
)
def test_numbers_are_read_as_they_are_meant(values: list[str], expected: list[float], tmp_path: Path) -> None:
    assert read(tmp_path, values) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (["1,234", "12,500"], '1,234 may be 1234 or 1.234: give decimal="," if the mark is a decimal one, decimal="."'),
        (
            ["1.234", "12.500", "7"],
            '1.234 may be 1234 or 1.234: give decimal="." if the mark is a decimal one, decimal=","',
        ),
        (["1.5", "1,5"], '1.5 has the decimal mark ".", 1,5 has ","'),
        (["$5", "€5"], r"money in several currencies (\$, €) cannot be added up"),
        (["$5", "USD 5"], r"money in several currencies (\$, USD) cannot be added up"),
    ],
)
def test_what_fits_two_readings_is_asked(values: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=says.replace("(", r"\(").replace(")", r"\)")):
        read(tmp_path, values)


@pytest.mark.parametrize(
    ("given", "expected"), [({"decimal": ","}, 1.234), ({"decimal": "."}, 1234), ({"thousands": ","}, 1234)]
)
def test_the_mark_that_is_given_settles_it(given: dict[str, str], expected: float, tmp_path: Path) -> None:
    assert read(tmp_path, ["1,234", "5"], **given) == [expected, 5]


def test_a_value_far_down_settles_what_the_first_rows_leave_open(tmp_path: Path) -> None:
    assert sum(read(tmp_path, ["1,234"] * 5000 + ["0,5"])) == pytest.approx(1.234 * 5000 + 0.5)  # type: ignore[arg-type]
    assert sum(read(tmp_path, ["1,234"] * 5000 + ["1,234.5"])) == pytest.approx(1234 * 5001 + 0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(("late", "expected"), [("1.5", 1.5), ("1,234.50", 1234.5), ("1 234,5", 1234.5), ("$7", 7)])
def test_money_without_decimals_at_first_is_still_money(late: str, expected: float, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("c,t,a\n" + "x,2024-01-01,1\n" * 50_000 + f'y,2024-01-01,"{late}"\n')
    ledger = lk.Ledger(path, customer="c", time="t", amount="a")
    assert ledger.revenue == 50_000 + expected


def test_thousands_are_no_decimals_where_the_rest_says_so(tmp_path: Path) -> None:
    """1.234 far down in a column of whole numbers may be either: it is asked, not read as one and a bit."""
    path = tmp_path / "lines.csv"
    path.write_text("c,t,a\n" + "x,2024-01-01,1\n" * 50_000 + "y,2024-01-01,1.234\n")
    with pytest.raises(lk.DataError, match=r"1.234 may be 1234 or 1.234"):
        lk.Ledger(path, customer="c", time="t", amount="a")


@pytest.mark.parametrize(
    "values", [["A1", "A2"], ["1-2", "3-4"], ["10.0.0.1", "10.0.0.2"], ["SKU 1", "SKU 2"], ["1/2", "3/4"]]
)
def test_what_only_looks_like_numbers_stays_text(values: list[str], tmp_path: Path) -> None:
    assert read(tmp_path, values) == values


def test_a_dash_without_its_currency_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path, ["$20.00", "-", "$ -"]) == [20, None, 0]


def test_how_says_what_was_found(tmp_path: Path) -> None:
    assert 'a decimal ",", €' in str(lines(tmp_path, ["1,50 €", "2,00 €"]).how)  # type: ignore[attr-defined]


def test_a_role_that_needs_numbers_says_what_the_column_holds(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("c,t,a\nx,2024-01-01,many\n")
    with pytest.raises(
        lk.DataError, match=r'a: holds text such as "many"; expected numbers; name another column, or give null="many"'
    ):
        lk.Ledger(path, customer="c", time="t", amount="a")


@pytest.mark.parametrize("digits", ["١٢٣", "１２３"])
def test_digits_of_other_scripts_are_no_numbers(digits: str, tmp_path: Path) -> None:
    assert read(tmp_path, [digits]) == [digits]


def test_a_dash_of_any_length_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path, ["5", "-", "\u2013", "\u2014"]) == [5, None, None, None]


def test_a_number_that_a_spreadsheet_has_cut_is_told_from_a_text(tmp_path: Path) -> None:
    values = [*map(str, range(2000)), "1.23E+11"]
    with pytest.raises(lk.DataError, match=r'"1\.23E\+11"; expected a whole number; say that the column holds numbers'):
        read(tmp_path, values)
