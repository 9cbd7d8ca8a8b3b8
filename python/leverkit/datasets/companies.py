"""Simulated companies: one with known parameters of the profit formula, and ones with planted levers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, overload

import polars as pl

from leverkit.datasets.simulated import Company, formula_company
from leverkit.errors import ParameterError
from leverkit.ledger import Ledger

#: Levers that can be planted, and their greatest sizes.
LEVERS = {
    "leaking_rep": 0.3, "leaking_category": 0.3, "fading_channel": 1.0, "low_price": 0.5, "pair": 1.0, "burning_entry": 1.0,
    "selected_entry": 1.0, "lucky_month": 0.5,
}  # fmt: skip

_SHAPE: dict[str, Any] = {"customers": 2_000, "sigma": 0.8, "season": 0.2, "trend": 0.0}
_ROLES = {
    "customer": "client", "time": "time", "amount": "paid", "order": "order", "product": "product", "quantity": "quantity",
    "list_price": "list_price", "unit_cost": "unit_cost",
}  # fmt: skip


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
    """A simulated company whose truth is known: of the profit formula without `levers`, of the plan with them.

    **Without levers**: `months` months from January 2024, with leads, spend, orders and costs of known parameters (`Company`). Each month new customers come through
    the steps from reach to first order; those who ordered within 90 days before it order again with the retention rate, the others with the reactivation rate.
    Numbers of orders and units are 1 plus Poisson numbers.

    **With levers**, if only ``{}``: order lines from January 2022, in which those levers are planted and no others (`PlantedCompany`). Customers come, order at
    rates of their own and leave at a constant chance; list prices are the best ones and stay; promotions of a week move volume by the elasticity; discounts are
    mostly none, else 5 to 20 % by chance, of some customers more often than of others, and move nothing.

    A lever's money is what the company earns more in the year after the lines with the lever pulled, by the same draws of everything else; of small companies it is
    the mean of several such years.

    | lever | planted, with its size | pulled |
    |---|---|---|
    | `leaking_rep` | points off the list price that one rep gives more | gives as the others; volume stays |
    | `leaking_category` | points off the list price of one category more | discounted as the others; volume stays |
    | `fading_channel` | share of repeat orders that a channel's customers no longer place, for the last six months | those orders come again |
    | `low_price` | share by which the list price of a product lies under its best one, for the last six months; before, it moved about it every other month | priced at its best; demand answers by the elasticity |
    | `pair` | share that takes the missing product of a pair where it is offered; 30 % of the orders of one hold the other for its sake | it is offered to each order that holds one of both |
    | `burning_entry` | share of repeat orders that customers do not place because they entered with a product | those orders come |
    | `selected_entry` | the same, but those who enter with it are such customers | nothing: worth 0 |
    | `lucky_month` | share of repeat orders that one month had more | nothing: worth 0 |

    Parameters
    ----------
    levers
        Sizes by name, above 0: 0.05 for five points or five per cent.
    customers
        Who ordered or was there to order within the lines; 2,000 where nothing is said, as with the following of planted companies alone.
    months
        Of the lines; at least 12 with `levers`.
    sigma
        Standard deviation of the logarithm of quantities, above one unit: 0.8.
    season
        What December has more than the mean, and June less: 0.2 for 20 %.
    trend
        Growth of the number of customers, a year: 0.
    seed
        Of the draws: the same seed gives the same company, and with other levers the same but for them.

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
            raise ParameterError(f"levers: got {name!r}; expected one of {', '.join(LEVERS)}", parameter="levers")
        if not 0 < size <= LEVERS[name]:
            expected = f"a size above 0 and up to {LEVERS[name]}"
            raise ParameterError(f"levers: got {name} of {size}; expected {expected}", parameter="levers")
