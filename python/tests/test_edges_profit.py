"""KPIs and formulas at their edges."""

from __future__ import annotations

import pytest

import leverkit as lk

POSITIONS = 'position = [{name = "a", bonus = 1000.0}, {name = "b", bonus = 1000.0}]'


def test_each_position_is_paid_by_its_own_plan() -> None:
    system = lk.profit.KpiSystem.from_text(
        'kpi = [{parameter = "sales", value = 80.0, plan = 100.0, positions = ["a"]},'
        ' {parameter = "sales", value = 80.0, plan = 200.0, positions = ["b"]}]\n' + POSITIONS
    )
    table = system.bonus({"sales": 100.0}).table
    assert (table["plan"].to_list(), table["earned"].to_list()) == ([100.0, 200.0], [1000.0, 500.0])


def test_nothing_where_less_is_better_is_the_whole_bonus() -> None:
    system = lk.profit.KpiSystem.from_text(
        'kpi = [{parameter = "claims", value = 5.0, direction = "down", positions = ["a", "b"]}]\n' + POSITIONS
    )
    table = system.bonus({"claims": 0.0}).table
    assert table["earned"].to_list() == [1000.0, 1000.0]
    assert table["attainment"].null_count() == 2
    with pytest.raises(lk.DataError, match="at least 0"):
        system.bonus({"claims": -1.0})


def test_formulas_read_numbers_with_an_exponent() -> None:
    formula = lk.profit.Formula.from_expressions({"profit": "a * 1e-3*b"})
    assert formula.evaluate({"a": 2.0, "b": 500.0})["profit"] == pytest.approx(1.0)
