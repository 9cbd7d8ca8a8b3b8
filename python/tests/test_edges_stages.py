"""Stage funnels at their edges: events of one moment, stages that share events, windows that are not over."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import numpy as np
import polars as pl
import pytest

import leverkit as lk

START = dt.date(2024, 1, 1)


def log(rows: list[tuple[int, int, str]], **more: list[Any]) -> pl.DataFrame:
    """Entity, day of January from 1 on, event."""
    frame = pl.DataFrame(rows, schema=["who", "day", "what"], orient="row")
    return frame.select(
        "who",
        "what",
        *(pl.Series(name, values) for name, values in more.items()),
        at=pl.lit(START) + pl.duration(days=pl.col("day") - 1),
    )


def funnel(frame: pl.DataFrame, stages: Any, **asked: Any) -> lk.funnel.StageFunnel:
    return lk.funnel.stages(frame, entity="who", time="at", stage="what", stages=stages, **asked)


TIED = [(1, 1, "a"), (1, 2, "b"), (1, 2, "c"), (1, 3, "b"), (1, 3, "c"), (1, 4, "b")]


@pytest.mark.parametrize("ties", ["input", "lenient", "strict"])
def test_strict_increase_finds_a_stage_each_on_a_later_day(ties: str) -> None:
    assert funnel(log(TIED), ["a", "b", "c"], mode="strict_increase", ties=ties).table["reached"].to_list() == [1, 1, 1]


def test_the_older_rule_looks_at_the_latest_event_alone() -> None:
    found = funnel(log(TIED), ["a", "b", "c"], mode="strict_increase_latest")
    assert found.table["reached"].to_list() == [1, 1, 0]


def test_a_second_beginning_of_the_same_day_does_not_hide_the_first() -> None:
    rows = [(1, 1, "a"), (1, 2, "a"), (1, 2, "b")]
    assert funnel(log(rows), ["a", "b"], mode="strict_increase").table["reached"].to_list() == [1, 1]


def test_one_event_for_two_stages_is_said_and_is_no_tie() -> None:
    rows = [(1, 1, "a"), (2, 1, "a"), (2, 2, "a")]
    found = funnel(log(rows), ["a", "a"])
    assert found.table["reached"].to_list() == [2, 2]
    assert any("one event counts for both" in note for note in found.notes)
    assert not any("Ties" in note for note in found.notes)
    once = funnel(log(rows), ["a", "a"], mode="strict_once")
    assert once.table["reached"].to_list() == [2, 1]
    assert not any("counts for both" in note for note in once.notes)


def test_an_exclusion_that_is_a_stage_is_refused() -> None:
    rows = [(1, 1, "a"), (1, 2, "b"), (1, 3, "c")]
    with pytest.raises(lk.ParameterError, match='which is the stage "b" too'):
        funnel(log(rows), ["a", "b", "c"], exclude="b")
    again = {"event": "a", "after": "b", "before": "c"}
    assert funnel(log(rows), ["a", "b", "c"], exclude=again).table["reached"].to_list() == [1, 1, 1]


def test_windows_that_are_not_over_are_told_with_the_share_among_the_others() -> None:
    over = [(who, 1, "see") for who in range(10)] + [(who, 5, "buy") for who in range(8)]
    open_ones = [(who, 40, "see") for who in range(10, 20)]
    found = funnel(log([*over, *open_ones, (0, 45, "leave")]), ["see", "buy"], window="30d")
    assert found.table["from_first"][1] == 0.4
    note = next(note for note in found.notes if "too late" in note)
    assert note == (
        "10 of 20 entities began too late to be followed for 30 days when the log ended: "
        "of the 10 whose window is over 80.0 % reached the last stage, of all 40.0 %."
    )
    assert not any(
        "too late" in note for note in funnel(log([*over, (0, 45, "leave")]), ["see", "buy"], window="30d").notes
    )


def test_windows_are_numbers_of_numpy_too_and_values_of_rules_are_flags() -> None:
    rows = [(1, 1, "see"), (1, 3, "buy"), (2, 1, "see"), (2, 9, "buy")]
    for days in (np.int64(5), np.float64(5), np.int32(5), 5, 5.0):
        assert funnel(log(rows), ["see", "buy"], window=days).table["reached"].to_list() == [2, 1]
    flagged = log(rows, f=[True, True, False, True])
    for flag in (True, np.True_):
        stages = [{"name": "seen", "events": ["see"], "where": {"f": flag}}, "buy"]
        assert funnel(flagged, stages).table["reached"].to_list() == [1, 1]


def test_many_events_of_one_moment_take_no_square_of_them() -> None:
    n = 60_000
    tied = pl.DataFrame({"who": [1] * n, "what": ["a"] * (n // 2) + ["b"] * (n // 2), "at": [START] * n})
    frame = pl.concat([tied, pl.DataFrame({"who": [2], "what": ["c"], "at": [START]})])
    begin = time.perf_counter()
    found = funnel(frame, [["a", "b"], ["a", "b"], "c"], mode="strict_once", ties="lenient")
    assert found.table["reached"].to_list() == [1, 1, 0]
    assert time.perf_counter() - begin < 10
