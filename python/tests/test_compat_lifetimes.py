"""The lifetimes-shaped face: published values, the package's own results, its own test suite, bad input, and what goes in comes out."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tarfile
import urllib.request
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import leverkit as lk
from leverkit.compat.lifetimes import (
    BetaGeoBetaBinomFitter,
    BetaGeoFitter,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
    ParetoNBDFitter,
    generate_data,
)
from leverkit.compat.lifetimes.datasets import (
    load_cdnow_summary,
    load_cdnow_summary_data_with_monetary_value,
    load_dataset,
    load_donations,
)
from leverkit.compat.lifetimes.utils import (
    calculate_alive_path,
    calibration_and_holdout_data,
    expected_cumulative_transactions,
    summary_data_from_transaction_data,
)

TIMING = (BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter)
# The tests are in the source of the release alone, not in the package that is published. `LIFETIMES_SOURCE` is its folder where there is no network.
SOURCE = "https://github.com/CamDavidsonPilon/lifetimes/archive/refs/tags/v0.11.3.tar.gz"
SUITE = ("test_estimation.py", "test_generate_data.py", "test_utils.py")  # and test_plotting.py, which is pictures
# What does not pass, and why.
EXCEPTIONS = {
    "test_prob_alive_is_close_to_Hardie_paper_table_6": "the test puts a Series into an element of an array, which numpy 2 refuses",
    "TestBetaGeoBetaBinomFitter.test_fit_with_and_without_weights": "the test calls DataFrame.append, which pandas 2 dropped",
    "TestParetoNBDFitter.test_overflow_error": "a private function of the likelihood, which is in the engine here",
    "test_sum_of_scalar_inputs_to_negative_log_likelihood_is_equal_to_array": "the same",
    "test_negative_log_likelihood_is_inf_when_q_constraint_true_and_q_lt_one": "the same",
}
RUN = """
import sys
from importlib import import_module
import pandas.testing, pytest
for name in ("", ".datasets", ".fitters", ".generate_data", ".utils"):
    sys.modules["lifetimes" + name] = import_module("leverkit.compat.lifetimes" + name)
sys.modules["pandas.util.testing"] = pandas.testing  # its name until pandas 2
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    return load_cdnow_summary(index_col=0)


@pytest.fixture(scope="module")
def spenders() -> pd.DataFrame:
    return load_cdnow_summary_data_with_monetary_value()


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    names = ["master", "id", "date", "discs", "paid"]
    return load_dataset("CDNOW_sample.txt", header=None, sep=r"\s+", names=names, dtype={"date": str})


@pytest.fixture(scope="module")
def fitted(cdnow: pd.DataFrame) -> dict[type, Any]:
    return {fitter: fitter().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"]) for fitter in TIMING}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of lifetimes, with its tests."""
    if given := os.environ.get("LIFETIMES_SOURCE"):
        return Path(given)
    try:
        with urllib.request.urlopen(SOURCE, timeout=30) as answer:
            archive = answer.read()
    except OSError as error:
        pytest.skip(f"the test suite of lifetimes cannot be fetched: {error}")
    folder = tmp_path_factory.mktemp("lifetimes")
    with tarfile.open(fileobj=BytesIO(archive)) as found:
        found.extractall(folder, filter="data")
    return next(folder.iterdir())


def test_the_test_suite_of_lifetimes_passes_but_for_named_exceptions(suite: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    files = [f"tests/{file}" for file in SUITE]
    command = [sys.executable, "-c", RUN, "-q", "-c", os.devnull, "-p", "no:cacheprovider", f"--junitxml={report}"]
    done = subprocess.run([*command, "--rootdir=.", *files], cwd=suite, capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = {f"{case.get('classname')}.{case.get('name')}" for case in cases if len(case)}
    unnamed = {name for name in failed if not any(name.endswith(exception) for exception in EXCEPTIONS)}
    assert unnamed == set(), done.stdout
    assert len(cases) - len(failed) >= 85


# Fader, Hardie & Lee (2005), and for MBG/NBD the R package BTYDplus.
PUBLISHED = {
    BetaGeoFitter: {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259},
    ModifiedBetaGeoFitter: {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    ParetoNBDFitter: {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}


@pytest.mark.parametrize("fitter", TIMING)
def test_parameters_of_cdnow_are_the_published_ones(fitter: type, fitted: dict[type, Any]) -> None:
    found = fitted[fitter].params_
    assert list(found.index) == list(PUBLISHED[fitter])
    assert found.to_dict() == pytest.approx(PUBLISHED[fitter], rel=1e-3)


def test_parameters_of_spend_are_the_published_ones(spenders: pd.DataFrame) -> None:
    again = spenders[spenders["frequency"] > 0]
    with pytest.warns(UserWarning, match="Spend and frequency are not independent") as said:
        ggf = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
    assert said[0].filename == __file__
    # Fader & Hardie (2013): p 6.25, q 3.74, v 15.44, rounded from a flat likelihood.
    assert ggf.params_.to_dict() == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.45}, rel=2e-3)


def test_parameters_of_the_donors_are_the_published_ones() -> None:
    donors = load_donations()
    bbtf = BetaGeoBetaBinomFitter().fit(donors["frequency"], donors["recency"], donors["periods"], donors["weights"])
    # Fader, Hardie & Shang (2010).
    published = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    assert bbtf.params_.to_dict() == pytest.approx(published, abs=1e-3)
    assert bbtf.expected_number_of_transactions_in_first_n_periods(6).loc[6, "model"] == pytest.approx(1253.1, abs=0.1)
    # Table 6 of the paper: alive in 2002.
    histories = ([0, 2, 6], [0, 4, 6], [6, 6, 6])
    assert bbtf.conditional_probability_alive(1, *histories).round(2).tolist() == [0.11, 0.59, 0.93]
    with pytest.raises(lk.ParameterError, match=r"m_periods_in_future: got 0\.5; expected a whole number of occasions"):
        bbtf.conditional_probability_alive(0.5, *histories)


# What lifetimes 0.11.3 prints for CDNOW: coef, se(coef) and limits of alpha.
def test_the_summary_is_that_of_lifetimes(fitted: dict[type, Any]) -> None:
    found = fitted[BetaGeoFitter].summary
    assert list(found.columns) == ["coef", "se(coef)", "lower 95% bound", "upper 95% bound"]
    assert found.loc["alpha"].tolist() == pytest.approx([4.413592, 0.378239, 3.672244, 5.154940], rel=1e-4)


def _all_with_variance(fitted: dict[type, Any], spenders: pd.DataFrame) -> list[Any]:
    donors = load_donations()
    again = spenders[spenders["frequency"] > 0]
    penalised = BetaGeoFitter(penalizer_coef=0.1).fit(spenders["frequency"], spenders["recency"], spenders["T"])
    return [
        fitted[BetaGeoFitter],
        fitted[ModifiedBetaGeoFitter],
        penalised,
        BetaGeoBetaBinomFitter().fit(donors["frequency"], donors["recency"], donors["periods"], donors["weights"]),
        GammaGammaFitter().fit(again["frequency"], again["monetary_value"]),
    ]


@pytest.mark.filterwarnings("ignore:Spend and frequency")
def test_variances_are_the_squares_of_the_standard_errors(fitted: dict[type, Any], spenders: pd.DataFrame) -> None:
    for fitter in _all_with_variance(fitted, spenders):
        matrix = fitter.variance_matrix_
        assert np.sqrt(np.diag(matrix)) == pytest.approx(fitter.standard_errors_.to_numpy(), rel=1e-4)
        assert np.allclose(matrix, matrix.T)


@pytest.mark.parametrize("fitter", TIMING)
def test_predictions_are_those_of_the_models(fitter: type, fitted: dict[type, Any], cdnow: pd.DataFrame) -> None:
    found, model = fitted[fitter], fitter._model.of(**fitted[fitter].params_)
    history = (cdnow["frequency"], cdnow["recency"], cdnow["T"])
    purchases = found.predict(39, *history)
    assert purchases.index.equals(cdnow.index)
    assert np.array_equal(purchases, model.expected_purchases(cdnow, future_t=39))
    assert np.array_equal(found.conditional_probability_alive(*history), model.expected_probability_alive(cdnow))
    assert found.expected_number_of_purchases_up_to_time(39) == model.expected_purchases_new_customer(t=39)


def test_what_goes_in_comes_out(fitted: dict[type, Any]) -> None:
    bgf = fitted[BetaGeoFitter]
    one = bgf.predict(39, 2, 30.43, 38.86)
    assert isinstance(one, float) and one == pytest.approx(1.226, abs=1e-3)
    assert bgf.predict([0, 39], 2, 30.43, 38.86).tolist() == [0.0, one]
    assert bgf.predict(39, np.array([[2.0], [2.0]]), 30.43, 38.86).shape == (2, 1)
    two = bgf.predict(39, pd.Series([2, 2], index=["ann", "bob"]), 30.43, 38.86)
    assert two.to_dict() == {"ann": one, "bob": one}


@pytest.mark.parametrize("fitter", TIMING)
def test_chances_of_numbers_of_orders_add_up_to_expectation(fitter: type, fitted: dict[type, Any]) -> None:
    found = fitted[fitter]
    chances = [found.conditional_probability_of_n_purchases_up_to_time(n, 10, 2, 30.43, 38.86) for n in range(60)]
    assert sum(chances) == pytest.approx(1, abs=1e-9)
    expected = sum(n * chance for n, chance in enumerate(chances))
    assert expected == pytest.approx(found.predict(10, 2, 30.43, 38.86), rel=1e-6)
    new = sum(n * found.probability_of_n_purchases_up_to_time(10, n) for n in range(60))
    assert new == pytest.approx(found.expected_number_of_purchases_up_to_time(10), rel=1e-6)


def test_without_a_repeat_order_recency_is_not_read(fitted: dict[type, Any]) -> None:
    matrix = fitted[ParetoNBDFitter].conditional_probability_alive_matrix(max_frequency=3, max_recency=20)
    assert matrix.shape == (21, 4) and np.isfinite(matrix).all()
    assert len(set(matrix[:, 0])) == 1


# The kinds of history that cannot be: what is wrong, and what the message says.
IMPOSSIBLE = {
    "after the end": ({"recency": 50.0}, "recency: row 2 holds 50; expected at most T, which is 38.86"),
    "no number": ({"T": float("nan")}, "T: row 2 holds nan; expected a number"),
    "half an order": ({"frequency": 1.5}, "frequency: row 2 holds 1.5; expected a whole number of repeat orders"),
    "before the first": ({"recency": -1.0}, "recency: row 2 holds -1; expected a time from the first"),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_a_history_that_cannot_be_is_refused_by_column_and_row(what: str, fitted: dict[type, Any]) -> None:
    changes, message = IMPOSSIBLE[what]
    bad = pd.DataFrame({"frequency": [2.0] * 3, "recency": [30.43] * 3, "T": [38.86] * 3}, index=["ann", "bob", "eve"])
    for column, value in changes.items():
        bad.loc["eve", column] = value
    history = (bad["frequency"], bad["recency"], bad["T"])
    for asked in (BetaGeoFitter().fit, lambda *of: fitted[BetaGeoFitter].predict(10, *of)):
        with pytest.raises(lk.DataError, match=message) as refused:
            asked(*history)
        assert (refused.value.column, refused.value.row) == (next(iter(changes)), 2)


def test_a_recency_without_a_repeat_order_is_no_data_to_fit() -> None:
    with pytest.raises(lk.DataError, match="recency: row 1 holds 5; expected 0, as frequency is 0"):
        BetaGeoFitter().fit([2, 0], [3, 5], [9, 9])


def test_columns_that_do_not_go_together_are_refused(cdnow: pd.DataFrame) -> None:
    with pytest.raises(lk.DataError, match="frequency has 2357, recency has 10"):
        BetaGeoFitter().fit(cdnow["frequency"].to_numpy(), cdnow["recency"].to_numpy()[:10], cdnow["T"].to_numpy())
    with pytest.raises(lk.DataError, match="recency: its index is not that of frequency"):
        BetaGeoFitter().fit(cdnow["frequency"], cdnow["recency"].iloc[::-1], cdnow["T"])


def test_text_that_is_no_number_is_named() -> None:
    with pytest.raises(lk.DataError, match="frequency: row 1 holds many; expected a number"):
        BetaGeoFitter().fit(["2", "many"], [3, 5], [9, 9])


def test_options_of_the_optimiser_are_taken_and_unknown_ones_refused(cdnow: pd.DataFrame) -> None:
    history = (cdnow["frequency"], cdnow["recency"], cdnow["T"])
    plain = ParetoNBDFitter().fit(*history)
    steered = ParetoNBDFitter().fit(*history, iterative_fitting=3, fit_method="Nelder-Mead", maxiter=10, tol=1e-2)
    assert steered.params_.equals(plain.params_)
    with pytest.raises(TypeError, match="unexpected argument wieghts"):
        ParetoNBDFitter().fit(*history, wieghts=cdnow["T"])


def test_weights_are_customers(cdnow: pd.DataFrame, fitted: dict[type, Any]) -> None:
    distinct = cdnow.groupby(["frequency", "recency", "T"]).size().rename("customers").reset_index()
    history = (distinct["frequency"], distinct["recency"], distinct["T"])
    found = BetaGeoFitter().fit(*history, weights=distinct["customers"])
    assert found.params_.to_dict() == pytest.approx(fitted[BetaGeoFitter].params_.to_dict(), rel=1e-6)


def test_a_fitter_that_is_not_fitted_says_so() -> None:
    with pytest.raises(lk.ParameterError, match="ParetoNBDFitter is not fitted: call fit first"):
        ParetoNBDFitter().conditional_probability_alive(2, 30.43, 38.86)


@pytest.mark.parametrize("fitter", TIMING)
def test_a_saved_fitter_predicts_the_same(fitter: type, fitted: dict[type, Any], tmp_path: Path) -> None:
    fitted[fitter].save_model(tmp_path / "model.pkl", save_data=False)
    loaded = fitter()
    loaded.load_model(tmp_path / "model.pkl")
    assert loaded.data is None
    assert loaded.predict(39, 2, 30.43, 38.86) == fitted[fitter].predict(39, 2, 30.43, 38.86)
    assert loaded.summary.equals(fitted[fitter].summary)


def test_spend_that_does_not_exist_is_refused() -> None:
    ggf = GammaGammaFitter()
    ggf.params_ = pd.Series({"p": 2.0, "q": 0.9, "v": 10.0})
    assert ggf.conditional_expected_average_profit(2, 30.0) == pytest.approx(2 * (10 + 60) / (4 + 0.9 - 1))
    with pytest.raises(
        lk.DataError, match=r"frequency: row 1 holds 0 repeat orders of positive value; with q = 0\.900"
    ):
        ggf.conditional_expected_average_profit([2, 0], [30.0, 0.0])


@pytest.mark.filterwarnings("ignore:Spend and frequency")
def test_lifetime_value_is_orders_times_spend(fitted: dict[type, Any], spenders: pd.DataFrame) -> None:
    again = spenders[spenders["frequency"] > 0]
    ggf, orders = GammaGammaFitter().fit(again["frequency"], again["monetary_value"]), fitted[ParetoNBDFitter]
    history = (spenders["frequency"], spenders["recency"], spenders["T"])
    spend = ggf.conditional_expected_average_profit(spenders["frequency"], spenders["monetary_value"])
    value = ggf.customer_lifetime_value(orders, *history, spenders["monetary_value"], discount_rate=0, freq="W")
    assert value.name == "clv" and value.index.equals(spenders.index)
    assert np.allclose(value, spend * orders.predict(12 * 4.345, *history))
    one = ggf.customer_lifetime_value(orders, *history, spenders["monetary_value"], 1, discount_rate=0.25, freq="W")
    assert np.allclose(one, spend * orders.predict(4.345, *history) / 1.25)
    with pytest.raises(lk.ParameterError, match="freq: got 'fortnight'"):
        ggf.customer_lifetime_value(orders, *history, spenders["monetary_value"], freq="fortnight")


def test_the_summary_of_order_lines_is_that_of_leverkit(lines: pd.DataFrame) -> None:
    found = summary_data_from_transaction_data(
        lines, "id", "date", "paid", datetime_format="%Y%m%d", observation_period_end="19970930"
    )
    dated = lines.assign(date=pd.to_datetime(lines["date"], format="%Y%m%d"))
    own = lk.clv.summary(dated, customer="id", time="date", amount="paid", unit="day", end="1997-09-30").set_index(
        "customer"
    )
    assert np.allclose(found, own[["frequency", "recency", "T", "monetary_value"]])


def test_weeks_are_days_over_seven_by_the_multiplier(lines: pd.DataFrame) -> None:
    given = {"datetime_format": "%Y%m%d", "observation_period_end": "19970930"}
    days = summary_data_from_transaction_data(lines, "id", "date", **given)
    weeks = summary_data_from_transaction_data(lines, "id", "date", freq_multiplier=7, **given)
    assert np.allclose(weeks[["recency", "T"]], days[["recency", "T"]] / 7)
    assert weeks["frequency"].equals(days["frequency"])


def test_the_holdout_is_what_came_after_calibration(lines: pd.DataFrame) -> None:
    found = calibration_and_holdout_data(
        lines, "id", "date", "19970930", datetime_format="%Y%m%d", monetary_value_col="paid"
    )
    until = summary_data_from_transaction_data(
        lines[lines["date"] <= "19970930"], "id", "date", "paid", "%Y%m%d", "19970930"
    )
    assert found.filter(like="_cal").set_axis(until.columns, axis=1).equals(until)
    after = lines[lines["date"] > "19970930"]
    assert found["frequency_holdout"].sum() == len(after[["id", "date"]].drop_duplicates())
    assert set(found["duration_holdout"]) == {273.0}


def test_a_line_that_cannot_be_used_is_refused_by_column_and_row() -> None:
    def summarised(**columns: list[Any]) -> pd.DataFrame:
        return summary_data_from_transaction_data(
            pd.DataFrame({"id": [1, 2], "date": ["2024-01-01"] * 2} | columns), "id", "date"
        )

    with pytest.raises(lk.DataError, match="id: row 1 holds null, as 1 rows do"):
        summarised(id=[1, None])
    with pytest.raises(lk.DataError, match="date: row 1 holds 'soon'; expected a time"):
        summarised(date=["2024-01-01", "soon"])
    one = pd.DataFrame({"id": [1], "date": ["2024-01-01"]})
    with pytest.raises(lk.SchemaError, match="no column 'day'; there are id, date"):
        summary_data_from_transaction_data(one, "id", "day")
    with pytest.raises(
        lk.DataError, match=r"date: no line until observation_period_end \(2023-12-31\); the first is of 2024"
    ):
        summary_data_from_transaction_data(one, "id", "date", observation_period_end="2023-12-31")


def test_alive_falls_with_silence_and_rises_with_an_order(fitted: dict[type, Any]) -> None:
    lines = pd.DataFrame({"date": ["2024-01-01", "2024-01-11"]})
    path = calculate_alive_path(fitted[ParetoNBDFitter], lines, "date", 30)
    assert len(path) == 31 and path[0] == pytest.approx(1)
    assert path[:10].is_monotonic_decreasing and path[10] > path[9] and path[10:].is_monotonic_decreasing


def test_what_was_expected_of_all_who_came_follows_what_they_did(fitted: dict[type, Any], lines: pd.DataFrame) -> None:
    found = expected_cumulative_transactions(
        fitted[ParetoNBDFitter], lines, "date", "id", 25 * 7, datetime_format="%Y%m%d", freq_multiplier=7
    )
    # The walk-through of the R package BTYD, weeks 20 to 25.
    assert found["actual"].iloc[19:].tolist() == [1359, 1414, 1484, 1517, 1573, 1672]
    assert found["predicted"].iloc[19:].tolist() == pytest.approx([1309, 1385, 1460, 1533, 1604, 1674], abs=1)


def _peer(name: str) -> ModuleType:
    """A module of lifetimes by its file: the package itself asks for more than is installed."""
    files = importlib.metadata.files("lifetimes") or []
    spec = importlib.util.spec_from_file_location(name, next(str(file.locate()) for file in files if file.name == name))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("beta_geometric_nbd_model", (100, 0.24, 4.41, 0.79, 2.43)),
        ("modified_beta_geometric_nbd_model", (100, 0.52, 6.18, 0.89, 1.61)),
        ("pareto_nbd_model", (100, 0.55, 10.58, 0.61, 11.67)),
        ("beta_geometric_beta_binom_model", (6, 1.20, 0.75, 0.66, 2.78)),
    ],
)
def test_a_seed_makes_the_customers_that_it_makes_in_lifetimes(name: str, parameters: tuple[float, ...]) -> None:
    made = []
    for module in (_peer("generate_data.py"), generate_data):
        np.random.seed(1)
        made.append(getattr(module, name)(*parameters, size=200).astype(float))
    pd.testing.assert_frame_equal(*made, check_index_type=False)


def test_new_customers_are_as_the_fitted_ones(fitted: dict[type, Any]) -> None:
    np.random.seed(1)
    made = fitted[ModifiedBetaGeoFitter].generate_new_data(size=3000)
    assert set(made["T"]) <= set(fitted[ModifiedBetaGeoFitter].data["T"])
    again = ModifiedBetaGeoFitter().fit(made["frequency"], made["recency"], made["T"])
    assert again.expected_number_of_purchases_up_to_time(52) == pytest.approx(
        fitted[ModifiedBetaGeoFitter].expected_number_of_purchases_up_to_time(52), rel=0.15
    )


def test_data_sets_are_those_of_the_package() -> None:
    assert len(load_donations()) == 22 and len(load_cdnow_summary()) == 2357
    with pytest.raises(lk.ParameterError, match=r"filename: got 'larynx\.csv'; expected one of CDNOW_master\.txt"):
        load_dataset("larynx.csv")


def test_without_pandas_the_face_says_what_it_needs() -> None:
    code = "import sys; sys.modules['pandas'] = None; import leverkit.compat.lifetimes"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: leverkit.compat.lifetimes needs pandas: pip install pandas" in done.stderr
