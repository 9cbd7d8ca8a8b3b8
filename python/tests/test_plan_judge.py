"""The judge of the plan counts right, on plans made up for it, and judges what there is."""

import json

import pytest
from benches import plan_judge
from benches.plan_tables import bias, is_inside, stands_first, tables

from leverkit.datasets.companies import LEVERS


def line(lever, part, lower, upper, subject=None):
    return {
        "lever": lever,
        "subject": subject,
        "sure": lower > 0,
        "part": part,
        "lower": lower,
        "upper": upper,
    }


def judged(plan, truth=(), joint=(0.0, 0.0, 0.0), levers=()):
    """A company that makes 1,000 a year."""
    rows = [{"lever": lever, "subject": "some", "size": 0.1, "money": money} for lever, money in truth]
    sizes = {lever: 0.1 for lever, _ in truth} | dict.fromkeys(levers, 0.1)
    return {
        "levers": sizes,
        "truth": rows,
        "plan": plan,
        "joint": joint,
        "profit": 1000.0,
        "a_year": 1100.0,
        "error": None,
    }


def cells(text, first):
    """The numbers of the table's line that begins so."""
    found = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in found.strip("|").split("|")[1:]]


LEAK = ("leaking_rep", 50.0)


def test_a_plan_that_is_sure_of_nothing_is_counted_and_measured_by_profit():
    wrong = judged([line("close_leaks_rep", 30.0, 10.0, 40.0, "rep")], joint=(30.0, 10.0, 40.0))
    unsure = judged([line("to_norm_items", 10.0, -5.0, 20.0)], joint=(10.0, -5.0, 20.0), levers=["lucky_month"])
    text = tables([wrong, unsure, judged([]), judged([])])
    assert cells(text, "all") == ["4", "25.0 %", "1.0 %", "10.0 %"]
    assert cells(text, "nothing at all") == ["3", "33.3 %", "1.0 %", "10.0 %"]
    assert cells(text, "close_leaks_rep") == ["25.0 %", "25.0 %", "0.8 %"]
    assert cells(text, "to_norm_items") == ["25.0 %", "0.0 %", "0.2 %"]


def test_a_truth_is_inside_only_where_the_plan_names_the_lever_in_its_place():
    row = judged([line("close_leaks_rep", 40.0, 30.0, 60.0, "rep")], [LEAK])
    assert is_inside(row, row["truth"][0])
    elsewhere = judged([line("close_leaks_category", 40.0, 30.0, 60.0, "category")], [LEAK])
    assert not is_inside(elsewhere, elsewhere["truth"][0])
    silent = judged([], [LEAK])
    assert not is_inside(silent, silent["truth"][0]) and bias(silent, silent["truth"][0]) is None


def test_bias_is_what_is_said_more_than_true():
    row = judged([line("close_leaks_rep", 75.0, 60.0, 90.0, "rep")], [LEAK])
    assert bias(row, row["truth"][0]) == pytest.approx(0.5)
    assert not is_inside(row, row["truth"][0])


def test_the_greatest_planted_lever_is_to_stand_first():
    truth = [("burning_entry", 80.0), LEAK]
    lines = [line("close_leaks_rep", 75.0, 60.0, 90.0, "rep"), line("shift_entries", 70.0, 60.0, 90.0)]
    assert not stands_first(judged(lines, truth))
    assert stands_first(judged(lines[::-1], truth))


def test_planted_levers_are_told_by_kind():
    rows = [
        judged([line("close_leaks_rep", 60.0, 40.0, 90.0, "rep")], [LEAK]),
        judged([line("close_leaks_rep", 60.0, 55.0, 90.0, "rep")], [LEAK]),
        judged([], [("pair", 10.0)]),
    ]
    text = tables(rows)
    assert cells(text, "leaking_rep") == ["2", "5.0 %", "100.0 %", "100.0 %", "50.0 %", "+20 %", "100.0 %"]
    assert cells(text, "pair") == ["1", "1.0 %", "0.0 %", "0.0 %", "–", "–", "0.0 %"]


def test_a_plan_that_fails_is_said():
    assert tables([{"error": "no plan"}, judged([])]).startswith("1 companies had no plan, but an error.")


def test_companies_follow_from_their_numbers():
    settings = [plan_judge.setting(number) for number in range(200)]
    assert settings == [plan_judge.setting(number) for number in range(200)]
    sizes = sorted(each["customers"] for each in settings)
    assert sizes[0] >= 500 and sizes[100] < 5_000 and sizes[-1] > 20_000
    planted = [set(each["levers"]) - {"selected_entry", "lucky_month"} for each in settings]
    assert not any(planted[::2]) and all(planted[1::2])
    assert set().union(*(each["levers"] for each in settings)) == set(LEVERS)


def test_what_was_judged_is_kept_and_what_another_build_said_is_not(tmp_path):
    number = min((number for number in range(1, 100, 2)), key=lambda number: plan_judge.setting(number)["customers"])
    row = plan_judge.judge(number)
    assert row["error"] is None and row["profit"] > 0
    assert sum(said["part"] for said in row["plan"] if said["sure"]) == pytest.approx(row["joint"][0])
    results = tmp_path / "judged.jsonl"
    results.write_text("\n".join(map(json.dumps, [row, {**row, "build": "another"}])), encoding="utf-8")
    assert plan_judge.known(results) == [row]
    assert f"| {row['truth'][0]['lever']} | 1 |" in plan_judge.page(plan_judge.known(results))
