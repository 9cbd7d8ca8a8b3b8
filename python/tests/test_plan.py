"""Levers of all engines in one table: parts add up, nothing is counted twice, what is not sure is in no sum, and what is assumed is said."""

import numpy as np
import polars as pl
import pytest

import leverkit as lk

TESTED = {
    name: {"estimate": share, "lower": share / 2, "upper": 1.5 * share, "n": 800, "grade": "test"}
    for name, share in {"kept": 0.2, "won_back": 0.05, "taken": 0.04}.items()
}


@pytest.fixture(scope="module")
def ledger():
    return lk.datasets.company(months=18).ledger()


@pytest.fixture(scope="module")
def found(ledger):
    return lk.plan(ledger, limit_day={"horizon": 90}, assumptions=TESTED)


@pytest.fixture(scope="module")
def untried(ledger):
    return lk.plan(ledger, limit_day={"horizon": 90})


def test_parts_of_sure_levers_add_up_to_the_joint_effect(found):
    money, lower, upper = found.joint
    sure = found.table.filter(pl.col("sure"))
    assert sure.height > 0
    assert sure["part"].sum() == pytest.approx(money)
    assert lower < money < upper
    assert sure["alone"].sum() == pytest.approx(found.claimed)


def test_what_is_not_sure_stands_below_and_in_no_sum(found):
    assert found.table["sure"].is_sorted(descending=True)
    unsure = found.table.filter(~pl.col("sure"))
    assert unsure["part"].is_null().all()
    assert ((unsure["chance"] < 0.95) | (unsure["grade"] == "assumption")).all()
    assert (found.table.filter(pl.col("sure"))["chance"] >= 0.95).all()


def test_a_test_raises_the_grade_and_a_guess_of_ones_own_does_not(ledger, found, untried):
    grades = [dict(plan.table.select("lever", "grade").iter_rows()) for plan in (found, untried)]
    assert [grade["keep_customers"] for grade in grades] == ["model", "assumption"]
    guessed = lk.plan(ledger, limit_day={"horizon": 90}, assumptions={"kept": (0.1, 0.2, 0.3)})
    row = guessed.table.row(by_predicate=pl.col("lever") == "keep_customers", named=True)
    assert (row["grade"], row["sure"]) == ("assumption", True), "the company set it, so it is in the sum, as what it is"


def test_where_nothing_was_tried_or_set_nothing_is_sure_and_the_plan_says_what_to_test(untried):
    assert untried.joint == (0, 0, 0)
    assert "No lever is sure yet" in untried.headline
    row = untried.table.row(by_predicate=pl.col("lever") == untried.test_first, named=True)
    assert row["value_of_knowing"] == untried.table["value_of_knowing"].max()
    assert row["what"] in untried.to_test


def test_a_test_of_a_smaller_effect_needs_more_customers(ledger):
    def size(kept):
        table = lk.plan(ledger, limit_day={"horizon": 90}, assumptions={"kept": kept}).table
        return table.filter(pl.col("lever") == "keep_customers")["test_size"][0]

    assert size((0.02, 0.05, 0.08)) > 3 * size((0.05, 0.10, 0.15))


def test_levers_come_by_what_is_left_after_their_effort(ledger, found):
    first = found.table["lever"][0]
    dear = lk.plan(ledger, limit_day={"horizon": 90}, assumptions=TESTED, effort={first: 10 * found.joint[0]})
    sure = dear.table.filter(pl.col("sure"))
    assert sure["lever"][-1] == first
    assert sure["net"].is_sorted(descending=True)


def test_every_lever_says_what_to_do_and_what_it_rests_on(found, untried):
    for row in [*found.table.iter_rows(named=True), *untried.table.iter_rows(named=True)]:
        assert row["what"]
        if row["assumption"] is not None:
            known = "Assumed" if row["assumed_grade"] == "assumption" else "Measured"
            assert known in row["evidence"]
            assert row["assumed_lower"] <= row["assumed"] <= row["assumed_upper"]


def test_assumptions_scale_the_money(ledger, untried):
    twice = lk.plan(ledger, limit_day={"horizon": 90}, assumptions={"kept": (0.1, 0.2, 0.3)})
    claimed = [
        table.filter(pl.col("lever") == "keep_customers")["claimed"][0] for table in (untried.table, twice.table)
    ]
    assert claimed[1] == pytest.approx(2 * claimed[0], rel=0.02)


def test_every_pair_of_sure_levers_has_its_overlap(found):
    n = found.table["sure"].sum()
    assert found.overlaps.height == n * (n - 1) // 2


def test_wrong_assumptions_are_named(ledger):
    with pytest.raises(lk.ParameterError, match="expected one of kept"):
        lk.plan(ledger, assumptions={"keep": (0, 0, 0)})
    with pytest.raises(lk.ParameterError, match="expected one of keep_customers"):
        lk.plan(ledger, effort={"keep": 1.0})
    with pytest.raises(lk.ParameterError, match="kept is"):
        lk.plan(ledger, assumptions={"kept": (0.3, 0.2, 0.1)})
    with pytest.raises(lk.ParameterError, match="expected estimate, lower, upper, n, grade"):
        lk.plan(ledger, assumptions={"kept": {"estimate": 0.2}})
    with pytest.raises(lk.ParameterError, match="grade"):
        lk.plan(ledger, assumptions={"kept": {**TESTED["kept"], "grade": "rumour"}})
    with pytest.raises(lk.ParameterError, match="elasticities of at most 0"):
        lk.plan(ledger, assumptions={"elasticity": (1, 2, 3)})


def test_figures_are_drawn(found):
    assert len(found.plot().data) == 2
    assert len(found.plot("overlaps").data) == 1


def test_without_costs_the_plan_speaks_of_revenue(ledger, found):
    assert "of profit a year" in found.headline
    lines = ledger.to_frame().drop("unit_cost")
    blind = lk.Ledger(lines, customer="customer", time="day", amount="amount", order="order", product="product")
    told = lk.plan(blind, limit_day={"horizon": 90}, assumptions=TESTED)
    assert "of revenue a year" in told.headline
    assert "No costs are known" in told.caption


def test_an_effort_for_a_lever_that_is_not_there_is_said(ledger):
    told = lk.plan(ledger, limit_day={"horizon": 90}, effort={"close_leaks_rep": 1.0})
    assert any(note.startswith("close_leaks_rep has an effort") for note in told.notes)


def test_the_year_that_money_is_told_by_is_said(found):
    assert sum(note.startswith("Money a year is") for note in found.notes) == 1


def stationary(seed, *, months=30, costs=True, discount=True):
    """Order lines of a company that never changes: constant list prices, random discounts, customers who come with a constant chance."""
    random = np.random.default_rng(seed)
    customer, month = np.nonzero(random.random((400, months)) < random.uniform(0.1, 0.6, (400, 1)))
    n = len(customer)
    product, price = random.integers(0, 20, n), np.arange(10, 30)
    quantity = np.ceil(np.exp(random.normal(0.5, 0.8, n)))
    off = np.where(random.random(n) < 0.3, random.choice([0.05, 0.1, 0.15], n), 0.0) if discount else 0.0
    day = np.datetime64("2022-01-01") + 30 * month + random.integers(0, 30, n)
    columns = {
        "client": customer,
        "day": pl.Series(day).cast(pl.Date),
        "order": np.arange(n),
        "product": product,
        "rep": customer % 5,
        "quantity": quantity,
        "list_price": price[product].astype(float),
        "paid": quantity * price[product] * (1 - off),
        "unit_cost": 0.6 * price[product],
    }
    roles = {
        "customer": "client",
        "time": "day",
        "amount": "paid",
        "order": "order",
        "product": "product",
        "quantity": "quantity",
        "list_price": "list_price",
        "dimensions": ["rep"],
    }
    return lk.Ledger(pl.DataFrame(columns), **roles, **({"unit_cost": "unit_cost"} if costs else {}))


@pytest.mark.parametrize("seed", range(4))
def test_where_there_is_no_lever_none_is_sure(seed):
    found = lk.plan(stationary(seed), limit_day={"horizon": 120}, profit={"limit_day": 90})
    assert "to_norm_list_price" in found.left_out["lever"]
    assert not found.table["sure"].any()
    assert found.joint == (0, 0, 0)


def test_without_unit_costs_levers_that_trade_price_for_volume_are_not_judged():
    found = lk.plan(stationary(1, costs=False), limit_day={"horizon": 120})
    assert not {"close_leaks_rep", "move_prices", "to_norm_discount_rate"} & set(found.table["lever"])
    reasons = dict(found.left_out.select("lever", "reason").iter_rows())
    assert "unit costs are needed" in reasons["move_prices"] and "unit costs are needed" in reasons["close_leaks"]
    assert "mix" in reasons["to_norm_list_price"]


def test_less_than_two_years_have_no_norm_and_say_so():
    found = lk.plan(stationary(2, months=15), limit_day={"horizon": 60})
    reasons = dict(found.left_out.select("lever", "reason").iter_rows())
    assert "would" in reasons["to_norm_frequency"]


def test_a_price_that_is_too_low_is_found_and_is_worth_what_it_earns():
    random = np.random.default_rng(5)
    weeks, products, elasticity, best = 104, 12, -2.0, 20.0
    # Each price moves about its best; in the last quarter of a year it is 15 % under it.
    price = best * (1 + random.choice([-0.2, -0.1, 0.0, 0.1], (weeks, products)))
    price[-13:] = 0.85 * best
    units = random.poisson(60 * (price / best) ** elasticity)
    week, product = np.nonzero(units)
    lines = pl.DataFrame(
        {
            "client": random.integers(0, 500, len(week)),
            "day": pl.Series(np.datetime64("2022-01-03") + 7 * week).cast(pl.Date),
            "product": product,
            "quantity": units[week, product].astype(float),
            "paid": units[week, product] * price[week, product],
            "unit_cost": np.full(len(week), best / 2),
        }
    )
    roles = {"customer": "client", "time": "day", "amount": "paid", "product": "product", "quantity": "quantity"}
    found = lk.plan(lk.Ledger(lines, unit_cost="unit_cost", **roles), limit_day={"horizon": 60})
    row = found.table.row(by_predicate=pl.col("lever") == "move_prices", named=True)
    earns = lambda price: products * 60 * 365.25 / 7 * (price - best / 2) * (price / best) ** elasticity  # noqa: E731
    truth = earns(best) - earns(0.85 * best)
    assert row["sure"]
    assert row["grade"] == "model"
    assert row["alone_lower"] <= truth <= row["alone_upper"]


def test_what_to_test_first_is_handed_to_the_design_of_its_test() -> None:
    company = lk.datasets.company(months=24, levers={"low_price": 0.1})
    ledger = company.ledger()
    found = lk.plan(ledger, draws=100)
    row = found.table.row(by_predicate=pl.col("lever") == found.test_first, named=True)
    design = found.design_test(ledger, weeks=[4], replicates=100)
    assert design.params["metric"] == "active"
    assert design.params["lift"] == pytest.approx(row["test_treated"] / row["test_control"] - 1)
    assert design.table["customers"][0] > 0
