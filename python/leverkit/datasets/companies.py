"""Simulated companies: one with known parameters of the profit formula, and ones with planted levers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, overload

import polars as pl

from leverkit._lib.inputs import repr_of
from leverkit.datasets.simulated import Company, formula_company
from leverkit.errors import ParameterError
from leverkit.ledger import Ledger

#: Levers that can be planted, and their greatest sizes.
LEVERS = {
    "leaking_rep": 0.3,
    "leaking_category": 0.3,
    "fading_channel": 1.0,
    "low_price": 0.5,
    "pair": 1.0,
    "burning_entry": 1.0,
    "selected_entry": 1.0,
    "lucky_month": 0.5,
}

_SHAPE: dict[str, Any] = {"customers": 2_000, "sigma": 0.8, "season": 0.2, "trend": 0.0}
_ROLES = {
    "customer": "client",
    "time": "time",
    "amount": "paid",
    "order": "order",
    "product": "product",
    "quantity": "quantity",
    "list_price": "list_price",
    "unit_cost": "unit_cost",
}


@dataclass(frozen=True)
class PlantedCompany:
    """A simulated company with planted levers, and their true value.

    Attributes
    ----------
    lines : polars.DataFrame
        Order lines: client, time, order, product, category, rep, channel, quantity (units), list_price (money per unit), paid (money), unit_cost (money per unit).
    truth : polars.DataFrame
        One row per planted lever, most money first: lever, subject (which rep, category, channel, product, pair or month), size (as asked), money (profit that it
        brings in the year after the lines when it is pulled on the day after the last; 0 where it is nothing).
    roles : dict
        The roles of the columns, for `leverkit.Ledger`.
    profit : float
        Paid less unit costs in the year after the lines, where no lever is pulled.
    elasticity : float
        Of the quantity of every product with respect to its price.
    """

    lines: pl.DataFrame
    truth: pl.DataFrame
    roles: dict[str, Any]
    profit: float
    elasticity: float

    def ledger(self) -> Ledger:
        """The order lines as a `Ledger`."""
        return Ledger(self.lines, **self.roles)


@overload
def company(levers: None = None, *, months: int = 18, seed: int = 1) -> Company: ...


@overload
def company(
    levers: Mapping[str, float],
    *,
    customers: int | None = None,
    months: int = 18,
    sigma: float | None = None,
    season: float | None = None,
    trend: float | None = None,
    seed: int = 1,
) -> PlantedCompany: ...


def company(
    levers: Mapping[str, float] | None = None,
    *,
    customers: int | None = None,
    months: int = 18,
    sigma: float | None = None,
    season: float | None = None,
    trend: float | None = None,
    seed: int = 1,
) -> Company | PlantedCompany:
    """Simulates a company whose truth is known: the profit formula's without `levers`, the plan's with them.

    **Without levers**: `months` months from January 2024, with leads, spend, orders and costs of known parameters (`Company`). Each month new
    customers come through the steps from reach to first order. Customers who ordered in the 90 days before order again at the retention rate, the
    others at the reactivation rate. Numbers of orders and units are 1 plus a Poisson number.

    **With levers**, even an empty ``{}``: order lines from January 2022, with exactly these levers planted (`PlantedCompany`). Customers come, order
    at their own rates and leave with a constant probability. List prices are optimal and constant; one-week promotions change volume by the
    elasticity. Most lines have no discount; the others have a random one of 5 to 20 %, more often for some customers than for others, without effect
    on volume.

    A lever's money is the extra profit in the year after the lines if the lever is pulled, with all other random draws unchanged; for small companies
    it is the mean of several such years.

    | lever | planted, with its size | pulled |
    |---|---|---|
    | `leaking_rep` | extra points off the list price that one rep gives | gives the same as the others; volume stays |
    | `leaking_category` | extra points off the list price of one category | discounted like the others; volume stays |
    | `fading_channel` | share of repeat orders that a channel's customers no longer place, for the last six months | these orders are placed again |
    | `low_price` | share by which a product's list price is below its optimum in the last six months; before, it varied around the optimum every other month | priced at its optimum; demand responds by the elasticity |
    | `pair` | share that accepts the missing product of a pair when it is offered; 30 % of orders with one also contain the other because of it | it is offered with each order that has only one of the two |
    | `burning_entry` | share of repeat orders that customers do not place because they entered with a product | customers who come from then on enter with another product, and place them |
    | `selected_entry` | the same, but the product attracts customers who order less anyway | nothing: worth 0 |
    | `lucky_month` | share of extra repeat orders in one month | nothing: worth 0 |

    Parameters
    ----------
    levers
        Sizes by name, above 0: 0.05 means five points or five per cent.
    customers
        Number of customers who were active within the lines; 2,000 by default. Like `sigma`, `season` and `trend`, it is only for planted companies.
    months
        Of the lines; at least 12 with `levers`.
    sigma
        Standard deviation of the logarithm of quantities, above one unit: 0.8.
    season
        How much December is above the mean, and June below: 0.2 means 20 %.
    trend
        Annual growth of the number of customers: 0.
    seed
        Seed of the draws: the same seed gives the same company, and with other levers the same company apart from them.

    Raises
    ------
    ParameterError
        An unknown lever, a size or parameter out of its range, or a parameter of planted companies without `levers`.
    ImportError
        numpy is not installed, which planted companies need.

    Examples
    --------
    >>> from leverkit.datasets import company
    >>> shop = company(months=6)
    >>> shop.truth["retention_rate"], shop.lines["customer"].n_unique() > 600
    (0.55, True)
    >>> leaking = company({"leaking_rep": 0.05, "lucky_month": 0.3}, customers=500)
    >>> leaking.truth["lever"].to_list(), leaking.truth["money"][0] > 0, leaking.truth["money"][1]
    (['leaking_rep', 'lucky_month'], True, 0.0)
    """
    shape = {"customers": customers, "sigma": sigma, "season": season, "trend": trend}
    given = {name: value for name, value in shape.items() if value is not None}
    if levers is None:
        for name in given:
            raise ParameterError(f"{name}: of planted companies alone; expected levers with it", parameter=name)
        return formula_company(months=months, seed=seed)
    return _planted(dict(levers), months=months, seed=seed, **{**_SHAPE, **given})


def _planted(
    levers: dict[str, float],
    *,
    customers: int,
    months: int,
    sigma: float,
    season: float,
    trend: float,
    seed: int,
) -> PlantedCompany:
    if find_spec("numpy") is None:
        raise ImportError("planted companies need numpy: pip install numpy")
    from leverkit.datasets.market import Market, Shape  # numpy is no dependency
    from leverkit.datasets.planted import lines_of, truth_of

    _within("customers", customers, 1, 10_000_000)
    _within("months", months, 12, 600)
    _within("sigma", sigma, 0, 3)
    _within("season", season, 0, 0.9)
    _within("trend", trend, -0.5, 1)
    _check(levers)
    market = Market(Shape(customers, months, sigma, season, trend, seed))
    truth, profit = truth_of(market, levers)
    roles = {**_ROLES, "dimensions": ["category", "rep", "channel"]}
    return PlantedCompany(lines_of(market, levers), truth, roles, profit, market.elasticity)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ParameterError(f"{name}: got {value}; expected {least} to {most}", parameter=name)


def _check(levers: Mapping[str, float]) -> None:
    for name, size in levers.items():
        if name not in LEVERS:
            raise ParameterError(
                f"levers: got {repr_of(name)}; expected one of {', '.join(LEVERS)}", parameter="levers"
            )
        if not 0 < size <= LEVERS[name]:
            expected = f"a size above 0 and up to {LEVERS[name]}"
            raise ParameterError(f"levers: got {name} of {size}; expected {expected}", parameter="levers")
