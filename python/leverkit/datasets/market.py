"""The chances of a planted company, drawn once: who its customers are, which orders may come, what products cost.

What becomes of the draws under which levers is in `planted`, which draws nothing: with a lever pulled, everything else stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

#: A truth is of the twelve months after the lines.
YEAR = 12
CATEGORIES = 4
PRODUCTS = 12
REPS = 6

START = np.datetime64("2022-01", "M")
_CHANNEL_SHARES = [0.4, 0.3, 0.2, 0.1]
#: Chance that a customer is there a month later, and the orders of a month of those who are.
_STAYS, _ORDERS = 0.93, 0.6
#: Chance of a discount, and its mean where there is one: 5, 10, 15 or 20 %.
_GIVEN, _DEPTH = 0.3, 0.125
_PROMOTED, _PROMOTIONS = 0.1, np.array([0.1, 0.2, 0.3])
#: The most that a month of luck adds, for which orders are drawn ahead.
MOST_LUCK = 0.5

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Shape:
    """What a company is like, its levers apart."""

    customers: int
    months: int
    sigma: float
    season: float
    trend: float
    seed: int

    def stream(self, purpose: int, repeat: int = 0) -> np.random.Generator:
        """Random numbers of one purpose: more of one take nothing from another."""
        return np.random.default_rng([self.seed, purpose, repeat])

    @property
    def horizon(self) -> int:
        """Months of the lines and of the year after."""
        return self.months + YEAR

    @cached_property
    def seasons(self) -> Array:
        """What a month has more or less than the mean, the most in December."""
        return 1 + self.season * np.cos(2 * np.pi * (np.arange(self.horizon) - 11) / 12)


@dataclass(frozen=True)
class Customers:
    """One place per customer: those of the beginning, who start in month −1, then the others month by month."""

    start: Array
    months: Array
    rate: Array
    size: Array
    giving: Array
    rep: Array
    channel: Array
    entry: Array

    @classmethod
    def drawn(cls, shape: Shape, popularity: Array) -> Customers:
        """As many as the shape asks for up to the end of the lines, and those of the year after."""
        start = _starts(shape)
        n = len(start)
        draw = shape.stream(1)
        return cls(
            start=start,
            months=draw.geometric(1 - _STAYS, n),
            rate=draw.gamma(1.5, _ORDERS / 1.5, n),
            size=draw.standard_normal(n),
            giving=draw.beta(3, 3 * (1 / _GIVEN - 1), n),
            rep=draw.integers(REPS, size=n),
            channel=draw.choice(len(_CHANNEL_SHARES), n, p=_CHANNEL_SHARES),
            entry=draw.choice(PRODUCTS, n, p=popularity),
        )


def _starts(shape: Shape) -> Array:
    """The month in which each customer comes. As many leave as come, but for the trend."""
    growth = (1 + shape.trend) ** (1 / 12)
    arrivals = shape.seasons * growth ** np.arange(shape.horizon)
    # Those of all months before the first who are still there.
    before = _STAYS / (growth - _STAYS)
    scale = shape.customers / (before + arrivals[: shape.months].sum())
    edges = np.round(scale * (before + np.concatenate([[0.0], np.cumsum(arrivals)]))).astype(int)
    counts = np.diff(edges, prepend=0)
    return np.repeat(np.arange(-1, shape.horizon), counts)


@dataclass(frozen=True)
class Orders:
    """Orders that may come, in the order of their days, and the chances that decide what comes of them."""

    customer: Array
    month: Array
    day: Array
    is_first: Array
    comes: Array
    primary: Array
    together: Array
    offered: Array
    #: One column per product.
    others: Array
    noise: Array
    rounding: Array
    given: Array

    def where(self, kept: Array) -> Orders:
        """Those orders alone."""
        return Orders(**{name: values[kept] for name, values in vars(self).items()})


class Market:
    """Customers, products, prices and promotions of a company, and the draws of its orders."""

    def __init__(self, shape: Shape) -> None:
        self.shape: Shape = shape
        draw = shape.stream(0)
        self.elasticity: float = draw.uniform(-3.0, -1.5)
        self.popularity: Array = _popularity()
        self.customers: Customers = Customers.drawn(shape, self.popularity)
        self.best_price: Array = np.round(np.exp(draw.normal(3.0, 0.5, PRODUCTS)), 2)
        self.unit_cost: Array = np.round(self.best_price * _cost_share(self.elasticity), 4)
        self.lucky_month: int = int(draw.integers(shape.months))
        self.rep: int = int(draw.integers(REPS))
        self.category: int = int(draw.integers(CATEGORIES))
        self.channel: int = int(draw.integers(2))
        # Popular products, each for one lever, and a rarer one that goes with another.
        low_priced, burning, selected, antecedent = (int(at) for at in draw.permutation(4))
        self.low_priced: int = low_priced
        self.burning: int = burning
        self.selected: int = selected
        self.antecedent: int = antecedent
        self.consequent: int = int(draw.integers(4, PRODUCTS))
        self.levels: Array = draw.uniform(0.85, 1.15, shape.horizon)
        weeks = shape.horizon * 31 // 7 + 1
        promotions = shape.stream(2)
        is_promoted = promotions.random((weeks, PRODUCTS)) < _PROMOTED
        self.promotions: Array = is_promoted * promotions.choice(_PROMOTIONS, (weeks, PRODUCTS))

    @cached_property
    def history(self) -> Orders:
        """The orders of the lines."""
        return self._orders(0, self.shape.months, 0)

    def year_after(self, repeat: int) -> Orders:
        """The orders of the year after the lines, drawn anew for each `repeat`."""
        return self._orders(self.shape.months, self.shape.horizon, repeat)

    def _orders(self, first: int, end: int, repeat: int) -> Orders:
        draw = self.shape.stream(3, repeat)
        customer, month = self._months(first, end)
        bound = (1 + self.shape.season) * (1 + MOST_LUCK)
        counts = draw.poisson(self.customers.rate[customer] * bound)
        new = np.flatnonzero((self.customers.start >= first) & (self.customers.start < end))
        who = np.concatenate([new, np.repeat(customer, counts)])
        when = np.concatenate([self.customers.start[new], np.repeat(month, counts)])
        n, is_first = len(who), np.arange(len(who)) < len(new)
        comes = np.where(is_first, 0.0, draw.random(n) * bound)
        day = _days(when, draw.random(n))
        by_day = np.argsort(day, kind="stable")
        return Orders(
            customer=who[by_day],
            month=when[by_day],
            day=day[by_day],
            is_first=is_first[by_day],
            comes=comes[by_day],
            primary=draw.choice(PRODUCTS, n, p=self.popularity),
            together=draw.random(n),
            offered=draw.random(n),
            others=draw.random((n, PRODUCTS), dtype=np.float32),
            noise=draw.standard_normal((n, PRODUCTS), dtype=np.float32),
            rounding=draw.random((n, PRODUCTS), dtype=np.float32),
            given=draw.random((n, PRODUCTS), dtype=np.float32),
        )

    def _months(self, first: int, end: int) -> tuple[Array, Array]:
        """Every month after their first in which a customer is there."""
        begins = np.maximum(self.customers.start + 1, first)
        there = np.clip(np.minimum(self.customers.start + 1 + self.customers.months, end) - begins, 0, None)
        customer = np.repeat(np.arange(len(there)), there)
        within = np.arange(len(customer)) - np.repeat(np.cumsum(there) - there, there)
        return customer, begins[customer] + within


def _popularity() -> Array:
    """The share of each product among first products of orders: few sell much."""
    weights: Array = 1 / np.arange(1, PRODUCTS + 1) ** 0.8
    weights /= weights.sum()
    return weights


def _cost_share(elasticity: float) -> float:
    """The unit cost that makes a list price of 1 the best one: what it takes off at the margin is what it adds, over weeks with and without promotions."""
    chances = np.array([1 - _PROMOTED] + [_PROMOTED / len(_PROMOTIONS)] * len(_PROMOTIONS))
    left = np.array([1.0, *(1 - _PROMOTIONS)])
    paid = (1 - _GIVEN * _DEPTH) * (chances @ left ** (1 + elasticity)) / (chances @ left**elasticity)
    return float(paid * (1 + elasticity) / elasticity)


def _days(month: Array, within: Array) -> Array:
    """Days since the start, of a share of the way through a month."""
    first = (START + np.arange(month.max(initial=0) + 2)).astype("datetime64[D]")
    days = (first - first[0]).astype(int)
    found: Array = days[month] + np.floor(within * np.diff(days)[month]).astype(int)
    return found
