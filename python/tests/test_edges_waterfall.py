"""Components of a waterfall whose sign is not that of deductions."""

from __future__ import annotations

import polars as pl

import leverkit as lk


def test_components_below_zero_are_told_with_what_their_sign_would_make() -> None:
    deals = pl.DataFrame({"list": [100.0, 100.0], "promo": [-10.0, -20.0], "q": [1, 1]})
    found = lk.pricing.waterfall(deals, list_price="list", components=["promo"], quantity="q")
    assert any(note.startswith("promo: numbers below zero raise the price") and "170" in note for note in found.notes)
