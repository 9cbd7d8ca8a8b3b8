"""The quantity funnel: hand-counted clinics, a simulated one whose truth is known, and what is refused."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leverkit as lk

LEVELS = ["recommended", "agreed", "performed"]


def clinic(rows: list[tuple[object, ...]], **columns: list[object]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["patient", *LEVELS], orient="row")
    return frame.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


TWO = clinic([(1, 12, 9, 4), (2, 8, 6, 1)], price=[100.0, 50.0])


def test_twenty_recommended_fifteen_agreed_five_performed() -> None:
    found = lk.funnel.quantities(TWO, entity="patient", levels=LEVELS, value=100.0)
    table = found.table
    assert table["quantity"].to_list() == [20, 15, 5]
    assert table["per_entity"].to_list() == [10, 7.5, 2.5]
    assert table["conversion"].to_list() == [None, 0.75, pytest.approx(1 / 3)]
    assert table["from_first"].to_list() == [None, 0.75, 0.25]
    assert table["value"].to_list() == [2000, 1500, 500]
    assert table["value_lost"].to_list() == [None, 500, 1000]
    # By hand: 500 lost at the first step, of which a third comes through; 1,000 at the second.
    assert table["held_back"].to_list()[1:] == pytest.approx([500 / 3, 1000])
    assert table["point_value"].to_list()[1:] == pytest.approx([0.01 * 2000 / 3, 0.01 * 1500])
    assert table["contribution"].sum() == pytest.approx(500 - 2000), "parts of the change add up"
    assert found.bottleneck == "performed"
    assert found._headline() == "20 recommended → 15 agreed → 5 performed; the largest loss is before performed: 1,000"


def test_weighted_and_unweighted_conversions_are_told_apart() -> None:
    table = lk.funnel.quantities(clinic([(1, 18, 18, 9), (2, 2, 0, 0)]), entity="patient", levels=LEVELS).table
    assert table["conversion"][1] == 0.9, "of 20 units 18 were agreed"
    assert table["entity_conversion"][1] == 0.5, "of two patients one agreed"


def test_money_by_unit_and_by_level_is_the_same() -> None:
    by_unit = lk.funnel.quantities(TWO, entity="patient", levels=LEVELS, value="price").table
    money = TWO.with_columns(pl.col(level).mul(pl.col("price")).alias(f"{level}_money") for level in LEVELS)
    by_level = lk.funnel.quantities(
        money, entity="patient", levels=LEVELS, value=[f"{level}_money" for level in LEVELS]
    ).table
    assert by_unit["value"].to_list() == by_level["value"].to_list() == [1600, 1200, 450]
    assert by_unit.equals(by_level)


def test_items_with_dates_and_with_a_status_count_as_counts_do() -> None:
    day = dt.date(2024, 1, 1)
    items = pl.DataFrame(
        {
            "patient": [1, 1, 1, 2],
            "recommended": [day] * 4,
            "agreed": [day + dt.timedelta(days=2), day + dt.timedelta(days=4), None, None],
            "performed": [day + dt.timedelta(days=30), None, None, day + dt.timedelta(days=364)],
            "status": ["performed", "agreed", "recommended", "performed"],
        }
    )
    dated = lk.funnel.quantities(items, entity="patient", levels=LEVELS)
    assert dated.table["quantity"].to_list() == [4, 3, 2], "who was treated had agreed"
    assert dated.table["median_days"].to_list() == [None, 3, 28]
    assert dated.days == 365
    a_year = [None if value is None else value * 365.25 / 365 for value in dated.table["point_value"]]
    assert dated.table["point_value_a_year"].to_list() == pytest.approx(a_year)
    stated = lk.funnel.quantities(items, entity="patient", levels=LEVELS, status="status")
    assert stated.table["quantity"].to_list() == [4, 3, 2]


def test_limits_cover_the_truth_of_clustered_units() -> None:
    draw = random.Random(3)
    kept = 0
    for _ in range(200):
        rows = []
        for patient in range(60):
            chance = draw.betavariate(3, 1)
            n = draw.randrange(1, 40)
            agreed = sum(draw.random() < chance for _ in range(n))
            rows.append((patient, n, agreed, 0))
        row = lk.funnel.quantities(clinic(rows), entity="patient", levels=LEVELS[:2]).table.row(1, named=True)
        kept += row["lower"] <= 0.75 <= row["upper"]
    assert 0.90 <= kept / 200 <= 0.985, "95 % limits, clustered by patient"


def test_doctors_are_compared_and_small_groups_are_drawn_to_the_average() -> None:
    truth = lk.datasets.clinic(leads=6000)
    found = lk.funnel.quantities(
        truth.plans, entity="patient", levels=LEVELS, value="price", by=["doctor", "channel"], days=365
    )
    table = found.groups.filter(pl.col("dimension") == "doctor")
    assert table.filter(level="agreed")["before"].sum() == found.table["quantity"][0]
    for row in table.iter_rows(named=True):
        expected = truth.truth[row["level"]][row["group"]]
        assert row["shrunk"] == pytest.approx(expected, abs=0.05)
        whole = found.table.filter(level=row["level"])["conversion"][0]
        low, high = sorted([row["conversion"], whole])
        assert low - 1e-12 <= row["shrunk"] <= high + 1e-12
    best = table.filter(level="performed").sort("shrunk", descending=True)["group"].to_list()
    assert (best[0], best[-1]) == ("Abel", "Duval")
    few = pl.concat(
        [
            truth.plans,
            truth.plans.head(1).with_columns(
                doctor=pl.lit("New"), agreed=pl.lit(0, pl.Int64), performed=pl.lit(0, pl.Int64)
            ),
        ]
    )
    new = lk.funnel.quantities(few, entity="patient", levels=LEVELS, by="doctor").groups.filter(
        group="New", level="agreed"
    )
    assert new["conversion"][0] == 0
    assert new["shrunk"][0] > 0.5, "one plan tells next to nothing"


def test_the_simulated_clinic_s_twenty_fifteen_five() -> None:
    truth = lk.datasets.clinic(leads=6000)
    table = lk.funnel.quantities(truth.plans, entity="patient", levels=LEVELS).table
    assert table["per_entity"].to_list() == pytest.approx([20, 15, 5], rel=0.08)


def test_one_patient_has_no_limits_and_says_so() -> None:
    found = lk.funnel.quantities(clinic([(1, 20, 15, 5)]), entity="patient", levels=LEVELS)
    assert found.table["conversion"].to_list() == [None, 0.75, pytest.approx(1 / 3)]
    assert found.table["lower"].null_count() == 3
    assert any("one entity" in note for note in found.notes)


def test_rows_that_cannot_be_used_are_counted_with_their_money() -> None:
    rows = clinic([(1, 2, 1, 1), (None, 5, 1, 1), (2, None, 1, 1), (3, 4, -1, 0), (4, 1, 2, 0)])
    found = lk.funnel.quantities(rows, entity="patient", levels=LEVELS, value=10.0)
    assert found.table["quantity"].to_list() == [3, 3, 1]
    assert "1 row without an entity left out (row 1 is the first, 50.00 of money at the first level)." in found.notes
    assert (
        "2 rows with a number that is unknown or below 0 left out (row 2 is the first, 40.00 of money at the first level). "
        "Where blank means none, fill it with 0." in found.notes
    )
    assert "1 of 2 rows have more agreed than recommended; they count as they are." in found.notes


def test_mistakes_are_named() -> None:
    for arguments, error, message in (
        ({"levels": ["recommended"]}, lk.ParameterError, "levels: got 1 of them"),
        ({"levels": ["recommended", "agred"]}, lk.SchemaError, 'did you mean "agreed"'),
        ({"levels": ["recommended", "recommended"]}, lk.ParameterError, '"recommended" twice'),
        ({"levels": LEVELS, "confidence": 2.0}, lk.ParameterError, "confidence"),
        ({"levels": LEVELS, "value": -1.0}, lk.ParameterError, "value: got -1"),
        ({"levels": LEVELS, "value": ["price"]}, lk.ParameterError, "1 columns"),
        ({"levels": LEVELS, "days": 0.0}, lk.ParameterError, "days"),
    ):
        with pytest.raises(error, match=message):
            lk.funnel.quantities(TWO, entity="patient", **arguments)
    with pytest.raises(lk.ParameterError, match=r'status: got "agred" in row 1; .*did you mean "agreed"'):
        items = pl.DataFrame({"patient": [1, 2], "status": ["agreed", "agred"]})
        lk.funnel.quantities(items, entity="patient", levels=LEVELS, status="status")
    with pytest.raises(lk.DataError, match="no rows"):
        lk.funnel.quantities(TWO.head(0), entity="patient", levels=LEVELS)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12
    )
)
def test_whatever_the_counts_sums_are_kept_and_shares_lie_in_their_limits(rows: list[tuple[int, ...]]) -> None:
    found = lk.funnel.quantities(clinic(rows), entity="patient", levels=LEVELS, value=1.0, by="patient")
    assert found.table["quantity"].to_list() == [sum(row[level] for row in rows) for level in (1, 2, 3)]
    for column in ("conversion", "entity_conversion"):
        low, high = {"conversion": ("lower", "upper")}.get(column, ("entity_lower", "entity_upper"))
        for row in found.table.drop_nulls([column, low]).iter_rows(named=True):
            assert row[low] - 1e-9 <= row[column] <= row[high] + 1e-9
    for kind in ("funnel", "groups", "held_back"):
        assert "NaN" not in found.plot(kind).to_json()


def test_other_frames_come_back_as_they_are() -> None:
    found = lk.funnel.quantities(TWO.to_pandas(), entity="patient", levels=LEVELS, value="price")
    assert isinstance(found.table, pd.DataFrame)
    assert found.to_dict()["table"][0]["quantity"] == 20
