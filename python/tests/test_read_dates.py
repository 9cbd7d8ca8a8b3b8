"""Dates as people write them: one format a column, settled by its values, or asked with both readings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import leverkit as lk


def file(folder: Path, values: list[str]) -> Path:
    path = folder / "dates.csv"
    path.write_text("c,t,a\n" + "".join(f'x,"{value}",1\n' for value in values), encoding="utf-8")
    return path


def read(folder: Path, values: list[str], **given: object) -> list[object]:
    return lk.read(file(folder, values), columns={"t": "time"}, **given).collect()["t"].to_list()  # type: ignore[arg-type]


D = dt.date
T = dt.datetime


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-01-05", "2024-12-25"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["2024-1-5", "2024-12-25"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["2024/01/05", "2024/12/25"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["20240105", "20241225"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["05.01.2024", "25.12.2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["01/05/2024", "12/25/2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["5/1/2024", "25/12/2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["1-5-2024", "12-25-2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["05.01.24", "25.12.24"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["12/25/24", "1/5/24"], [D(2024, 12, 25), D(2024, 1, 5)]),
        (["2024-01", "2024-12"], [D(2024, 1, 1), D(2024, 12, 1)]),
        (["01.2024", "12.2024"], [D(2024, 1, 1), D(2024, 12, 1)]),
        (["5 January 2024", "25 December 2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["Jan 5, 2024", "Dec 25, 2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["05-Jan-2024", "25-DEC-2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["05-Jan-24", "25-Dec-24"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["Fri, 5 Jan 2024", "Wed, 25 Dec 2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["5 января 2024 г.", "25 декабря 2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["05 янв. 2024", "25 дек 2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["5. 1. 2024", "25. 12. 2024"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["2024. 01. 05.", "2024. 12. 25."], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["2024.01.05. 9:05", "2024.12.25. 19:45"], [T(2024, 1, 5, 9, 5), T(2024, 12, 25, 19, 45)]),
        (["05.01.2024 9.05", "25.12.2024 19.45"], [T(2024, 1, 5, 9, 5), T(2024, 12, 25, 19, 45)]),
        (["5.1.2024 9.05.01", "25.12.2024 19.45.02"], [T(2024, 1, 5, 9, 5, 1), T(2024, 12, 25, 19, 45, 2)]),
        (["1/5/2024, 9:05:00 AM", "12/25/2024, 7:45:00 PM"], [T(2024, 1, 5, 9, 5), T(2024, 12, 25, 19, 45)]),
        (["20240105090501", "20241225194502"], [T(2024, 1, 5, 9, 5, 1), T(2024, 12, 25, 19, 45, 2)]),
        (["2024-01-04 24:00:00", "2024-12-25 19:45:02"], [T(2024, 1, 5), T(2024, 12, 25, 19, 45, 2)]),
        (["04.01.2024 24:00", "25.12.2024 19:45"], [T(2024, 1, 5), T(2024, 12, 25, 19, 45)]),
        (["  2024-01-05 ", " 2024-12-25"], [D(2024, 1, 5), D(2024, 12, 25)]),
        (["05.01.2024", "00.00.0000", "25.12.2024"], [D(2024, 1, 5), None, D(2024, 12, 25)]),
        (["25.01.2024 9:05:00", "01.01.0001 0:00:00"], [T(2024, 1, 25, 9, 5), None]),
        (["2024-01-05 09:05:00", "0000-00-00 00:00:00"], [T(2024, 1, 5, 9, 5), None]),
        (["45296", "45651"], [T(2024, 1, 5), T(2024, 12, 25)]),
        (["45296.5", "45651.75"], [T(2024, 1, 5, 12), T(2024, 12, 25, 18)]),
        (["05.01.2024 9:05", "25.12.2024 19:45"], [T(2024, 1, 5, 9, 5), T(2024, 12, 25, 19, 45)]),
        (["1/5/2024 9:05 AM", "12/25/2024 7:45 PM"], [T(2024, 1, 5, 9, 5), T(2024, 12, 25, 19, 45)]),
        (["1/5/2024 12:00:01am", "12/25/2024 12:00:01pm"], [T(2024, 1, 5, 0, 0, 1), T(2024, 12, 25, 12, 0, 1)]),
        (
            ["2024-01-05 09:05:01", "2024-12-25T19:45:02.5"],
            [T(2024, 1, 5, 9, 5, 1), T(2024, 12, 25, 19, 45, 2, 500000)],
        ),
        (["2024-01-05", "2024-12-25 19:45"], [T(2024, 1, 5), T(2024, 12, 25, 19, 45)]),
        (["5 января 2024 в 10:15", "25 декабря 2024 в 9:05"], [T(2024, 1, 5, 10, 15), T(2024, 12, 25, 9, 5)]),
    ],
)
def test_dates_are_read_as_they_are_meant(values: list[str], expected: list[object], tmp_path: Path) -> None:
    assert read(tmp_path, values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-01-05 09:59:00 +0200"], "2024-01-05 07:59"),
        (["2024-01-05T09:59:00+02:00"], "2024-01-05 07:59"),
        (["2024-01-05T09:59:00Z"], "2024-01-05 09:59"),
        (["2024-01-05 09:59:00.123456+02"], "2024-01-05 07:59"),
        (["2024-01-05 09:59:00 UTC"], "2024-01-05 09:59"),
        (["05.01.2024 09:59 +0300", "25.01.2024 09:59 +0300"], "2024-01-05 06:59"),
        (["1704448740"], "2024-01-05 09:59"),
        (["1704448740000"], "2024-01-05 09:59"),
        (["1704448740123456"], "2024-01-05 09:59"),
    ],
)
def test_instants_are_instants(values: list[str], expected: str, tmp_path: Path) -> None:
    first = read(tmp_path, values)[0]
    assert isinstance(first, dt.datetime)
    assert first.astimezone(dt.timezone.utc).strftime("%Y-%m-%d %H:%M") == expected


def test_the_day_of_an_instant_is_that_of_the_zone_asked_for(tmp_path: Path) -> None:
    path = file(tmp_path, ["2024-01-05 23:30:00 -0500"])
    roles = {"customer": "c", "time": "t", "amount": "a"}
    assert lk.Ledger(path, **roles).start == D(2024, 1, 6)
    assert lk.Ledger(path, **roles, time_zone="America/New_York").start == D(2024, 1, 5)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (["03/04/2024"], '03/04/2024 may be 3 April or 4 March: give dates="%d/%m/%Y" or "%m/%d/%Y"'),
        (["05/05/2024", "3/4/2023"], '3/4/2023 may be 3 April or 4 March: give dates="%d/%m/%Y" or "%m/%d/%Y"'),
        (["12-05-2023", "12-11-2023"], '12-05-2023 may be 12 May or 5 December: give dates="%d-%m-%Y" or "%m-%d-%Y"'),
        (["03.04.2024"], '03.04.2024 may be 3 April or 4 March: give dates="%d.%m.%Y" or "%m.%d.%Y"'),
        (["03/04/2024 10:15"], 'give dates="%d/%m/%Y %H:%M" or "%m/%d/%Y %H:%M"'),
        (["03/04/05"], "03/04/05 may be 3 April 2005 or 4 March 2005 or 5 April 2003: give dates="),
        (
            ["2024-01-05 10:00:00", "2024-01-05T10:00:00Z"],
            "local times (2024-01-05 10:00:00) and instants with an offset",
        ),
        (["soon"], 'holds text such as "soon"; expected dates'),
    ],
)
def test_what_fits_two_readings_is_asked_with_both(values: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(lk.DataError) as caught:
        read(tmp_path, values)
    assert says in str(caught.value)


def test_the_same_day_in_both_readings_is_no_question(tmp_path: Path) -> None:
    assert read(tmp_path, ["05/05/2024", "07/07/2024"]) == [D(2024, 5, 5), D(2024, 7, 7)]


def test_a_value_above_12_far_down_settles_the_whole_column(tmp_path: Path) -> None:
    found = read(tmp_path, ["03/04/2024"] * 5000 + ["12/25/2024"] + ["05/06/2024"] * 5000)
    assert set(found) == {D(2024, 3, 4), D(2024, 12, 25), D(2024, 5, 6)}


def test_what_was_settled_is_said_with_the_value_that_did(tmp_path: Path) -> None:
    how = str(lk.read(file(tmp_path, ["01/02/2024", "12/25/2024"])).how)
    assert 't month first "%m/%d/%Y": 12/25/2024' in how


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("%d/%m/%Y", D(2024, 4, 3)),
        ("%m/%d/%Y", D(2024, 3, 4)),
        ({"t": "%m/%d/%Y"}, D(2024, 3, 4)),
    ],
)
def test_a_format_that_is_given_settles_it(given: object, expected: object, tmp_path: Path) -> None:
    assert read(tmp_path, ["03/04/2024"], dates=given) == [expected]


def test_the_clock_need_not_be_given(tmp_path: Path) -> None:
    assert read(tmp_path, ["03/04/2024 9:15"], dates="%d/%m/%Y") == [T(2024, 4, 3, 9, 15)]
    assert read(tmp_path, ["03/04/2024 9:15"], dates="%d/%m/%Y %H:%M") == [T(2024, 4, 3, 9, 15)]


def test_a_format_with_names_of_months_is_taken(tmp_path: Path) -> None:
    assert read(tmp_path, ["3 апреля 2024"], dates="%d %B %Y") == [D(2024, 4, 3)]
    assert read(tmp_path, ["03-Apr-2024"], dates="%d-%b-%Y") == [D(2024, 4, 3)]


def test_a_format_that_does_not_fit_names_the_row(tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=r't: row 1 of dates.csv holds "2024-04-03"; expected a date as .*%d/%m/%Y'):
        read(tmp_path, ["03/04/2024", "2024-04-03"], dates="%d/%m/%Y")


@pytest.mark.parametrize("column", ["date+clock", "clock"])
def test_a_day_and_a_clock_in_two_columns_are_one_time(column: str, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("c,date,clock,a\nx,25.12.2024,10:15,1\nx,26.12.2024,9:05:30,2\nx,27.12.2024,,3\n")
    found = lk.read(path, columns={column: "time"}).collect()[column].to_list()
    assert found[:2] == [T(2024, 12, 25, 10, 15), T(2024, 12, 26, 9, 5, 30)]


def test_clocks_alone_are_no_times(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("c,clock,a\nx,10:15,1\nx,9:05,2\n")
    with pytest.raises(
        lk.DataError, match=r"clock: holds text such as \"10:15\"; expected dates; name the column of the day too"
    ):
        lk.Ledger(path, customer="c", time="clock", amount="a")


def test_whole_numbers_are_dates_only_where_a_time_is_needed(tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, ["45296", "45297"])).collect()["t"].to_list() == [45296, 45297]


# -- Tables from Python ------------------------------------------------------------------------------------------------

ROLES = {"customer": "c", "time": "t", "amount": "a"}


def lines(*days: str) -> pl.DataFrame:
    return pl.DataFrame({"c": ["x"] * len(days), "t": list(days), "a": [1.0] * len(days)})


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "pyarrow"])
def test_text_of_a_time_is_iso_or_asked_for(kind: str) -> None:
    frame = lines("12/25/2024", "12/26/2024", "12/27/2024")
    made = {"polars": frame, "lazy": frame.lazy(), "pandas": frame.to_pandas(), "pyarrow": frame.to_arrow()}[kind]
    says = "time: column \"t\": 3 of 3 rows could not be read, first '12/25/2024'; expected ISO 8601 or time_format="
    with pytest.raises(lk.DataError) as caught:
        lk.Ledger(made, **ROLES)
    assert says in str(caught.value)
    ledger = lk.Ledger(made, **ROLES, time_format="%m/%d/%Y")
    assert (ledger.start, ledger.end) == (D(2024, 12, 25), D(2024, 12, 27))


def test_a_row_that_a_format_does_not_read_is_set_aside_with_its_text() -> None:
    ledger = lk.Ledger(lines("31.12.2024", "soon"), **ROLES, time_format="%d.%m.%Y")
    assert (ledger.n_lines, ledger.rejected["value"].to_list()) == (1, ["soon"])


def test_events_follow_the_rule() -> None:
    events = pl.DataFrame(
        {"c": [1, 1, 2, 2], "t": ["03/04/2024", "04/05/2024", "03/04/2024", "03/05/2024"], "e": list("ABAB")}
    )
    asked = {"entity": "c", "time": "t", "stage": "e", "stages": ["A", "B"], "window": "20d"}
    with pytest.raises(
        lk.DataError, match=r'03/04/2024 may be 3 April or 4 March: give time_format="%d/%m/%Y" or "%m/%d/%Y"'
    ):
        lk.funnel.stages(events, **asked)
    assert lk.funnel.stages(events, **asked, time_format="%m/%d/%Y").table["reached"].to_list() == [2, 1]
    settled = events.with_columns(t=pl.Series(["03/14/2024", "04/15/2024", "03/14/2024", "03/15/2024"]))
    found = lk.funnel.stages(settled, **asked)
    assert found.table["reached"].to_list() == [2, 1]
    assert 't: read month first "%m/%d/%Y": 03/14/2024.' in found.notes
    with pytest.raises(lk.DataError, match=r"may be 3 April or 4 March"):
        lk.funnel.journey(events, entity="c", time="t", event="e")


def test_levels_follow_the_rule() -> None:
    plans = {"p": [1, 2, 3, 4], "rec": ["2024-01-01"] * 4, "agr": ["03/01/2024", "04/01/2024", "05/01/2024", None]}
    asked = {"entity": "p", "levels": ["rec", "agr"]}
    with pytest.raises(lk.DataError, match=r"agr: row 0: 03/01/2024 may be 3 January or 1 March: give time_format="):
        lk.funnel.quantities(plans, **asked)
    american = plans | {"rec": ["01/01/2024"] * 4}
    assert lk.funnel.quantities(american, **asked, time_format="%m/%d/%Y").table["quantity"].to_list() == [4.0, 3.0]
    settled = plans | {"agr": ["31.01.2024", "04.01.2024", "05.01.2024", None]}
    assert lk.funnel.quantities(settled, **asked).table["quantity"].to_list() == [4.0, 3.0]
    with pytest.raises(lk.DataError, match=r'agr: row 1 holds "later"; expected a date'):
        lk.funnel.quantities(plans | {"agr": ["2024-01-03", "later", None, None]}, **asked)


def test_levels_of_text_may_be_numbers_or_empty() -> None:
    counts = {"p": [1, 2], "rec": ["12", "8"], "agr": ["9", "6"]}
    assert lk.funnel.quantities(counts, entity="p", levels=["rec", "agr"]).table["quantity"].to_list() == [20.0, 15.0]
    never = pl.DataFrame(
        {"p": [1, 2], "rec": ["2024-01-01", "2024-01-02"], "agr": [None, None]}, schema_overrides={"agr": pl.String}
    )
    assert lk.funnel.quantities(never, entity="p", levels=["rec", "agr"]).table["quantity"].to_list() == [2.0, 0.0]


def test_books_follow_the_rule(tmp_path: Path) -> None:
    days = [D(2024, month, day) for month in (1, 2, 3) for day in (1, 28)]
    orders = lk.Ledger(pl.DataFrame({"c": list("abcabc"), "t": days, "a": [10.0] * 6}), **ROLES)

    def reach(dates: list[str]) -> list[float]:
        spend = pl.DataFrame({"date": dates, "amount": [5.0] * 3, "contacts": [1000] * 3})
        found = lk.profit.measure(orders, spend=spend, limit_day=30, replicates=10)
        return found.values.filter(pl.col("parameter") == "reach")["value"].to_list()

    assert reach(["2024-01-01", "2024-02-01", "2024-03-01"]) == [1000, 1000, 1000]
    with pytest.raises(lk.DataError, match=r"spend: date: row 1: 02/01/2024 may be 2 January or 1 February"):
        reach(["01/01/2024", "02/01/2024", "03/01/2024"])
    assert reach(["01/31/2024", "02/01/2024", "03/01/2024"]) == [1000, 1000, 1000]


def test_a_format_without_a_year_is_none() -> None:
    with pytest.raises(lk.ParameterError, match=r"time_format: got '%d'; expected a format such as"):
        lk.Ledger(lines("31.12.2024"), **ROLES, time_format="%d")


@pytest.mark.parametrize(("hours", "day"), [(-5, D(2024, 1, 1)), (5.5, D(2024, 1, 1))])
def test_fixed_offsets_of_pandas_are_zones_of_their_own(hours: float, day: dt.date) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    frame = pd.DataFrame({"c": ["x"], "t": pd.to_datetime(["2024-01-01 23:30"]).tz_localize(zone), "a": [1.0]})
    assert lk.Ledger(frame, **ROLES).start == day
    assert lk.Ledger(frame, **ROLES, time_zone="Pacific/Auckland").start == D(2024, 1, 2)


def test_numbers_and_text_of_one_column_of_pandas_are_text() -> None:
    frame = pd.DataFrame(
        {"c": ["x", "x"], "t": ["2024-01-01"] * 2, "a": [1.0, 2.0], "o": [536365, "C536379"], "n": [1, "z"]}
    )
    ledger = lk.Ledger(frame, **ROLES, order="o")
    assert (ledger.n_orders, sorted(ledger.to_frame()["o"])) == (2, ["536365", "C536379"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["5. Januar 2024", "6. März 2024", "7. Dez. 2024", "8. Mrz 2024"], [(1, 5), (3, 6), (12, 7), (3, 8)]),
        (["Mo, 5. Februar 2024", "Di, 6. Feb. 2024"], [(2, 5), (2, 6)]),
        (["1er janvier 2024", "6 févr. 2024", "14 août 2024"], [(1, 1), (2, 6), (8, 14)]),
        (["5 de enero de 2024", "6 sept 2024"], [(1, 5), (9, 6)]),
        (["5-ene-24", "7-dic-24"], [(1, 5), (12, 7)]),
        (["5 gennaio 2024", "6 lug 2024"], [(1, 5), (7, 6)]),
        (["5 stycznia 2024", "6 lut 2024", "11 listopada 2024"], [(1, 5), (2, 6), (11, 11)]),
        (["5 de março de 2024"], [(3, 5)]),
        (["2024. január 5.", "2024. dec. 31."], [(1, 5), (12, 31)]),
        (["5 Ocak 2024", "6 Şubat 2024"], [(1, 5), (2, 6)]),
        (["5 січня 2024 р."], [(1, 5)]),
    ],
)
def test_months_have_names_in_many_languages(
    values: list[str], expected: list[tuple[int, int]], tmp_path: Path
) -> None:
    """Names of months are those of Unicode CLDR."""
    assert read(tmp_path, values) == [D(2024, month, day) for month, day in expected]


def test_the_name_of_a_month_is_the_month_wherever_it_stands(tmp_path: Path) -> None:
    """`5 Feb 2024` below `Jan 5, 2024` was read as 2 May."""
    with pytest.raises(lk.DataError, match=r'row 1 of .*"5 Feb 2024".*\(%b %d %Y\); one column has one format'):
        read(tmp_path, ["Jan 5, 2024", "5 Feb 2024"])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            ["13/01/2024", "14/01/2024", "01/14/2024"],
            r"day and month are the other way round there; write all of the dates one way",
        ),
        (["2024-02-28", "2024-02-30"], r"there is no such day; give null="),
        (["2024-01-05", "31.01.2024"], r"one column has one format; write all of its dates one way"),
    ],
)
def test_a_date_that_does_not_fit_is_told_why(values: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=says):
        read(tmp_path, values)


def test_a_fraction_of_a_second_may_have_a_comma(tmp_path: Path) -> None:
    read_ = read(tmp_path, ["2024-01-05 10:00:00,123", "2024-01-05 10:00:00,5"])
    assert [time.microsecond for time in read_] == [123_000, 500_000]  # type: ignore[attr-defined]


@pytest.mark.parametrize("digits", ["٢٠٢٤-٠١-٠٥", "２０２４-０１-０５"])
def test_digits_of_other_scripts_are_text(digits: str, tmp_path: Path) -> None:
    assert lk.read(file(tmp_path, [digits])).collect()["t"].to_list() == [digits]
    with pytest.raises(lk.DataError, match=r"expected dates"):
        read(tmp_path, [digits])


@pytest.mark.parametrize("value", ["2024-01-05 10:00:00 CET", "Jan 5, 2024 11:00:00 PM PST"])
def test_a_zone_by_its_name_is_told_from_an_offset(value: str, tmp_path: Path) -> None:
    with pytest.raises(lk.DataError, match=r"the name of a zone is no offset from UTC; write \+01:00"):
        read(tmp_path, [value])
