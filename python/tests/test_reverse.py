"""The reverse funnel: hand-worked ways back, its promise in simulated months, and what is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, betabinom

import leverkit as lk
from leverkit._lib import numbers

STAGES = [("lead", 5000), ("qualified", 2000), ("order", 400)]


def test_a_thousand_orders_at_eight_in_a_hundred_take_12500_leads() -> None:
    found = lk.funnel.reverse(target=1000, stages=STAGES, confidence=0.9, cost_per_first=3)
    assert found.table["needed"].to_list() == [12_500, 5000, 1000]
    assert found.spend == 37_500
    assert found.first > 12_500
    assert found.confident_spend == 3 * found.first
    assert found.table["confident"][2] == 1000
    assert (
        found._headline()
        == f"For a {numbers.percent(0.9)} chance of 1,000 orders you need {found.first:,} at the first stage, lead"
    )


def test_with_one_step_it_is_the_beta_binomial_of_scipy() -> None:
    for seen, orders, target in ((5000, 400, 1000), (50, 4, 10), (10, 9, 3), (400_000, 32_000, 5000)):
        found = lk.funnel.reverse(target=target, stages=[("lead", seen), ("order", orders)])
        a, b = orders + 0.5, seen - orders + 0.5
        # Quadrature is good to a few hundred-thousandths of a chance.
        assert betabinom.sf(target - 1, found.first, a, b) >= 0.9 - 1e-4
        assert betabinom.sf(target - 1, found.first - max(1, found.first // 2000), a, b) < 0.9
        row = found.table.row(1, named=True)
        assert (row["lower"], row["upper"]) == pytest.approx(beta.interval(0.9, a, b), rel=2e-3)


def test_with_three_steps_it_is_what_simulation_gives() -> None:
    draw = np.random.default_rng(1)
    found = lk.funnel.reverse(target=300, stages=[("a", 900), ("b", 500), ("c", 200), ("d", 50)])
    n = 400_000
    share = draw.beta(500.5, 400.5, n) * draw.beta(200.5, 300.5, n) * draw.beta(50.5, 150.5, n)
    chance = (draw.binomial(found.first, share) >= 300).mean()
    assert chance == pytest.approx(0.9, abs=4 * (0.09 / n) ** 0.5)


def test_nine_in_ten_months_keep_the_promise() -> None:
    draw = np.random.default_rng(2)
    months = 1500
    kept = 0
    for _ in range(months):
        qualified = draw.binomial(1000, 0.4)
        orders = draw.binomial(qualified, 0.2)
        first = lk.funnel.reverse(
            target=100, stages=[("lead", 1000), ("qualified", int(qualified)), ("order", int(orders))]
        ).first
        kept += draw.binomial(first, 0.08) >= 100
    assert 0.875 <= kept / months <= 0.925, "ten thousand months are drawn in the tests of the engine"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10_000), st.lists(st.floats(0.05, 1), min_size=1, max_size=4), st.integers(20, 3000))
def test_forward_undoes_reverse(target: int, shares: list[float], first: int) -> None:
    counts = [first]
    for share in shares:
        counts.append(max(1, int(counts[-1] * share)))
    stages = [(f"s{place}", count) for place, count in enumerate(counts)]
    needed = lk.funnel.reverse(target=target, stages=stages).table["needed"]
    for place, count in enumerate(counts):
        assert needed[place] * counts[-1] / count == pytest.approx(target)
    back = lk.funnel.forward(first=round(needed[0]), stages=stages).table
    assert back["expected"][-1] == pytest.approx(target, abs=0.5 + 1e-9)
    assert (back["lower"] <= back["upper"]).all()


def test_revenue_and_profit_are_targets_too() -> None:
    revenue = lk.funnel.reverse(target=50_000, stages=STAGES, unit="revenue", average_check=50)
    assert revenue.table["needed"].to_list() == [12_500, 5000, 1000]
    profit = lk.funnel.reverse(
        target=8000, stages=STAGES, unit="profit", average_check=50, margin=0.5, cost_per_first=1, fixed_costs=2000
    )
    assert profit.table["needed"][0] == pytest.approx(10_000), "each lead leaves 0.08 · 25 − 1 = 1"
    with pytest.raises(lk.ParameterError, match="more of them lose more"):
        lk.funnel.reverse(target=1, stages=STAGES, unit="profit", average_check=50, margin=0.5, cost_per_first=3)


def test_dates_and_capacities() -> None:
    arguments = dict(target=100, stages=STAGES, lags=[7, 14], start="2024-01-01")
    easy = lk.funnel.reverse(due=dt.date(2024, 3, 31), **arguments)
    assert easy.can_be_met
    assert easy.weeks.filter(stage="lead")["count"].sum() == pytest.approx(easy.first)
    assert easy.paces["from"].to_list() == [dt.date(2024, 1, 1), dt.date(2024, 1, 8), dt.date(2024, 1, 22)]
    tight = lk.funnel.reverse(due="2024-03-31", capacity={"qualified": 20}, **arguments)
    assert not tight.can_be_met
    assert tight.paces["fits"].to_list() == [None, False, None]
    weeks = tight.table["planned"][1] / 20
    assert tight.earliest == dt.date(2024, 1, 1) + dt.timedelta(days=int(np.ceil(21 + 7 * weeks)) - 1)
    assert any("2024-03-31 cannot be met: qualified would have to take" in note for note in tight.notes)
    again = lk.funnel.reverse(due=tight.earliest, capacity={"qualified": 20}, **arguments)
    assert again.can_be_met, "the earliest day can be met"


def test_the_cheapest_mix_closes_the_gap() -> None:
    found = lk.funnel.reverse(
        target=1000,
        stages=STAGES,
        available=9000,
        cost_per_first=4,
        improvements={"qualified": (300, 10), "order": 500},
    )
    reached = found.mix["to"].product()
    assert reached == pytest.approx(1000 * found.first / 12_500), "with the margin of safety of the confident number"
    assert found.mix_cost == pytest.approx(found.mix["cost"].sum())
    dear = lk.funnel.reverse(target=1000, stages=STAGES, available=9000, cost_per_first=4)
    assert found.mix_cost < dear.mix_cost
    poor = lk.funnel.reverse(target=1000, stages=STAGES, available=100, improvements={"order": (1, 5)})
    assert any("the gap cannot be closed" in note for note in poor.notes)
    rich = lk.funnel.reverse(target=10, stages=STAGES, available=9000, improvements={"order": 1})
    assert rich.mix_cost == 0


def test_mistakes_are_named() -> None:
    for arguments, message in (
        ({"stages": STAGES[:1]}, "at least two"),
        ({"stages": [("a", 5), ("a", 3)]}, '"a" twice'),
        ({"stages": [("a", 5), ("b", 0)]}, "cannot be told what it takes"),
        ({"stages": [("a", 5), ("b", 6)]}, "none above the stage before"),
        ({"stages": [("a", 5.5), ("b", 3)]}, "a whole number"),
        ({"target": float("nan")}, "target"),
        ({"target": 0}, "target: got 0"),
        ({"confidence": 1}, "confidence: got 1"),
        ({"unit": "euros"}, "orders, revenue or profit"),
        ({"unit": "revenue"}, "average_check: got none"),
        ({"lags": [1]}, "lags: got 1 of them; expected 2"),
        ({"start": "2024-01-01"}, "both, or neither"),
        ({"start": "2024-01-02", "due": "2024-01-01"}, "not before start"),
        ({"capacity": {"qualifid": 1}}, 'did you mean "qualified"'),
        ({"improvements": {"lead": 1}}, "a stage after the first"),
        ({"improvements": {"order": ()}}, "expected the cost of a point, or it and the most points"),
    ):
        with pytest.raises(lk.ParameterError, match=message):
            lk.funnel.reverse(**{"target": 10, "stages": STAGES, **arguments})


def test_every_figure_can_be_drawn() -> None:
    plain = lk.funnel.reverse(target=10, stages=STAGES)
    full = lk.funnel.reverse(
        target=10, stages=STAGES, start="2024-01-01", due="2024-02-01", available=10, improvements={"order": 1}
    )
    for found in (plain, full):
        for kind in ("funnel", "weeks", "mix"):
            assert "NaN" not in found.plot(kind).to_json()
    assert lk.funnel.forward(first=10, stages=STAGES).plot().data
