"""What the faces of lifetime value hold to: units that cannot be mixed up, models of the wrong kind, the command's fallback."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

#: Frames that remember the unit of their times.
KINDS = {"polars": lambda frame: frame, "pandas": pl.DataFrame.to_pandas, "pyarrow": pl.DataFrame.to_arrow}


def lines(*, leave_first: float, customers: int = 200, seed: int = 0) -> pl.DataFrame:
    """Orders at random times of customers of whom so many leave after their first order, and nobody later."""
    random = np.random.default_rng(seed)
    rows: list[tuple[int, dt.date, float]] = []
    for customer in range(customers):
        day, rate = float(random.integers(0, 200)), random.gamma(2, 0.025)
        leaves = False
        while day < 365 and not leaves:
            is_first = not rows or rows[-1][0] != customer
            rows.append((customer, dt.date(2024, 1, 1) + dt.timedelta(days=int(day)), float(random.gamma(5, 4))))
            leaves = random.random() < (leave_first if is_first else 0.0)
            day += max(1.0, random.gamma(1, 1 / rate))
    return pl.DataFrame(rows, schema=["customer", "date", "amount"], orient="row")


def summary(unit: Any, kind: str = "polars") -> Any:
    frame = KINDS[kind](lines(leave_first=0.3))
    return lk.clv.summary(
        frame, customer="customer", time="date", amount="amount", unit=unit, calibration_end="2024-09-30"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_takes_over_the_unit_of_the_summary(kind: str) -> None:
    weeks, days = (lk.clv.ModifiedBetaGeoModel().fit(summary(unit, kind)) for unit in ("week", "day"))
    assert (weeks.unit, days.unit) == ("week", "day")
    assert days.expected_purchases_new_customer(t="12 weeks") == pytest.approx(
        weeks.expected_purchases_new_customer(t="12 weeks"), rel=1e-4
    )


@pytest.mark.parametrize("kind", KINDS)
def test_units_of_model_and_summary_cannot_be_mixed_up(kind: str) -> None:
    weeks, days = summary("week", kind), summary("day", kind)
    with pytest.raises(lk.ParameterError, match="summary is in days, the model in weeks"):
        lk.clv.ModifiedBetaGeoModel(unit="week").fit(days)
    model, spend = lk.clv.ModifiedBetaGeoModel().fit(weeks), lk.clv.GammaGammaModel().fit(weeks)
    for wrong in (
        lambda: model.expected_purchases(days, future_t="12 weeks"),
        lambda: model.expected_probability_alive(days),
        lambda: lk.clv.validate(model, days),
        lambda: lk.clv.lifetime_value(purchases=model, spend=spend, summary=days),
    ):
        with pytest.raises(lk.ParameterError, match=r"^unit: the summary is in days"):
            wrong()


def test_a_unit_or_length_that_is_none_is_named() -> None:
    with pytest.raises(lk.ParameterError, match=r"^unit: got 'weeks'; expected day, week"):
        lk.clv.BetaGeoModel(unit="weeks")  # type: ignore[arg-type]
    model = lk.clv.BetaGeoModel.of(r=0.243, alpha=4.414, a=0.793, b=2.426)
    with pytest.raises(lk.ParameterError, match=r"^t: got None"):
        model.expected_purchases_new_customer(t=None)  # type: ignore[arg-type]


def test_a_model_of_the_other_kind_is_named() -> None:
    frame = summary("week")
    orders, spend = lk.clv.ModifiedBetaGeoModel().fit(frame), lk.clv.GammaGammaModel().fit(frame)
    with pytest.raises(lk.ParameterError, match=r"^purchases: got GammaGammaModel; expected a model of orders"):
        lk.clv.lifetime_value(purchases=spend, spend=spend, summary=frame)  # type: ignore[arg-type]
    with pytest.raises(lk.ParameterError, match=r"^spend: got ModifiedBetaGeoModel; expected a GammaGammaModel\(\)"):
        lk.clv.lifetime_value(purchases=orders, spend=orders, summary=frame)  # type: ignore[arg-type]
    with pytest.raises(lk.ParameterError, match=r"^model: got GammaGammaModel"):
        lk.clv.validate(spend, frame)  # type: ignore[arg-type]


def test_models_tell_what_they_are_as_plain_values() -> None:
    told = lk.clv.ModifiedBetaGeoModel(penalizer=0.001).fit(summary("day")).to_dict()
    assert told["model"] == "ModifiedBetaGeoModel" and told["params"] == {"unit": "day", "penalizer": 0.001}
    assert set(told["parameters"]) == set(told["standard_errors"]) == {"r", "alpha", "a", "b"}


def test_a_model_of_occasions_is_drawn() -> None:
    model = lk.clv.BetaGeoBetaBinomModel.of(unit="month", alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
    assert model.plot(until=6).data and model.plot("purchases").data


def test_one_order_has_nothing_to_follow() -> None:
    model = lk.clv.BetaGeoModel.of(r=0.243, alpha=4.414, a=0.793, b=2.426)
    one = pl.DataFrame({"customer": [1], "date": ["2024-01-01"], "amount": [5.0]})
    found = lk.clv.tracking(model, one, customer="customer", time="date", amount="amount")
    assert found.table.is_empty() and "Nothing to follow" in repr(found) and found.plot() is not None


def test_the_command_takes_the_second_model_where_the_first_has_no_maximum(tmp_path: Path) -> None:
    sales = lines(leave_first=0.9)
    with pytest.raises(lk.ConvergenceError):
        lk.clv.ParetoNBDModel().fit(lk.clv.summary(sales, customer="customer", time="date", amount="amount"))
    file, output = tmp_path / "lines.parquet", tmp_path / "value.csv"
    sales.write_parquet(file)
    roles = ["--customer", "customer", "--time", "date", "--amount", "amount"]
    done = CliRunner().invoke(app, ["clv", str(file), *roles, "-o", str(output)])
    assert done.exit_code == 0, done.output
    assert "MBG/NBD is used instead" in done.output and "ModifiedBetaGeoModel" in done.output
    assert pl.read_csv(output).height == 200
