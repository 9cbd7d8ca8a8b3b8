"""Customers simulated from the models, by numpy's global generator: `numpy.random.seed` makes them again.

Draws come in the order of `lifetimes`, so that a seed makes the customers that it makes there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy import random

__all__ = [
    "beta_geometric_beta_binom_model",
    "beta_geometric_nbd_model",
    "beta_geometric_nbd_model_transactional_data",
    "modified_beta_geometric_nbd_model",
    "pareto_nbd_model",
]


def beta_geometric_nbd_model(T: Any, r: float, alpha: float, a: float, b: float, size: int = 1) -> pd.DataFrame:
    """Customers of BG/NBD.

    Parameters
    ----------
    T : float or array_like
        How long each is observed.
    r, alpha, a, b : float
        The model's parameters.
    size : int
        How many.

    Returns
    -------
    DataFrame
        One row per customer_id: frequency (units of time with an order after the first), recency, T, lambda (rate of orders), p (chance of leaving
        after an order), alive.
    """
    return _customers(_geometric(T, r, alpha, a, b, size), "p")


def modified_beta_geometric_nbd_model(
    T: Any, r: float, alpha: float, a: float, b: float, size: int = 1
) -> pd.DataFrame:
    """Customers of MBG/NBD, who may leave after the first order too; parameters and columns as for `beta_geometric_nbd_model`."""
    return _customers(_geometric(T, r, alpha, a, b, size, may_leave_at_once=True), "p")


def pareto_nbd_model(T: Any, r: float, alpha: float, s: float, beta: float, size: int = 1) -> pd.DataFrame:
    """Customers of Pareto/NBD; as for `beta_geometric_nbd_model`, with mu, the rate of leaving, in place of p."""
    rates, leaving = random.gamma(r, 1 / alpha, size), random.gamma(s, 1 / beta, size)

    def each() -> Iterable[tuple[Any, ...]]:
        for age, rate, mu in zip(_ages(T, size), rates, leaving, strict=True):
            life = random.exponential(1 / mu)
            times, _ = _order_times(rate, min(age, life), lambda: True)
            yield times, age, rate, mu, life > age

    return _customers(each(), "mu")


def beta_geometric_beta_binom_model(
    N: Any, alpha: float, beta: float, gamma: float, delta: float, size: int = 1
) -> pd.DataFrame:
    """Customers of BG/BB.

    Returns
    -------
    DataFrame
        One row per customer: frequency (occasions with an order), recency (the last of them), n_periods, p (chance of an order), theta (chance of
        leaving), alive (at the next occasion), customer_id.
    """
    occasions, orders, leaving = _ages(N, size), random.beta(alpha, beta, size), random.beta(gamma, delta, size)
    each = [_occasions(int(n), p, theta) for n, p, theta in zip(occasions, orders, leaving, strict=True)]
    return pd.DataFrame(
        {
            "frequency": [float(len(ordered)) for ordered, _ in each],
            "recency": [float(max(ordered, default=0)) for ordered, _ in each],
            "n_periods": occasions,
            "p": orders,
            "theta": leaving,
            "alive": [is_alive for _, is_alive in each],
            "customer_id": range(size),
        }
    )


def _occasions(n: int, p: float, theta: float) -> tuple[list[int], bool]:
    """Occasions with an order, and whether the customer is there at the one after the last: they may leave before each."""
    ordered: list[int] = []
    for occasion in range(1, n + 1):
        if random.binomial(1, theta):
            return ordered, False
        if random.binomial(1, p):
            ordered.append(occasion)
    return ordered, not random.binomial(1, theta)


def beta_geometric_nbd_model_transactional_data(
    T: Any,
    r: float,
    alpha: float,
    a: float,
    b: float,
    observation_period_end: Any = "2019-1-1",
    freq: str = "D",
    size: int = 1,
) -> pd.DataFrame:
    """Orders of customers of BG/NBD who are observed for `T` units `freq` until `observation_period_end`: columns customer_id and date."""
    unit, end = pd.Timedelta(1, unit=freq), pd.to_datetime(observation_period_end)
    dates = []
    for customer, (times, age, *_) in enumerate(_geometric(T, r, alpha, a, b, size)):
        # Repeat orders fall into the units after that of the first.
        start = end - (age - 1) * unit
        orders = [start - unit, *(start + time * unit for time in times)]
        dates.append(pd.DataFrame({"customer_id": customer, "date": orders}))
    return pd.concat(dates, ignore_index=True)


def _geometric(
    T: Any, r: float, alpha: float, a: float, b: float, size: int, *, may_leave_at_once: bool = False
) -> Iterable[tuple[Any, ...]]:
    chances, rates = random.beta(a, b, size), random.gamma(r, 1 / alpha, size)
    for age, rate, p in zip(_ages(T, size), rates, chances, strict=True):
        times, is_alive = _order_times(rate, age, partial(_stays, p), may_leave_at_once=may_leave_at_once)
        yield times, age, rate, p, is_alive


def _stays(p: float) -> bool:
    return random.random() > p


def _order_times(
    rate: float, until: float, stays: Callable[[], bool], *, may_leave_at_once: bool = False
) -> tuple[Any, bool]:
    """Times of repeat orders, and whether the customer stayed after the last."""
    times: list[float] = []
    time = random.exponential(1 / rate)
    is_alive = not may_leave_at_once or stays()
    while is_alive and time < until:
        times.append(time)
        time += random.exponential(1 / rate)
        is_alive = stays()
    return np.array(times), is_alive


def _ages(T: Any, size: int) -> Any:
    return np.broadcast_to(np.asarray(T, dtype=float), size)


def _customers(each: Iterable[tuple[Any, ...]], leaving: str) -> pd.DataFrame:
    rows = [
        (float(len(np.unique(times.astype(int)))), times.max(initial=0.0), age, rate, chance, is_alive)
        for times, age, rate, chance, is_alive in each
    ]
    frame = pd.DataFrame(rows, columns=["frequency", "recency", "T", "lambda", leaving, "alive"])
    return frame.rename_axis("customer_id")
