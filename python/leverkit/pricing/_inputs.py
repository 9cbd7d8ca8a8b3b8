"""What the pricing functions share: columns and values on their way in, notes on what was left out."""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import frames
from leverkit._lib.frames import ToNative, from_engine, kind_of, only, through
from leverkit.errors import ParameterError, SchemaError
from leverkit.ledger import Ledger

Basis = Literal["unit", "line"]
Components = Mapping[str, str] | Iterable[str] | None
Columns = str | Iterable[str] | None


def names(columns: Columns) -> list[str]:
    """One column, several or none, as a list."""
    return [columns] if isinstance(columns, str) else list(columns or ())


class Roles:
    """Which column is what, as the engine takes it, or nothing where a `Ledger` knows."""

    def __init__(
        self,
        deals: Any,
        *,
        list_price: str | None,
        components: Components,
        pocket_price: str | None = None,
        unit_cost: str | None = None,
        quantity: str | None = None,
        basis: Basis | None = None,
        others: Iterable[str] = (),
    ) -> None:
        given = dict(
            list_price=list_price, components=components, pocket_price=pocket_price, unit_cost=unit_cost, quantity=quantity, basis=basis,
        )  # fmt: skip
        self.others = list(others)
        self.is_ledger = isinstance(deals, Ledger)
        if self.is_ledger:
            named = [name for name, value in given.items() if value is not None]
            if named:
                raise TypeError(f"a Ledger has its roles already; leave out {', '.join(named)}")
        elif list_price is None:
            raise SchemaError(
                "list_price: no column given; name the price before anything comes off, or pass a Ledger that has one",
                role="list_price",
            )
        parts = dict(components) if isinstance(components, Mapping) else {name: name for name in names(components)}
        self.text = json.dumps({**given, "components": list(parts.items())})
        self.columns = [
            column
            for column in [list_price, *parts.values(), pocket_price, unit_cost, quantity, *self.others]
            if column is not None
        ]

    def deals(self, data: Any) -> _engine.Deals:
        """The engine's deals."""
        if self.is_ledger:
            return _engine.Deals.from_ledger(data._inner)
        return through(_engine.Deals, self.only(data), self.text, self.others)

    def only(self, data: Any) -> Any:
        """The columns that are needed: money as numbers, the others as they are."""
        money = [column for column in self.columns if column not in self.others]
        return only(data, self.columns, frames.Roles(number=money))


def need_pocket(deals: Any, pocket_price: str | None, components: Components) -> None:
    """Without either there is nothing off the list price to look at."""
    if not isinstance(deals, Ledger) and pocket_price is None and not components:
        raise ParameterError(
            "pocket_price: got none; expected the column of the price after all discounts, or components=[…] that lead to it",
            parameter="pocket_price",
        )


def texts(values: Any) -> list[str]:
    """One value or several, as the text that the engine compares."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        values = [values]
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        value.isoformat(*([" "] if isinstance(value, dt.datetime) else []))
        if isinstance(value, dt.date)
        else str(value)
    )


def frame_of(data: Any, columns: Iterable[str | None], roles: frames.Roles) -> Any:
    """A frame on its way to the engine: a ledger's lines, or the columns of a frame that are needed."""
    if isinstance(data, Ledger):
        return from_engine(data._inner.to_frame())
    return only(data, columns, roles)


def native_of(data: Any) -> ToNative:
    """How results become frames of the kind that went in."""
    return data._to_native if isinstance(data, Ledger) else kind_of(data)


def row(table: pl.DataFrame, **where: Any) -> dict[str, Any]:
    """The row whose columns have these values."""
    return table.row(
        by_predicate=pl.all_horizontal([pl.col(name) == value for name, value in where.items()]), named=True
    )


def one_of(parameter: str, value: str, known: Iterable[str]) -> str:
    """A value of a list, or an error that names the nearest."""
    choices = list(known)
    if value in choices:
        return value
    near = difflib.get_close_matches(str(value), choices, 1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise ParameterError(f"{parameter}: got {value!r}; expected {', '.join(choices)}{hint}", parameter=parameter)
