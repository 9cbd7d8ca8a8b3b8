"""Tests before they start, when they are over, and while they run: golden values, other packages, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from statsmodels.stats.power import tt_ind_solve_power
from statsmodels.stats.proportion import proportion_effectsize
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

START = dt.date(2024, 1, 1)


@pytest.fixture(scope="module")
def lines() -> pl.DataFrame:
    """Purchases of 600 customers over 40 weeks, each at a rate and with a check of their own."""
    draw = random.Random(3)
    rows = []
    for customer in range(600):
        gap, check, day = draw.uniform(5, 40), draw.uniform(10, 60), draw.uniform(0, 30)
        while day < 280:
            rows.append(
                {
                    "customer": customer,
                    "day": START + dt.timedelta(days=int(day)),
                    "paid": check * draw.uniform(0.7, 1.3),
                }
            )
            day += draw.expovariate(1 / gap)
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def ledger(lines: pl.DataFrame) -> lk.Ledger:
    return lk.Ledger(lines, customer="customer", time="day", amount="paid", as_of=START + dt.timedelta(days=280))


def test_sample_sizes_are_those_of_books_and_statsmodels() -> None:
    size = lk.effect.sample_size
    assert np.ceil(size(0.10, 0.12)) == 3841
    assert size(0.10, 0.12, formula="unpooled") == pytest.approx(3838.1, abs=0.05)
    # statsmodels' power counts the tail on the wrong side too, so its formula is written out with its effect size.
    arcsine = 2 * ((norm.ppf(0.975) + norm.ppf(0.8)) / proportion_effectsize(0.12, 0.10)) ** 2
    assert size(0.10, 0.12, formula="arcsine") == pytest.approx(arcsine, rel=1e-9)
    # The t-test's size is greater by what its spread must be estimated.
    t_test = tt_ind_solve_power(0.1, alpha=0.05, power=0.8)
    assert size(20, 21, std_dev=10) == pytest.approx(t_test, rel=1e-3)


def test_a_design_is_what_numpy_finds_in_the_same_weeks(lines: pl.DataFrame, ledger: lk.Ledger) -> None:
    found = lk.effect.design(ledger, weeks=[4], lift=0.10, cost=100.0)
    end = START + dt.timedelta(days=280)
    start, before = end - dt.timedelta(weeks=4), end - dt.timedelta(weeks=8)
    day, customers = pl.col("day"), lines.filter(pl.col("day") < start)["customer"].unique()
    spend = (
        lines.group_by("customer")
        .agg(
            y=pl.col("paid").filter(day.is_between(start, end, closed="left")).sum(),
            x=pl.col("paid").filter(day.is_between(before, start, closed="left")).sum(),
        )
        .filter(pl.col("customer").is_in(customers.implode()))
    )
    y, x = spend["y"].to_numpy(), spend["x"].to_numpy()
    row = found.table.row(0, named=True)
    rho = np.corrcoef(x, y)[0, 1]
    assert row["customers"] == len(y)
    assert row["mean"] == pytest.approx(y.mean(), rel=1e-12)
    assert row["std_dev"] == pytest.approx(y.std(ddof=1), rel=1e-12)
    assert row["correlation"] == pytest.approx(rho, rel=1e-12)
    smallest = (1.959963984540054 + 0.8416212335729143) * np.sqrt(4 * y.var(ddof=1) / len(y))
    assert row["smallest"] == pytest.approx(smallest, rel=1e-9)
    assert row["smallest_adjusted"] == pytest.approx(smallest * np.sqrt(1 - rho**2), rel=1e-9)
    assert row["smallest_money"] == pytest.approx(smallest * len(y) * 365.25 / 28, rel=1e-9)
    assert row["break_even_lift"] == pytest.approx(100 / (y.sum() * 365.25 / 28), rel=1e-9)


def test_the_past_gives_the_false_alarms_and_the_power_of_the_formula(ledger: lk.Ledger) -> None:
    found = lk.effect.design(ledger, weeks=[8], lift=0.10, replicates=4000)
    for row in found.false_alarms.iter_rows(named=True):
        assert row["false_alarms_lower"] < 0.055 and row["false_alarms_upper"] > 0.045
        assert row["power"] == pytest.approx(row["expected_power"], abs=0.04)
        assert row["spread"] == pytest.approx(row["std_error"], rel=0.05)
    plain, adjusted = found.false_alarms["power"]
    assert adjusted > plain + 0.1


def test_one_whale_shows_in_the_false_alarms() -> None:
    draw = random.Random(1)
    rows = [
        {"c": c, "t": START + dt.timedelta(days=day), "a": 1e6 if c == 0 else draw.uniform(1, 2)}
        for c in range(200)
        for day in (1, 20, 35)
    ]
    found = lk.effect.design(pl.DataFrame(rows), customer="c", time="t", amount="a", weeks=[2])
    assert found.false_alarms["spread"][0] > 0
    assert found.false_alarms["power"][0] < 0.2  # the spread is the whale's: nothing can be found


def test_a_history_that_is_too_short_is_told(ledger: lk.Ledger) -> None:
    found = lk.effect.design(ledger, weeks=[4, 30])
    assert found.table["reason"][1] == "the history is 20 weeks too short for the test and the weeks before it"
    with pytest.raises(lk.DataError, match="design: not identified: the history is 60 weeks too short"):
        lk.effect.design(ledger, weeks=[50])
    with pytest.raises(lk.SchemaError, match="unit_cost"):
        lk.effect.design(ledger, metric="margin")
    with pytest.raises(lk.ParameterError, match=r"share: got 1\.5"):
        lk.effect.design(ledger, share=1.5)


def test_arms_are_drawn_evenly_and_reproducibly() -> None:
    shops = pl.DataFrame(
        {"shop": range(90), "region": ["n", "s", "w"] * 30, "sales": [(at * 37) % 101 for at in range(90)]}
    )
    drawn = lk.effect.randomise(shops, unit="shop", strata="region", balance="sales")
    counts = drawn.table.join(shops, on="shop").group_by("region", "arm").len()
    assert set(counts["len"]) == {15}
    again = lk.effect.randomise(shops.sample(fraction=1, shuffle=True, seed=1), unit="shop", strata="region")
    assert again.table.equals(drawn.table)
    matched = lk.effect.randomise(shops, unit="shop", match_on="sales")
    assert abs(matched.balance["difference"][1]) < 0.03
    with pytest.raises(lk.DataError, match="again in row 1; expected each unit once"):
        lk.effect.randomise(pl.DataFrame({"shop": ["a", "a"]}), unit="shop")


@pytest.fixture(scope="module")
def units() -> pl.DataFrame:
    draw = np.random.default_rng(5)
    n = 800
    before = draw.gamma(2, 20, n) * (draw.random(n) < 0.7)
    arm = draw.permutation(np.repeat(["control", "a"], n // 2))
    spend = np.maximum(0, 0.8 * before + 4 * (arm == "a") + draw.normal(0, 8, n))
    return pl.DataFrame({"arm": arm, "before": before, "spend": spend, "orders": draw.poisson(1.5, n).astype(float)})


def test_effects_are_those_of_statsmodels(units: pl.DataFrame) -> None:
    found = lk.effect.holdout(units, metrics="spend", before={"spend": "before"}, ratios={"check": ("spend", "orders")})
    rows = {row["method"]: row for row in found.effects.iter_rows(named=True)}
    t, x, y = ((units["arm"] == "a").cast(float).to_numpy(), units["before"].to_numpy(), units["spend"].to_numpy())
    centred = x - x.mean()
    fit = sm.OLS(y, np.c_[np.ones(len(y)), t, centred, t * centred]).fit(cov_type="HC2")
    assert rows["lin"]["estimate"] == pytest.approx(fit.params[1], rel=1e-9)
    assert rows["lin"]["std_error"] == pytest.approx(fit.bse[1], rel=1e-9)
    welch = sm.stats.CompareMeans.from_data(y[t == 1], y[t == 0]).ttest_ind(usevar="unequal")
    assert rows["difference"]["p_value"] == pytest.approx(welch[1], rel=1e-8)
    theta = np.cov(y, x)[0, 1] / x.var(ddof=1)
    adjusted = y - theta * centred
    assert rows["cuped"]["estimate"] == pytest.approx(adjusted[t == 1].mean() - adjusted[t == 0].mean(), rel=1e-9)
    assert found.effects["is_main"].to_list() == [False, False, True, True]
    parts = found.parts
    assert parts["adds"].sum() == pytest.approx(rows["difference"]["estimate"], rel=1e-12)


def test_two_stage_least_squares_gives_the_effect_on_those_who_received(units: pl.DataFrame) -> None:
    half = units.with_columns(got=(pl.col("arm") == "a") & (pl.int_range(pl.len()) % 2 == 0))
    found = lk.effect.holdout(half, metrics="spend", received="got").received.row(0, named=True)
    z, d, y = (
        (half["arm"] == "a").cast(float).to_numpy(),
        half["got"].cast(float).to_numpy(),
        half["spend"].to_numpy(),
    )
    assert found["estimate"] == pytest.approx(np.cov(z, y)[0, 1] / np.cov(z, d)[0, 1], rel=1e-9)
    assert found["f_statistic"] > 100
    weak = units.with_columns(got=(pl.col("arm") == "a") & (pl.int_range(pl.len()) == 1))
    assert "too weak" in lk.effect.holdout(weak, metrics="spend", received="got").received["reason"][0]


def test_a_ledger_counts_those_who_bought_nothing(ledger: lk.Ledger, lines: pl.DataFrame) -> None:
    start = START + dt.timedelta(days=210)
    drawn = pl.DataFrame({"customer": range(700), "arm": ["control", "treated"] * 350})
    found = lk.effect.holdout(ledger, drawn, start=start)
    row = found.effects.row(0, named=True)
    assert (row["n_control"], row["n_treated"]) == (350, 350)
    spend = lines.filter(pl.col("day") >= start, pl.col("customer") % 2 == 0)["paid"].sum() / 350
    assert row["control"] == pytest.approx(spend, rel=1e-12)
    assert {"spend", "orders", "active", "check"} == set(found.effects["metric"])
    assert found.effects.filter("is_main")["p_value"].min() > 0.01  # nothing was done
    with pytest.raises(lk.DataError, match="each customer once"):
        lk.effect.holdout(ledger, pl.concat([drawn, drawn]), start=start)
    with pytest.raises(lk.ParameterError, match="start: got None"):
        lk.effect.holdout(ledger, drawn)
    with pytest.raises(lk.ParameterError, match="a ledger has no other metric"):
        lk.effect.holdout(ledger, drawn, start=start, metrics="clicks")


def test_arms_of_odd_sizes_are_a_mismatch(units: pl.DataFrame) -> None:
    found = lk.effect.holdout(units.filter((pl.col("arm") == "a") | (pl.col("before") > 0)), metrics="spend")
    assert found.sample_ratio[1] < 1e-3
    assert found.notes[0].startswith("The arms are not as large")
    assert lk.effect.sample_ratio({"c": 10_000, "t": 9_700})["chi2"] == pytest.approx(4.568528, abs=1e-6)


def test_what_a_test_cannot_use_is_refused(units: pl.DataFrame) -> None:
    with pytest.raises(lk.ParameterError, match='control: got "nobody"'):
        lk.effect.holdout(units, metrics="spend", control="nobody")
    with pytest.raises(lk.DataError, match="all units are in the control"):
        lk.effect.holdout(units.filter(pl.col("arm") == "control"), metrics="spend")
    with pytest.raises(lk.ParameterError, match="metrics"):
        lk.effect.holdout(units)
    odd = units.with_columns(spend=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("spend"))
    assert "3 rows: a metric unknown or infinite, unit left out" in lk.effect.holdout(odd, metrics="spend").notes[0]


def test_bounds_are_those_of_the_books_and_peeking_is_told() -> None:
    def bounds(rule: Any) -> list[float]:
        return lk.effect.bounds(5, rule=rule)["bound"].to_list()

    assert bounds("pocock") == pytest.approx([2.413176] * 5, abs=1e-5)
    assert bounds("obrien_fleming") == pytest.approx([4.561742, 3.225639, 2.633723, 2.280871, 2.040073], abs=1e-5)
    assert bounds("spending_obrien_fleming") == pytest.approx([4.8769, 3.3570, 2.6803, 2.2898, 2.0310], abs=6e-5)
    assert lk.effect.bounds(20)["plain_false_alarms"][-1] == pytest.approx(0.248, abs=5e-4)
    with pytest.raises(lk.ParameterError, match="rising shares"):
        lk.effect.bounds([0.5, 0.4])


def test_a_running_test_has_the_bounds_of_its_looks() -> None:
    n = [100, 350, 400, 1000]
    looks = pl.DataFrame({"n": n, "estimate": [0.1] * 4, "std_error": [1 / np.sqrt(size) for size in n]})
    watched = lk.effect.monitor(looks, planned=1000, spending="pocock")
    planned = lk.effect.bounds([size / 1000 for size in n], rule="spending_pocock")
    assert watched.table["bound"].to_list() == planned["bound"].to_list()
    assert planned["spent"][-1] == pytest.approx(0.05, abs=1e-7)
    half = watched.table["sequence_upper"] - watched.table["estimate"]
    assert (half > 1.96 * looks["std_error"]).all()


def test_looks_that_cannot_be_are_named() -> None:
    looks = pl.DataFrame({"n": [200, 100], "estimate": [1.0, 1.0], "std_error": [0.5, 0.4]})
    with pytest.raises(lk.DataError, match='n: column "n" holds 100 in row 1'):
        lk.effect.monitor(looks, planned=1000)
    with pytest.raises(lk.DataError, match="no look"):
        lk.effect.monitor(looks.head(0), planned=1000)


def test_the_commands_show_what_the_functions_find(tmp_path: Path, lines: pl.DataFrame, units: pl.DataFrame) -> None:
    lines.write_parquet(tmp_path / "orders.parquet")
    units.write_csv(tmp_path / "units.csv")
    pl.DataFrame({"n": [500, 1000], "estimate": [1.0, 1.2], "std_error": [0.5, 0.35]}).write_csv(tmp_path / "looks.csv")

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["effect", *words])
        assert result.exit_code == 0, result.output
        return result.output

    roles = ["--customer", "customer", "--time", "day", "--amount", "paid"]
    out = run("design", str(tmp_path / "orders.parquet"), *roles, "--weeks", "4", "--lift", "0.4")
    assert "A test of 4 weeks finds a lift of 40" in out and "false alarms on 4 weeks" in out
    out = run(
        "holdout",
        str(tmp_path / "units.csv"),
        "--metric",
        "spend",
        "--before",
        "spend=before",
        "--ratio",
        "check=spend/orders",
    )
    assert "a: spend changes by +" in out
    assert "Stop: an effect of" in run("monitor", str(tmp_path / "looks.csv"), "--planned", "2000")


def test_an_effect_that_fades_is_followed_month_by_month() -> None:
    draw = np.random.default_rng(8)
    rows = []
    for customer in range(2000):
        for month in range(1, 13):
            gain = max(0.0, 12.0 - 3.0 * (month - 6)) if customer % 2 and month >= 6 else 0.0
            rows.append((customer, dt.date(2024, month, 10), draw.gamma(4, 5) + gain))
    lines = pl.DataFrame([*rows, (0, dt.date(2024, 12, 31), 0.0)], schema=["customer", "day", "paid"], orient="row")
    ledger = lk.Ledger(lines, customer="customer", time="day", amount="paid")
    drawn = pl.DataFrame({"customer": range(2000), "arm": ["control", "mail"] * 1000})
    found = lk.effect.holdout(ledger, drawn, metrics="spend", start="2024-06-01", every="month")
    gains = [12.0, 9.0, 6.0, 3.0, 0.0, 0.0, 0.0]
    assert found.over_time["start"].to_list() == [dt.date(2024, month, 1) for month in range(6, 13)]
    held = found.over_time.with_columns(gain=pl.Series(gains), all=pl.Series(gains).cum_sum())
    assert held.filter((pl.col("lower") <= pl.col("gain")) & (pl.col("gain") <= pl.col("upper"))).height >= 6
    assert held.filter((pl.col("total_lower") <= pl.col("all")) & (pl.col("all") <= pl.col("total_upper"))).height >= 6
    whole = found.effects.filter("is_main")
    assert found.over_time["total"][-1] == pytest.approx(whole["estimate"][0])
    trend = found.trends.row(0, named=True)
    assert (trend["verdict"], trend["periods"]) == ("fades", 7)
    assert lk.effect.holdout(ledger, drawn, metrics="spend", start="2024-06-01").over_time is None
    with pytest.raises(lk.ParameterError, match="every"):
        lk.effect.holdout(ledger, drawn, metrics="spend", start="2024-06-01", every="year")
