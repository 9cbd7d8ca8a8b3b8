"""The kind of frame that goes in comes out, also where values and not frames are passed on; what is left out is taken from the data."""

from __future__ import annotations

import copy
import pickle

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import leverkit as lk

VALUES = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
STAGES = {"lead": 5000, "qualified": 2000, "order": 400}
FORMULA = lk.profit.Formula.minimal()
ANSWERS = {
    "lift_table": lambda values: FORMULA.lift_table(values),
    "elasticities": lambda values: FORMULA.elasticities(values),
    "interactions": lambda values: FORMULA.interactions(values),
    "tornado": lambda values: FORMULA.tornado(values),
    "bottlenecks": lambda values: FORMULA.bottlenecks(values, norms={"conversion": 0.2}),
    "attribute": lambda values: FORMULA.attribute(values, values),
    "tree": lambda values: FORMULA.tree(values),
    "break_even": lambda values: FORMULA.break_even(values),
    "plan": lambda values: FORMULA.plan(
        values, budget=100, maximize="revenue", effort={"leads": {"limit": 2000, "half": 1000}}
    ),
    "simulate": lambda values: FORMULA.simulate(values, n=1000),
}


@pytest.fixture(scope="module")
def shop() -> lk.datasets.Company:
    return lk.datasets.company(months=12)


@pytest.fixture(scope="module")
def ledger(shop: lk.datasets.Company) -> lk.Ledger:
    return lk.Ledger(shop.lines.to_pandas(), customer="customer", time="day", amount="amount", quantity="quantity")


@pytest.mark.parametrize("name", ANSWERS)
def test_the_formula_answers_in_the_kind_of_its_values(name: str) -> None:
    answer = ANSWERS[name]
    plain = answer(VALUES).table
    assert isinstance(plain, pl.DataFrame)
    for values in (pd.Series(VALUES), pd.DataFrame([VALUES])):
        found = answer(values).table
        assert isinstance(found, pd.DataFrame)
        assert_frame_equal(pl.from_pandas(found), plain, check_dtypes=False)
    assert isinstance(answer(pl.DataFrame([VALUES])).table, pl.DataFrame)


def test_what_was_measured_from_pandas_is_answered_in_pandas(ledger: lk.Ledger) -> None:
    measured = lk.profit.measure(ledger)
    values = measured.at()
    full = lk.profit.Formula.full()
    assert isinstance(measured.values, pd.DataFrame)
    assert isinstance(full.lift_table(values).table, pd.DataFrame)
    assert isinstance(full.lift_table(values | {"tax_rate": 0.2}).table, pd.DataFrame)
    assert pickle.loads(pickle.dumps(values)) == values == copy.deepcopy(values)
    assert isinstance(lk.plan(ledger, limit_day={"horizon": 90}).table, pd.DataFrame)


def test_values_of_several_rows_are_refused() -> None:
    with pytest.raises(lk.DataError, match="values: got 2 rows; expected one, with a column for each parameter"):
        FORMULA.lift_table(pd.DataFrame([VALUES, VALUES]))


def test_a_funnel_is_planned_backwards_from_a_frame() -> None:
    stages = pd.DataFrame({"stage": STAGES.keys(), "count": STAGES.values()})
    found = lk.funnel.reverse(target=1000, stages=stages)
    assert isinstance(found.table, pd.DataFrame)
    assert found.table["needed"].tolist() == lk.funnel.reverse(target=1000, stages=STAGES).table["needed"].to_list()


def test_without_limits_a_parameter_moves_a_fifth_within_its_bounds() -> None:
    rows = {row["parameter"]: row for row in FORMULA.tornado(VALUES | {"conversion": 0.9}).table.to_dicts()}
    assert (rows["leads"]["low"], rows["leads"]["high"]) == (800, 1200)
    assert (round(rows["conversion"]["low"], 12), rows["conversion"]["high"]) == (0.72, 1)


def test_measured_limits_come_before_a_fifth(ledger: lk.Ledger) -> None:
    measured = lk.profit.measure(ledger)
    values, spreads = measured.at(), measured.uncertainty()
    full = lk.profit.Formula.full()
    name = next(iter(spreads))
    limits = measured.values.query("parameter == @name and complete").iloc[-1]
    row = full.tornado(values).table.set_index("parameter").loc[name]
    assert (row["low"], row["high"]) == (limits["lower"], limits["upper"])
    params = full.simulate(values, n=1000).params
    assert params["uncertainty"] == spreads and params["correlations"] == measured.correlations()


def test_modules_list_their_public_names_alone() -> None:
    for module in (
        lk.rfm,
        lk.clv,
        lk.funnel,
        lk.pricing,
        lk.survey,
        lk.profit,
        lk.effect,
        lk.report,
        lk.reading,
        lk.datasets,
    ):
        assert set(dir(module)) == set(module.__all__), module.__name__
