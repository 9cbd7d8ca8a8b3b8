"""The quantity funnel at its edges: nothing comes through, dates go back, levels are blank."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import leverkit as lk

LEVELS = ["recommended", "agreed", "performed"]


def test_parts_of_the_change_add_up_where_nothing_comes_through() -> None:
    plans = pl.DataFrame({"who": [1, 2], "recommended": [10, 5], "agreed": [6, 3], "performed": [0, 0]})
    parts = lk.funnel.quantities(plans, entity="who", levels=LEVELS, value=100.0).table["contribution"].to_list()
    assert parts[1:] == [0.0, -1500.0]
    assert str(parts[1]) == "0.0"


def test_dates_that_go_back_are_counted_and_in_no_median() -> None:
    day = [dt.date(2024, 1, number) for number in range(1, 32)]
    items = pl.DataFrame(
        {
            "who": [1, 2, 3],
            "recommended": [day[0], day[0], day[20]],
            "agreed": [day[4], day[6], day[0]],
            "performed": [None] * 3,
        }
    )
    items = items.with_columns(pl.col("performed").cast(pl.Date))
    found = lk.funnel.quantities(items, entity="who", levels=LEVELS)
    assert found.table["median_days"].to_list()[1] == 5.0
    assert any(note.startswith("1 item has agreed before recommended") for note in found.notes)


def test_a_blank_level_says_what_to_do() -> None:
    plans = pl.DataFrame({"who": [1, 2], "recommended": [10, 5], "agreed": [6, None], "performed": [1, 0]})
    notes = lk.funnel.quantities(plans, entity="who", levels=LEVELS).notes
    assert any("Where blank means none, fill it with 0." in note for note in notes)


def test_limits_of_a_ratio_above_one_stay_above_zero() -> None:
    plans = pl.DataFrame({"patient": ["a", "b", "c"], "asked": [4, 5, 1], "done": [6, 9, 9]})
    row = lk.funnel.quantities(plans, entity="patient", levels=["asked", "done"]).table.row(1, named=True)
    assert row["conversion"] == 2.4
    assert 0 < row["lower"] < 2.4 < row["upper"]
    # As far on both sides of the logarithm.
    assert row["upper"] / 2.4 == pytest.approx(2.4 / row["lower"])


def test_a_group_above_one_is_not_certain() -> None:
    plans = pl.DataFrame(
        {"who": [1, 2, 3, 4], "asked": [2, 2, 2, 2], "done": [5, 5, 0, 1], "doctor": ["a", "a", "b", "b"]}
    )
    found = lk.funnel.quantities(plans, entity="who", levels=["asked", "done"], by="doctor")
    a, _ = found.groups.iter_rows(named=True)
    assert a["conversion"] == 2.5
    assert a["lower"] is None and a["shrunk_lower"] is None, (
        "all groups together are above 1 too: nothing tells the spread"
    )
