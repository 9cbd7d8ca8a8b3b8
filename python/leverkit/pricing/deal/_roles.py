"""Which column of the deals is what, on its way to the engine; and values and rows as they are looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.frames import Roles as FrameRoles
from leverkit._lib.frames import only, through
from leverkit._lib.inputs import names
from leverkit.errors import ParameterError, SchemaError
from leverkit.ledger import Ledger

Basis = Literal["unit", "line"]
Components = Mapping[str, str] | Iterable[str] | None


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
        customer: str | None = None,
        order: str | None = None,
        product: str | None = None,
        time: str | None = None,
        others: Iterable[str] = (),
    ) -> None:
        given = dict(
            list_price=list_price,
            components=components,
            pocket_price=pocket_price,
            unit_cost=unit_cost,
            quantity=quantity,
            basis=basis,
            customer=customer,
            order=order,
            product=product,
            time=time,
        )
        self.time = time
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
        self.given = {**given, "components": list(parts.items())}
        money = [list_price, *parts.values(), pocket_price, unit_cost, quantity]
        self.money = [column for column in money if column is not None]
        ids = [customer, order, product, time, *self.others]
        self.columns = [*self.money, *(column for column in ids if column is not None)]

    def deals(self, data: Any) -> _engine.Deals:
        """The engine's deals."""
        if self.is_ledger:
            return _engine.Deals.from_ledger(data._inner)
        return through(_engine.Deals, self.only(data), self.given, self.others)

    def only(self, data: Any) -> Any:
        """The columns that are needed: money as numbers, times as times, the others as they are."""
        number = [column for column in self.money if column not in self.others]
        return only(data, self.columns, FrameRoles(number=number, time=[self.time]))


def need_pocket(deals: Any, pocket_price: str | None, components: Components) -> None:
    """Without either there is nothing off the list price to look at."""
    if not isinstance(deals, Ledger) and pocket_price is None and not components:
        raise ParameterError(
            "pocket_price: got none; expected the column of the price after all discounts, or components=[…] that lead to it",
            parameter="pocket_price",
        )


def row(table: pl.DataFrame, **where: Any) -> dict[str, Any]:
    """The row whose columns have these values."""
    return table.row(
        by_predicate=pl.all_horizontal([pl.col(name) == value for name, value in where.items()]), named=True
    )
