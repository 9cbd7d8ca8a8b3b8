"""Components of a waterfall whose sign is not that of deductions."""

from __future__ import annotations

import polars as pl
import pytest

import leverkit as lk


def test_components_below_zero_are_told_with_what_their_sign_would_make() -> None:
    deals = pl.DataFrame({"list": [100.0, 100.0], "promo": [-10.0, -20.0], "q": [1, 1]})
    found = lk.pricing.waterfall(deals, list_price="list", components=["promo"], quantity="q")
    assert any(note.startswith("promo: numbers below zero raise the price") and "170" in note for note in found.notes)


def test_numbers_like_shares_beside_prices_are_told() -> None:
    deals = pl.DataFrame({"list": [100.0, 100.0], "promo": [0.1, 0.05], "freight": [1.0, 2.0]})
    found = lk.pricing.waterfall(deals, list_price="list", components=["promo", "freight"])
    assert found.notes == [
        "promo: all numbers are below 1 beside list prices of 10 and more. If they are shares of the price, multiply them by it."
    ]


def test_the_pocket_price_tells_which_sign_or_unit_would_add_up() -> None:
    def message(off: list[float]) -> str:
        deals = pl.DataFrame({"list": [100.0, 200.0], "promo": off, "paid": [90.0, 190.0], "q": [1, 3]})
        with pytest.raises(lk.DataError) as refused:
            lk.pricing.waterfall(deals, list_price="list", components=["promo"], pocket_price="paid", quantity="q")
        return str(refused.value)

    assert message([-10.0, -10.0]).endswith("They would if components below zero were deductions: turn their sign")
    assert message([0.1, 0.05]).endswith(
        "They would if the components were shares of the list price: multiply them by it"
    )
    assert "Name the component that is missing" in message([5.0, 5.0])


def test_more_paid_than_the_list_price_less_discounts_is_told() -> None:
    lines = pl.DataFrame(
        {
            "who": [1, 2],
            "at": ["2024-01-01"] * 2,
            "paid": [90.0, 190.0],
            "list": [100.0, 100.0],
            "q": [1, 2],
            "off": [10.0, 20.0],
        }
    )
    ledger = lk.Ledger(
        lines, customer="who", time="at", amount="paid", list_price="list", quantity="q", discounts={"promo": "off"}
    )
    assert lk.pricing.waterfall(ledger).notes == [
        "Customers paid 10.00 more than list price less discounts: a surcharge, or a price or quantity of another unit."
    ]
