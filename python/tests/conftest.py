"""The real data that several tests share."""

from __future__ import annotations

import polars as pl
import pytest

import leverkit as lk
from leverkit.datasets import complete_journey


@pytest.fixture(scope="session")
def lines() -> pl.DataFrame:
    """The Complete Journey's order lines."""
    return complete_journey()


@pytest.fixture(scope="session")
def ledger(lines: pl.DataFrame) -> lk.Ledger:
    """Their ledger."""
    return lk.Ledger(
        lines,
        customer="household_id",
        time="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        product="product_id",
        dimensions=["department"],
    )
