"""Leakage: who gives more than the others do in comparable deals."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.inputs import Columns, names
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.ledger import native_of
from leverkit.pricing.deal._roles import Basis, Components, Roles, need_pocket


class Leakage(Result):
    """Discounts compared with those that others give in comparable deals.

    Attributes
    ----------
    table : frame
        All deals in the first row, then one row per column of `by` and value, the largest closable amount first: dimension, value, deals, list_value, discount,
        expected (what all values together give in comparable deals), excess with lower and upper (over the values of a column it adds up to zero), shrunk (the part
        of the excess that chance does not explain), closable with closable_lower and closable_upper (beyond the values that do not leak; 0 for those), all in
        money; excess_share (of list value), outliers (unusually deep discounts for the size of the deal), p_value, q_value (Benjamini & Hochberg, over all
        columns), reason (why there is no excess, or no limits).
    totals : frame
        One row per column of `by`: dimension, values, leaking (how many of the values), deals, list_value and discount of those, closable with lower and upper (money of
        all values that leak together), between (standard deviation of the values beyond chance, share of list price), within (what deals are compared within),
        clusters (which deals are not independent of each other).
    norm : frame
        What is normal for a size: size, discount (share of list price), deals.
    outliers : frame
        One row per deal far from the norm, most money first: row, size, discount, norm, money (beyond the norm), z.
    sample : frame
        Deals for the figure: size, discount (share of list price); all deals if there are few.
    """

    table: Frame
    totals: Frame
    norm: Frame
    outliers: Frame
    sample: Frame

    @drawn_by("deal.leakage")
    def plot(
        self, kind: Literal["scatter", "bars"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "scatter" of deals with norm and outliers (default), or the "bars" of what each value gives beyond the others."""

    def _headline(self) -> str:
        whole = self._tables["table"].row(0, named=True)
        most = self._tables["totals"].filter(pl.col("leaking") > 0).sort("closable", descending=True)
        far = t(
            "{outliers:,} {outliers:deal has|deals have} an unusually deep discount for the size",
            outliers=whole["outliers"],
        )
        if not most.height:
            return far
        row = most.row(0, named=True)
        return (
            far
            + "; "
            + t(
                "{leaking} of {values} values of {column} give {money} more than the others in comparable deals",
                leaking=numbers.count(row["leaking"]),
                values=numbers.count(row["values"]),
                column=row["dimension"].replace("_", " "),
                money=numbers.short_money(row["closable"]),
            )
        )


def leakage(
    deals: Any,
    *,
    list_price: str | None = None,
    pocket_price: str | None = None,
    quantity: str | None = None,
    by: Columns = None,
    customer: str | None = None,
    order: str | None = None,
    product: str | None = None,
    time: str | None = None,
    components: Components = None,
    size: Literal["quantity", "value"] | None = None,
    quantile: float = 0.5,
    outlier: float = 3.5,
    basis: Basis | None = None,
    level: float = 0.95,
) -> Leakage:
    """Shows who gives larger discounts than others in comparable deals, and which deals are far from the norm for their size.

    Deals are compared within sizes, products and months: the discount, as a share of list price, is modelled as the effect of the value (of a column of `by`) plus
    effects of size, product and month, by least squares weighted with money at list price. The excess of a value is its effect less the mean effect. Limits are
    clustered by customer and by product and month (Cameron, Gelbach & Miller 2011). A value leaks if its excess is above zero with a q-value of at most
    0.05; the closable amount is shrunk by the part that chance explains (empirical Bayes).

    Parameters
    ----------
    deals, list_price, pocket_price, quantity, components, basis
        As for `price_band`.
    by : str or list of str, optional
        Columns whose values are compared, each column separately: customer, rep, region.
    customer, order, product, time : str, optional
        Columns with the buyer, the order, the product and the date. A `Ledger` has them already. Without `product` or `time`, deals of different products or
        months are compared; without `customer`, orders count as independent of each other, and without `order` too, deals do.
    size : {"quantity", "value"}, optional
        What makes a deal large: units (default with a quantity) or money at list price.
    quantile : float
        The quantile of the discounts for a size that is the norm for single deals.
    outlier : float
        The number of robust standard deviations from which a deal is an outlier.
    level : float
        Confidence level.

    Returns
    -------
    Leakage
        Tables ``table`` (dimension, value, deals, list_value, discount, expected, excess, lower, upper, shrunk, closable, closable_lower,
        closable_upper, excess_share, outliers, p_value, q_value, reason); ``totals`` (dimension, values, leaking, deals, list_value, discount,
        closable, lower, upper, between, within, clusters); ``norm`` (size, discount, deals); ``outliers`` (row, size, discount, norm, money, z);
        ``sample`` (size, discount).

    Raises
    ------
    SchemaError
        A column is missing, or `time` holds no times.
    DataError
        No row has a positive list price and quantity, or values and products hardly overlap.
    ParameterError
        A share is out of range, or there is no price to compare with the list price.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> rows = range(3000)  # 300 clients with discounts of their own; of three reps ann gives five points more
    >>> off = [row % 300 * 7 % 11 / 100 + 0.05 * (row % 3 == 0) for row in rows]
    >>> deals = pl.DataFrame({
    ...     "list": [10.0] * 3000, "paid": [10 * (1 - share) for share in off], "client": [row % 300 for row in rows],
    ...     "rep": [("ann", "bob", "eve")[row % 3] for row in rows],
    ... })
    >>> found = lk.pricing.leakage(deals, list_price="list", pocket_price="paid", customer="client", by="rep")
    >>> leak = found.table.row(1, named=True)
    >>> leak["value"], leak["closable_lower"] < 500 < leak["closable_upper"], found.totals["leaking"].to_list()
    ('ann', True, [1])
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
        customer=customer,
        order=order,
        product=product,
        time=time,
        others=columns,
    ).deals(deals)
    params = {"by": columns, "size": size, "quantile": quantile, "outlier": outlier, "level": level}
    found = inner.leakage(**params)
    return Leakage(found, native_of(deals), {**params, "size": found.size, "basis": basis})
