"""Segments without a name."""

from __future__ import annotations

import math

import polars as pl
import pytest

import leverkit as lk

FORMULA = lk.profit.Formula.from_expressions({"customers": "visitors * 1", "profit": "customers * margin"})


@pytest.mark.parametrize("order", [[None, "a"], ["a", None]])
def test_a_segment_without_a_name_keeps_its_numbers_in_any_row(order: list[str | None]) -> None:
    before = pl.DataFrame({"segment": ["a", None], "visitors": [10.0, 100.0], "margin": [5.0, 10.0]})
    after = pl.DataFrame(
        {
            "segment": order,
            "visitors": [120.0 if name is None else 10.0 for name in order],
            "margin": [10.0 if name is None else 5.0 for name in order],
        }
    )
    found = FORMULA.attribute_segments(before, after, segment="segment", size="customers").segments
    row = found.filter(pl.col("segment").is_null()).row(0, named=True)
    assert (row["before"], row["after"]) == (1000.0, 1200.0)


def test_a_whole_number_for_a_segment_without_a_name_stays_null() -> None:
    before = pl.DataFrame({"segment": [1, None], "visitors": [10.0, 20.0], "margin": [5.0, 5.0]})
    found = FORMULA.attribute_segments(before, before.reverse(), segment="segment", size="customers").segments
    assert found["segment"].to_list() == [1, None]


def test_of_a_change_that_is_nearly_nothing_a_share_is_no_number() -> None:
    before = {"leads": 1000.0, "conversion": 0.1, "price": 5e-324, "quantity": 2.0}
    after = {"leads": 1100.0, "conversion": 0.12, "price": 48.0, "quantity": 0.0}
    table = lk.profit.Formula.minimal().attribute(before, after).table
    assert all(share is None or math.isfinite(share) for share in table["share"].to_list())
