"""Demand at its edges: zeros, weeks without sales, units that cost nothing, groups without a category."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

import leverkit as lk

MONDAY = dt.date(2024, 1, 1)


def test_a_step_of_the_poisson_regression_that_overshoots_is_halved() -> None:
    sales = pl.DataFrame({"q": [3, 7, 207, 1], "p": [0, 1, 0, 38]})
    found = lk.pricing.elasticity(sales, quantity="q", price="p", model="ppml", log=False)
    assert found.table["estimate"][0] == pytest.approx(-0.653482, abs=1e-6)


def test_weeks_without_sales_between_two_sales_count_as_zeros() -> None:
    rng = np.random.default_rng(7)
    rows = [
        (f"p{product}", MONDAY + dt.timedelta(weeks=week), int(units), price * int(units))
        for product in range(10)
        for week, price in enumerate(np.repeat(rng.choice([8.0, 9.0, 10.0, 11.0, 12.0], 15), 4))
        if (units := rng.poisson(2.0 * (price / 10) ** -2.5)) > 0
    ]
    frame = pl.DataFrame(rows, schema=["p", "t", "q", "a"], orient="row").with_columns(c=pl.lit("x"))
    ledger = lk.Ledger(frame, customer="c", time="t", amount="a", product="p", quantity="q")
    found = lk.pricing.elasticity(ledger, model="ppml")
    grid = frame.group_by("p").agg(weeks=(pl.col("t").max() - pl.col("t").min()).dt.total_days() // 7 + 1)
    assert found.n == grid["weeks"].sum() > frame.height
    assert any(
        note.startswith(f"{grid['weeks'].sum() - frame.height} of {found.n} rows are weeks without sales")
        for note in found.notes
    )
    estimate = found.table["estimate"][0]
    without = lk.pricing.elasticity(
        frame.with_columns(price=pl.col("a") / pl.col("q")),
        quantity="q",
        price="price",
        effects=["p", "t"],
        model="ppml",
    )
    assert abs(estimate + 2.5) < abs(without.table["estimate"][0] + 2.5)


@pytest.mark.parametrize("demand", ["linear", "logit"])
@pytest.mark.parametrize("elasticity", [-2.0, -0.7])
def test_a_unit_that_costs_nothing_has_a_best_price_where_demand_grows_more_elastic(
    demand: str, elasticity: float
) -> None:
    found = lk.pricing.optimal_price(elasticity, unit_cost=0.0, demand=demand, price=10.0, share=0.4)
    around = found.simulate([found.price * 0.99, found.price, found.price * 1.01])["profit"].to_list()
    assert max(around) == around[1]


def test_a_unit_that_costs_nothing_has_no_best_price_at_a_constant_elasticity() -> None:
    with pytest.raises(lk.ParameterError, match="linear"):
        lk.pricing.optimal_price(-2.0, unit_cost=0.0)


def test_groups_without_a_category_are_drawn_to_the_mean_of_all() -> None:
    rng = np.random.default_rng(3)
    rows = [
        (f"p{product}", None if product == 0 else "a", float(price), float(price**-2.0 * np.exp(rng.normal(0, 0.3))))
        for product in range(8)
        for price in rng.uniform(5, 15, 20)
    ]
    sales = pl.DataFrame(rows, schema=["p", "kind", "price", "q"], orient="row")
    found = lk.pricing.elasticity(sales, quantity="q", price="price", by="p", category="kind")
    assert found.table.height == 8
    category = found.categories.filter(pl.col("category").is_null()).row(0, named=True)
    assert category["groups"] == 1
    assert category["borrowed"]
    overall = lk.pricing.elasticity(sales, quantity="q", price="price", by="p").categories["estimate"][0]
    assert category["estimate"] == pytest.approx(overall)


def test_a_two_way_variance_below_zero_is_repaired_and_told() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sales = pl.DataFrame(
            {
                "q": rng.normal(size=24),
                "p": rng.normal(size=24),
                "a": np.arange(24) % 4,
                "b": np.arange(24) // 4,
            }
        )
        found = lk.pricing.elasticity(sales, quantity="q", price="p", cluster=["a", "b"], log=False)
        assert found.table["std_error"].is_not_null().all()
        if any("variance below zero" in note for note in found.notes):
            return
    raise AssertionError("no variance below zero in 200 samples")
