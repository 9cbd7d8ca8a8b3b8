"""Planted companies: what is asked for is in the lines, it is worth what the simulator earns more, and nothing else moves."""

import polars as pl
import pytest

import leverkit as lk
from leverkit.datasets import company
from leverkit.datasets.companies import LEVERS
from leverkit.datasets.market import Market, Shape
from leverkit.datasets.planted import Rules, _sold

SIZES = {
    "leaking_rep": 0.05,
    "leaking_category": 0.04,
    "fading_channel": 0.3,
    "low_price": 0.15,
    "pair": 0.05,
    "burning_entry": 0.5,
    "selected_entry": 0.4,
    "lucky_month": 0.3,
}


def planted(levers, **shape):
    return company(levers, **{"customers": 4_000, "months": 24, "seed": 3, **shape})


@pytest.fixture(scope="module")
def plain():
    return planted({})


def discounts(lines):
    return lines.with_columns(discount=1 - pl.col("paid") / (pl.col("quantity") * pl.col("list_price")))


def orders(lines, *of):
    return lines.group_by(of).agg(orders=pl.col("order").n_unique()).sort(of)


def repeats(lines):
    """Orders after a customer's first."""
    return lines.filter(pl.col("time") > pl.col("time").min().over("client"))


def test_without_levers_there_is_nothing_to_pull(plain):
    assert plain.truth.height == 0
    assert plain.truth.columns == ["lever", "subject", "size", "money"]
    assert plain.profit > 0


@pytest.mark.parametrize("lever", LEVERS)
def test_pulling_what_is_not_there_changes_nothing(lever):
    market = Market(Shape(customers=300, months=12, sigma=0.8, season=0.2, trend=0.0, seed=1))
    before, after = (_sold(market, market.history, rules) for rules in (Rules({}), Rules({}, lever)))
    assert all((before[name] == after[name]).all() for name in before)


def test_without_levers_prices_stay(plain):
    assert plain.lines.group_by("product").agg(pl.col("list_price").n_unique())["list_price"].to_list() == [1] * 12


def test_discounts_are_mostly_none_and_alike_for_all(plain):
    # Promotions come in weeks of their own; below them lies what reps give.
    given = discounts(plain.lines)["discount"]
    assert 0.5 < (given.abs() < 1e-3).mean() < 0.75
    by_rep = discounts(plain.lines).group_by("rep").agg(pl.col("discount").mean())["discount"]
    assert by_rep.max() - by_rep.min() < 0.01


@pytest.mark.parametrize(("lever", "column"), [("leaking_rep", "rep"), ("leaking_category", "category")])
def test_a_leak_gives_its_points_more_and_moves_nothing_else(plain, lever, column):
    found = planted({lever: 0.05})
    assert found.lines.drop("paid").equals(plain.lines.drop("paid"))
    kept = found.lines["paid"] / plain.lines["paid"]
    points = discounts(found.lines)["discount"] - discounts(plain.lines)["discount"]
    leaking = found.lines[column] == found.truth["subject"][0]
    assert (kept.filter(~leaking) == 1).all()
    # Off what is left of a promotion, of whole cents.
    assert 0.047 < points.filter(leaking).mean() <= 0.05


def test_a_leak_is_worth_what_it_gave_away(plain):
    found = planted({"leaking_rep": 0.05})
    last_year = discounts(plain.lines).filter(
        pl.col("rep") == found.truth["subject"][0], pl.col("time") >= pl.date(2023, 1, 1)
    )
    given_away = (last_year["quantity"] * last_year["list_price"]).sum() * 0.05
    assert found.truth["money"][0] == pytest.approx(given_away, rel=0.15)


def test_a_channel_fades_for_the_last_six_months_alone(plain):
    found = planted({"fading_channel": 0.3})
    channel = found.truth["subject"][0]
    is_faded = (pl.col("channel") == channel) & (pl.col("time") >= pl.date(2023, 7, 1))
    same = [lines.filter(~is_faded).drop("order") for lines in (plain.lines, found.lines)]
    assert same[0].equals(same[1])
    left = [orders(repeats(lines).filter(is_faded), "channel")["orders"][0] for lines in (plain.lines, found.lines)]
    assert left[1] / left[0] == pytest.approx(0.7, abs=0.05)
    assert found.truth["money"][0] > 0


def test_a_low_price_is_low_today_and_moved_before(plain):
    found = planted({"low_price": 0.2})
    product = found.truth["subject"][0]
    prices = [lines.filter(product=product)["list_price"] for lines in (plain.lines, found.lines)]
    assert prices[1][-1] == pytest.approx(0.8 * prices[0][-1], abs=0.01)
    assert prices[1].n_unique() == 10
    assert 0 < planted({"low_price": 0.1}).truth["money"][0] < found.truth["money"][0]


def test_demand_answers_prices_by_the_elasticity(plain):
    # Weeks of a promotion of 30 % against the others.
    lines = plain.lines.with_columns(week=pl.col("time").dt.truncate("1w"), off=discounts(plain.lines)["discount"])
    by_week = lines.group_by("product", (pl.col("time") - pl.date(2022, 1, 1)).dt.total_days() // 7).agg(
        pl.col("quantity").sum(), off=pl.col("off").min()
    )
    sold = {
        deep: by_week.filter((pl.col("off") > 0.28) == deep).group_by("product").agg(pl.col("quantity").mean())
        for deep in (False, True)
    }
    both = sold[True].join(sold[False], on="product", suffix="_plain")
    answer = both["quantity"].sum() / both["quantity_plain"].sum()
    assert answer == pytest.approx(0.7**plain.elasticity, rel=0.15)


def test_a_pair_is_bought_together_and_taken_when_offered(plain):
    found = planted({"pair": 0.05})
    first, second = found.truth["subject"][0].split(" + ")

    def share(lines):
        baskets = lines.group_by("order").agg(pl.col("product")).filter(pl.col("product").list.contains(first))
        return baskets["product"].list.contains(second).mean()

    assert share(found.lines) - share(plain.lines) == pytest.approx(0.3, abs=0.05)
    twice = planted({"pair": 0.1}).truth["money"][0]
    assert 0 < found.truth["money"][0] == pytest.approx(twice / 2, rel=0.25)


@pytest.mark.parametrize("lever", ["burning_entry", "selected_entry"])
def test_who_enters_with_a_product_returns_less_often(plain, lever):
    found = planted({lever: 0.5})
    market = Market(Shape(customers=4_000, months=24, sigma=0.8, season=0.2, trend=0.0, seed=3))
    product = int(found.truth["subject"][0].split()[1]) - 1
    entered = pl.Series([f"c{at + 1}" for at in (market.customers.entry == product).nonzero()[0]])
    rest = [
        repeats(lines).with_columns(entered=pl.col("client").is_in(entered.implode()))
        for lines in (plain.lines, found.lines)
    ]
    before, after = (orders(lines, "entered")["orders"] for lines in rest)
    assert after[0] == before[0]
    assert after[1] / before[1] == pytest.approx(0.5, abs=0.05)


def test_what_is_nothing_is_worth_nothing():
    found = planted({"selected_entry": 0.5, "lucky_month": 0.4})
    assert found.truth["money"].to_list() == [0.0, 0.0]
    assert planted({"burning_entry": 0.5}).truth["money"][0] > 0


def test_a_lucky_month_has_its_orders_more(plain):
    found = planted({"lucky_month": 0.4})
    month = pl.col("time").dt.strftime("%Y-%m") == found.truth["subject"][0]
    same = [repeats(lines).filter(~month).height for lines in (plain.lines, found.lines)]
    lucky = [repeats(lines).filter(month).height for lines in (plain.lines, found.lines)]
    assert same[1] == pytest.approx(same[0], rel=0.002)
    assert lucky[1] / lucky[0] == pytest.approx(1.4, abs=0.08)


def test_levers_do_not_disturb_one_another():
    alone = {name: planted({name: size}, customers=1_000).truth["money"][0] for name, size in SIZES.items()}
    together = planted(SIZES, customers=1_000).truth
    assert together["money"].is_sorted(descending=True)
    for name in ("leaking_rep", "fading_channel", "burning_entry"):
        # Less for what the others take, as no draw is another.
        assert 0.4 * alone[name] < together.filter(lever=name)["money"][0] < 1.2 * alone[name]


def test_a_seed_gives_the_same_company():
    first, again, other = (planted(SIZES, customers=500, seed=seed) for seed in (7, 7, 8))
    assert first.lines.equals(again.lines) and first.truth.equals(again.truth)
    assert not first.lines.equals(other.lines)


def test_season_and_trend_come_out_as_planted():
    lines = company({}, customers=60_000, months=36, season=0.4, trend=0.2, seed=2).lines
    by_month = lines.group_by_dynamic("time", every="1mo").agg(pl.col("order").n_unique())["order"]
    years = [by_month[12 * year : 12 * year + 12].sum() for year in range(3)]
    assert years[1] / years[0] == pytest.approx(1.2, abs=0.05) and years[2] / years[1] == pytest.approx(1.2, abs=0.05)
    by_season = [by_month[month::12].sum() for month in range(12)]
    assert by_season.index(max(by_season)) in (10, 11) and by_season.index(min(by_season)) in (5, 6)
    assert max(by_season) / min(by_season) == pytest.approx(1.4 / 0.6, rel=0.15)


def test_sigma_spreads_quantities():
    spread = [company({}, sigma=sigma).lines["quantity"].log().std() for sigma in (0.3, 0.9, 1.5)]
    assert spread == sorted(spread) and spread[2] > 2 * spread[0]


def test_customers_are_as_many_as_asked(plain):
    # Some of those who were there order never.
    assert 0.85 * 4_000 < plain.lines["client"].n_unique() <= 4_000


def test_a_ledger_takes_the_lines(plain):
    ledger = lk.Ledger(plain.lines, **plain.roles)
    assert ledger.n_lines == plain.lines.height


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"levers": {"leak": 0.1}}, "levers: got 'leak'; expected one of leaking_rep"),
        ({"levers": {"leaking_rep": 0.0}}, "leaking_rep of 0.0; expected a size above 0 and up to 0.3"),
        ({"levers": {}, "months": 6}, "months: got 6; expected 12 to"),
        ({"levers": {}, "season": 1.0}, "season: got 1.0; expected 0 to 0.9"),
        ({"customers": 10}, "customers: of planted companies alone"),
    ],
)
def test_what_cannot_be_planted_is_named(arguments, text):
    with pytest.raises(lk.ParameterError, match=text):
        company(**arguments)
