"""What becomes of a market's draws when levers are planted, and what each of them brings when it is pulled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from leverkit.datasets.market import (
    CATEGORIES,
    PRODUCTS,
    REPS,
    START,
    Array,
    Market,
    Orders,
)

#: Other products in an order, on average; of the orders with the first of a planted pair, those that hold the second for its sake.
_OTHERS, _TOGETHER = 0.8, 0.3
#: Of the spread of quantities, what is the customer's and what is the line's: their squares add up to 1.
_OF_CUSTOMER, _OF_LINE = 0.8, 0.6
#: Discounts are one of so many steps of 5 %.
_STEPS = 4
#: A channel fades, and a price falls behind, so many months before the end.
_SINCE = 6
#: The years after are drawn until so many customers lived through one: of a small company the mean would else be luck.
_ENOUGH = 20_000


def _numbered(name: str, n: int) -> pl.Series:
    return pl.Series([f"{name} {number}" for number in range(1, n + 1)])


_PRODUCTS, _CATEGORIES, _REPS = (
    _numbered("product", PRODUCTS),
    _numbered("category", CATEGORIES),
    _numbered("rep", REPS),
)
_CHANNELS = pl.Series(["search", "social", "partner", "shop"])


@dataclass(frozen=True)
class Rules:
    """Which levers there are, of what size, and which of them is pulled."""

    sizes: Mapping[str, float]
    pulled: str | None = None

    def size(self, lever: str) -> float:
        """What a lever that is there and not pulled does."""
        return 0.0 if lever == self.pulled else self.sizes.get(lever, 0.0)


def lines_of(market: Market, sizes: Mapping[str, float]) -> pl.DataFrame:
    """The order lines of the company."""
    sold = _sold(market, market.history, Rules(sizes))
    customers, who, product = market.customers, sold["customer"], sold["product"]
    columns = {
        "client": pl.Series(who),
        "time": pl.Series(START.astype("datetime64[D]") + sold["day"]).cast(pl.Date),
        "order": pl.Series(sold["order"]),
        "product": _PRODUCTS.gather(product),
        "category": _CATEGORIES.gather(product % CATEGORIES),
        "rep": _REPS.gather(customers.rep[who]),
        "channel": _CHANNELS.gather(customers.channel[who]),
        "quantity": sold["quantity"].astype(int),
        "list_price": sold["list_price"],
        "paid": sold["paid"],
        "unit_cost": sold["unit_cost"],
    }
    return pl.DataFrame(columns).with_columns(
        client=pl.format("c{}", pl.col("client") + 1), order=pl.format("o{}", pl.col("order") + 1)
    )


def truth_of(market: Market, sizes: Mapping[str, float]) -> tuple[pl.DataFrame, float]:
    """What each lever brings in the year after the lines, and the profit of that year with none pulled."""
    repeats = range(1, 2 + _ENOUGH // market.shape.customers) if sizes else range(1, 2)
    years = [market.year_after(repeat) for repeat in repeats]

    def profit(rules: Rules) -> float:
        return float(np.mean([_profit(_sold(market, year, rules)) for year in years]))

    before = profit(Rules(sizes))
    rows = [(name, _subject(market, name), size, profit(Rules(sizes, name)) - before) for name, size in sizes.items()]
    schema = {"lever": pl.String, "subject": pl.String, "size": pl.Float64, "money": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("money", descending=True, maintain_order=True), before


def _profit(sold: Mapping[str, Array]) -> float:
    return float((sold["paid"] - sold["quantity"] * sold["unit_cost"]).sum())


def _subject(market: Market, lever: str) -> str:
    """The rep, category, channel, product or month that a lever is about."""
    subjects: dict[str, str] = {
        "leaking_rep": _REPS[market.rep],
        "leaking_category": _CATEGORIES[market.category],
        "fading_channel": _CHANNELS[market.channel],
        "low_price": _PRODUCTS[market.low_priced],
        "pair": f"{_PRODUCTS[market.antecedent]} + {_PRODUCTS[market.consequent]}",
        "burning_entry": _PRODUCTS[market.burning],
        "selected_entry": _PRODUCTS[market.selected],
        "lucky_month": str(START + market.lucky_month),
    }
    return subjects[lever]


def _sold(market: Market, orders: Orders, rules: Rules) -> dict[str, Array]:
    """What the orders come to under the rules: columns of order lines, by their days."""
    orders = _coming(market, orders, rules)
    order, product = np.nonzero(_baskets(market, orders, rules))
    customer, day = orders.customer[order], orders.day[order]
    list_price = _list_prices(market, rules)[orders.month[order], product]
    to_pay = 1 - market.promotions[day // 7, product]
    answer = (list_price / market.best_price[product] * to_pay) ** market.elasticity
    quantity = np.floor(
        _wanted(market, customer, orders.noise[order, product]) * answer + orders.rounding[order, product]
    )
    discount = _discounts(market, customer, product, orders.given[order, product], rules)
    lines = {
        "customer": customer,
        "day": day,
        "order": order,
        "product": product,
        "quantity": quantity,
        "list_price": list_price,
        "paid": np.round(quantity * list_price * to_pay * (1 - discount), 2),
        "unit_cost": market.unit_cost[product],
    }
    return {name: values[quantity > 0] for name, values in lines.items()}


def _coming(market: Market, orders: Orders, rules: Rules) -> Orders:
    """The orders that come. A customer's first holds the product that they enter with, and depends on no lever that is pulled."""
    demand = market.shape.seasons.copy()
    demand[market.lucky_month] *= 1 + rules.size("lucky_month")
    chance = demand[orders.month]
    opens = orders.is_first | _first_seen(market, orders, orders.comes < chance)
    orders = replace(orders, primary=np.where(opens, market.customers.entry[orders.customer], orders.primary))
    return orders.where(opens | (orders.comes < chance * _returns(market, orders, rules)))


def _first_seen(market: Market, orders: Orders, coming: Array) -> Array:
    """First orders in the lines: of those who were there before them, too."""
    at = np.flatnonzero(coming & (orders.month < market.shape.months))
    first = np.zeros(len(coming), dtype=bool)
    first[at[np.unique(orders.customer[at], return_index=True)[1]]] = True
    return first


def _returns(market: Market, orders: Orders, rules: Rules) -> Array:
    """The share of repeat orders that levers leave."""
    customers = market.customers
    fades = (customers.channel[orders.customer] == market.channel) & (orders.month >= market.shape.months - _SINCE)
    entry = customers.entry[orders.customer]
    # Those who would not have returned anyway: another entry changes nothing.
    selected = (entry == market.selected) * rules.sizes.get("selected_entry", 0.0)
    # Who entered before the lever was pulled stays burnt.
    is_new = customers.start[orders.customer] >= market.shape.months
    size = np.where(is_new, rules.size("burning_entry"), rules.sizes.get("burning_entry", 0.0))
    burnt = (entry == market.burning) * size
    left: Array = (1 - fades * rules.size("fading_channel")) * (1 - selected) * (1 - burnt)
    return left


def _baskets(market: Market, orders: Orders, rules: Rules) -> Array:
    """Which products each order holds."""
    holds = orders.others < _OTHERS * market.popularity
    holds[np.arange(len(orders.primary)), orders.primary] = True
    if "pair" in rules.sizes:
        pair = [market.antecedent, market.consequent]
        holds[:, pair[1]] |= holds[:, pair[0]] & (orders.together < _TOGETHER)
        if rules.pulled == "pair":
            holds[:, pair] |= (holds[:, pair].any(axis=1) & (orders.offered < rules.sizes["pair"]))[:, None]
    return holds


def _list_prices(market: Market, rules: Rules) -> Array:
    """By month and product. A price that is too low today moved about its best before, so that lines tell the elasticity."""
    shape = market.shape
    prices = np.tile(market.best_price, (shape.horizon, 1))
    if "low_price" in rules.sizes:
        now = shape.months - _SINCE
        best = market.best_price[market.low_priced]
        prices[:now, market.low_priced] = best * np.repeat(market.levels, 2)[:now]
        prices[now:, market.low_priced] = best * (1 - rules.size("low_price"))
    return np.round(prices, 2)


def _wanted(market: Market, customer: Array, noise: Array) -> Array:
    """Units of a line at the best price: at least one, with a heavy tail."""
    spread = _OF_CUSTOMER * market.customers.size[customer] + _OF_LINE * noise
    units: Array = np.maximum(2 * np.exp(market.shape.sigma * spread), 1)
    return units


def _discounts(market: Market, customer: Array, product: Array, given: Array, rules: Rules) -> Array:
    """Shares off the list price: mostly none, and by chance alone but for the leaks."""
    giving = market.customers.giving[customer]
    by_chance = np.where(given < giving, np.ceil(given / giving * _STEPS) * 0.05, 0.0)
    of_rep = (market.customers.rep[customer] == market.rep) * rules.size("leaking_rep")
    of_category = (product % CATEGORIES == market.category) * rules.size("leaking_category")
    discount: Array = by_chance + of_rep + of_category
    return discount
