"""Deal scores: each deal among its peers, with floor, target and stretch price."""

from __future__ import annotations

from typing import Any, Literal

from leverkit._lib import numbers
from leverkit._lib.inputs import Columns, at_least, names
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.ledger import native_of
from leverkit.pricing.deal._roles import Basis, Components, Roles, need_pocket


class DealScores(Result):
    """Deals among their peers.

    Attributes
    ----------
    table : frame
        One row per deal: row, peers (how many), depth (attributes shared with them), price, floor, target, stretch (shares of list price), the same
        in money as unit_price … unit_stretch (per row if there are no units), score (share of peers that sold for less), zone, opportunity (money
        gained at the target price).
    peers : frame
        One row per group of peers: a column for each attribute (null if the group does not use it), depth, deals, credibility (weight of its own prices),
        own_floor, own_target, own_stretch, target_lower, target_upper, floor, target, stretch, scored (deals judged here), list_value, opportunity.
    zones : frame
        One row per zone, from "below floor" to "stretch": deals, list_value, pocket_value, opportunity (money).
    """

    table: Frame
    peers: Frame
    zones: Frame

    @drawn_by("deal.deal_score")
    def plot(
        self, kind: Literal["zones", "peers"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "zones" of deals (default), or the "peers" with the largest opportunity."""

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
    """Scores each deal among its peers: the deals that share as many attributes with it, in the order given, as leave at least `min_peers` of them.

    Floor, target and stretch are quantiles of the peers' prices as shares of list price, pulled towards those of the next larger group by Bühlmann's
    (1967) credibility.

    Parameters
    ----------
    deals, list_price, pocket_price, quantity, components, basis
        As for `price_band`.
    peers : str or list of str, optional
        Columns that make deals comparable, most important first: product group, region. The size band comes after the first.
    size_bands : int
        Number of size bands, with about equal numbers of deals; 1 ignores size.
    min_peers : int
        Smallest number of deals in a group of peers.
    floor, target, stretch : float
        Quantiles of the peers' prices: refuse below the floor, aim at the target, hope for the stretch price.
    level : float
        Confidence level of the target's limits.

    Returns
    -------
    DealScores
        Tables ``table`` (row, peers, depth, price, floor, target, stretch, unit_price, unit_floor, unit_target, unit_stretch, score, zone,
        opportunity); ``peers`` (group, size band, depth, deals, credibility, own_floor, own_target, own_stretch, target_lower, target_upper, floor,
        target, stretch, scored, list_value, opportunity); ``zones`` (zone, deals, list_value, pocket_value, opportunity).

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
        deals,
        list_price=list_price,
        components=components,
        pocket_price=pocket_price,
        quantity=quantity,
        basis=basis,
        others=columns,
    ).deals(deals)
    for name, value in (("size_bands", size_bands), ("min_peers", min_peers)):
        at_least(name, value, 1)
    params = {
        "peers": columns,
        "size_bands": size_bands,
        "min_peers": min_peers,
        "floor": floor,
        "target": target,
        "stretch": stretch,
        "level": level,
    }
    found = inner.deal_score(**params)
    return DealScores(found, native_of(deals), {**params, "size_edges": found.size_edges, "basis": basis})
