"""Price indices against hand computation in polars and numpy, and on the Complete Journey."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leverkit as lk
from leverkit.pricing.indices import FORMULAS


def index(frame: object, **given: object) -> lk.pricing.PriceIndex:
    return lk.pricing.price_index(frame, time="week", product="sku", price="price", quantity="units", **given)


def panel(seed: int, weeks: int = 6, products: int = 8, gaps: float = 0.0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    grid = pl.DataFrame({"week": np.repeat(np.arange(weeks), products), "sku": np.tile(np.arange(products), weeks)})
    frame = grid.with_columns(
        price=pl.Series(rng.lognormal(1, 0.3, grid.height)), units=pl.Series(rng.lognormal(2, 0.8, grid.height))
    )
    return frame.filter(pl.Series(rng.random(grid.height) >= gaps) | (pl.col("sku") == 0))


def bilateral(formula: str, a: pl.DataFrame, b: pl.DataFrame) -> float:
    both = a.join(b, on="sku", suffix="1")
    p0, q0, p1, q1 = (both[name].to_numpy() for name in ("price", "units", "price1", "units1"))
    s0, s1 = p0 * q0 / (p0 @ q0), p1 * q1 / (p1 @ q1)
    ratio = p1 / p0
    if formula == "sato-vartia":
        w = np.where(np.isclose(s0, s1), s0, (s1 - s0) / np.where(np.isclose(s0, s1), 1, np.log(s1 / s0)))
        return float(np.exp((w / w.sum()) @ np.log(ratio)))
    laspeyres, paasche, root = p1 @ q0 / (p0 @ q0), p1 @ q1 / (p0 @ q1), np.sqrt(q0 * q1)
    return float(
        {
            "laspeyres": laspeyres,
            "paasche": paasche,
            "fisher": math.sqrt(laspeyres * paasche),
            "tornqvist": np.exp(((s0 + s1) / 2) @ np.log(ratio)),
            "walsh": p1 @ root / (p0 @ root),
            "jevons": np.exp(np.log(ratio).mean()),
            "dutot": p1.sum() / p0.sum(),
            "carli": ratio.mean(),
        }[formula]
    )


def geks(formula: str, frame: pl.DataFrame, weeks: list[int]) -> list[float]:
    by = {week: frame.filter(week=week) for week in weeks}
    return [
        math.exp(
            np.mean(
                [math.log(bilateral(formula, by[weeks[0]], by[k]) * bilateral(formula, by[k], by[t])) for k in weeks]
            )
        )
        for t in weeks
    ]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_every_formula_and_base_is_what_hand_computation_gives(formula: str, gaps: float) -> None:
    frame = panel(1, gaps=gaps)
    by = {week: frame.filter(week=week) for week in range(6)}
    steps = [1.0, *(bilateral(formula, by[week - 1], by[week]) for week in range(1, 6))]
    expected = {
        "fixed": [1.0, *(bilateral(formula, by[0], by[week]) for week in range(1, 6))],
        "chained": np.cumprod(steps),
        "period": steps,
    }
    for base, values in expected.items():
        assert np.allclose(index(frame, formula=formula, base=base).table["index"], values, rtol=1e-12), base


@pytest.mark.parametrize("formula", ["fisher", "tornqvist", "walsh", "jevons", "dutot", "sato-vartia"])
def test_geks_is_the_geometric_mean_over_all_ways(formula: str) -> None:
    frame = panel(2, gaps=0.2)
    found = index(frame, formula=f"geks-{formula}").table["index"]
    assert np.allclose(found, geks(formula, frame, list(range(6))), rtol=1e-12)


def test_windows_are_spliced_over_the_periods_that_both_hold() -> None:
    frame = panel(3, weeks=5)
    old, new = geks("fisher", frame, [0, 1, 2, 3]), geks("fisher", frame, [1, 2, 3, 4])
    # In the new window week w is at w − 1. Week 4 goes on from week 3 by the ratio over the week that is linked.
    over = {w: (new[3] / new[w - 1]) / (old[3] / old[w]) for w in (1, 2, 3)}
    expected = {"movement": over[3], "window": over[1], "half": over[2], "mean": math.prod(over.values()) ** (1 / 3)}
    for splice, step in expected.items():
        found = index(frame, formula="geks-fisher", window=4, splice=splice).table["index"]
        assert np.allclose(found[:4], old, rtol=1e-12)
        assert found[4] == pytest.approx(old[3] * step, rel=1e-12), splice


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 0.4))
def test_identities_hold(seed: int, gaps: float) -> None:
    frame = panel(seed, weeks=4, gaps=gaps)
    found = {name: np.array(index(frame, formula=name).table["index"]) for name in FORMULAS}
    assert np.allclose(found["fisher"], np.sqrt(found["laspeyres"] * found["paasche"]), rtol=1e-12)
    turned = frame.with_columns(week=3 - pl.col("week"))
    for name in ("fisher", "tornqvist", "walsh", "jevons", "dutot", "sato-vartia"):
        back = index(turned, formula=name).table["index"][3]
        assert back * found[name][3] == pytest.approx(1, rel=1e-12), name
    doubled = frame.with_columns(price=pl.col("price") * pl.when(pl.col("week") == 3).then(2.0).otherwise(1.0))
    for name in FORMULAS:
        assert index(doubled, formula=name).table["index"][3] == pytest.approx(2 * found[name][3], rel=1e-12), name
    turnover = index(frame).turnover
    parts = turnover.select(pl.sum_horizontal("price", "quantity", "entered", "left") - pl.col("change")).to_series()
    assert parts.drop_nulls().abs().max() < 1e-9


@pytest.fixture(scope="module")
def weeks(lines: pl.DataFrame) -> pl.DataFrame:
    """Products of weeks 1 to 52 that were paid for, less lines of more than 100 units: fuel by the litre and miscellaneous."""
    kept = lines.filter(pl.col("quantity").is_between(1, 100) & (pl.col("sales_value") > 0) & (pl.col("week") <= 52))
    return kept.select(
        "week",
        sku="product_id",
        price=pl.col("sales_value") / pl.col("quantity"),
        units="quantity",
        department="department",
    )


def test_chaining_drifts_on_the_complete_journey_and_the_guard_says_so(weeks: pl.DataFrame) -> None:
    found = index(weeks, formula="laspeyres", base="chained")
    last = found.drift.row(-1, named=True)
    assert last["chained"] == pytest.approx(6.55, abs=0.005)
    assert last["geks"] == pytest.approx(1.03, abs=0.005)
    assert found.alarm
    assert any(note.startswith("Chain drift: the chained laspeyres index ends at 6.55") for note in found.notes)
    multilateral = index(weeks, formula="geks-fisher")
    assert not multilateral.alarm
    row = multilateral.table.row(-1, named=True)
    assert row["lower"] < row["index"] < row["upper"]
    assert row["index"] == pytest.approx(last["geks"], rel=1e-12)


def test_lines_of_a_product_are_added_up_to_unit_values() -> None:
    lines = pl.DataFrame(
        {"week": [1, 1, 1, 2], "sku": ["a", "a", "a", "a"], "price": [2.0, 4.0, 3.0, 5.0], "units": [3, 1, 0, 2]}
    )
    found = index(lines)
    assert found.table["index"][1] == pytest.approx(5 / 2.5)
    assert (
        found.notes[0] == "1 row, 0.00 of money: quantity unknown or not positive, row left out (row 2 is the first)."
    )


def test_bad_input_is_named() -> None:
    frame = panel(4)
    with pytest.raises(lk.SchemaError, match="skuu"):
        lk.pricing.price_index(frame, time="week", product="skuu", price="price", quantity="units")
    with pytest.raises(lk.ParameterError, match='did you mean "fisher"'):
        index(frame, formula="fischer")
    with pytest.raises(lk.ParameterError, match="geks-laspeyres"):
        index(frame, formula="geks-laspeyres")
    with pytest.raises(lk.ParameterError, match="window"):
        index(frame, window=3)
    with pytest.raises(lk.ParameterError, match="at least 2"):
        index(frame, formula="geks-fisher", window=1)
    with pytest.raises(lk.DataError, match="1 period"):
        index(frame.filter(week=0))
    with pytest.raises(lk.DataError, match="no row"):
        index(frame.clear())
    with pytest.raises(lk.DataError, match="price unknown or not positive"):
        index(frame.with_columns(price=pl.lit(0.0)))
    gone = index(
        pl.concat([frame, frame.filter(week=1).with_columns(week=pl.lit(9, pl.Int64), sku=pl.col("sku") + 100)])
    )
    assert gone.table["index"][-1] is None
    assert gone.table["reason"][-1] == "no product is sold in both 0 and 9"
    assert any("1 period has no index" in note for note in gone.notes)


def test_returning_products_are_counted_and_dates_work() -> None:
    frame = pl.DataFrame(
        {
            "week": ["2024-01-01", "2024-01-01", "2024-01-08", "2024-01-15", "2024-01-15"],
            "sku": list("abaab"),
            "price": [2.0, 3.0, 2.5, 2.0, 4.0],
            "units": [1.0] * 5,
        }
    ).with_columns(pl.col("week").str.to_date())
    found = index(frame, base="chained")
    row = found.turnover.row(-1, named=True)
    assert (row["products_entered"], row["products_returned"], row["entered"]) == (1, 1, 4.0)
    assert found.table.schema["week"] == pl.Date
    for kind in ("index", "drift", "turnover"):
        assert found.plot(kind).data
    assert "Prices of 2024-01-15" in found._repr_html_()
