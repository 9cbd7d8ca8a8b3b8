"""Pricing in the deal: the pocket-price waterfall and band, leakage, and deal scores.

The engine computes; this module names things and converts frames. `deals` is a frame with its columns named, or a `Ledger` with a list price or
discounts. Money columns are per unit where `quantity` is given, else of the row; `basis` says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import from_engine, through
from leverkit._lib.result import Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.errors import ParameterError
from leverkit.pricing._inputs import (
    Basis,
    Columns,
    Components,
    Roles,
    names,
    native_of,
    need_pocket,
    row,
    texts,
)


class Waterfall(Result):
    """From list price through what comes off it to pocket price and margin. Steps add up exactly, groups to the total.

    Attributes
    ----------
    table : frame
        One row a group and step: the columns of `by`, step, kind ("list", "component", "invoice", "pocket", "cost" or "margin"), amount (money;
        components and cost below zero), share (of list price), per_unit (money), rows, units.
    total : frame
        The same for all groups together.
    """

    table: Frame
    total: Frame

    def compare(self, base: Any, against: Any, *, by: str | None = None) -> Any:
        """Two values of a column that the waterfall was laid out by: step, kind, base, against, change (money), the same as shares of list price
        and per unit.

        Parameters
        ----------
        base, against
            Values of the column, such as two periods or segments.
        by : str, optional
            The column, where there are several.

        Raises
        ------
        ParameterError
            The waterfall was not laid out by the column, or has no such value.
        """
        return self._to_native(self._compared(base, against, by))

    def _compared(self, base: Any, against: Any, by: str | None = None) -> Any:
        columns = self.params["by"]
        if by is None and len(columns) != 1:
            raise ParameterError(f"by: got none; expected one of {columns}: the column to compare", parameter="by")
        return from_engine(self._engine.compare(by or columns[0], *texts(base), *texts(against)))

    def _remarks(self) -> Iterator[str]:
        total = self._tables["total"]
        is_overdrawn = row(total, kind="pocket")["amount"] < 0 <= row(total, kind="list")["amount"]
        if self.params.get("basis") is None and is_overdrawn:
            yield "Components take off more than the list price: if they are money of the row and not per unit, set basis='line'."

    @drawn_by("pricing_deals.waterfall", "waterfall", "shares")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "waterfall" of all groups (default), or the "shares" of list price by group."""

    def _headline(self) -> str:
        total = self._tables["total"]
        listed, pocket = row(total, kind="list"), row(total, kind="pocket")
        share = "" if pocket["share"] is None else f" ({numbers.percent(pocket['share'])})"
        return t(
            "Of {listed} at list price {pocket}{share} stay in the pocket",
            listed=numbers.short_money(listed["amount"]), pocket=numbers.short_money(pocket["amount"]), share=share,
        )  # fmt: skip


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
        Column of the price before anything comes off.
    components : list of str, or dict of name to column
        What comes off, in order: discounts, coupons, rebates, freight, returns. Positive numbers lower the price; an unknown one counts as none, and is counted.
    unit_cost, quantity : str, optional
        Columns of the cost of goods, and of units.
    by : str or list of str, optional
        Columns whose values have a waterfall each.
    on_invoice : list of str
        Components that stand on the invoice: they come first, and the invoice price follows them.
    pocket_price : str, optional
        Column of what was paid. List price less components is checked against it, row by row.
    basis : {"unit", "line"}, optional
        Whether money is per unit (default with a quantity) or of the row (default without).
    tolerance : float
        Money by which a row may miss `pocket_price`.

    Raises
    ------
    DataError
        Components do not lead to the pocket price; the message names rows. Or no row can be used.
    ParameterError
        `on_invoice` names no component; or money per unit without a quantity.
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
        deals, list_price=list_price, components=components, pocket_price=pocket_price, unit_cost=unit_cost, quantity=quantity,
        basis=basis, others=names(by),
    )  # fmt: skip
    params = {"by": names(by), "on_invoice": names(on_invoice), "tolerance": tolerance}
    if roles.is_ledger:
        found = roles.deals(deals).waterfall(json.dumps(params))
    else:
        found = through(_engine.waterfall, roles.only(deals), roles.text, roles.others, json.dumps(params))
    return Waterfall(found, native_of(deals), {**params, "basis": basis})


class PriceBand(Result):
    """How far apart the prices are that stay in the pocket.

    Attributes
    ----------
    table : frame
        One row a group: the columns of `by`, deals, volume (units, or money at list price), list_value, pocket_value (money),
        price (pocket over list), p05 to p95 (pocket price as a share of list price, up to which that share of the volume lies), median_lower and
        median_upper (limits), width (p90 − p10), below_floor (share of the pocket money) and deals_below_floor, raise_value with limits (money
        that raising the tenth of the volume with the lowest prices to the median is worth).
    histogram : frame
        One row a group and bin: from, to (shares of list price), volume, share. The first and the last bin hold what lies beyond.
    """

    table: Frame
    histogram: Frame

    @drawn_by("pricing_deals.price_band", "band", "widths")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "band" of volume by pocket price (default), or the "widths" by group."""

    def _headline(self) -> str:
        table = self._tables["table"]
        worth = numbers.short_money(float(table["raise_value"].sum()))
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
    """The volume-weighted distribution of the pocket price as a share of list price. Each unit (or money at list price) counts once; a quantile is the lowest price up to which that
    share of the volume lies (numpy's "inverted_cdf"). Limits of the median are Woodruff's (1952).

    Parameters
    ----------
    deals, list_price, quantity, components, basis
        As for `waterfall`.
    pocket_price : str, optional
        Column of the price after all discounts; by default list price less components.
    by : str or list of str, optional
        Columns whose values have a band each: product, customer, region.
    weight : {"quantity", "value"}, optional
        What deals weigh: units (default with a quantity), which only compare within a product, or money at list price.
    floor : float, optional
        A share of list price below which no deal should be.
    level : float
        Confidence level.

    Raises
    ------
    DataError
        No row has a positive list price and quantity.
    ParameterError
        No price to compare with the list price; a level or floor out of range.

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
        deals, list_price=list_price, components=components, pocket_price=pocket_price, quantity=quantity, basis=basis, others=columns,
    ).deals(deals)  # fmt: skip
    params = {"by": columns, "weight": weight, "floor": floor, "level": level}
    found = inner.price_band(json.dumps(params))
    return PriceBand(found, native_of(deals), {**params, "weight": found.weight, "basis": basis})


class Leakage(Result):
    """Discounts that the size of deals does not explain.

    Attributes
    ----------
    table : frame
        All deals in the first row, then one row a column of `by` and value, the most unexplained money first: dimension, value, deals, list_value, discount,
        explained (normal for deals of such sizes), unexplained with lower and upper, leak (of the deals above the norm alone), all money;
        unexplained_share (of list value), outliers (unusually deep ones), p_value, q_value (Benjamini & Hochberg).
    norm : frame
        The norm: size, discount (share of list price), deals.
    outliers : frame
        One row a deal far from the norm, the most money first: row, size, discount, norm, money (beyond the norm), z.
    sample : frame
        Deals to draw: size, discount (share of list price); all of them where they are few.
    """

    table: Frame
    norm: Frame
    outliers: Frame
    sample: Frame

    @drawn_by("pricing_deals.leakage", "scatter", "bars")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "scatter" of deals with norm and outliers (default), or the "bars" of unexplained money by value."""

    def _headline(self) -> str:
        whole = self._tables["table"].row(0, named=True)
        return t(
            "{leak} of {discount} of discounts lie above what is normal for the size of the deal; {outliers:,} {outliers:deal is|deals are} far above",
            leak=numbers.short_money(whole["leak"]), discount=numbers.short_money(whole["discount"]), outliers=whole["outliers"],
        )  # fmt: skip


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
    """Fits the discount that is normal for the size of a deal, and says who gave away more.

    The norm is the quantile of discounts that never falls with size: isotonic quantile regression over up to 200 bins of size (Robertson & Waltman 1968).
    Outliers are by the modified z-score of Iglewicz & Hoaglin (1993).

    Parameters
    ----------
    deals, list_price, pocket_price, quantity, components, basis
        As for `price_band`.
    by : str or list of str, optional
        Columns whose values are compared, each on its own: customer, rep, region.
    size : {"quantity", "value"}, optional
        What makes a deal large: units (default with a quantity) or money at list price.
    quantile : float
        Which quantile of the discounts of a size is the norm.
    outlier : float
        From how many robust standard deviations on a deal is an outlier.
    level : float
        Confidence level.

    Raises
    ------
    DataError
        No row has a positive list price and quantity.
    ParameterError
        A share out of range, or no price to compare with the list price.

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
        deals, list_price=list_price, components=components, pocket_price=pocket_price, quantity=quantity, basis=basis, others=columns,
    ).deals(deals)  # fmt: skip
    params = {"by": columns, "size": size, "quantile": quantile, "outlier": outlier, "level": level}
    found = inner.leakage(json.dumps(params))
    return Leakage(found, native_of(deals), {**params, "size": found.size, "basis": basis})


class DealScores(Result):
    """Deals among their peers.

    Attributes
    ----------
    table : frame
        One row a deal: row, peers (how many), depth (attributes shared with them), price, floor, target, stretch (shares of list price), the same in money as
        unit_price … unit_stretch (of the row without units), score (share of peers that sold for less), zone, opportunity (money up to the target).
    peers : frame
        One row a group of peers: a column for each attribute (null where the group goes without it), depth, deals, credibility (weight of its own prices),
        own_floor, own_target, own_stretch, target_lower, target_upper, floor, target, stretch, scored (deals judged here), list_value, opportunity.
    zones : frame
        One row a zone, from "below floor" to "stretch": deals, list_value, pocket_value, opportunity (money).
    """

    table: Frame
    peers: Frame
    zones: Frame

    @drawn_by("pricing_deals.deal_score", "zones", "peers")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "zones" of deals (default), or the "peers" with the most to gain."""

    def _headline(self) -> str:
        zones = self._tables["zones"]
        below, total = int(zones["deals"][0]), int(zones["deals"].sum())
        worth = numbers.short_money(float(zones["opportunity"].sum()))
        return t(
            "{below:,} of {total:,} deals lie below their peers' floor; raising all below target to it is worth {worth}",
            below=below,
            total=total,
            worth=worth,
        )


def deal_score(
    deals: Any,
    *,
    list_price: str | None = None,
    pocket_price: str | None = None,
    quantity: str | None = None,
    peers: Columns = None,
    components: Components = None,
    size_bands: int = 4,
    min_peers: int = 30,
    floor: float = 0.2,
    target: float = 0.5,
    stretch: float = 0.8,
    basis: Basis | None = None,
    level: float = 0.95,
) -> DealScores:
    """Scores each deal among its peers: the deals that share as many attributes with it, in their order, as leave at least `min_peers` of them.

    Floor, target and stretch are quantiles of the peers' prices as shares of list price, drawn to those of the larger group around them by Bühlmann's (1967)
    credibility.

    Parameters
    ----------
    deals, list_price, pocket_price, quantity, components, basis
        As for `price_band`.
    peers : str or list of str, optional
        Columns that make deals alike, the most telling first: product group, region. The size band comes after the first.
    size_bands : int
        Bands of size with about equal numbers of deals; 1 leaves size out.
    min_peers : int
        Fewest deals of a group of peers.
    floor, target, stretch : float
        Quantiles of the peers' prices: what to refuse, to aim at, to hope for.
    level : float
        Confidence level of the target's limits.

    Raises
    ------
    DataError
        No row has a positive list price and quantity.
    ParameterError
        Quantiles that do not rise, or numbers below 1.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> deals = pl.DataFrame({"list": [10.0] * 100, "paid": [8 + i % 10 / 10 for i in range(100)], "units": [1] * 100})
    >>> lk.pricing.deal_score(deals, list_price="list", pocket_price="paid", quantity="units").table["zone"][0]
    'below floor'
    """
    need_pocket(deals, pocket_price, components)
    columns = names(peers)
    inner = Roles(
        deals, list_price=list_price, components=components, pocket_price=pocket_price, quantity=quantity, basis=basis, others=columns,
    ).deals(deals)  # fmt: skip
    for name, value in (("size_bands", size_bands), ("min_peers", min_peers)):
        if value < 1:
            raise ParameterError(f"{name}: got {value}; expected at least 1", parameter=name)
    params = {
        "peers": columns, "size_bands": size_bands, "min_peers": min_peers, "floor": floor, "target": target, "stretch": stretch,
        "level": level,
    }  # fmt: skip
    found = inner.deal_score(json.dumps(params))
    return DealScores(found, native_of(deals), {**params, "size_edges": found.size_edges, "basis": basis})
