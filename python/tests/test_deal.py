"""Pricing in the deal: golden values, plain polars as oracle, and planted truths."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leverkit as lk
from leverkit.datasets import deals as simulated_deals

COMPONENTS = ["volume_discount", "promotion", "rebate", "freight"]
DEAL = {"list_price": "list_price", "pocket_price": "pocket_price", "quantity": "quantity"}


@pytest.fixture(scope="module")
def simulated() -> lk.datasets.SimulatedDeals:
    return simulated_deals(20_000)


@pytest.fixture(scope="module")
def deals(simulated: lk.datasets.SimulatedDeals) -> pl.DataFrame:
    return simulated.deals.with_columns(year=pl.col("date").dt.year(), paid=pl.col("pocket_price") * pl.col("quantity"))


# waterfall -------------------------------------------------------------------------------------------------------------


def grocery(lines: pl.DataFrame) -> pl.DataFrame:
    """Paid lines of the shop itself: fuel and miscellaneous are counted in other units, free lines have no price."""
    is_shop = ~pl.col("department").is_in(["FUEL", "MISCELLANEOUS"])
    return lines.filter(is_shop & (pl.col("sales_value") > 0) & (pl.col("quantity") > 0)).with_columns(
        list_value=pl.col("sales_value") + pl.col("retail_disc") + pl.col("coupon_match_disc")
    )


def test_the_complete_journey_waterfall_is_the_golden_one(lines: pl.DataFrame) -> None:
    assert lines.filter(pl.col("quantity") > 100).height == 13_510
    assert lines.filter(pl.col("quantity") == 0).height == 8_869
    found = lk.pricing.waterfall(
        grocery(lines),
        list_price="list_value",
        pocket_price="sales_value",
        quantity="quantity",
        basis="line",
        components={"loyalty": "retail_disc", "match": "coupon_match_disc"},
        by="department",
    )
    amounts = dict(zip(found.total["step"], found.total["amount"], strict=True))
    millions = {step: round(amount / 1e6, 3) for step, amount in amounts.items()}
    assert millions == {"list price": 4.963, "loyalty": -0.771, "match": -0.005, "pocket price": 4.187}
    assert amounts["list price"] + amounts["loyalty"] + amounts["match"] == amounts["pocket price"]
    assert amounts["pocket price"] == pytest.approx(math.fsum(grocery(lines)["sales_value"]), abs=0.005)
    by_step = found.table.group_by("step").agg(pl.col("amount").sum())
    assert dict(by_step.iter_rows()) == amounts


def test_a_ledger_knows_its_waterfall(lines: pl.DataFrame) -> None:
    ledger = lk.Ledger(
        grocery(lines),
        customer="household_id",
        time="transaction_timestamp",
        amount="sales_value",
        quantity="quantity",
        discounts={"loyalty": "retail_disc", "match": "coupon_match_disc"},
        dimensions=["department"],
    )
    total = lk.pricing.waterfall(ledger, by="department").total
    assert [round(amount / 1e6, 3) for amount in total["amount"]] == [4.963, -0.771, -0.005, 4.187]


def test_the_waterfall_is_what_polars_adds_up(deals: pl.DataFrame) -> None:
    found = lk.pricing.waterfall(
        deals, **DEAL, components=COMPONENTS, unit_cost="unit_cost", by=["group", "region"], on_invoice=["rebate"]
    )
    money = {
        name: pl.col(name) * pl.col("quantity") for name in ["list_price", *COMPONENTS, "unit_cost", "pocket_price"]
    }
    truth = (
        deals.group_by("group", "region")
        .agg(**{name: value.sum() for name, value in money.items()})
        .sort("group", "region")
    )
    for step, column, sign in (
        ("list price", "list_price", 1),
        ("promotion", "promotion", -1),
        ("cost", "unit_cost", -1),
        ("pocket price", "pocket_price", 1),
    ):
        rows = found.table.filter(pl.col("step") == step).sort("group", "region")
        assert np.allclose(rows["amount"], sign * truth[column], rtol=1e-9, atol=0.02)
    steps = found.total["step"].to_list()
    assert steps[:3] == ["list price", "rebate", "invoice price"]
    assert steps[-3:] == ["pocket price", "cost", "margin"]


def test_two_periods_are_compared(deals: pl.DataFrame) -> None:
    found = lk.pricing.waterfall(deals, **DEAL, components=COMPONENTS, by=["year", "group"])
    compared = found.compare(2023, 2024, by="year")
    assert compared["change"].to_list() == (compared["against"] - compared["base"]).to_list()
    sums = found.table.filter((pl.col("year") == 2024) & (pl.col("step") == "list price"))["amount"].sum()
    assert compared["against"][0] == sums
    with pytest.raises(lk.ParameterError, match="expected one of"):
        found.compare(2023, 2024)
    with pytest.raises(lk.ParameterError, match="1999"):
        found.compare(1999, 2024, by="year")


money = st.none() | st.just(0.0) | st.just(float("nan")) | st.integers(0, 10**6).map(lambda cents: cents / 100)


@given(st.lists(st.tuples(st.sampled_from("ab"), money, money, money), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_is_missing_the_steps_add_up_to_the_cent(rows: list[tuple[Any, ...]]) -> None:
    frame = pl.DataFrame(
        rows, schema={"g": pl.String, "list": pl.Float64, "x": pl.Float64, "y": pl.Float64}, orient="row"
    )
    known = [row for row in rows if row[1] is not None and not math.isnan(row[1])]
    if not known:
        with pytest.raises(lk.DataError, match="none of"):
            lk.pricing.waterfall(frame, list_price="list", components=["x", "y"], by="g")
        return
    amounts = lk.pricing.waterfall(frame, list_price="list", components=["x", "y"], by="g").total["amount"].to_list()
    assert amounts[0] + amounts[1] + amounts[2] == amounts[3]
    cents = [
        sum(round(100 * (row[at] or 0)) for row in known if row[at] is None or not math.isnan(row[at]))
        for at in (1, 2, 3)
    ]
    assert amounts[:3] == pytest.approx([cents[0] / 100, -cents[1] / 100, -cents[2] / 100], abs=0.005)


# frames ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "pyarrow", "duckdb"])
def test_any_frame_goes_in_and_its_kind_comes_out(deals: pl.DataFrame, kind: str) -> None:
    small = deals.head(500)
    given = {
        "polars": small,
        "lazy": small.lazy(),
        "pandas": small.to_pandas(),
        "pyarrow": small.to_arrow(),
        "duckdb": duckdb.from_arrow(small.to_arrow()),
    }[kind]
    kinds = {
        "polars": pl.DataFrame,
        "lazy": pl.DataFrame,
        "pandas": pd.DataFrame,
        "pyarrow": type(small.to_arrow()),
        "duckdb": duckdb.DuckDBPyRelation,
    }
    calls = {
        "waterfall": lk.pricing.waterfall(
            given, **DEAL, components=COMPONENTS, unit_cost="unit_cost", by=["region"]
        ).table,
        "band": lk.pricing.price_band(given, **DEAL, by="region").table,
        "leakage": lk.pricing.leakage(given, **DEAL, by=["rep"]).table,
        "score": lk.pricing.deal_score(given, **DEAL, peers=["group"]).table,
        "bridge": lk.pricing.price_volume_mix(
            given,
            period="year",
            base=2023,
            against=2024,
            keys=["product", "region"],
            quantity="quantity",
            revenue="paid",
        ).granularity(),
    }
    assert {name: isinstance(table, kinds[kind]) for name, table in calls.items()} == dict.fromkeys(calls, True)
    assert pl.DataFrame(calls["waterfall"]).equals(
        lk.pricing.waterfall(small, **DEAL, components=COMPONENTS, unit_cost="unit_cost", by=["region"]).table
    )


def test_a_ledger_goes_in_everywhere() -> None:
    ledger = lk.datasets.company(months=8).ledger()
    found = {
        "waterfall": lk.pricing.waterfall(ledger, by=["channel"]),
        "band": lk.pricing.price_band(ledger, by="channel"),
        "leakage": lk.pricing.leakage(ledger, by="channel"),
        "score": lk.pricing.deal_score(ledger, peers=["product"]),
        "bridge": lk.pricing.price_volume_mix(ledger, base="2024-03", against=["2024-07", "2024-08"]),
    }
    assert found["waterfall"].total["step"].to_list() == ["list price", "other", "pocket price", "cost", "margin"]
    for result in found.values():
        assert result.to_dict()["params"] == result.params
        assert "<h4>" in result._repr_html_()
    with pytest.raises(TypeError, match="leave out quantity"):
        lk.pricing.price_band(ledger, quantity="quantity")


# band, leakage, score --------------------------------------------------------------------------------------------------


def test_quantiles_of_the_band_are_those_of_every_single_unit(deals: pl.DataFrame) -> None:
    found = lk.pricing.price_band(deals, **DEAL, by="group", floor=0.8)
    for row in found.table.iter_rows(named=True):
        own = deals.filter(pl.col("group") == row["group"])
        shares = np.repeat((own["pocket_price"] / own["list_price"]).to_numpy(), own["quantity"].to_numpy())
        for name, share in (("p05", 0.05), ("p10", 0.1), ("p50", 0.5), ("p95", 0.95)):
            assert row[name] == np.quantile(shares, share, method="inverted_cdf")
        below = own.filter(pl.col("pocket_price") / pl.col("list_price") < 0.8)
        assert row["below_floor"] == pytest.approx(below["paid"].sum() / own["paid"].sum())
        assert row["deals_below_floor"] == below.height
        assert row["raise_lower"] <= row["raise_value"] <= row["raise_upper"]


def test_raising_the_low_end_of_independent_groups_is_surer_than_of_each(deals: pl.DataFrame) -> None:
    found = lk.pricing.price_band(deals, **DEAL, by="group")
    total, sums = found.total.row(0, named=True), found.table.select(pl.col("^raise_.*$").sum()).row(0, named=True)
    assert total["raise_value"] == pytest.approx(sums["raise_value"])
    assert (
        sums["raise_lower"] < total["raise_lower"] < total["raise_value"] < total["raise_upper"] < sums["raise_upper"]
    )
    away = found.table.select(((pl.col("raise_upper") - pl.col("raise_value")) ** 2).sum().sqrt()).item()
    assert total["raise_upper"] - total["raise_value"] == pytest.approx(away)
    assert total["deals"] == deals.height


def test_a_band_by_value_weighs_money(deals: pl.DataFrame) -> None:
    found = lk.pricing.price_band(deals, **DEAL, weight="value")
    assert found.params["weight"] == "value"
    assert found.table["volume"][0] == pytest.approx((deals["list_price"] * deals["quantity"]).sum())


def test_the_rep_who_gives_too_much_and_the_outliers_are_named(simulated: lk.datasets.SimulatedDeals) -> None:
    # Only the volume discount: rebate and freight have norms of their own.
    found = lk.pricing.leakage(
        simulated.deals,
        list_price="list_price",
        components=["volume_discount"],
        quantity="quantity",
        by=["rep", "region"],
        customer="customer",
        product="product",
        time="date",
    )
    reps = found.table.filter(pl.col("dimension") == "rep")
    assert reps.filter(pl.col("closable") > 0)["value"].to_list() == ["Clara"]
    share = dict(zip(reps["value"], reps["excess_share"], strict=True))
    assert share["Clara"] - share["Ana"] == pytest.approx(0.04, abs=0.004)
    assert share["Ana"] - share["Eve"] == pytest.approx(0.02, abs=0.004)
    assert reps["excess"].sum() == pytest.approx(0, abs=1e-6 * reps["list_value"].sum())
    planted = set(simulated.truth["outliers"])
    named = set(found.outliers.filter(pl.col("z") > 0)["row"])
    assert len(planted & named) / len(planted) > 0.99
    regions = found.table.filter(pl.col("dimension") == "region")
    assert (regions["closable"] == 0).all()
    assert found.totals["leaking"].to_list() == [1, 0]
    assert found.totals["closable"][0] == pytest.approx(reps["closable"].sum())


def test_a_leak_of_a_company_is_found_in_its_ledger_with_its_points() -> None:
    company = lk.datasets.company({"leaking_rep": 0.05}, customers=4_000, months=24, seed=3)
    found = lk.pricing.leakage(company.ledger(), by=["rep", "category", "channel"])
    leaks = found.table.filter(pl.col("closable") > 0)
    assert leaks["value"].to_list() == company.truth["subject"].to_list()
    assert leaks["closable_lower"][0] < 0.05 * leaks["list_value"][0] < leaks["closable_upper"][0]
    assert [note for note in found.notes if note.startswith("By category")]


def test_scores_are_shares_of_the_peers_that_sold_for_less(deals: pl.DataFrame) -> None:
    found = lk.pricing.deal_score(deals, **DEAL, peers=["group", "region"], size_bands=1)
    scored = deals.with_columns(found.table["score"], price=pl.col("pocket_price") / pl.col("list_price"))
    rank = (pl.col("price").rank("average") - 0.5) / pl.len()
    expected = scored.select(rank.over("group", "region"))["price"]
    assert np.allclose(scored["score"], expected)
    assert found.zones["opportunity"].sum() == pytest.approx(found.table["opportunity"].sum())
    assert found.peers.filter(pl.col("depth") == 2)["deals"].sum() == deals.height


# bridge ----------------------------------------------------------------------------------------------------------------


def test_the_bridge_is_exact_at_every_level_and_agrees_with_duckdb(deals: pl.DataFrame) -> None:
    found = lk.pricing.price_volume_mix(
        deals,
        period="date",
        base="2023",
        against="2024",
        keys=["group", "product", "customer"],
        quantity="quantity",
        revenue="paid",
    )
    assert found.by_key["residual"].abs().max() == 0
    for by in (["group"], ["product"], ["group", "customer"], []):
        part = found.drill(by)
        assert part["residual"].abs().max() == 0
        assert part["price"].sum() == dict(found.bridge.select("effect", "amount").iter_rows())["price"]
    grains = found.granularity()
    assert grains["residual"].abs().max() == 0
    assert np.allclose(grains["change"], grains["change"][0], rtol=1e-10)  # each grain has a grid of its own
    assert grains["price"].n_unique() > 1
    by_product = duckdb.sql("""
        with a as (select product, sum(quantity) filter (year = 2023) q0, sum(quantity) filter (year = 2024) q1,
            sum(paid) filter (year = 2023) r0, sum(paid) filter (year = 2024) r1 from deals group by 1),
        t as (select sum(r0) / sum(q0) v from a)
        select sum(r1 - q1 * r0 / q0), sum((q1 - q0) * v), sum((q1 - q0) * (r0 / q0 - v)) from a, t""").fetchall()[0]
    row = grains.row(by_predicate=pl.col("keys") == "product", named=True)
    assert (row["price"], row["volume"], row["mix"]) == pytest.approx(by_product, rel=1e-9)
    assert "volume = (q1 − q0)·V0" in found.params["convention"]


def test_plan_and_fact_are_sides_too() -> None:
    frame = pl.DataFrame(
        {"side": ["plan", "fact"], "sku": ["a", "a"], "q": [10, 12], "r": [100.0, 132.0], "c": [50.0, 72.0]}
    )
    found = lk.pricing.price_volume_mix(
        frame, period="side", base="plan", against="fact", keys="sku", quantity="q", revenue="r", cost="c"
    )
    assert dict(found.bridge.select("effect", "amount").iter_rows()) == {
        "base": 50,
        "price": 12,
        "volume": 10,
        "mix": 0,
        "new": 0,
        "lost": 0,
        "cost": -12,
        "against": 60,
    }
    assert found._headline().startswith("Margin changed by 10.00")


# bad input -------------------------------------------------------------------------------------------------------------


SMALL = pl.DataFrame({"list": [10.0, 12.0], "off": [1.0, 2.0], "paid": [9.0, 8.0], "units": [1, 2], "who": ["a", "b"]})


def bridge(frame: pl.DataFrame, **changed: Any) -> lk.pricing.Bridge:
    roles = {"period": "who", "base": "a", "against": "b", "keys": ["units"], "quantity": "units", "revenue": "paid"}
    return lk.pricing.price_volume_mix(frame, **roles | changed)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lk.pricing.waterfall(SMALL, list_price="lst"), lk.SchemaError, 'did you mean "list"'),
        (lambda: lk.pricing.waterfall(SMALL), lk.SchemaError, "no column given"),
        (lambda: lk.pricing.waterfall(SMALL, list_price="who"), lk.SchemaError, "expected a number"),
        (
            lambda: lk.pricing.waterfall(SMALL, list_price="list", components=["off"], pocket_price="paid"),
            lk.DataError,
            "row 1: list price 12",
        ),
        (
            lambda: lk.pricing.waterfall(SMALL, list_price="list", components=["off"], on_invoice=["x"]),
            lk.ParameterError,
            "on_invoice",
        ),
        (lambda: lk.pricing.waterfall(SMALL, list_price="list", basis="unit"), lk.ParameterError, "basis"),
        (lambda: lk.pricing.waterfall(SMALL, list_price="list", tolerance=-1.0), lk.ParameterError, "tolerance"),
        (lambda: lk.pricing.waterfall(SMALL.clear(), list_price="list"), lk.DataError, "there is no row"),
        (lambda: lk.pricing.waterfall(SMALL, list_price="list", by="wh"), lk.SchemaError, 'did you mean "who"'),
        (lambda: lk.pricing.price_band(SMALL, list_price="list"), lk.ParameterError, "pocket_price"),
        (
            lambda: lk.pricing.price_band(SMALL, list_price="list", pocket_price="paid", level=1.5),
            lk.ParameterError,
            "level: got 1.5",
        ),
        (
            lambda: lk.pricing.price_band(SMALL, list_price="list", pocket_price="paid", weight="quantity"),
            lk.ParameterError,
            "weight",
        ),
        (
            lambda: lk.pricing.leakage(SMALL, list_price="list", pocket_price="paid", outlier=0.0),
            lk.ParameterError,
            "outlier",
        ),
        (
            lambda: lk.pricing.leakage(SMALL, list_price="list", pocket_price="paid", size="quantity"),
            lk.ParameterError,
            "size",
        ),
        (
            lambda: lk.pricing.deal_score(SMALL, list_price="list", pocket_price="paid", floor=0.9),
            lk.ParameterError,
            "rising quantiles",
        ),
        (
            lambda: lk.pricing.deal_score(SMALL, list_price="list", pocket_price="paid", min_peers=0),
            lk.ParameterError,
            "min_peers",
        ),
        (lambda: bridge(SMALL, base="z"), lk.ParameterError, 'values of column "who": a, b'),
        (lambda: bridge(SMALL, against="a"), lk.ParameterError, "in the base too"),
        (lambda: bridge(SMALL, keys=[]), lk.SchemaError, "keys"),
        (lambda: bridge(SMALL).drill("paid"), lk.ParameterError, "keys of the bridge"),
    ],
)
def test_what_is_wrong_is_said_by_name(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_what_is_left_out_is_said_with_its_money() -> None:
    frame = pl.DataFrame({"list": [10.0, None, 30.0], "off": [1.0, 2.0, None], "units": [1, 1, 2]})
    found = lk.pricing.waterfall(frame, list_price="list", components=["off"], quantity="units")
    assert found.notes == [
        "1 row: list price unknown, row left out (row 1 is the first).",
        "1 row, 60.00 of money: a component unknown, taken as none (row 2 is the first).",
    ]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
def test_one_row_equal_rows_and_any_scale_go_through(scale: float) -> None:
    for rows in (1, 50):
        frame = pl.DataFrame(
            {"list": [10.0 * scale] * rows, "paid": [9.0 * scale] * rows, "units": [2] * rows, "g": ["a"] * rows}
        )
        roles = {"list_price": "list", "pocket_price": "paid", "quantity": "units"}
        assert lk.pricing.price_band(frame, **roles).table["width"][0] == 0
        assert lk.pricing.leakage(frame, **roles, by="g").outliers.height == 0
        assert lk.pricing.deal_score(frame, **roles, peers="g").table["score"].unique().to_list() == [0.5]


# figures ---------------------------------------------------------------------------------------------------------------


def test_every_figure_can_be_drawn(deals: pl.DataFrame) -> None:
    odd = deals.rename({"rebate": "{odd}"})
    results = {
        lk.pricing.waterfall(
            odd,
            **DEAL,
            components=["volume_discount", "promotion", "{odd}", "freight"],
            unit_cost="unit_cost",
            by="group",
        ): ["waterfall", "shares"],
        lk.pricing.price_band(deals, **DEAL, by="region", floor=0.8): ["band", "widths"],
        lk.pricing.price_band(deals.head(1), **DEAL): ["band", "widths"],
        lk.pricing.leakage(deals, **DEAL, by=["rep"]): ["scatter", "bars"],
        lk.pricing.deal_score(deals, **DEAL, peers=["group"]): ["zones", "peers"],
        bridge(
            deals,
            period="year",
            base=2023,
            against=2024,
            keys=["group", "product"],
            quantity="quantity",
            revenue="paid",
        ): ["bridge", "drill", "granularity"],
    }
    for result, kinds in results.items():
        for kind in kinds:
            assert "NaN" not in result.plot(kind).to_json()
        assert result.plot().to_json() == result.plot(kinds[0]).to_json()


# report ----------------------------------------------------------------------------------------------------------------


def test_the_report_has_a_section_on_pricing_where_there_are_discounts_or_list_prices(deals: pl.DataFrame) -> None:
    lines = deals.head(300)
    roles = {"customer": "customer", "time": "date", "amount": "paid"}
    without = lk.report.build(lk.Ledger(lines, **roles))
    assert "pricing" not in [section.id for section in without.sections]
    ledger = lk.Ledger(lines, **roles, quantity="quantity", list_price="list_price", dimensions=["product", "region"])
    page = lk.report.build(ledger)
    section = next(section for section in page.sections if section.id == "pricing")
    assert section.lead.endswith("of list price.")
    assert section.params["Pricing, by"] == "region"  # the first dimension with few values
    assert {"pricing_waterfall", "pricing_band"} <= set(page.tables)
