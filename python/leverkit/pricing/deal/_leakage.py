"""Leakage: discounts that the size of deals does not explain."""

from __future__ import annotations

from typing import Any, Literal

from leverkit._lib import numbers
from leverkit._lib.inputs import Columns, names
from leverkit._lib.result import Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.ledger import native_of
from leverkit.pricing.deal._roles import Basis, Components, Roles, need_pocket


class Leakage(Result):
    """Discounts that the size of deals does not explain.

    Attributes
    ----------
    table : frame
        All deals in the first row, then one row per column of `by` and value, most unexplained money first: dimension, value, deals, list_value, discount,
        explained (normal for deals of such sizes), unexplained with lower and upper, leak (only deals above the norm), all in money;
        unexplained_share (of list value), outliers (unusually deep ones), p_value, q_value (Benjamini & Hochberg).
    norm : frame
        The norm: size, discount (share of list price), deals.
    outliers : frame
        One row per deal far from the norm, most money first: row, size, discount, norm, money (beyond the norm), z.
    sample : frame
        Deals for the figure: size, discount (share of list price); all deals if there are few.
    """

    table: Frame
    norm: Frame
    outliers: Frame
    sample: Frame

    @drawn_by("deal.leakage", "scatter", "bars")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "scatter" of deals with norm and outliers (default), or the "bars" of unexplained money by value."""

    def _headline(self) -> str:
        whole = self._tables["table"].row(0, named=True)
        return t(
            "{leak} of {discount} in discounts is above what is normal for the size of the deal; {outliers:,} {outliers:deal is|deals are} far above",
            leak=numbers.short_money(whole["leak"]),
            discount=numbers.short_money(whole["discount"]),
            outliers=whole["outliers"],
        )


def leakage(
    deals: Any,
    *,
    list_price: str | None = None,
    pocket_price: str | None = None,
    quantity: str | None = None,
    by: Columns = None,
    components: Components = None,
    size: Literal["quantity", "value"] | None = None,
    quantile: float = 0.5,
    outlier: float = 3.5,
    basis: Basis | None = None,
    level: float = 0.95,
) -> Leakage:
    """Fits the discount that is normal for the size of a deal, and shows who gave away more.

    The norm is the quantile of discounts that never falls with size: isotonic quantile regression over up to 200 bins of size (Robertson & Waltman 1968).
    Outliers are by the modified z-score of Iglewicz & Hoaglin (1993).

    Parameters
    ----------
    deals, list_price, pocket_price, quantity, components, basis
        As for `price_band`.
    by : str or list of str, optional
        Columns whose values are compared, each column separately: customer, rep, region.
    size : {"quantity", "value"}, optional
        What makes a deal large: units (default with a quantity) or money at list price.
    quantile : float
        The quantile of the discounts for a size that is the norm.
    outlier : float
        The number of robust standard deviations from which a deal is an outlier.
    level : float
        Confidence level.

    Raises
    ------
    DataError
        No row has a positive list price and quantity.
    ParameterError
        A share is out of range, or there is no price to compare with the list price.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> deals = pl.DataFrame({"list": [10.0] * 100, "paid": [5.0] + [9.0] * 99, "units": range(1, 101), "rep": ["ann"] + ["bob"] * 99})
    >>> found = lk.pricing.leakage(deals, list_price="list", pocket_price="paid", quantity="units", by="rep")
    >>> found.outliers["row"].to_list(), found.table.filter(pl.col("dimension") == "rep")["value"][0]
    ([0], 'ann')
    """
    need_pocket(deals, pocket_price, components)
    columns = names(by)
    inner = Roles(
        deals,
        list_price=list_price,
        components=components,
        pocket_price=pocket_price,
        quantity=quantity,
        basis=basis,
        others=columns,
    ).deals(deals)
    params = {"by": columns, "size": size, "quantile": quantile, "outlier": outlier, "level": level}
    found = inner.leakage(**params)
    return Leakage(found, native_of(deals), {**params, "size": found.size, "basis": basis})
