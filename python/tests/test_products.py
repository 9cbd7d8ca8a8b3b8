"""The product funnel against lifelines, DuckDB, mlxtend and prefixspan."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import statistics
from collections import Counter
from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from lifelines import KaplanMeierFitter
from mlxtend.frequent_patterns import association_rules, fpgrowth
from mlxtend.preprocessing import TransactionEncoder
from prefixspan import PrefixSpan

import leverkit as lk

START = dt.date(2024, 1, 1)


def orders(baskets: Sequence[tuple[object, int, Sequence[str]]], **roles: object) -> lk.Ledger:
    """A ledger of orders given as customer, day and products, each for 10."""
    rows = [
        (who, START + dt.timedelta(days=day), product, 10.0) for who, day, products in baskets for product in products
    ]
    frame = pl.DataFrame(rows, schema=["customer", "day", "product", "paid"], orient="row")
    return lk.Ledger(frame, customer="customer", time="day", amount="paid", product="product", **roles)


def random_orders(seed: int, customers: int = 300, products: int = 12) -> list[tuple[int, int, list[str]]]:
    draw = random.Random(seed)
    baskets = []
    for who in range(customers):
        day = draw.randrange(200)
        for _ in range(draw.randrange(1, 7)):
            baskets.append((who, day, [f"p{draw.randrange(products)}" for _ in range(draw.randrange(1, 5))]))
            day += draw.randrange(1, 80)
    return [basket for basket in baskets if basket[1] < 365]


@pytest.fixture(scope="module")
def by_category(lines: pl.DataFrame) -> lk.Ledger:
    return lk.Ledger(
        lines,
        customer="household_id",
        time="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        product="product_category",
        quantity="quantity",
        dimensions=["department", "store_id"],
    )


# ladder ----------------------------------------------------------------------------------------------------------------


def test_the_ladder_is_lifelines_kaplan_meier(by_category: lk.Ledger, lines: pl.DataFrame) -> None:
    found = lk.funnel.ladder(by_category, rungs=5, horizon=60)
    day = pl.col("transaction_timestamp").min().dt.date()
    baskets = lines.group_by("household_id", "basket_id").agg(
        day.alias("day"), pl.col("transaction_timestamp").min().alias("t")
    )
    baskets = baskets.sort("household_id", "t").with_columns(
        order=pl.int_range(1, pl.len() + 1).over("household_id"), next=pl.col("day").shift(-1).over("household_id")
    )
    end = lines["transaction_timestamp"].dt.date().max()
    for order in (1, 3, 5):
        rung = baskets.filter(order=order)
        waits = (rung["next"].fill_null(end) - rung["day"]).dt.total_days().to_numpy()
        fitted = KaplanMeierFitter().fit(waits, rung["next"].is_not_null().to_numpy())
        row = found.table.row(by_predicate=pl.col("order") == order, named=True)
        limits = fitted.confidence_interval_survival_function_.loc[:60].iloc[-1]
        assert row["customers"] == rung.height
        assert row["conversion"] == pytest.approx(1 - fitted.predict(60), abs=1e-9)
        assert (row["lower"], row["upper"]) == pytest.approx((1 - limits.iloc[1], 1 - limits.iloc[0]), abs=1e-9)
        assert row["median_days"] == fitted.median_survival_time_
        curve = found.curves.filter(order=order)
        assert np.allclose(curve["survival"], fitted.predict(curve["day"].to_numpy()), atol=1e-9)


def test_customers_who_have_only_just_come_are_not_lost() -> None:
    old = [(who, 0, ["a"]) for who in range(40)] + [(who, 20, ["a"]) for who in range(20)]
    young = [(100 + who, 90, ["a"]) for who in range(60)]
    row = lk.funnel.ladder(orders(old + young), horizon=30).table.row(0, named=True)
    assert row["naive_conversion"] == 0.2
    assert row["conversion"] == 0.5, "of those who could be followed, half came back"
    assert row["reason"] == "40 % were followed for 30 days: a young cohort"
    late = lk.funnel.ladder(orders(young), horizon=30).table.row(0, named=True)
    assert late["conversion"] is None
    assert late["reason"] == "nobody was followed for 30 days after order 1"


def test_ladders_by_entry_product_and_dimension(by_category: lk.Ledger) -> None:
    whole = lk.funnel.ladder(by_category, rungs=2, horizon=30)
    for by in ("entry_product", "department"):
        found = lk.funnel.ladder(by_category, rungs=2, horizon=30, by=by)
        assert found.table.filter(order=1)["customers"].sum() == whole.table["customers"][0]
        assert found.table["group"].n_unique() > 3
    with pytest.raises(lk.SchemaError, match="shop"):
        lk.funnel.ladder(by_category, by="shop")


def test_money_on_the_ladder() -> None:
    found = lk.funnel.ladder(
        orders([(1, 0, ["a", "b"]), (1, 5, ["a"]), (2, 0, ["a"]), (3, 40, ["c"])]), horizon=10
    ).table
    assert found["average_check"].to_list() == pytest.approx([40 / 3, 10.0])
    assert found["revenue_lost"][0] == pytest.approx(3 * 0.5 * 10), (
        "half of three customers, at the second order's check"
    )


# entry products --------------------------------------------------------------------------------------------------------


def test_planted_entry_products_are_told_apart() -> None:
    draw = random.Random(5)
    baskets = []
    chances = {"builder": 0.8, "burner": 0.2, "plain": 0.5, "rare": 0.5}
    for who in range(4000):
        entry = draw.choices(list(chances), [1, 1, 3, 0.01])[0]
        baskets.append((who, 0, [entry]))
        if draw.random() < chances[entry]:
            baskets.append((who, draw.randrange(1, 25), ["later"]))
    baskets.append((9999, 200, ["plain"]))
    found = lk.funnel.entry_products(orders(baskets), horizons=(10, 30))
    verdicts = dict(found.table.select("product", "verdict").iter_rows())
    assert verdicts["builder"] == "builds base"
    # Beside a builder and a burner of the same size the plain one is what the others are on average.
    assert verdicts["plain"] == "unclear"
    assert verdicts["burner"] == "burns traffic"
    assert found.horizon == 30
    row = found.table.row(by_predicate=pl.col("product") == "builder", named=True)
    assert row["lower"] < 0.8 < row["upper"]
    assert row["difference"] > 0.3
    assert found.steps.filter(product="builder", order=2)["conversion"].is_sorted()
    assert any("fewer than 20 customers" in note for note in found.notes)


def test_entry_counts_and_money_are_those_of_sql(by_category: lk.Ledger, lines: pl.DataFrame) -> None:
    found = lk.funnel.entry_products(by_category, horizons=(30, 90), min_customers=1)
    expected = duckdb.sql("""
        with b as (select household_id h, basket_id o, min(transaction_timestamp) t from lines group by 1, 2),
        f as (select h, arg_min(o, t) o, min(t)::date d from b group by 1),
        money as (select h, sum(sales_value) m from lines join f on h = household_id
                  where transaction_timestamp::date - d <= 90 group by 1),
        e as (select distinct f.h, product_category p from lines join f on basket_id = f.o where p is not null)
        select p, count(*) n, avg(m) filter (date '2018-01-01' - d >= 90) from e join f using (h) join money using (h) group by 1
    """).fetchall()
    rows = {row["product"]: row for row in found.table.iter_rows(named=True)}
    assert len(rows) == len(expected)
    for product, n, money in expected:
        assert rows[product]["customers"] == n
        assert rows[product]["revenue"] == (None if money is None else pytest.approx(float(money)))


def test_a_few_customers_who_all_came_back_prove_nothing() -> None:
    few = [(who, 0, ["few"]) for who in range(20)] + [(who, 3, ["x"]) for who in range(20)]
    many = [(100 + who, 0, ["many"]) for who in range(1000)] + [(100 + who, 3, ["x"]) for who in range(970)]
    row = lk.funnel.entry_products(orders([*few, *many, (5000, 60, ["many"])]), horizons=(30,)).table.row(
        by_predicate=pl.col("product") == "few", named=True
    )
    assert row["conversion"] == 1.0
    assert row["verdict"] == "unclear"
    assert row["lower"] < 0.9
    assert row["shrunk"] < 1.0


# next products ---------------------------------------------------------------------------------------------------------


def test_transitions_are_those_of_sql() -> None:
    baskets = random_orders(3)
    found = lk.funnel.next_products(orders(baskets), horizon=3650)
    frame = pl.DataFrame([(c, d, p) for c, d, ps in baskets for p in set(ps)], schema=["c", "d", "p"], orient="row")  # noqa: F841
    expected = duckdb.sql("""
        with o as (select distinct c, d, p from frame), d as (select distinct c, d from o),
        n as (select c, d, lead(d) over (partition by c order by d) d2 from d),
        t as (select a.p p, b.p q, b.d - a.d gap from o a join n using (c, d) join o b on b.c = a.c and b.d = n.d2),
        f as (select p, count(*) n_from, count(d2) n_back from o join n using (c, d) group by 1),
        base as (select q, count(*) / (select count(d2) from n) share from
                 (select distinct b.c, b.d, b.p q from o b join n on n.c = b.c and n.d2 = b.d) group by 1)
        select p, q, count(*) k, k / any_value(n_from), k / any_value(n_back) / any_value(share), median(gap)
        from t join f using (p) join base using (q) group by 1, 2
    """).fetchall()
    rows = {(row["product"], row["next"]): row for row in found.table.iter_rows(named=True)}
    repeats = dict(found.states.select("product", "repeat_count").iter_rows())
    assert len(rows) == sum(p != q for p, q, *_ in expected)
    for p, q, count, conversion, lift, median in expected:
        if p == q:
            assert repeats[p] == count
            continue
        row = rows[p, q]
        assert row["count"] == count
        assert (row["conversion"], row["lift"], row["median_days"]) == pytest.approx((conversion, lift, median))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("start", ["any", "first"])
def test_what_comes_next_and_nothing_add_up_to_one(order: int, start: str) -> None:
    found = lk.funnel.next_products(orders(random_orders(4)), horizon=45, order=order, start=start)
    keys = ["before", "product"] if order == 2 else ["product"]
    sums = found.table.group_by(keys).agg(pl.col("probability").sum())
    whole = found.states.join(sums, on=keys, how="left").with_columns(pl.col("probability").fill_null(0))
    total = whole.select(pl.col("probability") + pl.col("nothing") + pl.col("repeat") + pl.col("unknown")).to_series()
    assert np.allclose(total, 1.0, atol=1e-12)


def test_of_two_orders_the_last_product_counts_each_order_once() -> None:
    """Counted again: an order after another one, whatever that one held, and however many products it held."""
    baskets, horizon = random_orders(11), 60
    found = lk.funnel.next_products(orders(baskets), horizon=horizon, order=2)
    held: dict[int, list[tuple[int, set[str]]]] = {}
    for who, day, products in sorted(baskets, key=lambda basket: basket[:2]):
        held.setdefault(who, []).append((day, set(products)))
    returns = [
        (middle[1], after[1], after[0] - middle[0])
        for visits in held.values()
        for middle, after in itertools.pairwise(visits[1:])
        if after[0] - middle[0] <= horizon
    ]
    states = dict(found.last_states.select("product", "n").iter_rows())
    assert states == dict(
        Counter(product for visits in held.values() for _, products in visits[1:] for product in products)
    )
    for row in found.last_table.iter_rows(named=True):
        waits = [days for here, then, days in returns if row["product"] in here and row["next"] in then]
        of_product = sum(row["product"] in here for here, _, _ in returns)
        share = sum(row["next"] in then for _, then, _ in returns) / len(returns)
        assert row["count"] == len(waits)
        assert row["median_days"] == statistics.median(waits)
        assert row["lift"] == pytest.approx(len(waits) / of_product / share, rel=1e-12)
    drawn = found.plot("heatmap").data[0]
    cells = {
        (y, x): lift
        for y, line in zip(drawn.y, drawn.customdata, strict=True)
        for x, lift in zip(drawn.x, line, strict=True)
    }
    best = found.last_table.sort("count").row(-1, named=True)
    assert float(cells[best["product"], best["next"]]) == pytest.approx(best["lift"], abs=0.005)
    one = lk.funnel.next_products(orders(baskets), horizon=horizon)
    assert one.last_table is None and "last_table" not in one.to_dict()


def test_nothing_is_kaplan_meier(by_category: lk.Ledger) -> None:
    found = lk.funnel.next_products(by_category, horizon=30)
    plain = orders(random_orders(8, products=1))
    one = lk.funnel.next_products(plain, horizon=30)
    frame = plain.to_frame().sort("customer", "day").unique(["customer", "day"], maintain_order=True)
    frame = frame.with_columns(next=pl.col("day").shift(-1).over("customer"))
    waits = (frame["next"].fill_null(plain.end) - frame["day"]).dt.total_days().to_numpy()
    fitted = KaplanMeierFitter().fit(waits, frame["next"].is_not_null().to_numpy())
    assert one.states["nothing"][0] == pytest.approx(fitted.predict(30), abs=1e-12)
    assert found.states["nothing"].is_between(0, 1).all()


def test_recommendations_are_the_best_of_the_last_order() -> None:
    baskets = random_orders(6)
    ledger = orders(baskets)
    found = lk.funnel.next_products(ledger, horizon=60)
    chances = {(a, b): p for a, b, p in found.table.select("product", "next", "probability").iter_rows()}
    rows = found.recommend([7, 12], k=3)
    assert rows["customer"].to_list() == [7, 7, 7, 12, 12, 12]
    last_day = max(day for who, day, _ in baskets if who == 7)
    last = {p for who, day, ps in baskets if who == 7 and day == last_day for p in ps}
    scores = {q: sum(chances.get((p, q), 0) for p in last) / len(last) for q in {b for _, b in chances}}
    best = sorted(scores, key=lambda q: (-scores[q], q))[:3]
    assert [scores[q] for q in rows.filter(customer=7)["next"]] == pytest.approx([scores[q] for q in best])
    assert rows["due"][0] >= rows["last_order"][0]
    owned = {p for who, _, ps in baskets if who == 7 for p in ps}
    assert not owned & set(found.recommend([7], k=12, exclude_owned=True)["next"])
    with pytest.raises(lk.ParameterError, match='customers: got "99999"'):
        found.recommend([99999])


def test_due_lists_are_the_same_on_every_run() -> None:
    ledger = orders(random_orders(6))
    found = lk.funnel.next_products(ledger, horizon=60)
    due = found.due("2024-10-01", days=14)
    assert due.height > 0
    assert due["due"].is_between(dt.date(2024, 10, 1), dt.date(2024, 10, 14)).all()
    assert due["expected_revenue"].is_sorted(descending=True)
    assert due.equals(lk.funnel.next_products(ledger, horizon=60).due(dt.date(2024, 10, 1), days=14))


# roles -----------------------------------------------------------------------------------------------------------------


def test_roles_are_what_was_planted() -> None:
    draw = random.Random(2)
    baskets = []
    for who in range(500):
        baskets.append((who, 0, ["door"]))
        for week in range(1, 6):
            baskets.append((who, 7 * week, ["bread", *(["cake"] if draw.random() < 0.15 else [])]))
        if draw.random() < 0.5:
            baskets.append((who, 50, ["vase"]))
    prices = {"door": 5.0, "bread": 2.0, "cake": 20.0, "vase": 9.0}
    kinds = {"door": "shop", "bread": "food", "cake": "food", "vase": "home"}
    frame = pl.DataFrame(
        [(w, START + dt.timedelta(days=d), p, prices[p], kinds[p]) for w, d, ps in baskets for p in ps],
        schema=["c", "t", "p", "a", "kind"],
        orient="row",
    )
    found = lk.funnel.roles(
        frame, customer="c", time="t", amount="a", product="p", dimensions=["kind"], category="kind"
    )
    assert dict(found.table.select("product", "role").iter_rows()) == {
        "door": "entry",
        "bread": "repeat",
        "cake": "upsell",
        "vase": "cross_sell",
    }
    assert found.table.select(
        pl.sum_horizontal("entry", "repeat", "upsell", "cross_sell", "core")
    ).to_series().to_list() == pytest.approx([1.0] * 4)
    assert found.rules["rule"][0] == "in the customer's first order"
    assert "cross-sell" in lk.funnel.roles(orders(baskets)).notes[0]


# baskets ---------------------------------------------------------------------------------------------------------------


def test_all_pairs_are_those_of_a_self_join() -> None:
    baskets = random_orders(1)
    found = lk.funnel.basket_rules(orders(baskets), fdr=1.0)
    frame = pl.DataFrame([(c, d, p) for c, d, ps in baskets for p in set(ps)], schema=["c", "d", "p"], orient="row")  # noqa: F841
    expected = duckdb.sql(
        "select a.p, b.p, count(*) from frame a join frame b on a.c = b.c and a.d = b.d and a.p < b.p group by 1, 2"
    ).fetchall()
    rows = found.table.filter(pl.col("antecedent") < pl.col("consequent"))
    assert {(a, b): n for a, b, n in rows.select("antecedent", "consequent", "count").iter_rows()} == {
        (a, b): n for a, b, n in expected
    }


def test_measures_and_larger_sets_are_mlxtend_s() -> None:
    baskets = random_orders(1)
    ledger = orders(baskets)
    found = lk.funnel.basket_rules(ledger, fdr=1.0, max_size=4, min_support=0.005)
    days: dict[tuple[object, int], set[str]] = {}
    for who, day, products in baskets:
        days.setdefault((who, day), set()).update(products)
    encoder = TransactionEncoder()
    wide = pd.DataFrame(encoder.fit_transform([sorted(basket) for basket in days.values()]), columns=encoder.columns_)
    sets = fpgrowth(wide, min_support=0.005, use_colnames=True, max_len=4)
    theirs = {frozenset(row.itemsets): row.support for row in sets.itertuples()}
    ours = {frozenset(row["products"]): row["support"] for row in found.itemsets.iter_rows(named=True)}
    assert ours.keys() == theirs.keys()
    assert max(map(len, ours)) >= 3
    assert all(ours[key] == pytest.approx(theirs[key]) for key in ours)
    rules = association_rules(sets, metric="support", min_threshold=0)
    by_sides = {(frozenset(row.antecedents), frozenset(row.consequents)): row for row in rules.itertuples()}
    checked = 0
    for row in found.table.iter_rows(named=True):
        other = by_sides.get((frozenset(row["antecedent"]), frozenset([row["consequent"]])))
        if other is not None:
            checked += 1
            for name in ("support", "confidence", "lift", "leverage", "conviction"):
                assert row[name] == pytest.approx(getattr(other, name)), name
            assert row["zhang"] == pytest.approx(other.zhangs_metric)
    assert checked > 50


def test_planted_pairs_are_found_without_a_minimum_support() -> None:
    random_ = np.random.default_rng(7)
    n, products = 200_000, 400
    popularity = 1 / np.arange(1, products + 1) ** 0.8
    popularity = random_.permutation(popularity / popularity.sum())
    lead = random_.choice(products, n, p=popularity)
    extra = random_.choice(products, 3 * n // 2, p=popularity)
    order = np.concatenate([np.arange(n), random_.integers(0, n, len(extra))])
    product = np.concatenate([lead, extra])
    follows = (lead % 2 == 0) & (random_.random(n) < 0.15)
    order = np.concatenate([order, np.flatnonzero(follows)])
    product = np.concatenate([product, lead[follows] + 1])
    frame = pl.DataFrame({"o": order, "p": product}).with_columns(t=pl.lit(START), a=pl.lit(1.0))
    found = lk.funnel.basket_rules(frame, customer="o", time="t", amount="a", product="p", fdr=0.01)
    pairs = found.table.filter(pl.col("antecedent") < pl.col("consequent"))
    planted = pairs.filter((pl.col("antecedent") % 2 == 0) & (pl.col("consequent") == pl.col("antecedent") + 1)).height
    assert planted >= 198, "of 200"
    assert pairs.height - planted <= 3
    assert found.table["margin"].is_sorted(descending=True)


# sequences -------------------------------------------------------------------------------------------------------------


def test_sequences_are_prefixspan_s() -> None:
    draw = random.Random(9)
    baskets = [
        (who, 3 * place, [f"p{draw.randrange(6)}"]) for who in range(120) for place in range(draw.randrange(1, 9))
    ]
    found = lk.funnel.sequences(orders(baskets), min_support=0.1, max_length=4)
    database: dict[object, list[str]] = {}
    for who, _, products in baskets:
        database.setdefault(who, []).extend(products)
    miner = PrefixSpan(list(database.values()))
    miner.maxlen = 4
    theirs = {tuple(pattern): n for n, pattern in miner.frequent(12)}
    ours = {tuple(row["products"]): row["customers"] for row in found.table.iter_rows(named=True)}
    assert ours == theirs
    closed = {tuple(pattern) for n, pattern in miner.frequent(12, closed=True)}
    # Within four products: a sequence whose only longer equal has five is closed here.
    ours_closed = {tuple(row["products"]) for row in found.table.filter("closed").iter_rows(named=True)}
    assert closed <= ours_closed
    assert all(len(pattern) == 4 for pattern in ours_closed - closed) or ours_closed == closed


def test_gaps_limit_sequences() -> None:
    baskets = [(who, day, [p]) for who in range(5) for day, p in ((0, "a"), (50, "a"), (60, "b"))]
    counts = {
        tuple(row["products"]): row["customers"]
        for row in lk.funnel.sequences(orders(baskets), min_support=0.5, max_gap=20).table.iter_rows(named=True)
    }
    assert counts == {("a",): 5, ("b",): 5, ("a", "b"): 5}, "a day 50 leads to b, and no a to the next"


# all -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda ledger: lk.funnel.ladder(ledger, rungs=0), "rungs"),
        (lambda ledger: lk.funnel.ladder(ledger, horizon=0), "horizon"),
        (lambda ledger: lk.funnel.entry_products(ledger, horizons=(90, 30)), "horizons: got .*ascending"),
        (lambda ledger: lk.funnel.next_products(ledger, order=3), "order: got 3; expected 1 or 2"),
        (lambda ledger: lk.funnel.next_products(ledger, order=-1), "order: got -1; expected 1 or 2"),
        (lambda ledger: lk.funnel.entry_products(ledger, min_customers=-1), "min_customers: got -1"),
        (lambda ledger: lk.funnel.next_products(ledger, start="last"), "start"),
        (lambda ledger: lk.funnel.basket_rules(ledger, fdr=0), "fdr"),
        (lambda ledger: lk.funnel.basket_rules(ledger, max_size=1), "max_size"),
        (lambda ledger: lk.funnel.sequences(ledger, min_support=2), "min_support"),
        (lambda ledger: lk.funnel.roles(ledger, alpha=1), "alpha"),
    ],
)
def test_wrong_parameters_are_named(call: object, says: str) -> None:
    with pytest.raises(lk.ParameterError, match=says):
        call(orders([(1, 0, ["a"])]))  # type: ignore[operator]


def test_a_ledger_without_products_says_what_to_do() -> None:
    frame = pl.DataFrame({"c": [1], "t": [START], "a": [1.0]})
    for analysis in (lk.funnel.entry_products, lk.funnel.next_products, lk.funnel.basket_rules, lk.funnel.sequences):
        with pytest.raises(lk.ParameterError, match=r"with the product role, or Ledger\.with_product"):
            analysis(frame, customer="c", time="t", amount="a")


def test_one_order_is_enough_for_every_analysis() -> None:
    ledger = orders([(1, 0, ["a", "b"])])
    assert lk.funnel.ladder(ledger).table["conversion"].to_list() == [None]
    assert lk.funnel.entry_products(ledger, min_customers=1).table.height == 2
    assert lk.funnel.next_products(ledger).table.height == 0
    assert lk.funnel.basket_rules(ledger).table.height == 0
    assert lk.funnel.sequences(ledger).table.height == 0, "what one customer does is no habit"
    assert lk.funnel.sequences(ledger, min_support=1.0).table.height == 2


@pytest.mark.parametrize("kinds", [(None, "curves"), (None,), (None, "sankey"), (None,), (None, "network"), (None,)])
def test_figures_are_drawn(kinds: tuple[str | None, ...], request: pytest.FixtureRequest) -> None:
    ledger = orders(random_orders(1))
    place = int(request.node.callspec.indices["kinds"])
    analyses = ("ladder", "entry_products", "next_products", "roles", "basket_rules", "sequences")
    found = getattr(lk.funnel, analyses[place])(ledger)
    for kind in kinds:
        assert len(found.plot(kind).to_json()) > 500
    with pytest.raises(lk.ParameterError, match="kind"):
        found.plot("pie")
    assert "<table" in found._repr_html_()
    assert "params" in found.to_dict()


def test_the_user_s_kind_of_frame_comes_back() -> None:
    frame = pd.DataFrame(
        {"c": [1, 1], "t": pd.to_datetime(["2024-01-01", "2024-02-01"]), "a": [1.0, 2.0], "p": ["x", "y"]}
    )
    found = lk.funnel.next_products(frame, customer="c", time="t", amount="a", product="p")
    assert isinstance(found.table, pd.DataFrame)
    assert isinstance(found.recommend(), pd.DataFrame)
