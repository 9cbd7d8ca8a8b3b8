"""The price band: how far apart pocket prices are."""

from __future__ import annotations

from typing import Any, Literal

from leverkit._lib import numbers
from leverkit._lib.inputs import Columns, names
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.ledger import native_of
from leverkit.pricing.deal._roles import Basis, Components, Roles, need_pocket


class PriceBand(Result):
    """How far apart pocket prices are.

    Attributes
    ----------
    table : frame
        One row per group: the columns of `by`, deals, volume (units, or money at list price), list_value, pocket_value (money),
        price (pocket over list), p05 to p95 (quantiles by volume of the pocket price as a share of list price), median_lower and median_upper
        (limits), width (p90 − p10), below_floor (share of the pocket money) and deals_below_floor, raise_value with limits (gain from raising the
        lowest-priced tenth of the volume to the median, money).
    total : frame
        One row for all groups together: deals, list_value, pocket_value (money), price (pocket over list), raise_value with raise_lower and
        raise_upper (each group's lowest tenth raised to its own median; because groups are independent, the limits are narrower than the sums of the
        groups' limits).
    histogram : frame
        One row per group and bin: from, to (shares of list price), volume, share. The first and the last bin also hold everything beyond them.
    """

    table: Frame
    total: Frame
    histogram: Frame

    @drawn_by("deal.price_band")
    def plot(
        self, kind: Literal["band", "widths"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "band" of volume by pocket price (default), or the "widths" by group."""

    def _headline(self) -> str:
        worth = numbers.short_money(self._tables["total"]["raise_value"][0])
        return t("Raising the lowest tenth of prices to the median is worth {worth}", worth=worth)


def price_band(
    deals: Any,
    *,
    list_price: str | None = None,
    pocket_price: str | None = None,
    quantity: str | None = None,
    by: Columns = None,
    components: Components = None,
    weight: Literal["quantity", "value"] | None = None,
    floor: float | None = None,
    basis: Basis | None = None,
    level: float = 0.95,
) -> PriceBand:
    """The volume-weighted distribution of the pocket price as a share of list price.

    Each unit (or unit of money at list price) counts once; a quantile is the lowest price at or below which that share of the volume lies (numpy's
    "inverted_cdf"). Limits of the median are Woodruff's (1952).

    Parameters
    ----------
    deals, list_price, quantity, components, basis
        As for `waterfall`.
    pocket_price : str, optional
        Column with the price after all discounts; by default list price minus components.
    by : str or list of str, optional
        Columns whose values each get a band: product, customer, region.
    weight : {"quantity", "value"}, optional
        How deals are weighted: by units (default with a quantity), which are comparable only within a product, or by money at list price.
    floor : float, optional
        A share of list price below which no deal should be.
    level : float
        Confidence level.

    Returns
    -------
    PriceBand
        Tables ``table`` (group, deals, volume, list_value, pocket_value, price, p05, p10, p25, p50, p75, p90, p95, median_lower, median_upper, width,
        below_floor, deals_below_floor, raise_value, raise_lower, raise_upper); ``total`` (deals, list_value, pocket_value, price, raise_value,
        raise_lower, raise_upper); ``histogram`` (group, from, to, volume, share).

    Raises
    ------
    DataError
        No row has a positive list price and quantity.
    ParameterError
        There is no price to compare with the list price, or a level or floor is out of range.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> deals = pl.DataFrame({"list": [10.0] * 3, "paid": [9.0, 8.0, 6.0], "units": [5, 4, 1]})
    >>> band = lk.pricing.price_band(deals, list_price="list", pocket_price="paid", quantity="units", floor=0.7)
    >>> band.table.select("p10", "p50", pl.col("raise_value").round(6), "deals_below_floor").row(0)
    (0.6, 0.8, 2.0, 1)
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
    params = {"by": columns, "weight": weight, "floor": floor, "level": level}
    found = inner.price_band(**params)
    return PriceBand(found, native_of(deals), {**params, "weight": found.weight, "basis": basis})
