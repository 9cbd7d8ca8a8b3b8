"""A simulated company whose truth is known."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass
from typing import Any

import polars as pl

from leverkit._lib.inputs import at_least
from leverkit.ledger import Ledger


@dataclass(frozen=True)
class Company:
    """A simulated company: its sales, its marketing counts, its costs, and the parameters behind them.

    Attributes
    ----------
    lines : polars.DataFrame
        Order lines: customer, day, order, product, quantity, list_price (money per unit), amount (money), unit_cost, channel. Refunds are lines
        with negative money.
    leads : polars.DataFrame
        Counts by day and channel: date, channel, responses, leads, qualified.
    spend : polars.DataFrame
        Marketing by day and channel: date, channel, amount (money), contacts.
    costs : polars.DataFrame
        Other money by month: date, item, amount.
    truth : dict
        The parameters of the full formula used in the simulation; base and dormant follow from them.
    """

    lines: pl.DataFrame
    leads: pl.DataFrame
    spend: pl.DataFrame
    costs: pl.DataFrame
    truth: dict[str, float]

    def ledger(self) -> Ledger:
        """The order lines as a `Ledger`."""
        return Ledger(
            self.lines,
            customer="customer",
            time="day",
            amount="amount",
            order="order",
            product="product",
            quantity="quantity",
            list_price="list_price",
            unit_cost="unit_cost",
            dimensions=["channel"],
        )


#: The parameters of the simulated company, a month: customers are dormant after 90 days.
_TRUTH = {
    "reach": 60_000.0,
    "response_rate": 0.05,
    "lead_rate": 0.3,
    "qualified_rate": 0.6,
    "close_rate": 0.25,
    "retention_rate": 0.55,
    "reactivation_rate": 0.06,
    "referral_rate": 0.0,
    "frequency": 1.6,
    "items": 2.5,
    "list_price": 30.0,
    "discount_rate": 0.1,
    "upsell_rate": 0.0,
    "return_rate": 0.04,
    "unit_cost": 12.0,
    "order_cost": 4.0,
    "contact_cost": 0.05,
    "service_cost": 1.0,
    "fixed_cost": 4_000.0,
    "tax_rate": 0.2,
}
_DORMANT_AFTER = 90
_CHANNELS = {"search": 0.5, "social": 0.3, "partner": 0.2}
_PRODUCTS = {"basic": 0.6, "plus": 1.0, "premium": 1.4}


def formula_company(*, months: int, seed: int) -> Company:
    """`leverkit.datasets.company` without levers."""
    at_least("months", months, 1)
    draw = random.Random(seed)
    books: dict[str, list[tuple[Any, ...]]] = {"lines": [], "leads": [], "spend": [], "costs": []}
    last_day: dict[str, dt.date] = {}
    channel_of: dict[str, str] = {}
    for month in range(months):
        start = dt.date(2024 + month // 12, month % 12 + 1, 1)
        days = (dt.date(2024 + (month + 1) // 12, (month + 1) % 12 + 1, 1) - start).days
        active = [name for name, day in last_day.items() if draw.random() < _chance(start, day)]
        for channel, share in _CHANNELS.items():
            for name in range(_market(draw, books, start, days, channel, share)):
                customer = f"{channel}-{month + 1}-{name + 1}"
                channel_of[customer] = channel
                active.append(customer)
        orders = 0
        for customer in active:
            n_orders = 1 + _poisson(draw, _TRUTH["frequency"] - 1)
            for _ in range(n_orders):
                day = start + dt.timedelta(days=draw.randrange(days))
                _order(draw, books["lines"], customer, channel_of[customer], day, f"{start:%Y%m}-{orders + 1}")
                last_day[customer] = max(day, last_day.get(customer, day))
                orders += 1
        _pay(books, start, orders, len(active))
    lines, leads, spend, costs = (_frame(books[name], columns) for name, columns in _COLUMNS.items())
    return Company(lines, leads, spend, costs, dict(_TRUTH))


_COLUMNS = {
    "lines": ["customer", "day", "order", "product", "quantity", "list_price", "amount", "unit_cost", "channel"],
    "leads": ["date", "channel", "responses", "leads", "qualified"],
    "spend": ["date", "channel", "amount", "contacts"],
    "costs": ["date", "item", "amount"],
}


def _frame(rows: list[tuple[Any, ...]], columns: list[str]) -> pl.DataFrame:
    dates: dict[str, type[pl.DataType]] = {name: pl.Date for name in ("day", "date") if name in columns}
    return pl.DataFrame(rows, schema=columns, schema_overrides=dates, orient="row")


def _chance(start: dt.date, last: dt.date) -> float:
    return _TRUTH["retention_rate" if (start - last).days <= _DORMANT_AFTER else "reactivation_rate"]


def _market(
    draw: random.Random, books: dict[str, list[tuple[Any, ...]]], start: dt.date, days: int, channel: str, share: float
) -> int:
    """A month of a channel's marketing; returns how many place a first order."""
    new = 0
    for day in range(days):
        date = start + dt.timedelta(days=day)
        contacts = round(_TRUTH["reach"] * share / days)
        responses = _binomial(draw, contacts, _TRUTH["response_rate"])
        leads = _binomial(draw, responses, _TRUTH["lead_rate"])
        qualified = _binomial(draw, leads, _TRUTH["qualified_rate"])
        new += _binomial(draw, qualified, _TRUTH["close_rate"])
        books["leads"].append((date, channel, responses, leads, qualified))
        books["spend"].append((date, channel, contacts * _TRUTH["contact_cost"], contacts))
    return new


def _order(
    draw: random.Random, lines: list[tuple[Any, ...]], customer: str, channel: str, day: dt.date, order: str
) -> None:
    product = draw.choice(list(_PRODUCTS))
    price = _TRUTH["list_price"] * _PRODUCTS[product]
    units = 1 + _poisson(draw, _TRUTH["items"] - 1)
    paid = price * units * (1 - draw.uniform(0, 2 * _TRUTH["discount_rate"]))
    cost = _TRUTH["unit_cost"] * _PRODUCTS[product]
    lines.append((customer, day, order, product, units, price, round(paid, 2), cost, channel))
    if draw.random() < _TRUTH["return_rate"]:
        lines.append((customer, day, order, product, -units, price, -round(paid, 2), cost, channel))


def _pay(books: dict[str, list[tuple[Any, ...]]], start: dt.date, orders: int, customers: int) -> None:
    """The month's costs, and the tax on what is left."""
    lines = [line for line in books["lines"] if line[1] >= start]
    costs = {
        "order_cost": orders * _TRUTH["order_cost"],
        "service_cost": customers * _TRUTH["service_cost"],
        "fixed_cost": _TRUTH["fixed_cost"],
    }
    goods = sum(line[4] * line[7] for line in lines if line[4] > 0)
    spend = sum(row[2] for row in books["spend"] if row[0] >= start)
    profit = sum(line[6] for line in lines) - goods - spend - sum(costs.values())
    costs["tax"] = max(profit, 0.0) * _TRUTH["tax_rate"]
    books["costs"].extend((start, item, amount) for item, amount in costs.items())


def _poisson(draw: random.Random, mean: float) -> int:
    """Knuth's way: how many draws until their product falls under exp(−mean)."""
    count, product = 0, draw.random()
    while product > math.exp(-mean):
        count, product = count + 1, product * draw.random()
    return count


def _binomial(draw: random.Random, n: int, p: float) -> int:
    return sum(draw.random() < p for _ in range(n)) if n < 200 else _many(draw, n, p)


def _many(draw: random.Random, n: int, p: float) -> int:
    """A binomial number by the waiting times between successes, which are geometric: as fast as there are few."""
    count, place = 0, 0
    while True:
        place += 1 + int(math.log(1 - draw.random()) / math.log(1 - p))
        if place > n:
            return count
        count += 1
