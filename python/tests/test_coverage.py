"""Intervals hold the truth as often as they say, also those of small samples: a short run of `benches.coverage`, whose table is in docs/concepts/uncertainty.md."""

from __future__ import annotations

import math
import re

import pytest
from benches.coverage import CASES, PAGE, SIZES, Count, measure, table

#: Wide enough for 150 samples: with a coverage of 95 % one of 3,000 runs lies outside.
LEAST, SAMPLES = 0.89, 150


@pytest.mark.parametrize("n", (10, 40))
@pytest.mark.parametrize(
    "name", ["ladder", "limit_day", "elasticity", "quantities", "reverse", "forward", "band", "index", "lift_table"]
)
def test_small_samples_hold_the_truth(name: str, n: int) -> None:
    found = measure(name, n, SAMPLES)
    assert found.given > SAMPLES / 2
    assert found.share >= LEAST


def test_no_limits_are_given_where_few_customers_cannot_carry_them() -> None:
    assert measure("norms", 40, 20).given == 0
    assert measure("predictions", 300, 5).given == 0


def test_an_interval_without_limits_is_not_given() -> None:
    count = Count()
    for told in ((1.0, 0.5, 1.5), (1.0, 1.1, 1.5), (1.0, None, 1.5), (1.0, math.nan, 1.5), None):
        count.add(told)
    assert (count.held, count.missed, count.none, count.share) == (1, 1, 3, 0.5)
    found = {("ladder", 10): count, ("ladder", 40): Count(held=3, missed=1), ("ladder", 300): Count(none=5)}
    assert table(found).splitlines()[-1].endswith("| 50.0 % (40 % given) | 75.0 % | not given |")


def test_the_page_has_a_line_for_each_interval() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `.*$", page.split("coverage: begin")[1], re.MULTILINE)
    assert len(rows) == len(CASES)
    assert all(row.count("|") == len(SIZES) + 2 for row in rows)
