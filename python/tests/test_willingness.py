"""What people would pay: van Westendorp, Gabor–Granger, conjoint; against published answers, xlogit and scipy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner
from xlogit import MultinomialLogit

import leverkit as lk
from leverkit.cli.app import app
from leverkit.datasets import choices, electricity

TC = [3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10]
C = [5, 6, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12]
E = [9, 10, 11, 11, 12, 12, 13, 14, 14, 15, 16, 16]
TE = [12, 13, 13, 15, 15, 16, 17, 17, 18, 19, 20, 22]
ANSWERS = pl.DataFrame(
    {
        "tc": TC,
        "c": C,
        "e": E,
        "te": TE,
        "bc": [5, 5, 4, 4, 3, 5, 4, 3, 5, 4, 4, 5],
        "be": [3, 2, 2, 1, 1, 3, 2, 1, 2, 2, 1, 3],
    }
)


def meter(answers: object = ANSWERS, **given: object) -> lk.pricing.Westendorp:
    return lk.survey.van_westendorp(answers, too_cheap="tc", cheap="c", expensive="e", too_expensive="te", **given)


# van Westendorp --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "optimal"), [("min", 10), ("max", 12), ("mean", 11), ("median", 11)])
def test_twelve_answers_give_the_known_points(rule: str, optimal: float) -> None:
    found = meter(intersection=rule)
    expected = {"marginal_cheapness": 7.25, "marginal_expensiveness": 14, "indifference": 31 / 3, "optimal": optimal}
    assert found.points == pytest.approx(expected, abs=1e-12)
    narrow = meter(intersection=rule, range="narrower").points
    assert (narrow["marginal_cheapness"], narrow["marginal_expensiveness"]) == pytest.approx((28 / 3, 12), abs=1e-12)
    assert narrow["optimal"] == optimal


def test_reach_and_revenue_peak_where_they_are_known_to() -> None:
    found = meter(buy_cheap="bc", buy_expensive="be")
    best = {row["point"]: row for row in found.table.iter_rows(named=True)}
    assert (best["reach"]["price"], best["revenue"]["price"]) == (9, 11)
    assert best["reach"]["value"] == pytest.approx(0.277083, abs=1e-6)
    assert best["revenue"]["value"] == pytest.approx(2.780556, abs=1e-6)
    top = found.reach.sort("reach", descending=True).row(0)
    assert top == pytest.approx((9, 0.277083), abs=1e-6)
    assert found.revenue["revenue"].max() == pytest.approx(2.780556, abs=1e-6)
    assert meter().reach is None


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(*(st.integers(1, 30) for _ in range(4)), st.integers(1, 5), st.integers(1, 5)),
        min_size=10,
        max_size=60,
    )
)
def test_reach_is_the_mean_of_interpolated_respondents(rows: list[tuple[int, ...]]) -> None:
    steps = np.array(rows)
    prices = steps[:, :4].cumsum(axis=1)
    frame = pl.DataFrame({name: prices[:, at] for at, name in enumerate(("tc", "c", "e", "te"))}).with_columns(
        bc=pl.Series(steps[:, 4]), be=pl.Series(steps[:, 5])
    )
    found = meter(frame, buy_cheap="bc", buy_expensive="be", replicates=2)
    scale = {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0}
    grid = found.reach["price"].to_numpy()
    expected = np.mean(
        [
            np.interp(grid, own, [0, scale[row[4]], scale[row[5]], 0], left=0, right=0)
            for own, row in zip(prices, rows, strict=True)
        ],
        axis=0,
    )
    assert np.allclose(found.reach["reach"], expected, atol=1e-12)
    curves = found.curves
    for name in ("expensive", "too_expensive"):
        assert curves[name].is_sorted()
        assert 0 <= curves[name][0] <= curves[name][-1] <= 1
    points = found.table.filter(pl.col("value").is_null())
    assert (points["lower"] <= points["upper"]).all()
    assert points["price"].is_between(grid[0], grid[-1]).all()


def test_answers_that_cannot_be_used_are_counted() -> None:
    bad = pl.DataFrame(
        {"tc": [9.0, None, float("nan"), -1.0], "c": [5.0, 6, 7, 8], "e": [9.0] * 4, "te": [12.0] * 4},
    )
    both = pl.concat([ANSWERS.select("tc", "c", "e", "te").cast(pl.Float64), bad])
    found = meter(both)
    assert found.n == 12
    assert any(note.startswith("3 rows: a price unknown or negative") for note in found.notes)
    assert any(note.startswith("1 row: prices not in the order") for note in found.notes)
    assert found.points == pytest.approx(meter().points)
    with pytest.raises(lk.DataError, match="none of 4 rows can be used"):
        meter(bad)
    with pytest.raises(lk.DataError, match="no row"):
        meter(bad.clear())
    few = meter(ANSWERS.head(5))
    assert few.points["optimal"] is None
    assert any("5 answers; at least 10 are needed" in note for note in few.notes)
    with pytest.raises(lk.SchemaError, match='did you mean "tc"'):
        lk.survey.van_westendorp(ANSWERS, too_cheap="tcc", cheap="c", expensive="e", too_expensive="te")
    with pytest.raises(lk.ParameterError, match='did you mean "median"'):
        meter(intersection="medain")
    with pytest.raises(lk.ParameterError, match="both or none"):
        meter(buy_cheap="bc")


def test_scale_and_kind_of_frame_do_not_matter() -> None:
    tiny = meter(ANSWERS.select(pl.all().cast(pl.Float64) * 1e-6)).points
    huge = meter(ANSWERS.select(pl.all().cast(pl.Float64) * 1e9)).points
    for name, price in meter().points.items():
        assert (tiny[name] * 1e6, huge[name] / 1e9) == pytest.approx((price, price), rel=1e-9)
    assert isinstance(meter(ANSWERS.to_pandas()).curves, pd.DataFrame)
    assert meter(ANSWERS.lazy()).points == meter().points
    assert json.loads(json.dumps(meter().to_dict()))["table"][0]["point"] == "marginal_cheapness"


# Gabor–Granger -----------------------------------------------------------------------------------------------------------


def test_gabor_granger_finds_the_price_of_most_revenue_and_profit() -> None:
    rng = np.random.default_rng(1)
    worth = rng.normal(10, 2, 2000)
    asked = np.arange(5, 16)
    rows = [(who, price, worth[who] >= price) for who in range(2000) for price in asked]
    frame = pl.DataFrame(rows, schema=["who", "price", "buys"], orient="row")
    found = lk.survey.gabor_granger(frame, price="price", buys="buys", respondent="who", unit_cost=4.0)
    expected = [(worth >= price).mean() for price in asked]
    assert found.table["demand"].to_list() == pytest.approx(expected)
    best = dict(found.best.select("aim", "price").iter_rows())
    assert best["revenue"] == asked[np.argmax(asked * expected)]
    assert best["profit"] == asked[np.argmax((asked - 4) * expected)]
    row = found.table.row(0, named=True)
    assert row["demand_lower"] <= row["demand"] <= row["demand_upper"]
    assert found.n == 2000


def test_gabor_granger_names_bad_answers() -> None:
    frame = pl.DataFrame({"price": [5.0, 0.0, 8.0, 8.0], "buys": [1, 1, 0, None]})
    found = lk.survey.gabor_granger(frame, price="price", buys="buys")
    assert any(note.startswith("2 rows: price or answer unknown") for note in found.notes)
    with pytest.raises(lk.DataError, match="one price"):
        lk.survey.gabor_granger(frame.head(1), price="price", buys="buys")
    with pytest.raises(lk.ParameterError, match="unit_cost"):
        lk.survey.gabor_granger(frame, price="price", buys="buys", unit_cost=-1.0)


# conjoint ------------------------------------------------------------------------------------------------------------------

TERMS = ["cl", "loc", "wk", "tod", "seas"]


@pytest.fixture(scope="module")
def suppliers() -> lk.pricing.Conjoint:
    return lk.survey.conjoint(
        electricity(), situation="chid", alternative="alt", chosen="choice", attributes=TERMS, price="pf"
    )


def test_the_logit_of_the_electricity_data_is_the_published_one(suppliers: lk.pricing.Conjoint) -> None:
    assert suppliers.log_likelihood == pytest.approx(-4958.6491193376, abs=1e-9)
    assert (suppliers.n, suppliers.respondents) == (4308, None)


def test_the_logit_is_xlogit_s(suppliers: lk.pricing.Conjoint) -> None:
    data = electricity().to_pandas()
    model = MultinomialLogit()
    model.fit(
        X=data[[*TERMS, "pf"]],
        y=data["choice"].astype(int),
        varnames=[*TERMS, "pf"],
        ids=data["chid"],
        alts=data["alt"],
        verbose=0,
    )
    assert suppliers.log_likelihood == pytest.approx(model.loglikelihood, abs=1e-6)
    assert np.allclose(suppliers.table["estimate"], model.coeff_, atol=2e-4)
    assert np.allclose(suppliers.table["std_error"], model.stderr, rtol=1e-2)


def test_clustered_errors_are_the_sandwich_by_respondent() -> None:
    data = electricity()
    found = lk.survey.conjoint(
        data, situation="chid", alternative="alt", chosen="choice", attributes=TERMS, price="pf", respondent="id"
    )
    x = data.sort("chid", "alt").select([*TERMS, "pf"]).to_numpy().astype(float).reshape(-1, 4, 6)
    chosen = data.sort("chid", "alt")["choice"].to_numpy().reshape(-1, 4).argmax(1)
    who = data.sort("chid", "alt")["id"].to_numpy().reshape(-1, 4)[:, 0]
    utility = np.exp(x @ found.table["estimate"].to_numpy())
    p = utility / utility.sum(1, keepdims=True)
    mean = np.einsum("nj,njk->nk", p, x)
    scores = x[np.arange(len(x)), chosen] - mean
    h = np.linalg.inv(np.einsum("nj,njk,njl->kl", p, x, x) - mean.T @ mean)
    groups = np.array([scores[who == one].sum(0) for one in np.unique(who)])
    g = len(groups)
    expected = np.sqrt(np.diag(h @ groups.T @ groups @ h) * g / (g - 1))
    assert np.allclose(found.table["std_error"], expected, rtol=1e-8)
    assert found.respondents == 361


def test_willingness_to_pay_and_its_two_kinds_of_limits(suppliers: lk.pricing.Conjoint) -> None:
    estimates = dict(suppliers.table.select("term", "estimate").iter_rows())
    table = suppliers.willingness_to_pay
    for row in table.iter_rows(named=True):
        assert row["willingness_to_pay"] == pytest.approx(-estimates[row["term"]] / estimates["pf"])
        width = row["upper"] - row["lower"]
        assert abs(row["simulated_lower"] - row["lower"]) < 0.2 * width
        assert abs(row["simulated_upper"] - row["upper"]) < 0.2 * width


def test_planted_part_worths_are_found_with_levels_and_effects() -> None:
    made = choices(respondents=400)
    given = dict(
        situation="task",
        alternative="option",
        chosen="chosen",
        attributes=["brand", "storage"],
        price="price",
        respondent="respondent",
    )
    dummy = lk.survey.conjoint(made.choices, **given)
    base = dummy.bases["brand"]
    truth = {"Aster": 0.0, "Birch": 0.4, "Cedar": -0.3}
    for row in dummy.table.iter_rows(named=True):
        name = row["term"]
        true = truth[name[6:-1]] - truth[base] if name.startswith("brand") else made.truth[name]
        assert abs(row["estimate"] - true) < 4 * row["std_error"], name
    effects = lk.survey.conjoint(made.choices, **given, coding="effects")
    assert effects.log_likelihood == pytest.approx(dummy.log_likelihood)
    brands = effects.part_worths.filter(attribute="brand")
    assert brands["utility"].sum() == pytest.approx(0, abs=1e-12)
    assert dummy.importance["importance"].sum() == pytest.approx(1)
    market = pl.DataFrame(
        {"name": ["a", "b"], "brand": ["Aster", "Cedar"], "storage": [64, 256], "price": [299.0, 399.0]}
    )
    for one, other in zip(dummy.simulate(market).table["share"], effects.simulate(market).table["share"], strict=True):
        assert one == pytest.approx(other)


def test_the_market_simulator_shares_out_all_choices() -> None:
    made = choices(respondents=200)
    found = lk.survey.conjoint(
        made.choices,
        situation="task",
        alternative="option",
        chosen="chosen",
        attributes=["brand", "storage"],
        price="price",
    )
    market = pl.DataFrame(
        {
            "name": ["a", "b", "c"],
            "brand": ["Aster", "Birch", "Cedar"],
            "storage": [64, 128, 256],
            "price": [299.0, 399.0, 499.0],
        }
    )
    simulated = found.simulate(market, product="name")
    table = simulated.table
    assert table["product"].to_list() == ["a", "b", "c"]
    assert table["share"].sum() == pytest.approx(1)
    assert ((table["lower"] < table["share"]) & (table["share"] < table["upper"])).all()
    curve = found.price_curve(market, row=1, prices=[300, 399, 900]).table
    assert curve["share"].is_sorted(descending=True)
    assert curve["share"][1] == pytest.approx(table["share"][1])
    step = 1e-5
    moved = found.price_curve(market, row=0, prices=[299 * (1 + step)]).table["share"][0]
    assert np.log(moved / table["share"][0]) / step == pytest.approx(table["own_elasticity"][0], abs=1e-3)
    assert any("outside those of the data" in note for note in found.price_curve(market, row=1, prices=[900]).notes)
    with pytest.raises(lk.ParameterError, match='did you mean "Cedar"'):
        found.simulate(market.with_columns(brand=pl.Series(["Aster", "Birch", "Ceder"])))
    with pytest.raises(lk.ParameterError, match="row"):
        found.price_curve(market, row=7, prices=[300])
    assert {row["alternative"] for row in found.elasticities.iter_rows(named=True)} == {"1", "2", "3"}
    own = found.elasticities.filter(pl.col("alternative") == pl.col("of"))
    assert (own["upper"] < 0).all()


def situations(**columns: list[object]) -> pl.DataFrame:
    """Six situations of two, in which the cheaper is chosen four times."""
    base = {
        "task": [at // 2 for at in range(12)],
        "option": ["l", "r"] * 6,
        "price": [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0],
        "chosen": [1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0],
    }
    return pl.DataFrame({**base, **columns}, strict=False)


def small(frame: pl.DataFrame, **given: object) -> lk.pricing.Conjoint:
    return lk.survey.conjoint(
        frame, situation="task", alternative="option", chosen="chosen", **{"price": "price", **given}
    )


def test_situations_that_cannot_be_used_are_counted_by_reason() -> None:
    for chosen, words in (([0, 0, *[0, 1] * 5], "no alternative chosen"), ([1, 1, *[0, 1] * 5], "two or more")):
        found = small(situations(chosen=chosen))
        assert found.n == 5
        assert any(note.startswith("2 rows") and words in note for note in found.notes)
    found = small(situations().head(11))
    assert any("a single alternative" in note for note in found.notes)
    found = small(situations(option=["l", "l", *["l", "r"] * 5]))
    assert any("same alternative twice" in note for note in found.notes)
    found = small(situations(price=[None, *[1.0, 2.0] * 5, 3.0]))
    assert any("unknown" in note for note in found.notes)
    with pytest.raises(lk.DataError, match="none of 12 rows"):
        small(situations(chosen=[0] * 12))
    with pytest.raises(lk.DataError, match="there is no row"):
        small(situations().clear())
    with pytest.raises(lk.ParameterError, match="at least one attribute"):
        small(situations(), price=None)
    with pytest.raises(lk.ParameterError, match="coding"):
        small(situations(), coding="dumy")


def test_what_is_not_identified_is_null_with_the_reason() -> None:
    frame = situations(twice=[2 * price for price in situations()["price"]], same=[1.0] * 12)
    found = small(frame, attributes=["twice", "same"])
    rows = {row["term"]: row for row in found.table.iter_rows(named=True)}
    assert rows["price"]["estimate"] is None
    assert rows["price"]["reason"].startswith("collinear")
    assert rows["same"]["reason"] == "does not vary within any situation"
    perfect = small(situations(chosen=[1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1]))
    assert perfect.table["estimate"][0] is None
    assert "grows without limit" in perfect.table["reason"][0]
    assert any("No elasticities" in note for note in perfect.notes)
    weak = small(situations(feature=[0.0, 1.0, 1.0, 0.0] * 3), attributes=["feature"])
    assert weak.willingness_to_pay["willingness_to_pay"].null_count() == 1
    assert (
        "not surely below 0" in weak.willingness_to_pay["reason"][0]
        or "collinear" in weak.willingness_to_pay["reason"][0]
    )


def test_rows_in_any_order_and_any_kind_of_ids_give_the_same() -> None:
    made = choices(respondents=60).choices
    given = dict(
        situation="task",
        alternative="option",
        chosen="chosen",
        attributes=["brand"],
        price="price",
        respondent="respondent",
    )
    plain = lk.survey.conjoint(made, **given)
    shuffled = made.sample(fraction=1, shuffle=True, seed=3).with_columns(task=pl.format("t{}", "task"))
    other = lk.survey.conjoint(shuffled, **given)
    assert other.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert np.allclose(other.table["estimate"], plain.table["estimate"], rtol=1e-7)
    assert np.allclose(other.table["std_error"], plain.table["std_error"], rtol=1e-7)


def test_rating_conjoint_is_least_squares() -> None:
    rng = np.random.default_rng(2)
    frame = pl.DataFrame(
        {"who": np.repeat(np.arange(50), 8), "brand": rng.choice(["x", "y"], 400), "price": rng.uniform(1, 5, 400)}
    )
    frame = frame.with_columns(
        score=8 - pl.col("price") + (pl.col("brand") == "y") * 1.5 + pl.Series(rng.normal(0, 0.3, 400))
    )
    found = lk.survey.rating_conjoint(frame, rating="score", attributes=["brand"], price="price", respondent="who")
    term = found.table.row(0, named=True)
    sign = 1 if term["term"] == "brand[y]" else -1
    assert term["estimate"] == pytest.approx(sign * 1.5, abs=0.15)
    x = np.column_stack([np.ones(400), (frame["brand"] == term["term"][6:-1]).cast(int), frame["price"]])
    beta = np.linalg.lstsq(x, frame["score"].to_numpy(), rcond=None)[0]
    assert found.table["estimate"].to_list() == pytest.approx(beta[1:].tolist())
    money = found.willingness_to_pay.row(0, named=True)
    assert money["willingness_to_pay"] == pytest.approx(-beta[1] / beta[2])


def test_results_are_the_same_on_any_number_of_threads() -> None:
    code = """
import leverkit as lk
from leverkit.datasets import choices, electricity
found = lk.survey.conjoint(electricity(), situation="chid", alternative="alt", chosen="choice", attributes=["cl", "loc"], price="pf", respondent="id")
print(found.log_likelihood.hex(), [value.hex() for value in found.table["std_error"]], found.importance["lower"].to_list())
"""
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "LEVERKIT_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "4")
    }
    assert len(runs) == 1


def test_every_figure_and_page_can_be_drawn() -> None:
    found = meter(buy_cheap="bc", buy_expensive="be")
    for kind in ("curves", "reach"):
        assert found.plot(kind).data
    with pytest.raises(lk.ParameterError, match="kind"):
        meter().plot("reach")
    made = choices(respondents=50).choices
    model = lk.survey.conjoint(
        made, situation="task", alternative="option", chosen="chosen", attributes=["brand", "storage"], price="price"
    )
    for kind in ("part_worths", "importance", "willingness_to_pay", "elasticities"):
        assert model.plot(kind).data
    market = made.head(3).select("brand", "storage", "price")
    assert model.simulate(market).plot().data
    assert model.price_curve(market, row=0, prices=[299, 399]).plot().data
    assert "choices explained" in model._repr_html_()
    asked = pl.DataFrame({"price": [5, 5, 8, 8], "buys": [1, 1, 1, 0]})
    assert lk.survey.gabor_granger(asked, price="price", buys="buys").plot().data


def test_surveys_are_asked_under_their_own_name_and_under_pricing(tmp_path: Path) -> None:
    assert lk.pricing.van_westendorp is lk.survey.van_westendorp
    offers = pl.DataFrame({"price": [5, 5, 5, 8, 8, 8], "buys": [True, True, True, True, True, False]})
    offers.write_parquet(tmp_path / "offers.parquet")
    asked = ["gabor-granger", str(tmp_path / "offers.parquet"), "--price", "price", "--buys", "buys"]
    own, old = (CliRunner().invoke(app, [group, *asked]) for group in ("survey", "pricing"))
    assert own.exit_code == 0, own.stderr
    assert "Demand" in own.stdout and own.stdout == old.stdout
    drawn = CliRunner().invoke(app, ["survey", *asked, "--figure", str(tmp_path / "demand.html")])
    assert drawn.exit_code == 0 and (tmp_path / "demand.html").stat().st_size > 0
    wrong = CliRunner().invoke(app, ["survey", *asked, "--figure", str(tmp_path / "demand.png")])
    assert wrong.exit_code == 2 and ".html" in wrong.stderr
