"""Pricing against competitors: statsmodels and plain polars as oracles, and planted truths."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import leverkit as lk
from leverkit.datasets import price_war

SMALL = pl.DataFrame({"list": [10.0, 12.0], "off": [1.0, 2.0], "paid": [9.0, 8.0], "units": [1, 2], "who": ["a", "b"]})


@pytest.fixture(scope="module")
def shops() -> pl.DataFrame:
    return price_war(weeks=60)


@pytest.fixture(scope="module")
def phones() -> pl.DataFrame:
    draw = np.random.default_rng(1)
    camera, battery = draw.uniform(1, 10, 25), draw.uniform(1, 10, 25)
    price = 100 + 30 * (0.75 * camera + 0.25 * battery) + draw.normal(0, 15, 25)
    return pl.DataFrame(
        {
            "brand": [f"b{i}" for i in range(25)],
            "price": price,
            "camera": camera,
            "battery": battery,
            "os": ["x" if i % 3 else "y" for i in range(25)],
        }
    )


# competitors -----------------------------------------------------------------------------------------------------------


def test_the_value_map_is_statsmodels_ols(phones: pl.DataFrame) -> None:
    found = lk.pricing.value_map(phones, product="brand", price="price", attributes={"camera": 3, "battery": 1})
    value = 0.75 * phones["camera"].to_numpy() + 0.25 * phones["battery"].to_numpy()
    fit = sm.OLS(phones["price"].to_numpy(), sm.add_constant(value)).fit()
    line = found.line
    assert np.allclose(line["estimate"], fit.params, rtol=1e-10)
    assert np.allclose(line["std_error"], fit.bse, rtol=1e-9)
    assert np.allclose(line["p_value"], fit.pvalues, rtol=1e-7, atol=1e-14)
    assert np.allclose(line.select("lower", "upper").to_numpy(), fit.conf_int(), rtol=1e-8)
    assert found.r_squared == pytest.approx(fit.rsquared)
    mean = fit.get_prediction(sm.add_constant(value)).summary_frame()
    assert np.allclose(
        found.table.select("fair_price", "fair_lower", "fair_upper").to_numpy(),
        mean[["mean", "mean_ci_lower", "mean_ci_upper"]],
        rtol=1e-8,
    )
    assert np.allclose(found.table["gap"], found.table["premium_taken"] - found.table["premium_earned"])


@pytest.mark.parametrize("log", [True, False])
def test_the_hedonic_regression_is_statsmodels_with_hc1(phones: pl.DataFrame, log: bool) -> None:
    found = lk.pricing.hedonic(phones, price="price", attributes=["camera", "battery", "os"], log=log)
    formula = f"{'np.log(price)' if log else 'price'} ~ camera + battery + C(os, Treatment('x'))"
    fit = smf.ols(formula, phones.to_pandas()).fit(cov_type="HC1", use_t=True)
    order = ["Intercept", "camera", "battery", "C(os, Treatment('x'))[T.y]"]
    assert found.bases == {"os": "x"}
    assert found.table["term"].to_list() == ["intercept", "camera", "battery", "os[y]"]
    assert np.allclose(found.table["estimate"], fit.params[order], rtol=1e-9)
    assert np.allclose(found.table["std_error"], fit.bse[order], rtol=1e-9)
    assert np.allclose(found.table["p_value"], fit.pvalues[order], rtol=1e-6, atol=1e-14)


def test_a_collinear_attribute_is_null_with_a_reason(phones: pl.DataFrame) -> None:
    twice = phones.with_columns(double=2 * pl.col("camera"))
    row = lk.pricing.hedonic(twice, price="price", attributes=["camera", "double"]).table.row(2, named=True)
    assert row["estimate"] is None
    assert "collinear" in row["reason"]


def test_the_price_index_is_the_geometric_mean_of_ratios(shops: pl.DataFrame) -> None:
    day = shops["date"].max()
    found = lk.pricing.position(
        shops,
        product="product",
        seller="seller",
        price="price",
        own="north",
        date="date",
        revenue="revenue",
        key_item="key_item",
        promotion="promotion",
    )
    wide = shops.filter(pl.col("date") == day).pivot("seller", index="product", values="price")
    revenue = shops.filter((pl.col("date") == day) & (pl.col("seller") == "north"))["revenue"].to_numpy()
    logs = np.log((wide["north"] / wide["south"]).to_numpy())
    last = found.table.filter((pl.col("date") == day) & (pl.col("competitor") == "south"))
    row = last.row(by_predicate=(pl.col("items") == "all") & (pl.col("prices") == "all"), named=True)
    assert row["index"] == pytest.approx(100 * np.exp(logs.mean()))
    assert row["weighted_index"] == pytest.approx(100 * np.exp((logs * revenue).sum() / revenue.sum()))
    assert row["cheaper"] == pytest.approx((logs < 0).mean())
    assert row["median_gap"] == pytest.approx(np.exp(np.median(logs)) - 1)
    assert set(last["items"]) == {"all", "key"}
    assert set(last["prices"]) == {"all", "regular"}


def test_south_follows_north_a_week_later(shops: pl.DataFrame) -> None:
    row = lk.pricing.leadership(shops, product="product", seller="seller", price="price", date="date").table.row(
        0, named=True
    )
    assert (row["leader"], row["follower"]) == ("north", "south")
    assert row["response"] == pytest.approx(0.8, abs=0.04)
    assert row["mean_days"] == pytest.approx(7, abs=1)


# bad input -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: lk.pricing.position(SMALL, product="units", seller="who", price="paid", own="A1"),
            lk.ParameterError,
            "one of the sellers a, b",
        ),
        (
            lambda: lk.pricing.value_map(SMALL, product="who", price="paid", attributes={"off": 1}),
            lk.DataError,
            "at least three",
        ),
        (
            lambda: lk.pricing.value_map(SMALL, product="who", price="paid", attributes={"off": -1}),
            lk.ParameterError,
            "weights",
        ),
        (
            lambda: lk.pricing.hedonic(SMALL, price="paid", attributes=["list", "who"]),
            lk.DataError,
            "more rows than coefficients",
        ),
        (
            lambda: lk.pricing.leadership(
                price_war(weeks=3), product="product", seller="seller", price="price", date="date", lags=0
            ),
            lk.ParameterError,
            "lags",
        ),
        (
            lambda: lk.pricing.leadership(
                SMALL.head(1).with_columns(day=dt.date(2024, 1, 1)),
                product="units",
                seller="who",
                price="paid",
                date="day",
            ),
            lk.DataError,
            "at least two",
        ),
    ],
)
def test_what_is_wrong_is_said_by_name(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_a_map_of_equal_prices_has_no_share_explained() -> None:
    frame = pl.DataFrame({"b": list("abcd"), "p": [5.0] * 4, "v": [1.0, 2.0, 3.0, 4.0]})
    found = lk.pricing.value_map(frame, product="b", price="p", attributes={"v": 1})
    assert found.r_squared is None
    assert "not surely above zero" in found.notes[0]


# figures ---------------------------------------------------------------------------------------------------------------


def test_every_figure_can_be_drawn(shops: pl.DataFrame, phones: pl.DataFrame) -> None:
    shelf = {"product": "product", "seller": "seller", "price": "price"}
    results = {
        lk.pricing.position(shops, **shelf, own="north", date="date"): ["index", "gaps"],
        lk.pricing.position(shops.head(3), **shelf, own="north"): ["index", "gaps"],
        lk.pricing.value_map(phones, product="brand", price="price", attributes={"camera": 1}): ["map"],
        lk.pricing.hedonic(phones, price="price", attributes=["camera", "os"]): ["bars"],
        lk.pricing.leadership(shops, **shelf, date="date"): ["heatmap", "lags"],
    }
    for result, kinds in results.items():
        for kind in kinds:
            assert "NaN" not in result.plot(kind).to_json()
        assert result.plot().to_json() == result.plot(kinds[0]).to_json()
