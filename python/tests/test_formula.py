"""The profit formula through Python, with numpy as the oracle."""

from __future__ import annotations

from math import factorial

import numpy as np
import pandas as pd
import polars as pl
import pytest

import leverkit as lk

NAMES = lk.profit.Formula.full().parameters["parameter"].to_list()
BEFORE = dict(
    zip(
        NAMES,
        (
            2e6,
            0.02,
            0.15,
            0.6,
            0.25,
            12000,
            0.55,
            8000,
            0.06,
            0.04,
            1.8,
            2.4,
            30.0,
            0.12,
            0.08,
            0.04,
            14.0,
            4.0,
            0.02,
            1.5,
            60000,
            0.2,
        ),
        strict=True,
    )
)
AFTER = BEFORE | {
    "reach": 2.3e6,
    "close_rate": 0.24,
    "base": 13000,
    "retention_rate": 0.53,
    "frequency": 1.9,
    "list_price": 31.5,
    "discount_rate": 0.15,
    "unit_cost": 14.6,
    "fixed_cost": 64000,
}
SPREAD = {
    "list_price": {"kind": "normal", "mean": 30, "std": 2},
    "close_rate": {"kind": "beta", "a": 25, "b": 75},
}
MINIMAL = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}


def by_hand(p: dict[str, np.ndarray]) -> np.ndarray:
    new = p["reach"] * p["response_rate"] * p["lead_rate"] * p["qualified_rate"] * p["close_rate"]
    kept = p["base"] * p["retention_rate"]
    customers = new + kept + p["dormant"] * p["reactivation_rate"] + kept * p["referral_rate"]
    orders = customers * p["frequency"]
    check = p["items"] * p["list_price"] * (1 - p["discount_rate"]) * (1 + p["upsell_rate"]) * (1 - p["return_rate"])
    before_tax = (
        orders * check
        - orders * p["items"] * (1 + p["upsell_rate"]) * p["unit_cost"]
        - orders * p["order_cost"]
        - customers * p["service_cost"]
        - p["reach"] * p["contact_cost"]
        - p["fixed_cost"]
    )
    return np.where(before_tax > 0, before_tax * (1 - p["tax_rate"]), before_tax)


@pytest.fixture
def full() -> lk.profit.Formula:
    return lk.profit.Formula.full()


def test_scenarios_give_what_numpy_gives(full: lk.profit.Formula) -> None:
    random = np.random.default_rng(7)
    scenarios = {name: value * random.uniform(0.5, 1.5, 3000) for name, value in BEFORE.items()}
    expected = by_hand(scenarios)
    assert (expected < 0).any(), "some make a loss"
    assert (expected > 0).any()
    for frame in (pl.DataFrame(scenarios), pd.DataFrame(scenarios)):
        results = full.evaluate(frame)
        assert type(results) is type(frame)
        assert np.allclose(results["profit"], expected, rtol=1e-12)
    one = full.evaluate({name: column[0] for name, column in scenarios.items()})
    assert np.isclose(one["profit"], expected[0])
    assert list(one) == full.expressions["expression"].to_list()


def test_all_four_raised_by_a_fifth_double_and_more() -> None:
    table = lk.profit.Formula.minimal().lift_table(MINIMAL).table
    assert table["parameter"].to_list()[-1] == "all together"
    assert np.isclose(1 + table["profit_lift"][-1], 2.0736)
    assert np.allclose(table["profit_lift"][:4], 0.2)


def test_a_share_stops_at_one_and_is_marked() -> None:
    table = lk.profit.Formula.minimal().lift_table(MINIMAL | {"conversion": 0.9}).table
    row = table.row(by_predicate=pl.col("parameter") == "conversion", named=True)
    assert row["capped"]
    assert row["new_value"] == 1.0


def test_responses_stand_beside_the_plain_change() -> None:
    table = lk.profit.Formula.minimal().lift_table(MINIMAL, responses={("price", "conversion"): -1.0}).table
    row = table.row(by_predicate=pl.col("parameter") == "price", named=True)
    assert np.isclose(row["profit_change"], 2000)
    assert abs(row["profit_change_with_responses"]) < 1e-6


def test_shapley_is_that_of_numpy(full: lk.profit.Formula) -> None:
    changed = [name for name in NAMES if BEFORE[name] != AFTER[name]]
    size = len(changed)
    subsets = np.arange(1 << size)
    worth = by_hand(
        {
            name: np.where(subsets >> changed.index(name) & 1, AFTER[name], BEFORE[name])
            if name in changed
            else np.float64(BEFORE[name])
            for name in NAMES
        }
    )
    sizes = sum((subsets >> bit & 1 for bit in range(size)), np.zeros(1 << size, dtype=int))
    weights = np.array([factorial(s) * factorial(size - s - 1) / factorial(size) for s in range(size)])
    parts = dict(full.attribute(BEFORE, AFTER).table.select("parameter", "part").iter_rows())
    for bit, name in enumerate(changed):
        without = subsets[(subsets >> bit & 1) == 0]
        expected = (weights[sizes[without]] * (worth[without | 1 << bit] - worth[without])).sum()
        assert np.isclose(parts[name], expected), name


@pytest.mark.parametrize("method", ["shapley", "lmdi", "sequential"])
def test_parts_add_up_to_the_change(full: lk.profit.Formula, method: str) -> None:
    found = full.attribute(BEFORE, AFTER, method=method)
    change = found.params["profit_after"] - found.params["profit_before"]
    assert np.isclose(found.table["part"].sum(), change, rtol=1e-9)
    assert np.isclose(found.table["share"].sum(), 1)


def test_elasticities_are_slopes_in_per_cent(full: lk.profit.Formula) -> None:
    table = full.elasticities(BEFORE).table
    profit = full.evaluate(BEFORE)["profit"]
    for row in table.iter_rows(named=True):
        moved = full.evaluate(BEFORE | {row["parameter"]: row["value"] * (1 + 1e-6)})["profit"]
        assert np.isclose(row["elasticity"], (moved - profit) / abs(profit) / 1e-6, rtol=1e-3, atol=1e-4)


def test_solving_reaches_the_target(full: lk.profit.Formula) -> None:
    rate = full.solve(BEFORE, target={"profit": 200_000}, parameter="retention_rate")
    assert np.isclose(full.evaluate(BEFORE | {"retention_rate": rate})["profit"], 200_000)
    with pytest.raises(lk.ParameterError, match="can reach"):
        full.solve(BEFORE, target={"profit": 1e9}, parameter="retention_rate")


def test_bottlenecks_are_money_left(full: lk.profit.Formula) -> None:
    table = full.bottlenecks(BEFORE, norms={"retention_rate": 0.6, "unit_cost": 13.0, "items": 2.0}).table
    assert table["money_left"].is_sorted(descending=True)
    assert table.row(by_predicate=pl.col("parameter") == "items", named=True)["money_left"] == 0


@pytest.mark.parametrize(
    ("error", "call", "says"),
    [
        (
            lk.DataError,
            lambda f: f.evaluate(BEFORE | {"close_rate": 1.2}),
            "close_rate: row 0 holds 1.2; expected 0 to 1",
        ),
        (lk.DataError, lambda f: f.evaluate(pl.DataFrame([BEFORE, BEFORE | {"base": -1}])), "base: row 1 holds -1"),
        (lk.ParameterError, lambda f: f.evaluate({"reach": 1}), "response_rate: no value given"),
        (lk.ParameterError, lambda f: f.evaluate(pl.DataFrame({"reach": [1]})), "response_rate: no value given"),
        (lk.ParameterError, lambda f: f.evaluate(BEFORE | {"clos_rate": 0.1}), 'did you mean "close_rate"?'),
        (lk.ParameterError, lambda f: f.lift_table(BEFORE, step=2), "step: got 2"),
        (lk.ParameterError, lambda f: f.attribute(BEFORE, AFTER, method="magic"), 'method: got "magic"'),
        (
            lk.ParameterError,
            lambda f: f.solve(BEFORE, target={"profits": 1.0}, parameter="base"),
            'did you mean "profit"?',
        ),
        (lk.ParameterError, lambda _: lk.profit.Formula.from_expressions({"a": "b + 1", "b": "a"}), "circular"),
        (lk.ParameterError, lambda _: lk.profit.Formula.from_expressions({"a": "2 +"}), "ends where"),
    ],
)
def test_wrong_input_is_named(full: lk.profit.Formula, error: type[Exception], call: object, says: str) -> None:
    with pytest.raises(error) as raised:
        call(full)  # type: ignore[operator]
    assert says in str(raised.value)


def test_a_file_makes_a_formula(tmp_path) -> None:
    text = (
        'name = "shop"\nrevenue = "revenue"\nprofit = "profit"\n'
        '[[parameter]]\nname = "visits"\nkind = "count"\n[[parameter]]\nname = "price"\nkind = "money"\n'
        '[[parameter]]\nname = "rent"\nkind = "money"\ndirection = "down"\nnorm = 100.0\n'
        '[[expression]]\nname = "profit"\nformula = "revenue - rent"\n'
        '[[expression]]\nname = "revenue"\nformula = "visits * price"\n'
    )
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    formula = lk.profit.Formula.from_toml(path)
    assert formula.evaluate({"visits": 10, "price": 30, "rent": 120}) == {"profit": 180.0, "revenue": 300.0}
    assert formula.bottlenecks({"visits": 10, "price": 30, "rent": 120}).table["money_left"].to_list() == [20.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda f: f.lift_table(BEFORE),
        lambda f: f.elasticities(BEFORE),
        lambda f: f.interactions(BEFORE),
        lambda f: f.tornado(BEFORE, low={"base": 10_000}, high={"base": 14_000}),
        lambda f: f.bottlenecks(BEFORE, norms={"retention_rate": 0.6}),
        lambda f: f.attribute(BEFORE, AFTER),
        lambda f: f.sobol(BEFORE, SPREAD, n=512),
        lambda f: f.simulate(BEFORE, SPREAD, n=2000, target=100_000),
    ],
)
def test_every_result_draws_and_shows_itself(full: lk.profit.Formula, make: object) -> None:
    found = make(full)  # type: ignore[operator]
    assert len(found.plot().to_json()) > 500
    with pytest.raises(lk.ParameterError, match="kind"):
        found.plot("pie")
    assert "<table" in found._repr_html_()
    assert set(found.to_dict()) >= {"table", "params", "notes"}


def test_scenarios_are_spread_as_numpy_says(full: lk.profit.Formula) -> None:
    random = np.random.default_rng(5)
    n = 400_000
    drawn = {name: np.full(n, value) for name, value in BEFORE.items()}
    drawn["list_price"] = random.normal(30, 2, n)
    drawn["close_rate"] = random.beta(25, 75, n)
    expected = by_hand(drawn)
    found = full.simulate(BEFORE, SPREAD, n=n, target=150_000)
    profit = found.table.row(by_predicate=pl.col("measure") == "profit", named=True)
    for share, column in ((0.1, "p10"), (0.5, "p50"), (0.9, "p90")):
        assert np.isclose(profit[column], np.quantile(expected, share), rtol=0.01)
    chances = dict(found.chances.select("event", "probability").iter_rows())
    assert np.isclose(chances["loss"], (expected < 0).mean(), atol=0.003)
    assert np.isclose(chances["target reached"], (expected >= 150_000).mean(), atol=0.005)
    again = full.simulate(BEFORE, SPREAD, n=n, target=150_000)
    assert again.table.equals(found.table), "the same seed gives the same numbers"


def test_a_distribution_that_cannot_be_is_named(full: lk.profit.Formula) -> None:
    with pytest.raises(lk.ParameterError, match="list_price: got Normal"):
        full.simulate(BEFORE, {"list_price": {"kind": "normal", "mean": 30, "std": -1}})
    with pytest.raises(lk.ParameterError, match=r"uncertainty\.list_price\.kind: got .cauchy.; expected .normal., "):
        full.simulate(BEFORE, {"list_price": {"kind": "cauchy"}})
    with pytest.raises(lk.ParameterError, match="correlations"):
        full.simulate(BEFORE, SPREAD, correlations={("list_price", "close_rate"): 2.0})
