"""Where rounding, few products or days that were not seen decided what products and their buyers tell."""

from __future__ import annotations

import datetime as dt
import random
import time

import polars as pl
import pytest

import leverkit as lk

START = dt.date(2024, 1, 1)


def ledger(orders: list[tuple[object, int, list[str]]], **roles: object) -> lk.Ledger:
    """Orders as customer, day and products, each for 5."""
    rows = [
        (who, START + dt.timedelta(days=day), place, what, 5.0)
        for place, (who, day, names) in enumerate(orders)
        for what in names
    ]
    frame = pl.DataFrame(rows, schema=["who", "day", "order", "what", "paid"], orient="row")
    return lk.Ledger(frame, customer="who", time="day", amount="paid", order="order", product="what", **roles)


def independent(chances: dict[str, float], orders: int, seed: int) -> lk.Ledger:
    """Orders that hold each product by its own chance."""
    draw = random.Random(seed)
    baskets = [[name for name, chance in chances.items() if draw.random() < chance] for _ in range(orders)]
    return ledger([(who, who % 300, names) for who, names in enumerate(baskets)])


@pytest.mark.parametrize("half", range(1, 31))
def test_the_median_is_the_day_on_which_half_of_the_customers_have_come_back(half: int) -> None:
    waits = [*range(1, half + 1), *range(60 + half, 60 + 2 * half)]
    orders = [(who, day, ["tea"]) for who, wait in enumerate(waits) for day in (0, wait)]
    found = lk.funnel.ladder(ledger(orders), horizon=150, rungs=2).table
    assert found["median_days"][0] == half


@pytest.mark.parametrize(("having", "customers"), [(7, 25), (14, 25), (7, 50), (14, 50), (28, 50)])
def test_a_share_of_customers_is_reached_by_exactly_as_many(having: int, customers: int) -> None:
    baskets = [["x", "y", "z"] if who < having else [f"other {who}"] for who in range(customers)]
    shop = ledger([(who, 0, names) for who, names in enumerate(baskets)])
    support = having / customers
    rules = lk.funnel.basket_rules(shop, min_support=support, max_size=3, fdr=1.0)
    assert [row for row in rules.itemsets.iter_rows(named=True) if row["size"] == 3]
    assert set(lk.funnel.sequences(shop, min_support=support).table["products"].explode()) == {"x", "y", "z"}


def test_two_independent_products_are_no_rule() -> None:
    shop = independent({"a": 0.5, "b": 0.5}, 1000, 1)
    row = lk.funnel.basket_rules(shop, fdr=1.0).table.row(0, named=True)
    assert row["count"] == pytest.approx(row["expected"]), "orders of two must hold both"
    assert lk.funnel.basket_rules(shop).table.is_empty()


def test_independent_products_of_few_or_uneven_chances_are_no_rules() -> None:
    assert lk.funnel.basket_rules(independent(dict.fromkeys("abcde", 0.3), 2000, 2)).table.is_empty()
    assert lk.funnel.basket_rules(independent({"a": 0.05, "b": 0.2, "c": 0.5, "d": 0.8}, 3000, 3)).table.is_empty()


def test_a_bag_in_all_orders_goes_with_nothing() -> None:
    draw = random.Random(4)
    baskets = [["bag", *(name for name in "abcdef" if draw.random() < 0.3)] for _ in range(1500)]
    found = lk.funnel.basket_rules(ledger([(who, 0, names) for who, names in enumerate(baskets)])).table
    assert "bag" not in {*found["antecedent"], *found["consequent"]}


def test_planted_pairs_among_many_products_are_found_and_nothing_else() -> None:
    draw = random.Random(5)
    orders = []
    for who in range(8000):
        names = {f"p{draw.randrange(2000)}" for _ in range(draw.randrange(1, 9))}
        if draw.random() < 0.01:
            pair = draw.randrange(5)
            names |= {f"planted {pair} a", f"planted {pair} b"}
        orders.append((who, who % 300, sorted(names)))
    found = lk.funnel.basket_rules(ledger(orders)).table
    pairs = {(f"planted {pair} a", f"planted {pair} b") for pair in range(5)}
    assert pairs <= set(found.select("antecedent", "consequent").rows())
    assert found.height <= 2 * len(pairs) + 4


def test_a_rule_that_brings_nothing_carries_no_money() -> None:
    found = lk.funnel.basket_rules(independent(dict.fromkeys("abcdef", 0.4), 500, 6), fdr=1.0, max_size=3).table
    useless = found.filter(pl.col("lift") <= 1)
    assert useless.height and useless["margin"].to_list() == [0.0] * useless.height


def test_a_ladder_whose_followed_customers_have_all_come_back_has_a_share_with_limits() -> None:
    back = [(who, day, ["tea"]) for who in range(5) for day in (0, 20)]
    young = [(who, 95, ["tea"]) for who in range(100, 140)]
    row = lk.funnel.ladder(ledger([*back, *young]), horizon=90).table.row(0, named=True)
    assert row["conversion"] is not None
    assert row["lower"] <= row["conversion"] <= row["upper"]
    assert row["reason"] == "11 % were followed for 90 days: a young cohort"


def test_sequences_answer_on_defaults_with_the_thousand_most_supported() -> None:
    draw = random.Random(7)
    orders = [
        (who, day, [f"p{int(draw.random() ** 3 * 300)}" for _ in range(5)])
        for who in range(2000)
        for day in range(0, 90, 10)
    ]
    shop = ledger(orders)
    begin = time.perf_counter()
    found = lk.funnel.sequences(shop)
    assert time.perf_counter() - begin < 20, "not all sequences there are"
    assert found.table.height == 1000 and found.table["closed"].all()
    assert "1000 closed sequences" in found.notes[-1]
    all_of_them = lk.funnel.sequences(shop, min_support=found.table["support"].min()).table
    assert set(map(tuple, found.table["products"])) <= set(map(tuple, all_of_them["products"]))


def test_of_equally_probable_next_products_the_one_of_more_orders_comes_first() -> None:
    # After a, b comes once alone (1); c comes in three orders of three products (1/3 each, which adds up to 1 but for rounding).
    nexts = {1: ["b"], 2: ["c", "d", "e"], 3: ["c", "d", "f"], 4: ["c", "e", "f"]}
    rows = [(who, "2024-01-01", "a") for who in nexts]
    rows += [(who, "2024-01-05", product) for who, products in nexts.items() for product in products]
    lines = pl.DataFrame(rows, schema=["who", "at", "product"], orient="row").with_columns(paid=1.0)
    found = lk.funnel.next_products(
        lk.Ledger(lines, customer="who", time="at", amount="paid", product="product", as_of="2024-12-31"), horizon=30
    )
    after = found.table.filter(pl.col("product") == "a")
    assert after["next"].to_list()[:2] == ["c", "b"]
    assert after["probability"][0] == pytest.approx(after["probability"][1])
