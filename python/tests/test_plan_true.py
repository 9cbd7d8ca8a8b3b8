"""The plan is true: small planted companies, with and without levers. The judge of many more is `make long`."""

import pytest
from benches.plan_judge import judge, setting
from benches.plan_tables import finding, is_inside, planted

MOST_CUSTOMERS = 900


def judged(odd, n):
    """The first companies of few customers."""
    numbers = (number for number in range(odd, 1_000, 2) if setting(number)["customers"] <= MOST_CUSTOMERS)
    return [judge(next(numbers)) for _ in range(n)]


@pytest.fixture(scope="module")
def without_levers():
    return judged(0, 24)


@pytest.fixture(scope="module")
def with_levers():
    return judged(1, 24)


def test_where_no_lever_is_planted_the_plan_is_sure_of_none(without_levers):
    sure = [row["joint"][1] > 0 for row in without_levers]
    assert sum(sure) <= 0.05 * len(sure)


def test_where_no_lever_is_planted_the_headline_is_no_money(without_levers):
    shares = [row["joint"][0] / row["profit"] for row in without_levers]
    assert sum(shares) / len(shares) <= 0.005


def test_money_a_year_is_that_of_the_last_year(without_levers, with_levers):
    assert all(row["a_year"] == pytest.approx(row["profit"], rel=0.01) for row in [*without_levers, *with_levers])


def test_the_limits_hold_what_planted_levers_are_worth(with_levers):
    named = [(row, lever) for row in with_levers for lever in planted(row) if finding(row, lever) is not None]
    assert len(named) > 15
    assert sum(is_inside(row, lever) for row, lever in named) >= 0.8 * len(named)
