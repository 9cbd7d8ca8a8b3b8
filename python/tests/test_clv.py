"""Lifetime models: published values, an independent likelihood, hard data, bad input and what predictions must satisfy."""

from __future__ import annotations

import importlib.metadata
import math
import warnings
from pathlib import Path

import mpmath
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, gammaln

import leverkit as lk

DATA = next(
    Path(str(file.locate())).parent
    for file in importlib.metadata.files("lifetimes") or []
    if file.name == "CDNOW_sample.txt"
)


def transactions(name: str, columns: list[str]) -> pl.DataFrame:
    rows = [line.split() for line in (DATA / name).read_text().splitlines() if line.split()[-1:] != []]
    frame = pl.DataFrame([row for row in rows if row[0].isdigit()], schema=columns, orient="row")
    return frame.with_columns(pl.col("date").str.to_date("%Y%m%d"), pl.col("amount").cast(pl.Float64))


@pytest.fixture(scope="module")
def cdnow() -> lk.Ledger:
    lines = transactions("CDNOW_sample.txt", ["master", "customer", "date", "units", "amount"])
    return lk.Ledger(lines, customer="customer", time="date", amount="amount")


@pytest.fixture(scope="module")
def summary(cdnow: lk.Ledger) -> pl.DataFrame:
    return lk.clv.summary(cdnow, calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def master() -> pl.DataFrame:
    lines = transactions("CDNOW_master.txt", ["customer", "date", "units", "amount"])
    return lk.clv.summary(lines, customer="customer", time="date", amount="amount", calibration_end="1997-09-30")


# Maxima of the likelihood on the raw transactions of CDNOW, first 39 weeks; published to 3 digits by Fader, Hardie & Lee (2005), Batislam et al.
# (2007) and in Hardie's notes.
SAMPLE = {
    "BetaGeoModel": ({"r": 0.242595, "alpha": 4.413602, "a": 0.792922, "b": 2.425907}, -9582.429207),
    "ModifiedBetaGeoModel": ({"r": 0.524843, "alpha": 6.183086, "a": 0.891359, "b": 1.614002}, -9582.135716),
    "ParetoNBDModel": ({"r": 0.553277, "alpha": 10.577684, "s": 0.606240, "beta": 11.668740}, -9594.976179),
}
MASTER = {
    "BetaGeoModel": ({"r": 0.25162, "alpha": 4.78895, "a": 0.72343, "b": 2.16109}, -95368.444),
    "ParetoNBDModel": ({"r": 0.5974, "alpha": 11.58559, "s": 0.52222, "beta": 8.82936}, -95415.119),
}


@pytest.mark.parametrize("name", SAMPLE)
def test_the_sample_gives_the_published_parameters(name: str, summary: pl.DataFrame) -> None:
    parameters, log_likelihood = SAMPLE[name]
    model = getattr(lk.clv, name)().fit(summary)
    assert model.parameters == pytest.approx(parameters, abs=5e-4)
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=1e-3)
    assert all(error > 0 for error in model.standard_errors.values())


@pytest.mark.parametrize("name", MASTER)
def test_all_customers_give_the_known_parameters_or_better(name: str, master: pl.DataFrame) -> None:
    parameters, log_likelihood = MASTER[name]
    model = getattr(lk.clv, name)().fit(master)
    # The known values stopped a little before the maximum.
    assert model.parameters == pytest.approx(parameters, rel=5e-4)
    assert model.log_likelihood >= log_likelihood - 1e-3
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=1e-2)


def test_spend_of_the_sample_is_as_published(summary: pl.DataFrame) -> None:
    model = lk.clv.GammaGammaModel().fit(summary)
    assert model.parameters == pytest.approx({"p": 6.249572, "q": 3.744224, "v": 15.44352}, abs=5e-4)
    assert model.log_likelihood == pytest.approx(-4055.917695, abs=1e-3)
    assert model.convergence["customers"] == 946


def test_donations_give_the_published_parameters() -> None:
    # Fader, Hardie & Shang (2010), table 4.
    donations = pl.read_csv(DATA / "donations.csv").rename({"periods": "T"})
    model = lk.clv.BetaGeoBetaBinomModel().fit(donations, weights="weights")
    assert model.parameters == pytest.approx({"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}, abs=1e-3)
    assert model.log_likelihood == pytest.approx(-33225.58, abs=1e-2)


def test_the_paper_s_customer_has_the_paper_s_expectation() -> None:
    # Fader, Hardie & Lee (2005), section 5: x = 2, t_x = 30.43, T = 38.86, t = 39 gives 1.226.
    model = lk.clv.BetaGeoModel.of(r=0.243, alpha=4.414, a=0.793, b=2.426)
    customer = pl.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    assert model.expected_purchases(customer, future_t=39)[0] == pytest.approx(1.226, abs=1e-3)


def bg_log_likelihood(p: list[float], x: np.ndarray, recency: np.ndarray, t: np.ndarray) -> float:
    r, alpha, a, b = p
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + t)
    left = np.where(x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency), -np.inf)
    return float(np.sum(common + np.logaddexp(alive, left)))


def pareto_alive(p: list[float], x: float, recency: float, t: float) -> float:
    """P(alive) by the integral of the likelihood, in 30 digits."""
    with mpmath.workdps(30):
        r, alpha, s, beta = (mpmath.mpf(value) for value in p)
        alive = (alpha + t) ** -(r + x) * (beta + t) ** -s
        points = [recency + (t - recency) * share for share in (0, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 1)]
        left = s * mpmath.quad(lambda y: (alpha + y) ** -(r + x) * (beta + y) ** -(s + 1), points)
        return float(alive / (alive + left))


positive = st.floats(-2.0, 2.5).map(math.exp)


@settings(max_examples=40, deadline=None)
@given(
    positive,
    positive,
    positive,
    positive,
    st.integers(0, 2000),
    st.floats(0.01, 0.99),
    st.floats(-7, 11.5).map(math.exp),
)
def test_pareto_s_p_alive_agrees_with_the_integral(
    r: float, alpha: float, s: float, beta: float, x: int, share: float, t: float
) -> None:
    recency = share * t if x else 0.0
    model = lk.clv.ParetoNBDModel.of(r=r, alpha=alpha, s=s, beta=beta)
    found = model.expected_probability_alive(pl.DataFrame({"frequency": [x], "recency": [recency], "T": [t]}))[0]
    assert found == pytest.approx(pareto_alive([r, alpha, s, beta], x, recency, t), rel=1e-6, abs=1e-12)


def test_log_likelihood_is_that_of_an_independent_formula(master: pl.DataFrame) -> None:
    model = lk.clv.BetaGeoModel().fit(master)
    x, recency, t = (master[name].to_numpy().astype(float) for name in ("frequency", "recency", "T"))
    assert model.log_likelihood == pytest.approx(
        bg_log_likelihood(list(model.parameters.values()), x, recency, t), abs=1e-6
    )


@pytest.mark.parametrize("name", ["BetaGeoModel", "ModifiedBetaGeoModel", "ParetoNBDModel"])
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_a_tiny_or_huge_unit_of_time_changes_times_alone(name: str, scale: float, summary: pl.DataFrame) -> None:
    usual = getattr(lk.clv, name)().fit(summary)
    scaled = getattr(lk.clv, name)().fit(summary.with_columns(pl.col("recency", "T") * scale))
    assert scaled.parameters["r"] == pytest.approx(usual.parameters["r"], rel=1e-5)
    assert scaled.parameters["alpha"] == pytest.approx(scale * usual.parameters["alpha"], rel=1e-5)


def test_one_heavy_buyer_does_not_stop_the_fit(summary: pl.DataFrame) -> None:
    heavy = pl.DataFrame({"frequency": [2000], "recency": [38.8], "T": [38.9]})
    data = pl.concat([summary.select("frequency", "recency", "T"), heavy])
    for model in (lk.clv.BetaGeoModel(), lk.clv.ParetoNBDModel(), lk.clv.ModifiedBetaGeoModel()):
        assert math.isfinite(model.fit(data).log_likelihood)
        alive = model.expected_probability_alive(data).to_numpy()
        assert np.all((alive >= 0) & (alive <= 1))


def test_without_repeat_orders_the_error_says_what_was_tried() -> None:
    data = pl.DataFrame({"frequency": [0, 0], "recency": [0.0, 0.0], "T": [10.0, 20.0]})
    with pytest.raises(lk.ConvergenceError, match=r"no customer ordered again.*Tried"):
        lk.clv.ParetoNBDModel().fit(data)


@pytest.mark.parametrize(
    ("column", "value"),
    [("frequency", 1.5), ("frequency", -1.0), ("recency", None), ("recency", 99.0), ("T", float("nan")), ("T", -3.0)],
)
def test_a_history_that_cannot_be_is_named(column: str, value: float | None) -> None:
    data = pl.DataFrame({"frequency": [1.0, 1.0], "recency": [2.0, 2.0], "T": [5.0, 5.0]})
    data[1, column] = value
    with pytest.raises(lk.DataError, match="row 1") as caught:
        lk.clv.BetaGeoModel().fit(data)
    assert caught.value.column == column or value == -3.0
    assert caught.value.row == 1


def test_a_missing_column_and_an_unfitted_model_are_named() -> None:
    with pytest.raises(lk.SchemaError, match="frequency"):
        lk.clv.BetaGeoModel().fit(pl.DataFrame({"recency": [1.0], "T": [2.0]}))
    with pytest.raises(lk.LeverkitError, match="not fitted"):
        lk.clv.BetaGeoModel().expected_purchases(pl.DataFrame())


def test_refunds_that_outweigh_orders_are_counted_in_words(summary: pl.DataFrame) -> None:
    data = summary.with_columns(
        monetary_value=pl.when(pl.int_range(pl.len()) == 0).then(-5.0).otherwise("monetary_value")
    )
    model = lk.clv.GammaGammaModel().fit(data)
    assert any("refunds" in note for note in model.notes)
    assert model.expected_customer_spend(data)[0] > 0
    with pytest.raises(lk.DataError, match="monetary_value: row 0"):
        lk.clv.GammaGammaModel().fit(pl.DataFrame({"frequency": [1], "monetary_value": [None]}))


def test_lengths_are_typed(summary: pl.DataFrame) -> None:
    model = lk.clv.BetaGeoModel().fit(summary)
    weeks, typed = (model.expected_purchases(summary, future_t=t) for t in (52, "52 weeks"))
    assert weeks.equals(typed)
    assert model.expected_purchases_new_customer(t="1 year") == model.expected_purchases_new_customer(t=365.25 / 7)
    with pytest.raises(lk.ParameterError, match="12 moons"):
        model.expected_purchases(summary, future_t="12 moons")


def test_predictions_are_columns_of_the_summary_s_kind(summary: pl.DataFrame) -> None:
    data = summary.to_pandas().set_index("customer").sort_index(ascending=False)
    model = lk.clv.ParetoNBDModel().fit(data)
    alive = model.expected_probability_alive(data)
    assert isinstance(alive, pd.Series) and alive.index.equals(data.index)
    assert isinstance(model.summary(), pd.DataFrame)
    by_polars = model.expected_probability_alive(summary)
    assert alive.loc["0001"] == by_polars[0]


# Mean absolute errors in orders of lifetimes 0.11.3 on the same holdout, each at its own maximum.
LIFETIMES_ERRORS = {"BetaGeoModel": 0.785454, "ModifiedBetaGeoModel": 0.764779, "ParetoNBDModel": 0.754531}


@pytest.mark.parametrize("name", LIFETIMES_ERRORS)
def test_the_holdout_is_foretold_as_well_as_by_lifetimes_and_better_than_naively(
    name: str, summary: pl.DataFrame
) -> None:
    model, naive = lk.clv.validate(getattr(lk.clv, name)().fit(summary), summary).errors["mae"]
    assert model < naive and model < LIFETIMES_ERRORS[name] + 1e-6


def test_lifetime_value_is_orders_times_spend(summary: pl.DataFrame) -> None:
    orders, spend = lk.clv.ParetoNBDModel().fit(summary), lk.clv.GammaGammaModel().fit(summary)
    found = lk.clv.lifetime_value(purchases=orders, spend=spend, summary=summary, horizon="52 weeks", margin=0.3)
    expected = orders.expected_purchases(summary, future_t=52) * spend.expected_customer_spend(summary) * 0.3
    assert found.customers["lifetime_value"].to_list() == pytest.approx(expected.to_list())
    estimate, lower, upper = found.total
    assert lower < estimate < upper and estimate == pytest.approx(expected.sum())
    later = lk.clv.lifetime_value(
        purchases=orders, spend=spend, summary=summary, horizon=52, margin=0.3, discount_rate=0.2
    )
    assert expected.sum() / 1.2 < later.total[0] < expected.sum()


def test_the_day_a_customer_is_lost_is_where_p_alive_crosses_the_threshold(summary: pl.DataFrame) -> None:
    model = lk.clv.ParetoNBDModel().fit(summary)
    some = summary.filter(pl.col("frequency") > 1).head(20)
    found = model.next_order(some, threshold=0.3)
    later = some.with_columns(T=pl.col("T") + found["lost_after"])
    alive = model.expected_probability_alive(later).to_numpy()
    waiting = found["lost_after"].to_numpy() > 0
    assert np.allclose(alive[waiting], 0.3, atol=1e-4) and np.all(alive[~waiting] <= 0.3)
    assert np.all(found["lower"].to_numpy() < found["upper"].to_numpy())


def test_a_covariate_with_a_known_effect_is_found() -> None:
    # BG/NBD with λ doubled for half of the customers: the coefficient is ln 2.
    rng = np.random.default_rng(5)
    n = 20_000
    z = np.repeat([0.0, 1.0], n // 2)
    frequency, recency, t = bg_customers(rng, n, 2.0**z)
    data = pl.DataFrame({"frequency": frequency, "recency": recency, "T": t, "z": z})
    model = lk.clv.BetaGeoModel().fit(data, purchase_covariates=["z"])
    found, error = (
        model.parameters["purchase_coefficient_alpha_z"],
        model.standard_errors["purchase_coefficient_alpha_z"],
    )
    assert error is not None and abs(found - math.log(2)) < 4 * error
    orders = model.expected_purchases(data).to_numpy()
    assert orders[n // 2 :].mean() > orders[: n // 2].mean()


def test_a_covariate_of_leaving_at_any_time_is_found() -> None:
    rng = np.random.default_rng(6)
    n = 20_000
    z = np.repeat([0.0, 1.0], n // 2)
    t = rng.integers(27 * 7, 39 * 7, n) / 7.0
    rate, life = rng.gamma(0.8, 1 / 3.0, n), rng.exponential(1.0, n) / (rng.gamma(1.2, 1 / 20.0, n) * 2.0**z)
    seen = np.minimum(t, life)
    frequency = rng.poisson(rate * seen)
    recency = np.where(frequency > 0, seen * rng.random(n) ** (1 / np.maximum(frequency, 1)), 0.0)
    data = pl.DataFrame({"frequency": frequency, "recency": recency, "T": t, "z": z})
    model = lk.clv.ParetoNBDModel().fit(data, dropout_covariates=["z"])
    found, error = model.parameters["dropout_coefficient_beta_z"], model.standard_errors["dropout_coefficient_beta_z"]
    assert error is not None and abs(found - math.log(2)) < 4 * error


def bg_customers(
    rng: np.random.Generator, n: int, factor: np.ndarray | float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rate, leave = rng.gamma(0.8, 1 / 6.0, n) * factor, rng.beta(0.8, 2.5, n)
    t = rng.integers(27 * 7, 39 * 7, n) / 7.0
    frequency, recency, clock, alive = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while alive.size:
        clock[alive] += rng.exponential(1.0, alive.size) / rate[alive]
        alive = alive[clock[alive] <= t[alive]]
        frequency[alive] += 1
        recency[alive] = clock[alive]
        alive = alive[rng.random(alive.size) >= leave[alive]]
    return frequency, recency, t


def test_95_percent_limits_hold_the_truth_about_95_times_in_100() -> None:
    truth = {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.5}
    held = []
    for seed in range(60):
        frequency, recency, t = bg_customers(np.random.default_rng(seed), 3000)
        table = lk.clv.BetaGeoModel().fit(pl.DataFrame({"frequency": frequency, "recency": recency, "T": t})).summary()
        held += [row["lower"] <= truth[row["parameter"]] <= row["upper"] for row in table.iter_rows(named=True)]
    assert 0.90 <= np.mean(held) <= 0.98


def test_without_leaving_the_fit_says_what_is_not_identified() -> None:
    rng = np.random.default_rng(2)
    x = rng.poisson(rng.gamma(1.0, 1 / 8.0, 2000) * 30)
    recency = np.array([rng.uniform(0, 30, n).max() if n else 0.0 for n in x])
    data = pl.DataFrame({"frequency": x, "recency": recency, "T": np.full(2000, 30.0)})
    try:
        model = lk.clv.ParetoNBDModel().fit(data)
    except lk.ConvergenceError as error:
        assert "Tried" in str(error)
    else:
        assert any("trade off" in note or "not identified" in note for note in model.notes)


def test_bootstrap_is_seeded_and_near_the_standard_errors(summary: pl.DataFrame) -> None:
    model = lk.clv.BetaGeoModel().fit(summary)
    one, two = (model.bootstrap(summary, replicates=40, seed=3) for _ in range(2))
    assert one.equals(two)
    spread = one["r"].std()
    assert 0.5 * model.standard_errors["r"] < spread < 2 * model.standard_errors["r"]


def test_the_summary_agrees_with_pandas(cdnow: lk.Ledger, summary: pl.DataFrame) -> None:
    lines = cdnow.to_frame().to_pandas()
    days = lines.groupby(["customer", "date"])["amount"].sum().reset_index()
    early = days[days["date"] <= pd.Timestamp("1997-09-30")]
    first = early.groupby("customer")["date"].min()
    repeat = early[early["date"] > early["customer"].map(first)]
    assert (
        summary["frequency"].to_list() == repeat.groupby("customer").size().reindex(first.index, fill_value=0).tolist()
    )
    money = repeat.groupby("customer")["amount"].mean().reindex(first.index, fill_value=0.0)
    assert summary["monetary_value"].to_list() == pytest.approx(money.tolist())
    age = (pd.Timestamp("1997-09-30") - first).dt.days / 7
    assert summary["T"].to_list() == pytest.approx(age.tolist())


def test_whole_periods_make_a_summary_for_occasions(cdnow: lk.Ledger) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        months = lk.clv.summary(cdnow, unit="month", period="month")
    assert (months["recency"] == months["recency"].round()).all() and (months["frequency"] <= months["recency"]).all()
    assert math.isfinite(lk.clv.BetaGeoBetaBinomModel(unit="month").fit(months).log_likelihood)
    with pytest.raises(lk.ParameterError, match="unit"):
        lk.clv.summary(cdnow, unit="week", period="month")


def regular_lines(rng: np.random.Generator, n: int, k: int) -> pl.DataFrame:
    customers, days = [], []
    for customer, (rate, leave) in enumerate(zip(rng.gamma(2.0, 1 / 80.0, n), rng.beta(0.6, 4.0, n), strict=True)):
        day = float(rng.integers(0, 80))
        while day < 400:
            customers.append(customer)
            days.append(int(day))
            if rng.random() < leave:
                break
            day += rng.gamma(k, 1 / (k * rate))
    dates = pl.Series(days, dtype=pl.Int32).cast(pl.Date)
    return pl.DataFrame({"customer": customers, "date": dates, "amount": np.ones(len(days))})


@pytest.mark.parametrize(("k", "expected"), [(3, "MBG/CNBD"), (1, "MBG/NBD")])
def test_the_contest_tells_regular_from_random_timing(k: int, expected: str) -> None:
    lines = regular_lines(np.random.default_rng(11), 3000, k)
    found = lk.clv.contest(lines, customer="customer", time="date", amount="amount", folds=2)
    assert found.table["model"][0].startswith(expected), found.verdict
    assert found.table["model"][-1].startswith("naive")


def test_figures_are_drawn(cdnow: lk.Ledger, summary: pl.DataFrame) -> None:
    orders, spend = lk.clv.ParetoNBDModel().fit(summary), lk.clv.GammaGammaModel().fit(summary)
    value = lk.clv.lifetime_value(purchases=orders, spend=spend, summary=summary)
    tracking = lk.clv.tracking(orders, cdnow, calibration_end="1997-09-30")
    for figure in (
        orders.plot(),
        orders.plot("purchases"),
        lk.clv.validate(orders, summary).plot(),
        tracking.plot(),
        value.plot(),
    ):
        assert figure.data and figure.layout.title.text
    with pytest.raises(lk.ParameterError, match="kind"):
        orders.plot("pie")


def test_the_command_writes_the_value_of_each_customer(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from leverkit.cli.app import app

    lines = regular_lines(np.random.default_rng(3), 800, 1)
    lines = lines.with_columns(amount=pl.Series(np.random.default_rng(4).gamma(5.0, 4.0, lines.height)))
    lines.write_parquet(tmp_path / "lines.parquet")
    roles = ["--customer", "customer", "--time", "date", "--amount", "amount"]
    output = tmp_path / "value.parquet"
    command = [
        "clv",
        str(tmp_path / "lines.parquet"),
        *roles,
        "--horizon",
        "6 months",
        "--discount-rate",
        "0.1",
        "-o",
        str(output),
    ]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    table = pl.read_parquet(output)
    assert table.height == lines["customer"].n_unique() and (table["lifetime_value"] >= 0).all()
    assert CliRunner().invoke(app, [*command[:-2], "--horizon", "6 moons"]).exit_code == 2


@pytest.mark.parametrize("model", [lk.clv.BetaGeoModel, lk.clv.ModifiedBetaGeoModel, lk.clv.ParetoNBDModel])
def test_customers_of_the_fit_have_not_drifted_and_busier_ones_have(model: type, summary: pl.DataFrame) -> None:
    fitted = model().fit(summary)
    row = fitted.drift(summary).table.row(0, named=True)
    assert (row["verdict"], row["customers"], row["customers_before"]) == ("stable", 2357, 2357)
    busy = summary.filter(pl.col("frequency") > 0)
    found = fitted.drift(busy)
    assert found.table["verdict"][0] == "major" and "fit the model anew" in found.notes[0]
    assert fitted.drift(summary.head(30)).table["verdict"][0] == "unclear"
    # Shares that add up, and the published share without a repeat order: 1411 of 2357.
    bins = fitted.drift(summary).bins
    assert bins["share_before"].sum() == pytest.approx(1) and bins["customers"][0] == 1411


def test_customers_who_grow_older_do_not_drift(cdnow: lk.Ledger, summary: pl.DataFrame) -> None:
    model = lk.clv.ModifiedBetaGeoModel().fit(summary)
    later = lk.clv.summary(cdnow)
    assert later["frequency"].sum() > 1.5 * summary["frequency"].sum()
    assert model.drift(later).table["verdict"][0] == "stable"


def test_expected_shares_of_regular_and_discrete_models_add_up(cdnow: lk.Ledger) -> None:
    regular = lk.clv.summary(cdnow, log_gaps=True)
    discrete = lk.clv.summary(cdnow, unit="month", period="month")
    for model, table in ((lk.clv.RegularTimingModel(k=1), regular), (lk.clv.BetaGeoBetaBinomModel(), discrete)):
        bins = model.fit(table).drift(table).bins
        assert bins["share_before"].sum() == pytest.approx(1) and bins["share_before"].min() > 0


def test_spend_drifts_where_orders_are_worth_more(summary: pl.DataFrame) -> None:
    spend = lk.clv.GammaGammaModel().fit(summary)
    assert spend.drift(summary).table["verdict"][0] == "stable"
    dear = spend.drift(summary.with_columns(pl.col("monetary_value") * 2))
    assert dear.table["verdict"][0] == "major" and dear.bins["share"][-1] > 0.4
    published = lk.clv.GammaGammaModel.of(p=6.25, q=3.74, v=15.44).drift(summary)
    assert published.table["customers_before"][0] is None and published.table["verdict"][0] == "stable"
    with pytest.raises(lk.DataError, match="monetary_value"):
        spend.drift(summary.with_columns(pl.lit(math.nan).alias("monetary_value")))
