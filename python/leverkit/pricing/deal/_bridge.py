"""The price–volume–mix bridge between two periods, or between plan and fact."""

from __future__ import annotations

from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, from_engine, only, through
from leverkit._lib.inputs import Columns, names, texts
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t, told
from leverkit.errors import SchemaError
from leverkit.ledger import Ledger, native_of

#: How the effects are defined; a result names it in its parameters.
CONVENTION = (
    "price = q1·(p1 − p0); volume = (q1 − q0)·V0, V0 the base's average value of a unit; mix = (q1 − q0)·(v0 − V0); an item without units on one "
    "side is new or lost with all its value"
)


class Bridge(Result):
    """The effects that explain the change between two sides. They add up to the change exactly, for every item and every sum of items.

    Attributes
    ----------
    bridge : frame
        One row per step: effect ("base", "price", "volume", "mix", "new", "lost", "currency" and "cost" if known, "without_units" if items have
        money and no units on either side, such as credit notes, "against"), amount (money), share (of the base).
    by_key : frame
        One row per item: the keys, base_quantity, against_quantity, base, against, change (money), a column for each effect, residual (0).
    """

    bridge: Frame
    by_key: Frame

    def drill(self, by: Columns) -> Any:
        """The items' effects added up by some of the keys; columns as in `by_key`, and items.

        Raises
        ------
        ParameterError
            A column that is not a key.
        """
        return self._to_native(from_engine(self._engine.drill(names(by))))

    def granularity(self) -> Any:
        """The bridge with each set of keys as the item: keys, items, change, a column for each effect, residual.

        The total change is always the same, but its split into price and mix is not: the average price of a coarse item changes with its contents.

        Raises
        ------
        ParameterError
            More than six keys.
        """
        return self._to_native(self._granularity())

    def _granularity(self) -> Any:
        return from_engine(self._engine.granularity())

    @drawn_by("deal.bridge")
    def plot(
        self,
        kind: Literal["bridge", "drill", "granularity"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "bridge" (default), the "drill" into the values of the first key, or the "granularity"."""

    def _headline(self) -> str:
        rows = {effect: amount for effect, amount, _ in self._tables["bridge"].iter_rows()}
        change = rows["against"] - rows["base"]
        parts = ", ".join(
            f"{told(name)} {numbers.money(rows[name])}" for name in rows if name not in ("base", "against")
        )
        what = t("Margin") if self.params["measure"] == "margin" else t("Revenue")
        return t("{what} changed by {change}: {parts}", what=what, change=numbers.money(change), parts=parts)


def price_volume_mix(
    deals: Any,
    *,
    period: str | None = None,
    base: Any,
    against: Any,
    keys: Columns = None,
    quantity: str | None = None,
    revenue: str | None = None,
    local_revenue: str | None = None,
    cost: str | None = None,
) -> Bridge:
    """Splits the change in revenue between two sides into price, volume, mix, new and lost items, currency and cost.

    Parameters
    ----------
    deals
        A frame; or a `Ledger`, whose time, product, quantity and amount are the defaults.
    period : str
        Column that distinguishes the sides: a period, or "plan" and "fact".
    base, against
        One or several of its values. For a column of dates also years, months or days as text, such as "2024" and "2024-03".
    keys : str or list of str
        Columns whose values together define an item with one price. The split depends on them: see `Bridge.granularity`.
    quantity, revenue : str
        Columns with the units and the money of the row.
    local_revenue : str, optional
        The same money in the currency of the sale: the effect of exchange rates then becomes a separate step.
    cost : str, optional
        Column with the cost of the row: the bridge then explains margin.

    Returns
    -------
    Bridge
        Tables ``bridge`` (effect, amount, share); ``by_key`` (group, product, items, base_quantity, against_quantity, base, against, change, price,
        volume, mix, new, lost, cost, residual).

    Raises
    ------
    ParameterError
        A side without rows, or a value on both sides.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> sales = pl.DataFrame({"year": [1, 1, 2, 2], "sku": ["a", "b", "a", "b"], "units": [10, 10, 12, 9], "paid": [100.0, 200.0, 132.0, 180.0]})
    >>> found = lk.pricing.price_volume_mix(sales, period="year", base=1, against=2, keys=["sku"], quantity="units", revenue="paid")
    >>> dict(zip(found.bridge["effect"], found.bridge["amount"]))
    {'base': 300.0, 'price': 12.0, 'volume': 15.0, 'mix': -15.0, 'new': 0.0, 'lost': 0.0, 'against': 312.0}
    """
    if isinstance(deals, Ledger):
        roles = deals.roles
        period, keys = period or roles["time"], keys or roles.get("product")
        quantity, revenue = quantity or roles.get("quantity"), revenue or roles.get("amount", "amount")
    for name, column in (("period", period), ("keys", keys), ("quantity", quantity), ("revenue", revenue)):
        if not column:
            raise SchemaError(f"{name}: no column given; name it, or pass a Ledger that has it", role=name)
    params = {
        "period": period,
        "base": texts(base),
        "against": texts(against),
        "keys": names(keys),
        "quantity": quantity,
        "revenue": revenue,
        "local_revenue": local_revenue,
        "cost": cost,
    }
    money = [quantity, revenue, local_revenue, cost]
    if isinstance(deals, Ledger):
        found = _engine.ledger_bridge(deals._inner, **params)
    else:
        data = only(deals, [period, *names(keys), *money], Roles(number=money, found=[period]))
        found = through(_engine.price_volume_mix, data, **params)
    said = {**params, "measure": "margin" if cost else "revenue", "convention": CONVENTION}
    return Bridge(found, native_of(deals), said)
