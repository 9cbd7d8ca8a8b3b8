"""Lifetime value at its edges: the last day of observation, long horizons, the next occasion and rows that cannot be."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random

import polars as pl
import pytest
from scipy.special import hyperu

import leverkit as lk

#: Customers of a shop, weeks.
SUMMARY = pl.DataFrame(
    {
        "frequency": [1, 2, 3, 4, 5, 8],
        "recency": [5.0, 9.0, 20.0, 30.0, 38.0, 39.0],
        "T": [39.0] * 6,
        "monetary_value": [20.0, 30.0, 25.0, 40.0, 22.0, 31.0],
    }
)
PARETO = {"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.67}
MODELS = [
    lk.clv.ParetoNBDModel.of(**PARETO),
    lk.clv.BetaGeoModel.of(r=0.243, alpha=4.414, a=0.793, b=2.426),
    lk.clv.ModifiedBetaGeoModel.of(r=0.525, alpha=6.183, a=0.891, b=1.614),
]


def shop() -> lk.Ledger:
    lines = pl.DataFrame({"who": [1, 1], "day": [dt.date(2024, 1, 1), dt.date(2024, 1, 10)], "paid": [1.0, 2.0]})
    return lk.Ledger(lines, customer="who", time="day", amount="paid")


def spend() -> lk.clv.GammaGammaModel:
    return lk.clv.GammaGammaModel().fit(
        pl.DataFrame({"frequency": [1, 2, 3, 4, 5] * 40, "monetary_value": [10.0 + 37 * i % 60 for i in range(200)]})
    )


def orders(model: object, horizon: object, rate: float) -> pl.Series:
    found = lk.clv.lifetime_value(purchases=model, spend=spend(), summary=SUMMARY, horizon=horizon, discount_rate=rate)
    return found.customers["discounted_purchases"]


@pytest.mark.parametrize(("end", "followed"), [("2024-01-10", 9), ("2024-01-11", 10), ("2024-01-31", 30)])
def test_the_end_is_the_last_day_of_observation(end: str, followed: float) -> None:
    assert lk.clv.summary(shop(), unit="day", end=end)["T"][0] == followed


def test_a_holdout_lasts_to_its_last_day_and_a_month_that_has_begun_counts() -> None:
    assert lk.clv.summary(shop(), unit="day", calibration_end="2024-01-05", end="2024-01-11")["T_holdout"][0] == 6
    assert lk.clv.summary(shop(), unit="month", period="month", end="2024-03-01")["T"][0] == 2


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rate", [0.15, 0.25, 0.70])
def test_more_years_are_not_worth_less(model: object, rate: float) -> None:
    years = [1, 5, 10, 20, 40]
    totals = [orders(model, f"{n} years", rate).sum() for n in years] + [orders(model, None, rate).sum()]
    assert all(a < b * (1 + 1e-9) for a, b in itertools.pairwise(totals)), totals


@pytest.mark.parametrize("model", MODELS)
def test_discounted_orders_are_those_of_short_parts(model: object) -> None:
    weekly = math.log(1.25) * 7 / 365.25
    parts, before = pl.Series([0.0] * 6), pl.Series([0.0] * 6)
    for part in range(1, 1041):
        until = model.expected_purchases(SUMMARY, future_t=part / 4)
        parts, before = parts + (until - before) * math.exp(-weekly * (part - 0.5) / 4), until
    assert orders(model, 260, 0.25).to_list() == pytest.approx(parts.to_list(), rel=1e-6)


def test_the_value_for_all_time_is_the_closed_form_of_pareto_nbd() -> None:
    """Fader, Hardie & Lee (2005), RFM and CLV, formula (4), with P(alive) for the likelihood."""
    weekly = math.log(1.15) * 7 / 365.25
    r, alpha, s, beta = PARETO.values()
    alive = MODELS[0].expected_probability_alive(SUMMARY)
    for row, found in enumerate(orders(MODELS[0], None, 0.15)):
        x, age = SUMMARY["frequency"][row], SUMMARY["T"][row]
        rate = (r + x) / (alpha + age) * (beta + age) ** s
        assert found == pytest.approx(
            alive[row] * rate * weekly ** (s - 1) * hyperu(s, s, weekly * (beta + age)), rel=1e-6
        )


def test_all_time_needs_a_discount() -> None:
    with pytest.raises(lk.ParameterError, match="discount_rate: got 0; expected an annual share above 0"):
        orders(MODELS[0], None, 0.0)


def test_occasions_are_discounted_one_by_one() -> None:
    model = lk.clv.BetaGeoBetaBinomModel.of(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783, unit="year")
    given = pl.DataFrame({"frequency": [2, 6], "recency": [4, 6], "T": [6, 6], "monetary_value": [20.0, 30.0]})
    found = lk.clv.lifetime_value(purchases=model, spend=spend(), summary=given, horizon=None, discount_rate=0.1)
    step, before, parts = math.log(1.1), pl.Series([0.0, 0.0]), pl.Series([0.0, 0.0])
    for year in range(1, 300):
        until = model.expected_purchases(given, future_t=year)
        parts, before = parts + (until - before) * math.exp(-step * year), until
    assert found.customers["discounted_purchases"].to_list() == pytest.approx(parts.to_list(), rel=1e-9)
    assert found.customers["expected_purchases"].to_list() == [None, None]


def test_alive_at_the_last_occasion_and_at_the_next() -> None:
    """Fader, Hardie & Shang (2010), table 6, is at the next occasion."""
    model = lk.clv.BetaGeoBetaBinomModel.of(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783, unit="year")
    donors = pl.DataFrame({"frequency": [0, 2, 6], "recency": [0, 4, 6], "T": [6, 6, 6]})
    assert model.expected_probability_alive(donors).round(3).to_list() == [0.116, 0.634, 1.0]
    assert model.expected_probability_alive(donors, future_t=1).round(2).to_list() == [0.11, 0.59, 0.93]


@pytest.mark.parametrize("model", [*MODELS, lk.clv.RegularTimingModel(k=2)])
def test_fewer_are_alive_later(model: object) -> None:
    if isinstance(model, lk.clv.RegularTimingModel):
        model = lk.clv.ModifiedBetaGeoModel.of(r=2.0, alpha=6.0, a=0.9, b=1.6)
    at = [model.expected_probability_alive(SUMMARY, future_t=t) for t in (0, 1e-9, 10, 100)]
    assert at[0].to_list() == pytest.approx(at[1].to_list(), abs=1e-6)
    assert (at[2] < at[1]).all() and (at[3] < at[2]).all() and (at[3] > 0).all()


def test_rows_that_cannot_be_are_named_by_expected_spend() -> None:
    model = spend()
    with pytest.raises(lk.DataError, match=r"frequency.*row 1"):
        model.expected_customer_spend(pl.DataFrame({"frequency": [1.0, 1.5], "monetary_value": [10.0, 10.0]}))
    with pytest.raises(lk.DataError, match=r"monetary_value.*row 0"):
        model.expected_customer_spend(pl.DataFrame({"frequency": [2, 0], "monetary_value": [None, 0.0]}))


def test_gamma_gamma_of_given_parameters_predicts_as_published() -> None:
    """Fader & Hardie (2013): 2 orders with a mean of 22.35."""
    model = lk.clv.GammaGammaModel.of(p=6.25, q=3.74, v=15.44)
    spend = model.expected_customer_spend(pl.DataFrame({"frequency": [2], "monetary_value": [22.35]}))
    assert spend[0] == pytest.approx(24.66, abs=0.01)
    assert model.covariance is None and model.independence is None
    with pytest.raises(TypeError, match="needs p, q, v"):
        lk.clv.GammaGammaModel.of(p=1.0)
    with pytest.raises(lk.ParameterError, match="q"):
        lk.clv.GammaGammaModel.of(p=1.0, q=0.0, v=1.0)


def test_covariances_have_the_squares_of_standard_errors() -> None:
    draw = random.Random(2)
    rows = []
    for _ in range(1500):
        rate, last = draw.gammavariate(1.5, 0.1), min(draw.expovariate(draw.gammavariate(1, 0.04)), 60.0)
        ordered = itertools.accumulate(draw.expovariate(rate) for _ in range(50))
        days = [day for day in ordered if day < last]
        spend = draw.gammavariate(6 * len(days), 1 / draw.gammavariate(4, 1 / 15) / len(days)) if days else 0.0
        rows.append((len(days), days[-1] if days else 0.0, 60.0, spend))
    summary = pl.DataFrame(rows, schema=["frequency", "recency", "T", "monetary_value"], orient="row")
    for model in (lk.clv.ParetoNBDModel(), lk.clv.GammaGammaModel()):
        found = model.fit(summary).covariance
        for at, (name, error) in enumerate(model.standard_errors.items()):
            assert found["parameter"][at] == name
            assert found[name][at] == pytest.approx(error**2)
