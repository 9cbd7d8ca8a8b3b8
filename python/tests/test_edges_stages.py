"""Stage funnels at their edges: windows and values as they come from other packages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

import leverkit as lk

START = dt.date(2024, 1, 1)


def log(rows: list[tuple[int, int, str]], **more: list[Any]) -> pl.DataFrame:
    """Entity, day of January from 1 on, event."""
    frame = pl.DataFrame(rows, schema=["who", "day", "what"], orient="row")
    columns = [pl.Series(name, values) for name, values in more.items()]
    return frame.select("who", "what", *columns, at=pl.lit(START) + pl.duration(days=pl.col("day") - 1))


def funnel(frame: pl.DataFrame, stages: Any, **asked: Any) -> lk.funnel.StageFunnel:
    return lk.funnel.stages(frame, entity="who", time="at", stage="what", stages=stages, **asked)


def test_windows_are_numbers_of_numpy_too_and_values_of_rules_are_flags() -> None:
    rows = [(1, 1, "see"), (1, 3, "buy"), (2, 1, "see"), (2, 9, "buy")]
    for days in (np.int64(5), np.float64(5), np.int32(5), 5, 5.0):
        assert funnel(log(rows), ["see", "buy"], window=days).table["reached"].to_list() == [2, 1]
    flagged = log(rows, f=[True, True, False, True])
    for flag in (True, np.True_):
        stages = [{"name": "seen", "events": ["see"], "where": {"f": flag}}, "buy"]
        assert funnel(flagged, stages).table["reached"].to_list() == [1, 1]
