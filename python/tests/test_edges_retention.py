"""Where rounding decided scores and limit days."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import leverkit as lk

START = dt.date(2024, 1, 1)


def ledger(orders: list[tuple[int, int, float]]) -> lk.Ledger:
    rows = [(who, START + dt.timedelta(days=day), paid) for who, day, paid in orders]
    return lk.Ledger(
        pl.DataFrame(rows, schema=["who", "day", "paid"], orient="row"), customer="who", time="day", amount="paid"
    )


@pytest.mark.parametrize(("back", "all_of_them"), [(1, 10), (2, 20), (3, 30), (1, 5)])
def test_a_chance_of_exactly_p_is_not_under_it(back: int, all_of_them: int) -> None:
    """Some return on day 50, just before the data end, and the others are silent for longer."""
    orders = [(who, day, 1.0) for who in range(back) for day in (350, 400)]
    orders += [(who, 0, 1.0) for who in range(back, all_of_them)]
    found = lk.rfm.limit_day(ledger(orders), p=back / all_of_them, horizon=90)
    assert found.limits["limit_day"].to_list() == [50]


def test_customers_who_spent_the_same_in_another_order_have_the_same_score() -> None:
    prices = [0.1, 0.2, 0.3]
    orders = [(1, day, paid) for day, paid in enumerate(prices)] + [
        (2, day, paid) for day, paid in enumerate(prices[::-1])
    ]
    orders += [(who, day, float(who)) for who in range(3, 12) for day in range(3)]
    for method in ("quantile", "equal_width", "nested"):
        scores = lk.rfm.score(ledger(orders), method=method).customers.filter(pl.col("customer") <= 2)
        assert scores["m"].n_unique() == 1, method


def test_ten_orders_of_ten_tenths_reach_a_threshold_of_a_hundred_and_one() -> None:
    orders = [(1, day, 10.1) for day in range(10)] + [(2, 0, 5.0)]
    limits = {"recency": [10], "frequency": [2], "monetary": [101.0]}
    found = lk.rfm.score(ledger(orders), method="thresholds", thresholds=limits, bins=2).customers
    assert found.filter(customer=1)["m"].to_list() == [2]


def test_a_call_list_beyond_the_ledger_takes_no_unseen_day_for_a_silent_one() -> None:
    lines = pl.DataFrame(
        {
            "client": [1, 1, 1, 2, 3, 4],
            "date": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-03", "2024-03-01"],
            "paid": [1, 1, 1, 1, 1, 1],
        }
    )
    ledger = lk.Ledger(lines, customer="client", time="date", amount="paid")
    soon, later = (lk.rfm.triggers(ledger, start=start, end="2024-06-30", horizon=20) for start in (None, "2024-06-01"))
    limits = {row["customer"]: row["limit_date"] for row in soon.table.iter_rows(named=True)}
    for row in later.table.iter_rows(named=True):
        assert row["limit_date"] == limits[row["customer"]], "what is known of gaps is the same"
        assert str(row["date"]) >= "2024-06-01"
    assert any("days before the list begins" in note for note in later.notes)
    assert not any("days before the list begins" in note for note in soon.notes)
