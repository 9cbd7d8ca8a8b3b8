"""Difference-in-differences: golden values of published data, peers as oracles, and what is refused."""

from __future__ import annotations

import datetime as dt
import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import leverkit as lk

COLUMNS: dict[str, Any] = {"unit": "countyreal", "period": "year", "outcome": "lemp", "first_treated": "first.treat"}


@pytest.fixture(scope="module")
def mpdta() -> pl.DataFrame:
    """Teen employment of 500 counties, 2003 to 2007, and when their minimum wage rose (Callaway & Sant'Anna 2021), as moderndid ships it."""
    pd = pytest.importorskip("pandas")
    found = importlib.util.find_spec("moderndid")
    if found is None or found.origin is None:
        pytest.skip("moderndid is not installed")
    data = pd.read_pickle(Path(found.origin).parent / "core/datasets/mpdta_long.pkl.gz")
    return pl.from_pandas(data).with_columns(pl.col("first.treat").cast(pl.Int64).replace(0, None))


def effects_of(found: lk.effect.Did) -> dict[str, tuple[float, float]]:
    return {row["estimator"]: (row["estimate"], row["std_error"]) for row in found.effects.iter_rows(named=True)}


def test_effects_without_covariates_are_the_published_ones(mpdta: pl.DataFrame) -> None:
    found = lk.effect.did(mpdta, **COLUMNS)
    # R's did without a bootstrap, diff-diff 3.13, csdid 0.4 and differences 0.3 agree on these.
    golden = {
        "simple": (-0.03995128, 0.01203401),
        "dynamic": (-0.07723982, 0.01996499),
        "group": (-0.03101828, 0.01244606),
        "calendar": (-0.04170043, None),
        "sun_abraham": (-0.03995128, 0.011796),
        "imputation": (-0.04770992, 0.013222),
        "two_way": (-0.03654894, 0.01326516),
    }
    effects = effects_of(found)
    for name, (effect, std_error) in golden.items():
        assert effects[name][0] == pytest.approx(effect, abs=6e-9), name
        if std_error is not None:
            assert effects[name][1] == pytest.approx(std_error, abs=6e-7), name
    curve = [0.03050666, -0.00056308, -0.02445874, -0.01993182, -0.05095737, -0.13725874, -0.10081136]
    assert found.event_study["event_time"].to_list() == list(range(-3, 4))
    assert found.event_study["estimate"].to_list() == pytest.approx(curve, abs=6e-9)
    assert found.pre_trend is not None
    assert found.pre_trend.statistic == pytest.approx(7.79124, abs=1e-5)
    assert (found.pre_trend.df, round(found.pre_trend.p_value, 6)) == (5, 0.168122)


def test_two_way_effects_are_a_weighted_mean_of_comparisons(mpdta: pl.DataFrame) -> None:
    found = lk.effect.did(mpdta, **COLUMNS)
    bacon = found.bacon
    never = bacon.filter(pl.col("kind") == "never").sort("treated")["weight"].to_list()
    assert never == pytest.approx([0.08178, 0.24534, 0.53566], abs=6e-6)
    assert bacon["weight"].sum() == pytest.approx(1.0, abs=1e-12)
    assert (bacon["weight"] * bacon["effect"]).sum() == pytest.approx(effects_of(found)["two_way"][0], abs=1e-14)


def test_controls_that_are_treated_later_count_too(mpdta: pl.DataFrame) -> None:
    effects = effects_of(lk.effect.did(mpdta, control="not_yet", **COLUMNS))
    assert effects["simple"] == pytest.approx((-0.03976363, 0.01205242), abs=6e-9)
    assert effects["dynamic"] == pytest.approx((-0.07739931, 0.01956018), abs=6e-9)


@pytest.mark.parametrize(
    ("adjustment", "effect", "std_error"),
    [("doubly_robust", -0.04175177, 0.011503), ("regression", -0.041969, None), ("weighting", -0.041777, None)],
)
def test_effects_with_a_covariate_are_the_published_ones(
    mpdta: pl.DataFrame, adjustment: str, effect: float, std_error: float | None
) -> None:
    found = effects_of(lk.effect.did(mpdta, covariates=["lpop"], adjustment=adjustment, **COLUMNS))
    assert found["simple"][0] == pytest.approx(effect, abs=6e-7)
    if std_error is not None:
        assert found["simple"][1] == pytest.approx(std_error, abs=6e-7)


def test_two_way_effects_are_pyfixest_s(mpdta: pl.DataFrame) -> None:
    pf = pytest.importorskip("pyfixest")
    data = mpdta.with_columns(on=(pl.col("year") >= pl.col("first.treat")).fill_null(False).cast(pl.Int32)).to_pandas()
    fit = pf.feols("lemp ~ on | countyreal + year", data, vcov={"CRV1": "countyreal"})
    effects = effects_of(lk.effect.did(mpdta, **COLUMNS))
    assert effects["two_way"] == pytest.approx((fit.coef().iloc[0], fit.se().iloc[0]), abs=1e-11)


def simulated(seed: int, units: int = 400, periods: int = 8) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    first = draw.choice([0, 4, 6], units)
    level = draw.normal(0, 1, units)
    noise = draw.normal(0, 1, (units, periods))
    when = np.arange(1, periods + 1)
    on = (first[:, None] > 0) & (when[None] >= first[:, None])
    outcome = level[:, None] + 0.2 * when + on * (1 + 0.3 * (when[None] - first[:, None])) + noise
    return pl.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "period": np.tile(when, units),
            "y": outcome.ravel(),
            "first": np.repeat(first, periods),
            "region": np.repeat(np.arange(units) // 8, periods),
        }
    ).with_columns(pl.col("first").replace(0, None))


SIMULATED: dict[str, Any] = {"unit": "unit", "period": "period", "outcome": "y", "first_treated": "first"}


def test_a_cluster_of_one_unit_is_the_unit() -> None:
    panel = simulated(1)
    one = effects_of(lk.effect.did(panel, **SIMULATED))
    other = effects_of(lk.effect.did(panel, cluster="unit", **SIMULATED))
    for name, values in one.items():
        assert other[name] == pytest.approx(values, rel=1e-9), name


def test_clusters_give_the_errors_of_pyfixest() -> None:
    pf = pytest.importorskip("pyfixest")
    panel = simulated(2)
    data = panel.with_columns(on=(pl.col("period") >= pl.col("first")).fill_null(False).cast(pl.Int32)).to_pandas()
    fit = pf.feols("y ~ on | unit + period", data, vcov={"CRV1": "region"})
    found = effects_of(lk.effect.did(panel, cluster="region", **SIMULATED))
    assert found["two_way"] == pytest.approx((fit.coef().iloc[0], fit.se().iloc[0]), rel=1e-9)


def test_a_weight_of_two_is_two_units_that_vary_together() -> None:
    panel = simulated(3)
    weight = 1 + pl.col("unit").cast(pl.Int64) % 3
    weighted = lk.effect.did(panel.with_columns(w=weight), weight="w", **SIMULATED)
    copies = [
        panel.filter(weight > copy).with_columns(own="unit", unit=pl.col("unit") * 10 + copy) for copy in range(3)
    ]
    repeated = lk.effect.did(pl.concat(copies), cluster="own", **SIMULATED)
    for name in ("simple", "dynamic", "group", "calendar", "imputation"):
        assert effects_of(weighted)[name] == pytest.approx(effects_of(repeated)[name], abs=1e-9), name
    assert weighted.cohorts["n_units"].sum() == panel["unit"].n_unique()
    same = lk.effect.did(panel.with_columns(w=2.5), weight="w", **SIMULATED)
    assert effects_of(same)["simple"] == pytest.approx(effects_of(lk.effect.did(panel, **SIMULATED))["simple"])
    with pytest.raises(lk.DataError, match="one weight per unit"):
        lk.effect.did(panel.with_columns(w=pl.int_range(1, pl.len() + 1)), weight="w", **SIMULATED)
    with pytest.raises(lk.DataError, match="a weight above 0"):
        lk.effect.did(panel.with_columns(w=0.0), weight="w", **SIMULATED)


def few_regions(seed: int, regions: int = 12) -> pl.DataFrame:
    """Twenty units in each region, which share shocks; half of the regions are treated, and nothing happens."""
    draw = np.random.default_rng(seed)
    rows = []
    for region in range(regions):
        shocks = draw.normal(0, 1, 6)
        for unit in range(20):
            treated = 4 if region % 4 == 0 else None
            rows += [
                (20 * region + unit, month, treated, region, shocks[month - 1] + draw.normal(0, 1))
                for month in range(1, 7)
            ]
    return pl.DataFrame(rows, schema=["unit", "month", "treated", "region", "y"], orient="row")


def test_few_clusters_raise_fewer_false_alarms_where_they_are_redrawn() -> None:
    asked = {"unit": "unit", "period": "month", "outcome": "y", "first_treated": "treated", "cluster": "region"}
    alarms = {"p_value": 0, "wild_p": 0}
    for seed in range(100):
        simple = lk.effect.did(few_regions(seed), **asked, draws=500).effects.row(0, named=True)
        for name in alarms:
            alarms[name] += simple[name] < 0.05
    assert alarms["wild_p"] <= 11 < alarms["p_value"]  # three treated clusters of twelve
    many = lk.effect.did(few_regions(1, regions=60), **asked)
    assert many.effects["wild_p"].null_count() == many.effects.height


def test_limits_hold_the_truth_as_often_as_they_say() -> None:
    truth = None
    held = 0
    for seed in range(200):
        panel = simulated(seed, units=150)
        treated = panel.filter(pl.col("period") >= pl.col("first"))
        truth = (1 + 0.3 * (treated["period"] - treated["first"])).mean()
        row = lk.effect.did(panel, draws=100, **SIMULATED).effects.row(0, named=True)
        held += row["lower"] <= truth <= row["upper"]
    assert 0.90 <= held / 200 <= 0.985


def test_a_band_is_wider_than_the_limits_and_honest_limits_widen() -> None:
    found = lk.effect.did(simulated(3), **SIMULATED)
    curve = found.event_study
    assert (curve["band_lower"] < curve["lower"]).all()
    assert (curve["band_upper"] > curve["upper"]).all()
    widths = found.sensitivity["upper"] - found.sensitivity["lower"]
    assert widths.is_sorted()
    assert found.breakdown is not None
    assert 0 < found.breakdown < 10


def test_a_trend_as_steep_as_detectable_is_detected_in_eight_of_ten() -> None:
    slope = lk.effect.did(simulated(0), base="universal", **SIMULATED).detectable_slope
    assert slope is not None
    seen = 0
    for seed in range(200):
        panel = simulated(seed).with_columns(y=pl.col("y") + slope * pl.col("period") * pl.col("first").is_not_null())
        test = lk.effect.did(panel, base="universal", draws=100, **SIMULATED).pre_trend
        seen += test is not None and test.p_value < 0.05
    assert 0.70 <= seen / 200 <= 0.90


def test_periods_may_be_dates_or_text() -> None:
    panel = simulated(4)
    names = {place: dt.date(2024, place, 1) for place in range(1, 9)}
    dated = panel.with_columns(pl.col("period", "first").replace_strict(names, default=None, return_dtype=pl.Date))
    told = dated.with_columns(pl.col("period", "first").dt.strftime("%Y-%m"))
    one = effects_of(lk.effect.did(panel, **SIMULATED))
    assert effects_of(lk.effect.did(dated, **SIMULATED)) == one
    assert effects_of(lk.effect.did(told, **SIMULATED)) == one


def test_units_without_all_periods_and_those_treated_from_the_first_are_left_out_and_counted() -> None:
    panel = simulated(5)
    gap = panel.filter(~((pl.col("unit") == 3) & (pl.col("period") == 2)))
    notes = lk.effect.did(gap, **SIMULATED).notes
    assert any("7 rows" in note and "every period" in note for note in notes), notes
    always = panel.with_columns(first=pl.when(pl.col("unit") == 3).then(1).otherwise(pl.col("first")))
    notes = lk.effect.did(always, **SIMULATED).notes
    assert any("8 rows" in note and "from the first period on" in note for note in notes), notes


def test_what_cannot_be_estimated_is_refused_with_the_reason() -> None:
    panel = simulated(6)
    with pytest.raises(lk.DataError, match='control="not_yet"'):
        lk.effect.did(panel.drop_nulls("first"), **SIMULATED)
    with pytest.raises(lk.DataError, match="no unit is treated"):
        lk.effect.did(panel.with_columns(first=pl.lit(None, pl.Int64)), **SIMULATED)
    with pytest.raises(lk.DataError, match="again in row 3200; expected one row per unit and period"):
        lk.effect.did(pl.concat([panel, panel.head(1)]), **SIMULATED)
    twice = panel.with_columns(first=pl.when((pl.col("unit") == 0) & (pl.col("period") == 1)).then(7).otherwise(5))
    with pytest.raises(lk.DataError, match="one first treated period per unit"):
        lk.effect.did(twice, **SIMULATED)
    with pytest.raises(lk.DataError, match="replace 0 by null"):
        lk.effect.did(panel.with_columns(pl.col("period") + 2000, pl.col("first").fill_null(0)), **SIMULATED)
    with pytest.raises(lk.SchemaError, match="sales"):
        lk.effect.did(panel, **(SIMULATED | {"outcome": "sales"}))


def test_few_treated_units_are_told() -> None:
    found = lk.effect.did(simulated(7, units=24), **SIMULATED)
    assert any("fewer than 30" in note for note in found.notes)
    assert math.isfinite(found.effects["estimate"][0])


def test_cross_sections_have_the_points_of_the_panel_and_errors_of_independent_rows(mpdta: pl.DataFrame) -> None:
    panel = lk.effect.did(mpdta, **COLUMNS)
    found = lk.effect.did(mpdta, **{**COLUMNS, "unit": None})
    assert found.effects["estimator"].to_list() == ["simple", "dynamic", "group", "calendar"]
    assert found.group_time["estimate"].to_list() == pytest.approx(panel.group_time["estimate"].to_list(), abs=1e-12)
    # Counties are alike from year to year, which independent rows do not know.
    assert found.effects["std_error"][0] > 3 * panel.effects["std_error"][0]
    assert found.bacon.is_empty()


def test_two_cross_sections_are_a_difference_of_four_means() -> None:
    draw = np.random.default_rng(4)
    cells = {
        (group, period): draw.normal(3 * group + period, 1 + group, 40 + 10 * period)
        for group in (0, 1)
        for period in (1, 2)
    }
    rows = [(period, 2 if group else None, value) for (group, period), values in cells.items() for value in values]
    frame = pl.DataFrame(rows, schema=["period", "first", "value"], orient="row", infer_schema_length=None)
    found = lk.effect.did(frame, unit=None, period="period", outcome="value", first_treated="first")
    mean = {cell: values.mean() for cell, values in cells.items()}
    row = found.group_time.row(0, named=True)
    assert row["estimate"] == pytest.approx(mean[1, 2] - mean[1, 1] - mean[0, 2] + mean[0, 1], abs=1e-12)
    variance = sum(values.var() / len(values) for values in cells.values())
    assert row["std_error"] == pytest.approx(math.sqrt(variance), abs=1e-12)
    with pytest.raises(lk.DataError, match="no row of those first treated in never is of period 1"):
        lk.effect.did(
            frame.filter(pl.col("first").is_not_null() | (pl.col("period") == 2)),
            unit=None,
            period="period",
            outcome="value",
            first_treated="first",
        )
    with pytest.raises(lk.ParameterError, match="repeated cross-sections"):
        lk.effect.did(frame, unit=None, period="period", outcome="value", first_treated="first", weight="value")
