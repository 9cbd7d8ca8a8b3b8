"""What the faces of pricing say and draw at the edges: no estimate, no range, few points, other kinds of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import leverkit as lk


def sales() -> pl.DataFrame:
    random = np.random.default_rng(5)
    price = np.exp(random.normal(0.5, 0.2, 200))
    units = 40 * price**-2 * np.exp(random.normal(0, 0.1, 200))
    return pl.DataFrame({"price": price, "units": units, "flag": [1e300] * 3 + [0.0] * 197})


def test_a_price_without_an_estimate_is_said_with_its_reason() -> None:
    found = lk.pricing.elasticity(sales(), quantity="units", price="price", controls="flag")
    assert found.table["estimate"][0] is None and repr(found).startswith("No elasticity: ")
    assert found._repr_html_() and found.plot() and found.plot("terms")


def test_the_best_price_is_a_frame_of_the_kind_that_the_elasticity_came_from() -> None:
    found = lk.pricing.elasticity(sales().to_pandas(), quantity="units", price="price")
    best = lk.pricing.optimal_price(found, unit_cost=0.7)
    assert isinstance(best.table, pd.DataFrame) and isinstance(best.curve, pd.DataFrame)
    assert isinstance(best.simulate([1.0, 2.0]), pd.DataFrame)


def test_without_prices_observed_a_figure_is_drawn() -> None:
    assert lk.pricing.optimal_price(-2.0, unit_cost=2.0).plot() is not None


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"elasticity": (-2.0, -3.0)}, "elasticity"),
        ({"elasticity": True}, "elasticity"),
        ({"unit_cost": None}, "unit_cost"),
        ({"unit_cost": "2"}, "unit_cost"),
        ({"price_range": (5.0,)}, "price_range"),
        ({"price_range": 5.0}, "price_range"),
    ],
)
def test_what_is_no_number_is_named(given: dict[str, Any], name: str) -> None:
    arguments: dict[str, Any] = {"elasticity": -2.0, "unit_cost": 2.0, "price_range": (1.0, 10.0)} | given
    elasticity = arguments.pop("elasticity")
    with pytest.raises(lk.ParameterError, match=f"^{name}: got"):
        lk.pricing.optimal_price(elasticity, **arguments)


def test_numbers_of_numpy_are_numbers() -> None:
    best = lk.pricing.optimal_price(np.float64(-2.0), unit_cost=np.int64(2), price_range=(np.float64(1.0), 10.0))
    assert best.price == pytest.approx(4.0)


def test_a_price_that_stays_needs_no_change_of_volume() -> None:
    assert str(lk.pricing.break_even_volume(price_change=0.0, contribution_margin=0.3)) == "0.0"
    with pytest.raises(lk.ParameterError, match="price_change"):
        lk.pricing.break_even_volume(price_change="5 %", contribution_margin=0.3)  # type: ignore[arg-type]


def test_negative_list_prices_are_not_taken_for_money_of_the_row() -> None:
    deals = pl.DataFrame({"list": [-10.0, -5.0], "rebate": [1.0, 1.0], "units": [1, 2]})
    found = lk.pricing.waterfall(deals, list_price="list", components=["rebate"], quantity="units")
    assert not any("basis='line'" in note for note in found.notes)


def test_bands_have_no_dots_where_there_are_few_points() -> None:
    products = pl.DataFrame({"name": list("abcde"), "price": [10.0, 12, 15, 11, 20], "quality": [5, 6, 7, 5, 9]})
    answers = pl.DataFrame({"price": [5, 5, 5, 8, 8, 8], "buys": [True, True, True, True, True, False]})
    week, sku = [1, 1, 2, 2, 3, 3], list("ababab")
    prices = pl.DataFrame({"week": week, "sku": sku, "price": [10.0, 4, 12, 3, 11, 4], "units": [5, 10, 4, 20, 5, 9]})
    figures = [
        lk.pricing.value_map(products, product="name", price="price", attributes={"quality": 1}).plot(),
        lk.pricing.gabor_granger(answers, price="price", buys="buys").plot(),
        lk.pricing.price_index(prices, time="week", product="sku", price="price", quantity="units").plot(),
        lk.pricing.optimal_price((-2.0, -2.5, -1.5), unit_cost=6.0, price_range=(8.0, 20.0)).plot(),
    ]
    for figure in figures:
        bands = [trace for trace in figure.data if trace.fill == "toself"]
        assert bands and all(trace.mode == "lines" for trace in bands)
