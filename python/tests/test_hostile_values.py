"""What random calls found: odd values end with an error of leverkit that says what was expected, or with nulls where nothing can be computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from results import MINIMAL, World

import leverkit as lk

SHOP = {"leads": [1000.0, 500.0], "conversion": [0.1, 0.2], "price": [50.0, 40.0], "quantity": [2.0, 1.0]}
MARKET = pl.DataFrame({"brand": ["north", "south"], "price": [5.0, 6.0], "name": [{"a": 1}, {"a": 2}]})


def shops(keys: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"shop": keys, **SHOP})


REFUSED: dict[str, tuple[Callable[[World], Any], type[Exception], str]] = {
    "keys that name nothing": (
        lambda _: MINIMAL.attribute_segments(shops([[1], [2]]), shops([[2], [1]]), segment="shop"),
        lk.SchemaError,
        r'before: column "shop" holds List\(Int64\); expected names',
    ),
    "keys of another type": (
        lambda _: MINIMAL.attribute_segments(shops([1, 2]), shops(["1", "2"]), segment="shop"),
        lk.SchemaError,
        "after: column 'shop' holds String; expected Int64",
    ),
    "names that are structs": (
        lambda world: world.conjoint.simulate(MARKET, product="name"),
        lk.SchemaError,
        r'product: column "name" holds Struct',
    ),
    "looks without end": (lambda _: lk.effect.bounds(10**400), lk.ParameterError, "looks: .* at most 1,000"),
    "counts that are text": (lambda _: lk.effect.sample_ratio("\0"), lk.ParameterError, "counts: got str"),  # type: ignore[arg-type]
    "dates that are a number": (lambda _: lk.read(__file__, dates=12), lk.ParameterError, "dates: got 12; expected text"),  # type: ignore[arg-type]
    "a path that is too long": (lambda _: lk.rfm.score("x" * 3000, customer="a", time="b"), lk.DataError, "too long"),
    "a lazy frame that cannot be made": (
        lambda _: lk.rfm.score(pl.LazyFrame({"a": [1]}).select("z"), customer="z", time="a"),
        lk.DataError,
        "the lazy frame cannot be read",
    ),
    "a window beyond all days": (
        lambda world: lk.funnel.stages(world.ledger, stages=list(world.names[:2]), window=1e308),
        lk.ParameterError,
        "window: got 1e.308; expected a number of days",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_values_are_refused_with_words(name: str) -> None:
    call, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        call(World())


@pytest.mark.parametrize("keys", [[True, False], ["web", "shop"], [1.5, None]])
def test_flags_and_numbers_name_segments(keys: list[Any]) -> None:
    """In another order they are the same segments; one that is gone has zeros."""
    found = MINIMAL.attribute_segments(shops(keys), shops(keys)[::-1], segment="shop")
    assert found.segments["shop"].to_list() == keys
    assert found.segments["before"].to_list() == found.segments["after"].to_list() == [10_000.0, 4000.0]
    gone = MINIMAL.attribute_segments(shops(keys), shops(keys)[:1], segment="shop")
    assert gone.segments["after"].to_list() == [10_000.0, 0.0]
