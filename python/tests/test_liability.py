"""Points that were earned: the curve against lifelines' and by hand, IFRS 15's example, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app


@pytest.fixture(scope="module")
def points() -> pl.DataFrame:
    """One lot of a customer each; a third of what is open is redeemed in each of the next months, with chance one half."""
    draw = random.Random(4)
    rows = []
    for customer in range(400):
        month, open_points = customer % 10, 90.0
        rows.append({"customer": customer, "date": dt.date(2024, 1 + month, 3), "earned": 90.0, "redeemed": None})
        for later in range(month + 1, 12):
            if draw.random() < 0.5:
                taken = open_points / 3
                open_points -= taken
                rows.append(
                    {"customer": customer, "date": dt.date(2024, 1 + later, 9), "earned": None, "redeemed": taken}
                )
    return pl.DataFrame(rows)


def test_the_curve_is_kaplan_and_meier_s_over_points(points: pl.DataFrame) -> None:
    found = lk.effect.liability(points, as_of="2025-01-01", replicates=100)
    lots = points.filter(pl.col("earned").is_not_null()).select("customer", start="date", earned="earned")
    gone = points.filter(pl.col("redeemed").is_not_null()).join(lots.drop("earned"), on="customer")
    gone = gone.with_columns(age=(pl.col("date").dt.month() - pl.col("start").dt.month()))
    survival = 1.0
    for age in range(12):
        seen = lots.filter(12 - pl.col("start").dt.month() >= age)
        before = gone.filter(pl.col("age") < age).join(seen.select("customer"), on="customer")["redeemed"].sum()
        at_risk = seen["earned"].sum() - before
        now = gone.filter(age=age)["redeemed"].sum()
        survival *= 1 - (now / at_risk if at_risk else 0.0)
        row = found.curve.row(age, named=True)
        assert row["at_risk"] == pytest.approx(at_risk, rel=1e-9)
        assert row["redeemed_share"] == pytest.approx(1 - survival, rel=1e-9)
    assert found.redemption_rate[1] < found.redemption_rate[0] < found.redemption_rate[2]
    assert found.breakage[0] == pytest.approx(survival, rel=1e-9)


def test_points_add_up_and_the_liability_is_that_of_the_cohorts(points: pl.DataFrame) -> None:
    found = lk.effect.liability(points, point_cost=0.02, expires_after=6, replicates=100)
    cohorts = found.cohorts
    left = cohorts["earned"] - cohorts["redeemed"] - cohorts["expired"] - cohorts["outstanding"]
    assert left.abs().max() < 1e-6
    assert cohorts["outstanding"].sum() == pytest.approx(found.outstanding, rel=1e-12)
    assert cohorts["liability"].sum() == pytest.approx(found.liability[0], rel=1e-9)
    assert found.liability[1] <= found.liability[0] <= found.liability[2]
    cells = found.triangle.filter("is_complete").group_by("age").agg(pl.col("at_risk", "redeemed").sum()).sort("age")
    assert cells["at_risk"].to_list() == pytest.approx(found.curve["at_risk"].to_list()[: cells.height], rel=1e-9)


def test_ifrs_15_example_52_and_kpmg_s_10a_and_10b() -> None:
    found = lk.effect.deferral(paid=1e5, goods=1e5, points=9500, redeemed=[4500, 4000], expected=[9500, 9700])
    assert (round(found.goods), round(found.points)) == (91_324, 8_676)
    assert found.table["revenue"].round().to_list() == [4110, 3493]
    assert round(found.table["liability"][-1]) == 1073

    def revenue(expected: float) -> list[float]:
        found = lk.effect.deferral(paid=1e5, goods=91, points=9, redeemed=[4500, 4000], expected=[9700, expected])
        return found.table["revenue"].round().to_list()

    assert (revenue(9900), revenue(9200)) == ([4175, 3552], [4175, 4140])


def test_what_cannot_be_is_refused() -> None:
    one = pl.DataFrame({"customer": ["a"], "date": ["2024-01-31"], "earned": [10], "redeemed": [-1]})
    with pytest.raises(lk.DataError, match='redeemed: column "redeemed" holds -1 in row 0'):
        lk.effect.liability(one)
    with pytest.raises(lk.DataError, match="no points earned"):
        lk.effect.liability(one.with_columns(earned=0, redeemed=0))
    with pytest.raises(lk.ParameterError, match="at least the 5"):
        lk.effect.deferral(paid=1, goods=1, points=1, redeemed=[5], expected=[4])
    with pytest.raises(lk.ParameterError, match="effect"):
        lk.effect.subsidy(rewards=1, spend=1, effect=(1, 2, 3))


def test_rewards_of_a_programme_that_brought_nothing_are_all_subsidy() -> None:
    assert lk.effect.subsidy(rewards=100, spend=1000, effect=-50)["share"] == (1.0, 1.0, 1.0)


def test_the_command_shows_the_liability(tmp_path: Path, points: pl.DataFrame) -> None:
    points.write_csv(tmp_path / "points.csv")
    result = CliRunner().invoke(app, ["effect", "liability", str(tmp_path / "points.csv"), "--point-cost", "0.02"])
    assert result.exit_code == 0, result.output
    assert "of points will be redeemed" in result.output
