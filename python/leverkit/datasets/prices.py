"""Simulated deals and competitors' prices whose truth is known."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass
from typing import Any

import polars as pl

from leverkit._lib.inputs import at_least


@dataclass(frozen=True)
class SimulatedDeals:
    """Simulated deals, and the truth behind them.

    Attributes
    ----------
    deals : polars.DataFrame
        One row per deal: date, customer, rep, region, group, product, quantity, list_price, volume_discount, promotion, rebate, freight, pocket_price, unit_cost,
        money per unit.
    truth : dict
        ``norm``: the normal volume discount of a quantity is min(cap, slope · ln(1 + quantity)); ``extra``: what a rep gives beyond it (share of list
        price); ``outliers``: rows with a discount far beyond it; ``price_change``: the price change in the second year.
    """

    deals: pl.DataFrame
    truth: dict[str, Any]


_NORM = {"slope": 0.03, "cap": 0.18}
_REPS = {"Ana": 0.0, "Boris": 0.0, "Clara": 0.04, "Dmitri": 0.0, "Eve": -0.02}
_GROUPS = {"pumps": (120.0, 0.02), "valves": (45.0, 0.04), "seals": (9.0, 0.0)}
_REGIONS = ("north", "south", "west")
_FAR = 0.25


def deals(n: int = 20_000, *, seed: int = 1) -> SimulatedDeals:
    """Simulates deals of a manufacturer over two years: larger deals get larger discounts, one rep gives too much, and one deal in two hundred is far
    off.

    Raises
    ------
    ParameterError
        Fewer than one deal.

    Examples
    --------
    >>> from leverkit.datasets import deals
    >>> deals(n=100).deals.height
    100
    """
    at_least("n", n, 1)
    draw = random.Random(seed)
    rows, outliers = [], []
    for row in range(n):
        group = draw.choice(list(_GROUPS))
        if draw.random() < 0.005:
            outliers.append(row)
        rows.append(_deal(draw, group, is_outlier=bool(outliers and outliers[-1] == row)))
    truth = {"norm": dict(_NORM), "extra": dict(_REPS), "outliers": outliers, "price_change": 0.03}
    return SimulatedDeals(pl.DataFrame(rows), truth)


def _deal(draw: random.Random, group: str, *, is_outlier: bool) -> dict[str, Any]:
    base, rebate = _GROUPS[group]
    day = dt.date(2023, 1, 1) + dt.timedelta(days=draw.randrange(730))
    number = draw.randrange(20)
    price = round(base * (1 + number / 20) * (1.03 if day.year == 2024 else 1.0), 2)
    quantity = math.ceil(draw.lognormvariate(3, 1.2))
    rep = draw.choice(list(_REPS))
    normal = min(_NORM["cap"], _NORM["slope"] * math.log1p(quantity))
    volume = normal + _REPS[rep] + draw.gauss(0, 0.01) + (_FAR if is_outlier else 0.0)
    off = {
        "volume_discount": round(price * volume, 4),
        "promotion": round(price * 0.05, 4) if draw.random() < 0.15 else 0.0,
        "rebate": round(price * rebate, 4),
        "freight": round(price * draw.uniform(0.01, 0.03), 4),
    }
    return {
        "date": day,
        "customer": f"c{draw.randrange(400)}",
        "rep": rep,
        "region": draw.choice(_REGIONS),
        "group": group,
        "product": f"{group}-{number}",
        "quantity": quantity,
        "list_price": price,
        **off,
        "pocket_price": round(price - sum(off.values()), 4),
        "unit_cost": round(0.6 * base * (1 + number / 20), 4),
    }


def price_war(*, weeks: int = 104, products: int = 40, seed: int = 1) -> pl.DataFrame:
    """Simulates weekly prices of three shops: north leads, south follows one week later by 80 %, and west is independent.

    Columns: date, product, seller, price (money), promotion, key_item, revenue (money of north).

    Raises
    ------
    ParameterError
        Fewer than one week or product.

    Examples
    --------
    >>> from leverkit.datasets import price_war
    >>> price_war(weeks=2, products=3).height
    18
    """
    for name, value in (("weeks", weeks), ("products", products)):
        at_least(name, value, 1)
    draw = random.Random(seed)
    rows = []
    for product in range(products):
        start = draw.uniform(2, 20)
        logs = {"north": math.log(start), "south": math.log(start * 1.04), "west": math.log(start * 0.95)}
        before, weight = 0.0, draw.uniform(50, 500)
        for week in range(weeks):
            step = draw.gauss(0, 0.03)
            logs["north"] += step
            logs["south"] += 0.8 * before + draw.gauss(0, 0.01)
            logs["west"] += draw.gauss(0, 0.03)
            before = step
            for seller, log in logs.items():
                promotion = draw.random() < 0.1
                rows.append(
                    {
                        "date": dt.date(2023, 1, 2) + dt.timedelta(weeks=week),
                        "product": f"p{product}",
                        "seller": seller,
                        "price": round(math.exp(log), 4),
                        "promotion": promotion,
                        "key_item": product < 8,
                        "revenue": weight if seller == "north" else 0.0,
                    }
                )
    return pl.DataFrame(rows)
