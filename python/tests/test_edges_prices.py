"""Prices at their edges: the order of periods, hardly any coverage, other units, units that add up to nothing."""

from __future__ import annotations

import polars as pl
import pytest

import leverkit as lk

MONTHS = ["Jan", "Feb", "Mar"]


def index_of(periods: pl.Series) -> lk.pricing.PriceIndex:
    sales = pl.DataFrame({"sku": ["a"] * 3, "price": [30.0, 10.0, 20.0], "q": [1.0] * 3}).with_columns(
        periods.alias("t")
    )
    return lk.pricing.price_index(sales, time="t", product="sku", price="price", quantity="q")


@pytest.mark.parametrize("dtype", [pl.String, pl.Enum(MONTHS), pl.Categorical])
def test_months_are_in_the_order_of_time(dtype: pl.DataType) -> None:
    found = index_of(pl.Series(["Mar", "Jan", "Feb"]).cast(dtype)).table
    assert found["t"].cast(pl.String).to_list() == MONTHS
    assert found["index"].to_list() == pytest.approx([1.0, 2.0, 3.0])


def test_an_enum_is_in_its_declared_order() -> None:
    found = index_of(pl.Series(["after", "before", "during"], dtype=pl.Enum(["before", "during", "after"]))).table
    assert found["t"].cast(pl.String).to_list() == ["before", "during", "after"]


def test_text_without_an_order_in_time_is_an_error() -> None:
    with pytest.raises(lk.DataError, match="whose order can be told"):
        index_of(pl.Series(["after", "before", "during"]))


def test_an_index_over_hardly_any_revenue_has_no_headline_of_no_change() -> None:
    sales = pl.DataFrame(
        {"t": [1, 1, 2, 2], "sku": ["pen", "a", "pen", "b"], "price": [1.0, 1000.0, 1.0, 1000.0], "q": [1, 60, 1, 60]}
    )
    found = lk.pricing.price_index(sales, time="t", product="sku", price="price", quantity="q")
    assert found.thin
    assert any("less than 10 % of revenue (in 2 0.00 %)" in note for note in found.notes)
    assert "+0.0" not in repr(found).splitlines()[0]


def test_cents_beside_euros_are_told() -> None:
    prices = pl.DataFrame(
        {"sku": ["a", "a", "b", "b"], "shop": ["us", "them"] * 2, "price": [9.0, 1000.0, 22.0, 2000.0]}
    )
    found = lk.pricing.position(prices, product="sku", seller="shop", price="price", own="us")
    assert any("Own prices are 0.010 times those of them" in note for note in found.notes)


def bridge_of(sales: pl.DataFrame) -> lk.pricing.Bridge:
    return lk.pricing.price_volume_mix(
        sales, period="year", base="1", against="2", keys=["sku"], quantity="q", revenue="r"
    )


def test_a_credit_note_is_no_new_item() -> None:
    sales = pl.DataFrame({"year": [1, 2, 2], "sku": ["a", "a", "credit"], "q": [1, 1, 0], "r": [10.0, 12.0, -15.0]})
    found = bridge_of(sales)
    amounts = dict(found.bridge.select("effect", "amount").iter_rows())
    assert (amounts["new"], amounts["without_units"], amounts["price"]) == (0.0, -15.0, 2.0)
    assert found.notes == ["Money without units is a step of its own: credit."]
    assert found.by_key["residual"].to_list() == [0.0, 0.0]


def test_a_base_whose_units_add_up_to_nothing_names_the_items() -> None:
    sales = pl.DataFrame({"year": [1, 1, 2], "sku": ["a", "b", "a"], "q": [5, -5, 6], "r": [50.0, -60.0, 66.0]})
    with pytest.raises(lk.DataError, match="units below 0 of b"):
        bridge_of(sales)


def test_a_price_without_a_product_or_seller_is_matched_with_none() -> None:
    prices = pl.DataFrame(
        {
            "sku": ["a", "a", None, None, "b"],
            "shop": ["us", "them", "us", "them", None],
            "price": [10.0, 8.0, 5.0, 5.0, 7.0],
        }
    )
    found = lk.pricing.position(prices, product="sku", seller="shop", price="price", own="us")
    assert found.table["matched"].to_list() == [1] * found.table.height
    assert any("3 rows: product, store or seller unknown" in note for note in found.notes)
