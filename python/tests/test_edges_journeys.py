"""Attribution at its edges: rows of one moment, flags that are none, and touches long ago."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import polars as pl
import pytest

import leverkit as lk

DAY = dt.date(2024, 1, 1)
ROWS = [("ads", 0), ("mail", 0), (None, 1)]


def attribution(rows: list[tuple[Any, ...]], **asked: Any) -> lk.funnel.Attribution:
    frame = pl.DataFrame(
        rows, schema={"who": pl.Int64, "at": pl.Date, "by": pl.String, "bought": pl.Int64}, orient="row"
    )
    return lk.funnel.attribution(frame, entity="who", time="at", channel="by", conversion="bought", **asked)


def of_one_day(order: tuple[int, ...]) -> list[tuple[Any, ...]]:
    return [(who, DAY, *ROWS[place]) for who in range(20) for place in order]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("method", ["first", "last", "linear", "position", "time_decay", "markov", "shapley"])
def test_the_order_of_rows_of_one_day_does_not_matter(order: tuple[int, ...], method: str) -> None:
    found = attribution(of_one_day(order), method=method)
    assert dict(found.table.select("channel", "conversions").rows()) == pytest.approx({"ads": 10.0, "mail": 10.0})


def test_ties_are_told_with_the_entities_and_the_interval_between_the_rules() -> None:
    found = attribution(of_one_day((0, 2, 1)), method="last")
    assert any(note.startswith("Ties matter: 20 entities") for note in found.notes)
    ads = found.table.filter(channel="ads").row(0, named=True)
    assert (ads["ties_lower"], ads["ties_upper"]) == (0.0, 20.0)
    strict = attribution(of_one_day((0, 2, 1)), method="last", ties="strict").table
    assert strict.filter(pl.col("channel").is_null())["conversions"].to_list() == [20.0]


def test_the_rows_of_a_day_stand_as_they_came_in_where_that_is_asked() -> None:
    table = attribution(of_one_day((0, 2, 1)), method="last", ties="input").table
    assert table.filter(channel="ads")["conversions"].to_list() == [20.0]


def test_without_ties_there_is_no_note() -> None:
    found = attribution([(1, DAY, "ads", 0), (1, DAY + dt.timedelta(days=1), None, 1)])
    assert not any("Ties" in note for note in found.notes)
    assert found.table["ties_lower"].to_list() == found.table["conversions"].to_list() == [1.0]


def test_a_flag_of_two_is_an_error() -> None:
    with pytest.raises(lk.DataError, match='row 1 of column "bought" holds 2; expected a flag'):
        attribution([(1, DAY, "ads", 0), (1, DAY, None, 2)])


def test_touches_before_the_window_are_owed_nothing() -> None:
    rows = [(1, DAY, "ads", 0), (1, DAY + dt.timedelta(days=40), "mail", 0), (1, DAY + dt.timedelta(days=41), None, 1)]
    assert attribution(rows, method="linear").table.filter(channel="ads")["conversions"].to_list() == [0.5]
    found = attribution(rows, method="linear", window="30d")
    assert dict(found.table.select("channel", "conversions").rows()) == {"mail": 1.0, "ads": 0.0}
    assert any("1 touches lay longer before their conversion than the window" in note for note in found.notes)


def test_a_journey_says_whose_path_the_order_of_rows_decides() -> None:
    day = dt.date(2024, 1, 1)
    events = pl.DataFrame({"who": [1, 1, 2, 2], "what": ["see", "buy", "see", "see"], "at": [day] * 4})
    found = lk.funnel.journey(events, entity="who", event="what", time="at")
    assert "1 of 2 entities have different events at the same moment" in " ".join(found.notes)
    apart = events.with_columns(at=pl.lit(day) + pl.duration(days=pl.int_range(pl.len())))
    assert not lk.funnel.journey(apart, entity="who", event="what", time="at").notes
