"""The pocket-price waterfall: from list price through all deductions to pocket price and margin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import from_engine, through
from leverkit._lib.inputs import Columns, names, texts
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.errors import ParameterError
from leverkit.ledger import native_of
from leverkit.pricing.deal._roles import Basis, Components, Roles, row


class Waterfall(Result):
    """From list price through all deductions to pocket price and margin. Steps add up exactly, and groups to the total.

    Attributes
    ----------
    table : frame
        One row per group and step: the columns of `by`, step, kind ("list", "component", "invoice", "pocket", "cost" or "margin"), amount (money;
        components and cost below zero), share (of list price), per_unit (money), rows, units.
    total : frame
        The same for all groups together.
    """

    table: Frame
    total: Frame

    def compare(self, base: Any, against: Any, *, by: str | None = None) -> Any:
        """Compares two values of a column of `by`: step, kind, base, against, change (money), the same as shares of list price and per unit.

        Parameters
        ----------
        base, against
            Values of the column, such as two periods or segments.
        by : str, optional
            The column, if there are several.

        Raises
        ------
        ParameterError
            The column is not in `by`, or has no such value.
        """
        return self._to_native(self._compared(base, against, by))

    def _compared(self, base: Any, against: Any, by: str | None = None) -> Any:
        columns = self.params["by"]
        if by is None and len(columns) != 1:
            raise ParameterError(f"by: got none; expected one of {columns}: the column to compare", parameter="by")
        return from_engine(self._engine.compare(by or columns[0], *texts(base), *texts(against)))

    def _remarks(self) -> Iterator[str]:
        total = self._tables["total"]
        pocket, listed = (row(total, kind=kind)["amount"] for kind in ("pocket", "list"))
        is_overdrawn = None not in (pocket, listed) and pocket < 0 <= listed
        if self.params.get("basis") is None and is_overdrawn:
            yield "Components take off more than the list price: if they are money of the row and not per unit, set basis='line'."
        yield from self._raising(total)

    def _raising(self, total: pl.DataFrame) -> Iterator[str]:
        """Says which components add to the price, and what would be left if they were deductions."""
        raising = total.filter((pl.col("kind") == "component") & (pl.col("amount") > 0))
        if "basis" not in self.params:
            rest = raising.filter(step="other")["amount"].sum()
            raising = raising.filter(pl.col("step") != "other")
            if rest > 0:
                yield f"Customers paid {numbers.money(rest)} more than list price less discounts: a surcharge, or a price or quantity of another unit."
        if raising.is_empty():
            return
        pocket = row(total, kind="pocket")["amount"]
        turned = numbers.money(pocket - 2 * raising["amount"].sum())
        names = ", ".join(raising["step"])
        yield f"{names}: numbers below zero raise the price. If they are deductions, turn their sign: {turned} would stay instead of {numbers.money(pocket)}."

    @drawn_by("deal.waterfall")
    def plot(
        self, kind: Literal["waterfall", "shares"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "waterfall" of all groups (default), or the "shares" of list price by group."""

    def _headline(self) -> str:
        total = self._tables["total"]
        listed, pocket = row(total, kind="list"), row(total, kind="pocket")
        share = "" if pocket["share"] is None else f" ({numbers.percent(pocket['share'])})"
        return t(
            "Of {listed} at list price {pocket}{share} stay in the pocket",
            listed=numbers.short_money(listed["amount"]),
            pocket=numbers.short_money(pocket["amount"]),
            share=share,
        )


def waterfall(
    deals: Any,
    *,
    list_price: str | None = None,
    components: Components = None,
    unit_cost: str | None = None,
    quantity: str | None = None,
    by: Columns = None,
    on_invoice: Iterable[str] = (),
    pocket_price: str | None = None,
    basis: Basis | None = None,
    tolerance: float = 0.01,
) -> Waterfall:
    """The pocket-price waterfall: list price, components, pocket price, cost, margin; money, share of list price, per unit (Marn & Rosiello 1992).

    Parameters
    ----------
    deals
        A frame, or a `Ledger` with `list_price` or `discounts`; its list value is list price × quantity, or amount + discounts without a list price.
    list_price : str
        Column with the price before all deductions.
    components : list of str, or dict of name to column
        Deductions, in order: discounts, coupons, rebates, freight, returns. Positive numbers lower the price; unknown ones count as zero, and a note
        says how many there are.
    unit_cost, quantity : str, optional
        Columns with the cost of goods and with the units.
    by : str or list of str, optional
        Columns whose values each get a waterfall.
    on_invoice : list of str
        Components on the invoice: they come first, followed by the invoice price.
    pocket_price : str, optional
        Column with the price paid. List price minus components is checked against it, row by row.
    basis : {"unit", "line"}, optional
        Whether money is per unit (default with a quantity) or per row (default without).
    tolerance : float
        Largest allowed difference from `pocket_price` per row, in money.

    Returns
    -------
    Waterfall
        Tables ``table`` (group, step, kind, amount, share, per_unit, rows, units); ``total`` (step, kind, amount, share, per_unit, rows, units).

    Raises
    ------
    DataError
        Components do not lead to the pocket price; the message names rows. Or no row can be used.
    ParameterError
        `on_invoice` names something that is not a component; or money is per unit but there is no quantity.
    SchemaError
        A column is missing or holds no numbers.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> deals = pl.DataFrame({"list": [10.0, 12.0], "rebate": [1.0, 0.5], "units": [3, 1]})
    >>> lk.pricing.waterfall(deals, list_price="list", components=["rebate"], quantity="units").total["amount"].to_list()
    [42.0, -3.5, 38.5]
    """
    roles = Roles(
        deals,
        list_price=list_price,
        components=components,
        pocket_price=pocket_price,
        unit_cost=unit_cost,
        quantity=quantity,
        basis=basis,
        others=names(by),
    )
    params = {"by": names(by), "on_invoice": names(on_invoice), "tolerance": tolerance}
    if roles.is_ledger:
        found = roles.deals(deals).waterfall(**params)
    else:
        found = through(_engine.waterfall, roles.only(deals), roles.given, roles.others, **params)
    return Waterfall(found, native_of(deals), params if roles.is_ledger else {**params, "basis": basis})
