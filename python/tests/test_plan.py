"""Levers of all engines in one table: parts add up, nothing is counted twice, and what is assumed is said."""

import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit import plan
from leverkit.cli.app import app


@pytest.fixture(scope="module")
def ledger():
    return lk.datasets.company(months=18).ledger()


@pytest.fixture(scope="module")
def found(ledger):
    return plan(ledger, limit_day={"horizon": 90})


def test_parts_add_up_to_the_joint_effect(found):
    money, lower, upper = found.joint
    assert found.table["part"].sum() == pytest.approx(money)
    assert lower < money < upper
    assert found.table["alone"].sum() == pytest.approx(found.claimed)


def test_levers_come_by_what_is_left_after_their_effort(ledger, found):
    first = found.table["lever"][0]
    dear = plan(ledger, limit_day={"horizon": 90}, effort={first: 10 * found.joint[0]})
    assert dear.table["lever"][-1] == first
    assert dear.table["net"].is_sorted(descending=True)


def test_every_lever_says_what_to_do_and_what_it_rests_on(found):
    for row in found.table.iter_rows(named=True):
        assert row["what"] and row["evidence"]
        if row["assumption"] is not None:
            assert "Assumed" in row["evidence"]
            assert row["assumed_lower"] <= row["assumed"] <= row["assumed_upper"]


def test_assumptions_scale_the_money(ledger, found):
    twice = plan(ledger, limit_day={"horizon": 90}, assumptions={"kept": (0.1, 0.2, 0.3)})
    claimed = [table.filter(lever="keep_customers")["claimed"][0] for table in (found.table, twice.table)]
    assert claimed[1] == pytest.approx(2 * claimed[0])


def test_every_pair_of_levers_has_its_overlap(found):
    n = found.table.height
    assert found.overlaps.height == n * (n - 1) // 2


def test_wrong_assumptions_are_named(ledger):
    with pytest.raises(lk.ParameterError, match="expected one of kept"):
        plan(ledger, assumptions={"keep": (0, 0, 0)})
    with pytest.raises(lk.ParameterError, match="expected one of keep_customers"):
        plan(ledger, effort={"keep": 1.0})
    with pytest.raises(lk.ParameterError, match="kept is"):
        plan(ledger, assumptions={"kept": (0.3, 0.2, 0.1)})


def test_figures_are_drawn(found):
    assert len(found.plot().data) == 2
    assert len(found.plot("overlaps").data) == 1


def test_without_costs_the_plan_speaks_of_revenue(ledger, found):
    assert "of profit a year" in found.headline
    lines = ledger.to_frame().drop("unit_cost")
    blind = plan(lk.Ledger(lines, customer="customer", time="day", amount="amount", order="order", product="product"))
    assert "of revenue a year" in blind.headline
    assert "No costs are known" in blind.caption


def test_an_effort_for_a_lever_that_is_not_there_is_said(ledger):
    told = plan(ledger, limit_day={"horizon": 90}, effort={"move_prices": 1.0})
    assert any(note.startswith("move_prices has an effort") for note in told.notes) == (
        "move_prices" not in told.table["lever"]
    )


def test_the_report_s_plan_is_the_same():
    assert lk.report.plan is lk.plan


def test_the_command_shows_the_plan_and_writes_it(tmp_path):
    company = lk.datasets.company(months=18)
    company.lines.write_parquet(tmp_path / "orders.parquet")
    command = ["plan", str(tmp_path / "orders.parquet"), "--horizon", "90"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0, shown.stderr
    assert "Profit a year" in shown.stdout
    written = CliRunner().invoke(app, [*command, "-o", str(tmp_path / "plan.csv"), "--tables", str(tmp_path)])
    assert (written.exit_code, written.stdout) == (0, "")
    assert pl.read_csv(tmp_path / "plan.csv").height == pl.read_parquet(tmp_path / "plan_table.parquet").height > 0
